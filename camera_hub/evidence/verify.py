"""Checks an evidence pack (`vep/1`): python -I verify.py [FOLDER or FILE.zip] [--key FINGERPRINT] · 校验证据包.

One file, nothing but the standard library (Python 3.8 or later), so that an outsider can read it in a quarter of an
hour and run it anywhere, without a network. The hub itself checks with this very file (camera_hub/evidence/verify.py);
`verify.html` does the same in a browser and names the same problems.

It proves that the files are those which the holder of a key signed, that none is missing and none was added. Whose key
that is, nobody but its holder can say: compare the fingerprint with the one on the paper form or told by telephone
(--key). A verifier that came inside the pack may be a forger's: use your own copy.

Exit code: 0 all is as it was signed, 1 it is not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

FORMAT = "vep/1"
CHUNK = 8 * 1024 * 1024
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, SIGNATURE, SUMS, BAG = "manifest.json", "manifest.sig.json", "manifest-sha256.txt", "bagit.txt"
LEAST_KEY = 16
"""A fingerprint given by hand has at least so many digits (64 bits)."""
LONGEST_PATH = 200
MOST_BYTES = 64 * 1024 * 1024
"""No manifest is longer."""
_HASH = re.compile("[0-9a-f]{64}")
_SIG = re.compile("[0-9a-f]{128}")
_HEX = re.compile("(?:[0-9a-f]{2})*")
_PART = re.compile('[^/\\\\\x00-\x1f\x7f:*?"<>|]+')
_SAFE = 2**53 - 1


class Problem(NamedTuple):
    """What is wrong (`code`), with which file, and more of it in words."""

    code: str
    path: str
    detail: str = ""


class Outcome(NamedTuple):
    """What was found: problems, how many files and bytes are listed, and the fingerprint of the key that signed."""

    problems: tuple[Problem, ...]
    files: int
    size: int
    fingerprint: str


WORDS = {
    "MANIFEST": ("清单不可读或不合规范", "the manifest cannot be read or is not of this form"),
    "SIGNATURE": ("清单的签名不对", "the signature of the manifest is wrong"),
    "KEY": ("签名所用的密钥不是所核对的密钥", "it was signed with another key than the one you named"),
    "PATH": ("文件路径不合规范", "the path of a file is not allowed"),
    "CASE": ("文件名只有大小写不同", "two names differ by nothing but their case"),
    "MISSING": ("缺少文件", "a file is missing"),
    "EXTRA": ("多出清单之外的文件", "a file was added that the manifest does not list"),
    "CHANGED": ("文件被改动", "a file was changed"),
    "LINK": ("不是普通文件（链接等）", "it is a link or no plain file"),
}


# Ed25519 (RFC 8032, 5.1.7), by hand: the standard library has none.

_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _x_of(y: int, sign: int) -> int | None:
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if (x & 1) != sign else x


def _point(raw: bytes) -> tuple[int, int, int, int] | None:
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _add(p: tuple[int, int, int, int], q: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number: int, p: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, p)
        p, number = _add(p, p), number >> 1
    return found


_BASE_Y = 4 * pow(5, _P - 2, _P) % _P
_BASE_X = _x_of(_BASE_Y, 0) or 0
_BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of the Ed25519 key signed the message."""
    if (len(key), len(signature)) != (32, 64):
        return False
    a, r, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= _Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _Q
    left, right = _times(s, _BASE), _add(r, _times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


# What a pack is made of.


def canonical(value: Any) -> bytes:
    """JSON in the one form that is signed: UTF-8, sorted keys, no spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def sums(files: list[dict[str, Any]]) -> bytes:
    """What `sha256sum -c` reads, and BagIt: the payload's files in the manifest's order."""
    lines = [f"{one['sha256']}  {one['path']}\n" for one in files if one["path"].startswith("data/")]
    return "".join(lines).encode()


def fingerprint(key: bytes) -> str:
    """SHA-256 of a key, as hex."""
    return hashlib.sha256(key).hexdigest()


def grouped(print_: str) -> str:
    """The first 32 digits of a fingerprint in fours, as it is printed and read aloud."""
    return " ".join(print_[at : at + 4] for at in range(0, 32, 4))


def link(key: str, previous: str, at: str) -> bytes:
    """What the holder of the key `previous` signs to say that `key` follows it."""
    return canonical({"at": at, "format": "vep-key/1", "key": key, "previous": previous})


class _Folder:
    """A pack that was unpacked."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.links: list[str] = []
        self.names: set[str] = set()
        self._look("")

    def _look(self, inside: str) -> None:
        with os.scandir(os.path.join(self.root, *inside.split("/"))) as found:
            for one in sorted(found, key=lambda one: one.name):
                name = inside + "/" + one.name if inside else one.name
                mode = one.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode):
                    self._look(name)
                elif stat.S_ISREG(mode):
                    self.names.add(name)
                else:
                    self.links.append(name)

    def open(self, name: str) -> IO[bytes]:
        return open(os.path.join(self.root, *name.split("/")), "rb")


class _Zip:
    """A pack as it was fetched."""

    def __init__(self, file: str) -> None:
        self._zip = zipfile.ZipFile(file)
        self.links: list[str] = []
        self.names: set[str] = set()
        listed = [one for one in self._zip.infolist() if not one.is_dir()]
        heads = {one.filename.split("/", 1)[0] for one in listed}
        # As it is made: one folder, and all in it.
        self._head = heads.pop() + "/" if len(heads) == 1 and all("/" in one.filename for one in listed) else ""
        for one in listed:
            name, mode = one.filename[len(self._head) :], one.external_attr >> 16
            plain = not mode or stat.S_ISREG(mode) or not stat.S_IFMT(mode)
            if not plain or name in self.names:
                self.links.append(name)
            self.names.add(name)
        self.names -= set(self.links)

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(self._head + name)


def _refuse(value: Any) -> Any:
    raise ValueError(f"{value} is no number of a manifest")


def _checked(value: Any) -> None:
    """Refuse what two readers may read differently."""
    if isinstance(value, dict):
        for one in value.values():
            _checked(one)
    elif isinstance(value, list):
        for one in value:
            _checked(one)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > _SAFE):
        raise ValueError("numbers are whole, and below 2^53")


def _read(raw: bytes) -> dict[str, Any]:
    """The object in canonical JSON. Raises ValueError, RecursionError."""
    found = json.loads(raw.decode(), parse_constant=_refuse)
    _checked(found)
    if not isinstance(found, dict) or canonical(found) != raw:
        raise ValueError("it is not in canonical form")
    return found


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_entry(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("path"), str) or not _is_hash(one.get("sha256")):
        return False
    size, chunks = one.get("bytes"), one.get("chunks")
    if type(size) is not int or size < 0:
        return False
    if size <= CHUNK:
        return chunks is None and one.get("chunk") is None
    wanted = (size + CHUNK - 1) // CHUNK
    return (
        one.get("chunk") == CHUNK and isinstance(chunks, list) and len(chunks) == wanted and all(map(_is_hash, chunks))
    )


def _is_link(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and _is_hash(one.get("key"))
        and _is_hash(one.get("previous"))
        and isinstance(one.get("at"), str)
        and isinstance(one.get("sig"), str)
        and _SIG.fullmatch(one["sig"]) is not None
    )


def _manifest(raw: bytes) -> dict[str, Any]:
    """The manifest. Raises ValueError, RecursionError where it is none."""
    found = _read(raw)
    files, keys = found.get("files"), found.get("keys")
    if found.get("format") != FORMAT:
        raise ValueError("it is not of the form " + FORMAT)
    if not isinstance(files, list) or not all(map(_is_entry, files)):
        raise ValueError("its list of files is not in order")
    if not isinstance(keys, list) or not all(map(_is_link, keys)):
        raise ValueError("its list of keys is not in order")
    return found


def _allowed(path: str) -> bool:
    parts = path.split("/")
    plain = all(_PART.fullmatch(one) and one not in (".", "..") and one[-1] not in ". " for one in parts)
    return plain and len(parts) > 1 and len(path) <= LONGEST_PATH and unicodedata.normalize("NFC", path) == path


def _content(pack: Any, name: str, most: int) -> bytes:
    with pack.open(name) as opened:
        raw = opened.read(most + 1)
    if len(raw) > most:
        raise ValueError("it is too long")
    return bytes(raw)


def _told(raw: bytes) -> dict[str, Any]:
    """What the file beside the manifest says. Raises ValueError, KeyError, TypeError, RecursionError."""
    found = _read(raw)
    if not _is_hash(found["key"]) or not _HEX.fullmatch(found["sig"]):
        raise ValueError("it is not in order")
    return found


def _signature(pack: Any, raw: bytes, keys: list[dict[str, Any]], key: str) -> Iterator[Any]:
    """Problems of signature and key; and the fingerprint, as text."""
    try:
        told = _told(_content(pack, SIGNATURE, 10_000))
        public, sig = bytes.fromhex(told["key"]), bytes.fromhex(told["sig"])
        print_ = fingerprint(public)
        whole = {"alg": "Ed25519", "key": public.hex(), "key_id": print_[:16], "sig": sig.hex()}
        good = told == whole and signed(public, raw, sig)
    except (ValueError, KeyError, TypeError, RecursionError) as err:
        yield Problem("SIGNATURE", SIGNATURE, str(err))
        return
    yield print_
    if not good:
        yield Problem("SIGNATURE", MANIFEST)
    known, before = [print_], ""
    for one in keys:
        previous = bytes.fromhex(one["previous"])
        said = link(one["key"], one["previous"], one["at"])
        if before not in ("", one["previous"]) or not signed(previous, said, bytes.fromhex(one["sig"])):
            yield Problem("KEY", MANIFEST, "a key in its list does not follow from the one before")
        before = one["key"]
        known.append(fingerprint(previous))
    if keys and before != told["key"]:
        yield Problem("KEY", MANIFEST, "its list of keys ends with another key")
    wanted = re.sub(r"[\s:]", "", key).lower()
    if key and (len(wanted) < LEAST_KEY or not any(one.startswith(wanted) for one in known)):
        yield Problem("KEY", SIGNATURE, grouped(print_))


def _names(pack: Any, files: list[dict[str, Any]]) -> Iterator[Problem]:
    """Problems of what is there and what is not."""
    for one in sorted(pack.links):
        yield Problem("LINK", one)
    listed, folded = {}, {}
    for one in files:
        path = one["path"]
        if not _allowed(path):
            yield Problem("PATH", path)
            continue
        fold = unicodedata.normalize("NFC", path.lower())
        if fold in folded:
            yield Problem("CASE", path)
        folded[fold] = listed[path] = one
    own = {MANIFEST, SIGNATURE, SUMS, BAG}
    for path in sorted((set(listed) | own) - pack.names - set(pack.links)):
        yield Problem("MISSING", path)
    for path in sorted(pack.names - set(listed) - own):
        yield Problem("EXTRA", path)


def _wrong(pack: Any, one: dict[str, Any]) -> str | None:
    """Where a file differs from its entry; None where it does not."""
    whole, size, chunks = hashlib.sha256(), 0, one.get("chunks")
    buffer = memoryview(bytearray(CHUNK))
    with pack.open(one["path"]) as opened:
        while True:
            filled = 0
            while filled < CHUNK:
                got = opened.readinto(buffer[filled:])
                if not got:
                    break
                filled += got
            if not filled:
                break
            part = buffer[:filled]
            whole.update(part)
            number, size = size // CHUNK, size + filled
            if size > one["bytes"]:
                return "it is longer"
            if chunks and hashlib.sha256(part).hexdigest() != chunks[number]:
                return f"near byte {number * CHUNK}"
    if size != one["bytes"]:
        return "it is shorter"
    return None if whole.hexdigest() == one["sha256"] else "its SHA-256 differs"


def _opened(path: str) -> Any:
    return _Folder(path) if os.path.isdir(path) else _Zip(path)


def _checked_pack(pack: Any, key: str) -> Outcome:
    raw = _content(pack, MANIFEST, MOST_BYTES)
    manifest = _manifest(raw)
    files, problems, print_ = manifest["files"], [], ""
    if SIGNATURE in pack.names:
        for found in _signature(pack, raw, manifest["keys"], key):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                print_ = found
    problems += _names(pack, files)
    gone = {one.path for one in problems if one.code in ("MISSING", "PATH", "LINK")}
    for one in files:
        why = None if one["path"] in gone else _wrong(pack, one)
        if why is not None:
            problems.append(Problem("CHANGED", one["path"], why))
    for name, wanted in ((SUMS, sums(files)), (BAG, BAGIT)):
        if name in pack.names and _content(pack, name, MOST_BYTES) != wanted:
            problems.append(Problem("CHANGED", name))
    return Outcome(tuple(problems), len(files), sum(one["bytes"] for one in files), print_)


def check(path: str, key: str = "") -> Outcome:
    """Check a pack, a folder or a .zip; `key` is the fingerprint that was told by another way, or the beginning of it.

    Never raises for what is wrong with the pack.
    """
    try:
        return _checked_pack(_opened(path), key)
    except (OSError, ValueError, KeyError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as err:
        return Outcome((Problem("MANIFEST", MANIFEST, f"{type(err).__name__}: {err}"),), 0, 0, "")


def sentences(found: Outcome, key: str = "") -> list[str]:
    """The outcome in words, Chinese and English."""
    said, wrong = [], len(found.problems)
    for one in found.problems:
        zh, en = WORDS[one.code]
        more = f" ({one.detail})" if one.detail else ""
        said.append(f"FAIL {one.code} {one.path}  {zh} / {en}{more}")
    if found.fingerprint:
        said.append("密钥指纹 / key fingerprint: " + grouped(found.fingerprint))
    if wrong:
        said.append(f"校验未通过：{wrong} 处问题 / FAILED: {wrong} problems")
        return said
    said.append(f"校验通过：{found.files} 个文件与签名清单一致 / OK: {found.files} files are as they were signed")
    if not key:
        said.append(
            "请与纸质表格或电话告知的指纹核对，否则任何人都可能签名 / compare the fingerprint with the one on the"
        )
        said.append("paper form or told by telephone: without that, anyone may have signed this")
    return said


def main(arguments: list[str]) -> int:
    """Check what is named, and print what was found."""
    given, key = list(arguments), ""
    if "--key" in given[:-1]:
        at = given.index("--key")
        key = given[at + 1]
        del given[at : at + 2]
    if len(given) > 1 or any(one.startswith("-") for one in given):
        sys.stdout.write(__doc__ + "\n")
        return 1
    found = check(given[0] if given else ".", key)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.write("\n".join(sentences(found, key)) + "\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

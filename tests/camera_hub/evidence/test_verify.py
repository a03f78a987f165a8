"""The verifier: what it accepts, and that it names whatever was changed."""

from __future__ import annotations

import ast
import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from camera_hub.evidence import verify
from camera_hub.evidence.verify import CHUNK, check
from camera_hub.evidence.writing import Differs, Entry, Pack
from tests.camera_hub.evidence.packs import MANIFEST, OLDER, SECRET, chain, files_of, print_of, public, unpacked, zipped


def codes(path: Path, key: str = "") -> set[tuple[str, str]]:
    return {(one.code, one.path) for one in check(str(path), key).problems}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return unpacked(tmp_path)


def test_a_pack_as_it_was_made_is_accepted_as_folder_and_as_zip(tmp_path: Path) -> None:
    root = unpacked(tmp_path, large=CHUNK * 2 + 1)
    found = check(str(root), print_of(SECRET)[:20])
    assert (found.problems, found.files, found.fingerprint) == ((), 6, print_of(SECRET))
    assert check(str(tmp_path / "pack.zip")).problems == ()


def test_sha256sum_accepts_it(pack: Path) -> None:
    done = subprocess.run(["sha256sum", "-c", "--strict", "--quiet", verify.SUMS], cwd=pack, check=False)
    assert done.returncode == 0


def test_it_is_python_3_8_and_needs_nothing_of_ours() -> None:
    source = Path(verify.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    modules = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {one.split(".")[0] for one in modules} <= sys.stdlib_module_names


@pytest.mark.parametrize("at", range(9))
def test_each_file_changed_in_one_bit_is_named(pack: Path, at: int) -> None:
    file = files_of(pack)[at]
    raw = bytearray(file.read_bytes() or b"x")
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    name = file.relative_to(pack).as_posix()
    named = {path for _, path in codes(pack)}
    assert name in named or named == {"manifest.json"}, (name, named)
    if name != "manifest.sig.json":
        assert name in named


def fields(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [one for key, each in inner for one in fields(each, (*path, key))]


def test_each_field_of_the_manifest_changed_or_taken_away_is_noticed(pack: Path) -> None:
    file = pack / verify.MANIFEST
    true = json.loads(file.read_bytes())
    for path in fields(true):
        for take in (False, True):
            told = copy.deepcopy(true)
            at = told
            for key in path[:-1]:
                at = at[key]
            if take:
                del at[path[-1]]
            else:
                at[path[-1]] = "ff" if at[path[-1]] != "ff" else "fe"
            file.write_bytes(verify.canonical(told))
            assert any(name == verify.MANIFEST for _, name in codes(pack)), path


def test_a_file_that_is_gone_added_or_a_link_is_named(pack: Path) -> None:
    (pack / "data" / "log" / "queries.jsonl").unlink()
    (pack / "data" / "more.txt").write_text("x")
    (pack / "autorun.inf").write_text("x")
    (pack / "data" / "empty.txt").unlink()
    (pack / "data" / "empty.txt").symlink_to("/dev/null")
    (pack / "data" / "folder").symlink_to("/etc")
    os.mkfifo(pack / "data" / "pipe")
    assert codes(pack) == {
        ("MISSING", "data/log/queries.jsonl"),
        ("EXTRA", "data/more.txt"),
        ("EXTRA", "autorun.inf"),
        ("LINK", "data/empty.txt"),
        ("LINK", "data/folder"),
        ("LINK", "data/pipe"),
    }


@pytest.mark.parametrize("name", ["manifest.sig.json", "manifest-sha256.txt", "bagit.txt"])
def test_what_stands_beside_the_manifest_is_needed(pack: Path, name: str) -> None:
    (pack / name).unlink()
    assert ("MISSING", name) in codes(pack)


@pytest.mark.parametrize(
    "path",
    [
        "data/../../etc/passwd",
        "/etc/passwd",
        "data//x",
        "data/./x",
        "data\\x",
        "data/a\u0301",
        "data/x\n",
        "x",
        "data/a. ",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(tmp_path: Path, path: str) -> None:
    """Signed by the holder of the key: what is wrong is the path itself."""
    made = zipped(tmp_path, extra=[Entry("data/tricky", "log", "text/plain", b"x")])
    shutil.unpack_archive(made, tmp_path, "zip")
    root = tmp_path / "案-1_v1"
    told = json.loads((root / verify.MANIFEST).read_bytes())
    for one in told["files"]:
        if one["path"] == "data/tricky":
            one["path"] = path
    sign(root, told)
    assert ("PATH", path) in codes(root)


def sign(root: Path, told: dict[str, Any], secret: Ed25519PrivateKey = SECRET) -> None:
    raw = verify.canonical(told)
    (root / verify.MANIFEST).write_bytes(raw)
    said = {"alg": "Ed25519", "key": public(secret), "key_id": print_of(secret)[:16], "sig": secret.sign(raw).hex()}
    (root / verify.SIGNATURE).write_bytes(verify.canonical(said))


def test_names_that_differ_by_their_case_are_refused(tmp_path: Path) -> None:
    twice = [Entry("data/A.txt", "log", "text/plain", b"x"), Entry("data/a.TXT", "log", "text/plain", b"x")]
    root = unpacked(tmp_path, extra=twice)
    assert codes(root) == {("CASE", "data/a.TXT")}


def test_a_pack_signed_with_another_key_is_told_by_its_fingerprint(pack: Path) -> None:
    stranger = Ed25519PrivateKey.generate()
    told = json.loads((pack / verify.MANIFEST).read_bytes()) | {"keys": []}
    sign(pack, told, stranger)
    assert codes(pack) == set()
    assert codes(pack, print_of(SECRET)) == {("KEY", "manifest.sig.json")}
    assert codes(pack, print_of(stranger)[:8]) == {("KEY", "manifest.sig.json")}, "too short to tell keys apart"


def test_whoever_knows_an_older_key_knows_the_one_that_follows(pack: Path) -> None:
    assert codes(pack, print_of(OLDER)) == set()
    told = json.loads((pack / verify.MANIFEST).read_bytes())
    forged = chain()[0] | {"sig": "0" * 128}
    sign(pack, told | {"keys": [forged]})
    assert ("KEY", "manifest.json") in codes(pack)


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b"{", b"\xff", b'{"format":"vep/1","files":[],"keys":[],"x":1.5}', b"[" * 100_000,
     b'{"files":[],"format":"vep/1","format":"vep/1","keys":[]}', b'{"files":[],"format":"vep/1","keys":[],"n":NaN}',
     b'{"files":[],"format":"vep/1", "keys":[]}', b'{"files":[],"format":"vep/1","keys":[],"n":9007199254740993}'],
)  # fmt: skip
def test_a_manifest_that_two_readers_could_read_differently_is_none(pack: Path, raw: bytes) -> None:
    (pack / verify.MANIFEST).write_bytes(raw)
    assert codes(pack) == {("MANIFEST", "manifest.json")}


def test_what_is_no_pack_is_said_without_a_crash(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x05\x06 no zip")
    assert codes(tmp_path) == {("MANIFEST", "manifest.json")}
    assert codes(tmp_path / "x.zip") == {("MANIFEST", "manifest.json")}
    assert codes(tmp_path / "gone") == {("MANIFEST", "manifest.json")}


RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip
"""RFC 8032, 7.1, tests 1 to 3."""


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_ed25519_is_that_of_rfc_8032(key: str, message: str, signature: str) -> None:
    one, said, sig = (bytes.fromhex(text) for text in (key, message, signature))
    assert verify.signed(one, said, sig)
    assert not verify.signed(one, said + b"x", sig)
    high = int.from_bytes(sig[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert not verify.signed(one, said, sig[:32] + high.to_bytes(32, "little")), "a second signature of the same"
    for at in range(0, 64, 7):
        assert not verify.signed(one, said, sig[:at] + bytes([sig[at] ^ 4]) + sig[at + 1 :])


def test_a_recording_that_is_not_as_it_was_recorded_does_not_go_in(tmp_path: Path) -> None:
    source = tmp_path / "segment.mp4"
    source.write_bytes(b"x" * 100)
    pack = Pack(tmp_path / "out.zip", "a")
    with pytest.raises(Differs, match="digest_differs"):
        pack.add(Entry("data/a.mp4", "master", "video/mp4", source, "00" * 32))
    with pytest.raises(Differs, match="segment_missing"):
        pack.add(Entry("data/b.mp4", "master", "video/mp4", tmp_path / "gone.mp4", "00" * 32))
    pack.abandon()
    assert [one.name for one in tmp_path.iterdir()] == ["segment.mp4"]


def test_made_twice_its_files_are_equal(tmp_path: Path) -> None:
    other = {**MANIFEST, "pack_id": "0199f7b0-0000-7000-8000-000000000002"}
    one, two = unpacked(tmp_path / "1"), unpacked(tmp_path / "2", manifest=other)
    told = [json.loads((root / verify.MANIFEST).read_bytes()) for root in (one, two)]
    assert told[0]["files"] == told[1]["files"]
    assert told[0]["pack_id"] != told[1]["pack_id"]


def test_the_file_runs_by_itself_and_says_by_its_exit_code(pack: Path) -> None:
    command = [sys.executable, "-I", str(verify.__file__), str(pack), "--key", print_of(SECRET)[:32]]
    good = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert "校验通过" in good.stdout
    (pack / "data" / "empty.txt").write_text("x")
    bad = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "CHANGED data/empty.txt" in bad.stdout

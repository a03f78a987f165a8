"""Proves that nobody changed the register (调用登记): python -I verify_audit.py EXPORT.jsonl [ANCHOR.json or FOLDER]...

One file, nothing but the standard library, so that an outsider can read it in a quarter of an hour and run it anywhere.
The hub itself hashes and verifies with this very file (registry/audit/chain.py).

Each row's hash is SHA-256 over its values and the hash of the row before. So a row that is edited or removed shows. Who
may write to the database can compute every later hash anew, or take the newest rows away; that shows against anchors:
small files the hub writes each day and somebody else keeps. Rows beyond the newest anchor given are told apart: against
such a person nothing protects them yet.

Exit code: 0 the chain holds, 1 it does not, 2 the files cannot be read.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

FORMAT = "camera-hub-audit/1"
GENESIS = "0" * 64
"""What the first row names as the hash before it."""
LATER = ("consent_versions",)
"""Columns that came after the first rows: a row in which one says nothing is hashed as if there were none."""
BACK_MS = 10_000
"""Rows are dated before they are numbered: where two wait for each other, the later one may be a little older."""
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_HASH = re.compile("[0-9a-f]{64}")
_SHOWN = 20


def digest(row: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON of every column but the hash; times are integer milliseconds since 1970 UTC."""
    plain = {name: value for name, value in row.items() if name != "hash"}
    for name in LATER:
        if plain.get(name, GENESIS) is None:
            del plain[name]
    return hashlib.sha256(_ENCODE(plain).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Broken:
    """The first row where the chain does not hold, and how.

    `row_edited`, `row_missing`, `row_added` (beyond where the chain ends), `end_missing` (the newest rows are gone),
    `anchor_differs` (the row is not the one an anchor tells of: it, or rows before it, were written anew).
    """

    no: int
    code: str


@dataclass(frozen=True)
class Anchor:
    """What an anchor file says: at `at` (RFC 3339) row `no` had `hash`; `previous`: the SHA-256 of the file before."""

    no: int
    hash: str
    at: str
    previous: str | None
    name: str
    sha256: str

    @classmethod
    def read(cls, raw: bytes, name: str = "") -> Anchor:
        """The anchor in a file's bytes. Raises ValueError where it is none."""
        told = json.loads(raw.decode())
        if not isinstance(told, dict) or told.get("anchor") != FORMAT:
            raise ValueError("no anchor of this register")
        no, at, previous = told.get("no"), told.get("at"), told.get("previous")
        if type(no) is not int or no < 0 or not _is_hash(told.get("hash")) or not isinstance(at, str):
            raise ValueError("an anchor needs no, hash and at")
        if previous is not None and not _is_hash(previous):
            raise ValueError("an anchor's previous is a SHA-256 or null")
        return cls(no, told["hash"], at, previous, name, hashlib.sha256(raw).hexdigest())


def anchor_line(no: int, row_hash: str, at: str, previous: str | None) -> bytes:
    """An anchor file's bytes."""
    told = {"anchor": FORMAT, "no": no, "hash": row_hash, "at": at, "previous": previous}
    return (json.dumps(told, ensure_ascii=False) + "\n").encode()


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


@dataclass(frozen=True)
class Outcome:
    """What was found. `anchored` is the newest row an anchor proves (0: none); rows after it rest on the chain alone.

    `back` are rows whose time lies before that of the row before, with the milliseconds: the clock was set back (the
    first 20 of `times_back`). `restores` are rows that say an older state was put back: anchors of what was lost by it
    do not fit. In a `selection` rows were left out: each is proved by its own hash alone.
    """

    rows: int
    first: int
    last: int
    selection: bool
    broken: Broken | None
    anchored: int
    back: tuple[tuple[int, int], ...]
    times_back: int
    restores: tuple[int, ...]

    @property
    def beyond(self) -> int:
        """How many rows no anchor proves."""
        return self.last - self.anchored


class Walk:
    """The chain, row by row in the order of their numbers; `outcome` at any time, `end` when there are no more."""

    def __init__(self, anchors: Iterable[Anchor] = (), *, selection: bool = False) -> None:
        self._anchors: dict[int, list[Anchor]] = {}
        for one in anchors:
            self._anchors.setdefault(one.no, []).append(one)
        self._selection = selection
        self._first = 0
        self._next = 1
        self._hash: str | None = GENESIS
        self._rows = 0
        self._anchored = 0
        self._at = 0
        self._back: list[tuple[int, int]] = []
        self._times_back = 0
        self._restores: list[int] = []
        self.broken = self._differs(0, GENESIS)

    def feed(self, row: Mapping[str, Any]) -> bool:
        """Take the next row; False where the chain does not hold, now or before."""
        if self.broken is None:
            self.broken = self._wrong(row)
        return self.broken is None

    def _wrong(self, row: Mapping[str, Any]) -> Broken | None:
        no, at = row.get("no"), row.get("at")
        if type(no) is not int or type(at) is not int or no < self._next:
            return Broken(self._next, "row_edited")
        if no > self._next:
            if not self._selection:
                return Broken(self._next, "row_missing")
            self._hash = None
        own = digest(row)
        if own != row.get("hash"):
            return Broken(no, "row_edited")
        if self._hash is not None and row.get("prev_hash") != self._hash:
            # This row fits itself, so it is the one before that was written anew.
            return Broken(max(no - 1, 1), "row_edited")
        if (found := self._differs(no, own)) is not None:
            return found
        self._note(no, at, row)
        self._first, self._next, self._hash, self._rows = self._first or no, no + 1, own, self._rows + 1
        return None

    def _differs(self, no: int, row_hash: str) -> Broken | None:
        told = self._anchors.get(no, ())
        if any(one.hash != row_hash for one in told):
            return Broken(no, "anchor_differs")
        if told:
            self._anchored = no
        return None

    def _note(self, no: int, at: int, row: Mapping[str, Any]) -> None:
        if at < self._at - BACK_MS:
            self._times_back += 1
            if len(self._back) < _SHOWN:
                self._back.append((no, self._at - at))
        self._at = at
        if row.get("action") in {"backup.restore", "registry.rolled_back"} and len(self._restores) < _SHOWN:
            self._restores.append(no)

    def end(self, head: tuple[int, str] | None) -> None:
        """Say that there are no more rows, and where the chain's head says it must end."""
        if self.broken is None and not self._selection:
            self.broken = self._ends_wrong(head)

    def _ends_wrong(self, head: tuple[int, str] | None) -> Broken | None:
        last = self._next - 1
        if head is None or head[0] > last or max(self._anchors, default=0) > last:
            return Broken(self._next, "end_missing")
        if head[0] < last:
            return Broken(head[0] + 1, "row_added")
        return Broken(max(last, 1), "row_edited") if head[1] != self._hash else None

    def outcome(self) -> Outcome:
        """What was found so far."""
        return Outcome(
            rows=self._rows,
            first=self._first,
            last=self._next - 1,
            selection=self._selection,
            broken=self.broken,
            anchored=0 if self._selection else self._anchored,
            back=tuple(self._back),
            times_back=self._times_back,
            restores=tuple(self._restores),
        )


def read_export(lines: IO[bytes], anchors: Sequence[Anchor]) -> tuple[Outcome, bool]:
    """Walk an export; also whether its own SHA-256 fits. Raises ValueError where it is no export, or is cut off."""
    head = next(lines, b"")
    about = json.loads(head.decode())
    if not isinstance(about, dict) or about.get("export") != FORMAT:
        raise ValueError("the first line does not say that this is an export of the register")
    whole = hashlib.sha256(head)
    walk = Walk(anchors, selection=about.get("selection") is not False)
    for line in lines:
        row = json.loads(line.decode())
        if not isinstance(row, dict):
            raise ValueError("a line is no row")  # noqa: TRY004 - what is wrong is the file
        if "sha256" in row:
            end = row.get("head")
            told = (end["no"], end["hash"]) if isinstance(end, dict) and {"no", "hash"} <= end.keys() else None
            walk.end(told)
            if next(lines, b"") != b"":
                raise ValueError("there is more behind the last line")
            return walk.outcome(), row["sha256"] == whole.hexdigest()
        whole.update(line)
        walk.feed(row)
    raise ValueError("the export is cut off: its last line, with the SHA-256, is not there")


def read_anchors(paths: Iterable[Path]) -> list[Anchor]:
    """The anchors in files, and in the `.json` files of folders. Raises ValueError naming a file that holds none."""
    found = []
    for path in paths:
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            try:
                found.append(Anchor.read(file.read_bytes(), file.name))
            except ValueError as err:
                raise ValueError(f"{file}: {err}") from err
    return sorted(found, key=lambda one: (one.no, one.at))


def gaps(anchors: Sequence[Anchor]) -> list[str]:
    """Names of anchors whose predecessor is not among those given, the first aside."""
    known = {one.sha256 for one in anchors}
    return [one.name for one in anchors[1:] if one.previous is not None and one.previous not in known]


def sentences(found: Outcome, anchors: Sequence[Anchor]) -> list[str]:
    """The outcome in words, for people at a console."""
    said = [f"{found.rows} rows, {found.first} to {found.last}; {len(anchors)} anchors"]
    if found.selection:
        said.append("a selection: each row is proved by its own hash; what was left out, or taken away, does not show")
    elif found.anchored:
        said.append(f"proved by an anchor up to row {found.anchored}")
    if found.beyond and not found.selection:
        said.append(f"rows {found.anchored + 1} to {found.last} are chained, but lie beyond every anchor: unprotected")
    if found.times_back:
        no, by = found.back[0]
        said.append(f"the clock was set back {found.times_back} times, first at row {no}, by {by / 1000:.0f} s")
    said += [f"row {no} says that an older state was put back: anchors before it may not fit" for no in found.restores]
    said += [f"the anchor before {name} is not among those given" for name in gaps(anchors)]
    if found.broken is not None:
        said.append(f"BROKEN at row {found.broken.no}: {_WORDS[found.broken.code]}")
    return said


_WORDS = {
    "row_edited": "it was edited",
    "row_missing": "it was removed",
    "row_added": "it was added behind the end of the chain",
    "end_missing": "it and what followed were cut off",
    "anchor_differs": "an anchor tells of another row; it, or rows before it, were written anew",
}


def main(arguments: Sequence[str]) -> int:
    """Verify the export and anchors named, and print what was found."""
    if not arguments:
        sys.stdout.write((__doc__ or "") + "\n")
        return 2
    try:
        anchors = read_anchors(map(Path, arguments[1:]))
        with Path(arguments[0]).open("rb") as lines:
            found, fits = read_export(lines, anchors)
    except (OSError, ValueError, RecursionError) as err:
        sys.stderr.write(f"cannot be read: {err}\n")
        return 2
    said = sentences(found, anchors)
    if not fits:
        said.append("BROKEN: the file is not what was exported (its SHA-256 differs)")
    good = found.broken is None and fits
    holds = "every row fits its own hash" if found.selection else "the chain holds"
    sys.stdout.write("\n".join([*said, holds if good else "the chain does NOT hold"]) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

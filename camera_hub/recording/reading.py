"""A segment's file as it can be played: what is sound of it, from which keyframe on, as one run of bytes.

Nothing is decoded here. Damage in the middle costs the pictures up to the next keyframe, and is told. Blocking: call
from threads, or in a child.
"""

from __future__ import annotations

import bisect
import io
import itertools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from camera_hub.live.fmp4 import HEAD
from camera_hub.recording.boxes import Fragment, Init, beginning, salvage, walk
from registry.errors import NotFound

Window = tuple[float, float]
"""From, and up to but not including; in milliseconds of the segment's own time, which begins with it."""

_TRUN, _DURATION = slice(72, 76), slice(88, 92)
"""Where the recorder's fragments of one frame have the name of their `trun`, and its duration."""
_MOST_UNITS = 256
_LENGTH = 4
_PLAYED = frozenset({66, 77, 88, 100})
"""Profiles of H.264 that browsers play: Baseline, Main, Extended and High have 8 bits and 4:2:0."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`size` bytes of a file from `offset`; the first of them are `head` in place of what the file has there."""

    offset: int
    size: int
    head: bytes = b""


class Footage:
    """One segment's file, walked once. Of a file still being written: what was whole then.

    `fragments` are those that can be decoded, each run of them beginning with a keyframe; `damaged` says that others
    were left out.
    """

    def __init__(self, file: Path) -> None:
        """Raises NotFound: `segment_missing` without the file, `segment_damaged` where nothing of it can be played."""
        self.file = file
        try:
            walked = walk(file)
            behind = () if walked.whole or walked.init is None else salvage(file, walked)
            with file.open("rb", buffering=0) as opened:
                sound = [one for one in (*walked.fragments, *behind) if _sound(opened.fileno(), one)]
        except FileNotFoundError as err:
            raise _missing() from err
        self.fragments = _runs(sound, walked.init.size if walked.init else 0)
        if walked.init is None or not self.fragments:
            raise _damaged()
        self.init: Init = walked.init
        self.damaged = len(self.fragments) < len(walked.fragments) or bool(behind)

    @property
    def ends_ms(self) -> float:
        """When its last frame is over."""
        return self.ms(self.fragments[-1].at + self.fragments[-1].duration)

    def ms(self, ticks: int) -> float:
        """Ticks of the track as milliseconds."""
        return ticks * 1000 / self.init.timescale

    def chosen(self, windows: Iterable[Window], at: float | None = None) -> list[Fragment]:
        """The fragments that lie in the windows, from the keyframe at or before `at` on.

        A window begins with its first keyframe: nothing before it is shown. A frame's time is when it came: with
        B-frames that is its decode time, and it is shown a little later.
        """
        found: list[Fragment] = []
        for begin, end in windows:
            inside: list[Fragment] = []
            for one in self.fragments:
                if self.ms(one.at) >= end:
                    break
                if inside or (one.keyframe and self.ms(one.at) >= begin):
                    inside.append(one)
            found += inside
        if at is None:
            return found
        before = [number for number, one in enumerate(found) if one.keyframe and self.ms(one.at) <= at]
        return found[before[-1] :] if before else found

    def whole(self, fragments: Iterable[Fragment]) -> Extract:
        """The initialisation and these fragments, as they are in the file."""
        return Extract(self.file, [Piece(0, self.init.size), *(Piece(one.offset, one.size) for one in fragments)])

    def keyframes(self, fragments: Sequence[Fragment]) -> Extract:
        """The initialisation and the keyframes among these, each lasting until the next one."""
        keys = [one for one in fragments if one.keyframe]
        end = max((one.at + one.duration for one in fragments), default=0)
        nexts = [*(one.at for one in keys), end][1:]
        pieces = [Piece(0, self.init.size)]
        with self.file.open("rb", buffering=0) as opened:
            for one, until in zip(keys, nexts, strict=True):
                head = os.pread(opened.fileno(), HEAD, one.offset)
                pieces.append(Piece(one.offset, one.size, _lasting(head, until - one.at) if _plain(one, head) else b""))
        return Extract(self.file, pieces)


class Extract:
    """Pieces of a file as one run of bytes. The file stays open, so that it may be deleted meanwhile."""

    def __init__(self, file: Path, pieces: Iterable[Piece]) -> None:
        self._pieces = list(_merged(pieces))
        self._ends = list(itertools.accumulate(one.size for one in self._pieces))
        self._file = file.open("rb", buffering=0)
        self.size = self._ends[-1] if self._ends else 0

    def read(self, at: int, most: int) -> bytes:
        """Up to `most` bytes from `at`; none at the end. Raises OSError, EOFError for a file cut meanwhile."""
        if at >= self.size or most <= 0:
            return b""
        number = bisect.bisect_right(self._ends, at)
        piece = self._pieces[number]
        inside = at - (self._ends[number] - piece.size)
        if inside < len(piece.head):
            return piece.head[inside : inside + most]
        data = os.pread(self._file.fileno(), min(most, piece.size - inside), piece.offset + inside)
        if not data:
            raise EOFError("the file was cut while it was read")
        return data

    def all(self) -> bytes:
        """All of it; for what is known to be short."""
        return b"".join(self.chunks())

    def chunks(self, most: int = 1 << 18) -> Iterable[bytes]:
        """All of it, bit by bit."""
        at = 0
        while part := self.read(at, most):
            yield part
            at += len(part)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class Stream(io.RawIOBase):
    """An extract as a file that is read from its beginning to its end."""

    def __init__(self, extract: Extract) -> None:
        super().__init__()
        self._extract = extract
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # a buffer, as RawIOBase has it
        data = self._extract.read(self._at, len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of the file."""
        self._extract.close()
        super().close()


def described(file: Path) -> Init:
    """What a file's beginning says of it. Raises NotFound, as `Footage`."""
    try:
        init = beginning(file)
    except FileNotFoundError as err:
        raise _missing() from err
    if init is None:
        raise _damaged()
    return init


def mime_of(init: Init) -> str | None:
    """The type that MediaSource takes for a segment (RFC 6381); None where no browser can be relied on to play it."""
    profile = init.config[1:4]
    if init.entry != "avc1" or len(profile) != 3 or profile[0] not in _PLAYED:  # noqa: PLR2004 - profile, flags, level
        return None
    return f'video/mp4; codecs="avc1.{profile.hex()}"'


def _missing() -> NotFound:
    return NotFound("the file of this segment is gone", code="segment_missing")


def _damaged() -> NotFound:
    return NotFound("nothing of this segment can be played", code="segment_damaged")


def _merged(pieces: Iterable[Piece]) -> Iterable[Piece]:
    last: Piece | None = None
    for one in pieces:
        if last is not None and not one.head and last.offset + last.size == one.offset:
            last = Piece(last.offset, last.size + one.size, last.head)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _runs(fragments: Iterable[Fragment], end: int) -> list[Fragment]:
    """What can be decoded: behind a place where something is missing, nothing up to the next keyframe.

    The fragment before such a place goes as well, since nobody knows how far into it the damage reaches.
    """
    kept: list[Fragment] = []
    waiting = True
    for one in fragments:
        if one.offset != end or (kept and one.at <= kept[-1].at):
            waiting = True
            if one.offset != end and kept and kept[-1].offset + kept[-1].size == end:
                kept.pop()
        end = one.offset + one.size
        if waiting and not one.keyframe:
            continue
        if waiting and kept and one.at <= kept[-1].at:
            continue
        waiting = False
        kept.append(one)
    return kept


def _sound(descriptor: int, one: Fragment) -> bool:
    """Whether the lengths of a frame's units add up: where they do not, a browser gives the whole stream up."""
    if one.frames != 1:
        return True
    at, end = one.offset + HEAD, one.offset + one.size
    for _ in range(_MOST_UNITS):
        size = int.from_bytes(os.pread(descriptor, _LENGTH, at), "big")
        at += _LENGTH + size
        if size == 0 or at > end:
            return False
        if at == end:
            return True
    return False


def _plain(one: Fragment, head: bytes) -> bool:
    return one.frames == 1 and head[_TRUN] == b"trun"


def _lasting(head: bytes, ticks: int) -> bytes:
    return head[: _DURATION.start] + max(ticks, 1).to_bytes(_LENGTH, "big") + head[_DURATION.stop :]

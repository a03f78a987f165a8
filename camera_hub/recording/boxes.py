"""What stands in a segment's file, read without a decoder: its initialisation and its fragments (ISO/IEC 14496-12).

A segment is `ftyp`, `moov`, then a `moof` and an `mdat` for each frame. The walk reads heads only and stops at the
first thing that is not whole, whatever is behind it: a file that grows, was cut or was overwritten gives what is good.
It reads with `pread`, not a map: a mapped file that somebody cuts meanwhile would end the process. Blocking.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_HEAD = 8
_AHEAD = 128
"""One read takes in a fragment's whole head as the recorder writes it, and the beginning of its frame."""
_MOST_HEAD = 1 << 20
"""A `moov` or `moof` is a few hundred bytes; a longer one is no head."""
_SCANNED = 1 << 16
_MOST_TRIES = 10_000
"""So many things that look like a head and are none end the search: a file made to be searched for ever."""
_NOT_SYNC = 0x00010000
_CODECS = {b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc"}
_CONFIGS = (b"avcC", b"hvcC")
_ENTRY = 78
"""Bytes of a visual sample entry before its boxes (14496-12, 12.1.3)."""


@dataclass(frozen=True, slots=True)
class Init:
    """The initialisation: the file's first `size` bytes. `timescale` is ticks a second.

    `codec` is h264 or hevc, `entry` the sample entry's name (`avc1`, `hvc1` …), `config` the bytes of its avcC or hvcC.
    """

    size: int
    timescale: int
    codec: str
    entry: str
    config: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """A whole `moof` with its `mdat`: `size` bytes from `offset`.

    `at` is the decode time of its first frame and `duration` that of all its frames, in ticks; `shown` is the first
    frame's presentation time. `keyframe` says that it begins with one.
    """

    offset: int
    size: int
    at: int
    shown: int
    duration: int
    frames: int
    keyframe: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk found. `end` is where the last whole fragment ends, `size` the file's own size.

    Without `init` nothing of the file can be played.
    """

    init: Init | None
    fragments: tuple[Fragment, ...]
    end: int
    size: int

    @property
    def whole(self) -> bool:
        """Whether nothing is behind the last whole fragment."""
        return self.init is not None and self.end == self.size

    @property
    def frames(self) -> int:
        """Frames in all whole fragments."""
        return sum(one.frames for one in self.fragments)

    @property
    def seconds(self) -> float:
        """From time zero to the end of what is shown last."""
        if self.init is None:
            return 0.0
        return max((one.at + one.duration for one in self.fragments), default=0) / self.init.timescale


class _Damaged(Exception):
    """Something that is not what a segment has there."""


def walk(file: Path) -> Walk:
    """Walk a file. Raises OSError where it cannot be opened or read; damage only ends the walk."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        try:
            init = _init(descriptor, size)
        except (_Damaged, struct.error):
            return Walk(None, (), 0, size)
        found: list[Fragment] = []
        end = init.size
        try:
            while end < size:
                fragment = _fragment(descriptor, end, size)
                found.append(fragment)
                end += fragment.size
        except (_Damaged, struct.error):
            pass
        return Walk(init, tuple(found), end, size)
    finally:
        os.close(descriptor)


def first_keyframes(file: Path, windows: Sequence[tuple[float, float]]) -> tuple[Init | None, list[Fragment | None]]:
    """Of each window (ms of the file's own time, in order, from and up to but not including) its first keyframe.

    No further is walked than the last window asks for: the beginning of a file costs no more than its head. None where
    a window has none, or damage lies before it. Raises OSError.
    """
    found: list[Fragment | None] = [None] * len(windows)
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        try:
            init = _init(descriptor, size)
        except (_Damaged, struct.error):
            return None, found
        number, at = 0, init.size
        try:
            while number < len(windows) and at < size:
                fragment = _fragment(descriptor, at, size)
                at += fragment.size
                ms = fragment.at * 1000 / init.timescale
                while number < len(windows) and ms >= windows[number][1]:
                    number += 1
                if fragment.keyframe and number < len(windows) and ms >= windows[number][0]:
                    found[number] = fragment
                    number += 1
        except (_Damaged, struct.error):
            pass
        return init, found
    finally:
        os.close(descriptor)


def beginning(file: Path) -> Init | None:
    """The initialisation alone; None where there is none. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _init(descriptor, os.fstat(descriptor).st_size)
    except (_Damaged, struct.error):
        return None
    finally:
        os.close(descriptor)


def salvage(file: Path, after: Walk) -> tuple[Fragment, ...]:
    """The whole fragments behind what ended a walk, and behind any more damage there. Raises OSError.

    A gap between two of them, or before the first, is where damage lies. Of a file that grows or was cut, nothing.
    """
    found: list[Fragment] = []
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        at, tries = after.end, 0
        while tries < _MOST_TRIES and (at := _head_from(descriptor, at, after.size)) < after.size:
            try:
                fragment = _fragment(descriptor, at, after.size)
            except (_Damaged, struct.error):
                tries += 1
                at += 1
            else:
                found.append(fragment)
                at += fragment.size
    finally:
        os.close(descriptor)
    return tuple(found)


def _head_from(descriptor: int, at: int, size: int) -> int:
    """Where the next thing that looks like a `moof` begins, at `at` or behind it; `size` without one."""
    while at + _HEAD <= size:
        data = os.pread(descriptor, _SCANNED, at)
        if (name := data.find(b"moof", 4)) >= 0:
            return at + name - 4
        at += max(len(data) - _HEAD + 1, 1)
    return size


def _box(data: bytes, at: int) -> tuple[bytes, int, int]:
    """The box at `at`: its name, where its content begins, and its whole size."""
    size, name = struct.unpack_from(">I4s", data, at)
    if size == 1:
        (size,) = struct.unpack_from(">Q", data, at + _HEAD)
        return name, at + 2 * _HEAD, size
    return name, at + _HEAD, size


def _boxes(data: bytes, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two places: name, where the content begins, where it ends."""
    while begin + _HEAD <= end:
        name, content, size = _box(data, begin)
        if size < content - begin or begin + size > end:
            raise _Damaged
        yield name, content, begin + size
        begin += size


def _inside(data: bytes, path: tuple[bytes, ...], begin: int, end: int) -> tuple[int, int]:
    """Where the content of the first box of that path lies. Raises _Damaged without one."""
    for wanted in path:
        for name, content, stop in _boxes(data, begin, end):
            if name == wanted:
                begin, end = content, stop
                break
        else:
            raise _Damaged
    return begin, end


def _init(descriptor: int, size: int) -> Init:
    """The boxes before the first fragment, up to and with `moov`."""
    at = 0
    while at + _HEAD <= size:
        name, content, length = _box(os.pread(descriptor, 2 * _HEAD, at).ljust(2 * _HEAD, b"\0"), 0)
        if length < content or length > _MOST_HEAD or at + length > size:
            raise _Damaged
        if name == b"moov":
            moov = os.pread(descriptor, length, at)
            return _described(moov, content, at + length)
        if name == b"moof":
            break
        at += length
    raise _Damaged


def _described(moov: bytes, content: int, size: int) -> Init:
    mdia = _inside(moov, (b"trak", b"mdia"), content, len(moov))
    mdhd, _ = _inside(moov, (b"mdhd",), *mdia)
    # Version 1 has 64-bit times before the timescale.
    (timescale,) = struct.unpack_from(">I", moov, mdhd + (20 if moov[mdhd] == 1 else 12))
    stsd, stop = _inside(moov, (b"minf", b"stbl", b"stsd"), *mdia)
    entry, begin, end = next(_boxes(moov, stsd + 8, stop), (b"", 0, 0))
    if entry not in _CODECS or timescale == 0:
        raise _Damaged
    width, height = struct.unpack_from(">HH", moov, begin + 24)
    config = next((moov[a:b] for name, a, b in _boxes(moov, begin + _ENTRY, end) if name in _CONFIGS), b"")
    return Init(size, timescale, _CODECS[entry], entry.decode(), config, width, height)


def _fragment(descriptor: int, offset: int, size: int) -> Fragment:
    """The fragment at `offset`; other boxes before its `moof` count as part of it."""
    begin = offset
    while True:
        data = os.pread(descriptor, _AHEAD, begin)
        name, content, length = _box(data, 0)
        if length < content or begin + length > size:
            raise _Damaged
        if name == b"moof":
            break
        if name == b"mdat":
            raise _Damaged
        begin += length
    if length > _MOST_HEAD:
        raise _Damaged
    if length + 3 * _HEAD > len(data):
        data = os.pread(descriptor, length + 3 * _HEAD, begin)
    name, payload, mdat = _box(data, length)
    end = begin + length + mdat
    if name != b"mdat" or mdat <= payload - length or end > size:
        raise _Damaged
    # What a power cut leaves of a file that had grown is zeros: a frame begins with its first unit's length.
    if payload + 4 <= len(data) and data[payload : payload + 4] == b"\0\0\0\0":
        raise _Damaged
    at, shown, duration, frames, keyframe = _timed(data, content, length, length + mdat)
    return Fragment(offset, end - offset, at, shown, duration, frames, keyframe)


def _timed(moof: bytes, begin: int, end: int, fragment: int) -> tuple[int, int, int, int, bool]:
    """Decode and presentation time, duration, frames, keyframe of a `moof` whose fragment is `fragment` bytes long."""
    traf = _inside(moof, (b"traf",), begin, end)
    tfhd, _ = _inside(moof, (b"tfhd",), *traf)
    tfdt, _ = _inside(moof, (b"tfdt",), *traf)
    trun, stop = _inside(moof, (b"trun",), *traf)
    (at,) = struct.unpack_from(">Q" if moof[tfdt] == 1 else ">I", moof, tfdt + 4)
    usual, length, flags = _defaults(moof, tfhd)
    told, count = struct.unpack_from(">II", moof, trun)
    version, told = told >> 24, told & 0xFFFFFF
    row = trun + 8 + 4 * bool(told & 0x1) + 4 * bool(told & 0x4)
    columns = [column for column in (0x100, 0x200, 0x400, 0x800) if told & column]
    if count == 0 or row + 4 * len(columns) * count > stop:
        raise _Damaged
    if told & 0x4:
        (flags,) = struct.unpack_from(">I", moof, row - 4)
    duration, bytes_, first_flags, shift = 0, 0, flags, 0
    for number in range(count):
        values = dict(zip(columns, struct.unpack_from(f">{len(columns)}I", moof, row), strict=True))
        row += 4 * len(columns)
        duration += values.get(0x100, usual)
        bytes_ += values.get(0x200, length)
        if number == 0:
            first_flags = flags if told & 0x4 else values.get(0x400, flags)
            shift = values.get(0x800, 0)
    if version == 1 and shift >= 1 << 31:
        shift -= 1 << 32
    if bytes_ > fragment:
        raise _Damaged
    return at, at + shift, duration, count, not first_flags & _NOT_SYNC


def _defaults(moof: bytes, tfhd: int) -> tuple[int, int, int]:
    """What the track fragment says of frames that say nothing themselves: duration, size, flags."""
    (told,) = struct.unpack_from(">I", moof, tfhd)
    at = tfhd + 8 + 8 * bool(told & 0x1) + 4 * bool(told & 0x2)
    found = []
    for flag in (0x8, 0x10, 0x20):
        found.append(struct.unpack_from(">I", moof, at)[0] if told & flag else 0)
        at += 4 * bool(told & flag)
    return found[0], found[1], found[2]

"""What a file is that somebody sent in: which container and codec, how long, and keyframes spread over it.

It is hostile until somebody has looked. So only containers that are known by their first bytes are opened, each by its
name: never a playlist, an image or a script that FFmpeg would follow to other files. Only in the decoder, which has
bounds on memory, and is ended when it takes too long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import av
import av.error

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

PICTURES = 8
WIDTH = 640
MOST_PIXELS = 36_000_000
"""8K; beyond it nothing is decoded."""
_PACKET, _M2TS = 188, 192
_BOX = 8
_LONG_BOX = 16
_BROKEN = (av.error.FFmpegError, MemoryError, ValueError, IndexError, StopIteration, OverflowError)
_MICRO = 1000
_TOP = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"IMKH", "mpeg"),
    (b"DHAV", "dhav"),
    (b"FLV\x01", "flv"),
    (bytes.fromhex("3026b2758e66cf11"), "asf"),
    (b"\x00\x00\x00\x01\x67", "h264"),
    (b"\x00\x00\x00\x01\x40", "hevc"),
)
"""IMKH and DHAV: what recorders of Hikvision and Dahua export; the last two: a stream without a container."""
_PLAYED = {"mov": {"h264"}, "matroska": {"vp8", "vp9", "av1"}}


@dataclass(slots=True)
class Found:
    """What is found, as it is told."""

    container: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    duration_ms: int | None = None
    pictures: list[int] = field(default_factory=list)
    reason: str = ""
    played: bool = False


Jpeg = Callable[["VideoFrame", int], bytes]


def examine(file: Path, jpeg: Jpeg) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each picture with its time, then the verdict with all that was found."""
    found = Found()
    with file.open("rb") as opened:
        head = opened.read(_M2TS * 3)
        form = _form(head)
        if form is None:
            yield {"verdict": "not_video", "examined": asdict(found)}, b""
            return
        found.container = form
        opened.seek(0)
        try:
            with cast("InputContainer", av.open(opened, format=form)) as container:
                for at, picture in _pictures(container, found, jpeg):
                    found.pictures.append(at)
                    yield {"at_ms": at}, picture
        except _BROKEN:
            found.reason = found.reason or "unreadable"
    if found.reason != "picture_too_large" and _cut(file, form):
        found.reason = "truncated"
    verdict = "unreadable" if not found.pictures else "damaged" if found.reason else "video"
    found.played = bool(found.pictures) and found.codec in _PLAYED.get(form, ())
    yield {"verdict": verdict, "examined": asdict(found)}, b""


def moment(file: Path, at_ms: int) -> tuple[int, VideoFrame] | None:
    """The frame shown `at_ms` after the first one, and when its showing began, in microseconds; None without one."""
    best: tuple[int, VideoFrame] | None = None
    with file.open("rb") as opened:
        form = _form(opened.read(_M2TS * 3))
        opened.seek(0)
        try:
            with cast("InputContainer", av.open(opened, format=form)) as container:
                stream = container.streams.video[0]
                if form is None or stream.width * stream.height > MOST_PIXELS:
                    return None
                stream.thread_type = "NONE"
                stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
                begins = container.start_time or 0
                container.seek(at_ms * _MICRO + begins)
                for frame in container.decode(stream):
                    at = max(round((frame.time or 0.0) * 1_000_000) - begins, 0)
                    if best is not None and at > at_ms * _MICRO:
                        break
                    best = at, frame
        except _BROKEN:
            return best
    return best


def _form(head: bytes) -> str | None:
    """The container, by its first bytes, as FFmpeg calls it."""
    if head[4:8] in _TOP:
        return "mov"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    for size, first in ((_PACKET, 0), (_M2TS, 4)):
        if len(head) > 2 * size + first and all(head[first + size * at] == 0x47 for at in range(3)):  # noqa: PLR2004 - sync
            return "mpegts"
    return next((form for magic, form in _MAGIC if head.startswith(magic)), None)


def _pictures(container: InputContainer, found: Found, jpeg: Jpeg) -> Iterator[tuple[int, bytes]]:
    stream = container.streams.video[0]
    found.codec, found.width, found.height = stream.codec_context.name, stream.width, stream.height
    if stream.width * stream.height > MOST_PIXELS:
        found.reason = "picture_too_large"
        return
    stream.thread_type = "NONE"
    stream.codec_context.skip_frame = "NONKEY"
    stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    lasts = container.duration
    found.duration_ms = None if lasts is None or lasts <= 0 else lasts // _MICRO
    begins = (container.start_time or 0) // _MICRO
    wanted = range(PICTURES) if found.duration_ms else range(1)
    last = -1
    for part in wanted:
        try:
            frame = _key(container, stream, None if part == 0 else (found.duration_ms or 0) * part // PICTURES + begins)
            at = max(round((frame.time or 0.0) * 1000) - begins, 0)
            if at <= last:
                continue
            picture = jpeg(frame, WIDTH)
        except _BROKEN:
            found.reason = "undecodable"
            continue
        last = at
        yield at, picture


def _key(container: InputContainer, stream: VideoStream, at_ms: int | None) -> VideoFrame:
    """The keyframe at or before a moment; the first one without."""
    if at_ms is not None:
        container.seek(at_ms * _MICRO)
    return next(container.decode(stream))


def _cut(file: Path, form: str) -> bool:
    """Whether the file says of itself that it is longer than it is."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        if form == "avi":
            opened.seek(4)
            return int.from_bytes(opened.read(4), "little") + _BOX > size
        at = 0
        while form == "mov" and at + _BOX <= size:
            opened.seek(at)
            head = opened.read(_LONG_BOX)
            told = int.from_bytes(head[:4])
            told = int.from_bytes(head[8:16]) if told == 1 else size - at if told == 0 else told
            if told < _BOX or at + told > size:
                return True
            at += told
        return form == "mov" and at != size

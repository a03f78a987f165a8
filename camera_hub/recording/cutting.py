"""A clip: any range of a camera's segments as one MP4, cut on keyframes, without encoding anything anew.

Packets keep the hub's time: a break in the recording is a break in the clip. Where segments overlap, since the hub's
clock was set back, what was shown already is not shown again. Blocking, and FFmpeg writes: only in the decoder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from camera_hub.recording.reading import Footage, Stream, Window
from registry.errors import Conflict, NotFound

TICK = Fraction(1, 90_000)
_TICKS_MS = 90
_BROKEN = (av.error.FFmpegError, IndexError, ValueError)


@dataclass(frozen=True, slots=True)
class Source:
    """One segment's file, when it began (ms since 1970), and which parts of its own time may be shown (ms)."""

    file: str
    started_ms: int
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What to cut: from the keyframe at or before `from_ms` up to `to_ms`, ms since 1970; `title` is the file's."""

    sources: tuple[Source, ...]
    from_ms: int
    to_ms: int
    title: str

    def said(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Order:
        """From JSON."""
        sources = (
            Source(one["file"], one["started_ms"], tuple((begin, end) for begin, end in one["windows"]))
            for one in said["sources"]
        )
        return cls(tuple(sources), said["from_ms"], said["to_ms"], said["title"])


def cut(order: Order, to: Path) -> Iterator[int | dict[str, Any]]:
    """How many segments are done; at last `from_ms`, `to_ms`, `segments`, `damaged`, `bytes`, `digest` by their names.

    `damaged` counts segments of which something is left out; `digest` is the SHA-256 of the file. Raises Conflict
    (`clip_splits`) where codec or size changes, NotFound (`recording_none`) where nothing can be cut.
    """
    clip = _Clip(order, to)
    try:
        for number, source in enumerate(order.sources):
            clip.add(source)
            yield number + 1
    finally:
        clip.close()
    if clip.begins is None:
        raise NotFound("nothing of this span can be cut", code="recording_none")
    yield {
        "from_ms": clip.begins,
        "to_ms": clip.ends,
        "segments": clip.segments,
        "damaged": clip.damaged,
        "bytes": to.stat().st_size,
        "digest": _digest(to),
    }


class _Clip:
    """The file being written. `begins` and `ends`: of its first and of its last frame, ms since 1970."""

    def __init__(self, order: Order, to: Path) -> None:
        self._order = order
        self._to = to
        self._out: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._config: tuple[bytes, int, int] | None = None
        self._base = 0
        self._last: int | None = None
        self.begins: int | None = None
        self.ends = 0
        self.segments = 0
        self.damaged = 0

    def add(self, source: Source) -> None:
        """Add what is wanted of a segment; one that cannot be read counts as damaged."""
        try:
            footage = Footage(Path(source.file))
        except NotFound:
            self.damaged += 1
            return
        begin = self._order.from_ms - source.started_ms
        chosen = footage.chosen(self._windows(source), begin)
        if not chosen or footage.ends_ms <= begin:
            return
        config = footage.init.config, footage.init.width, footage.init.height
        if self._config is not None and config != self._config:
            raise Conflict(
                "the camera's picture changes here; cut one clip up to it and one from it",
                code="clip_splits",
                at=_written(source.started_ms),
            )
        self._config = config
        try:
            with cast("InputContainer", av.open(Stream(footage.whole(chosen)), format="mp4")) as read:
                added = self._copy(read.streams.video[0], read.demux(video=0), source)
        except _BROKEN:
            self.damaged += 1
            return
        self.segments += added
        self.damaged += footage.damaged

    def close(self) -> None:
        """Finish the file."""
        if self._out is not None:
            self._out.close()

    def _windows(self, source: Source) -> list[Window]:
        until = self._order.to_ms - source.started_ms
        return [(begin, min(end, until)) for begin, end in source.windows if begin < until]

    def _copy(self, stream: VideoStream, packets: Iterator[av.Packet[VideoStream]], source: Source) -> bool:
        """Copy packets at their place in the clip's time; whether there were any."""
        added = False
        waiting = True
        for packet in packets:
            if packet.dts is None or packet.pts is None:
                continue
            at = source.started_ms * _TICKS_MS + round(packet.dts * packet.time_base / TICK)
            if self._last is not None and at <= self._last:
                waiting = True
                continue
            if waiting and not packet.is_keyframe:
                continue
            waiting = False
            self._write(stream, packet, round((packet.pts - packet.dts) * packet.time_base / TICK), at)
            added = True
        return added

    def _write(self, stream: VideoStream, packet: av.Packet[VideoStream], shift: int, at: int) -> None:
        lasts = round((packet.duration or 0) * packet.time_base / TICK)
        if self._out is None or self._stream is None:
            self.begins, self._base = at // _TICKS_MS, at
            self._out, self._stream = self._opened(stream, self.begins)
        self._last = at
        self.ends = max(self.ends, (at + lasts) // _TICKS_MS)
        packet.stream = self._stream
        packet.time_base = TICK
        packet.dts, packet.pts, packet.duration = at - self._base, at - self._base + shift, lasts
        self._out.mux(packet)

    def _opened(self, stream: VideoStream, begins: int) -> tuple[OutputContainer, VideoStream]:
        out = av.open(str(self._to), "w", format="mp4", options={"movflags": "faststart"})
        out.metadata["title"] = self._order.title
        out.metadata["creation_time"] = _written(begins)
        out.metadata["comment"] = f"begins {_written(begins)} (hub time)"
        copied = out.add_stream_from_template(stream)
        copied.time_base = TICK
        return out, copied


def _written(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()

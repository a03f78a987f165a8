"""Segments as a recorder writes them, small; with a number in each picture, files and rows of them."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import cast
from uuid import UUID

import av
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.clip import Shape, encode
from camera_hub.live.coding import TIMESCALE
from camera_hub.live.fmp4 import Muxer
from camera_hub.recording.files import Name, path_of
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.watch.job import NODE
from registry import recordings
from registry.model import Stream
from registry.recordings.model import SegmentChange, Why
from registry.store import Store

SHAPE = Shape(160, 96, 15, 100, 1.0)
FPS = 15


@cache
def segment(frames: int = 40) -> tuple[bytes, tuple[int, ...]]:
    """A whole segment's bytes, and where its initialisation and each of its fragments end."""
    greys = (number * 5 % 200 + 20 for number in range(frames))
    pictures = (np.full((SHAPE.height, SHAPE.width, 3), grey, np.uint8) for grey in greys)
    muxer = Muxer(StreamParams("h264", None, Fraction(1, TIMESCALE), 0, 0))
    step = TIMESCALE // FPS
    data, ends = b"", []
    for number, (key, unit) in enumerate(encode(pictures, SHAPE)):
        init, fragment = muxer.feed(Packet(unit, number * step, number * step, key, float(number)))
        for part in (init, fragment):
            if part is not None:
                data += part.data
                ends.append(len(data))
    return data, tuple(ends)


@dataclass(frozen=True)
class Take:
    """How a stretch is shot: pictures that each show their number, counted from `first`."""

    frames: int = 30
    first: int = 0
    fps: int = FPS
    gop: int = 15
    codec: str = "h264"
    bframes: int = 0
    width: int = 160
    height: int = 96
    pixels: str = "yuv420p"

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


@cache
def shot(take: Take) -> bytes:
    """The segment's file: as the recorder writes it, whatever the codec."""
    context = cast(
        "av.VideoCodecContext", av.CodecContext.create("libx264" if take.codec == "h264" else "libx265", "w")
    )
    context.width, context.height, context.pix_fmt = take.width, take.height, take.pixels
    context.time_base, context.framerate = Fraction(1, take.fps), Fraction(take.fps)
    context.thread_count = 1
    beat = f"keyint={take.gop}:min-keyint={take.gop}:scenecut=0:bframes={take.bframes}:repeat-headers=1:b-adapt=0"
    quiet = "" if take.codec == "h264" else ":log-level=none:pools=1:frame-threads=1:open-gop=0"
    context.options = {"preset": "ultrafast", f"{'x264' if take.codec == 'h264' else 'x265'}-params": beat + quiet}
    muxer = Muxer(StreamParams(take.codec, None, Fraction(1, take.fps), 0, 0))
    data = b""
    for number in range(take.frames + 1):
        frame = None
        if number < take.frames:
            frame = av.VideoFrame.from_ndarray(numbered(take.first + number, take), format="rgb24")
            frame.pts = number
        for packet in context.encode(frame):
            assert packet.pts is not None
            assert packet.dts is not None
            given = Packet(bytes(packet), packet.pts, packet.dts, packet.is_keyframe, 0.0)
            data += b"".join(part.data for part in muxer.feed(given) if part is not None)
    return data


BITS = 12


def numbered(number: int, take: Take) -> NDArray[np.uint8]:
    """A picture of bars, black and white: the number's bits."""
    bits = np.array([(number >> bit & 1) * 200 + 28 for bit in range(BITS)], np.uint8)
    row = np.repeat(bits, take.width // BITS + 1)[: take.width]
    return np.broadcast_to(row[None, :, None], (take.height, take.width, 3)).copy()


def number_in(picture: NDArray[np.uint8]) -> int:
    """The number a decoded picture shows, uint8 [h, w, 3]; of any size."""
    height, width, _ = picture.shape
    step = (160 // BITS + 1) * width / 160
    row = picture[height // 2, :, 0]
    return int(sum((row[min(int((bit + 0.5) * step), width - 1)] > 128) << bit for bit in range(BITS)))


def numbers(data: bytes) -> list[tuple[float, int]]:
    """Time in seconds and number of every picture that libavformat and its decoder find."""
    with av.open(io.BytesIO(data)) as container:
        return [
            (round(float(frame.time or 0), 4), number_in(frame.to_ndarray(format="rgb24")))
            for frame in container.decode(video=0)
        ]


async def put(
    store: Store,
    data_dir: Path,
    camera_id: UUID,
    started_at: datetime,
    take: Take = Take(),
    *,
    stream: Stream = "sub",
    node: str = NODE,
    data: bytes | None = None,
    ended: bool = True,
    why: Why = Why.CONTINUOUS,
    masked: bool = False,
) -> Path:
    """A segment on disk and in the registry, as a worker reports it; returns its file."""
    data = shot(take) if data is None else data
    file = path_of(data_dir, Name(camera_id, stream, started_at))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    await recordings.record(
        store,
        [
            SegmentChange(
                camera_id=camera_id,
                stream=stream,
                started_at=started_at,
                ended_at=started_at + timedelta(seconds=take.seconds) if ended else None,
                node=node,
                why=why,
                codec=take.codec,
                width=take.width,
                height=take.height,
                masked=masked,
                frames=take.frames if ended else 0,
                bytes=len(data) if ended else 0,
                digest=hashlib.blake2b(data, digest_size=32).hexdigest() if ended else None,
                clock_offset_ms=120,
            )
        ],
    )
    return file

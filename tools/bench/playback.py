"""Recordings of a month, looked at through the API: the timeline, a seek to any minute, a clip, a picture to scrub by.

One camera has a row for every minute of 30 days and real files for some of them: 640x360 at 15 fps, a keyframe every
2 s. A seek is POST /playbacks and GET of the segment, up to the last byte of its first keyframe; the file is put out of
the page cache before. The baseline of a clip is `ffmpeg -c copy` over a concat list of the same files.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import struct
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.clip import Shape, encode
from camera_hub.live.coding import TIMESCALE
from camera_hub.live.fmp4 import Muxer
from camera_hub.recording.files import Name, path_of
from camera_hub.stream.packet import Packet, StreamParams
from registry import recordings
from registry.model import Stream
from registry.recordings.model import SegmentChange, Why
from tools.bench.desk import Desk, add, bench_folder, desk, found_county
from tools.bench.report import Report, at_most, median

DAYS = 30
SEEKS = 60
CLIPS = 20
PICTURES = 30
SHAPE = Shape(640, 360, 15, 400, 2.0)
SECONDS = 60
MINUTE = timedelta(minutes=1)
CLIP_MS = 150.0
SEEK_MS = 300.0


def minute() -> bytes:
    """A segment of a minute: a noisy street, so that its frames have the sizes of a camera's."""
    rng = np.random.default_rng(1)
    street = rng.integers(40, 200, (SHAPE.height // 8, SHAPE.width // 8, 3)).repeat(8, 0).repeat(8, 1)

    def pictures() -> Iterator[NDArray[np.uint8]]:
        for number in range(SHAPE.fps * SECONDS):
            picture = np.clip(street + rng.normal(0, 3, street.shape), 0, 255).astype(np.uint8)
            left = number * 4 % (SHAPE.width - 60)
            picture[200:300, left : left + 50] = 220
            yield picture

    return segment_of(encode(pictures(), SHAPE), SHAPE)


def segment_of(units: Iterable[tuple[bool, bytes]], shape: Shape) -> bytes:
    """Access units, each with whether it is a keyframe, as the recorder writes them."""
    muxer = Muxer(StreamParams("h264", None, Fraction(1, TIMESCALE), 0, 0))
    step, data = TIMESCALE // shape.fps, bytearray()
    for number, (key, unit) in enumerate(units):
        for part in muxer.feed(Packet(unit, number * step, number * step, key, 0.0)):
            data += part.data if part is not None else b""
    return bytes(data)


async def month(office: Desk, camera: str, begin: datetime, size: int, stream: Stream = "main") -> None:
    """A row for every minute."""
    store = office.hub.store
    for day in range(DAYS):
        changes = [
            SegmentChange(
                camera_id=UUID(camera), stream=stream, started_at=begin + day * 1440 * MINUTE + n * MINUTE,
                ended_at=begin + day * 1440 * MINUTE + (n + 1) * MINUTE, node=office.hub.node, why=Why.CONTINUOUS,
                codec="h264", width=SHAPE.width, height=SHAPE.height, masked=False, frames=SHAPE.fps * SECONDS,
                bytes=size, digest="00", clock_offset_ms=None,
            )
            for n in range(1440)
        ]  # fmt: skip
        await recordings.record(store, changes)


def first_frame(data: bytes) -> bool:
    """Whether the initialisation and a whole fragment are there."""
    at, seen = 0, set()
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        at += size
        if at <= len(data):
            seen.add(name)
    return {b"moov", b"moof", b"mdat"} <= seen


def forget(file: Path) -> None:
    """Put a file out of the page cache."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


async def seek(office: Desk, camera: str, at: datetime, file: Path) -> float:
    """Milliseconds from the wish to the last byte of the first picture."""
    forget(file)
    data = b""
    begun = time.perf_counter()
    body = {"cameras": [camera], "from": at.isoformat(), "to": (at + MINUTE).isoformat(), "stream": "main"}
    one = (await office.post("/playbacks", body))["cameras"][0]["segments"][0]
    url = f"{one['url']}&at={round(at.timestamp() * 1000)}"
    async with office.stream(url) as answer:
        async for part in answer.content.iter_any():
            data += part
            if first_frame(data):
                break
    took = (time.perf_counter() - begun) * 1000
    with av.open(io.BytesIO(data), "r") as container:
        next(container.decode(video=0))
    return took


async def cut(office: Desk, camera: str, at: datetime) -> float:
    """Milliseconds from the order to the finished clip of a minute."""
    body = {"camera_id": camera, "from": at.isoformat(), "to": (at + MINUTE).isoformat(), "stream": "main"}
    begun = time.perf_counter()
    async with office.stream("/api/v1/clips", body) as answer:
        *_, last = [json.loads(line) async for line in answer.content]
    took = (time.perf_counter() - begun) * 1000
    if last["clip"]["segments"] != 2:
        raise RuntimeError(f"a clip across two segments was asked for: {last}")
    return took


def cut_by_ffmpeg(files: tuple[Path, Path], folder: Path) -> float:
    """The same by FFmpeg's own program."""
    listed = folder / "concat.txt"
    listed.write_text("".join(f"file '{file}'\n" for file in files))
    begun = time.perf_counter()
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-ss", "30", "-i", listed, "-t", "60",
         "-c", "copy", "-movflags", "+faststart", folder / "baseline.mp4"],
        check=True,
    )  # fmt: skip
    return (time.perf_counter() - begun) * 1000


async def timed(work: Any) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    await work
    return (time.perf_counter() - begun) * 1000


async def measure(folder: Path, report: Report) -> None:
    """Measure in `folder`."""
    data = await asyncio.to_thread(minute)
    report.say(f"a minute has {len(data) / 1e6:.1f} MB")
    async with desk(folder / "data", watch=False) as office:
        camera = await add(office.hub, await found_county(office.hub), "gate", "rtsp://127.0.0.1/main")
        await office.sign_in()
        begin = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=DAYS)
        case = await office.open_case("BENCH-1", begin, begin + timedelta(days=DAYS))
        await office.look_into(case["id"])
        await month(office, camera, begin, len(data))
        rng = random.Random(1)
        starts = [begin + number * MINUTE for number in rng.sample(range(1, DAYS * 1440 - 2), SEEKS)]
        files = {}
        for start in starts:
            for at in (start, start + MINUTE):
                file = path_of(folder / "data", Name(UUID(camera), "main", at))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
                files[at] = file
        span = {"from": begin.isoformat(), "to": (begin + timedelta(days=DAYS)).isoformat(), "stream": "main"}
        lines = [await timed(office.get(f"/cameras/{camera}/recordings", **span)) for _ in range(8)]
        note = f"{DAYS * 1440:,} rows, SQLite"
        report.add(median("timeline of 30 days", lines[1:], "ms", note=note))
        cuts = [await cut(office, camera, start + MINUTE / 2) for start in starts[:CLIPS]]
        plain = [cut_by_ffmpeg((files[start], files[start + MINUTE]), folder) for start in starts[:CLIPS]]
        plain_ms = sorted(plain)[len(plain) // 2]
        report.add(median("clip of 60 s across two segments", cuts, "ms", at_most(CLIP_MS), baseline=plain_ms))
        seeks = [
            await seek(office, camera, start + rng.uniform(0, 58) * timedelta(seconds=1), files[start])
            for start in starts
        ]
        report.add(median("seek to a random minute in 30 days", seeks, "ms", at_most(SEEK_MS), note="file not cached"))
        until = (starts[0] + MINUTE).isoformat()
        body = {"cameras": [camera], "from": starts[0].isoformat(), "to": until, "stream": "main"}
        url = (await office.post("/playbacks", body))["cameras"][0]["segments"][0]["picture_url"]
        scrubs = []
        for number in range(PICTURES):
            ms = round((starts[0] + number * 2 * timedelta(seconds=1)).timestamp() * 1000)
            begun = time.perf_counter()
            async with office.stream(f"{url}&at={ms}&width=320") as answer:
                await answer.read()
            scrubs.append((time.perf_counter() - begun) * 1000)
        report.add(median("picture of a keyframe, 320 wide", scrubs, "ms"))


def run(report: Report) -> None:
    """Measure in a folder of its own."""
    with bench_folder() as folder:
        asyncio.run(measure(Path(folder), report))

"""The film strip: what its small pictures cost where analysis makes them, and what it takes to look through days.

Writing: CPU of one still (five frames shrunk, median, WebP, appended and synced) against the CPU of analysing the same
pictures for the ten minutes that a still stands for. Looking, through the API of a served hub: thirty days by hours
(the list and a sheet for each day, four at a time), a screen of sixty keyframe crops from sixty files, one go of the
vanish helper over twelve hours. The baseline of a screen is the same keyframes one by one as pictures of playback.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.scenes import SCENES, render
from camera_hub.recall.stills.dayfile import Album, Still
from camera_hub.recall.stills.taking import FRAMES, QUALITY, Shot, StillWriter, small
from camera_hub.recording.files import Name, path_of
from camera_hub.stream.packet import Frame
from camera_hub.watch.pipeline import Pipeline
from registry import recordings
from registry.model import Stream
from registry.recordings.model import SegmentChange, Why
from tools.bench.desk import Desk, add, bench_folder, desk, found_county
from tools.bench.playback import minute
from tools.bench.report import Report, at_most, median
from tools.bench.taper import Nothing

DAYS = 30
EVERY = timedelta(minutes=10)
SHARE = 2.0
STILL_KB = 500.0
SCREEN_S = 1.0
RUNS = 7
STREAM: Stream = "main"
MINUTE = timedelta(minutes=1)
Picture = NDArray[np.uint8]


def scene(number: int, take: int = 0) -> Picture:
    """A picture of one of the rendered scenes at 640x360, with a ground that has some grain, and a sensor's noise."""
    names = sorted(SCENES)
    ground = next(iter(render(SCENES[names[number % len(names)]], width=640, height=360, fps=1))).astype(np.float32)
    rough = np.random.default_rng(number).normal(0, 20, ground.shape[:2]).astype(np.float32)
    ground += cv2.GaussianBlur(rough, (0, 0), 1.5)[:, :, None]
    noise = np.random.default_rng([number, take]).normal(0, 3, ground.shape)
    return np.clip(ground + noise, 0, 255).astype(np.uint8)


def frames(seconds: float, fps: float) -> Iterator[Frame]:
    """A street that somebody crosses, as the decoder gives it."""
    base = scene(0)
    for number in range(round(seconds * fps)):
        picture = base.copy()
        left = number * 6 % 560
        picture[180:300, left : left + 40] = 60
        yield Frame(number / fps, 0.0, picture[:, :, 0].copy(), lambda picture=picture: picture)  # type: ignore[misc]


def writing(report: Report) -> None:
    """What a still costs, beside the analysis it comes from; without decoding, which is its larger part."""
    seconds, fps, count = 40.0, 5.0, 20
    shares, costs, sizes = [], [], []
    for _ in range(3):
        pipeline = Pipeline({}, Nothing(), analysis_fps=fps)
        there = list(frames(seconds, fps))
        begin = time.process_time()
        for frame in there:
            pipeline.step(frame, datetime.fromtimestamp(frame.at, UTC))
        analysed = (time.process_time() - begin) / seconds
        with bench_folder() as folder:
            writer = StillWriter(Path(folder), 600, 0, lambda _: True)
            begin = time.process_time()
            for number in range(count):
                at = datetime(2026, 11, 29, tzinfo=UTC) + number * EVERY
                taken = tuple(small(pipeline.picture(frame)) for frame in there[number : number + FRAMES])
                writer.keep(Shot(UUID(int=1), at, masked=False, frames=taken))
            cost = (time.process_time() - begin) / count
        costs.append(cost * 1000)
        shares.append(100 * cost / (analysed * EVERY.total_seconds() + cost))
    with bench_folder() as folder:
        writer, album = StillWriter(Path(folder), 600, 0, lambda _: True), Album(Path(folder))
        for number in range(12):
            at = datetime(2026, 11, 29, tzinfo=UTC) + number * EVERY
            taken = tuple(small(scene(number, take)) for take in range(FRAMES))
            writer.keep(Shot(UUID(int=1), at, masked=False, frames=taken))
        sizes = [file.size / 12 * 144 / 1000 for day in album.days() for file in album.files(day)]
    note = "640x360, one every ten minutes, without decode and detector; with them the share is smaller"
    report.add(median("stills: share of the analysis' CPU", shares, "%", at_most(SHARE), note=note))
    report.add(median("one still: five frames, median, WebP, synced", costs, "ms"))
    report.add(
        median(
            "stills of a camera-day",
            sizes,
            "kB",
            at_most(STILL_KB),
            note="rendered scenes with grain; 150 to 620 kB on real clips",
        )
    )


async def fill(office: Desk, camera: str, end: datetime) -> None:
    """Stills of thirty days, and an hour of files."""
    album = Album(office.hub.settings.data_dir)
    some = []
    for number in range(12):
        _, data = cv2.imencode(".webp", small(scene(number)), [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
        some.append(data.tobytes())
    for day in range(DAYS):
        records: dict[Path, bytearray] = {}
        for number in range(144):
            at = end - timedelta(days=day) - number * EVERY
            still = Still(round(at.timestamp() * 1000), 320, 180, masked=False, data=some[number % len(some)])
            path = album.path(f"{at:%Y-%m-%d}", UUID(camera))
            records.setdefault(path, bytearray()).extend(still.encoded())
        for path, encoded in records.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as out:
                out.write(encoded)
    film, changes = minute(), []
    for number in range(60):
        begin = end - timedelta(hours=1) + number * MINUTE
        file = path_of(office.hub.settings.data_dir, Name(UUID(camera), STREAM, begin))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(film)
        changes.append(
            SegmentChange(
                camera_id=UUID(camera),
                stream=STREAM,
                started_at=begin,
                ended_at=begin + MINUTE,
                node=office.hub.node,
                why=Why.CONTINUOUS,
                codec="h264",
                width=640,
                height=360,
                masked=False,
                frames=900,
                bytes=len(film),
                digest="00" * 32,
                clock_offset_ms=None,
            )
        )
    await recordings.record(office.hub.store, changes)


async def read(office: Desk, url: str) -> bytes:
    """All of an answer."""
    async with office.stream(url) as answer:
        return await answer.read()


async def opened(office: Desk, camera: str, begin: datetime, end: datetime) -> tuple[float, int]:
    """Seconds to have a picture of every hour of the days, and how many bytes that are."""
    at = time.monotonic()
    listed = await office.get(f"/cameras/{camera}/stills", **{"from": begin.isoformat(), "to": end.isoformat()})
    left, sizes = list(listed["days"]), []

    async def some() -> None:
        while left:
            sizes.append(len(await read(office, left.pop()["url"])))

    await asyncio.gather(*(some() for _ in range(4)))
    return time.monotonic() - at, sum(sizes)


async def screen(office: Desk, camera: str, begin: datetime, span: timedelta) -> float:
    """Seconds for sixty crops of a span."""
    query = f"from={begin:%Y-%m-%dT%H:%M:%S}Z&to={begin + span:%Y-%m-%dT%H:%M:%S}Z&stream={STREAM}&width=160"
    at = time.monotonic()
    await read(office, f"/api/v1/cameras/{camera}/frames?{query}&x0=0.3&y0=0.4&x1=0.5&y1=0.7")
    return time.monotonic() - at


async def one_by_one(office: Desk, camera: str, begin: datetime) -> float:
    """Seconds for the same keyframes as pictures of playback."""
    body = {"cameras": [camera], "from": begin.isoformat(), "to": (begin + 60 * MINUTE).isoformat(), "stream": STREAM}
    at = time.monotonic()
    (played,) = (await office.post("/playbacks", body))["cameras"]
    for one in played["segments"]:
        await read(office, f"{one['picture_url']}&width=640")
    return time.monotonic() - at


async def looking() -> dict[str, Any]:
    """The times of looking."""
    with bench_folder() as folder:
        async with desk(Path(folder), watch=False) as office:
            camera = await add(office.hub, await found_county(office.hub), "street", "rtsp://127.0.0.1/street")
            end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
            begin = end - timedelta(days=DAYS)
            await fill(office, camera, end)
            await office.sign_in()
            case = await office.open_case("B-1", begin, end)
            await office.look_into(case["id"])
            hour = end - timedelta(hours=1)
            await screen(office, camera, hour, 60 * MINUTE)  # the decoders start
            days = [await opened(office, camera, begin, end) for _ in range(RUNS)]
            body = {"from": (end - timedelta(hours=12)).isoformat(), "to": end.isoformat()}
            part = {"x0": 0.3, "y0": 0.4, "x1": 0.5, "y1": 0.7}
            helped = []
            for _ in range(RUNS):
                at = time.monotonic()
                await office.post(f"/cameras/{camera}/vanish", {**body, **part})
                helped.append(time.monotonic() - at)
            return {
                "days": [one[0] for one in days],
                "bytes": days[0][1],
                "minutes": [await screen(office, camera, hour, 60 * MINUTE) for _ in range(RUNS)],
                "seconds": [await screen(office, camera, hour, 2 * MINUTE) for _ in range(RUNS)],
                "plain": await one_by_one(office, camera, hour),
                "helped": helped,
            }


def run(report: Report) -> None:
    """Measure and report."""
    writing(report)
    found = asyncio.run(looking())
    size = f"{found['bytes'] / 1e6:.1f} MB in {DAYS + 1} sheets, no video touched"
    report.add(median("film strip: thirty days by hours", found["days"], "s", at_most(SCREEN_S), note=size))
    report.add(
        median(
            "a screen of 60 keyframe crops, a minute apart",
            found["minutes"],
            "s",
            at_most(SCREEN_S),
            baseline=found["plain"],
            note="60 files of 640x360; baseline: the same keyframes one by one",
        )
    )
    report.add(median("a screen of 60 keyframe crops, two seconds apart", found["seconds"], "s", at_most(SCREEN_S)))
    report.add(median("the vanish helper's first go over 12 hours", found["helped"], "s", at_most(SCREEN_S)))

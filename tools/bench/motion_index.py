"""The motion index: a search of a month and of a night on twelve cameras through the API, its size, and what it costs.

The cameras' days are made: three quiet yards, four roads, two busy corners, two trees, one that is full of noise under
infrared, with the shares of moving seconds that real ones have. Each has four different days, which return. The search
is for an object's region (2 × 3 cells), exact seconds, merged, ranked by the week before, on record. The baseline is a
scan of a dense file (72 bytes a second) for the same region, without rank, register or reasons.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.clip import Shape, encode
from camera_hub.recall.motion.block import seal
from camera_hub.recall.motion.days import Day, bounds, day_of
from camera_hub.recall.motion.log import TURN_S, Log
from camera_hub.recall.motion.noting import Noting
from camera_hub.recall.motion.record import Record, Seen, Span, View
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.dayfile import Album, Still
from camera_hub.recall.stills.dayfile import day_of as utc_day
from camera_hub.stream.decode import Decoder
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.watch.inference import DirectInference
from camera_hub.watch.pipeline import Pipeline
from detectors.cells import ROWS
from detectors.facts import Detection, Rgb
from tools.bench.desk import Desk, add, bench_folder, desk, found_county
from tools.bench.report import Figure, Report, at_most, median

CAMERAS = ("quiet",) * 3 + ("road",) * 4 + ("busy",) * 2 + ("foliage",) * 2 + ("infrared",)
DAYS = 30
BEFORE = 7
DIFFERENT = 4
DAY_S = 86_400
LOOKS = 9
MONTH_MS, NIGHT_MS = 500.0, 50.0
DAY_KB, COST = 120.0, 2.0
SHAPE = Shape(640, 360, 15, 300, 2.0)
WATCHED_S = 60
HITS, SLOT_S = 996, 600

Grid = NDArray[np.uint32]


def passages(rng: np.random.Generator, many: int, rows: tuple[int, int]) -> Grid:
    """Things of up to 4 × 3 cells that cross the picture in a few seconds."""
    grid = np.zeros((DAY_S, ROWS), np.uint32)
    for begin, long, top in zip(
        rng.integers(0, DAY_S - 60, many), rng.integers(4, 26, many), rng.integers(*rows, many), strict=True
    ):
        for at in range(long):
            left = 32 * at // long
            # no two seconds of a walker show the same cells
            grid[begin + at, top : top + 3] |= rng.integers(0, 16, 3, np.uint32) << np.uint32(28 - min(left, 28))
    return grid


def foliage(rng: np.random.Generator) -> Grid:
    """A tree of 12 × 6 cells that moves in gusts."""
    gusts = np.zeros(DAY_S, np.bool_)
    for begin, long in zip(rng.integers(0, DAY_S, 700), rng.integers(10, 70, 700), strict=True):
        gusts[begin : begin + long] = True
    noise = rng.integers(0, 2**32, (3, DAY_S, 6), np.uint32)
    grid = np.zeros((DAY_S, ROWS), np.uint32)
    grid[:, 3:9] = noise[0] & noise[1] & noise[2] & np.uint32(0xFFF00)
    grid[~gusts] = 0
    return grid


def infrared(rng: np.random.Generator) -> Grid:
    """Noise and insects in the dark: some cell, somewhere, in every eighth second of the night."""
    grid = np.zeros((DAY_S, ROWS), np.uint32)
    night = np.concatenate([np.arange(6 * 3600), np.arange(19 * 3600, DAY_S)])
    some = rng.choice(night, len(night) // 7, replace=False)
    grid[some, rng.integers(0, ROWS, len(some))] = np.uint32(1) << rng.integers(0, 31, len(some), np.uint32)
    return grid


KINDS: dict[str, Callable[[np.random.Generator], Grid]] = {
    "quiet": lambda rng: passages(rng, 80, (4, 14)),
    "road": lambda rng: passages(rng, 620, (8, 11)),
    "busy": lambda rng: passages(rng, 3600, (2, 16)),
    "foliage": foliage,
    "infrared": infrared,
}


def days_of(kind: str, seed: int) -> list[Day]:
    """Different days of a camera."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(DIFFERENT):
        grid = KINDS[kind](rng)
        lit = np.flatnonzero(grid.any(axis=1))
        span = (Span(0, DAY_S, Seen.FULL),)
        dark = (View(0, np.zeros(ROWS, np.uint32)),)
        found.append(Day(DAY_S, lit.astype(np.uint32), grid[lit], span, dark))
    return found


def fill(shelf: Shelf, folder: Path, cameras: list[str], report: Report) -> tuple[dict[str, list[float]], list[float]]:
    """Write the sealed days of all cameras; bytes by kind, and milliseconds a seal took."""
    today = day_of(int(time.time()), shelf.tz)
    sizes: dict[str, list[float]] = {}
    took = []
    for number, (camera, kind) in enumerate(zip(cameras, CAMERAS, strict=True)):
        place = folder / "motion" / camera
        place.mkdir(parents=True)
        those = days_of(kind, number)
        share = statistics.mean(len(day.seconds) / DAY_S for day in those)
        for back in range(1, DAYS + BEFORE + 1):
            day = today - timedelta(days=back)
            begun = time.perf_counter()
            block = seal(those[back % DIFFERENT], bounds(day, shelf.tz)[0])
            took.append((time.perf_counter() - begun) * 1000)
            (place / f"{day}.vmi").write_bytes(block)
            sizes.setdefault(kind, []).append(len(block) / 1000)
        report.say(f"{kind}: {share:.1%} of seconds with motion, {statistics.mean(sizes[kind]):.0f} kB a day")
    return sizes, took


def region(rng: random.Random) -> list[int]:
    """An object's region: 2 × 3 cells, as rows."""
    top, left = rng.randrange(2, 14), rng.randrange(0, 29)
    rows = [0] * ROWS
    for row in (top, top + 1):
        rows[row] = 0b111 << (29 - left)
    return rows


async def looks(office: Desk, cameras: list[str], since: datetime, until: datetime, **more: Any) -> list[float]:
    """Milliseconds of searches, each for other regions."""
    rng, took = random.Random(1), []
    for _ in range(LOOKS + 1):
        asked = [{"camera_id": one, "rows": region(rng)} for one in cameras]
        body = {"cameras": asked, "from": since.isoformat(), "to": until.isoformat(), **more}
        begun = time.perf_counter()
        found = await office.post("/motion/search", body)
        took.append((time.perf_counter() - begun) * 1000)
        if any(one["watched"]["watched_s"] != one["watched"]["wanted_s"] for one in found["cameras"]):
            raise RuntimeError("a made day was not watched throughout")
    return took[1:]


def stills(folder: Path, cameras: list[str], since: datetime) -> None:
    """A picture every ten minutes of each camera: noise over stones, as hard to read as a real one."""
    rng, album = np.random.default_rng(2), Album(folder)
    ground = rng.integers(40, 200, (45, 80, 3)).repeat(4, 0).repeat(4, 1)
    pictures = []
    for _ in range(DIFFERENT):
        picture = np.clip(ground + rng.normal(0, 4, ground.shape), 0, 255).astype(np.uint8)
        pictures.append(cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 70])[1].tobytes())
    begin = round(since.timestamp() * 1000)
    for camera, number in itertools.product(cameras, range(DAYS * DAY_S // SLOT_S)):
        at = begin + number * SLOT_S * 1000
        path = album.path(utc_day(at), UUID(camera))
        path.parent.mkdir(parents=True, exist_ok=True)
        still = Still(at, 320, 180, masked=False, data=pictures[number % DIFFERENT])
        with path.open("ab") as file:  # not synced, as an album's are: fifty thousand of them
            file.write(still.encoded())


async def comparing(
    office: Desk, folder: Path, cameras: list[str], since: datetime, until: datetime
) -> tuple[list[float], list[float]]:
    """Milliseconds to compare the most hits a page lists: far apart, and ten between the same pictures."""
    await asyncio.to_thread(stills, folder, cameras, since)
    rng, every = random.Random(2), []
    asked = [{"camera_id": one, "rows": region(rng)} for one in cameras]
    each = HITS // len(cameras)
    for apart in (int((until - since).total_seconds()) // (each + 1), SLOT_S // 10):
        hits = [
            {"camera_id": one, "from": at.isoformat(), "to": (at + timedelta(seconds=5)).isoformat()}
            for one in cameras
            for n in range(each)
            if (at := since + timedelta(seconds=3600 + n * apart))
        ]
        took = []
        for _ in range(4):
            begun = time.perf_counter()
            async with office.stream("/api/v1/motion/changes", {"cameras": asked, "hits": hits}) as answer:
                found = json.loads((await answer.read()).splitlines()[-1])
            took.append((time.perf_counter() - begun) * 1000)
        if len(found["changes"]) != len(hits) or any(one["state"] == "unknown" for one in found["changes"]):
            raise RuntimeError("a hit was not compared")
        every.append(took[1:])
    return every[0], every[1]


def dense(folder: Path) -> float:
    """Milliseconds to scan a dense month of one camera, times twelve."""
    whole = np.concatenate([_grid(day) for day in days_of("road", 3)])
    path = folder / "dense.bin"
    with path.open("wb") as file:
        for number in range(DAYS):
            file.write(whole[number % DIFFERENT * DAY_S :][:DAY_S].tobytes())
    took = []
    mapped = np.memmap(path, np.uint32, "r", shape=(DAYS * DAY_S, ROWS))
    for _ in range(4):
        begun = time.perf_counter()
        np.flatnonzero((mapped[:, 8] & np.uint32(0x700)) | (mapped[:, 9] & np.uint32(0x700)))
        took.append((time.perf_counter() - begun) * 1000)
    path.unlink()
    return statistics.median(took[1:]) * len(CAMERAS)


def _grid(day: Day) -> Grid:
    grid = np.zeros((day.length, ROWS), np.uint32)
    grid[day.seconds] = day.rows
    return grid


class _Blind:
    """A detector that finds nothing: what it would cost is left out."""

    name = "blind"
    labels: tuple[str, ...] = ()

    def detect(self, rgb: Rgb) -> list[Detection]:
        del rgb
        return []


def pictures(still: int) -> Iterator[NDArray[np.uint8]]:
    """A street in which something walks by in one of `still` six-second stretches; 1: all the time."""
    rng = np.random.default_rng(1)
    street = rng.integers(40, 200, (SHAPE.height // 8, SHAPE.width // 8, 3)).repeat(8, 0).repeat(8, 1)
    for number in range(SHAPE.fps * WATCHED_S):
        picture = np.clip(street + rng.normal(0, 3, street.shape), 0, 255).astype(np.uint8)
        left = number * 3 % (SHAPE.width - 60)
        if number // (6 * SHAPE.fps) % still == 0:
            picture[150:250, left : left + 50] = 230
        yield picture


def writing(folder: Path, still: int) -> tuple[float, float]:
    """CPU seconds of decoding and looking for motion in a minute, and of the index's part."""
    shelf = Shelf(folder, UTC)
    log = Log(shelf, lambda: True)
    kept: list[tuple[UUID, Any, Record]] = []
    camera = UUID(int=1)
    noting = Noting(
        lambda day, record: kept.append((camera, day, record)), UTC, hidden=np.zeros(ROWS, np.uint32), scene=0
    )
    params = StreamParams("h264", None, Fraction(1, SHAPE.fps), SHAPE.width, SHAPE.height)
    decoder = Decoder(params, rate=5.0)
    pipeline = Pipeline({"masks": [], "rules": []}, DirectInference(_Blind(), 50, time.monotonic), analysis_fps=5.0)
    begin = datetime(2026, 11, 23, tzinfo=UTC)
    packets = [Packet(unit, n, n, key, n / SHAPE.fps) for n, (key, unit) in enumerate(encode(pictures(still), SHAPE))]
    analysis = index = 0.0
    for packet in packets:
        began = time.thread_time()
        frames = list(decoder.decode(packet))
        for frame in frames:
            pipeline.step(frame, begin + timedelta(seconds=frame.at))
        analysis += time.thread_time() - began
        for frame in frames:
            if pipeline.at == frame.at and pipeline.motion is not None:
                began = time.thread_time()
                noting.saw(pipeline.motion, begin + timedelta(seconds=frame.at), thin=False)
                index += time.thread_time() - began
    decoder.close()
    noting.end()
    for _, some in itertools.groupby(kept, key=_turn):
        began = time.thread_time()
        for one in some:
            log.offer(*one)
        log.turn()
        index += time.thread_time() - began
    return analysis, index


def _turn(one: tuple[UUID, Any, Record]) -> int:
    """In which of the log's turns a record is written."""
    record = one[2]
    return (record.since if isinstance(record, Span) else record.second) // round(TURN_S)


async def measure(folder: Path, report: Report) -> None:
    """Measure in `folder`."""
    async with desk(folder / "data", watch=False) as office:
        device = await found_county(office.hub)
        cameras = [await add(office.hub, device, f"{kind} {n}", "rtsp://127.0.0.1/x") for n, kind in enumerate(CAMERAS)]
        await office.sign_in()
        shelf = office.hub.motion.shelf
        sizes, took = await asyncio.to_thread(fill, shelf, folder / "data", cameras, report)
        today = bounds(day_of(int(time.time()), shelf.tz), shelf.tz)[0]
        until = datetime.fromtimestamp(today, UTC)
        since = until - timedelta(days=DAYS)
        case = await office.open_case("BENCH-1", since, until)
        await office.look_into(case["id"])
        every = [size for some in sizes.values() for size in some]
        note = ", ".join(f"{kind} {statistics.mean(some):.0f}" for kind, some in sizes.items())
        report.add(Figure("size of a mean camera-day", statistics.mean(every), "kB", at_most(DAY_KB), note=note))
        report.add(median("sealing a camera-day", took, "ms"))
        scan = await asyncio.to_thread(dense, folder)
        month = await looks(office, cameras, since, until)
        said = f"{len(CAMERAS)} cameras, 2 × 3 cells; baseline: dense memory map, without rank and register"
        report.add(median("search of 30 days", month, "ms", at_most(MONTH_MS), baseline=scan, note=said))
        dusk = until - timedelta(hours=28)
        night = await looks(office, cameras, dusk, dusk + timedelta(hours=10))
        report.add(
            median(
                "search of a night",
                night,
                "ms",
                at_most(NIGHT_MS),
                baseline=scan / DAYS * 10 / 24,
                note="20 to 6 o'clock",
            )
        )
        far, near = await comparing(office, folder / "data", cameras, since, until)
        note = f"{HITS} hits, the region of each with its pictures before and after; a request of its own"
        report.add(median("comparing, no two hits between the same pictures", far, "ms", note=note))
        report.add(median("comparing, ten hits between two pictures", near, "ms", note=note))
        lanes = []
        for _ in range(4):
            begun = time.perf_counter()
            for one in cameras:
                await office.get(f"/cameras/{one}/motion", **{"from": since.isoformat(), "to": until.isoformat()})
            lanes.append((time.perf_counter() - begun) * 1000)
        report.add(median("density of 12 cameras × 30 days", lanes[1:], "ms", note="12 requests, one after the other"))
    for name, still, target in (("a mean camera", 5, at_most(COST)), ("motion all the time", 1, None)):
        analysis, index = await asyncio.to_thread(writing, folder / name, still)
        note = f"{index / WATCHED_S * 1e6:.0f} µs of {analysis / WATCHED_S * 1e3:.1f} ms CPU a second, one camera alone"
        report.add(
            Figure(f"the index's share of the analysis CPU, {name}", index / analysis * 100, "%", target, note=note)
        )


def run(report: Report) -> None:
    """Measure in a folder of its own."""
    with bench_folder() as folder:
        asyncio.run(measure(Path(folder), report))

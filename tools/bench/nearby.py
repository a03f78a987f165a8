"""Cameras near a scene: 5,000 cameras and a county's roads, asked over HTTP under a case; and a report with its holds.

The night is the one to yesterday, so that each camera that is told of has two sealed days of the motion index, which
say when it was watched. The baseline is the same question of the same hub without roads: the straight line. Every
look's audit row is committed.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from datetime import date, datetime, timedelta, tzinfo
from itertools import cycle
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from uuid_utils.compat import uuid7

from camera_hub.recall.motion.block import seal
from camera_hub.recall.motion.days import bounds
from camera_hub.settings import Settings
from registry import users
from registry.columns import to_ms
from registry.model import Role
from registry.users import CONSOLE
from tools.bench import county, desk, motion_index
from tools.bench.playback import forget
from tools.bench.report import Report, at_most, median
from tools.bench.search import p95

CAMERAS = 5000
REGISTERED = 100
SIDE = 100
"""Crossings each way over the county: 19,800 roads between two of them."""
SOUTH, WEST = 45.0, 123.5
HOURS = 14
SCENES = 12
MORNING = 8
"""At this hour of yesterday it was found missing."""
ASKED = tuple((mode, minutes) for mode in ("foot", "ebike", "van") for minutes in (20, 60))
WIDEST = (("van", 60),)
RUNS = 3
NEARBY_MS = 200.0
REPORT_MS = 2000.0


def _roads(rng: random.Random) -> list[list[tuple[float, float]]]:
    """A net of bent roads over the degree that the cameras stand in."""
    step = 1 / (SIDE - 1)
    at = [
        [(WEST + step * (x + rng.uniform(-0.2, 0.2)), SOUTH + step * (y + rng.uniform(-0.2, 0.2))) for y in range(SIDE)]
        for x in range(SIDE)
    ]
    found = []
    for x in range(SIDE):
        for y in range(SIDE):
            for to in ((x + 1, y), (x, y + 1)):
                if max(to) < SIDE:
                    a, b = at[x][y], at[to[0]][to[1]]
                    bend = ((a[0] + b[0]) / 2 + rng.uniform(-1, 1) * step / 10, (a[1] + b[1]) / 2)
                    found.append([a, bend, b])
    return found


def _fill(path: Path, now: datetime) -> int:
    """Roads, and for each camera a night's recordings, what was due, its gaps and what its worker told."""
    rng = random.Random(county.SEED)
    db = sqlite3.connect(path)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;")
    (place,) = db.execute("SELECT no FROM places LIMIT 1").fetchone()
    _more_cameras(db, rng)
    roads = _roads(rng)
    rows = [(uuid7().bytes, place, "", str([list(point) for point in road]), 1) for road in roads]
    db.executemany("INSERT INTO roads (id, place_no, name, path, revision) VALUES (?, ?, ?, ?, ?)", rows)
    numbers = [no for (no,) in db.execute("SELECT no FROM cameras ORDER BY no")]
    begin, minute = to_ms(now - timedelta(hours=HOURS)), 60_000
    due = [(no, "sub", "continuous", begin - 86_400_000, None, to_ms(now)) for no in numbers]
    marks = "INSERT INTO recording_due (camera_no, stream, mode, since, until, checked_to) VALUES (?, ?, ?, ?, ?, ?)"
    db.executemany(marks, due)
    gaps, files = [], []
    words: list[tuple[int, str, str | None, str, int]] = []
    for no in numbers:
        down = sorted(begin + rng.randrange(HOURS * 60) * minute for _ in range(2))
        words.append((no, "live", None, "", begin - 86_400_000))
        for at in down:
            gaps.append((no, "sub", at, at + 5 * minute, "unreachable"))
            words += [(no, "backing_off", "unreachable", "", at), (no, "live", None, "", at + 5 * minute)]
        files += [
            (no, "sub", at, at + 10 * minute, "hub", "continuous", "h264", 640, 360, 0, 9000, 10**7)
            for at in range(begin, to_ms(now), 10 * minute)
            if not any(at <= gap < at + 10 * minute for gap in down)
        ]
    db.executemany(
        "INSERT OR IGNORE INTO recording_gaps (camera_no, stream, started_at, ended_at, cause) VALUES (?, ?, ?, ?, ?)",
        gaps,
    )
    db.executemany("INSERT INTO status_history (camera_no, state, reason, detail, since) VALUES (?, ?, ?, ?, ?)", words)
    db.executemany(
        "INSERT INTO segments (camera_no, stream, started_at, ended_at, node, why, codec, width, height, masked, "
        "frames, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        files,
    )
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return len(roads)


def _more_cameras(db: sqlite3.Connection, rng: random.Random) -> None:
    """Copies of the first cameras, somewhere in the county: registered one by one they would take minutes."""
    names = [name for _, name, *_ in db.execute("PRAGMA table_info(cameras)") if name != "no"]
    known = [dict(zip(names, row, strict=True)) for row in db.execute(f"SELECT {', '.join(names)} FROM cameras")]
    villages = [no for (no,) in db.execute("SELECT no FROM places WHERE level = 'village'")]
    rows = []
    for number in range(CAMERAS - len(known)):
        own = {"id": uuid7().bytes, "name": f"copy {number}", "lat": SOUTH + rng.random(), "lon": WEST + rng.random()}
        rows.append({**known[number % len(known)], **own, "village_no": rng.choice(villages)})
    told = ", ".join(f":{name}" for name in names)
    db.executemany(f"INSERT INTO cameras ({', '.join(names)}) VALUES ({told})", rows)


def _index(folder: Path, tz: tzinfo, cameras: list[str], night: list[date]) -> list[Path]:
    """Sealed days of cameras of all kinds, each with two holes in which nobody watched."""
    rng, made = random.Random(county.SEED), []
    for number, kind in enumerate(motion_index.CAMERAS):
        days = []
        for day, whole in zip(night, motion_index.days_of(kind, number), strict=False):
            first, second = sorted(rng.sample(range(whole.length // 600), 2))
            watched = ((0, first * 600), (first * 600 + 300, second * 600), (second * 600 + 300, whole.length))
            days.append((day, seal(whole.cut(watched), bounds(day, tz)[0])))
        made.append(days)
    files = []
    for camera, days in zip(cameras, cycle(made), strict=False):
        place = folder / "motion" / camera
        place.mkdir(parents=True)
        for day, block in days:
            file = place / f"{day}.vmi"
            file.write_bytes(block)
            files.append(file)
    return files


async def _look(at: desk.Desk, case: str, mode: str, minutes: int) -> tuple[float, list[Any]]:
    """Milliseconds of a look near a case, and the cameras of which there is more to tell than where they are."""
    begun = time.perf_counter()
    found = await at.get(f"/cases/{case}/nearby", mode=mode, minutes=minutes)
    return (time.perf_counter() - begun) * 1000, [one for one in found["cameras"] if one["facts"] is not None]


async def _timed(at: desk.Desk, cases: list[str], asked: tuple[tuple[str, int], ...] = ASKED) -> list[float]:
    """Milliseconds of each look near each case."""
    took = []
    for case in cases:
        await at.look_into(case)
        took += [(await _look(at, case, *one))[0] for one in asked]
    return took


async def measure(folder: Path, report: Report, found_at: datetime) -> None:
    """Report at a dozen scenes, ask what is near each; then once more without roads."""
    async with desk.desk(folder, watch=False) as at:
        new = users.NewUser(name="li", password=SecretStr(desk.PASSWORD), role=Role.OFFICER, grants=("220882",))
        await users.create(at.hub.store, new, CONSOLE)
        await at.sign_in()
        rng = random.Random(county.SEED)
        cases, took, held = [], [], 0
        for _ in range(SCENES):
            where = {"lat": SOUTH + rng.uniform(0.2, 0.8), "lon": WEST + rng.uniform(0.2, 0.8)}
            told: dict[str, Any] = {
                "item": "ebike", "where": where, "certainty": "sure", "manner": "stolen",
                "last_seen_at": (found_at - timedelta(hours=HOURS)).isoformat(), "found_at": found_at.isoformat(),
            }  # fmt: skip
            begun = time.perf_counter()
            made = await at.post("/cases/report", told)
            took.append((time.perf_counter() - begun) * 1000)
            held += made["held"]
            cases.append(made["case"]["id"])
        note = f"{held / SCENES:.0f} cameras held each; the first makes the graph: {took[0]:.0f} ms"
        report.add(
            median(
                "report: case opened and footage held, slowest but the first",
                [max(took[1:])],
                "ms",
                at_most(REPORT_MS),
                note=note,
            )
        )
        await _nearby(at, cases, folder, report, found_at)


async def _nearby(at: desk.Desk, cases: list[str], folder: Path, report: Report, found_at: datetime) -> None:
    without = await _timed(at, cases, WIDEST)
    known = await _known(at, cases)
    night = [(found_at - timedelta(days=back)).date() for back in (1, 0)]
    every = sorted({one["camera_id"] for some in known for one in some})
    files = await asyncio.to_thread(_index, folder, at.hub.settings.tz, every, night)
    for file in files:
        await asyncio.to_thread(forget, file)
    many = sum(len(some) for some in known) / SCENES
    told = f"{many:.0f} cameras of the index each, two days; {len(files)} files, {_mb(files):.0f} MB"
    report.add(
        median(
            "first look at a scene: the index read from the disk",
            await _timed(at, cases, WIDEST),
            "ms",
            baseline=median("", without, "ms").value,
            note=f"van, an hour; {told}; baseline: no index",
        )
    )
    if not all(0 < one["facts"]["analysed_s"] < HOURS * 3600 for one in await _public(at, cases)):
        raise RuntimeError("the index was not read")
    await _timed(at, cases)
    by_road = [p95(await _timed(at, cases)) for _ in range(RUNS)]
    db = sqlite3.connect(folder / "hub.db")
    db.execute("DELETE FROM roads")
    db.commit()
    db.close()
    await _timed(at, cases)
    straight = [p95(await _timed(at, cases)) for _ in range(RUNS)]
    report.add(
        median(
            "cameras near a scene over HTTP, p95",
            by_road,
            "ms",
            at_most(NEARBY_MS),
            baseline=median("straight", straight, "ms").value,
            note=f"{CAMERAS:,} cameras, {SIDE * (SIDE - 1) * 2:,} roads, a night; baseline: no roads",
        )
    )


async def _known(at: desk.Desk, cases: list[str]) -> list[list[Any]]:
    """Of each scene the cameras that are told of the most."""
    found = []
    for case in cases:
        await at.look_into(case)
        found.append((await _look(at, case, *WIDEST[0]))[1])
    return found


async def _public(at: desk.Desk, cases: list[str]) -> list[Any]:
    """Those whose watched times no consent cuts."""
    return [one for some in await _known(at, cases) for one in some if one["consent"] == "not_needed"]


def _mb(files: list[Path]) -> float:
    return sum(file.stat().st_size for file in files) / 1e6


def run(report: Report) -> None:
    """Make the county and its roads, and measure."""
    with desk.bench_folder() as folder:
        path = Path(folder) / "hub.db"
        begun = time.monotonic()
        asyncio.run(county.make(path, 0, REGISTERED))
        yesterday = datetime.now(Settings(data_dir=path.parent).tz) - timedelta(days=1)
        found_at = yesterday.replace(hour=MORNING, minute=0, second=0, microsecond=0)
        count = _fill(path, found_at)
        report.say(f"{count:,} roads and {CAMERAS:,} cameras made in {time.monotonic() - begun:.0f} s")
        asyncio.run(measure(path.parent, report, found_at))

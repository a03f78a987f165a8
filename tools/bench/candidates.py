"""A case's trail: a strip of 200 with its pictures over HTTP, and windows at the cameras around among 5,000.

The baseline of the strip is its pictures asked for one by one; that of the windows is the same without roads.
Every look's audit row is committed.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from camera_hub import media
from registry import events, users
from registry.model import Box, EventChange, EventKind, LabelGroup, Role
from registry.users import CONSOLE
from tools.bench import county, desk
from tools.bench.nearby import CAMERAS, HOURS, REGISTERED, SOUTH, WEST, _fill
from tools.bench.report import Report, at_most, median
from tools.bench.search import p95

STRIP = 200
AT_ONCE = 8
"""So many pictures a browser asks for at a time."""
JPEG = b"\xff\xd8\xff"
SCENES = 6
RUNS = 3
ASKED = tuple(
    (way, minutes, back) for way in ("foot", "ebike", "van") for minutes in (20, 60) for back in (False, True)
)
STRIP_MS = 1000.0
HOPS_MS = 500.0


def _change(at: desk.Desk, camera_id: UUID, started: datetime, number: int, jpeg: bytes) -> EventChange:
    identity = uuid7()
    key = media.snapshot_key(identity, 1, started) if jpeg else None
    if key is not None:
        at.hub.media.put(key, jpeg)
    label, group = (("person", LabelGroup.PERSON), ("car", LabelGroup.VEHICLE))[number % 2]
    return EventChange(
        id=identity, revision=1, camera_id=camera_id, kind=EventKind.OBJECT, rule_id="object", rule_name="object",
        scene_revision=0, label=label, group=group, score=0.8, box=Box(0.4, 0.4, 0.5, 0.6), path=((0.45, 0.6),),
        direction=None, started_at=started, updated_at=started + timedelta(seconds=4),
        ended_at=started + timedelta(seconds=5), snapshot=key, snapshot_bytes=len(jpeg),
        snapshot_at=started if jpeg else None, node=at.hub.node, model="bench", clock_offset_ms=0,
    )  # fmt: skip


def _jpeg() -> bytes:
    picture = np.random.default_rng(county.SEED).integers(0, 255, (36, 64, 3), dtype=np.uint8)
    return media.encode_jpeg(np.kron(picture, np.ones((10, 10, 1), dtype=np.uint8)))


async def _one_by_one(at: desk.Desk, urls: list[str]) -> None:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(url: str) -> None:
        async with turns, at.stream(url) as answer:
            await answer.read()

    await asyncio.gather(*(one(url) for url in urls))


async def _strip(at: desk.Desk, path: str, *, together: bool) -> tuple[float, float]:
    """Milliseconds until the list is there, and until all its pictures are: as one sheet, or one by one."""
    begun = time.perf_counter()
    found = (await at.get(path))["candidates"]
    listed = time.perf_counter()
    if len(found) != STRIP or any(one["snapshot_url"] is None for one in found):
        raise RuntimeError(f"not {STRIP} pictures")
    if together:
        body = {"event_ids": [one["event_id"] for one in found], "width": 320}
        async with at.stream("/api/v1/events/pictures", body) as answer:
            if (pictures := (await answer.read()).count(JPEG)) != STRIP:
                raise RuntimeError(f"{pictures} pictures in place of {STRIP}")
    else:
        await _one_by_one(at, [one["snapshot_url"] for one in found])
    return (listed - begun) * 1000, (time.perf_counter() - begun) * 1000


async def _report(at: desk.Desk, where: dict[str, float], now: datetime) -> str:
    told: dict[str, Any] = {
        "item": "ebike", "where": where, "certainty": "sure", "manner": "stolen",
        "last_seen_at": (now - timedelta(hours=HOURS)).isoformat(), "found_at": now.isoformat(),
    }  # fmt: skip
    return str((await at.post("/cases/report", told))["case"]["id"])


async def measure(folder: Path, report: Report) -> None:
    """Fill a strip, star one of it at each of some scenes, and ask what is around."""
    async with desk.desk(folder, watch=False) as at:
        new = users.NewUser(name="li", password=SecretStr(desk.PASSWORD), role=Role.OFFICER, grants=("220882",))
        await users.create(at.hub.store, new, CONSOLE)
        await at.sign_in()
        rng, now, jpeg = random.Random(county.SEED), at.hub.store.clock(), _jpeg()
        asked: list[tuple[str, str]] = []
        for number in range(SCENES):
            where = {"lat": SOUTH + rng.uniform(0.2, 0.8), "lon": WEST + rng.uniform(0.2, 0.8)}
            case = await _report(at, where, now)
            await at.look_into(case)
            near = (await at.get(f"/cases/{case}/nearby", mode="van", minutes=20))["cameras"]
            own = [UUID(one["camera_id"]) for one in near if one["kind"] != "civilian"][:40]
            begun = now - timedelta(hours=HOURS - 1)
            first = STRIP if number == 0 else 1
            changes = [_change(at, own[0], begun + timedelta(seconds=150 * n), n, jpeg) for n in range(first)]
            for camera_id in own[1:]:
                changes += [
                    _change(at, camera_id, begun + timedelta(seconds=rng.randrange(40_000)), n, b"") for n in range(40)
                ]
            await events.record(at.hub.store, changes)
            thing = f"event:{changes[0].id}"
            await at.post(f"/cases/{case}/decisions", {"thing": thing, "decision": "star", "expected_revision": 0})
            asked.append((case, thing))
            if number == 0:
                await _strips(at, case, own[0], report)
        await _windows(at, asked, folder, report)


async def _strips(at: desk.Desk, case: str, camera_id: UUID, report: Report) -> None:
    path = f"/cases/{case}/candidates/{camera_id}"
    await _strip(at, path, together=True)
    took = [await _strip(at, path, together=True) for _ in range(2 * RUNS - 1)]
    plain = [await _strip(at, path, together=False) for _ in range(2 * RUNS - 1)]
    report.add(median("strip of 200, listed", [one for one, _ in took], "ms"))
    report.add(
        median(
            "strip of 200 with its pictures, over HTTP",
            [one for _, one in took],
            "ms",
            at_most(STRIP_MS),
            baseline=median("", [one for _, one in plain], "ms").value,
            note=f"pictures of 640×360 as one sheet, 320 wide; baseline: as they are, {AT_ONCE} at a time",
        )
    )


async def _windows(at: desk.Desk, asked: list[tuple[str, str]], folder: Path, report: Report) -> None:
    async def timed() -> list[float]:
        took = []
        for case, thing in asked:
            await at.look_into(case)
            for way, minutes, back in ASKED:
                begun = time.perf_counter()
                query = {"sighting": thing, "way": way, "minutes": minutes, "backwards": str(back).lower()}
                await at.get(f"/cases/{case}/hops", **query)
                took.append((time.perf_counter() - begun) * 1000)
        return took

    cold = await timed()
    by_road = [p95(await timed()) for _ in range(RUNS)]
    db = sqlite3.connect(folder / "hub.db")
    db.execute("DELETE FROM roads")
    db.commit()
    db.close()
    await timed()
    straight = [p95(await timed()) for _ in range(RUNS)]
    report.add(
        median(
            "windows at the cameras around a sighting, p95",
            by_road,
            "ms",
            at_most(HOPS_MS),
            baseline=median("", straight, "ms").value,
            note=f"{CAMERAS:,} cameras, a county's roads; slowest first look (it makes the ways): {max(cold):.0f} ms; "
            "baseline: no roads",
        )
    )


def _place_all(path: Path) -> None:
    """What the policy asks of a place, told of every camera as of the first."""
    db = sqlite3.connect(path)
    names = [name for _, name, *_ in db.execute("PRAGMA table_info(placements)") if name not in {"no", "camera_no"}]
    told = ", ".join(names)
    some = ", ".join(f"one.{name}" for name in names)
    db.execute(
        f"INSERT INTO placements (camera_no, {told}) SELECT cameras.no, {some} FROM cameras, "
        "(SELECT * FROM placements LIMIT 1) AS one WHERE cameras.no NOT IN (SELECT camera_no FROM placements)"
    )
    db.commit()
    db.close()


def run(report: Report) -> None:
    """Make the county and its roads, and measure."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        path = Path(folder) / "hub.db"
        begun = time.monotonic()
        asyncio.run(county.make(path, 0, REGISTERED))
        count = _fill(path, datetime.now().astimezone())
        _place_all(path)
        report.say(f"{count:,} roads and {CAMERAS:,} cameras made in {time.monotonic() - begun:.0f} s")
        asyncio.run(measure(path.parent, report))

"""Search over a million events on SQLite: a page of 50, in process and over HTTP, and a month's histogram.

Every look's audit row is committed. Over HTTP the client's own work, in the same process, is in the figure.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from registry import cameras, events, places, units, users
from registry.events import EventQuery
from registry.model import Access, Camera, Level, Role, UnitKind
from registry.scope import EVERYTHING
from registry.store import Store
from registry.units import NewUnit
from registry.users import CONSOLE
from tools.bench import county, desk
from tools.bench.report import Report, at_most, median

EVENTS = 1_000_000
CAMERAS = 5000
SQUADRON = 250
"""Villages of a squadron, in five groups."""
LOOKS = 60
RUNS = 3
PAGE_MS = 20.0
HTTP_MS = 40.0
HISTOGRAM_MS = 300.0

Ask = Callable[[random.Random], dict[str, Any]]


class Asks:
    """The questions: each makes the filters of one look from a random generator."""

    def __init__(self, villages: list[str], townships: list[str], found: tuple[Camera, ...], store: Store) -> None:
        self.villages, self.townships, self.cameras, self.store = villages, townships, found, store

    def village(self, rng: random.Random) -> dict[str, Any]:
        return {"place": [rng.choice(self.villages)]}

    def township(self, rng: random.Random) -> dict[str, Any]:
        return {"place": [rng.choice(self.townships)]}

    def night(self, rng: random.Random) -> dict[str, Any]:
        del rng
        return {"night_from": "22:00", "night_to": "04:30"}

    def village_at_night(self, rng: random.Random) -> dict[str, Any]:
        return {**self.village(rng), **self.night(rng)}

    def ten_minutes_of_the_night(self, rng: random.Random) -> dict[str, Any]:
        hour = rng.choice(("01", "02", "03"))
        return {"night_from": f"{hour}:10", "night_to": f"{hour}:20"}

    def rare_label(self, rng: random.Random) -> dict[str, Any]:
        return {"label": [rng.choice(("sheep", "cow"))]}

    def group(self, rng: random.Random) -> dict[str, Any]:
        return {"group": [rng.choice(("person", "vehicle", "animal"))]}

    def village_and_rare_label(self, rng: random.Random) -> dict[str, Any]:
        return {**self.village(rng), **self.rare_label(rng)}

    def township_animals_at_night(self, rng: random.Random) -> dict[str, Any]:
        return {**self.township(rng), **self.night(rng), "group": ["animal"]}

    def twelve_cameras(self, rng: random.Random) -> dict[str, Any]:
        return {"camera": [str(one.id) for one in rng.sample(self.cameras, 12)]}

    def near(self, rng: random.Random) -> dict[str, Any]:
        one = rng.choice(self.cameras)
        return {"near": f"{one.lat:.5f},{one.lon:.5f}", "radius_m": rng.choice((1000, 5000, 15000))}

    def everything(self, rng: random.Random) -> dict[str, Any]:
        return {"order": rng.choice(("newest", "oldest"))}

    def one_day(self, rng: random.Random) -> dict[str, Any]:
        since = self.store.clock() - timedelta(days=rng.randrange(2, 29))
        return {**self.village(rng), "since": since.isoformat(), "until": (since + timedelta(days=1)).isoformat()}

    def far_page(self, rng: random.Random) -> dict[str, Any]:
        """Somewhere in the middle of the month, as if many pages had been turned."""
        before = self.store.clock() - timedelta(days=rng.randrange(2, 29))
        return {"until": before.isoformat(), "night_from": "22:00", "night_to": "04:30"}

    def all(self) -> list[tuple[str, Ask]]:
        """Every question by name."""
        return [
            (name.replace("_", " "), getattr(self, name))
            for name in vars(type(self))
            if not name.startswith("_") and name != "all"
        ]


async def _timed(look: Callable[[dict[str, Any]], Awaitable[object]], ask: Ask, seed: int) -> list[float]:
    """Milliseconds of LOOKS looks."""
    rng, took = random.Random(seed), []
    for _ in range(LOOKS):
        filters = ask(rng)
        begun = time.perf_counter()
        await look(filters)
        took.append((time.perf_counter() - begun) * 1000)
    return took


def p95(values: list[float]) -> float:
    """The value that 95 in 100 stay below."""
    return statistics.quantiles(values, n=100, method="inclusive")[94]


async def _of_squadron(store: Store, villages: list[str]) -> Access:
    """An officer who is granted a squadron, whose five groups share the villages."""
    name = f"squadron{time.time_ns()}"
    top = await units.create(store, NewUnit(kind=UnitKind.SQUADRON, name=name), CONSOLE)
    for number in range(5):
        group = NewUnit(kind=UnitKind.GROUP, name=str(number), parent_id=top.id, villages=tuple(villages[number::5]))
        await units.create(store, group, CONSOLE)
    access = await county.signed_in(store, name, ("220882",))
    user = await users.set_grants(store, access.actor.user.id, (), CONSOLE, [top.id])
    return replace(access, actor=replace(access.actor, user=user))


async def measure(path: Path, report: Report) -> None:
    """Measure on the county database at `path`."""
    store = await Store.open(county.url(path))
    villages = [one.code for one in await places.list_places(store, level=Level.VILLAGE)]
    townships = [one.code for one in await places.list_places(store, level=Level.TOWNSHIP)]
    asks = Asks(villages, townships, await cameras.list_cameras(store, EVERYTHING), store)
    whole = await county.signed_in(store, f"county{time.time_ns()}", ("220882",))
    station = await county.signed_in(store, f"station{time.time_ns()}", tuple(townships[:12]))
    squadron = await _of_squadron(store, villages[:SQUADRON])
    scopes = (("county", whole), ("12 townships", station), (f"a squadron of {SQUADRON} villages", squadron))
    try:
        for who, access in scopes:
            for name, ask in asks.all():
                if access is station and name not in ("night", "rare label", "everything", "group"):
                    continue

                async def page(filters: dict[str, Any], access: Access = access) -> object:
                    return await events.search(store, access, EventQuery(**filters))

                await _timed(page, ask, seed=0)
                runs = [p95(await _timed(page, ask, seed)) for seed in range(1, RUNS + 1)]
                figure = median(f"page of 50, {name}, scope {who}, p95", runs, "ms", at_most(PAGE_MS))
                report.add(figure)
        for name, ask, target in (
            ("a village", asks.village, at_most(HISTOGRAM_MS)),
            ("a village at night", asks.village_at_night, at_most(HISTOGRAM_MS)),
            ("a township", asks.township, None),
            ("the county", asks.everything, None),
        ):

            async def count(filters: dict[str, Any]) -> object:
                return await events.histogram(store, whole, EventQuery(**filters), "hour")

            rng = random.Random(SEED)
            runs = []
            for _ in range(RUNS if name == "the county" else 30):
                begun = time.perf_counter()
                await count(ask(rng))
                runs.append((time.perf_counter() - begun) * 1000)
            worst = p95(runs) if target else statistics.median(runs)
            report.add(median(f"histogram of 30 days, {name}, {'p95' if target else 'median'}", [worst], "ms", target))
    finally:
        await store.close()


async def over_http(folder: Path, report: Report) -> None:
    """Measure pages asked for over HTTP of a hub on the county database in `folder`."""
    async with desk.desk(folder, watch=False) as at:
        store = at.hub.store
        new = users.NewUser(name="li", password=SecretStr(desk.PASSWORD), role=Role.OFFICER, grants=("220882",))
        await users.create(store, new, CONSOLE)
        await at.sign_in()
        now = store.clock()
        begin, end = now - timedelta(days=county.DAYS), now + timedelta(hours=1)
        case = await at.open_case("BENCH-1", begin, end, place="220882")
        await at.look_into(case["id"])
        villages = [one.code for one in await places.list_places(store, level=Level.VILLAGE)]
        townships = [one.code for one in await places.list_places(store, level=Level.TOWNSHIP)]
        asks = Asks(villages, townships, await cameras.list_cameras(store, EVERYTHING), store)

        async def page(filters: dict[str, Any]) -> object:
            return await at.get("/events", **filters)

        for name, ask in asks.all():
            await _timed(page, ask, seed=0)
            runs = [p95(await _timed(page, ask, seed)) for seed in range(1, RUNS + 1)]
            report.add(median(f"page of 50 over HTTP, {name}, p95", runs, "ms", at_most(HTTP_MS)))


SEED = county.SEED


def run(report: Report) -> None:
    """Make the county, a million events, and measure."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        path = Path(folder) / "hub.db"
        begun = time.monotonic()
        asyncio.run(county.make(path, EVENTS, CAMERAS))
        took, size = time.monotonic() - begun, path.stat().st_size / 1e6
        report.say(f"{EVENTS:,} events of {CAMERAS:,} cameras made in {took:.0f} s, {size:,.0f} MB")
        asyncio.run(measure(path, report))
        asyncio.run(over_http(path.parent, report))

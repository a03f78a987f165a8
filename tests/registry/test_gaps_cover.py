"""Whatever happens in whatever order: what was due is recorded or a gap, never both, and nothing else is a gap."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import cameras, devices, places, recordings
from registry.cameras import CameraChange
from registry.columns import to_ms
from registry.model import Camera, Reason, State
from registry.recordings.trimming import TOLERANCE_MS
from registry.spans import Ms, common, joined, length, minus
from registry.store import Store
from registry.tables import recording_due, recording_gaps, segments
from registry.users import CONSOLE
from registry.vault import Vault
from tests.registry.county import NOON, PLACES, Clock, County
from tests.registry.recordings_of import round_of, say, segment

STATES = ((State.LIVE, None), (State.STALLED, Reason.STALLED), (State.BACKING_OFF, Reason.UNREACHABLE))
SEGMENT = st.tuples(st.just("segment"), st.integers(-400, 60), st.integers(1, 90))
"""Told now: began so many seconds after the minute (late ones before it), and is so long."""
STATE = st.tuples(st.just("state"), st.integers(-50, 0), st.integers(0, len(STATES) - 1))
SWITCH = st.tuples(st.just("enabled"), st.integers(0, 1), st.just(0))
MINUTES = st.lists(st.lists(st.one_of(SEGMENT, SEGMENT, STATE, SWITCH), max_size=4), min_size=3, max_size=10)
TURNS = st.lists(st.sampled_from([20, 60, 60, 60, 61, 300, 1200, -30, -600]), min_size=10, max_size=10)


async def lived(folder: Path, minutes: list[list[tuple[str, int, int]]], turns: list[int]) -> None:
    clock = Clock()
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'hub.db'}", clock=clock)
    try:
        county = County(store, Vault(bytes(32)), clock)
        for code, name in PLACES:
            await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
        new = devices.NewDevice(name="NVR", host="10.0.0.5")
        county.device_id = (await devices.create(store, county.vault, new, CONSOLE)).id
        camera = await county.camera()
        await round_of(store)
        for happens, turn in zip(minutes, turns, strict=False):
            clock.turn(seconds=turn)
            for what, first, second in happens:
                await act(county, camera, what, first, second)
            await round_of(store)
            await compare(store)
    finally:
        await store.close()


async def act(county: County, camera: Camera, what: str, first: int, second: int) -> None:
    now = county.clock.now
    if what == "segment":
        await recordings.record(county.store, [segment(camera, now + timedelta(seconds=first), second)])
    elif what == "state":
        await say(county.store, camera, now + timedelta(seconds=first), *STATES[second])
    else:
        await cameras.change(county.store, county.vault, camera.id, CameraChange(enabled=bool(first)), CONSOLE)


async def compare(store: Store) -> None:
    async with store.read() as conn:
        due_rows = (await conn.execute(sa.select(recording_due))).all()
        gap_rows = (await conn.execute(sa.select(recording_gaps))).all()
        segment_rows = (await conn.execute(sa.select(segments))).all()
    due = joined((to_ms(row.since), to_ms(row.until or row.checked_to)) for row in due_rows)
    gaps: list[Ms] = [(to_ms(row.started_at), to_ms(row.ended_at)) for row in gap_rows]
    there = [(to_ms(row.started_at), to_ms(row.ended_at)) for row in segment_rows]
    assert all(begin < end for begin, end in gaps)
    assert length(joined(gaps)) == length(gaps), "gaps overlap"
    assert common(gaps, there) == [], "recorded, and a gap"
    assert minus(gaps, due) == [], "a gap that was not due"
    unexplained = [one for one in minus(minus(due, there), gaps) if one[1] - one[0] > TOLERANCE_MS]
    assert unexplained == [], [(a - to_ms(NOON), b - to_ms(NOON)) for a, b in unexplained]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MINUTES, TURNS)
def test_gaps_and_segments_cover_what_was_due(
    empty_registry: Path, minutes: list[list[tuple[str, int, int]]], turns: list[int]
) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(empty_registry, Path(folder) / "hub.db")
        asyncio.run(lived(Path(folder), minutes, turns))

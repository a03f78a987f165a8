"""Lanes over HTTP: several cameras at once, as each by itself; what is refused of one is told with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from registry import audit, recordings
from registry.cameras import get
from registry.model import PurposeKind, Role
from registry.recordings import recorded
from registry.recordings.model import SegmentChange, Why
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.api.conftest import World, both_engines
from tests.api.test_recordings import stamp
from tests.registry.recordings_of import segment

HOUR = timedelta(hours=1)


async def fill(world: World, camera: str, begin: datetime) -> None:
    """Two days of ten-minute files with breaks of every sort, the last one still being written."""
    one = await get(world.hub.store, world.county.cameras[camera], EVERYTHING)
    made: list[SegmentChange] = []
    for number in range(2 * 144):
        if number in (7, 50, 51, 120):
            continue
        seconds: float | None = {30: 400, 31: 599.995, 287: None}.get(number, 600)
        odd: dict[str, Any] = {"codec": "hevc"} if number == 90 else {"why": Why.EVENT} if number >= 200 else {}
        made.append(segment(one, begin + number * timedelta(minutes=10), seconds, **odd))
    await recordings.record(world.hub.store, made)


@both_engines
async def test_lanes_say_what_each_timeline_says_and_what_happened(world: World, monkeypatch: Any) -> None:
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 48 * HOUR
    await fill(world, "gate", begin)
    event_id = await world.event(started_at=begin + HOUR)
    gate, yard, far = (str(world.county.cameras[name]) for name in ("gate", "yard", "far"))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    until = datetime.now(UTC).replace(microsecond=0)
    asked = {"from": stamp(begin), "to": stamp(until)}
    query = [("camera", gate), ("camera", yard), ("camera", far), *asked.items()]
    told = await officer.get("/api/v1/lanes", params=query)
    first, second, third = told["lanes"]
    assert [(one["camera_id"], one["refused"]) for one in told["lanes"]] == [
        (gate, None), (yard, "recording_no_consent"), (far, "camera_unknown"),
    ]  # fmt: skip
    assert (second["recordings"], third["recordings"], told["bucket"]) == (None, None, "hour")
    assert first["counts"] == [{"start": stamp(begin + HOUR), "by_group": {"person": 1}}]
    rows = await audit.list_rows(world.hub.store, CONSOLE)
    listed = next(row for row in rows if row.action == "recording.list")
    assert {str(one) for one in listed.cameras} == {gate, yard}
    # Summed by the hour or read file by file, it is the same.
    monkeypatch.setattr(recorded, "SUMMED_MS", 10**12)
    alone = await officer.get(f"/api/v1/cameras/{gate}/recordings", params=asked)
    assert first["recordings"]["spans"][:-1] == alone["spans"][:-1]
    assert len(alone["spans"]) == 8
    day = [("camera", gate), ("from", stamp(begin)), ("to", stamp(begin + 12 * HOUR))]
    near = (await officer.get("/api/v1/lanes", params=day))["lanes"][0]
    assert [(one["id"], one["group"]) for one in near["marks"]] == [(str(event_id), "person")]


async def test_too_many_cameras_or_days_are_refused(world: World) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    gate, now = str(world.county.cameras["gate"]), datetime.now(UTC)
    span = [("from", stamp(now - HOUR)), ("to", stamp(now))]
    many = [("camera", f"018f3b7a-0000-7000-8000-{number:012}") for number in range(13)]
    for query in ([*many, *span], span, [("camera", gate), ("from", stamp(now - 800 * HOUR)), span[1]]):
        assert (await officer.ask("GET", "/api/v1/lanes", params=query)).status == 422
    beyond = [("camera", gate), ("from", stamp(now - 9000 * HOUR)), ("to", stamp(now - 8990 * HOUR))]
    assert (await officer.ask("GET", "/api/v1/lanes", params=beyond)).code == (403, "beyond_case")

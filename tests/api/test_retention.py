"""Purges and what open cases are about to lose, over HTTP; days the law does not allow are refused by code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry import cameras, cases, events, recordings, users
from registry.ages import Overdue
from registry.cases import NewCase
from registry.model import Role
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.registry.recordings_of import segment

from .conftest import VILLAGE, World, both_engines

API = "/api/v1"


async def test_purges_are_told_to_those_who_watch_over_the_hub(world: World) -> None:
    monitor = await world.client(Role.MONITOR)
    assert (await monitor.get(f"{API}/purges"))["purges"] == []
    await world.event(started_at=datetime.now(UTC) - timedelta(days=40))
    gate = await cameras.get(world.hub.store, world.county.cameras["gate"], EVERYTHING)
    await events.expire(world.hub.store, Overdue(datetime.now(UTC), (gate.no,)))
    (told,) = (await monitor.get(f"{API}/purges"))["purges"]
    assert (told["what"], told["cause"], told["count"], told["cameras"], told["early"]) == ("events", "age", 1, 1, 0)
    assert (await monitor.get(f"{API}/purges?before={told['audit_no']}"))["purges"] == []
    assert (await monitor.ask("GET", f"{API}/purges?limit=100000")).status == 422


@both_engines
async def test_footage_a_case_points_at_is_told_and_held_in_one_step(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    then = datetime.now(UTC) - timedelta(days=29)
    gate = await cameras.get(world.hub.store, world.county.cameras["gate"], EVERYTHING)
    await recordings.record(world.hub.store, [segment(gate, then, 60)])
    window = {"starts_at": then - timedelta(hours=1), "ends_at": then + timedelta(hours=1)}
    await officer.post(f"{API}/cases/{world.county.case}/close", None, 200)
    chief = (await users.by_name(world.hub.store, Role.OFFICER.value)).id
    new = NewCase(number="A-9", title="丢羊", places=(VILLAGE,), responsible_id=chief, **window)
    await cases.create(world.hub.store, new, CONSOLE)
    (told,) = (await officer.get(f"{API}/recordings/expiring"))["cases"]
    assert (told["case_number"], [one["name"] for one in told["cameras"]]) == ("A-9", ["gate"])
    body: dict[str, Any] = {"camera_ids": [one["camera_id"] for one in told["cameras"]]}
    body |= {"from": told["since"], "to": told["until"]}
    body["expires_at"] = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    await officer.post(f"{API}/cases/{told['case_id']}/holds", body)
    assert (await officer.get(f"{API}/recordings/expiring"))["cases"] == []
    monitor = await world.client(Role.MONITOR)
    assert (await monitor.ask("GET", f"{API}/recordings/expiring")).code == (403, "role")


@pytest.mark.parametrize(
    ("camera", "given", "code"),
    [
        ("gate", {"record_days": 7}, "below_floor"),
        ("gate", {"event_days": 29}, "below_floor"),
        ("yard", {"record_days": 31}, "above_ceiling"),
        ("yard", {"event_days": 31}, "above_ceiling"),
    ],
)
async def test_days_the_law_does_not_allow_are_refused(
    world: World, camera: str, given: dict[str, int], code: str
) -> None:
    technician = await world.client(Role.TECHNICIAN)
    path = f"{API}/cameras/{world.county.cameras[camera]}"
    answer = await technician.ask("PATCH", path, json=given)
    assert answer.status == 422
    assert [(one["path"], one["code"]) for one in answer.body["fields"]] == [(f"body.{next(iter(given))}", code)]
    fine = dict.fromkeys(given, 30)
    assert (await technician.ask("PATCH", path, json=fine)).status == 200

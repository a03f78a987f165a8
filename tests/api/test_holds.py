"""Gaps, usage and holds over HTTP, and how a camera is to be recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from registry import cameras, recordings
from registry.model import Role
from registry.recordings import due
from registry.recordings.gaps import reconcile
from registry.scope import EVERYTHING
from tests.registry.recordings_of import POLICY, segment

from .conftest import World, both_engines

API = "/api/v1"


async def compared(world: World) -> None:
    """A round of the comparison: two minutes ago the gate's recording was due, and nothing was recorded since."""
    store = world.hub.store
    clock = store.clock
    for ago in (180, 0):
        store.clock = lambda ago=ago: datetime.now(UTC) - timedelta(seconds=ago)
        await reconcile(store, POLICY, await due.wanted(store, POLICY), reach={})
    store.clock = clock


async def test_what_is_missing_is_told_to_those_who_watch_over_it(world: World) -> None:
    await compared(world)
    monitor = await world.client(Role.MONITOR)
    told = await monitor.get(f"{API}/recordings/gaps")
    by_name = {one["name"]: one for one in told["cameras"]}
    gate = by_name["gate"]
    assert (gate["stream"], gate["rate"], gate["open"]["cause"]) == ("sub", 0.0, "lost")
    assert set(told["causes"]) == {"lost"}
    one = await monitor.get(f"{API}/recordings/gaps?camera={gate['camera_id']}")
    assert [gap["lasts"] for gap in one["listed"]] == [True]
    assert (await monitor.ask("GET", f"{API}/recordings/gaps?camera={world.county.cameras['far']}")).status == 404
    assert (await monitor.ask("GET", f"{API}/recordings/gaps?cause=boredom")).status == 422
    assert (await monitor.ask("GET", f"{API}/recordings/gaps?limit=100000")).status == 422
    used = await monitor.get(f"{API}/recordings/usage")
    assert (used["bytes"], used["writing"], used["oldest"], used["days_left_estimate"]) == (0, 0, None, None)


@both_engines
async def test_a_hold_is_made_listed_and_released(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    now = datetime.now(UTC)
    gate = await cameras.get(world.hub.store, world.county.cameras["gate"], EVERYTHING)
    await recordings.record(world.hub.store, [segment(gate, now - timedelta(hours=1), 60)])
    path = f"{API}/cases/{world.county.case}/holds"
    body: dict[str, Any] = {
        "camera_ids": [str(gate.id)],
        "from": (now - timedelta(hours=2)).isoformat(),
        "to": now.isoformat(),
        "expires_at": (now + timedelta(days=60)).isoformat(),
        "reason": "丢羊",
    }
    made = await officer.post(path, body)
    assert (made["case_number"], made["active"], made["cameras"][0]["name"]) == ("A-2026-1", True, "gate")
    assert {"from", "to"} <= set(made)
    assert (await officer.get(f"{API}/holds?case={world.county.case}"))["holds"] == [made]
    assert (await officer.get(f"{API}/holds?case={uuid4()}"))["holds"] == []
    assert (await officer.get(f"{API}/recordings/usage"))["held_bytes"] == 1000
    for wrong in (
        {"camera_ids": []},
        {"camera_ids": [str(uuid4()) for _ in range(201)]},
        {"to": body["from"]},
        {"expires_at": body["from"]},
        {"expires_at": "soon"},
        {"more": 1},
    ):
        assert (await officer.ask("POST", path, json={**body, **wrong})).status == 422, wrong
    far = str(world.county.cameras["far"])
    assert (await officer.ask("POST", path, json={**body, "camera_ids": [far]})).code == (404, "camera_unknown")
    monitor = await world.client(Role.MONITOR)
    assert (await monitor.ask("POST", path, json=body)).status == 403
    assert (await monitor.ask("GET", f"{API}/holds")).status == 403
    assert (await officer.ask("DELETE", f"{API}/holds/{made['id']}")).status == 422
    released = await officer.ask("DELETE", f"{API}/holds/{made['id']}?reason=over")
    assert (released.status, released.body["active"]) == (200, False)
    assert (await officer.ask("DELETE", f"{API}/holds/{uuid4()}?reason=over")).code == (404, "hold_unknown")


async def test_how_a_camera_is_recorded_is_set_changed_and_on_record(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    path = f"{API}/cameras/{world.county.cameras['gate']}"
    before = await officer.get(path)
    assert (before["record_mode"], before["record_stream"], before["record_days"]) == (None, None, None)
    assert before["status"]["recording"] is None
    revision = await world.hub.store.revision()
    wanted = {"record_mode": "on_event", "record_stream": "both", "record_days": 45, "expected_revision": 1}
    changed = await officer.ask("PATCH", path, json=wanted)
    assert (changed.body["record_mode"], changed.body["record_days"], changed.body["revision"]) == ("on_event", 45, 2)
    assert await world.hub.store.revision() > revision
    assert (await officer.ask("PATCH", path, json=wanted)).code == (409, "camera_stale")
    (last, *_) = (await officer.get(f"{path}/changes"))["changes"]
    assert {one["field"]: (one["old"], one["new"]) for one in last["changed"]}["record_days"] == (None, 45)
    back = await officer.ask("PATCH", path, json={"record_mode": None, "record_days": None})
    assert (back.body["record_mode"], back.body["record_stream"]) == (None, "both")
    early = await officer.ask("PATCH", path, json={"record_days": 3})
    assert early.status == 422, "the policy keeps what a public camera records for 30 days"
    for wrong in ({"record_mode": "always"}, {"record_days": 0}, {"record_days": 4000}, {"record_stream": "third"}):
        assert (await officer.ask("PATCH", path, json=wrong)).status == 422, wrong

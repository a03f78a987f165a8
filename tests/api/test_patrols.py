"""Patrols over HTTP: begun, walked, marked with pictures, ended, and what each role may of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry import tokens, users
from registry.cameras import record_status
from registry.errors import Conflict, Unavailable
from registry.model import PurposeKind, Reason, Role, State, StatusChange, Stream
from registry.patrols import marking

from .conftest import JPEG, Client, World, both_engines

API = "/api/v1"


class Relay:
    """A relay that has one picture, or a reason why not."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self._refusal = refusal

    async def picture(self, camera_no: int, camera_id: UUID, stream: Stream) -> bytes:
        del camera_no, camera_id, stream
        if self._refusal is not None:
            raise self._refusal
        return JPEG


async def live(world: World, *names: str, state: State = State.LIVE, reason: Reason | None = None) -> None:
    for name in names:
        at = datetime.now(UTC)
        told = StatusChange(
            camera_id=world.county.cameras[name],
            state=state,
            reason=reason,
            detail="",
            since=at,
            codec="h264",
            width=640,
            height=360,
            fps=15.0,
            last_frame_at=at,
        )
        await record_status(world.hub.store, [told])


def ids(world: World, *names: str) -> list[str]:
    return [str(world.county.cameras[name]) for name in names]


async def begun(world: World, client: Client, *names: str) -> dict[str, Any]:
    got: dict[str, Any] = await client.post(f"{API}/patrols", {"camera_ids": ids(world, *names), "reason": "夜班"})
    return got


@both_engines
async def test_a_patrol_is_begun_walked_marked_and_ended(world: World) -> None:
    world.hub.live = Relay()  # type: ignore[assignment] # only its pictures are asked for
    await live(world, "gate")
    monitor = await world.client(Role.MONITOR)
    assert (await monitor.ask("GET", f"{API}/events")).code == (403, "purpose_required")
    patrol = await begun(world, monitor, "gate", "yard")
    assert (patrol["due"], patrol["done"], patrol["rate"], patrol["plan"]) == (2, 0, 0.0, None)
    assert [one["state"] for one in patrol["cameras"]] == ["live", "idle"]
    assert [one["refused"] for one in patrol["cameras"]] == [None, "live_no_consent"]
    assert (await monitor.get(f"{API}/session"))["purpose"]["id"] == patrol["purpose_id"]
    await monitor.get(f"{API}/events")

    path, gate = f"{API}/patrols/{patrol['id']}", ids(world, "gate")[0]
    marked = await monitor.post(f"{path}/marks", {"camera_id": gate, "verdict": "normal", "note": "无异常"})
    assert (marked["verdict"], marked["by"], marked["snapshot_why"]) == ("normal", "monitor", "")
    picture = await monitor.ask("GET", marked["snapshot_url"], raw=True)
    assert (picture.status, picture.body) == (200, JPEG)
    (listed,) = (await monitor.get(f"{path}/marks"))["marks"]
    assert "ticket=" in listed["snapshot_url"]
    assert (await monitor.ask("GET", listed["snapshot_url"], raw=True)).body == JPEG
    assert (await monitor.get(path))["rate"] == 0.5

    ended = await monitor.ask("POST", f"{path}/end", json={"handover": "东口灯坏了"})
    assert (ended.status, ended.body["rate"], ended.body["handover"]) == (200, 0.5, "东口灯坏了")
    assert (await monitor.ask("GET", f"{API}/events")).code == (403, "purpose_closed")
    again = await monitor.ask("POST", f"{path}/marks", json={"camera_id": gate, "verdict": "normal"})
    assert again.code == (403, "purpose_closed")
    next_one = await begun(world, monitor, "gate")
    assert next_one["handover_before"]["note"] == "东口灯坏了"
    (open_one,) = (await monitor.get(f"{API}/patrols?open=true&mine=true"))["patrols"]
    assert open_one["id"] == next_one["id"]
    assert len((await monitor.get(f"{API}/patrols"))["patrols"]) == 2


@both_engines
async def test_a_mark_that_is_sent_again_is_kept_once(world: World) -> None:
    world.hub.live = Relay()  # type: ignore[assignment] # only its pictures are asked for
    await live(world, "gate")
    monitor = await world.client(Role.MONITOR)
    patrol = await begun(world, monitor, "gate")
    path, gate = f"{API}/patrols/{patrol['id']}/marks", ids(world, "gate")[0]
    mark = {"id": str(uuid4()), "camera_id": gate, "verdict": "suspicious", "incident": {"title": "可疑车辆"}}
    first = await monitor.post(path, mark)
    await live(world, "gate", state=State.BACKING_OFF, reason=Reason.UNREACHABLE)
    assert await monitor.post(path, mark) == first
    assert first["id"] == mark["id"]
    assert [one["id"] for one in (await monitor.get(path))["marks"]] == [mark["id"]]
    assert (await monitor.get(f"{API}/incidents"))["going"] == 1


@both_engines
async def test_a_mark_that_is_sent_twice_at_once_is_kept_once(world: World) -> None:
    both = asyncio.Barrier(2)

    class Meeting(Relay):
        async def picture(self, camera_no: int, camera_id: UUID, stream: Stream) -> bytes:
            await both.wait()
            return await super().picture(camera_no, camera_id, stream)

    world.hub.live = Meeting()  # type: ignore[assignment] # only its pictures are asked for
    await live(world, "gate")
    monitor = await world.client(Role.MONITOR)
    patrol = await begun(world, monitor, "gate")
    path = f"{API}/patrols/{patrol['id']}/marks"
    mark = {"id": str(uuid4()), "camera_id": ids(world, "gate")[0], "verdict": "normal"}
    one, other = await asyncio.gather(monitor.post(path, mark), monitor.post(path, mark))
    assert one == other
    assert len(list(world.hub.media.keys())) == 1


@pytest.mark.parametrize(
    ("relay", "why"),
    [
        (None, "not_watching"),
        (Relay(Conflict("not live", code="not_live")), "not_live"),
        (Relay(Unavailable("none came", code="no_picture")), "no_picture"),
    ],
)
async def test_a_mark_without_a_picture_is_kept_and_says_why(world: World, relay: Relay | None, why: str) -> None:
    world.hub.live = relay  # type: ignore[assignment] # only its pictures are asked for
    monitor = await world.client(Role.MONITOR)
    patrol = await begun(world, monitor, "gate", "yard")
    path = f"{API}/patrols/{patrol['id']}/marks"
    gate, yard = ids(world, "gate", "yard")
    marked = await monitor.post(path, {"camera_id": gate, "verdict": "fault"})
    assert (marked["has_snapshot"], marked["snapshot_why"], marked["snapshot_url"]) == (False, why, None)
    plain = await monitor.post(path, {"camera_id": gate, "verdict": "fault", "snapshot": False})
    assert (plain["has_snapshot"], plain["snapshot_why"]) == (False, "")
    refused = await monitor.post(path, {"camera_id": yard, "verdict": "fault"})
    assert refused["snapshot_why"] == ("not_watching" if relay is None else "live_no_consent")
    gone = await monitor.ask("GET", f"{path}/{marked['id']}/picture")
    assert gone.code == (404, "snapshot_none")
    assert list(world.hub.media.keys()) == []


async def test_a_full_disk_takes_no_mark_away(world: World) -> None:
    world.hub.media.min_free_bytes = 10**18
    world.hub.live = Relay()  # type: ignore[assignment] # only its pictures are asked for
    monitor = await world.client(Role.MONITOR)
    patrol = await begun(world, monitor, "gate")
    marked = await monitor.post(
        f"{API}/patrols/{patrol['id']}/marks", {"camera_id": ids(world, "gate")[0], "verdict": "fault"}
    )
    assert marked["snapshot_why"] == "disk_full"


async def test_a_mark_that_is_refused_leaves_no_picture_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hub.live = Relay()  # type: ignore[assignment] # only its pictures are asked for
    await live(world, "gate")
    monitor = await world.client(Role.MONITOR)
    patrol = await begun(world, monitor, "gate")
    path, gate = f"{API}/patrols/{patrol['id']}/marks", ids(world, "gate")[0]
    monkeypatch.setattr(marking, "MOST", 1)
    await monitor.post(path, {"camera_id": gate, "verdict": "normal"})
    (kept,) = list(world.hub.media.keys())
    many = await monitor.ask("POST", path, json={"camera_id": gate, "verdict": "normal"})
    assert many.code == (409, "patrol_marks_many")
    assert list(world.hub.media.keys()) == [kept]


async def test_a_forged_stale_or_foreign_ticket_opens_no_mark(world: World) -> None:
    world.hub.live = Relay()  # type: ignore[assignment] # only its pictures are asked for
    monitor, other = await world.client(Role.MONITOR), await world.client(Role.OFFICER, PurposeKind.CASE)
    patrol = await begun(world, monitor, "gate")
    path = f"{API}/patrols/{patrol['id']}/marks"
    await monitor.post(path, {"camera_id": ids(world, "gate")[0], "verdict": "fault"})
    (listed,) = (await monitor.get(path))["marks"]
    url = listed["snapshot_url"]
    for forged in (url[:-1] + ("A" if url[-1] != "A" else "B"), url.split("?")[0] + "?ticket=1.2.x"):
        assert (await monitor.ask("GET", forged)).code == (403, "ticket")
    assert (await other.ask("GET", url)).code == (403, "ticket")
    elsewhere = url.replace(patrol["id"], str(uuid4()))
    assert (await monitor.ask("GET", elsewhere)).code == (404, "mark_unknown")
    now = world.hub.store.clock
    world.hub.store.clock = lambda: now() + timedelta(minutes=6)  # type: ignore[method-assign]
    assert (await monitor.ask("GET", url)).code == (403, "ticket")


async def test_a_program_names_the_purpose_of_its_patrol(world: World) -> None:
    store = world.hub.store
    user = await users.by_name(store, Role.MONITOR.value)
    _, secret = await tokens.create_token(store, user, "rounds", datetime.now(UTC) + timedelta(days=1))
    program = world.anonymous(Authorization=f"Bearer {secret}")
    patrol = await begun(world, program, "gate")
    path, body = f"{API}/patrols/{patrol['id']}/marks", {"camera_id": ids(world, "gate")[0], "verdict": "fault"}
    assert (await program.ask("POST", path, json=body)).code == (403, "purpose_required")
    program.headers["X-Purpose"] = patrol["purpose_id"]
    await program.post(path, body)


async def test_plans_are_made_listed_and_walked(world: World) -> None:
    officer, monitor = await world.client(Role.OFFICER), await world.client(Role.MONITOR)
    people = (await officer.get(f"{API}/patrols/people"))["people"]
    assert {one["name"] for one in people} == {"admin", "approver", "officer", "assistant", "monitor"}
    watcher = next(one["id"] for one in people if one["name"] == "monitor")
    always = {"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": 0, "to_minute": 0}
    body = {
        "name": "东片", "dwell_s": 20, "camera_ids": ids(world, "gate", "yard"), "user_ids": [watcher], "times": [always]
    }  # fmt: skip
    plan = await officer.post(f"{API}/patrols/plans", body)
    assert (plan["mine"], plan["due"], plan["revision"]) == (False, True, 1)
    assert sorted(plan["times"][0]["days"]) == always["days"]
    (mine,) = (await monitor.get(f"{API}/patrols/plans?mine=true"))["plans"]
    assert (mine["id"], mine["mine"], mine["cameras"]) == (plan["id"], True, 2)
    walk = await monitor.post(f"{API}/patrols", {"plan_id": plan["id"]})
    assert (walk["plan"]["name"], walk["dwell_s"], walk["due"]) == ("东片", 20, 2)
    second = await monitor.ask("POST", f"{API}/patrols", json={"plan_id": plan["id"]})
    assert (second.code, second.body["params"]["patrol"]) == ((409, "patrol_open"), walk["id"])
    path = f"{API}/patrols/plans/{plan['id']}"
    changed = {**body, "name": "改名", "expected_revision": 1}
    assert (await monitor.ask("PUT", path, json=changed)).code == (403, "role")
    assert (await officer.ask("PUT", path, json=changed)).body["name"] == "改名"
    assert (await officer.ask("PUT", path, json=changed)).code == (409, "patrol_plan_stale")
    outside = await officer.ask("POST", f"{API}/patrols/plans", json={**body, "camera_ids": ids(world, "far")})
    assert (outside.status, outside.body["fields"][0]["path"]) == (422, "body.camera_ids.0")
    assert (await officer.ask("DELETE", path)).status == 204
    assert (await officer.ask("GET", path)).code == (404, "patrol_plan_unknown")


async def test_a_technician_sees_and_clears_what_people_found(world: World) -> None:
    world.hub.live = Relay()  # type: ignore[assignment] # only its pictures are asked for
    monitor, technician = await world.client(Role.MONITOR), await world.client(Role.TECHNICIAN, PurposeKind.MAINTENANCE)
    patrol = await begun(world, monitor, "gate")
    body = {"camera_id": ids(world, "gate")[0], "verdict": "covered", "note": "树枝"}
    await monitor.post(f"{API}/patrols/{patrol['id']}/marks", body)
    (fault,) = (await technician.get(f"{API}/patrols/faults"))["faults"]
    assert (fault["verdict"], fault["note"], fault["by"], fault["camera_name"]) == (
        "covered",
        "树枝",
        "monitor",
        "gate",
    )
    assert (await technician.ask("GET", fault["snapshot_url"], raw=True)).body == JPEG
    path = f"{API}/patrols/faults/{fault['id']}/clear"
    assert (await monitor.ask("POST", path)).code == (403, "role")
    assert (await technician.post(path, None, 200))["cleared_by"] == "technician"
    assert (await technician.get(f"{API}/patrols/faults"))["faults"] == []

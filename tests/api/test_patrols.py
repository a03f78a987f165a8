"""Patrols over HTTP: begun, walked, marked with pictures, ended, and what each role may of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from registry.cameras import record_status
from registry.model import Reason, Role, State, StatusChange, Stream

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

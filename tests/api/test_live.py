"""Live tiles over a real WebSocket and a camera's picture of now; the worker's end is fed by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from aiohttp import WSServerHandshakeError

from api.tilewords import TILES
from api.viewer import OPS_PER_MINUTE
from registry import cameras, consents, scenes, users, viewings
from registry.model import ConsentScope, PurposeKind, Reason, Role, State
from registry.users import CONSOLE
from registry.viewings import ViewingQuery
from tests.camera_hub.live.room import STILL, a_room
from tests.camera_hub.live.test_fmp4 import UNITS, packets

from .conftest import Client, Serving, World, both_engines
from .watching import FRAME, INIT, JPEG, Wall, a_wall, closed, connect, frame, said, until_rows


@pytest.fixture
async def wall(serving: Serving, request: pytest.FixtureRequest) -> AsyncIterator[Wall]:
    async with a_wall(serving, on_postgres=getattr(request, "param", "") == "pg") as made:
        yield made


on_both = pytest.mark.parametrize("wall", ["", pytest.param("pg", marks=pytest.mark.postgres)], indirect=True)


@on_both
async def test_a_tile_plays_and_is_on_record_before_its_first_byte(wall: Wall) -> None:
    wall.play("gate")
    async with await connect(await wall.viewer()) as socket:
        await socket.send_json(wall.open("gate", 7, stream="main"))
        state = await said(socket, "state", form="video")
        assert (state["tile"], state["state"], state["stream"]) == (7, "live", "sub"), (
            "what is pulled, not what was asked"
        )
        (row,) = await wall.rows("live.open")
        assert row.cameras == (str(wall.world.county.cameras["gate"]),)
        assert (row.user, row.purpose_kind) == ("monitor", PurposeKind.PATROL)
        init = await frame(socket, INIT)
        assert init[:2] == bytes((1, 7))
        assert init[8:12] == b"ftyp"
        clock = await said(socket, "clock")
        assert clock["at"] == 0
        assert clock["taken"] > 0
        media = await frame(socket, FRAME)
        assert media[1] == 7
        assert media[8:12] == b"moof"
        await socket.send_json({"op": "close", "tile": 7})
        (ended,) = await until_rows(wall, "live.close", 1)
        gate = str(wall.world.county.cameras["gate"])
        assert json.loads(ended.detail)["why"] == ["closed"]
        assert json.loads(ended.detail)["seconds"][gate] >= 0
        (viewing,) = (await viewings.find(wall.world.hub.store, ViewingQuery(), CONSOLE)).viewings
        assert (str(viewing.camera_id), viewing.user, viewing.why) == (gate, "monitor", "closed")


@on_both
async def test_a_wall_of_tiles_opens_under_one_row_and_turns_in_one_transaction(wall: Wall) -> None:
    wall.play("gate")
    async with await connect(await wall.viewer()) as socket:
        tiles = [{key: value for key, value in wall.open("gate", n).items() if key != "op"} for n in range(24)]
        hidden = {**tiles[0], "tile": 24, "camera": str(wall.world.county.cameras["far"])}
        await socket.send_json({"op": "show", "tiles": [*tiles, hidden]})
        assert await said(socket, "error") == {"type": "error", "tile": 24, "code": "camera_unknown"}
        playing = {(await said(socket, "state", form="video"))["tile"] for _ in range(24)}
        assert playing == set(range(24))
        (row,) = await wall.rows("live.open")
        assert row.result_count == 24
        assert len(wall.world.hub.viewings._open) == 24
        await socket.send_json({"op": "show", "tiles": tiles})
        await until_rows(wall, "live.open", 2)
        (ended,) = await wall.rows("live.close")
        assert ended.result_count == 24, "what ended goes with what begins"
        assert wall.room.links == 1
    async with await connect(await wall.viewer()) as socket:
        await socket.send_json({"op": "show", "tiles": [tiles[0], tiles[0]]})
        assert (await said(socket, "error"))["code"] == "invalid"
        await socket.send_json({"op": "show", "tiles": [{**tiles[0], "tile": n} for n in range(26)]})
        assert (await said(socket, "error"))["code"] == "invalid"


async def test_a_tile_of_the_main_stream_is_told_so_and_falls_back_when_it_is_masked(wall: Wall) -> None:
    gate = wall.world.county.cameras["gate"]
    await both_streams(wall, gate)
    wall.play("gate")
    wall.room.stream = "main"
    wall.play("gate")
    async with await connect(await wall.viewer()) as socket:
        await socket.send_json(wall.open("gate", stream="main"))
        assert (await said(socket, "state", form="video"))["stream"] == "main"
        mask = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))
        await scenes.put(wall.world.hub.store, gate, scenes.Scene(masks=(mask,)), CONSOLE)
        wall.room.tap.end()
        wall.room.stream = "sub"
        assert (await said(socket, "state", form="video", stream="sub"))["state"] == "live"


async def both_streams(wall: Wall, camera_id: UUID) -> None:
    hub = wall.world.hub
    change = cameras.CameraChange(main_url="rtsp://192.0.2.10/main", sub_url="rtsp://192.0.2.10/sub")
    await cameras.change(hub.store, hub.vault, camera_id, change, CONSOLE)


async def test_leaving_writes_down_every_open_tile(wall: Wall) -> None:
    wall.play("gate")
    async with await connect(await wall.viewer()) as socket:
        for tile in (1, 2):
            await socket.send_json(wall.open("gate", tile))
            await said(socket, "state", tile=tile, form="video")
    (row,) = await until_rows(wall, "live.close", 1)
    assert (row.result_count, json.loads(row.detail)["why"]) == (2, ["left"])
    assert wall.world.hub.viewings._open == set(), "nobody watches"


async def test_a_masked_camera_plays_and_a_browser_without_video_gets_pictures(wall: Wall) -> None:
    wall.play("gate", masked=True)
    async with await connect(await wall.viewer()) as socket:
        await socket.send_json(wall.open("gate"))
        async with asyncio.timeout(10):
            while not wall.room.tap.joined:
                await asyncio.sleep(0)
        for packet in packets(UNITS)[:3]:  # what it showed before is not kept while nobody draws from it
            wall.room.tap.packet(packet)
        state = await said(socket, "state", form="video")
        assert state["why"] == "masked"
    wall.play("gate")
    async with await connect(await wall.viewer()) as socket:
        await socket.send_json(wall.open("gate", form="preview"))
        async with asyncio.timeout(10):
            while not wall.room.tap.wants_picture():
                await asyncio.sleep(0)
        wall.room.tap.picture(STILL)
        assert (await said(socket, "state", form="preview"))["why"] == "asked"
        picture = await frame(socket, JPEG)
        assert picture[4:] == STILL.jpeg


@pytest.mark.parametrize(("camera", "code"), [("far", "camera_unknown"), ("yard", "live_no_consent")])
async def test_scope_and_consent_are_asked(wall: Wall, camera: str, code: str) -> None:
    wall.play(camera)
    viewer = await wall.viewer()
    async with await connect(viewer) as socket:
        await socket.send_json(wall.open(camera, 3))
        assert await said(socket, "error") == {"type": "error", "tile": 3, "code": code}
        assert [row.result_count for row in await wall.rows("live.open")] == [0]
    answer = await viewer.ask("GET", f"/api/v1/cameras/{wall.world.county.cameras[camera]}/picture")
    assert answer.code == ((404, code) if camera == "far" else (403, code))


@on_both
async def test_a_withdrawn_consent_ends_its_tile_and_no_other(wall: Wall) -> None:
    store = wall.world.hub.store
    yard = wall.world.county.cameras["yard"]
    given = consents.NewConsent(owner_name="户主", scopes=frozenset({ConsentScope.LIVE}), text_version="2026-1")
    consent = await consents.create(store, yard, given, CONSOLE)
    wall.play("gate")
    wall.play("yard")
    async with await connect(await wall.viewer()) as socket:
        for tile, camera in enumerate(("gate", "yard")):
            await socket.send_json(wall.open(camera, tile))
            await said(socket, "state", tile=tile, form="video")
        await consents.withdraw(store, consent.id, CONSOLE)
        ended = await said(socket, "state", state="ended")
        assert (ended["tile"], ended["reason"]) == (1, "live_no_consent")
        (row,) = await until_rows(wall, "live.close", 1)
        assert (row.cameras, json.loads(row.detail)["why"]) == ((str(yard),), ["live_no_consent"])
        wall.room.camera = yard
        wall.room.tap.packet(packets(UNITS)[20])
        wall.room.camera = wall.world.county.cameras["gate"]
        wall.room.tap.packet(packets(UNITS)[20])
        async with asyncio.timeout(10):
            while (await frame(socket, FRAME))[1] != 0:
                pytest.fail("the ended tile got a frame")


async def _sign_out(wall: Wall, client: Client) -> None:
    await client.ask("DELETE", "/api/v1/session")


async def _close_purpose(wall: Wall, client: Client) -> None:
    purpose = (await client.get("/api/v1/session"))["purpose"]
    await client.post(f"/api/v1/purposes/{purpose['id']}/close", None, 200)


async def _switch_purpose(wall: Wall, client: Client) -> None:
    other = await client.post("/api/v1/purposes", {"kind": "patrol", "reason": "another"})
    await client.ask("PUT", "/api/v1/session/purpose", json={"purpose_id": other["id"]})


async def _deactivate(wall: Wall, client: Client) -> None:
    user = await users.by_name(wall.world.hub.store, "monitor")
    await users.change(wall.world.hub.store, user.id, users.UserChange(active=False), CONSOLE)


@pytest.mark.parametrize(
    ("end", "codes"),
    [(_sign_out, {4401}), (_close_purpose, {4403}), (_switch_purpose, {4403}), (_deactivate, {4401, 4403})],
)
async def test_it_ends_with_what_it_rests_on(wall: Wall, end: Any, codes: set[int]) -> None:
    wall.play("gate")
    viewer = await wall.viewer()
    async with await connect(viewer) as socket:
        await socket.send_json(wall.open("gate"))
        await said(socket, "state", form="video")
        await end(wall, viewer)
        assert await closed(socket) in codes
    await until_rows(wall, "live.close", 1)


async def test_it_needs_right_purpose_and_a_websocket_of_our_own_page(wall: Wall) -> None:
    for headers, status in (({}, 403), ({"Origin": "https://elsewhere.example"}, 403), ({"Cookie": "x=y"}, 401)):
        with pytest.raises(WSServerHandshakeError) as refused:
            await connect(await wall.viewer(purpose=None if not headers else PurposeKind.PATROL), headers=headers)
        assert refused.value.status == status
    viewer = await wall.viewer()
    assert (await viewer.ask("GET", "/api/v1/live")).code == (426, "upgrade_required")
    wall.world.hub.live = None
    with pytest.raises(WSServerHandshakeError) as refused:
        await connect(viewer)
    assert refused.value.status == 409


@pytest.mark.parametrize("kind", [PurposeKind.CASE, PurposeKind.PATROL, PurposeKind.MAINTENANCE])
async def test_every_kind_of_purpose_may_watch(wall: Wall, kind: PurposeKind) -> None:
    role = Role.TECHNICIAN if kind is PurposeKind.MAINTENANCE else Role.OFFICER
    wall.play("gate")
    async with await connect(await wall.viewer(role, kind)) as socket:
        await socket.send_json(wall.open("gate"))
        assert await said(socket, "state", form="video")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        '"open"',
        '{"op":"dance"}',
        '{"op":"open","tile":0}',
        '{"op":"open","tile":256,"camera":"01999999-9999-7999-8999-999999999999"}',
        '{"op":"open","tile":-1,"camera":"01999999-9999-7999-8999-999999999999"}',
        '{"op":"open","tile":0,"camera":"x"}',
        '{"op":"open","tile":0,"camera":"01999999-9999-7999-8999-999999999999","stream":"third"}',
        '{"op":"open","tile":0,"camera":"01999999-9999-7999-8999-999999999999","form":"raw"}',
        '{"op":"close","tile":0,"more":1}',
        '{"op":"ping","t":1e999}',
        '{"op":"ping"}',
        b"\x01\x00\x02\x00",
    ],
)
async def test_what_it_does_not_know_is_refused_and_the_socket_goes_on(wall: Wall, message: str | bytes) -> None:
    async with await connect(await wall.viewer()) as socket:
        await (socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message))
        assert await said(socket, "error") == {"type": "error", "tile": None, "code": "invalid"}
        await socket.send_json({"op": "ping", "t": 12.5})
        pong = await said(socket, "pong")
        assert pong["t"] == 12.5
        assert pong["now"] > 1.7e12


async def test_messages_are_bounded_in_size_and_number(wall: Wall) -> None:
    viewer = await wall.viewer()
    async with await connect(viewer) as socket:
        await socket.send_str("x" * 20_000)
        assert await closed(socket) == 1009
    async with await connect(viewer) as socket:
        for _ in range(OPS_PER_MINUTE + 1):
            await socket.send_json({"op": "close", "tile": 0})
        assert await closed(socket) == 1008


async def test_tiles_are_bounded_and_one_opened_again_replaces_itself(wall: Wall) -> None:
    wall.play("gate")
    async with await connect(await wall.viewer()) as socket:
        for tile in range(TILES + 5):
            await socket.send_json(wall.open("gate", tile))
        for tile in range(TILES, TILES + 5):
            assert await said(socket, "error", tile=tile) == {"type": "error", "tile": tile, "code": "too_many_tiles"}
        assert len(await wall.rows("live.open")) == TILES
        await socket.send_json(wall.open("gate", 3))
        await until_rows(wall, "live.open", TILES + 1)
        assert wall.room.links == 1, "one connection to the worker for all of them"


async def test_sockets_of_a_session_are_bounded_and_counted_out(wall: Wall) -> None:
    viewer = await wall.viewer()
    sockets = [await connect(viewer) for _ in range(16)]
    with pytest.raises(WSServerHandshakeError) as refused:
        await connect(viewer)
    assert refused.value.status == 429
    for socket in sockets:
        await socket.close()
    async with asyncio.timeout(10):
        while True:
            try:
                await (await connect(viewer)).close()
            except WSServerHandshakeError:
                continue
            break


async def test_a_slow_viewer_loses_frames_goes_on_at_a_keyframe_and_slows_nobody(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_hub.live.line.MOST_BEHIND_S", 0.1)
    monkeypatch.setattr("camera_hub.live.line.MOST_BYTES", 1 << 20)
    wall.play("gate", count=1)
    slow, quick = await wall.viewer(), await wall.viewer(Role.OFFICER)
    async with await connect(slow, max_msg_size=0) as one, await connect(quick) as other:
        await one.send_json(wall.open("gate"))
        await other.send_json(wall.open("gate"))
        for socket in (one, other):
            await said(socket, "state", form="video")
        connection = one._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()
        large = [
            packet.__class__(
                packet.data + b"\0\0\1\x06" + b"\xaa" * 150_000, packet.pts, packet.dts, packet.keyframe, 0.0
            )
            for packet in packets(UNITS)
        ]
        for packet in large[1:]:
            wall.room.tap.packet(packet)
            assert (await frame(other, FRAME))[1] == 0, "the other keeps up"
        connection.transport.resume_reading()
        lost = asyncio.create_task(said(one, "lost"))
        step = 6000
        for number in range(40, 400):
            if lost.done():
                break
            key = packets(UNITS)[15]
            again = key.__class__(key.data, number * step, number * step, keyframe=True, received=0.0)
            wall.room.tap.packet(again)
            await frame(other, FRAME)
        assert (await lost)["count"] > 0
        after = await frame(one, FRAME)
        assert after[3] == 1, "a keyframe"


async def test_a_picture_of_now(wall: Wall) -> None:
    wall.play("gate", masked=True)
    viewer = await wall.viewer()
    path = f"/api/v1/cameras/{wall.world.county.cameras['gate']}/picture"
    asking = asyncio.create_task(viewer.ask("GET", path, raw=True))
    async with asyncio.timeout(10):
        while not wall.room.tap.wants_picture():
            await asyncio.sleep(0)
    assert [row.cameras for row in await wall.rows("live.picture")] == [(str(wall.world.county.cameras["gate"]),)]
    wall.room.tap.picture(STILL)
    answer = await asking
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "image/jpeg", STILL.jpeg)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_no_picture_without_purpose_or_of_a_camera_that_is_not_live(wall: Wall) -> None:
    path = f"/api/v1/cameras/{wall.world.county.cameras['gate']}/picture"
    assert (await (await wall.viewer(purpose=None)).ask("GET", path)).code == (403, "purpose_required")
    wall.play("gate")
    wall.room.tap.end()
    wall.room.status(State.STOPPED, Reason.REJECTED)
    answer = await (await wall.viewer()).ask("GET", path)
    assert answer.code == (409, "not_live")
    assert answer.body["params"] == {"state": "stopped", "reason": "rejected"}
    await wall.room.kill()
    assert (await (await wall.viewer()).ask("GET", path)).code == (503, "no_picture")


async def test_a_look_under_a_case_is_on_record_with_its_number(wall: Wall) -> None:
    wall.play("gate")
    async with await connect(await wall.viewer(Role.OFFICER, PurposeKind.CASE)) as socket:
        await socket.send_json(wall.open("gate"))
        await said(socket, "state", form="video")
    (closing,) = await until_rows(wall, "live.close", 1)
    (opening,) = await wall.rows("live.open")
    assert opening.case_number == closing.case_number == "A-2026-1"


@both_engines
async def test_the_hub_says_goodbye_when_it_stops(world: World) -> None:
    async with a_room() as room:
        world.hub.live = room.relay
        socket = await connect(await world.client(Role.MONITOR, PurposeKind.PATROL))
        await socket.send_json({"op": "ping", "t": 1})
        await said(socket, "pong")
        closing = asyncio.create_task(world.server.close())
        assert await closed(socket) == 1001
        await closing

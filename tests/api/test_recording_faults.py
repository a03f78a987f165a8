"""What ends the right to see a recording, and what is wrong with its file: over HTTP, as a browser meets it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientPayloadError, web

from api import sending
from api.tickets import TICKETS
from camera_hub.live.fmp4 import fragment
from camera_hub.recording.files import Name
from registry import audit, consents, purposes, sessions, users
from registry.consents import NewConsent
from registry.model import Actor, ConsentScope, PurposeKind, Role
from registry.purposes import OpenPurpose
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.api.conftest import Client, Serving, World, both_engines
from tests.api.test_recordings import SECOND, cut, hour_ago, lines, played, record, span, stamp
from tests.camera_hub.recording.footage import Take, numbers, shot

API = "/api/v1"
FRAMES, FRAME_BYTES = 120, 400_000


def heavy() -> bytes:
    """A segment of 48 MB: longer than what lies in the buffers between the hub and a client."""
    take = shot(Take(frames=1))
    init = take[: take.index(b"moof") - 4]
    sample = (FRAME_BYTES - 4).to_bytes(4, "big") + bytes(FRAME_BYTES - 4)
    parts = (
        fragment(n + 1, n * 45_000, offset=0, duration=45_000, sample=sample, keyframe=n % 4 == 0)
        for n in range(FRAMES)
    )
    return init + b"".join(parts)


def eager(app: web.Application) -> None:
    """Ask before every part whether what is sent may still be seen."""
    app[sending.PACE].recheck = 0.0


async def agreed(world: World, camera: str = "yard") -> Any:
    given = NewConsent(
        owner_name="户主",
        scopes=frozenset({ConsentScope.CLIP}),
        valid_from=datetime.now(UTC) - timedelta(days=90),
        signed_at=datetime.now(UTC) - timedelta(days=90),
        text_version="2026-1",
    )
    return await consents.create(world.hub.store, world.county.cameras[camera], given, CONSOLE)


async def one_of(client: Client, begin: datetime, camera: str = "gate") -> Any:
    (one,) = (await played(client, begin, camera=camera))["segments"]
    return one


async def test_a_ticket_is_for_one_segment_session_and_purpose_and_for_five_minutes(world: World) -> None:
    begin = hour_ago()
    for number in range(2):
        await record(world, begin + 2 * number * SECOND)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    first, second = (await played(officer, begin))["segments"]
    good = first["url"]
    path, ticket = good.split("?ticket=")
    assert (await officer.ask("GET", good, raw=True)).status == 200
    denied = (403, "ticket")
    assert (await officer.ask("GET", f"{second['url'].split('?')[0]}?ticket={ticket}")).code == denied
    number, expiry, seal = ticket.split(".")
    for forged in (
        f"{int(number) + 1}.{expiry}.{seal}",
        f"{number}.{int(expiry) + 9}.{seal}",
        f"{number}.{expiry}.{'A' * 43}",
        "x",
    ):
        assert (await officer.ask("GET", f"{path}?ticket={forged}")).code == denied
    assert (await officer.ask("GET", path)).status == 422
    other = await world.client(Role.OFFICER, PurposeKind.CASE)
    assert (await other.ask("GET", good)).code == denied, "another session of the same user"
    without = await world.client(Role.OFFICER)
    assert (await without.ask("GET", good)).code == (403, "purpose_required")
    name = Name(world.county.cameras["gate"], "sub", begin)
    opened = await purposes.list_open(world.hub.store, await users.by_name(world.hub.store, "officer"))
    things = [f"{name.key} {one.id}" for one in opened]
    session = await session_of(world, officer)
    late = [world.server.app[TICKETS].make(int(number), thing, session, -1) for thing in things]  # type: ignore[union-attr]
    assert [(await officer.ask("GET", f"{path}?ticket={one}")).code for one in late] == [denied] * len(late)
    for bad in (
        f"{API}/segments/{world.county.cameras['gate']}/sub/{2**53}",
        f"{API}/segments/{world.county.cameras['gate']}/sub/1",
    ):
        assert (await officer.ask("GET", f"{bad}?ticket={ticket}")).status in {403, 404}
    assert (
        await officer.ask("GET", f"{API}/segments/{world.county.cameras['gate']}/third/1?ticket={ticket}")
    ).status == 422


async def session_of(world: World, client: Client) -> str:
    token = client.headers["Cookie"].removeprefix("hub_session=")
    session = await sessions.session_by_token(world.hub.store, token)
    assert session is not None
    return str(session.id)


async def under_another_purpose(world: World, client: Client) -> None:
    store = world.hub.store
    session = await sessions.session_by_token(store, client.headers["Cookie"].removeprefix("hub_session="))
    assert session is not None
    new = OpenPurpose(kind=PurposeKind.PATROL, reason="another")
    await sessions.set_purpose(store, session, await purposes.open(store, new, Actor(session.user, "127.0.0.1")))


async def close_purposes(world: World, client: Client) -> None:
    del client
    user = await users.by_name(world.hub.store, "officer")
    for one in await purposes.list_open(world.hub.store, user):
        await purposes.close(world.hub.store, one.id, Actor(user, "127.0.0.1"))


async def withdraw(world: World, client: Client) -> None:
    del client
    for one in await consents.list_for(world.hub.store, world.county.cameras["yard"], EVERYTHING):
        await consents.withdraw(world.hub.store, one.id, CONSOLE)


async def lose_grant(world: World, client: Client) -> None:
    del client
    user = await users.by_name(world.hub.store, "officer")
    await users.set_grants(world.hub.store, user.id, (), CONSOLE)


async def sign_out(world: World, client: Client) -> None:
    del world
    assert (await client.ask("DELETE", f"{API}/session")).status == 204


@pytest.mark.parametrize("end", [withdraw, close_purposes, under_another_purpose, lose_grant, sign_out])
async def test_what_ends_the_right_to_see_ends_what_is_being_sent(
    serving: Serving, end: Callable[[World, Client], Awaitable[None]]
) -> None:
    world = await serving(change=eager)
    begin = hour_ago()
    await agreed(world)
    data = heavy()
    await record(world, begin, "yard", data=data, take=Take(frames=FRAMES, fps=2))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    one = await one_of(officer, begin, "yard")
    async with officer.http.get(world.url(one["url"]), headers=officer.headers) as coming:
        assert (coming.status, coming.content_length) == (200, len(data))
        await coming.content.readexactly(100_000)
        await end(world, officer)
        got = 100_000
        with pytest.raises(ClientPayloadError):
            while part := await coming.content.read(1 << 16):
                got += len(part)
    assert got < len(data) / 2, "no more than what was on its way"
    again = await officer.ask("GET", one["url"])
    assert again.status in {401, 403, 404}


async def test_a_client_that_reads_slowly_gets_all_of_it_and_may_ask_for_parts(serving: Serving) -> None:
    world = await serving(change=eager)
    begin, data = hour_ago(), heavy()
    await record(world, begin, data=data, take=Take(frames=FRAMES, fps=2))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    one = await one_of(officer, begin)

    async def part(number: int) -> None:
        size = len(data) // 20
        first, last = number * size, number * size + size - 1
        headers = {**officer.headers, "Range": f"bytes={first}-{last}"}
        async with officer.http.get(world.url(one["url"]), headers=headers) as coming:
            assert coming.status == 206
            assert coming.headers["Content-Range"] == f"bytes {first}-{last}/{len(data)}"
            assert hashlib.md5(await coming.read()).digest() == hashlib.md5(data[first : last + 1]).digest()

    await asyncio.gather(*(part(number) for number in range(20)))
    tail = await officer.ask("GET", one["url"], raw=True, headers={"Range": "bytes=-100"})
    assert (tail.status, tail.body) == (206, data[-100:])
    for wrong in ("bytes=99999999-", "bytes=5-2", "frames=1-2"):
        assert (await officer.ask("GET", one["url"], headers={"Range": wrong})).status == 422
    head = await officer.ask("HEAD", one["url"])
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(data)))


@both_engines
async def test_a_damaged_file_is_played_around_the_damage_and_reported(world: World) -> None:
    begin = hour_ago()
    file: Path = await record(world, begin, take=Take(frames=60, gop=15))
    whole = file.read_bytes()
    middle = len(whole) // 2
    file.write_bytes(whole[:middle] + bytes(600) + whole[middle + 600 :])
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    one = await one_of(officer, begin)
    answer = await officer.ask("GET", one["url"], raw=True)
    assert (answer.status, answer.headers["X-Damage"]) == (200, "corrupt")
    got = [number for _, number in numbers(answer.body)]
    assert got[:15] == list(range(15))
    assert got[-15:] == list(range(45, 60))
    assert (await one_of(officer, begin))["damage"] == "corrupt"
    status, told = await cut(officer, begin)
    assert (status, told[-1]["clip"]["damaged"]) == (201, 1)
    file.write_bytes(b"junk" * 100)
    assert (await officer.ask("GET", one["url"])).code == (404, "segment_damaged")
    assert (await officer.ask("GET", one["picture_url"])).code == (404, "segment_damaged")
    file.unlink()
    assert (await officer.ask("GET", one["url"])).code == (404, "segment_missing")
    assert (await one_of(officer, begin))["damage"] == "missing"
    gate = world.county.cameras["gate"]
    assert (await officer.get(f"{API}/cameras/{gate}/recordings", params=span(begin)))["spans"] == []


async def test_a_file_still_written_is_played_as_far_as_it_goes(world: World) -> None:
    begin = datetime.now(UTC) - timedelta(seconds=10)
    begin = begin.replace(microsecond=0)
    file: Path = await record(world, begin, take=Take(frames=60, gop=15), ended=False)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    officer = await world.client(Role.OFFICER, PurposeKind.PATROL)
    one = await one_of(officer, begin)
    assert one["ended_at"] is None
    answer = await officer.ask("GET", one["url"], raw=True)
    assert "X-Damage" not in answer.headers
    before = [number for _, number in numbers(answer.body)]
    file.write_bytes(whole)
    after = [number for _, number in numbers((await officer.ask("GET", one["url"], raw=True)).body)]
    assert before == list(range(len(before)))
    assert after == list(range(60))
    assert (await one_of(officer, begin))["damage"] is None


async def test_what_is_asked_wrongly_is_refused(world: World) -> None:
    begin = hour_ago()
    await record(world, begin)
    await record(world, begin, "yard")
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    gate, far, yard = (str(world.county.cameras[name]) for name in ("gate", "far", "yard"))
    backwards = {"from": stamp(begin), "to": stamp(begin - SECOND)}
    for path in (f"{API}/cameras/{gate}/recordings",):
        assert (await officer.ask("GET", path, params=backwards)).status == 422
        long = await officer.ask("GET", path, params=span(begin - timedelta(days=32), 32 * 86_400))
        assert long.code == (422, "span_too_long")
        assert (await officer.ask("GET", path)).status == 422
    assert (await officer.ask("GET", f"{API}/cameras/{far}/recordings", params=span(begin))).code == (
        404,
        "camera_unknown",
    )
    refused = await officer.ask("GET", f"{API}/cameras/{yard}/recordings", params=span(begin))
    assert refused.code == (403, "recording_no_consent")
    for body, code in (
        ({"cameras": [gate], **backwards}, "invalid"),
        ({"cameras": [gate], **span(begin, 6 * 3600 + 1)}, "span_too_long"),
        ({"cameras": [], **span(begin)}, "invalid"),
        ({"cameras": [gate] * 5, **span(begin)}, "invalid"),
    ):
        assert (await officer.ask("POST", f"{API}/playbacks", json=body)).code == (422, code)
    both = await officer.post(f"{API}/playbacks", {"cameras": [gate, far, yard], **span(begin)})
    assert [one["refused"] for one in both["cameras"]] == [None, "camera_unknown", "recording_no_consent"]
    for camera, code in ((far, (404, "camera_unknown")), (yard, (403, "recording_no_consent"))):
        answer = await officer.ask("POST", f"{API}/clips", json={"camera_id": camera, **span(begin)})
        assert answer.code == code
    none = await officer.ask("POST", f"{API}/clips", json={"camera_id": gate, **span(begin - timedelta(hours=9))})
    assert none.code == (404, "recording_none")
    long = await officer.ask("POST", f"{API}/clips", json={"camera_id": gate, **span(begin, 7201)})
    assert long.code == (422, "span_too_long")


async def test_who_may_not_look_learns_nothing(world: World) -> None:
    begin = hour_ago()
    await record(world, begin)
    gate = str(world.county.cameras["gate"])
    technician = await world.client(Role.TECHNICIAN, PurposeKind.MAINTENANCE)
    admin = await world.client(Role.ADMIN, PurposeKind.MAINTENANCE)
    for client, code in ((technician, "role"), (admin, "purpose_kind")):
        assert (await client.ask("GET", f"{API}/cameras/{gate}/recordings", params=span(begin))).code == (403, code)
        assert (await client.ask("POST", f"{API}/playbacks", json={"cameras": [gate], **span(begin)})).code == (
            403,
            code,
        )
    monitor = await world.client(Role.MONITOR, PurposeKind.PATROL)
    assert (await monitor.ask("POST", f"{API}/clips", json={"camera_id": gate, **span(begin)})).code == (403, "role")
    old = span(begin - timedelta(hours=25))
    assert (await monitor.ask("POST", f"{API}/playbacks", json={"cameras": [gate], **old})).code == (
        403,
        "beyond_patrol",
    )
    nobody = await world.client(Role.OFFICER)
    assert (await nobody.ask("POST", f"{API}/playbacks", json={"cameras": [gate], **span(begin)})).code == (
        403,
        "purpose_required",
    )


async def test_files_that_are_gone_do_not_hide_how_the_others_are_played(world: World) -> None:
    """Without its type a browser is told that it cannot play the file, and shows single pictures."""
    begin = hour_ago()
    for number in range(6):
        file = await record(world, begin + 2 * number * SECOND)
        if number < 5:
            file.unlink()
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    listed = (await played(officer, begin, 12))["segments"]
    assert [one["mime"] and one["mime"][:26] for one in listed] == ['video/mp4; codecs="avc1.42'] * 6


async def test_a_clip_is_fetched_by_who_had_it_cut_while_he_may_see_it(world: World) -> None:
    begin = hour_ago()
    await agreed(world)
    await record(world, begin, "yard")
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    _, told = await cut(officer, begin, camera="yard")
    url = told[-1]["clip"]["url"]
    assert (await officer.ask("GET", url, raw=True)).status == 200
    other = await world.client(Role.OFFICER, PurposeKind.CASE)
    assert (await other.ask("GET", url)).code == (403, "ticket")
    assert (await officer.ask("GET", url.replace("clips/", "clips/0"))).status == 422
    part = await officer.ask("GET", url, raw=True, headers={"Range": "bytes=4-7"})
    assert (part.status, part.body) == (206, b"ftyp")
    await withdraw(world, officer)
    assert (await officer.ask("GET", url)).code == (403, "recording_no_consent")
    _, told = await cut(officer, begin)  # nothing of the gate
    assert told[-1]["code"] == "recording_none"
    rows = await audit.list_rows(world.hub.store, CONSOLE, audit.AuditQuery(action="recording.export"))
    assert [row.result_count for row in rows] == [0, 1], "on record, the vain one too"
    rows = await audit.list_rows(world.hub.store, CONSOLE, audit.AuditQuery(action="recording.fetch"))
    taken = [row for row in rows if "refused" not in row.detail]
    assert (len(taken), len(rows)) == (2, 3), "whole and in part; what was refused was not taken, and is on record"


async def test_where_a_clip_must_be_split_is_told(world: World) -> None:
    begin = hour_ago()
    await record(world, begin)
    await record(world, begin + 2 * SECOND, take=Take(width=320, height=180))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    answer = await officer.ask(
        "POST", f"{API}/clips", json={"camera_id": str(world.county.cameras["gate"]), **span(begin)}, raw=True
    )
    problem = lines(answer.body)[-1]["problem"]
    assert (problem["code"], problem["params"]["at"]) == (
        "clip_splits",
        stamp(begin + 2 * SECOND).replace("Z", ".000Z"),
    )
    assert not any((world.hub.settings.data_dir / "clips").iterdir())

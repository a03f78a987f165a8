"""Film strips over HTTP: what is seen of which days, keyframes of a screen, and the vanish helper from end to end."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, cast

import av
import cv2
import numpy as np
import pytest

from camera_hub.live.fmp4 import Muxer
from camera_hub.recall.stills.dayfile import Album, Still
from camera_hub.recording.decoders import Decoders
from camera_hub.stream.packet import Packet, StreamParams
from registry import audit, consents
from registry.model import ConsentScope, PurposeKind, Role
from registry.users import CONSOLE
from tests.api.conftest import Client, World
from tests.camera_hub.recording.footage import Take, number_in, put
from tests.detectors.vanishing import Vanishing

HEAD = struct.Struct(">qqHHBxxxI")
SECOND = timedelta(seconds=1)


@dataclass
class Cell:
    wanted: int
    at: int
    what: int
    data: bytes

    @property
    def picture(self) -> Any:
        return cv2.imdecode(np.frombuffer(self.data, np.uint8), cv2.IMREAD_COLOR)


def unpacked(data: bytes) -> list[Cell]:
    cells, at = [], 0
    while at < len(data):
        wanted, taken, _, _, what, size = HEAD.unpack_from(data, at)
        at += HEAD.size
        cells.append(Cell(wanted, taken, what, data[at : at + size]))
        at += size
    return cells


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def keep(world: World, at: datetime, grey: int = 120, camera: str = "gate") -> None:
    ok, data = cv2.imencode(".webp", np.full((180, 320, 3), grey, np.uint8))
    assert ok
    album = Album(world.hub.settings.data_dir)
    album.append(world.county.cameras[camera], Still(ms(at), 320, 180, masked=False, data=data.tobytes()))


async def strip(client: Client, since: datetime, until: datetime, camera: str = "gate") -> Any:
    path = f"/api/v1/cameras/{client.world.county.cameras[camera]}/stills"
    return await client.get(path, params={"from": stamp(since), "to": stamp(until)})


async def frames(client: Client, since: datetime, until: datetime, camera: str = "gate", **more: Any) -> Any:
    path = f"/api/v1/cameras/{client.world.county.cameras[camera]}/frames"
    params = {"from": stamp(since), "to": stamp(until), **more}
    return await client.ask("GET", path, params=params, raw=True)


async def latest(world: World) -> Any:
    looks = ("still.", "recording.")
    return next(row for row in await audit.list_rows(world.hub.store, CONSOLE) if row.action.startswith(looks))


def no_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: Any, **__: Any) -> None:
        pytest.fail("a video was decoded")

    for way in ("picture", "crops"):
        monkeypatch.setattr(Decoders, way, refused)


async def test_thirty_days_are_opened_without_a_video(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    no_decoder(monkeypatch)
    end = now()
    for day in range(29):
        for minute in range(0, 60, 10):
            keep(world, end - timedelta(days=day, minutes=minute), grey=50 + day)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await strip(officer, end - timedelta(days=30), end + SECOND)
    assert sum(len(day["at"]) for day in found["days"]) == 29 * 6
    assert (found["every_minutes"], found["stream"]) == (10, "sub")
    assert found["days"] == sorted(found["days"], key=lambda day: day["day"])
    row = await latest(world)
    assert (row.action, row.result_count) == ("still.list", 29 * 6)
    seen = 0
    for day in found["days"]:
        answer = await officer.ask("GET", f"{day['url']}&apart=10", raw=True)
        cells = unpacked(answer.body)
        assert [one.at for one in cells] == day["at"]
        assert cells[0].picture.shape == (180, 320, 3)
        seen += len(cells)
        hourly = unpacked((await officer.ask("GET", day["url"], raw=True)).body)
        assert 1 <= len(hourly) <= 2, "one for each hour that has any"
    assert seen == 29 * 6


async def test_a_sheet_is_had_with_its_own_ticket_alone(world: World) -> None:
    keep(world, now())
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    (day,) = (await strip(officer, now() - timedelta(hours=1), now() + SECOND))["days"]
    other = day["url"].replace(day["day"], "2026-01-01")
    assert (await officer.ask("GET", other)).status == 403
    assert (await officer.ask("GET", day["url"].split("?")[0])).status == 422
    for wrong in ("apart=0", "apart=721", "apart=x", "more=1"):
        assert (await officer.ask("GET", f"{day['url']}&{wrong}")).status == 422
    stranger = await world.client(Role.APPROVER, PurposeKind.CASE)
    assert (await stranger.ask("GET", day["url"])).status == 403


async def test_of_a_householders_camera_a_consent_to_clips_is_asked_each_time(world: World) -> None:
    at, store = now() - timedelta(hours=2), world.hub.store
    keep(world, at, camera="yard")
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    yard = world.county.cameras["yard"]
    since, until = at - timedelta(hours=1), at + timedelta(hours=1)
    path = f"/api/v1/cameras/{yard}/stills"
    refused = await officer.ask("GET", path, params={"from": stamp(since), "to": stamp(until)})
    assert (refused.status, refused.body["code"]) == (403, "recording_no_consent")
    row = await latest(world)
    assert (row.action, row.result_count) == ("still.list", 0)
    new = consents.NewConsent(
        owner_name="户主",
        scopes=frozenset({ConsentScope.EVENTS, ConsentScope.CLIP}),
        valid_from=at - timedelta(minutes=30),
        signed_at=at - timedelta(days=1),
        text_version="2026-1",
    )
    consent = await consents.create(store, yard, new, CONSOLE)
    keep(world, at - timedelta(minutes=40), camera="yard")
    found = await strip(officer, since, until, camera="yard")
    assert [day["at"] for day in found["days"]] == [[ms(at)]], "what was before the consent is not there"
    url = found["days"][0]["url"]
    assert len(unpacked((await officer.ask("GET", url, raw=True)).body)) == 1
    await consents.withdraw(store, consent.id, CONSOLE)
    assert (await officer.ask("GET", url)).status == 403, "withdrawn during the case"
    body = {"from": stamp(since), "to": stamp(until)}
    assert (await officer.ask("POST", f"/api/v1/cameras/{yard}/vanish", json=body)).status == 403


async def test_what_is_purged_during_a_case_is_gone_from_its_sheet_and_nothing_else(world: World) -> None:
    end = now()
    for minutes in (30, 20, 10):
        keep(world, end - timedelta(minutes=minutes))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    found = await strip(officer, end - timedelta(hours=1), end + SECOND)
    url, gate = found["days"][-1]["url"], world.county.cameras["gate"]
    gone = ms(end - timedelta(minutes=10))
    for day in found["days"]:
        Album(world.hub.settings.data_dir).leave_out(day["day"], gate, lambda one: one.at == gone)
    left = [one.at for one in unpacked((await officer.ask("GET", f"{url}&apart=1", raw=True)).body)]
    assert left == [at for at in found["days"][-1]["at"] if at != gone]
    Album(world.hub.settings.data_dir).leave_out(found["days"][-1]["day"], gate, lambda _: True)
    answer = await officer.ask("GET", f"{url}&apart=1", raw=True)
    assert (answer.status, answer.body) == (200, b"")


async def test_a_screen_of_keyframes_says_when_each_is_from_and_where_there_is_none(world: World) -> None:
    begin = now() - timedelta(hours=1)
    hub, gate = world.hub, world.county.cameras["gate"]
    for number in (0, 1, 3):  # the third minute was not recorded
        at = begin + number * timedelta(minutes=1)
        await put(hub.store, hub.settings.data_dir, gate, at, Take(first=100 * number, frames=60, gop=15))
    gone = begin + timedelta(minutes=4)
    (await put(hub.store, hub.settings.data_dir, gate, gone, Take())).unlink()
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    answer = await frames(officer, begin, begin + timedelta(minutes=5), count=5)
    cells = unpacked(answer.body)
    assert [one.what for one in cells] == [0, 0, 1, 0, 2]
    assert [one.wanted for one in cells] == [ms(begin) + n * 60_000 for n in range(5)]
    assert [number_in(one.picture) for one in cells if one.what == 0] == [0, 100, 300]
    assert cells[0].picture.shape[:2] == (96, 160), "never larger than it is"
    fine = unpacked((await frames(officer, begin, begin + 4 * SECOND, count=4, x0=0.5, x1=1, width=40)).body)
    assert [(one.at - ms(begin)) / 1000 for one in fine] == [0, 1, 2, 3]
    assert fine[0].picture.shape[:2] == (48, 40)
    row = await latest(world)
    assert (row.action, row.cameras) == ("recording.frames", (str(gate),))
    for wrong in ({"count": 61}, {"count": 0}, {"x0": 0.9, "x1": 0.9}, {"y0": -1}, {"width": 5000}, {"x1": "nan"}):
        assert (await frames(officer, begin, begin + SECOND, **wrong)).status == 422
    assert (await frames(officer, begin, begin + timedelta(hours=26))).status == 422


async def test_what_is_before_a_mask_and_beyond_the_purpose_is_not_in_a_strip(world: World) -> None:
    end = now()
    keep(world, end - timedelta(minutes=30))
    gate = world.county.cameras["gate"]
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    assert (await strip(officer, end - timedelta(hours=1), end))["days"] != []
    mask = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]
    admin = await world.client(Role.ADMIN)
    scene = {"scene": {"masks": [mask]}, "expected_revision": 0}
    assert (await admin.ask("PUT", f"/api/v1/cameras/{gate}/scene", json=scene)).status == 200
    path = f"/api/v1/cameras/{gate}/stills"
    refused = await officer.ask("GET", path, params={"from": stamp(end - timedelta(hours=1)), "to": stamp(end)})
    assert (refused.status, refused.body["code"]) == (403, "recorded_unmasked")
    far = {"from": stamp(end - timedelta(days=60)), "to": stamp(end - timedelta(days=50))}
    assert (await officer.ask("GET", path, params=far)).status == 403
    long = {"from": stamp(end - timedelta(days=40)), "to": stamp(end)}
    assert (await officer.ask("GET", path, params=long)).status == 422


async def test_the_vanish_helper_goes_from_stills_to_keyframes_and_asks_where_it_is_unsure(world: World) -> None:
    """A night of stills and ten minutes of footage of a scene with a known second; officer and machine find it."""
    scene = Vanishing(4, hours=2, begins=10)
    scene.gone_s = 62 * 60 + 23.0
    begin = now() - timedelta(hours=3)
    hub, gate = world.hub, world.county.cameras["gate"]
    for number in range(13):
        picture = np.median([scene.frame(number * 600 + n, n) for n in range(5)], axis=0).astype(np.uint8)
        _, data = cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
        at = begin + timedelta(minutes=10 * number)
        Album(hub.settings.data_dir).append(gate, Still(ms(at), 320, 180, masked=False, data=data.tobytes()))
    for minute in range(59, 72):
        data = filmed([scene.frame(minute * 60 + 2 * n, n) for n in range(30)])
        take = Take(frames=30, fps=1, width=320, height=180)
        at = begin + timedelta(minutes=minute)
        await put(hub.store, hub.settings.data_dir, gate, at, take, data=data)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    x0, y0, x1, y1 = scene.box
    part = {"x0": x0 / 320, "y0": y0 / 180, "x1": x1 / 320, "y1": y1 / 180}
    body: dict[str, Any] = {"from": stamp(begin), "to": stamp(begin + timedelta(hours=2)), **part, "steps": []}
    path = f"/api/v1/cameras/{gate}/vanish"
    for _ in range(20):
        found = await officer.ask("POST", path, json=body)
        assert found.status == 200, found.body
        if (ask := found.body["ask"]) is None:
            break
        answer = "in" if scene.there((ask - ms(begin)) / 1000) else "out"
        body["steps"] = [
            *found.body["steps"],
            {"level": found.body["level"], "at": ask, "answer": answer, "by": "officer"},
        ]
    assert (found.body["level"], found.body["ask"]) == ("keyframes", None)
    last_in, first_out = (found.body[name] - ms(begin) for name in ("last_in", "first_out"))
    assert last_in / 1000 - 8 <= scene.gone_s <= first_out / 1000 + 8
    assert first_out - last_in <= 10_000
    assert found.body["asked"] <= found.body["most"]
    by_machine = [one for one in found.body["steps"] if one["by"] == "machine"]
    assert by_machine
    assert all(-1 <= one["fit_in"] <= 1 for one in by_machine if one["answer"] != "unknown")
    row = await latest(world)
    assert (row.action, row.cameras) == ("recording.frames", (str(gate),))
    wrong = {**body, "steps": [{"level": "stills", "at": 1, "answer": "in", "by": "officer"}]}
    refused = await officer.ask("POST", path, json=wrong)
    assert (refused.status, refused.body["code"]) == (422, "vanish_steps")


async def test_the_vanish_helper_compares_with_no_picture_that_may_not_be_seen(world: World) -> None:
    """The householder's hours end before the moment without the thing: of that one a person alone is asked."""
    scene = Vanishing(4, hours=2, begins=10)
    scene.gone_s = 62 * 60 + 23.0
    begin, store = now().replace(second=0) - timedelta(hours=3), world.hub.store
    yard = world.county.cameras["yard"]
    for number in range(13):
        picture = np.median([scene.frame(number * 600 + n, n) for n in range(5)], axis=0).astype(np.uint8)
        _, data = cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
        at = begin + timedelta(minutes=10 * number)
        Album(world.hub.settings.data_dir).append(yard, Still(ms(at), 320, 180, masked=False, data=data.tobytes()))
    local = begin.astimezone(store.tz)
    first = local.hour * 60 + local.minute
    agreed = consents.NewConsent(
        owner_name="户主",
        scopes=frozenset({ConsentScope.EVENTS, ConsentScope.CLIP}),
        valid_from=begin - timedelta(days=1),
        signed_at=begin - timedelta(days=1),
        from_minute=first,
        to_minute=(first + 115) % 1440,
        text_version="2026-1",
    )
    await consents.create(store, yard, agreed, CONSOLE)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    x0, y0, x1, y1 = scene.box
    part = {"x0": x0 / 320, "y0": y0 / 180, "x1": x1 / 320, "y1": y1 / 180}
    body = {"from": stamp(begin), "to": stamp(begin + timedelta(hours=2)), **part, "steps": []}
    found = await officer.ask("POST", f"/api/v1/cameras/{yard}/vanish", json=body)
    assert found.status == 200, found.body
    assert (found.body["ask"] is not None, found.body["steps"]) == (True, [])


def filmed(pictures: list[Any]) -> bytes:
    """A segment of grey pictures, each a keyframe, two seconds apart."""
    context = cast("av.VideoCodecContext", av.CodecContext.create("libx264", "w"))
    context.width, context.height, context.pix_fmt = 320, 180, "yuv420p"
    context.time_base, context.framerate, context.thread_count = Fraction(1, 90_000), Fraction(1, 2), 1
    context.options = {"preset": "ultrafast", "x264-params": "keyint=1:repeat-headers=1"}
    muxer = Muxer(StreamParams("h264", None, Fraction(1, 90_000), 0, 0))
    data = b""
    for number, picture in enumerate([*pictures, None]):
        frame = None
        if picture is not None:
            frame = av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), format="rgb24")
            frame.pts = number * 180_000
        for packet in context.encode(frame):
            given = Packet(bytes(packet), packet.pts or 0, packet.dts or 0, packet.is_keyframe, 0.0)
            data += b"".join(part.data for part in muxer.feed(given) if part is not None)
    return data

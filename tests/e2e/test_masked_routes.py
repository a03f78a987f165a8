"""What a mask hides is black in everything that returns pixels, whichever route it comes by.

The routes are read from the route table: one that sends pictures or video and is not asked here fails, so that a new
one cannot be forgotten. A real camera over RTSP, a real hub with its worker, real files.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import av
import cv2
import numpy as np
import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType
from aiohttp.test_utils import TestServer
from numpy.typing import NDArray

from api import all_routes, make_app
from api.stills import MEDIA
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.recall.stills.sheet import What
from camera_hub.settings import RecordingSettings
from registry import scenes
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, officer, place_village, settings_in, state_of, until

pytestmark = pytest.mark.rtsp

API = "/api/v1"
MASK = ((0.0, 0.0), (0.4, 0.0), (0.4, 0.4), (0.0, 0.4))
INIT, FRAME = 1, 2
SHEET = struct.Struct(">qqHHBxxxI")
Pixels = list[NDArray[np.uint8]]
STILL_NONE = {(404, "snapshot_none"), (403, "recorded_unmasked")}
NO_PIXELS = {"/events/stream", "/alerts/stream", "/incidents/stream", "/screens/{name}"}
"""Sockets that tell in words; `/live` is asked."""


@dataclass
class Desk:
    """A signed-in officer's way to the hub, and what there is to look at."""

    http: ClientSession
    camera: UUID
    csrf: str
    patrol: str = ""

    async def ask(self, method: str, path: str, body: object = None, *, under: str | None = None) -> Any:
        headers = {"X-CSRF-Token": self.csrf} | ({"X-Purpose": under} if under else {})
        async with self.http.request(method, path, json=body, headers=headers) as answer:
            data = await answer.read()
            assert answer.status < 300, (path, answer.status, data[:300])
            return json.loads(data) if answer.content_type == "application/json" else data


def decoded(data: bytes) -> Pixels:
    with av.open(io.BytesIO(data)) as file:
        return [frame.to_ndarray(format="gray") for frame in file.decode(video=0)]


def jpeg(data: bytes) -> Pixels:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return [picture]


async def event_of(desk: Desk) -> str:
    """An event with a picture that may be shown: one of the seconds in which the mask was settling is refused."""

    async def seen() -> Any:
        for one in (await desk.ask("GET", f"{API}/events?camera={desk.camera}"))["events"]:
            async with desk.http.get(f"{API}/events/{one['id']}/snapshot") as answer:
                if answer.status == 200:
                    return one["id"]
                assert (answer.status, (await answer.json())["code"]) in STILL_NONE
        return None

    return str(await until(seen, seconds=150, what="an event with a picture that may be shown"))


async def of_event(desk: Desk) -> Pixels:
    return jpeg(await desk.ask("GET", f"{API}/events/{await event_of(desk)}/snapshot"))


async def of_events(desk: Desk) -> Pixels:
    return in_sheet(await desk.ask("POST", f"{API}/events/pictures", {"event_ids": [await event_of(desk)]}))


async def no_still(desk: Desk) -> Pixels:
    """A still comes from the main stream's own packets: of a masked camera none is ever taken."""
    async with desk.http.get(f"{API}/events/{await event_of(desk)}/still") as answer:
        assert (answer.status, json.loads(await answer.text())["code"]) in STILL_NONE
    return []


async def of_incident(desk: Desk) -> Pixels:
    made = await desk.ask("POST", f"{API}/incidents", {"event_id": await event_of(desk), "title": "有人"})
    return jpeg(await desk.ask("GET", f"{API}/incidents/{made['id']}/picture"))


async def of_now(desk: Desk) -> Pixels:
    return [
        one
        for size in ("preview", "full")
        for one in jpeg(await desk.ask("GET", f"{API}/cameras/{desk.camera}/picture?size={size}"))
    ]


async def of_mark(desk: Desk) -> Pixels:
    marks = f"{API}/patrols/{desk.patrol}/marks"
    mark = await desk.ask("POST", marks, {"camera_id": str(desk.camera), "verdict": "normal"})
    return jpeg(await desk.ask("GET", f"{marks}/{mark['id']}/picture"))


async def segments_of(desk: Desk) -> list[Any]:
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat(), "stream": "main"}
    (camera,) = (await desk.ask("POST", f"{API}/playbacks", {"cameras": [str(desk.camera)], **span}))["cameras"]
    # The first file began while the mask was settling: of its beginning nothing is shown.
    return [one for one in camera["segments"] if one["ended_at"] is not None][1:]


async def of_segments(desk: Desk) -> Pixels:
    return [frame for one in await segments_of(desk) for frame in decoded(await desk.ask("GET", one["url"]))]


async def of_scrubbing(desk: Desk) -> Pixels:
    return [one for piece in await segments_of(desk) for one in jpeg(await desk.ask("GET", piece["picture_url"]))]


async def of_clip(desk: Desk) -> Pixels:
    whole = await segments_of(desk)
    body = {
        "camera_id": str(desk.camera),
        "from": whole[0]["started_at"],
        "to": whole[-1]["ended_at"],
        "stream": "main",
    }
    *_, done = (await desk.ask("POST", f"{API}/clips", body)).splitlines()
    return decoded(await desk.ask("GET", json.loads(done)["clip"]["url"]))


async def of_bookmark(desk: Desk) -> Pixels:
    (case,) = (await desk.ask("GET", f"{API}/cases"))["cases"]
    purpose = (await desk.ask("POST", f"{API}/purposes", {"kind": "case", "case_id": case["id"]}))["id"]
    seen = {"camera_id": str(desk.camera), "at": (await segments_of(desk))[0]["started_at"], "stream": "main"}
    bookmarks = f"{API}/cases/{case['id']}/bookmarks"
    made = await desk.ask("POST", bookmarks, {**seen, "kind": "lead"}, under=purpose)
    return jpeg(await desk.ask("GET", f"{bookmarks}/{made['id']}/still", under=purpose))


def in_sheet(data: bytes) -> Pixels:
    found = []
    while data:
        *_, what, size = SHEET.unpack_from(data)
        found += jpeg(data[SHEET.size : SHEET.size + size]) if what == What.PICTURE else []
        data = data[SHEET.size + size :]
    return found


async def of_small_pictures(desk: Desk) -> Pixels:
    async def there() -> Any:
        now = datetime.now(UTC)
        span = urlencode({"from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()})
        return (await desk.ask("GET", f"{API}/cameras/{desk.camera}/stills?{span}"))["days"]

    days = await until(there, seconds=120, what="a small picture")
    return [one for day in days for one in in_sheet(await desk.ask("GET", f"{day['url']}&apart=10"))]


async def of_keyframes(desk: Desk) -> Pixels:
    whole = await segments_of(desk)
    span = {"from": whole[0]["started_at"], "to": whole[-1]["ended_at"], "stream": "main", "count": 4}
    return in_sheet(await desk.ask("GET", f"{API}/cameras/{desk.camera}/frames?{urlencode(span)}"))


async def of_live(desk: Desk) -> Pixels:
    init, media = b"", b""
    async with desk.http.ws_connect(f"{API}/live") as socket:
        await socket.send_json({"op": "open", "tile": 0, "camera": str(desk.camera), "stream": "main"})
        count = 0
        while count < 8:
            message = await socket.receive(timeout=40)
            assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), message
            if message.type is not WSMsgType.BINARY:
                continue
            kind, body = message.data[2], bytes(message.data)
            if kind == INIT:
                init = body[body.index(b"ftyp") - 4 :]
            elif kind == FRAME and init:
                media += body[body.index(b"moof") - 4 :]
                count += 1
    return decoded(init + media)


ASKED: dict[str, Callable[[Desk], Awaitable[Pixels]]] = {
    "GET /events/{event_id}/snapshot": of_event,
    "POST /events/pictures": of_events,
    "GET /events/{event_id}/still": no_still,
    "GET /incidents/{incident_id}/picture": of_incident,
    "GET /cameras/{camera_id}/picture": of_now,
    "GET /patrols/{patrol_id}/marks/{mark_id}/picture": of_mark,
    "GET /segments/{camera_id}/{stream}/{started_ms}": of_segments,
    "GET /segments/{camera_id}/{stream}/{started_ms}/picture": of_scrubbing,
    "GET /clips/{clip_id}": of_clip,
    "GET /cases/{case_id}/bookmarks/{bookmark_id}/still": of_bookmark,
    "GET /stills/{camera_id}/{day}": of_small_pictures,
    "GET /cameras/{camera_id}/frames": of_keyframes,
}
NOT_OF_CAMERAS = {
    "GET /cameras/{camera_id}/notice": "what is printed and hung beside the camera",
    "GET /cameras/{camera_id}/sign": "a photo of the sign that hangs there",
    "GET /consents/{consent_id}/scan": "the paper an owner signed",
    "GET /uploads/{sent_id}/pictures/{number}": "what somebody's own camera recorded, who gave it for the case",
    "GET /uploads/{sent_id}/video": "as above: evidence, byte for byte",
    "GET /uploads/{sent_id}/clock": "a photo of a recorder's clock",
    "GET /drafts/{draft_id}/frames/{number}": "of a clip cut as GET /clips cuts it, with more hidden, not less",
}
"""Routes that send pictures of something else than a camera, or of what another route here sends."""


def test_every_route_that_sends_pixels_is_asked() -> None:
    sends = {
        f"{route.method} {route.path.removeprefix(API)}"
        for route in all_routes()
        if any(media.startswith(("image/", "video/", MEDIA)) for media in route.raw)
    }
    assert sends - NOT_OF_CAMERAS.keys() == ASKED.keys(), "a route that sends pictures: ask it here, or say of what"
    sockets = {route.path.removeprefix(API) for route in all_routes() if "websocket" in route.raw}
    assert sockets == {"/live", *NO_PIXELS}, "a new socket: ask it here if it carries pictures"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    clip = make_clip(tmp_path / "yard.clip", SMALL, 20.0)
    settings = settings_in(tmp_path / "data", recording=RecordingSettings(segment_s=5, still_minutes=1))
    with SampleServer([Mount("/yard", clip)]) as camera:
        async with Hub.running(settings) as hub:
            await place_village(hub.store)
            yard = await add_camera(hub.store, hub.vault, camera.urls["/yard"])
            seen = scenes.DEFAULT_SCENE.model_copy(update={"masks": (MASK,)})
            await scenes.put(hub.store, yard.id, seen, CONSOLE)
            await officer(hub.store)

            async def live() -> bool:
                return await state_of(hub.store, yard.id) == ("live", None)

            await until(live, seconds=90, what="the camera is live")
            async with (
                TestServer(make_app(hub)) as server,
                ClientSession(base_url=server.make_url("/"), cookie_jar=CookieJar(unsafe=True)) as http,
            ):
                body = {"name": "li", "password": "a long enough password"}
                async with http.post(f"{API}/session", json=body) as answer:
                    signed = await answer.json()
                yield Desk(http, yard.id, signed["csrf"])


async def test_what_a_mask_hides_is_black_by_every_route(desk: Desk) -> None:
    # A patrol sees live and the last day: everything below is of the last minutes.
    patrol = await desk.ask("POST", f"{API}/patrols", {"camera_ids": [str(desk.camera)], "reason": "巡查"})
    desk.patrol = patrol["id"]

    async def recorded() -> bool:
        return len(await segments_of(desk)) >= 2

    await until(recorded, seconds=120, what="two whole segments")
    for route, pixels in {**ASKED, "GET /live": of_live}.items():
        frames = await pixels(desk)
        assert frames or pixels is no_still, f"{route}: no picture came"
        for frame in frames:
            high, wide = frame.shape
            assert frame[: int(high * 0.36), : int(wide * 0.36)].max() < 45, f"{route}: what the mask hides is seen"
            assert frame[int(high * 0.6) :, int(wide * 0.6) :].max() > 60, f"{route}: what it does not hide is not"

"""Trials told line by line, and boxes found: against cameras on real ports."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID

import cv2
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from api import trials
from api.trials import PROBES_AT_ONCE, PROBING
from camera_hub.stream import clock, discovery
from registry import consents, users
from registry.model import Kind, Role
from registry.users import CONSOLE
from tests.camera_hub.stream.probe_matches import Box, answer, match
from tests.services.process import free_port

from .conftest import ELSEWHERE, Client, Serving, World
from .test_devices import register

SECRET = "hunter2 hunter2"
BASIC = "Basic YWRtaW46cGFzc3dvcmQx"


class Camera:
    """MJPEG behind a password, for as long as somebody reads."""

    def __init__(self) -> None:
        self.port = 0
        self.reading = asyncio.Event()
        self.left = asyncio.Event()

    async def show(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != BASIC:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="camera"'})
        _, jpeg = cv2.imencode(".jpg", np.full((96, 160, 3), 90, np.uint8))
        part = b"--b\r\nContent-Type: image/jpeg\r\n\r\n" + jpeg.tobytes() + b"\r\n"
        response = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace; boundary=b"})
        await response.prepare(request)
        self.reading.set()
        try:
            while True:
                await response.write(part)
                await asyncio.sleep(0.05)
        finally:
            self.left.set()


@pytest.fixture
async def camera() -> AsyncIterator[Camera]:
    shown = Camera()
    app = web.Application()
    app.router.add_get("/live", shown.show)
    async with TestServer(app) as server:
        assert server.port is not None
        shown.port = server.port
        yield shown


async def lines_of(client: Client, path: str, body: object) -> list[dict[str, Any]]:
    answer = await client.ask("POST", path, json=body, raw=True)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson"), answer
    return [json.loads(line) for line in answer.body.splitlines()]


async def test_each_step_is_told_and_the_report_comes_last(serving: Serving, camera: Camera) -> None:
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    url = f"http://admin:password1@127.0.0.1:{camera.port}/live"
    told = await lines_of(officer, "/api/v1/trials", {"url": url, "onvif_port": free_port()})
    steps = [line["step"] for line in told if "step" in line]
    assert [(step["name"], step["ok"]) for step in steps] == [
        ("reach", True), ("sign_in", True), ("picture", True), ("measure", True), ("clock", None),
    ]  # fmt: skip
    progress = [line["progress"] for line in told if "progress" in line]
    assert progress
    assert [one["share"] for one in progress] == sorted(one["share"] for one in progress)
    assert all(0 <= one["share"] < 1 for one in progress)
    report = told[-1]["report"]
    assert (report["ok"], report["url"]) == (True, f"http://127.0.0.1:{camera.port}/live")
    assert report["steps"] == steps
    assert (report["stream"]["codec"], report["stream"]["width"]) == ("mjpeg", 160)
    assert "password1" not in json.dumps(told)


async def test_a_wrong_password_ends_at_signing_in_and_is_never_written_down(serving: Serving, camera: Camera) -> None:
    world = await serving(allow_loopback=True)
    officer, admin = await world.client(Role.OFFICER), await world.client(Role.ADMIN)
    url = f"http://127.0.0.1:{camera.port}/live?token=abc"
    told = await lines_of(officer, "/api/v1/trials", {"url": url, "username": "admin", "password": SECRET})
    assert [(line["step"]["name"], line["step"]["ok"]) for line in told[:-1]] == [("reach", True), ("sign_in", False)]
    assert told[1]["step"]["code"] == "rejected"
    assert [step["ok"] for step in told[-1]["report"]["steps"]] == [True, False, None, None, None]
    rows = (await admin.get("/api/v1/audit?action=device.try"))["rows"]
    assert [(row["user"], json.loads(row["detail"])["host"]) for row in rows] == [("officer", "127.0.0.1")]
    assert not {SECRET, "abc", "/live"} & set(json.dumps(rows).split('"'))
    assert SECRET not in json.dumps(told)


async def test_a_trial_is_called_off_when_nobody_reads_it(
    serving: Serving, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "PICTURE_SECONDS", 600.0)
    monkeypatch.setattr("camera_hub.stream.probe._ENOUGH_GOPS", 10**9)
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    body = {"url": f"http://admin:password1@127.0.0.1:{camera.port}/live"}
    # As `camera-hub serve` does: aiohttp's test server would itself cancel a handler whose client left.
    assert world.server.runner is not None
    assert world.server.runner.server is not None
    world.server.runner.server.handler_cancellation = False
    asked = await officer.http.post(world.url("/api/v1/trials"), json=body, headers=officer.headers)
    await camera.reading.wait()
    assert json.loads(await asked.content.readline()) == {
        "step": {"name": "reach", "ok": True, "code": None, "hint": None}
    }
    probing = world.server.app[PROBING]
    assert probing._value == PROBES_AT_ONCE - 1
    asked.close()
    await asyncio.wait_for(camera.left.wait(), 30)
    for _ in range(PROBES_AT_ONCE):
        await asyncio.wait_for(probing.acquire(), 30)


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({}, "body", "one_way"),
        ({"vendor": "hikvision"}, "body", "one_way"),
        ({"url": "rtsp://192.0.2.1/1", "vendor": "dahua", "host": "192.0.2.1"}, "body", "one_way"),
        ({"vendor": "acme", "host": "192.0.2.1"}, "body.vendor", "enum"),
        ({"vendor": "tp_link", "host": "192.0.2.1", "channel": 2}, "body.channel", "channel"),
        ({"vendor": "dahua", "host": "192.0.2.1:80"}, "body.host", "value_error"),
        ({"url": "rtsp://127.0.0.1/1"}, "body.url", "loopback"),
        ({"url": "file:///etc/passwd"}, "body.url", "file"),
        ({"url": "rtsp://192.0.2.1/$(reboot)"}, "body.url", "character"),
        ({"url": "gopher://192.0.2.1/"}, "body.url", "scheme"),
        ({"url": "rtsp://192.0.2.1/1", "password": "x" * 129}, "body.password", "value_error"),
    ],
)
async def test_what_cannot_be_tried_is_refused_before_anything_connects(
    world: World, body: dict[str, object], path: str, code: str
) -> None:
    officer = await world.client(Role.OFFICER)
    answer = await officer.ask("POST", "/api/v1/trials", json=body)
    assert answer.status == 422
    assert [(one["path"], one["code"]) for one in answer.body["fields"]] == [(path, code)]


async def test_who_may_not_register_may_not_try(world: World) -> None:
    monitor = await world.client(Role.MONITOR)
    for path, body in (
        ("trials", {"url": "rtsp://192.0.2.1/1"}),
        (f"devices/{world.county.device}/trials", {}),
        ("devices/find", {}),
    ):
        assert (await monitor.ask("POST", f"/api/v1/{path}", json=body)).code == (403, "role")


async def test_a_templates_address_is_tried(serving: Serving) -> None:
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    body = {"vendor": "hikvision", "host": "127.0.0.1", "port": free_port(), "channel": 3, "stream": "main"}
    told = await lines_of(officer, "/api/v1/trials", body)
    assert [(line["step"]["ok"], line["step"]["code"]) for line in told[:-1]] == [(False, "port_closed")]
    assert told[-1]["report"]["url"] == f"rtsp://127.0.0.1:{body['port']}/Streaming/Channels/301"
    makers = (await officer.get("/api/v1/devices/templates"))["templates"]
    assert {"hikvision", "dahua", "uniview", "tp_link", "ezviz", "xm"} <= {one["vendor"] for one in makers}


async def test_a_householders_camera_is_not_tried_by_its_address_without_his_consent(
    serving: Serving, camera: Camera
) -> None:
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    device = await register(world, camera.port, Kind.CIVILIAN)
    body = {"url": f"http://admin:password1@127.0.0.1:{camera.port}/live"}
    assert (await officer.ask("POST", "/api/v1/trials", json=body)).code == (403, "no_consent")
    assert (await officer.ask("POST", f"/api/v1/devices/{device}/trials", json={})).code == (403, "no_consent")
    (mine,) = [one for one in (await officer.get("/api/v1/cameras"))["cameras"] if one["device_id"] == str(device)]
    new = consents.NewConsent(owner_name="户主", scopes=frozenset({"events"}), text_version="1")
    await consents.create(world.hub.store, UUID(mine["id"]), new, CONSOLE)
    assert (await lines_of(officer, "/api/v1/trials", body))[-1]["report"]["ok"] is True


async def test_a_registered_devices_clock_is_kept(
    serving: Serving, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "offset_ms", lambda *_, **__: 90_500)
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    device = await register(world, camera.port)
    (mine,) = [one for one in (await officer.get("/api/v1/cameras"))["cameras"] if one["device_id"] == str(device)]
    url = f"http://127.0.0.1:{camera.port}/live"
    assert (await officer.ask("PATCH", f"/api/v1/cameras/{mine['id']}", json={"sub_url": url})).status == 200
    told = await lines_of(officer, f"/api/v1/devices/{device}/trials", {"camera_id": mine["id"], "stream": "sub"})
    report = told[-1]["report"]
    assert (report["clock_offset_ms"], "set_clock" in {one["code"] for one in report["advice"]}) == (90_500, True)
    assert (await officer.get(f"/api/v1/devices/{device}"))["clock_offset_ms"] == 90_500


async def test_a_search_tells_from_where_and_is_in_the_audit(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camera_hub.stream.discovery.own_addresses", lambda **_: [])
    world = await serving()
    officer, admin = await world.client(Role.OFFICER), await world.client(Role.ADMIN)
    told = await lines_of(officer, "/api/v1/devices/find", {"seconds": 1})
    assert told == [{"done": {"found": 0, "searched": []}}]
    assert [row["user"] for row in (await admin.get("/api/v1/audit?action=device.find"))["rows"]] == ["officer"]
    assert (await officer.ask("POST", "/api/v1/devices/find", json={"seconds": 11})).status == 422


async def test_a_box_found_is_known_to_those_whose_it_is(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Box(lambda: [answer(match())] * 2), local_addr=("127.0.0.1", 0)
    )
    at = transport.get_extra_info("sockname")
    monkeypatch.setattr(discovery, "own_addresses", lambda **_: ["127.0.0.1"])
    monkeypatch.setattr(discovery, "find", partial(discovery.find, group=at))
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    device = await register(world, free_port())
    found, done = await lines_of(officer, "/api/v1/devices/find", {"seconds": 1})
    assert found["found"] == {
        "host": "127.0.0.1",
        "port": 8000,
        "name": "HIKVISION DS-2CD",
        "hardware": "DS-2CD",
        "location": "村口",
        "onvif_url": "http://127.0.0.1:8000/onvif/device_service",
        "known_device_id": str(device),
    }
    assert done == {"done": {"found": 1, "searched": ["127.0.0.1"]}}
    user = await users.by_name(world.hub.store, "officer")
    await users.set_grants(world.hub.store, user.id, (ELSEWHERE,), CONSOLE)
    stranger = await world.client(Role.OFFICER)
    (unknown, _) = await lines_of(stranger, "/api/v1/devices/find", {"seconds": 1})
    assert unknown["found"]["known_device_id"] is None
    transport.close()

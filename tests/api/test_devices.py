"""Trying devices out over HTTP, against real sockets: a picture server, a closed port, and one that is not ONVIF."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import cv2
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from api.trials import PROBES_AT_ONCE, PROBING
from registry import cameras, consents, devices
from registry.devices import UrlPolicy
from registry.model import Kind, Role
from registry.users import CONSOLE
from tests.services.process import free_port

from .conftest import VILLAGE, Serving, World

LOOPBACK = UrlPolicy(allow_loopback=True)


@pytest.fixture
async def pictures() -> AsyncIterator[int]:
    """The port of a camera that serves a JPEG to who signs in as admin."""
    _, jpeg = cv2.imencode(".jpg", np.full((96, 160, 3), 90, np.uint8))

    async def snapshot(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Basic YWRtaW46cGFzc3dvcmQx":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="camera"'})
        return web.Response(body=jpeg.tobytes(), content_type="image/jpeg")

    app = web.Application()
    app.router.add_get("/picture.jpg", snapshot)
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port


async def register(world: World, port: int, kind: Kind = Kind.PUBLIC, password: str = "password1") -> UUID:
    store, vault = world.hub.store, world.hub.vault
    new = devices.NewDevice(name="盒", host="127.0.0.1", username="admin", password=SecretStr(password))
    device = await devices.create(store, vault, new, CONSOLE, policy=LOOPBACK)
    camera = cameras.NewCamera(
        device_id=device.id,
        name="门",
        kind=kind,
        village_code=VILLAGE,
        sub_url=f"snapshot+http://127.0.0.1:{port}/picture.jpg?every=1",
        manager_unit="派出所",
        owner_name="户主",
        owner_contact="1",
    )
    await cameras.create(store, vault, camera, CONSOLE, policy=LOOPBACK)
    return device.id


async def test_a_stream_is_tried_and_measured(serving: Serving, pictures: int) -> None:
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    device = await register(world, pictures)
    report = await officer.post(f"/api/v1/devices/{device}/test", {}, 200)
    assert report["ok"] is True, report
    assert [step["ok"] for step in report["steps"][:4]] == [True, True, True, True]
    assert (report["stream"]["width"], report["stream"]["height"]) == (160, 96)
    admin = await world.client(Role.ADMIN)
    assert (await admin.get("/api/v1/audit?action=device.test"))["rows"][0]["user"] == "officer"


async def test_what_is_wrong_with_a_device_is_in_the_report(serving: Serving, pictures: int) -> None:
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    closed = await officer.post(f"/api/v1/devices/{await register(world, free_port())}/test", {}, 200)
    assert [step["ok"] for step in closed["steps"][:3]] == [False, None, None]
    wrong = await officer.post(f"/api/v1/devices/{await register(world, pictures, password='wrong')}/test", {}, 200)
    assert [step["ok"] for step in wrong["steps"][:3]] == [True, False, None]
    device = await register(world, pictures)
    missing = await officer.ask("POST", f"/api/v1/devices/{device}/test", json={"stream": "main"})
    assert missing.code == (409, "no_video")
    other = await officer.ask("POST", f"/api/v1/devices/{world.county.device}/test", json={"camera_id": str(device)})
    assert other.code == (404, "camera_unknown")


async def test_a_civilian_camera_is_not_tried_without_its_owners_consent(serving: Serving, pictures: int) -> None:
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    device = await register(world, pictures, Kind.CIVILIAN)
    refused = await officer.ask("POST", f"/api/v1/devices/{device}/test", json={})
    assert refused.code == (403, "no_consent")
    (camera,) = [one for one in (await officer.get("/api/v1/cameras"))["cameras"] if one["device_id"] == str(device)]
    new = consents.NewConsent(owner_name="户主", scopes=frozenset({"events"}), text_version="1")
    await consents.create(world.hub.store, UUID(camera["id"]), new, CONSOLE)
    assert (await officer.post(f"/api/v1/devices/{device}/test", {}, 200))["ok"] is True


async def test_onvif_errors_of_the_device_are_502_and_loopback_is_refused_unless_allowed(
    serving: Serving, world: World
) -> None:
    allowed = await serving(allow_loopback=True)
    officer = await allowed.client(Role.OFFICER)
    asked = {"host": "127.0.0.1", "port": free_port(), "username": "admin", "password": "x"}
    answer = await officer.ask("POST", "/api/v1/devices/onvif", json=asked)
    assert answer.status == 502
    strict = await world.client(Role.OFFICER)
    assert (await strict.ask("POST", "/api/v1/devices/onvif", json=asked)).status == 422


async def test_few_devices_are_tried_at_once(serving: Serving) -> None:
    world = await serving(allow_loopback=True)
    officer = await world.client(Role.OFFICER)
    device = await register(world, free_port())
    probing: asyncio.Semaphore = world.server.app[PROBING]
    for _ in range(PROBES_AT_ONCE):
        await probing.acquire()
    answer = await officer.ask("POST", f"/api/v1/devices/{device}/test", json={})
    assert answer.code == (429, "too_many_probes")
    assert "Retry-After" in answer.headers


async def test_whom_somebody_asks_over_onvif_is_in_the_audit_first(serving: Serving) -> None:
    world = await serving(allow_loopback=True)
    officer, admin = await world.client(Role.OFFICER), await world.client(Role.ADMIN)
    asked = {"host": "127.0.0.1", "port": free_port(), "username": "admin", "password": "very secret"}
    assert (await officer.ask("POST", "/api/v1/devices/onvif", json=asked)).status == 502
    (row,) = (await admin.get("/api/v1/audit?action=device.ask"))["rows"]
    assert (row["user"], str(asked["port"]) in row["detail"]) == ("officer", True)
    assert "very secret" not in row["detail"]

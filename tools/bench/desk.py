"""A running hub with its API and an officer signed in: what benches of the whole need."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from yarl import URL

from camera_hub.cli.serve import listening
from camera_hub.hub import Hub
from camera_hub.settings import Settings
from registry import cameras, devices, placement, places, users
from registry.model import Device, Kind, Role
from registry.placement import PlacementChange, SignFile
from registry.scope import EVERYTHING
from registry.users import CONSOLE

POLICY = cameras.UrlPolicy(allow_file=True, allow_loopback=True)
VILLAGE = "990101001001"
PASSWORD = "a long enough password"


class Desk:
    """An officer's signed-in client. Paths are under /api/v1."""

    def __init__(self, hub: Hub, address: str, client: aiohttp.ClientSession) -> None:
        self.hub = hub
        self.address = address
        self._client = client
        self._headers: dict[str, str] = {}

    async def sign_in(self) -> None:
        """Sign in and open a patrol."""
        session = await self.post("/session", {"name": "li", "password": PASSWORD})
        self._headers["X-CSRF-Token"] = session["csrf"]
        purpose = await self.post("/purposes", {"kind": "patrol", "reason": "bench"})
        await self._send("PUT", "/session/purpose", json={"purpose_id": purpose["id"]})

    async def open_case(self, number: str, since: datetime, until: datetime, place: str = VILLAGE) -> Any:
        """Open a case of the place and that time, with everything any policy asks of one."""
        body = {"number": number, "title": "bench", "offence_text": "bench", "places": [place]}
        return await self.post("/cases", {**body, "starts_at": since.isoformat(), "ends_at": until.isoformat()})

    async def look_into(self, case_id: str) -> None:
        """Look under a case, in place of the patrol."""
        purpose = await self.post("/purposes", {"kind": "case", "case_id": case_id})
        await self._send("PUT", "/session/purpose", json={"purpose_id": purpose["id"]})

    @asynccontextmanager
    async def stream(self, url: str, body: object = None) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer as it comes: of GET, or of POST with a body. `url` begins with /api/v1."""
        method = "GET" if body is None else "POST"
        async with self._client.request(method, self.address + url, headers=self._headers, json=body) as answer:
            answer.raise_for_status()
            yield answer

    def socket(self, path: str) -> tuple[str, dict[str, str]]:
        """The address of a WebSocket and the headers that open it, for another process."""
        url = f"{self.address}/api/v1{path}"
        cookies = self._client.cookie_jar.filter_cookies(URL(url))
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        return url, {"Cookie": cookie, "Origin": self.address}

    async def get(self, path: str, **query: Any) -> Any:
        """GET, decoded; a list repeats its key."""
        return await self._send("GET", path, params=query)

    async def post(self, path: str, body: object) -> Any:
        """POST, decoded."""
        return await self._send("POST", path, json=body)

    async def _send(self, method: str, path: str, **given: Any) -> Any:
        url = f"{self.address}/api/v1{path}"
        async with self._client.request(method, url, headers=self._headers, **given) as answer:
            answer.raise_for_status()
            return await answer.json()


async def found_county(hub: Hub) -> Device:
    """A village, an officer of it, and one device at this machine."""
    for code, name in (("990101", "County"), ("990101001", "Township"), (VILLAGE, "Village")):
        await places.create(hub.store, places.NewPlace(code=code, name=name), CONSOLE)
    new = users.NewUser(name="li", display_name="Li", unit="Station", role=Role.OFFICER, password=SecretStr(PASSWORD))
    user = await users.create(hub.store, new, CONSOLE)
    await users.set_grants(hub.store, user.id, ("990101",), CONSOLE)
    box = devices.NewDevice(name="NVR", host="127.0.0.1")
    return await devices.create(hub.store, hub.vault, box, CONSOLE, policy=POLICY)


async def add(hub: Hub, device: Device, name: str, url: str, kind: Kind = Kind.PUBLIC) -> str:
    """Register a camera, and what the policy asks of its place, so that it is pulled; its id."""
    new = cameras.NewCamera(
        device_id=device.id,
        name=name,
        kind=kind,
        village_code=VILLAGE,
        manager_unit="bench",
        owner_name="Li",
        owner_contact="0",
        main_url=url,
    )
    camera = await cameras.create(hub.store, hub.vault, new, CONSOLE, policy=POLICY)
    asked = await placement.get(hub.store, camera.id, EVERYTHING)
    told = PlacementChange(basis=asked.bases[0], purpose="bench", answers=dict.fromkeys(asked.forbidden, False))
    await placement.change(hub.store, camera.id, told, CONSOLE)
    sign = SignFile(hub.node, f"signs/2026-01-01/{camera.id}.jpg", 1)
    await placement.keep_sign(hub.store, camera.id, sign, CONSOLE)
    return str(camera.id)


@asynccontextmanager
async def desk(folder: Path, *, watch: bool = True, **given: Any) -> AsyncIterator[Desk]:
    """A hub in `folder` on a free port, with an officer at it (the county must be there, or sign in later)."""
    usual: dict[str, Any] = {"allow_loopback": True, "min_free_gb": 0.0, "port": 0, "log_level": "error"}
    settings = Settings(**{"data_dir": folder, **usual, **given})
    async with (
        Hub.running(settings, watch=watch) as hub,
        listening(hub) as address,
        # The cookie of 127.0.0.1 is wanted: aiohttp leaves cookies of bare addresses out otherwise.
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as client,
    ):
        yield Desk(hub, address, client)


def bench_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder on the disk the bench is run on (the temporary directory may be memory)."""
    return tempfile.TemporaryDirectory(prefix="hub-bench-", dir=Path.cwd())

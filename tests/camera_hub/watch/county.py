"""A small county for tests of a running hub, a look under a purpose, and a settings maker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import SecretStr

from camera_hub.hub import Hub
from camera_hub.settings import Settings
from registry import cameras, cases, devices, events, places, purposes, users
from registry.cases import Case
from registry.events import EventQuery
from registry.model import Access, Actor, Camera, Event, Kind, PurposeKind, Role
from registry.scope import EVERYTHING
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests import lawful

POLICY = cameras.UrlPolicy(allow_file=True, allow_loopback=True)
VILLAGE = "990101001001"


def settings_in(folder: Path, **given: Any) -> Settings:
    """Settings of a hub in a folder of its own that may watch this machine."""
    usual: dict[str, Any] = {
        "data_dir": folder,
        "workers": 1,
        "allow_loopback": True,
        "allow_file_sources": True,
        "min_free_gb": 0.0,
    }
    return Settings(**{**usual, **given})


async def place_village(store: Store) -> None:
    for code, name in (("990101", "County"), ("990101001", "Township"), (VILLAGE, "Village")):
        await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)


async def add_camera(
    store: Store, vault: Vault, url: str | None, *, name: str = "Gate", password: str = "", **given: Any
) -> Camera:
    """A public camera on a device of its own at 127.0.0.1, of which all is known that its place asks for."""
    device = await devices.create(
        store,
        vault,
        devices.NewDevice(
            name=name,
            host=given.pop("host", "127.0.0.1"),
            username="admin" if password else "",
            password=SecretStr(password) if password else None,
        ),
        CONSOLE,
        policy=POLICY,
    )
    values: dict[str, Any] = {"kind": Kind.PUBLIC, "manager_unit": "Station", "village_code": VILLAGE, **given}
    new = cameras.NewCamera(device_id=device.id, name=name, main_url=url, **values)
    made = await cameras.create(store, vault, new, CONSOLE, policy=POLICY)
    await lawful.place(store, made)
    return made


async def case_of(store: Store, now: datetime, days: int = 1) -> Case:
    """A case of so many days before now and the next one, and its officer `li`."""
    new = users.NewUser(
        name="li", display_name="Li", unit="Station", role=Role.OFFICER, password=SecretStr("a long enough password")
    )
    user = await users.create(store, new, CONSOLE)
    await users.set_grants(store, user.id, ("990101",), CONSOLE)
    new_case = cases.NewCase(
        number="A-1",
        title="Two sheep",
        places=("990101",),
        starts_at=now - timedelta(days=days),
        ends_at=now + timedelta(days=1),
        responsible_id=user.id,
    )
    return await cases.create(store, new_case, CONSOLE)


async def officer(store: Store, days: int = 1) -> Access:
    """An officer of the county who looks under a case of so many days."""
    case = await case_of(store, store.clock(), days)
    actor = Actor(user=await users.by_name(store, "li"), address="127.0.0.1")
    purpose = await purposes.open(store, purposes.OpenPurpose(kind=PurposeKind.CASE, case_id=case.id), actor)
    return Access(actor, purpose)


async def found(store: Store, access: Access, **filters: Any) -> list[Event]:
    """Every event the officer finds."""
    seen: list[Event] = []
    cursor: str | None = None
    while True:
        page = await events.search(store, access, EventQuery(limit=200, cursor=cursor, **filters))
        seen += page.events
        cursor = page.next_cursor
        if cursor is None:
            return seen


async def state_of(store: Store, camera_id: UUID) -> tuple[str, str | None]:
    status = (await cameras.get(store, camera_id, EVERYTHING)).status
    return status.state.value, status.reason.value if status.reason else None


async def until(condition: Callable[[], Awaitable[Any]], *, seconds: float = 20.0, what: str = "") -> Any:
    """Wait for a condition that is asked of real processes."""
    try:
        async with asyncio.timeout(seconds):
            while not (value := await condition()):
                await asyncio.sleep(0.05)
            return value
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {what or condition}") from None


def worker_pids(hub: Hub) -> list[int]:
    return [worker.pid for worker in hub._supervisor.health() if worker.pid] if hub._supervisor else []

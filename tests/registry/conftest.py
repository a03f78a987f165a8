"""A registry on both engines, with a small county in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from registry import devices, places
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.registry.county import PLACES, Clock, County


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the test's own, on each engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}"
    return request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+asyncpg://", 1)


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    opened = await Store.open(url, clock=clock, upgrade=True)
    yield opened
    await opened.close()


@pytest.fixture
def vault() -> Vault:
    return Vault(bytes(range(32)))


@pytest.fixture
async def county(store: Store, vault: Vault, clock: Clock) -> County:
    for code, name in PLACES:
        await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
    new = devices.NewDevice(name="NVR", host="10.0.0.5", username="admin", password=SecretStr("sealed secret"))
    device = await devices.create(store, vault, new, CONSOLE)
    return County(store, vault, clock, device.id)

"""A registry on both engines, with a small county in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from registry import devices, migrate, places
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.registry.county import PLACES, Clock, County
from tests.services.postgres import Postgres


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def made_once_on_postgres(postgres: Postgres) -> str:
    """An empty registry on PostgreSQL, to be copied."""
    url = postgres.fresh_url()
    asyncio.run(migrate.upgrade(url))
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """A registry of the test's own with nothing in it, on each engine: a copy of one made once."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        server.start()
        return server.fresh_url(like=request.getfixturevalue("made_once_on_postgres"))
    return str(request.getfixturevalue("registry_url"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, without any schema."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture
async def store(url: str, clock: Clock) -> AsyncIterator[Store]:
    opened = await Store.open(url, clock=clock)
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

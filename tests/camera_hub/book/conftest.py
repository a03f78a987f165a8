"""A county with a few villages, and a desk that imports books into it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from camera_hub.book.importing import Importer
from registry import migrate, places
from registry.devices import UrlPolicy
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault

PLACES = {
    "220882": "大安市",
    "220882100": "月亮泡镇",
    "220882100200": "汉书村委会",
    "220882100201": "先进村委会",
    "220882101": "安广镇",
    "220882101200": "先进村委会",
}


async def _make(url: str) -> None:
    await migrate.upgrade(url)
    store = await Store.open(url)
    for code, name in PLACES.items():
        await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
    await store.close()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "hub.db"
    asyncio.run(_make(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def store(request: pytest.FixtureRequest, made_once: Path, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{shutil.copy(made_once, tmp_path / 'hub.db')}"
    else:
        url = request.getfixturevalue("postgres_url")
        await _make(url)
    opened = await Store.open(url)
    yield opened
    await opened.close()


@pytest.fixture
def desk(store: Store) -> Importer:
    return Importer(store, Vault(bytes(32)), CONSOLE, UrlPolicy())

"""A county of sample data, a browser, and a desk in front of it: what every test of the page starts from."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, async_playwright, expect

from api.page import STATIC
from tests.camera_hub.recording.footage import Take
from tests.conftest import missing
from tests.e2e.county import County, county
from tests.e2e.playing import CAMERAS, record
from tests.e2e.visitor import DESK, PATIENCE_MS, Visitor
from tests.services.process import free_port


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, UUID]]:
    """A county made once; each test gets a copy of its data."""
    data_dir = tmp_path_factory.mktemp("county") / "data"

    async def make() -> dict[str, UUID]:
        async with county(data_dir, free_port()) as made:
            return made.cameras

    return data_dir, asyncio.run(make())


@pytest.fixture
async def place(template: tuple[Path, dict[str, UUID]], tmp_path: Path) -> AsyncIterator[County]:
    if not (STATIC / "index.html").is_file():
        missing("the built page", "run: npm ci && npm run build, in api/web")
    data_dir = shutil.copytree(template[0], tmp_path / "data")
    async with county(data_dir, free_port(), template[1]) as made:
        yield made


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root.
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        running = await playwright.chromium.launch(executable_path=chromium, args=args)
        yield running
        await running.close()


@pytest.fixture
async def desk(browser: Browser, place: County) -> Visitor:
    return Visitor(await browser.new_page(viewport=DESK), place)


@pytest.fixture
async def base(place: County) -> datetime:
    """Two minutes of four cameras, ten minutes ago; when they begin."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
    await record(place, CAMERAS[0], at, Take())
    await record(place, CAMERAS[1], at, Take(width=320, height=192))
    await record(place, CAMERAS[2], at, Take())
    await record(place, CAMERAS[3], at, Take(codec="hevc"))
    return at

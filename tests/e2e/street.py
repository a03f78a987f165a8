"""A street for the tests of live pictures: real cameras, a real hub with its worker, and pixels read from the browser."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web
from playwright.async_api import Browser, Locator, Page, expect

from api import make_app
from camera_hub.hub import Hub
from registry import consents, purposes, scenes
from registry.model import ConsentScope, Kind, PurposeKind
from registry.users import CONSOLE
from tests.camera_hub.watch.county import add_camera, officer, place_village, settings_in, state_of, until
from tests.e2e.visitor import DESK, Visitor
from tests.services.process import free_port

MASKED, AGREED, REFUSED = "遮挡口", "老李家院外", "老王家门前"
"""A camera with a mask, a household's whose owner agreed to live pictures, and one whose owner did not."""
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
SLOW_MS = 20_000


@dataclass
class Street:
    """A hub that watches cameras, and its page. The names in `urls` say which is masked and which are households'."""

    folder: Path
    urls: dict[str, str]
    port: int = field(default_factory=free_port)
    cameras: dict[str, UUID] = field(default_factory=dict)
    consents: dict[str, UUID] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._up = AsyncExitStack()
        self.hub = await self._up.enter_async_context(Hub.running(settings_in(self.folder)))
        runner = web.AppRunner(make_app(self.hub), access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._up.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        await self._up.aclose()

    async def build(self) -> None:
        await place_village(self.hub.store)
        access = await officer(self.hub.store)
        patrol = purposes.OpenPurpose(kind=PurposeKind.PATROL, reason="night patrol")
        await purposes.open(self.hub.store, patrol, access.actor)
        for name, url in self.urls.items():
            owner = {"kind": Kind.CIVILIAN, "manager_unit": "", "owner_name": "户主", "owner_contact": "0436-0000000"}
            more: dict[str, Any] = owner if name in {AGREED, REFUSED} else {}
            camera = await add_camera(self.hub.store, self.hub.vault, url, name=name, **more)
            self.cameras[name] = camera.id
        if MASKED in self.cameras:
            await scenes.put(self.hub.store, self.cameras[MASKED], scenes.Scene(masks=(MASK,)), CONSOLE)
        for name, scopes in (
            (AGREED, frozenset(ConsentScope) - {ConsentScope.REGISTER}),
            (REFUSED, frozenset({ConsentScope.EVENTS})),
        ):
            if name in self.cameras:
                self.consents[name] = await self._consent(self.cameras[name], scopes)
        await self.all_live()

    async def _consent(self, camera: UUID, scopes: frozenset[ConsentScope]) -> UUID:
        given = consents.NewConsent(
            owner_name="户主",
            scopes=scopes,
            valid_from=datetime.now(UTC) - timedelta(days=1),
            text_version="2026-1",
        )
        return (await consents.create(self.hub.store, camera, given, CONSOLE)).id

    async def all_live(self) -> None:
        async def live() -> bool:
            return all([(await state_of(self.hub.store, one))[0] == "live" for one in self.cameras.values()])

        await until(live, seconds=60, what="all cameras are live")


async def visit(browser: Browser, street: Street, path: str = "#/live", *, script: str = "", **size: int) -> Visitor:
    """Signed in, on a patrol."""
    page = await browser.new_page(viewport=size or DESK)
    if script:
        await page.add_init_script(f"({script})()")
    visitor = Visitor(page, street)  # type: ignore[arg-type]  # all it asks of a county is its address
    page.set_default_timeout(SLOW_MS)  # a hub, a worker, a model and a browser share what may be two slow cores
    await page.goto(f"{street.address}/{path}")
    await visitor.sign_in()
    await page.get_by_role("button", name="night patrol").click()
    return visitor


async def plays(page: Page, form: str) -> None:
    await expect(page.locator("live-tile")).to_have_attribute("data-doing", "playing", timeout=SLOW_MS)
    await expect(page.locator("live-tile")).to_have_attribute("data-form", form)


PIXELS = """async (name) => {
  const shown = document.querySelector(`live-tile ${name}`);
  const canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 36;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(shown, 0, 0, 64, 36);
  return [...pen.getImageData(0, 0, 64, 36).data];
}"""


async def moves(page: Page, name: str) -> list[int]:
    """Wait until several different pictures were seen; returns the last one's pixels (64 × 36, RGBA)."""
    seen: set[tuple[int, ...]] = set()

    async def several() -> bool:
        seen.add(tuple(await page.evaluate(PIXELS, name)))
        return len(seen) >= 4

    await until(several, seconds=20, what="the picture moves")
    return list(await page.evaluate(PIXELS, name))


def row(page: Page, name: str) -> Locator:
    """A camera in the list beside the wall."""
    return page.locator("button.wall-row", has_text=name)


def tile(page: Page, at: int) -> Locator:
    return page.locator(f'.wall-tile[data-at="{at}"]')


async def divide(page: Page, key: str, layout: str) -> None:
    await expect(page.locator(".wall-grid")).to_be_visible()
    await page.keyboard.press(key)
    await expect(page.locator(".wall-grid")).to_have_attribute("data-layout", layout)


async def put_up(page: Page, *names: str) -> None:
    for name in names:
        await row(page, name).click()
    await expect(page.locator(".wall-tile[data-camera]")).to_have_count(len(names))


async def playing(page: Page, count: int) -> None:
    await expect(page.locator(".wall-tile:not(.beneath) live-tile[data-doing=playing]")).to_have_count(
        count, timeout=SLOW_MS
    )

"""Recordings on the page: footage whose frames show their number as bars, and what of it is on the screen."""

from __future__ import annotations

from datetime import datetime, timedelta

from playwright.async_api import Page

from tests.camera_hub.recording.footage import FPS, Take, put
from tests.camera_hub.watch.county import until
from tests.e2e.county import County

SECONDS = 20
FRAMES = SECONDS * FPS
CAMERAS = ("汉书村东口", "汉书村羊圈路口", "先进村桥头", "永富村主街")
"""The second is shot with another size; the fourth in H.265."""
GAP = 3
"""Of six files of twenty seconds each this one is not there."""

NUMBER = """async (tile) => {
  const shown = tile.querySelector(tile.dataset.shows === "picture" ? "img" : "video");
  const canvas = document.createElement("canvas");
  canvas.width = 160; canvas.height = 96;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(shown, 0, 0, 160, 96);
  const row = pen.getImageData(0, 48, 160, 1).data;
  return [...Array(12).keys()].reduce((sum, bit) => sum + (row[Math.floor((bit + 0.5) * 14) * 4] > 128 ? 1 << bit : 0), 0);
}"""


async def record(place: County, camera: str, base: datetime, take: Take, *, without: int | None = GAP) -> None:
    for number in range(6):
        if number == without:
            continue
        shot = Take(
            frames=FRAMES, first=number * FRAMES, codec=take.codec, width=take.width, height=take.height, gop=take.gop
        )
        at = base + timedelta(seconds=number * SECONDS)
        await put(place.hub.store, place.hub.settings.data_dir, place.cameras[camera], at, shot)


def address(place: County, cameras: tuple[str, ...], at: datetime) -> str:
    ids = ",".join(str(place.cameras[one]) for one in cameras)
    return f"#/playback?cameras={ids}&at={at.isoformat().replace('+00:00', 'Z')}"


async def shows(page: Page, tile: int = 0) -> int:
    return int(await page.locator(".play-tile").nth(tile).evaluate(NUMBER))


async def comes(page: Page, number: int, tile: int = 0) -> None:
    async def there() -> bool:
        return await shows(page, tile) == number

    await until(there, what=f"frame {number} is shown")


async def go(page: Page, place: County, cameras: tuple[str, ...], at: datetime) -> None:
    await page.evaluate("hash => { location.hash = hash }", address(place, cameras, at))


def frame_at(seconds: float) -> int:
    return int(seconds * FPS)

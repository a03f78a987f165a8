"""The timeline of recordings under fingers: one pans, two zoom around where they are, a tap seeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Browser, CDPSession, Locator, Page, expect

from tests.camera_hub.recording.footage import FPS
from tests.camera_hub.watch.county import until
from tests.e2e.county import County
from tests.e2e.playing import CAMERAS, address, comes, frame_at, shows
from tests.e2e.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser
Points = Sequence[tuple[float, float]]


class Fingers:
    """Fingers on the glass, as Chromium gets them from a touch screen."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    async def _send(self, kind: str, points: Points) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        await self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    async def draw(self, begin: Points, end: Points, steps: int = 6) -> None:
        """Put fingers down, move each to its end, and lift them."""
        await self._send("touchStart", begin)
        for step in range(1, steps + 1):
            share = step / steps
            between = [(a + (c - a) * share, b + (d - b) * share) for (a, b), (c, d) in zip(begin, end, strict=True)]
            await self._send("touchMove", between)
        await self._send("touchEnd", ())


async def sight(lanes: Locator) -> tuple[float, float]:
    """What is in sight, in seconds since 1970."""
    begin, end = [await lanes.get_attribute(name) for name in ("aria-valuemin", "aria-valuemax")]
    assert begin is not None
    assert end is not None
    return float(begin), float(end)


async def moved(page: Page) -> tuple[float, float]:
    place: tuple[float, float] = await page.evaluate("() => [scrollX, scrollY]")
    return place


async def test_fingers_pan_zoom_and_seek(browser: Browser, place: County, base: datetime) -> None:
    context = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    visitor = Visitor(await context.new_page(), place)
    await visitor.enter(address(place, CAMERAS[:1], base + timedelta(seconds=30)))
    page = visitor.page
    await comes(page, frame_at(30))
    await page.get_by_role("button", name="10 分钟").tap()
    lanes = page.get_by_role("slider", name="录像时间轴")
    await lanes.scroll_into_view_if_needed()
    box = await lanes.bounding_box()
    assert box is not None
    y, left, wide = box["y"] + 30, box["x"], box["width"]
    fingers = Fingers(await context.new_cdp_session(page))
    stood, first = await moved(page), await sight(lanes)
    length = first[1] - first[0]
    assert length == pytest.approx(600, abs=1)

    # Two fingers that part to twice their distance: half the time is in sight, and the middle stays.
    middle = left + wide / 2
    await fingers.draw(
        [(middle - wide / 8, y), (middle + wide / 8, y)], [(middle - wide / 4, y), (middle + wide / 4, y)]
    )
    near = await sight(lanes)
    assert near[1] - near[0] == pytest.approx(length / 2, abs=4)
    assert sum(near) / 2 == pytest.approx(sum(first) / 2, abs=2)
    # And back together.
    await fingers.draw(
        [(middle - wide / 4, y), (middle + wide / 4, y)], [(middle - wide / 8, y), (middle + wide / 8, y)]
    )
    assert await sight(lanes) == pytest.approx(first, abs=2)

    # One finger drawn to the right brings what was before into sight, as far as the finger went.
    before = await sight(lanes)
    await fingers.draw([(middle, y)], [(middle + wide / 4, y)])
    panned = await sight(lanes)
    assert before[0] - panned[0] == pytest.approx(length / 4, abs=10)
    assert panned[1] - panned[0] == pytest.approx(length, abs=2)
    assert await moved(page) == stood, "the page does not move along"
    assert await shows(page) == frame_at(30), "neither zooming nor panning goes anywhere"

    # A tap goes there: the moment stands a quarter to the right of the middle now, ten seconds are a sixtieth.
    at = (base + timedelta(seconds=50)).timestamp()
    await page.touchscreen.tap(left + (at - panned[0]) / (panned[1] - panned[0]) * wide, y)

    async def there() -> bool:
        return abs(await shows(page) - frame_at(50)) <= 4 * FPS  # a pixel is a second and a half

    await until(there, what="a tap seeks")
    await expect(page.locator(".play-tile")).to_have_attribute("data-shows", "video")
    visitor.check()
    await context.close()

"""Lanes of a case side by side: one question for all, a gap is a gap in pixels, not analysed is not "no motion"."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect

from camera_hub.recall.motion.days import bounds, day_of
from registry.tables import cameras as camera_rows
from registry.tables import recording_gaps
from tests.camera_hub.recall.sheets import lit, write
from tests.camera_hub.recording.footage import Take
from tests.camera_hub.watch.county import until
from tests.e2e.county import County
from tests.e2e.playing import CAMERAS, comes, frame_at, record, shows
from tests.e2e.test_case_page import fits, shot
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.browser
PIXELS = """([share, top, height]) => {
  const canvas = document.querySelector(".lanes canvas");
  const ratio = canvas.width / canvas.clientWidth;
  const pen = canvas.getContext("2d");
  const x = Math.round(share * canvas.width) - 4;
  const data = pen.getImageData(x, Math.round(top * ratio), 8, Math.max(1, Math.round(height * ratio))).data;
  const found = {};
  for (let n = 0; n < data.length; n += 4) {
    const colour = data[n + 3] === 0 ? "none" : `${data[n]},${data[n + 1]},${data[n + 2]}`;
    found[colour] = (found[colour] ?? 0) + 1;
  }
  return found;
}"""
INK = """(token) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const [, ...rgb] = getComputedStyle(probe).color.match(/(\\d+), (\\d+), (\\d+)/);
  probe.remove();
  return rgb.join(",");
}"""
RULER, LANE, BAR_TOP, BAR, EVENTS_TOP, EVENTS = 24, 38, 4, 14, 20, 13


async def gap(place: County, camera: str, since: datetime, to: datetime) -> None:
    async with place.hub.store.write() as conn:
        number = await conn.scalar(sa.select(camera_rows.c.no).where(camera_rows.c.id == place.cameras[camera]))
        values = {"camera_no": number, "stream": "sub", "started_at": since, "ended_at": to, "cause": "unreachable"}
        await conn.execute(sa.insert(recording_gaps).values(values))


async def pixels(page: Page, share: float, lane: int, part: str) -> set[str]:
    """The colours of eight columns around a share of the width, of a lane's bar or of what is below it."""
    top, height = {"bar": (BAR_TOP + 3, BAR - 4), "events": (EVENTS_TOP, EVENTS)}[part]
    found: dict[str, int] = await page.evaluate(PIXELS, [share, RULER + lane * LANE + top, height])
    return set(found)


async def test_a_gap_is_a_gap_in_pixels_and_not_analysed_is_not_no_motion(
    desk: Visitor, place: County, base: datetime
) -> None:
    await place.reach("220882100", "220882101")
    await gap(place, CAMERAS[0], base - timedelta(minutes=12), base - timedelta(minutes=2))
    shelf, at = place.hub.motion.shelf, int(base.timestamp())
    for day in {day_of(at - 1200, shelf.tz), day_of(at - 300, shelf.tz)}:
        first, last = bounds(day, shelf.tz)
        watched = [(max(at - 1200 - first, 0), min(at - 300, last) - first)]
        moved = {second - first: lit((7, 12)) for second in range(max(at - 600, first), min(at - 300, last))}
        write(shelf, place.cameras[CAMERAS[0]], day, moved=moved, watched=watched)
    ids = [str(place.cameras[one]) for one in CAMERAS]
    path = f"#/playback?cameras={ids[0]}&lanes={','.join(ids[1:])}&at={base.isoformat().replace('+00:00', 'Z')}"
    await desk.enter(path)
    page = desk.page
    await comes(page, frame_at(0))
    ink = {
        name: await page.evaluate(INK, f"--timeline-{name}") for name in ("continuous", "gap", "motion", "unwatched")
    }
    view = await page.locator(".lanes").evaluate(
        "one => [Number(one.getAttribute('aria-valuemin')), Number(one.getAttribute('aria-valuemax'))]"
    )

    def share(seconds: float) -> float:
        return (at + seconds - view[0]) / (view[1] - view[0])

    async def drawn() -> bool:
        return ink["gap"] in await pixels(page, share(-420), 0, "bar")

    await until(drawn, what="the gap is drawn")
    asked = [url for url in desk.asked if "/api/v1/lanes" in url]
    assert len(asked) == 1, "one question for all lanes"
    assert asked[0].count("camera=") == 4
    assert ink["gap"] not in await pixels(page, share(-420), 1, "bar"), "it is that camera's gap"
    recorded = await pixels(page, share(10), 0, "bar")
    assert ink["continuous"] in recorded
    assert ink["gap"] not in recorded
    still, moving, unseen = [await pixels(page, share(one), 0, "events") for one in (-1000, -450, -1500)]
    assert ink["motion"] in still, "watched, and nothing moved: a base line"
    assert ink["unwatched"] not in still
    assert ink["motion"] in moving
    assert ink["motion"] not in unseen, "not analysed has no base line"
    assert unseen != still
    await shot(page, "lanes-1440")
    await page.get_by_role("button", name=f"播放 {CAMERAS[1]}").click()
    await expect(page.locator(".play-tile")).to_have_count(2)
    await comes(page, frame_at(0), 1)
    # The address follows a step a moment later, and does not take back what was pressed in between.
    await page.keyboard.press(".")
    await page.get_by_role("button", name=f"播放 {CAMERAS[2]}").click()
    await page.wait_for_timeout(800)
    await expect(page.locator(".play-tile")).to_have_count(3)
    assert await fits(page)
    desk.check()


async def test_footage_dated_by_a_clock_that_is_37_s_ahead_shows_the_true_moment(
    desk: Visitor, place: County, base: datetime
) -> None:
    await place.reach("220882100", "220882101")
    ahead = "永富村东口"
    await record(place, ahead, base + timedelta(seconds=37), Take())
    one, other = place.cameras[CAMERAS[0]], place.cameras[ahead]
    at = (base + timedelta(seconds=25)).isoformat().replace("+00:00", "Z")
    await desk.enter(f"#/playback?cameras={one},{other}&clocks={other}:37000&at={at}")
    page = desk.page
    for tile in (0, 1):
        await comes(page, frame_at(25), tile)
    await page.keyboard.press(".")
    for tile in (0, 1):
        await comes(page, frame_at(25) + 1, tile)
    await page.keyboard.press(" ")

    async def on() -> bool:
        return await shows(page, 0) > frame_at(28)

    await until(on, seconds=25, what="three seconds are played")
    await page.keyboard.press(" ")

    async def together() -> bool:
        return abs(await shows(page, 0) - await shows(page, 1)) <= 1

    await until(together, what="both show the same moment, to a frame")
    await page.get_by_role("button", name="已对时 1 路").click()
    await expect(page.get_by_label(f"{ahead} 的录像快多少秒")).to_have_value("37")
    await shot(page, "clocks-1440")
    desk.check()

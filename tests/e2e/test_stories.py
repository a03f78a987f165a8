"""A morning of each role at a desk and on a phone, in both languages: nothing is cut off, nothing fails unseen.

Words come from no dictionary here: what is pressed is found by where it leads, so that both languages walk the same way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from registry import purposes, users
from registry.model import Actor, PurposeKind, Role
from registry.store import utc_now
from registry.users import CONSOLE
from tests.e2e.county import PASSWORD, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
OFFICER, TECHNICIAN, MONITOR, ADMIN = "li", "zhang", "sun", "boss"


class Walker(Visitor):
    """A visitor who goes from view to view and looks whether each one fits."""

    async def go(self, path: str, ready: str) -> None:
        """Go to a view and wait for what it is about."""
        await self.page.evaluate("path => { location.hash = path }", f"#/{path}")
        await self.see(ready)

    async def press(self, what: str, ready: str) -> None:
        """Press something and wait for what comes of it."""
        await self.page.locator(what).first.click()
        await self.see(ready)

    async def see(self, ready: str) -> None:
        await expect(self.page.locator(ready).first).to_be_visible()
        await expect(self.page.locator(".bone")).to_have_count(0)
        wide = await self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], (self.page.url, ready)


@pytest.fixture
async def people(place: County) -> County:
    """A monitor and an administrator beside the officer and the technician, and something to look at."""
    for name, role in ((MONITOR, Role.MONITOR), (ADMIN, Role.ADMIN)):
        new = users.NewUser(
            name=name,
            display_name=name.title(),
            role=role,
            password=SecretStr(PASSWORD),
            trained_at=utc_now(),
            pledged_at=utc_now(),
        )
        made = await users.create(place.hub.store, new, CONSOLE)
        await users.set_grants(place.hub.store, made.id, ("220882",), CONSOLE)
    works = frozenset(place.cameras[name] for name in ("汉书村小卖部", "汉书村东口"))
    for name, purpose in (
        (TECHNICIAN, purposes.OpenPurpose(kind=PurposeKind.MAINTENANCE, reason="探头检修", camera_ids=works)),
        (MONITOR, purposes.OpenPurpose(kind=PurposeKind.PATROL, reason="夜间视频巡查")),
    ):
        actor = Actor(await users.by_name(place.hub.store, name), "desk")
        await purposes.open(place.hub.store, purpose, actor)
    now = datetime.now(UTC)
    for minute, (camera, label) in enumerate(
        (("汉书村东口", "car"), ("汉书村羊圈路口", "sheep"), ("先进村桥头", "person"))
    ):
        await place.event(camera, label, at=now - timedelta(minutes=minute))
    return place


@pytest.fixture(params=["zh desk", "en desk", "zh phone", "en phone"])
async def walker(request: pytest.FixtureRequest, browser: Browser, people: County) -> AsyncIterator[Walker]:
    language, width = request.param.split()
    page = await browser.new_page(viewport=DESK if width == "desk" else PHONE)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    one = Walker(page, people)
    await page.goto(people.address)
    yield one
    # No worker runs in this county: a live tile says so, and its socket alone is refused.
    one.errors = [error for error in one.errors if "/api/v1/live" not in error]
    one.check()
    await page.close()


async def test_the_officer(walker: Walker) -> None:
    page = walker.page
    await walker.sign_in(OFFICER)
    await walker.press(".gate button:has-text('113')", ".card rect.box")
    await walker.press(".card a, a.card", "dialog img")
    await page.keyboard.press("u")
    await walker.see("dialog .tag-ok, dialog [aria-pressed=true]")
    await page.keyboard.press("Escape")
    await walker.go("playback", ".play-pick")
    await walker.go(f"playback?cameras={walker.place.cameras['汉书村东口']}", ".play-veil-none")
    await walker.go("map", ".leaflet-container")
    await walker.go("alerts/rules", ".notice")
    await walker.go("health", ".figures")
    await walker.go("me", "main form, main .panel")


async def test_the_technician(walker: Walker, people: County) -> None:
    await walker.sign_in(TECHNICIAN)
    await walker.go("cameras", ".camera-row .dot-bad")
    await walker.go(f"cameras/{people.cameras['汉书村小卖部']}", ".panel")
    await walker.go(f"cameras/{people.cameras['汉书村东口']}/scene", "[role=application]")
    await walker.go("cameras/add", "main form, main .panel")
    await walker.go("cameras/book", "main .panel, main button")
    await walker.go("cameras/find", "main button")
    await walker.go("health", ".figures")


async def test_the_monitor(walker: Walker, people: County) -> None:
    await walker.sign_in(MONITOR)
    await walker.press(".gate button:has-text('夜间视频巡查')", ".card rect.box")
    await walker.go("wall", ".wall-grid")
    await walker.go(f"live/{people.cameras['汉书村东口']}", "live-tile")
    await expect(walker.page.locator("live-tile")).not_to_be_empty()
    await walker.go("alerts", "main")
    await walker.go("cameras", ".camera-row:not(.camera-head)")


async def test_the_administrator(walker: Walker) -> None:
    await walker.sign_in(ADMIN)
    for part in ("villages", "users", "roles", "cases", "settings"):
        await walker.go(f"admin/{part}", "main table, main .panel, main .notice")
    await walker.go("alerts/targets", "main .primary")
    await walker.go("health", ".figures")

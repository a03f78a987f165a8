"""Every view for those who use a screen reader or a keyboard: axe-core finds nothing serious, in light and dark, at two widths.

A new view is one line in VIEWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

import api
from registry import cases, places
from registry.places import PlaceChange
from registry.users import CONSOLE
from tests.conftest import missing
from tests.e2e.county import CASE, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
AXE = Path(api.__file__).parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = "axe.run({resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
BUSY = "[aria-busy=true], .bone, .waiting:empty"


@dataclass(frozen=True)
class View:
    """A place of the page, what stands there once it is read, and what is opened on it first."""

    path: str
    ready: str
    opened: str = ""
    user: str = "li"


VIEWS = (
    View("#/events", ".card rect.box"),
    View("#/events?place=220882100&night=22:00-04:30", ".slot-where", ".slot-where"),
    View("#/events", ".slot-when", ".slot-when"),
    View("#/events", ".slot-more", ".slot-more"),
    View("#/events", ".toggle", ".toggle"),
    View("#/events?label=horse", ".notice"),
    View("#/events/{event}", "dialog .strip-list"),
    View("#/wall", ".wall-grid"),
    View("#/patrol", ".free-open", ".free-open"),
    View("#/patrol/plans/new", ".week-grid"),
    View("#/patrol/incidents", ".notice"),
    View("#/patrol/history", ".notice"),
    View("#/playback", ".play-pick"),
    View("#/playback?cameras={camera}", ".play-veil-none, .play-tile"),
    View("#/cases", ".case-card"),
    View("#/cases/new", ".map-canvas"),
    View("#/cases/new", ".wizard-more", ".wizard-more summary"),
    View("#/cases/{case}", ".case-facts"),
    View("#/cases/{case}/cameras", ".near"),
    View("#/cameras", ".camera-row:not(.camera-head)"),
    View("#/cameras", ".camera-row:not(.camera-head)", user="zhang"),
    View("#/map", "main > *"),
    View("#/alerts", "main > *"),
    View("#/health", ".figures", user="zhang"),
    View("#/admin", "main > *"),
    View("#/me", "main > *"),
)


def axe() -> str:
    """axe-core's own program; where it is not installed, the test that asks for it is skipped."""
    if not AXE.is_file():
        missing("axe-core", "run: npm ci, in api/web")
    return AXE.read_text(encoding="utf-8")


async def serious(page: Page) -> list[str]:
    """What axe, already on the page, finds serious or worse."""
    found: dict[str, Any] = await page.evaluate(RUN)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


async def _reach(page: Page, place: County, view: View) -> None:
    await page.evaluate("() => { location.hash = '#/none' }")
    identity = await page.evaluate("fetch('/api/v1/events').then(r => r.json()).then(r => r.events?.[0]?.id)")
    (case,) = await cases.list_cases(place.hub.store, CONSOLE)
    named = {"event": identity, "camera": place.cameras["汉书村东口"], "case": case.id}
    path = view.path.format(**named) if "{" in view.path else view.path
    await page.evaluate("path => { location.hash = path }", path)
    await expect(page.locator(view.ready).first).to_be_visible()
    if view.opened:
        await page.locator(view.opened).first.click()
    await expect(page.locator(BUSY)).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["desk", "phone"])
async def test_no_view_has_a_serious_finding(browser: Browser, place: County, width: str, theme: str) -> None:
    await place.event("汉书村东口", "person", ended=False)
    await place.event("汉书村东口", "car")
    await places.change(place.hub.store, "220882100200", PlaceChange(lat=45.6, lon=123.9), CONSOLE)
    findings = []
    for user in dict.fromkeys(view.user for view in VIEWS):
        context = await browser.new_context(viewport=DESK if width == "desk" else PHONE, reduced_motion="reduce")
        page = await context.new_page()
        await page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
        # By the driver, past the page's own policy, which lets in nothing but the page's files.
        await page.add_init_script(axe())
        visitor = Visitor(page, place)
        await page.goto(place.address)
        findings += [f"sign-in {one}" for one in await serious(page)]
        await visitor.sign_in(user)
        if user == "li":
            await page.get_by_role("button", name=CASE[1]).last.click()
        await expect(page.locator(".top")).to_be_visible()
        for view in VIEWS:
            if view.user == user:
                await _reach(page, place, view)
                findings += [f"{view.path} {view.opened} {one}" for one in await serious(page)]
        visitor.check(refused=True)  # also: no view meets the page's own policy (it would be said on the console)
        await context.close()
    assert findings == []

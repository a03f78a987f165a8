"""One open page of a real hub in a real browser, and what it asked for, refused and said meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import ConsoleMessage, Page, Request, Response, Route, expect

from tests.e2e.county import CASE, PASSWORD, County

PATIENCE_MS = 10_000
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


class Visitor:
    """One open page; `close` checks that nothing went wrong unseen and nothing was fetched from elsewhere."""

    def __init__(self, page: Page, place: County) -> None:
        self.page, self.place = page, place
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.refused: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("response", self._answered)
        page.on("console", self._said)

    def _note(self, request: Request) -> None:
        self.asked.append(request.url)

    def _answered(self, response: Response) -> None:
        # Nobody is signed in when the page is opened: that it asks is how it knows.
        if response.status >= 400 and (response.status, response.url) != (401, f"{self.place.address}/api/v1/session"):
            self.refused.append(f"{response.status} {response.url}")

    def _said(self, said: ConsoleMessage) -> None:
        # What was refused is counted by its answer; Chromium's line about it names no address.
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.errors.append(said.text)

    def events_asked(self) -> int:
        return sum("/api/v1/events" in url for url in self.asked)

    async def sign_in(self, name: str = "li", password: str = PASSWORD) -> None:
        await self.page.locator("input[name=name]").fill(name)
        await self.page.locator("input[name=password]").fill(password)
        await self.page.locator("button[type=submit]").click()

    async def enter(self, path: str = "", name: str = "li") -> None:
        """Signed in, looking under the open case (the technician: under maintenance)."""
        await self.page.goto(f"{self.place.address}/{path}")
        await self.sign_in(name)
        if name == "li":
            await self.page.get_by_role("button", name=CASE[1]).click()
        await self.page.mouse.move(0, 0)

    @asynccontextmanager
    async def session_over(self) -> AsyncIterator[None]:
        """The hub knows the page no more, and what is done meanwhile on the page finds that out."""

        async def changes_alone(route: Route) -> None:
            await (route.continue_() if route.request.method != "GET" else route.abort())

        # What the page asks by itself would find out first, and take away what is to be pressed.
        await self.page.route("**/api/v1/**", changes_alone)
        await self.page.context.clear_cookies()
        yield
        await expect(self.page.get_by_text("登录已失效")).to_be_visible()
        await self.page.unroute("**/api/v1/**", changes_alone)

    def check(self, *, refused: bool = False) -> None:
        """No error on the console (policy violations show there), nothing refused unless provoked, nothing from afar."""
        assert [one for one in self.errors if not (refused and "WebSocket connection" in one)] == []
        assert refused or self.refused == [], self.refused
        assert [url for url in self.asked if not url.removeprefix("blob:").startswith(self.place.address)] == []

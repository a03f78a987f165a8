"""The report of a case, to be read and printed: made from the case as it stands."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from uuid import UUID

from aiohttp import web

from api.routing import Needs, Routes
from api.visitor import Look
from camera_hub.evidence import report
from camera_hub.evidence.page import STYLE
from registry.evidence import story
from registry.evidence.story import Story
from registry.permissions import Permission

routes = Routes("reports")


@routes.get("/cases/{case_id}/paper", Permission.WORK_CASES, needs=Needs.PURPOSE, raw="text/html", costly=True)
async def read(look: Look, case_id: UUID) -> web.Response:
    """A case's report with its stills inside; looked at under the case itself, and on record."""
    found = await story.read(look.hub.store, look.access, case_id, index=look.hub.passing)
    text = await asyncio.to_thread(_made, look, found)
    return web.Response(text=text, content_type="text/html")


def _made(look: Look, found: Story) -> str:
    def picture(bookmark: UUID) -> str | None:
        where = found.stills.get(bookmark)
        if where is None or isinstance(where, str):
            return None
        return _inside(look.hub.media.path(where[1]))

    return report.html(found, look.hub.store.tz, picture, bare=True)


def _inside(file: Path) -> str | None:
    try:
        return "data:image/jpeg;base64," + base64.b64encode(file.read_bytes()).decode()
    except FileNotFoundError:
        return None


def mount(app: web.Application) -> None:
    """Serve the style of reports."""

    async def style(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(STYLE, headers={"Cache-Control": "no-cache"})

    app.router.add_get("/forms/report.css", style)

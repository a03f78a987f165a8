"""The documentation: /openapi.json, and /docs, a page of our own that renders it without anything from the internet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from api.page import EACH_TIME, inside

REFERENCE = Path(__file__).parent / "reference"


def mount(app: web.Application, document: Mapping[str, object]) -> None:
    """Serve the document and the page; both are open: they are in the source anyway."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))

    async def description(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="application/json", headers={"Cache-Control": EACH_TIME})

    async def reference(request: web.Request) -> web.FileResponse:
        file = inside(REFERENCE, request.match_info.get("file", "index.html"))
        if file is None:
            raise web.HTTPNotFound
        return web.FileResponse(file, headers={"Cache-Control": EACH_TIME})

    app.router.add_get("/openapi.json", description)
    app.router.add_get("/docs", reference)
    app.router.add_get("/docs/{file}", reference)

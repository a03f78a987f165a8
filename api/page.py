"""The page's files, as Vite built them into api/static.

Vite names what is in `assets/` after its content: that is kept for ever; everything else is asked for again each time.
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"
EACH_TIME = "no-cache"
NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>camera-hub</title>
<h1>页面尚未构建 · The page is not built</h1>
<p>运行 <code>make web</code>（或重新执行 <code>pip install</code>），然后刷新。API 可用：<a href="/docs">/docs</a></p>
<p>Run <code>make web</code> (or <code>pip install</code> again without HUB_SKIP_WEB), then reload.
The API works: <a href="/docs">/docs</a></p></html>
"""


def mount(app: web.Application, static: Path = STATIC) -> None:
    """Serve `static` at `/`. A path that is no file and no API is one of the page's own, and gets the page."""

    async def page(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path and (file := inside(static, path)) is not None:
            hashed = path.startswith("assets/")
            return web.FileResponse(file, headers={"Cache-Control": FOR_EVER if hashed else EACH_TIME})
        if path and "text/html" not in request.headers.get("Accept", ""):
            raise web.HTTPNotFound  # a script or picture that is gone, not somebody opening a page's address
        index = static / "index.html"
        if not index.is_file():
            return web.Response(status=503, text=NOT_BUILT, content_type="text/html")
        return web.FileResponse(index, headers={"Cache-Control": EACH_TIME})

    app.router.add_get("/{path:(?!api/).*}", page)


def inside(folder: Path, path: str) -> Path | None:
    """The regular file at `path` under `folder`, or None: also for a path that leads out of it, or a link out of it."""
    try:
        file = (folder / path).resolve()
        return file if file.is_relative_to(folder.resolve()) and file.is_file() else None
    except (ValueError, OSError):  # NUL in the path, or a name longer than the file system's
        return None

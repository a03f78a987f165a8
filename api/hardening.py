"""Headers every response carries: what a browser may do with it."""

from __future__ import annotations

from aiohttp import web

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HIDDEN_VERSIONS = "camera-hub"


async def harden(_request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers on a response about to be sent; what a handler does not allow to be kept is kept nowhere."""
    for name, value in ALWAYS.items():
        response.headers[name] = value
    response.headers["Server"] = HIDDEN_VERSIONS
    response.headers.setdefault("Cache-Control", "no-store")

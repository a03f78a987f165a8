"""Headers every response carries: what a browser may do with it."""

from __future__ import annotations

from aiohttp import web

from api.auth import over_tls

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; script-src-attr 'none'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TLS_ONLY = "max-age=31536000"
"""HSTS (RFC 6797) for a year; subdomains are not the hub's to decide."""
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


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Set the headers on a response about to be sent; what a handler does not allow to be kept is kept nowhere."""
    for name, value in ALWAYS.items():
        response.headers[name] = value
    if over_tls(request):
        response.headers["Strict-Transport-Security"] = TLS_ONLY
    response.headers["Server"] = HIDDEN_VERSIONS
    response.headers.setdefault("Cache-Control", "no-store")

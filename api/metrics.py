"""Prometheus: what the hub counts, and how long requests take."""

from __future__ import annotations

import ipaddress
import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, Histogram

from api.auth import identify
from api.routing import Door, Routes
from api.visitor import Visitor
from registry import permissions
from registry.permissions import Permission

routes = Routes("metrics", prefix="")


@routes.get("/metrics", Door.OPEN, raw="text/plain", errors=(401, 403))
async def read(visitor: Visitor) -> web.Response:
    """Metrics in Prometheus' text format, for a user with see_metrics or a scraper on this machine.

    Behind a proxy everybody would be on this machine: once `trusted_proxies`, `secure_cookies` or a certificate says
    that others come, signing in is needed.
    """
    if not _is_local(visitor):
        identity = await identify(visitor.request, visitor.address)
        permissions.allow(identity.actor.user, Permission.SEE_METRICS)
    metrics = visitor.hub.metrics
    return web.Response(body=metrics.render(), headers={"Content-Type": metrics.content_type})


def _is_local(visitor: Visitor) -> bool:
    settings, request = visitor.hub.settings, visitor.request
    if settings.trusted_proxies or settings.secure or "X-Forwarded-For" in request.headers:
        return False
    if request.remote is None or not ipaddress.ip_address(request.remote).is_loopback:
        return False
    # A page of another site, whose name was rebound to 127.0.0.1, comes from this machine's browser: its Host tells.
    return request.url.host in ("localhost", request.remote)


def timing(registry: CollectorRegistry) -> Middleware:
    """The middleware that measures requests, by route as declared: a client's own paths would grow without bound."""
    seconds = Histogram(
        "hub_http_request_seconds",
        "Time to answer a request",
        ["method", "route", "status"],
        buckets=(0.005, 0.01, 0.02, 0.04, 0.1, 0.3, 1, 3, 10, 30),
        registry=registry,
    )

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        begun = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        if not isinstance(response, web.WebSocketResponse):
            route = resource.canonical if resource is not None else "none"
            method = request.method if route != "none" else "none"
            seconds.labels(method, route, str(response.status)).observe(time.perf_counter() - begun)
        return response

    return measure

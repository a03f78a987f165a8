"""The hub over HTTP: `make_app(hub)` is the whole of it."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from api import (
    alerts,
    approvals,
    assessments,
    audit,
    auth,
    book,
    bookmarks,
    cameras,
    canvass,
    cases,
    casework,
    clips,
    consents,
    devices,
    docs,
    drafts,
    events,
    exports,
    finding,
    gaps,
    gb_ids,
    geography,
    giving,
    health,
    holds,
    incidents,
    lanes,
    links,
    live,
    me,
    metrics,
    motion,
    notices,
    openapi,
    owner,
    page,
    paper,
    patrols,
    placement,
    places,
    purposes,
    pursuit,
    recordings,
    reports,
    requests,
    retention,
    routing,
    scenes,
    screens,
    searches,
    segments,
    sending,
    sessions,
    settings,
    sockets,
    stills,
    stream,
    tokens,
    trials,
    units,
    uploads,
    users,
    viewer,
    viewings,
    walls,
)
from api.crowd import CROWD, Crowd
from api.hardening import harden
from api.problems import as_problems
from api.refused import REFUSED, Refused
from api.routing import Route
from api.throttle import Throttle
from api.tickets import TICKETS, Tickets
from api.visitor import HUB
from camera_hub.book.shelf import Shelf
from camera_hub.evidence.blurring import Blurring
from camera_hub.evidence.making import Maker
from camera_hub.hub import Hub
from camera_hub.recording.clips import Clips
from camera_hub.recording.decoders import Decoders

NOUNS = (
    sessions,
    purposes,
    casework,
    cases,
    pursuit,
    canvass,
    giving,
    uploads,
    approvals,
    holds,
    bookmarks,
    requests,
    placement,
    notices,
    places,
    geography,
    trials,
    finding,
    devices,
    cameras,
    gb_ids,
    book,
    scenes,
    consents,
    owner,
    events,
    searches,
    stream,
    live,
    walls,
    screens,
    viewings,
    recordings,
    motion,
    lanes,
    retention,
    segments,
    stills,
    clips,
    exports,
    drafts,
    reports,
    patrols,
    incidents,
    alerts,
    me,
    users,
    units,
    tokens,
    assessments,
    audit,
    health,
    gaps,
    settings,
    metrics,
)


def all_routes() -> tuple[Route, ...]:
    """Every route of the API, in the order of the documentation."""
    return (*(route for noun in NOUNS for route in noun.routes), *health.probes)


def description() -> openapi.Json:
    """The OpenAPI 3.1 document."""
    return openapi.describe(all_routes(), title="Village camera hub", version=version("camera-hub"))


def make_app(hub: Hub, static: Path = page.STATIC) -> web.Application:
    """The application that answers for a running hub: serve it with `aiohttp.web.AppRunner(app, access_log=None)`.

    `static` is the folder of the built page.
    """
    middlewares = [metrics.timing(hub.metrics.registry), as_problems, auth.cookies]
    app = web.Application(middlewares=middlewares, client_max_size=routing.BODY_BYTES)
    app[HUB] = hub
    app[sessions.THROTTLE] = Throttle()
    app[owner.ASKED] = links.limiter()
    app[giving.ASKED] = links.limiter()
    app[CROWD] = Crowd()
    app[TICKETS] = Tickets(hub.vault.derive("picture tickets"), hub.store.clock)
    app[REFUSED] = Refused(hub.store.clock)
    app[trials.PROBING] = asyncio.Semaphore(trials.PROBES_AT_ONCE)
    app[book.SHELF] = Shelf(hub.store.clock)
    app[book.READING] = asyncio.Semaphore(book.READ_AT_ONCE)
    app[sending.PACE] = sending.Pace()
    app[clips.DECODERS] = decoders = Decoders()
    media = hub.media
    app[clips.CLIPS] = Clips(
        hub.settings.data_dir / "clips",
        decoders,
        room=lambda: media.free() - media.min_free_bytes,
        clock=hub.store.clock,
    )
    app.cleanup_ctx.append(clips.keeping)
    app[exports.MAKER] = Maker(
        hub.store,
        hub.settings.data_dir,
        hub.node,
        room=lambda: media.free() - media.min_free_bytes,
        picture=media.path,
    )
    app[exports.PACKING] = asyncio.Semaphore(exports.PACKS_AT_ONCE)
    app[audit.PROVING] = asyncio.Semaphore(1)
    app[drafts.LOOKED] = drafts.Looked()
    app[drafts.BLURRING] = Blurring(hub.store, hub.settings.data_dir, hub.node, hub.settings.model)
    app[sockets.PACE] = sockets.Pace()
    app[sockets.STREAMS] = sockets.Streams()
    app.on_shutdown.append(app[sockets.STREAMS].close_all)
    app[live.PACE] = viewer.Pace()
    app[live.SOCKETS] = sockets.Streams()
    app.on_shutdown.append(app[live.SOCKETS].close_all)
    app.on_response_prepare.append(harden)
    routing.mount(app, all_routes(), auth.guard)
    docs.mount(app, description())
    paper.mount(app)
    reports.mount(app)
    page.mount(app, static)
    return app

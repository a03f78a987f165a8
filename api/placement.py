"""Placement: what is known of a camera's place, its sign, and which filings are missing or late."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from aiohttp import web

from api.filingsheet import as_csv
from api.routing import Routes
from api.visitor import Call
from camera_hub.signs import MOST_BYTES, Signs
from registry import placement
from registry.errors import NotFound
from registry.inputs import Input, PlaceCode
from registry.permissions import Permission
from registry.placement import Filed, Placement, PlacementChange, Wanting

routes = Routes("placement")


class FilingQuery(Input):
    """Which cameras: under a place, and those that want something."""

    prefix: PlaceCode | None = None
    wanting: Wanting | None = None


class SheetQuery(Input):
    """Which cameras, and in which language."""

    wanting: Wanting | None = None
    language: Literal["zh", "en"] = "zh"


@dataclass(frozen=True, slots=True)
class Filings:
    """Cameras and how their placements stand, by village and name."""

    filings: tuple[Filed, ...]


@routes.get("/cameras/{camera_id}/placement", Permission.SEE_CAMERAS)
async def get(call: Call, camera_id: UUID) -> Placement:
    """What is known of a camera's place, and what it lacks before it is pulled."""
    return await placement.get(call.hub.store, camera_id, call.scope)


@routes.patch("/cameras/{camera_id}/placement", Permission.REGISTER)
async def change(call: Call, camera_id: UUID, body: PlacementChange) -> Placement:
    """Change what is known of a camera's place; it starts or stops by it within seconds."""
    return await placement.change(call.hub.store, camera_id, body, call.actor)


@routes.put("/cameras/{camera_id}/sign", Permission.REGISTER, most_bytes=MOST_BYTES)
async def put_sign(call: Call, camera_id: UUID, body: bytes) -> Placement:
    """Keep a photo (JPEG) of the sign that hangs at a camera; the one before it goes."""
    hub = call.hub
    return await Signs(hub.store, hub.media, hub.node).put(camera_id, body, call.actor)


@routes.get("/cameras/{camera_id}/sign", Permission.SEE_CAMERAS, raw="image/jpeg")
async def get_sign(call: Call, camera_id: UUID) -> web.Response:
    """The photo of a camera's sign. It shows a sign, and needs no purpose."""
    hub = call.hub
    sign = await placement.sign_of(hub.store, camera_id, call.scope)
    try:
        jpeg = await asyncio.to_thread(hub.media.path(sign.key).read_bytes) if sign.node == hub.node else None
    except FileNotFoundError:
        jpeg = None
    if jpeg is None:
        raise NotFound("the photo lies on another machine, or is lost; take it again", code="sign_away")
    return web.Response(body=jpeg, content_type="image/jpeg")


@routes.get("/filings", Permission.SEE_CAMERAS)
async def list_filings(call: Call, query: FilingQuery) -> Filings:
    """How the placements of one's cameras stand: what is missing, filed, due or late."""
    found = await placement.list_filings(call.hub.store, call.scope, wanting=query.wanting, village_prefix=query.prefix)
    return Filings(found)


@routes.get("/filings/sheet", Permission.REGISTER, raw="text/csv")
async def sheet(call: Call, query: SheetQuery) -> web.Response:
    """The same as a table: CSV (UTF-8 with BOM)."""
    store = call.hub.store
    found = await placement.exported(store, call.actor, wanting=query.wanting)
    name = f"filings-{store.clock().astimezone(store.tz):%Y%m%d}.csv"
    return web.Response(
        body=await asyncio.to_thread(as_csv, found, store.tz, query.language),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

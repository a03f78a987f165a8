"""Exports: evidence packs of a case's footage, made once a second person granted it, and who had them in hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import sending
from api.drafts import BLURRING
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Call, Look
from camera_hub.evidence.making import Maker
from camera_hub.evidence.making import Step as Written
from camera_hub.evidence.writing import Entry
from camera_hub.recording.reading import Extract, Piece
from registry.errors import NotFound, TooMany
from registry.evidence import EvidenceKey, Export, HandOver, drafts, exports, gather, keys
from registry.inputs import Input
from registry.permissions import Permission

MAKE_SECONDS = 1800.0
"""A pack of many gigabytes on a slow disk."""
MAKER = web.AppKey("evidence_maker", Maker)
PACKING = web.AppKey("packing", asyncio.Semaphore)
PACKS_AT_ONCE = 2
routes = Routes("exports")


@dataclass(frozen=True, slots=True)
class Exports:
    """A case's exports, the newest first, and the fingerprint of the key that signs now."""

    exports: tuple[Export, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class EvidenceKeys:
    """The keys packs were signed with, the first one first; the last one signs now."""

    keys: tuple[EvidenceKey, ...]


class MakeExport(Input):
    """The grant under which a pack is made."""

    approval_id: UUID


class ExportTicket(Input):
    """The ticket of a pack's url."""

    ticket: Annotated[str, Field(max_length=120)]


@dataclass(frozen=True, slots=True)
class Making:
    """So many of so many bytes are in it."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ExportMade:
    """The last line: the export."""

    export: Export


@dataclass(frozen=True, slots=True)
class ExportUrl:
    """Where a pack is fetched, for five minutes, in this session and under this purpose."""

    url: str


@routes.get("/evidence/keys", Permission.SEE_CAMERAS)
async def list_keys(call: Call) -> EvidenceKeys:
    """The keys packs are signed with; their fingerprints are compared with those printed on forms."""
    await keys.ensure(call.hub.store, call.hub.vault, call.actor)
    return EvidenceKeys(await keys.listed(call.hub.store))


@routes.get("/cases/{case_id}/exports", Permission.WORK_CASES)
async def list_exports(call: Call, case_id: UUID) -> Exports:
    """What was made of a case, with its custody."""
    store = call.hub.store
    found = await exports.list_for(store, case_id, call.actor)
    return Exports(found, (await keys.ensure(store, call.hub.vault, call.actor)).fingerprint)


@routes.post("/exports", Permission.EXPORT, needs=Needs.PURPOSE, seconds=MAKE_SECONDS, errors=(404, 409, 429))
async def make(look: Look, body: MakeExport) -> AsyncGenerator[Making | ExportMade, None]:
    """Make what was granted; it is in the register before. Done again, it is another record, in place of this one.

    Outward copies are refused until each blurred clip was looked at (`blur_unreviewed`), and where something that one
    shows may not be seen any more.
    """
    store, packing = look.hub.store, look.request.app[PACKING]
    if packing.locked():
        raise TooMany("other packs are being made; try again in a moment", retry_after_s=10, code="export_busy")
    signer = await keys.signer(store, look.hub.vault, look.actor)
    about = await gather(store, look.access, body.approval_id, index=look.hub.passing)
    maker, blurring = look.request.app[MAKER], look.request.app[BLURRING]
    extra: list[Entry] = []
    if not about.asked.master:
        made = await drafts.to_leave(store, look.access, body.approval_id)
        extra = list(maker.copies(about, made, lambda one: blurring.clip_of(body.approval_id, one)))
    async with packing, aclosing(maker.make(look.access, about, signer, extra)) as steps:
        async for told in steps:
            yield Making(told.done, told.total) if isinstance(told, Written) else ExportMade(told)


@routes.get("/exports/{export_id}", Permission.WORK_CASES)
async def get(call: Call, export_id: UUID) -> Export:
    """One export, with its custody."""
    return await exports.get(call.hub.store, export_id, call.actor)


@routes.post("/exports/{export_id}/url", Permission.EXPORT, needs=Needs.PURPOSE, status=200)
async def url(look: Look, export_id: UUID) -> ExportUrl:
    """Where to fetch it, for five minutes; the fetch itself is in the register and in its custody."""
    found = await exports.get(look.hub.store, export_id, look.actor)
    ticket = look.request.app[TICKETS].make(found.custody[0].audit_no, _thing(look, export_id), look.actor.session_id)
    return ExportUrl(f"/api/v1/exports/{export_id}/file?ticket={ticket}")


@routes.get(
    "/exports/{export_id}/file",
    Permission.EXPORT,
    needs=Needs.PURPOSE,
    raw="application/zip",
    seconds=sending.SECONDS + 60,
    errors=(409,),
)
async def fetch(look: Look, export_id: UUID, query: ExportTicket) -> web.StreamResponse:
    """The pack's file; each fetch is in the register, and a step of its custody, before a byte is sent.

    Consent and masks are asked again before and while it is sent.
    """
    found = await exports.get(look.hub.store, export_id, look.actor)
    look.request.app[TICKETS].check(query.ticket, _thing(look, export_id), look.actor.session_id)
    file = look.request.app[MAKER].file_of(export_id)
    try:
        extract = Extract(file, [Piece(0, found.bytes)])
    except FileNotFoundError as err:
        raise NotFound("its file is gone; make another", code="export_gone") from err
    try:
        await exports.fetch(look.hub.store, look.access, export_id)
    except BaseException:
        extract.close()
        raise

    async def ask(anew: Look) -> None:
        await exports.still(anew.hub.store, anew.access, export_id)

    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": sending.attached(f"{found.name}.zip", "evidence.zip"),
    }
    return await sending.send(look, extract, headers, ask)


@routes.post("/exports/{export_id}/handovers", Permission.EXPORT)
async def hand_over(call: Call, export_id: UUID, body: HandOver) -> Export:
    """Enter to whom it was handed over, on what, and whether its fingerprint was told by another way."""
    return await exports.hand_over(call.hub.store, export_id, body, call.actor)


def _thing(look: Look, export_id: UUID) -> str:
    """What a pack's ticket is for. The purpose is in it: the row of the register names that one."""
    return f"export {export_id} {look.access.purpose.id}"

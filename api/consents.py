"""Consents: what owners agreed to, from invitation to withdrawal, on the page of those who look after them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from api import paper
from api.clips import DECODERS
from api.routing import Routes
from api.visitor import Call
from registry import consents, withdrawals
from registry.consents import NewConsent, Step, TakeStep, owners, scans
from registry.consents.attention import Attention, attention
from registry.consents.machine import ConsentStep, steps
from registry.inputs import Input
from registry.model import Consent
from registry.permissions import Permission
from registry.withdrawals import Receipt

SCAN_BYTES = 12 * 2**20
"""A photograph as a telephone takes it."""
SCAN_WIDTH = 1600

routes = Routes("consents")


@dataclass(frozen=True, slots=True)
class Consents:
    """A camera's consents, newest first, withdrawn ones included."""

    consents: tuple[Consent, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What was done about a consent, the first step first, and which steps may be taken now."""

    steps: tuple[Step, ...]
    may: tuple[ConsentStep, ...]


@dataclass(frozen=True, slots=True)
class NeedAttention:
    """Cameras whose consent needs somebody, by village."""

    cameras: tuple[Attention, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Where an owner finds his page. Who has it may act as he: hand it to nobody else."""

    address: str


class MakeLink(Input):
    """Whether a link that was handed out becomes void."""

    renew: bool = False


@routes.get("/cameras/{camera_id}/consents", Permission.SEE_CAMERAS)
async def list_for(call: Call, camera_id: UUID) -> Consents:
    """A camera's consents, withdrawn and ended ones included."""
    return Consents(tuple(await consents.list_for(call.hub.store, camera_id, call.scope)))


@routes.post("/cameras/{camera_id}/consents", Permission.REGISTER)
async def create(call: Call, camera_id: UUID, body: NewConsent) -> Consent:
    """Record what an owner signed: it is in force at once, and pulls and reads follow within seconds."""
    return await consents.create(call.hub.store, camera_id, body, call.actor)


@routes.post("/cameras/{camera_id}/consents/invite", Permission.REGISTER)
async def invite(call: Call, camera_id: UUID, body: NewConsent) -> Consent:
    """Write down what an owner is asked to sign, so that it can be printed; nothing is pulled under it."""
    return await consents.invite(call.hub.store, camera_id, body, call.actor)


@routes.get("/consents/attention", Permission.SEE_CAMERAS)
async def need_attention(call: Call) -> NeedAttention:
    """Cameras whose consent is missing, unsigned, about to run out, or demands masks that are not drawn."""
    return NeedAttention(await attention(call.hub.store, call.scope))


@routes.get("/consents/{consent_id}/steps", Permission.SEE_CAMERAS)
async def history(call: Call, consent_id: UUID) -> History:
    """What was done about a consent, and what may be done now."""
    consent = await consents.get(call.hub.store, consent_id, call.scope)
    return History(await consents.steps_of(call.hub.store, consent_id, call.scope), steps(consent.state))


@routes.post("/consents/{consent_id}/steps", Permission.REGISTER, status=200)
async def take(call: Call, consent_id: UUID, body: TakeStep) -> Consent:
    """Sign, activate, pause, resume or reconfirm; pulls and reads follow within seconds."""
    return await consents.take(call.hub.store, consent_id, body, call.actor)


@routes.post("/consents/{consent_id}/withdraw", Permission.REGISTER, status=200)
async def withdraw(call: Call, consent_id: UUID) -> Receipt:
    """Withdraw a consent: the pull stops, sign-in and footage are destroyed. Done twice, the receipt is the same."""
    return await withdrawals.withdraw(call.hub.store, consent_id, call.actor, call.hub.files_of)


@routes.get("/consents/{consent_id}/receipt", Permission.SEE_CAMERAS)
async def receipt(call: Call, consent_id: UUID) -> Receipt:
    """The receipt of a withdrawal, as things stand now."""
    return await withdrawals.receipt(call.hub.store, consent_id, call.scope, call.hub.files_of)


@routes.get("/consents/{consent_id}/receipt/paper", Permission.SEE_CAMERAS, raw="text/html")
async def receipt_paper(call: Call, consent_id: UUID) -> web.Response:
    """The receipt, to be printed."""
    given = await withdrawals.receipt(call.hub.store, consent_id, call.scope, call.hub.files_of)
    return paper.shown(paper.receipt(given, paper.place_of(call)))


@routes.get("/consents/{consent_id}/paper", Permission.REGISTER, raw="text/html")
async def form(call: Call, consent_id: UUID) -> web.Response:
    """The form, to be printed and signed. Its code leads to the owner's page, so that printing it is on record."""
    store = call.hub.store
    about = await paper.facts_of(store, consent_id, call.scope)
    token = await owners.link(store, call.hub.vault, consent_id, call.actor)
    return paper.shown(paper.form(about, paper.place_of(call), token))


@routes.post("/consents/{consent_id}/link", Permission.REGISTER)
async def link(call: Call, consent_id: UUID, body: MakeLink) -> Link:
    """The address of the owner's page; `renew` makes the one handed out before void. Telling it is on record."""
    token = await owners.link(call.hub.store, call.hub.vault, consent_id, call.actor, renew=body.renew)
    return Link(paper.place_of(call).page(token))


@routes.delete("/consents/{consent_id}/link", Permission.REGISTER)
async def unlink(call: Call, consent_id: UUID) -> None:
    """Make the address of the owner's page void."""
    await owners.revoke(call.hub.store, consent_id, call.actor)


@routes.put("/consents/{consent_id}/scan", Permission.REGISTER, most_bytes=SCAN_BYTES)
async def put_scan(call: Call, consent_id: UUID, body: bytes) -> Consent:
    """Keep a photograph or scan of what was signed: a JPEG or PNG, which is made anew before it is kept."""
    await consents.get(call.hub.store, consent_id, call.scope)
    picture = await call.request.app[DECODERS].image(body, SCAN_WIDTH)
    return await scans.put(call.hub.store, consent_id, picture, call.actor)


@routes.get("/consents/{consent_id}/scan", Permission.REGISTER, raw="image/jpeg")
async def get_scan(call: Call, consent_id: UUID) -> web.Response:
    """The picture of what was signed; the look is on record."""
    picture = await scans.get(call.hub.store, consent_id, call.actor)
    return web.Response(body=picture, content_type="image/jpeg")

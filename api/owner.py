"""The owner's own page: by a signed link and without an account, he sees what he agreed to, pauses, and withdraws."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from limits import parse
from limits.strategies import MovingWindowRateLimiter

from api import links, paper
from api.routing import Door, Routes
from api.visitor import Visitor
from registry import withdrawals
from registry.consents import owners
from registry.consents.owners import OwnerView
from registry.inputs import Input
from registry.scope import EVERYTHING
from registry.withdrawals import Receipt

HEADER = "X-Owner-Link"
RATES = (parse("30/minute"), parse("300/hour"))
"""Of one address: far more than an owner looks, far less than somebody who guesses."""
ASKED = web.AppKey("owner_asked", MovingWindowRateLimiter)
_ERRORS = (404, 409, 429)

routes = Routes("owner")


class OwnerStep(Input):
    """What an owner does for a while."""

    step: Literal["pause", "resume"]


def _token(visitor: Visitor) -> str:
    return links.secret(visitor, HEADER, ASKED, RATES)


@routes.get("/owner", Door.OPEN, errors=_ERRORS)
async def view(visitor: Visitor) -> OwnerView:
    """What the owner agreed to, and who used it: the look is on record."""
    return await owners.view(visitor.hub.store, visitor.hub.vault, _token(visitor), visitor.address)


@routes.post("/owner/steps", Door.OPEN, status=200, errors=_ERRORS)
async def take(visitor: Visitor, body: OwnerStep) -> OwnerView:
    """Pause, or go on: pulls and reads follow within seconds."""
    store, vault, token = visitor.hub.store, visitor.hub.vault, _token(visitor)
    await owners.take(store, vault, token, body.step, visitor.address)
    return await owners.view(store, vault, token, visitor.address)


@routes.post("/owner/withdraw", Door.OPEN, status=200, errors=_ERRORS)
async def withdraw(visitor: Visitor) -> Receipt:
    """Withdraw: the pull stops, sign-in and footage are destroyed. Done twice, the receipt is the same."""
    store = visitor.hub.store
    consent_id = await owners.withdraw(store, visitor.hub.vault, _token(visitor), visitor.address)
    return await withdrawals.receipt(store, consent_id, EVERYTHING, visitor.hub.files_of)


@routes.get("/owner/receipt", Door.OPEN, errors=_ERRORS)
async def receipt(visitor: Visitor) -> Receipt:
    """The receipt of the withdrawal, as things stand now."""
    consent_id = await owners.by_token(visitor.hub.store, visitor.hub.vault, _token(visitor))
    return await withdrawals.receipt(visitor.hub.store, consent_id, EVERYTHING, visitor.hub.files_of)


@routes.get("/owner/paper", Door.OPEN, raw="text/html", errors=_ERRORS)
async def copy(visitor: Visitor) -> web.Response:
    """A copy of the form, to be kept: one file that needs nothing else."""
    token = _token(visitor)
    consent_id = await owners.by_token(visitor.hub.store, visitor.hub.vault, token)
    about = await paper.facts_of(visitor.hub.store, consent_id, EVERYTHING)
    return paper.kept(paper.form(about, paper.place_of(visitor), token), f"consent-{consent_id}.html")


@routes.get("/owner/receipt/paper", Door.OPEN, raw="text/html", errors=_ERRORS)
async def receipt_copy(visitor: Visitor) -> web.Response:
    """The receipt, to be kept."""
    consent_id = await owners.by_token(visitor.hub.store, visitor.hub.vault, _token(visitor))
    given = await withdrawals.receipt(visitor.hub.store, consent_id, EVERYTHING, visitor.hub.files_of)
    return paper.kept(paper.receipt(given, paper.place_of(visitor)), f"receipt-{given.number}.html")

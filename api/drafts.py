"""Drafts: blurred clips of an outward copy, made, looked at frame by frame, corrected by hand, and let out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api.routing import Needs, Routes
from api.visitor import Look
from camera_hub.evidence.blurring import RENDER_S, Blurring, Rendering
from registry.errors import Conflict
from registry.evidence import Draft, drafts
from registry.evidence.drafts import Boxes
from registry.inputs import Input
from registry.permissions import Permission

BLURRING = web.AppKey("evidence_blurring", Blurring)
MOST_LOOKED = 10_000
MOST_FRAMES = 100_000
"""A number beyond is no picture of ten minutes' clip."""
routes = Routes("drafts")


class Looked:
    """Which drafts were looked at under which session and purpose, as made when; what is forgotten is told anew."""

    def __init__(self) -> None:
        self._known: set[tuple[object, ...]] = set()

    def __contains__(self, look: tuple[object, ...]) -> bool:
        return look in self._known

    def add(self, look: tuple[object, ...]) -> None:
        """Know of a look that is on record."""
        if len(self._known) >= MOST_LOOKED:
            self._known.clear()
        self._known.add(look)


LOOKED = web.AppKey("drafts_looked", Looked)


class DraftsQuery(Input):
    """The grant they are made under."""

    approval_id: UUID


class FrameQuery(Input):
    """Of which revision; told, another one is refused (`draft_stale`)."""

    revision: Annotated[int, Field(ge=1)] | None = None


class NewDraft(Input):
    """One item of what was granted, from 0, and what is blurred of it by hand."""

    approval_id: UUID
    item: Annotated[int, Field(ge=0, lt=30)]
    boxes: Boxes = ()


class DraftReview(Input):
    """The revision that was looked at."""

    revision: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts under a grant, by item; those not made yet are not there."""

    drafts: tuple[Draft, ...]


@dataclass(frozen=True, slots=True)
class Blurred:
    """So far of so much."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class DraftMade:
    """The last line: the draft."""

    draft: Draft


@routes.get("/drafts", Permission.EXPORT, needs=Needs.PURPOSE, errors=(404, 409))
async def list_drafts(look: Look, query: DraftsQuery) -> Drafts:
    """The blurred clips under a grant of one's own."""
    return Drafts(await drafts.list_for(look.hub.store, look.access, query.approval_id))


@routes.post("/drafts", Permission.EXPORT, needs=Needs.PURPOSE, seconds=RENDER_S + 60, errors=(404, 409, 429))
async def render(look: Look, body: NewDraft) -> AsyncGenerator[Blurred | DraftMade, None]:
    """Make one item's blurred clip, in place of the one before; the footage it takes is in the register first."""
    blurring = look.request.app[BLURRING]
    async with aclosing(blurring.render(look.access, body.approval_id, body.item, body.boxes)) as steps:
        async for told in steps:
            yield Blurred(told.done, told.total) if isinstance(told, Rendering) else DraftMade(told)


@routes.get(
    "/drafts/{draft_id}/frames/{number}", Permission.EXPORT, needs=Needs.PURPOSE, raw="image/jpeg", errors=(409,)
)
async def frame(
    look: Look, draft_id: UUID, number: Annotated[int, Field(ge=0, le=MOST_FRAMES)], query: FrameQuery
) -> web.Response:
    """A picture of a draft, as it would leave, of what may be seen now; the first one read is on record."""
    approval_id, found = await drafts.get(look.hub.store, look.access, draft_id)
    if query.revision not in (None, found.revision):
        raise Conflict("it was made anew meanwhile; look at it again", code="draft_stale")
    looked, this = look.request.app[LOOKED], (look.actor.session_id, look.access.purpose.id, draft_id, found.revision)
    if number == 0 or this not in looked:
        await drafts.looked(look.hub.store, look.access, draft_id)
        looked.add(this)
    file = look.request.app[BLURRING].frame_of(approval_id, found, number)
    return web.Response(body=await asyncio.to_thread(file.read_bytes), content_type="image/jpeg")


@routes.post("/drafts/{draft_id}/review", Permission.EXPORT, needs=Needs.PURPOSE, status=200)
async def review(look: Look, draft_id: UUID, body: DraftReview) -> Draft:
    """Say that one looked at it and that it may leave; on record. Made anew, it is looked at again."""
    return await drafts.review(look.hub.store, look.access, draft_id, body.revision)

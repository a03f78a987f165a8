"""Drafts: blurred clips of an outward copy, looked at by an officer before they leave (L12).

A clip is made anew with each change of the boxes that were drawn by hand; what was looked at is that revision and no
other, so that nothing leaves that nobody saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import approvals, audit, recordings
from registry.approvals.export import ExportAsk
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.evidence import shown
from registry.inputs import Input
from registry.model import Access
from registry.permissions import Permission, allow
from registry.recordings.lawful import Span
from registry.store import Store
from registry.tables import approvals as approval_rows
from registry.tables import drafts

MOST_BOXES = 50
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Ms = Annotated[int, Field(ge=0, le=86_400_000)]


class Blur(Input):
    """A rectangle blurred by hand, in shares of the picture, from and to milliseconds of the clip."""

    x0: _Share
    y0: _Share
    x1: _Share
    y1: _Share
    from_ms: _Ms
    to_ms: _Ms

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.x1 <= self.x0 or self.y1 <= self.y0:
            raise PydanticCustomError("box", "a box has a width and a height")
        if self.to_ms <= self.from_ms:
            raise PydanticCustomError("interval", "`to_ms` must lie after `from_ms`")
        return self


Boxes = Annotated[tuple[Blur, ...], Field(max_length=MOST_BOXES)]


@dataclass(frozen=True, slots=True)
class Draft:
    """A blurred clip: `item` of what was approved, as made with `boxes`; `frames` pictures of it are to be looked at.

    `found` counts the boxes of persons and vehicles that were blurred by the detector, over all frames. `begins_at` and
    `ends_at` are the true cut.
    """

    id: UUID
    item: int
    revision: int
    boxes: tuple[Blur, ...]
    frames: int
    frame_ms: int
    lasts_ms: int
    width: int
    height: int
    found: int
    begins_at: datetime
    ends_at: datetime
    bytes: int
    digest: str
    made_at: datetime
    made_by: str
    reviewed_at: datetime | None
    reviewed_by: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What the blurring made: see `Draft`. `spans` are the times it shows."""

    frames: int
    frame_ms: int
    lasts_ms: int
    width: int
    height: int
    found: int
    begins_at: datetime
    ends_at: datetime
    spans: tuple[Span, ...]
    bytes: int
    digest: str
    node: str


async def grant_of(store: Store, access: Access, approval_id: UUID) -> ExportAsk:
    """What was granted, for outward copies. Raises Denied, NotFound, Conflict: export_case, export_master."""
    allow(access.actor.user, Permission.EXPORT)
    async with store.read() as conn:
        grant = await approvals.granted(conn, approval_id, ExportAsk, access.actor.user, store.clock())
    if access.purpose.case_id != grant.asked.case_id:
        raise Conflict("look under the case it was approved for", code="export_case")
    if grant.asked.master:
        raise Conflict("the investigation gets the recordings themselves; nothing is blurred", code="export_master")
    return grant.asked


async def list_for(store: Store, access: Access, approval_id: UUID) -> tuple[Draft, ...]:
    """The drafts under a grant, by item. Raises as `grant_of`."""
    await grant_of(store, access, approval_id)
    return tuple(map(_draft, await _rows(store, approval_id)))


async def _rows(store: Store, approval_id: UUID) -> list[AnyRow]:
    wanted = sa.select(drafts).join(approval_rows, approval_rows.c.no == drafts.c.approval_no)
    async with store.read() as conn:
        return list(await conn.execute(wanted.where(approval_rows.c.id == approval_id).order_by(drafts.c.item)))


async def to_leave(store: Store, access: Access, approval_id: UUID) -> tuple[tuple[Draft, Sequence[Span]], ...]:
    """The clips of a pack for others, with the times they show: each was looked at, and all of it may be seen now.

    Raises as `grant_of`, Conflict (blur_unreviewed), Denied (recording_no_consent and its like).
    """
    asked = await grant_of(store, access, approval_id)
    rows = await _rows(store, approval_id)
    _require_reviewed(rows, asked)
    for row in rows:
        await _require_visible(store, access, asked, row, "export.make")
    return tuple((_draft(row), _spans(row)) for row in rows)


async def put(
    store: Store, access: Access, approval_id: UUID, *, item: int, boxes: tuple[Blur, ...], made: Rendered
) -> Draft:
    """Keep a draft that was made, in place of the one before; it is not reviewed. On record."""
    now = store.clock()
    body = {
        "frames": made.frames, "frame_ms": made.frame_ms, "lasts_ms": made.lasts_ms, "width": made.width,
        "height": made.height, "found": made.found, "begins_at": made.begins_at.isoformat(),
        "ends_at": made.ends_at.isoformat(),
        "spans": shown.kept(made.spans),
    }  # fmt: skip
    values: dict[str, Any] = {
        "node": made.node, "body": body, "boxes": [one.model_dump() for one in boxes], "made_at": now,
        "made_by": access.actor.user.name, "digest": made.digest, "bytes": made.bytes, "reviewed_at": None,
        "reviewed_by": "",
    }  # fmt: skip
    async with store.write() as conn:
        number = await conn.scalar(sa.select(approval_rows.c.no).where(approval_rows.c.id == approval_id))
        here = sa.and_(drafts.c.approval_no == number, drafts.c.item == item)
        before = (await conn.execute(sa.select(drafts).where(here).with_for_update())).one_or_none()
        if before is None:
            new = sa.insert(drafts).values(id=uuid7(), approval_no=number, item=item, revision=1, **values)
            await conn.execute(new)
        else:
            await conn.execute(sa.update(drafts).where(here).values(revision=before.revision + 1, **values))
        row = (await conn.execute(sa.select(drafts).where(here))).one()
        await _on_record(conn, store, access, "export.draft", approval_id=approval_id, row=row)
    return _draft(row)


async def get(store: Store, access: Access, draft_id: UUID) -> tuple[UUID, Draft]:
    """One draft of footage that may be seen now, and the grant it is made under.

    Raises NotFound (draft_unknown), Denied (recording_no_consent and its like), which is on record, and as `grant_of`.
    """
    wanted = (
        sa.select(approval_rows.c.id)
        .join(drafts, drafts.c.approval_no == approval_rows.c.no)
        .where(drafts.c.id == draft_id, approval_rows.c.requester_no == access.actor.user.no)
    )
    async with store.read() as conn:
        approval_id = await conn.scalar(wanted)
    if approval_id is None:
        raise _unknown()
    asked = await grant_of(store, access, approval_id)
    row = next(one for one in await _rows(store, approval_id) if one.id == draft_id)
    await _require_visible(store, access, asked, row, "export.look")
    return approval_id, _draft(row)


async def looked(store: Store, access: Access, draft_id: UUID) -> tuple[UUID, Draft]:
    """A draft whose pictures are looked at, on record first. Raises as `get`."""
    approval_id, found = await get(store, access, draft_id)
    async with store.write() as conn:
        row = (await conn.execute(sa.select(drafts).where(drafts.c.id == draft_id))).one()
        await _on_record(conn, store, access, "export.look", approval_id=approval_id, row=row)
    return approval_id, found


async def review(store: Store, access: Access, draft_id: UUID, revision: int) -> Draft:
    """That an officer looked at a draft and lets it leave. Raises Conflict (draft_stale) where it was made anew."""
    approval_id, _ = await get(store, access, draft_id)
    now = store.clock()
    async with store.write() as conn:
        row = (await conn.execute(sa.select(drafts).where(drafts.c.id == draft_id).with_for_update())).one()
        if row.revision != revision:
            raise Conflict("it was made anew meanwhile; look at it again", code="draft_stale")
        seen = {"reviewed_at": now, "reviewed_by": access.actor.user.name}
        await conn.execute(sa.update(drafts).where(drafts.c.no == row.no).values(seen))
        row = (await conn.execute(sa.select(drafts).where(drafts.c.no == row.no))).one()
        await _on_record(conn, store, access, "export.review", approval_id=approval_id, row=row)
    return _draft(row)


async def _require_visible(store: Store, access: Access, asked: ExportAsk, row: AnyRow, action: str) -> None:
    """Raise Denied where a consent was withdrawn, or a mask drawn, since a clip was cut."""
    item, spans = asked.items[row.item], _spans(row)
    whole = min(begin for begin, _ in spans), max(end for _, end in spans)
    detail = {"draft": row.id, "item": row.item}
    async with audit.refused(store, access, action, cameras=(item.camera_id,), span=whole, detail=detail):
        await recordings.still(store, access, item.camera_id, spans)


def _spans(row: AnyRow) -> list[Span]:
    """The times a draft shows."""
    return shown.spans_of(row.body["spans"])


def _require_reviewed(found: Sequence[AnyRow], asked: ExportAsk) -> None:
    """Raise Conflict (blur_unreviewed) unless each item has a draft that somebody looked at."""
    seen = {one.item for one in found if one.reviewed_at is not None}
    if missing := [number for number in range(len(asked.items)) if number not in seen]:
        raise Conflict("look at each blurred clip first, and confirm it", code="blur_unreviewed", item=missing[0] + 1)


async def _on_record(
    conn: AsyncConnection, store: Store, access: Access, action: str, *, approval_id: UUID, row: AnyRow
) -> None:
    detail = audit.describe(approval=approval_id, item=row.item, revision=row.revision, sha256=row.digest)
    await audit.append(conn, access.actor, action, now=store.clock(), purpose=access.purpose, detail=detail)


def _unknown() -> NotFound:
    return NotFound("no such draft; make it first", code="draft_unknown")


def _draft(row: AnyRow) -> Draft:
    body = row.body
    return Draft(
        id=row.id,
        item=row.item,
        revision=row.revision,
        boxes=tuple(Blur.model_validate(one) for one in row.boxes),
        frames=body["frames"],
        frame_ms=body["frame_ms"],
        lasts_ms=body["lasts_ms"],
        width=body["width"],
        height=body["height"],
        found=body["found"],
        begins_at=datetime.fromisoformat(body["begins_at"]),
        ends_at=datetime.fromisoformat(body["ends_at"]),
        bytes=row.bytes,
        digest=row.digest,
        made_at=row.made_at,
        made_by=row.made_by,
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by,
    )

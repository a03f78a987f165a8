"""Who may watch which camera now: an open purpose, the scope, and, where its kind needs one, a consent to that.

Every look is in the register before a picture leaves: one row for all the cameras asked for together, and a viewing for
each that is let out (`registry.viewings`), which says in the end how long it was watched. `standing` asks again what
opened it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, consents, minors, purposes, scenes, viewings
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.errors import Denied, HubError, NotFound
from registry.model import Access, Consent, ConsentScope, Reason, Stream
from registry.permissions import Permission, allow
from registry.reach import Reach
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, placements, places
from registry.tables import scenes as scene_rows
from registry.viewings import Ended, NewViewing

As = Literal["video", "preview", "picture"]
"""A stream of frames, a stream of pictures, or one picture."""
_LIVE = frozenset({ConsentScope.LIVE})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A camera somebody wants to see, which of its streams, and how."""

    camera_id: UUID
    stream: Stream
    shown: As


@dataclass(frozen=True, slots=True)
class Sight:
    """What may be seen of a camera: the stream that was asked for, or the only one there is.

    `analysed` is the stream its pictures come from. Of a masked camera nothing else is shown.
    """

    camera_no: int
    camera_id: UUID
    stream: Stream
    analysed: Stream


@dataclass(frozen=True, slots=True)
class Watched:
    """A camera somebody was let watch, as it stands in the register; `viewing` is its row, None of one picture."""

    sight: Sight
    audit_no: int
    viewing: int | None
    opened_at: datetime


def require(store: Store, access: Access) -> Reach:
    """What a lawful look at live pictures reaches.

    Raises Denied without the right or an open purpose of one's own, and under a case whose time is not now.
    """
    allow(access.actor.user, Permission.WATCH_LIVE)
    reach = purposes.reach(store, access)
    if not reach.at(store.clock()):
        raise reach.beyond()
    return reach


async def open(  # noqa: A001 - read as live.open; nothing here opens files
    store: Store, access: Access, wanted: Sequence[Wanted], *, node: str = "", ended: Sequence[Ended] = ()
) -> tuple[Watched | HubError, ...]:
    """Let somebody watch cameras: in the register before anything is shown, a vain try too.

    Answers each that was wanted with what he may see or why he may not: Denied without consent, NotFound outside the
    scope. What he ceased to watch (`ended`) goes into the same transaction. Raises Denied without right or purpose.
    """
    asked = {one.camera_id for one in wanted}
    pictures = all(one.shown == "picture" for one in wanted)
    action = "live.picture" if pictures else "live.open"
    async with audit.refused(store, access, action, cameras=sorted(asked), detail={"camera": sorted(asked)}):
        reach = require(store, access)
    async with store.read() as conn:
        rows = await _rows(conn, reach.known, asked)
        given = await consents.asked(conn, store, rows.values())
    now = store.clock()
    refused = {one: why for one in asked if (why := _refusal(store, access, reach, rows.get(one), given)) is not None}
    seen = [None if one.camera_id in refused else _sight(rows[one.camera_id], one.stream) for one in wanted]
    async with store.write() as conn:
        if ended:
            await viewings.close(conn, access, ended, now=now)
        number = await audit.append(
            conn,
            access.actor,
            action,
            now=now,
            # Of a camera he may not know of, its id is all that is written: it is what he asked for.
            cameras=[one.camera_id for one in wanted if one.camera_id in rows],
            span=(now, None),
            purpose=access.purpose,
            detail=audit.describe(
                shown=sorted({one.shown for one in wanted}),
                refused={str(one): why.code for one, why in refused.items()} or None,
            ),
            count=sum(sight is not None for sight in seen),
        )
        kept = [
            NewViewing(sight.camera_no, sight.stream)
            for one, sight in zip(wanted, seen, strict=True)
            if sight is not None and one.shown != "picture"
        ]
        numbers = iter(await viewings.add(conn, access, kept, audit_no=number, node=node, now=now))
    return tuple(
        refused[one.camera_id]
        if sight is None
        else Watched(sight, number, None if one.shown == "picture" else next(numbers), now)
        for one, sight in zip(wanted, seen, strict=True)
    )


async def one(store: Store, access: Access, wanted: Wanted) -> Watched:
    """`open` for a single camera; raises why it may not be seen."""
    (found,) = await open(store, access, [wanted])
    if isinstance(found, HubError):
        raise found
    return found


async def standing(
    store: Store, access: Access, watched: Sequence[tuple[UUID, Stream]]
) -> tuple[Sight | HubError, ...]:
    """What may be seen now of cameras that are open, each with the stream once asked for; or why nothing any more.

    Raises Denied when nothing may be watched any more.
    """
    reach = require(store, access)
    async with store.read() as conn:
        rows = await _rows(conn, reach.known, {camera_id for camera_id, _ in watched})
        given = await consents.asked(conn, store, rows.values())
    return tuple(
        _refusal(store, access, reach, rows.get(camera_id), given) or _sight(rows[camera_id], stream)
        for camera_id, stream in watched
    )


def _sight(row: AnyRow, asked: Stream) -> Sight:
    analysed: Stream = "sub" if row.sub_url else "main"
    both = bool(row.sub_url and row.main_url)
    masked = bool(row.body and row.body["masks"])
    return Sight(row.no, row.id, asked if both and not masked else analysed, analysed)


async def _rows(conn: AsyncConnection, scope: Scope, camera_ids: set[UUID]) -> dict[UUID, AnyRow]:
    wanted = (
        sa.select(
            cameras.c.no,
            cameras.c.id,
            cameras.c.kind,
            cameras.c.sub_url,
            cameras.c.main_url,
            scene_rows.c.body,
            places.c.code,
            placements.c.near_minors,
        )
        .join(places, places.c.no == cameras.c.village_no)
        .join(placements, placements.c.camera_no == cameras.c.no)
        .outerjoin(
            scene_rows,
            sa.and_(scene_rows.c.camera_no == cameras.c.no, scene_rows.c.revision == cameras.c.scene_revision),
        )
        .where(cameras.c.id.in_(camera_ids), cameras.c.removed_at.is_(None), in_scope(places.c.code, scope))
    )
    return {row.id: row for row in await conn.execute(wanted)}


_REFUSED = {
    Reason.NO_CONSENT: "the owner has not agreed to live pictures; ask for a consent",
    Reason.OUTSIDE_HOURS: "the owner agreed to other hours; come back in them",
    Reason.MASKS_MISSING: "the owner agreed to a masked picture; have the masks drawn first",
}


def _refusal(
    store: Store, access: Access, reach: Reach, row: AnyRow | None, given: dict[int, tuple[Consent, ...]]
) -> HubError | None:
    if row is None:
        return NotFound("no such camera", code="camera_unknown")
    if not reach.covers(row.code, row.id):
        return reach.beyond()
    if (silent := minors.refusal(store.policy.placement, row, access.purpose)) is not None:
        return silent
    if row.no not in given:
        return None
    now = store.clock()
    masks = scenes.masks_of(row.body or {})
    reason = consents.halt(given[row.no], now, second_of_day(now, store.tz), scopes=_LIVE, masks=masks)
    return None if reason is None else Denied(_REFUSED[reason], code=f"live_{reason}")

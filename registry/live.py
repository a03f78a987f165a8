"""Who may watch which camera now: an open purpose, the scope, and, of a civilian camera, a consent to live pictures.

Every look is in the register before a picture leaves: `open` when a stream or picture is let out, `closed` with how
long it was watched. `lapsed` asks again what opened a stream.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, consents, purposes
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.errors import Denied, HubError, NotFound
from registry.model import Access, Consent, ConsentScope, Kind, Reason, Stream
from registry.permissions import Permission, allow
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, places

As = Literal["video", "preview", "picture"]
"""A stream of frames, a stream of pictures, or one picture."""
_LIVE = frozenset({ConsentScope.LIVE})


@dataclass(frozen=True, slots=True)
class Watched:
    """A camera somebody was let watch, which of its streams is pulled, and the row of the register that says so."""

    camera_no: int
    camera_id: UUID
    stream: Stream
    audit_no: int
    opened_at: datetime


def require(store: Store, access: Access) -> Scope:
    """The scope of a lawful look at live pictures. Raises Denied without the right or an open purpose of one's own."""
    allow(access.actor.user, Permission.WATCH_LIVE)
    purposes.require(access.purpose, store.clock())
    if access.purpose.user_no != access.actor.user.no:
        raise Denied("the purpose is somebody else's; open your own", code="purpose_required")
    return of_actor(access.actor)


async def open(  # noqa: A001 - read as live.open; nothing here opens files
    store: Store, access: Access, camera_id: UUID, shown: As
) -> Watched:
    """Let somebody watch a camera: in the register before anything is shown, a vain try too.

    Raises Denied (without right, purpose or consent), NotFound outside the scope.
    """
    scope = require(store, access)
    async with store.read() as conn:
        row = (await _rows(conn, scope, (camera_id,))).get(camera_id)
        refused = _refusal(store, row, await _consents(conn, (row,)))
    now = store.clock()
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            "live.picture" if shown == "picture" else "live.open",
            now=now,
            # Of a camera he may not know of, its id is all that is written: it is what he asked for.
            cameras=[camera_id] if row is not None else (),
            span=(now, None),
            purpose=access.purpose,
            detail=audit.describe(shown=shown, camera=camera_id, refused=refused.code if refused else None),
            count=int(refused is None),
        )
    if refused is not None or row is None:
        raise refused or _unknown()
    return Watched(row.no, camera_id, "sub" if row.sub_url else "main", number, now)


async def closed(store: Store, access: Access, watched: Watched, *, seconds: float, why: str) -> None:
    """Write how long a stream was watched and why it ended, though the purpose may be closed by now."""
    now = store.clock()
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "live.close",
            now=now,
            cameras=[watched.camera_id],
            span=(watched.opened_at, now),
            purpose=access.purpose,
            detail=audit.describe(opened=watched.audit_no, seconds=round(seconds, 1), why=why),
        )


async def lapsed(store: Store, access: Access, camera_ids: Collection[UUID]) -> dict[UUID, HubError]:
    """Which of these cameras may be watched no more, and why: asked anew for streams that are open.

    Raises Denied when nothing may be watched any more.
    """
    scope = require(store, access)
    async with store.read() as conn:
        rows = await _rows(conn, scope, camera_ids)
        given = await _consents(conn, list(rows.values()))
    found = {one: _refusal(store, rows.get(one), given) for one in camera_ids}
    return {one: refused for one, refused in found.items() if refused is not None}


async def _rows(conn: AsyncConnection, scope: Scope, camera_ids: Collection[UUID]) -> dict[UUID, AnyRow]:
    wanted = (
        sa.select(cameras.c.no, cameras.c.id, cameras.c.kind, cameras.c.sub_url)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id.in_(tuple(camera_ids)), cameras.c.removed_at.is_(None), in_scope(places.c.code, scope))
    )
    return {row.id: row for row in await conn.execute(wanted)}


async def _consents(conn: AsyncConnection, rows: Sequence[AnyRow | None]) -> dict[int, list[Consent]]:
    civilian = [row.no for row in rows if row is not None and row.kind == Kind.CIVILIAN.value]
    return await consents.of_cameras(conn, civilian) if civilian else {}


def _refusal(store: Store, row: AnyRow | None, given: dict[int, list[Consent]]) -> HubError | None:
    if row is None:
        return _unknown()
    if row.kind != Kind.CIVILIAN.value:
        return None
    now = store.clock()
    reason = consents.halt(given.get(row.no, ()), now, second_of_day(now, store.tz), scopes=_LIVE)
    if reason is None:
        return None
    if reason is Reason.OUTSIDE_HOURS:
        return Denied("the owner agreed to other hours; come back in them", code="live_outside_hours")
    return Denied("the owner has not agreed to live pictures; ask for a consent", code="live_no_consent")


def _unknown() -> NotFound:
    return NotFound("no such camera", code="camera_unknown")

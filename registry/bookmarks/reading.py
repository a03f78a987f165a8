"""Reading bookmarks: under the case's own purpose, on record first; a still is footage, and asked about as such."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases, consents, masks, minors, purposes
from registry.bookmarks.model import SELECT, Bookmark, Source, of_row
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.errors import Denied, HubError, NotFound
from registry.model import Access, ConsentScope, PurposeKind
from registry.permissions import Permission, allow, refusal
from registry.reach import Reach
from registry.recordings import lawful
from registry.store import Store
from registry.tables import bookmarks
from registry.tables import cases as case_rows

LISTED = "bookmark.list"
"""The action of the row that covers a list's pictures."""
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class BookmarkList:
    """Bookmarks in order of their moments; `audit_no` is the row that covers their pictures."""

    bookmarks: tuple[Bookmark, ...]
    audit_no: int


async def under(conn: AsyncConnection, store: Store, access: Access, case_id: UUID) -> Reach:
    """What a look under the case reaches. Raises NotFound, and Denied under any purpose but one of this case."""
    allow(access.actor.user, Permission.WORK_CASES)
    await cases.row_of(conn, case_id, access.actor)
    reach = purposes.reach(store, access)
    if access.purpose.kind is not PurposeKind.CASE or access.purpose.case_id != case_id:
        raise Denied("this is looked at under the case itself; open it", code="case_purpose")
    return reach


async def row_of(conn: AsyncConnection, case_id: UUID, bookmark_id: UUID) -> AnyRow:
    """A row of SELECT. Raises NotFound for one that is not the case's."""
    wanted = SELECT.where(bookmarks.c.id == bookmark_id, case_rows.c.id == case_id)
    if (row := (await conn.execute(wanted)).one_or_none()) is None:
        raise NotFound("the case has no such bookmark", code="bookmark_unknown")
    return row


async def of_case(conn: AsyncConnection, case_id: UUID, *, superseded: bool = False) -> tuple[Bookmark, ...]:
    """A case's bookmarks in order of their moments, for a caller who asked whether they may be read.

    Those that count alone, or with `superseded` every version, those that were taken back too.
    """
    wanted = SELECT.where(case_rows.c.id == case_id).order_by(bookmarks.c.at, bookmarks.c.no)
    found = tuple(of_row(row) for row in await conn.execute(wanted))
    return found if superseded else tuple(one for one in found if one.superseded_by is None and not one.retracted)


async def list_bookmarks(store: Store, access: Access, case_id: UUID, *, superseded: bool = False) -> BookmarkList:
    """`of_case`, on record before it is shown. Raises NotFound, Denied."""
    async with store.read() as conn:
        await under(conn, store, access, case_id)
        found = await of_case(conn, case_id, superseded=superseded)
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            LISTED,
            now=store.clock(),
            cameras=abouts(found),
            span=(found[0].at, found[-1].at) if found else (None, None),
            purpose=access.purpose,
            detail=audit.describe(superseded=superseded or None),
            count=len(found),
        )
    return BookmarkList(found, number)


def abouts(those: Iterable[Bookmark]) -> tuple[UUID, ...]:
    """The cameras that bookmarks are of, for the register."""
    return tuple(dict.fromkeys(one.about for one in those if one.about is not None))


async def still_of(
    store: Store, access: Access, case_id: UUID, bookmark_id: UUID, *, audit_no: int | None = None
) -> tuple[str, str]:
    """(node, key) of a bookmark's picture; covered by the row of its list (`audit_no`), or a look of its own.

    Consent, masks and reach are asked again. Raises Denied, NotFound.
    """
    now, refused = store.clock(), None
    async with store.read() as conn:
        reach = await under(conn, store, access, case_id)
        if audit_no is not None and not await audit.covers(conn, access.actor, audit_no, (LISTED,), now):
            raise Denied("open the list again: its pictures are covered for five minutes", code="ticket")
        row = await row_of(conn, case_id, bookmark_id)
        refused = await _refusal(conn, store, access, reach, row)
    if audit_no is None:
        async with store.write() as conn:
            await audit.append(
                conn,
                access.actor,
                "bookmark.still",
                now=now,
                cameras=abouts([of_row(row)]),
                span=(row.at, row.at),
                purpose=access.purpose,
                detail=audit.describe(bookmark=bookmark_id, refused=refused.code if refused else None),
                count=int(refused is None),
            )
    if refused is not None:
        raise refused
    return str(row.node), str(row.still)


async def _refusal(conn: AsyncConnection, store: Store, access: Access, reach: Reach, row: AnyRow) -> HubError | None:
    """Why the picture of a row may not be seen, or that there is none."""
    if row.still is None:
        return NotFound("the bookmark has no picture", code="snapshot_none")
    if row.source == Source.UPLOAD.value:
        gone = NotFound("the clip is gone, and its pictures with it", code="upload_unknown")
        return refusal(access.actor.user, Permission.SEE_RECORDINGS) or (gone if row.purged_at is not None else None)
    if row.source == Source.EVENT.value:
        return await _of_event(conn, store, access, reach, row)
    taken = row.frame_at or row.at
    try:
        seen = (await lawful.visible(conn, store, access, (row.camera_id,), (taken, taken + _MS)))[row.camera_id]
    except Denied as beyond:
        return beyond
    return seen if isinstance(seen, HubError) else None


async def _of_event(conn: AsyncConnection, store: Store, access: Access, reach: Reach, row: AnyRow) -> Denied | None:
    """Why an event's picture may not be seen. The event itself may be gone: the case keeps what it marked."""
    taken = row.frame_at or row.at
    if not (reach.covers(row.village_code, row.camera_id) and reach.at(taken)):
        return reach.beyond()
    if masks.hides(store, row.masked_since, taken):
        return masks.bared()
    if store.policy.consent.needs(row.camera_kind):
        given = (await consents.of_cameras(conn, [row.camera_no], store.clock()))[row.camera_no]
        second = second_of_day(taken, store.tz)
        if not consents.still(given, taken, second, store.clock(), ConsentScope.EVENTS):
            return Denied("the owner does not agree to it any more", code="bookmark_no_consent")
    return minors.refusal(store.policy.placement, row, access.purpose)


async def named(store: Store, node: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` (at most some hundreds) that a bookmark names on `node`."""
    wanted = {key for key in keys if key.startswith("bookmarks/")}
    if not wanted:
        return set()
    query = sa.select(bookmarks.c.still).where(bookmarks.c.still.in_(wanted), bookmarks.c.node == node)
    async with store.read() as conn:
        return set(await conn.scalars(query))


async def stills_of(
    conn: AsyncConnection, store: Store, access: Access, case_id: UUID
) -> dict[UUID, tuple[str, str] | HubError]:
    """(node, key) of the picture of each bookmark that counts, or why it may not be seen; for a caller on record."""
    reach = await under(conn, store, access, case_id)
    wanted = SELECT.where(case_rows.c.id == case_id).order_by(bookmarks.c.at, bookmarks.c.no)
    found: dict[UUID, tuple[str, str] | HubError] = {}
    for row in (await conn.execute(wanted)).all():
        if row.superseded_by is None and not row.retracted:
            refused = await _refusal(conn, store, access, reach, row)
            found[row.id] = refused or (str(row.node), str(row.still))
    return found


async def stills_still(
    conn: AsyncConnection, store: Store, access: Access, case_id: UUID, those: Collection[UUID]
) -> None:
    """Raise what keeps any of these pictures from being seen now, also where their bookmark does not count any more."""
    reach = await under(conn, store, access, case_id)
    wanted = SELECT.where(case_rows.c.id == case_id, bookmarks.c.id.in_(those))
    for row in (await conn.execute(wanted)).all():
        if (refused := await _refusal(conn, store, access, reach, row)) is not None:
            raise refused

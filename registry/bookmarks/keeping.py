"""Keeping bookmarks: a row each, superseded and never changed; the footage they mark is held for the case.

Superseding names a version. Whoever comes second finds that it was superseded, and reads again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, cases
from registry.bookmarks.model import (
    SELECT,
    Bookmark,
    NewBookmark,
    NewVersion,
    Still,
    Subject,
    UploadSubject,
    of_row,
)
from registry.bookmarks.reading import row_of, under
from registry.cases.holding import Origin, lasting
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import invalid
from registry.model import Access, Actor
from registry.permissions import Permission, allow
from registry.reach import Reach
from registry.recordings import holds
from registry.scope import in_scope
from registry.store import Store
from registry.tables import bookmarks, cameras, canvass_entries, clip_requests, devices, places, uploads

MOST = 2000
"""Versions in one case."""
AROUND = timedelta(minutes=5)
"""So much of the recording before and after a bookmark is held for the case."""
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Markable:
    """A moment that may be bookmarked: in which case, and of which camera, or else of which upload."""

    case: AnyRow
    reach: Reach
    at: datetime
    clock_offset_ms: int | None
    camera: AnyRow | None = None
    upload: AnyRow | None = None


async def require(store: Store, access: Access, case_id: UUID, of: Subject | UploadSubject) -> None:
    """Raise what `add` would, before a picture is taken for it; what is refused is on record."""
    if isinstance(of, Subject):
        told = audit.refused(store, access, "bookmark.add", cameras=(of.camera_id,), span=(of.at, of.at))
    else:
        told = audit.refused(store, access, "upload.mark", detail={"upload": str(of.upload_id)})
    async with told, store.read() as conn:
        await _markable(conn, store, access, case_id, of)


async def _markable(
    conn: AsyncConnection, store: Store, access: Access, case_id: UUID, of: Subject | UploadSubject
) -> _Markable:
    reach = await under(conn, store, access, case_id)
    case = await cases.member_row(conn, case_id, access.actor, store.clock())
    made = sa.select(sa.func.count()).where(bookmarks.c.case_no == case.no)
    if (await conn.scalar(made) or 0) >= MOST:
        raise Conflict(f"a case has at most {MOST} bookmarks; open another case", code="bookmarks_many")
    if isinstance(of, UploadSubject):
        upload, at = await _of_upload(conn, access, case, of)
        found = _Markable(case, reach, at, upload.clock_offset_ms, upload=upload)
    else:
        camera = await _of_camera(conn, reach, of)
        offset = camera.clock_offset_ms if of.clock_offset_ms is None else of.clock_offset_ms
        found = _Markable(case, reach, of.at, offset, camera=camera)
    if found.at > store.clock():
        raise invalid("at", "future", "a bookmark is of what was")
    return found


async def _of_upload(conn: AsyncConnection, access: Access, case: AnyRow, of: UploadSubject) -> tuple[AnyRow, datetime]:
    """An upload that the case took, and when its moment was."""
    allow(access.actor.user, Permission.SEE_RECORDINGS)
    wanted = (
        sa.select(uploads)
        .join(clip_requests, clip_requests.c.no == uploads.c.request_no)
        .join(canvass_entries, canvass_entries.c.no == clip_requests.c.entry_no)
        .where(uploads.c.id == of.upload_id, canvass_entries.c.case_no == case.no, uploads.c.purged_at.is_(None))
    )
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such upload in this case", code="upload_unknown")
    if row.state != "accepted":
        raise Conflict("take it for the case first", code="upload_state", state=row.state)
    if row.shown_at is None or row.clock_offset_ms is None:
        raise Conflict("nobody knows when it was: read its clock first", code="upload_no_clock")
    lasts = row.examined["duration_ms"]
    if lasts is not None and of.clip_ms > lasts:
        raise invalid("clip_ms", "beyond_clip", "the clip is shorter")
    return row, row.shown_at + (of.clip_ms - row.clock_offset_ms) * _MS


async def _of_camera(conn: AsyncConnection, reach: Reach, of: Subject) -> AnyRow:
    wanted = (
        sa.select(cameras, places.c.code, devices.c.clock_offset_ms)
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(devices, devices.c.no == cameras.c.device_no)
        .where(cameras.c.id == of.camera_id, in_scope(places.c.code, reach.known))
    )
    camera = (await conn.execute(wanted)).one_or_none()
    if camera is None:
        raise NotFound("no such camera", code="camera_unknown")
    reach.require(camera.code, camera.id, of.at)
    return camera


async def add(
    store: Store, access: Access, case_id: UUID, new: NewBookmark, *, of: Subject | UploadSubject, still: Still
) -> Bookmark:
    """Keep a bookmark with its picture, and hold what was recorded around it for the case, in one transaction.

    The camera's clock is told as it was when the picture was taken, else as it was last measured. What was sent in is
    the case's already, and needs no hold. Raises NotFound (case, camera, upload), Denied (another case's purpose, no
    member, beyond the case), Conflict (case over, bookmarks_many; of an upload upload_state, upload_no_clock).
    """
    now, identity = store.clock(), uuid7()
    async with store.write() as conn:
        it = await _markable(conn, store, access, case_id, of)
        values = {
            "id": identity,
            "case_no": it.case.no,
            "camera_no": None if it.camera is None else it.camera.no,
            "upload_no": None if it.upload is None else it.upload.no,
            "clip_ms": new.clip_ms,
            "at": it.at,
            "kind": new.kind.value,
            "confidence": new.confidence.value,
            "note": new.note,
            "author": access.actor.user.name,
            "created_at": now,
            "version": 1,
            "retracted": False,
            "event_id": new.event_id,
            "clock_offset_ms": it.clock_offset_ms if still.clock_offset_ms is None else still.clock_offset_ms,
            **_kept(still),
        }
        if it.upload is not None and still.frame_pts is not None and new.clip_ms is not None:
            values["frame_at"] = it.at + timedelta(microseconds=still.frame_pts) - new.clip_ms * _MS
        await conn.execute(sa.insert(bookmarks).values(values))
        if it.camera is not None:
            await _hold(conn, access, it.case, it.camera, at=it.at, reach=it.reach, now=now)
        row = (await conn.execute(SELECT.where(bookmarks.c.id == identity))).one()
        action = "bookmark.add" if it.upload is None else "upload.mark"
        await _note(conn, (access.actor, now), action, row, access)
    return of_row(row)


def _kept(still: Still) -> dict[str, Any]:
    return {
        "node": still.node,
        "source": still.source.value,
        "still": still.key,
        "still_bytes": still.size,
        "still_digest": still.digest,
        "still_why": still.why[:32],
        "stream": still.stream,
        "segment_at": still.segment_at,
        "frame_at": still.frame_at,
        "frame_pts": still.frame_pts,
        "frame_digest": still.frame_digest,
        "width": still.width,
        "height": still.height,
    }


_CARRIED = (
    "case_no", "camera_no", "upload_no", "clip_ms", "at", "event_id", "clock_offset_ms", "node", "source", "still",
    "still_bytes", "still_digest", "still_why", "stream", "segment_at", "frame_at", "frame_pts", "frame_digest",
    "width", "height",
)  # fmt: skip
"""What every version of a bookmark shares."""


async def supersede(store: Store, access: Access, case_id: UUID, bookmark_id: UUID, new: NewVersion) -> Bookmark:
    """Put a version in the place of another, which stays. Raises as `add`, NotFound, Conflict (bookmark_superseded)."""
    now = store.clock()
    async with store.write() as conn:
        await under(conn, store, access, case_id)
        await cases.member_row(conn, case_id, access.actor, now)
        locked = sa.select(bookmarks.c.no).where(bookmarks.c.id == bookmark_id).with_for_update()
        await conn.execute(locked)
        old = await row_of(conn, case_id, bookmark_id)
        if old.superseded_by is not None:
            raise Conflict("somebody was faster: read the bookmark again", code="bookmark_superseded")
        said = {
            "kind": new.kind.value,
            "confidence": new.confidence.value,
            "note": new.note,
            "retracted": new.retracted,
        }
        row = await _next(conn, old, access.actor, now, said)
        await _note(conn, (access.actor, now), "bookmark.supersede", row, access)
    return of_row(row)


async def _next(
    conn: AsyncConnection, old: AnyRow, actor: Actor, now: datetime, values: Mapping[str, object]
) -> AnyRow:
    """The version after a row of SELECT: what it says anew, and what stays."""
    identity = uuid7()
    carried = {name: getattr(old, name) for name in (*_CARRIED, "kind", "confidence", "note", "retracted")}
    made = {
        "id": identity,
        "author": actor.user.name,
        "created_at": now,
        "version": old.version + 1,
        "supersedes_no": old.no,
    }
    await conn.execute(sa.insert(bookmarks).values(carried | made | dict(values)))
    return (await conn.execute(SELECT.where(bookmarks.c.id == identity))).one()


async def reckoned(
    conn: AsyncConnection, upload_id: UUID, begins: datetime | None, offset_ms: int | None, by: tuple[Actor, datetime]
) -> None:
    """The clock of an upload was read anew, so that it began at `begins`: what was bookmarked of it moves with it.

    Each that counts gets a version with its new time. Raises Conflict (upload_marked) where nobody knows the time any
    more: bookmarks rest on it.
    """
    for old in (await conn.execute(SELECT.where(uploads.c.id == upload_id).with_for_update(of=bookmarks))).all():
        if old.superseded_by is not None or old.retracted:
            continue
        if begins is None:
            raise Conflict("bookmarks rest on its clock: say what it showed, or take them back", code="upload_marked")
        at = begins + old.clip_ms * _MS
        if at == old.at:
            continue
        frame = None if old.frame_at is None else old.frame_at + (at - old.at)
        values = {"at": at, "frame_at": frame, "clock_offset_ms": offset_ms}
        await _note(conn, by, "bookmark.supersede", await _next(conn, old, *by, values))


async def _hold(
    conn: AsyncConnection, access: Access, case: AnyRow, camera: AnyRow, *, at: datetime, reach: Reach, now: datetime
) -> None:
    """Hold the footage around the moment, where no bookmark does so already: others end before the case may."""
    since, until = at - AROUND, at + AROUND
    if camera.id in await holds.covered(conn, case.no, Origin.BOOKMARK, span=(since, until), now=now):
        return
    expires = await lasting(conn, case, now)
    new = holds.NewHold.model_validate({"camera_ids": {camera.id}, "from": since, "to": until, "expires_at": expires})
    await holds.create_in(conn, case, new, access.actor, now, seen=reach.known, origin=Origin.BOOKMARK)


async def _note(
    conn: AsyncConnection, by: tuple[Actor, datetime], action: str, row: AnyRow, access: Access | None = None
) -> None:
    about = of_row(row).about
    detail = audit.describe(
        bookmark=row.id,
        upload=row.upload_id,
        sha256=row.sha256,
        supersedes=row.supersedes,
        kind=row.kind,
        confidence=row.confidence,
        retracted=row.retracted or None,
        event=row.event_id,
        still=row.still_digest,
        frame=row.frame_digest,
        why=row.still_why,
    )
    await audit.append(
        conn,
        by[0],
        action,
        now=by[1],
        cameras=[] if about is None else [about],
        span=(row.at, row.at),
        purpose=None if access is None else access.purpose,
        detail=detail,
        count=int(row.still is not None),
    )

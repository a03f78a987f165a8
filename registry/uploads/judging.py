"""Triage: what a decoder made of a file, what the camera's clock showed, and whether the case takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, bookmarks, cases
from registry.canvass.entries import put
from registry.canvass.model import EntryState, entry_row
from registry.columns import AnyRow
from registry.errors import Conflict
from registry.inputs import Input, Line, Moment
from registry.model import Access, Actor
from registry.permissions import Permission, allow
from registry.store import Store
from registry.tables import canvass_entries, uploads
from registry.uploads.model import (
    UPLOADS,
    ClockMethod,
    Examined,
    Refusal,
    Upload,
    UploadState,
    Verdict,
    about,
    begins_at,
    of_row,
    under,
    upload_row,
)

MOST_UNCERTAIN_S = 86_400
_FARTHEST = timedelta(days=3650)
_MS = timedelta(milliseconds=1)


class NewClock(Input):
    """What the camera's clock showed, and what time it was then; nothing of it where nobody knows."""

    method: ClockMethod
    camera_time: Moment | None = None
    true_time: Moment | None = None
    uncertainty_s: Annotated[float, Field(ge=0, le=MOST_UNCERTAIN_S)] | None = None
    shown_at: Moment | None = None
    """The camera's clock at the first frame, as the picture shows it."""

    @model_validator(mode="after")
    def _both_clocks(self) -> Self:
        read = (self.camera_time, self.true_time, self.uncertainty_s)
        if any(one is None for one in read) is not (self.method is ClockMethod.UNKNOWN):
            raise PydanticCustomError("clock", "say both clocks and how sure it is, or that it is unknown")
        if self.camera_time and self.true_time and abs(self.camera_time - self.true_time) > _FARTHEST:
            raise PydanticCustomError("clock", "the clocks are more than ten years apart")
        return self


class Acceptance(Input):
    """To take what was sent in; `despite` where nothing of it can be shown here."""

    despite: bool = False
    note: Line = ""


class Refused(Input):
    """Why it is not taken: `why` is told to whoever gave it, `note` is not."""

    why: Refusal
    note: Line = ""


async def look(store: Store, access: Access, case_id: UUID, upload_id: UUID) -> tuple[Upload, int]:
    """An upload to be looked at, and the number of the look's row in the register, which is written first.

    What is refused has a row, too. Raises NotFound, Denied (role, purpose_other_case), Conflict (upload_state) before
    all of it is there, or once it is gone.
    """
    now, actor = store.clock(), access.actor
    allow(actor.user, Permission.WORK_CASES)
    asked = {"case": case_id, "upload": upload_id}
    async with audit.refused(store, access, "upload.look", detail=asked), store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        row = await upload_row(conn, case.no, upload_id)
        under(access, case_id)
        _require(row, UploadState.RECEIVED, UploadState.ACCEPTED)
        number = await audit.append(
            conn,
            actor,
            "upload.look",
            now=now,
            cameras=about(row),
            span=(row.starts_at, row.ends_at),
            purpose=access.purpose,
            detail=audit.describe(upload=row.id, sha256=row.sha256),
            count=1,
        )
    return of_row(row), number


async def examined(store: Store, upload_id: UUID, verdict: Verdict, found: Examined) -> Upload:
    """Keep what a decoder made of a file; the first word stands."""
    async with store.write() as conn:
        wanted = UPLOADS.where(uploads.c.id == upload_id)
        row = (await conn.execute(wanted)).one()
        if row.examined_at is None:
            told = {"verdict": verdict.value, "examined": asdict(found), "examined_at": store.clock()}
            await conn.execute(sa.update(uploads).where(uploads.c.no == row.no).values(told))
            row = (await conn.execute(wanted)).one()
    return of_row(row)


async def read_clock(store: Store, case_id: UUID, upload_id: UUID, read: NewClock, actor: Actor) -> Upload:
    """Keep how far the camera's clock was off, and by whose reading; what was bookmarked of the file moves with it.

    Raises NotFound, Conflict: upload_state, upload_marked where bookmarks rest on the clock and it is unknown now.
    """
    now = store.clock()
    offset = None
    if read.camera_time is not None and read.true_time is not None:
        offset = round((read.camera_time - read.true_time) / _MS)
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        row = await upload_row(conn, case.no, upload_id)
        _require(row, UploadState.RECEIVED, UploadState.ACCEPTED)
        values = {
            "clock_method": read.method.value,
            "clock_offset_ms": offset,
            "clock_uncertainty_ms": None if read.uncertainty_s is None else round(read.uncertainty_s * 1000),
            "shown_at": read.shown_at,
            "clock_by": actor.user.name,
            "clock_at": now,
        }
        told = {"method": read.method, "offset_ms": offset, "uncertainty_s": read.uncertainty_s}
        shown = None if read.shown_at is None else read.shown_at.isoformat()
        kept = await _keep(
            conn, case, row, by=(actor, now), action="upload.clock", values=values, told={**told, "shown": shown}
        )
        await bookmarks.reckoned(conn, row.id, kept.begins_at, offset, (actor, now))
    return kept


async def accept(store: Store, case_id: UUID, upload_id: UUID, wanted: Acceptance, actor: Actor) -> Upload:
    """Take what was sent in: it is the case's footage from now on.

    Raises NotFound, Conflict: upload_state, upload_not_examined, upload_not_video, upload_unreadable unless `despite`,
    upload_other_window where its clock says that it shows none of what was asked for.
    """
    now = store.clock()
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        row = await upload_row(conn, case.no, upload_id)
        _require(row, UploadState.RECEIVED)
        _acceptable(row, despite=wanted.despite)
        values = {
            "state": UploadState.ACCEPTED.value,
            "judged_at": now,
            "judged_by": actor.user.name,
            "judged_note": wanted.note,
        }
        entry_id = await conn.scalar(sa.select(canvass_entries.c.id).where(canvass_entries.c.no == row.entry_no))
        await put(conn, await entry_row(conn, case.no, UUID(str(entry_id))), now, state=EntryState.GOT.value)
        told = {"sha256": row.sha256, "verdict": row.verdict, "note": wanted.note}
        return await _keep(conn, case, row, by=(actor, now), action="upload.accept", values=values, told=told)


def _acceptable(row: AnyRow, *, despite: bool) -> None:
    if row.verdict is None:
        raise Conflict("look at it first", code="upload_not_examined")
    if row.verdict == Verdict.NOT_VIDEO.value:
        raise Conflict("this is no video; decline it", code="upload_not_video")
    if row.verdict == Verdict.UNREADABLE.value and not despite:
        raise Conflict(
            "nothing of it can be shown here; accept it all the same, or decline it", code="upload_unreadable"
        )
    begins = begins_at(row)
    if begins is None:
        return
    unsure = (row.clock_uncertainty_ms or 0) * _MS
    lasts = (row.examined["duration_ms"] or 0) * _MS
    if begins - unsure > row.ends_at or begins + lasts + unsure < row.starts_at:
        raise Conflict("by its clock it shows none of what was asked for; decline it", code="upload_other_window")


async def decline(store: Store, case_id: UUID, upload_id: UUID, wanted: Refused, actor: Actor) -> Upload:
    """Refuse what was sent in: its files are to be removed now. Raises NotFound, Conflict (upload_state)."""
    now = store.clock()
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        row = await upload_row(conn, case.no, upload_id)
        _require(row, UploadState.RECEIVED)
        values = {
            "state": UploadState.DECLINED.value,
            "judged_at": now,
            "judged_by": actor.user.name,
            "refusal": wanted.why.value,
            "judged_note": wanted.note,
        }
        told = {"sha256": row.sha256, "why": wanted.why, "note": wanted.note}
        return await _keep(conn, case, row, by=(actor, now), action="upload.decline", values=values, told=told)


def _require(row: AnyRow, *states: UploadState) -> None:
    if row.purged_at is not None or UploadState(row.state) not in states:
        raise Conflict("not in the state it is in; read it again", code="upload_state", state=row.state)


async def _keep(
    conn: AsyncConnection,
    case: AnyRow,
    row: AnyRow,
    *,
    by: tuple[Actor, datetime],
    action: str,
    values: Mapping[str, object],
    told: Mapping[str, object],
) -> Upload:
    """Keep a step, with its row in the register."""
    await conn.execute(sa.update(uploads).where(uploads.c.no == row.no).values(**values))
    kept = of_row(await upload_row(conn, case.no, row.id))
    detail = audit.describe(case=case.number, upload=row.id, **told)
    span = (row.starts_at, row.ends_at)
    await audit.append(conn, by[0], action, now=by[1], cameras=about(row), span=span, detail=detail)
    return kept

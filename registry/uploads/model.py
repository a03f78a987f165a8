"""What was sent in, as those who work on its case get it, and its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases
from registry.columns import AnyRow
from registry.errors import Denied, NotFound
from registry.model import Access, Actor, From, To
from registry.store import Store
from registry.tables import cameras, canvass_entries, clip_requests, uploads
from registry.tables import cases as case_rows

_MS = timedelta(milliseconds=1)


class UploadState(StrEnum):
    """Where what is sent in stands."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Verdict(StrEnum):
    """What a decoder made of a file.

    `damaged`: plays in part. `unreadable`: in a container that is known, and nothing of it can be shown.
    """

    VIDEO = "video"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    NOT_VIDEO = "not_video"


class Refusal(StrEnum):
    """Why something is declined; whoever gave it is told."""

    NOT_NEEDED = "not_needed"
    OTHER_TIME = "other_time"
    UNREADABLE = "unreadable"
    NOT_VIDEO = "not_video"
    UNSAFE = "unsafe"


class ClockMethod(StrEnum):
    """How the camera's clock was compared. `photo`: with a telephone's, on one photograph."""

    PHOTO = "photo"
    TOLD = "told"
    EVENT = "event"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Examined:
    """What a decoder found in a file. `pictures` are the milliseconds of the keyframes that were taken from it.

    `reason` says what is wrong where it is not plain video: `truncated`, `picture_too_large`, `decoder_failed`, …
    `played`: browsers play the file as it is.
    """

    container: str
    codec: str
    width: int
    height: int
    duration_ms: int | None
    pictures: tuple[int, ...]
    reason: str
    played: bool

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Examined:
        """From a row, or from a decoder's words."""
        return cls(**{**told, "pictures": tuple(told["pictures"])})


@dataclass(frozen=True, slots=True)
class Upload:
    """Something sent in for a case, on a request for `from` to `to`.

    `giver`, `device` and `giver_note` are his own words; `sha256` is of the file as it arrived. The camera's clock was
    `clock_offset_ms` ahead, give or take `clock_uncertainty_ms`; `shown_at` is what it showed at the first frame, so
    that the file begins at `begins_at`. `purged_at`: its files are gone.
    """

    id: UUID
    request_id: UUID
    entry_name: str
    camera_id: UUID | None
    since: From
    until: To
    state: UploadState
    given_name: str
    bytes: int
    sha256: str | None
    giver: str
    giver_contact: str
    device: str
    giver_note: str
    unaltered: bool
    text_version: str
    begun_at: datetime
    received_at: datetime | None
    has_clock_photo: bool
    clock_method: ClockMethod | None
    clock_offset_ms: int | None
    clock_uncertainty_ms: int | None
    clock_by: str | None
    shown_at: datetime | None
    begins_at: datetime | None
    verdict: Verdict | None
    examined: Examined | None
    judged_at: datetime | None
    judged_by: str
    refusal: Refusal | None
    judged_note: str
    purged_at: datetime | None


UPLOADS = (
    sa.select(
        uploads,
        clip_requests.c.id.label("request_id"),
        clip_requests.c.starts_at,
        clip_requests.c.ends_at,
        clip_requests.c.entry_no,
        canvass_entries.c.name.label("entry_name"),
        canvass_entries.c.case_no,
        cameras.c.id.label("camera_id"),
    )
    .join(clip_requests, clip_requests.c.no == uploads.c.request_no)
    .join(canvass_entries, canvass_entries.c.no == clip_requests.c.entry_no)
    .outerjoin(cameras, cameras.c.no == canvass_entries.c.camera_no)
)


def begins_at(row: AnyRow) -> datetime | None:
    """When the first frame really was, where the clock was read."""
    if row.shown_at is None or row.clock_offset_ms is None:
        return None
    at: datetime = row.shown_at - row.clock_offset_ms * _MS
    return at


def of_row(row: AnyRow) -> Upload:
    """A row of UPLOADS as its readers get it."""
    plain: dict[str, Any] = {
        name: getattr(row, name) for name in Upload.__dataclass_fields__ if name not in ("since", "until", "begins_at")
    }
    return Upload(
        **plain
        | {
            "since": row.starts_at,
            "until": row.ends_at,
            "state": UploadState(row.state),
            "clock_method": ClockMethod(row.clock_method) if row.clock_method else None,
            "begins_at": begins_at(row),
            "verdict": Verdict(row.verdict) if row.verdict else None,
            "examined": Examined.of(row.examined) if row.examined else None,
            "refusal": Refusal(row.refusal) if row.refusal else None,
        }
    )


async def upload_row(conn: AsyncConnection, case_no: int, upload_id: UUID) -> AnyRow:
    """An upload's row, locked. Raises NotFound for one of another case."""
    wanted = UPLOADS.where(uploads.c.id == upload_id, canvass_entries.c.case_no == case_no)
    row = (await conn.execute(wanted.with_for_update(of=uploads))).one_or_none()
    if row is None:
        raise NotFound("no such upload in this case", code="upload_unknown")
    return row


async def list_uploads(store: Store, case_id: UUID, actor: Actor) -> tuple[Upload, ...]:
    """What was sent in for a case, the newest first. They are people's names, so that reading them is on record."""
    now = store.clock()
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        wanted = UPLOADS.where(canvass_entries.c.case_no == case.no).order_by(uploads.c.no.desc())
        found = tuple(of_row(row) for row in await conn.execute(wanted))
        detail = audit.describe(case=case.number)
        await audit.append(conn, actor, "upload.list", now=now, detail=detail, count=len(found))
    return found


async def still(store: Store, access: Access, upload_id: UUID) -> Upload:
    """An upload that is looked at under its case. Raises NotFound for one that is gone, Denied for another purpose."""
    async with store.read() as conn:
        wanted = UPLOADS.add_columns(case_rows.c.id.label("case_id")).join(
            case_rows, case_rows.c.no == canvass_entries.c.case_no
        )
        row = (await conn.execute(wanted.where(uploads.c.id == upload_id))).one_or_none()
    if row is None or row.purged_at is not None:
        raise NotFound("no such upload, or its files are gone", code="upload_unknown")
    under(access, row.case_id)
    return of_row(row)


def under(access: Access, case_id: UUID) -> None:
    """Raise Denied unless the look's purpose is that case."""
    if access.purpose.case_id != case_id:
        raise Denied("look under the case it was sent in for", code="purpose_other_case")


def about(row: AnyRow) -> list[UUID]:
    """The camera an upload is of, where the hub knows it, for the register."""
    return [] if row.camera_id is None else [row.camera_id]

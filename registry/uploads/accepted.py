"""What was sent in and taken, for whoever puts a case's footage together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.tables import canvass_entries, uploads
from registry.uploads.model import UPLOADS, ClockMethod, Examined, UploadState, Verdict, begins_at

FOLDER = "uploads"
FILE = "original"
CLOCK_PHOTO = "clock.jpg"
"""Where an upload's files lie: `uploads/<id>/…` in the data directory, under names of the hub's own."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What whoever gave it said: who he is, which device, and that it is as it was recorded."""

    giver: str
    contact: str
    device: str
    note: str
    unaltered: bool
    text_version: str
    given_at: datetime
    clock_photo: str | None
    """Path of the photograph of the camera's clock, below the data directory."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """How far the camera's clock was ahead, and how that was found; all None where nobody read it."""

    method: ClockMethod | None
    offset_ms: int | None
    uncertainty_ms: int | None
    shown_at: datetime | None
    begins_at: datetime | None
    read_by: str | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class AcceptedUpload:
    """A file that a case took: `path` below the data directory, on `node`; `sha256` as it arrived."""

    id: UUID
    node: str
    path: str
    bytes: int
    sha256: str
    given_name: str
    entry_name: str
    camera_id: UUID | None
    asked_from: datetime
    asked_to: datetime
    received_at: datetime
    accepted_by: str
    accepted_at: datetime
    verdict: Verdict
    examined: Examined
    certificate: Certificate
    clock: ClockReading


async def accepted(conn: AsyncConnection, case_no: int) -> tuple[AcceptedUpload, ...]:
    """What a case took and still has, the oldest first; whoever hands it out writes the row of the register."""
    wanted = UPLOADS.where(
        canvass_entries.c.case_no == case_no,
        uploads.c.state == UploadState.ACCEPTED.value,
        uploads.c.purged_at.is_(None),
    )
    return tuple(_of(row) for row in (await conn.execute(wanted.order_by(uploads.c.no))).all())


def _of(row: AnyRow) -> AcceptedUpload:
    folder = f"{FOLDER}/{row.id}"
    return AcceptedUpload(
        id=row.id,
        node=row.node,
        path=f"{folder}/{FILE}",
        bytes=row.bytes,
        sha256=row.sha256,
        given_name=row.given_name,
        entry_name=row.entry_name,
        camera_id=row.camera_id,
        asked_from=row.starts_at,
        asked_to=row.ends_at,
        received_at=row.received_at,
        accepted_by=row.judged_by,
        accepted_at=row.judged_at,
        verdict=Verdict(row.verdict),
        examined=Examined.of(row.examined),
        certificate=Certificate(
            giver=row.giver,
            contact=row.giver_contact,
            device=row.device,
            note=row.giver_note,
            unaltered=row.unaltered,
            text_version=row.text_version,
            given_at=row.received_at,
            clock_photo=f"{folder}/{CLOCK_PHOTO}" if row.has_clock_photo else None,
        ),
        clock=ClockReading(
            method=ClockMethod(row.clock_method) if row.clock_method else None,
            offset_ms=row.clock_offset_ms,
            uncertainty_ms=row.clock_uncertainty_ms,
            shown_at=row.shown_at,
            begins_at=begins_at(row),
            read_by=row.clock_by,
            read_at=row.clock_at,
        ),
    )

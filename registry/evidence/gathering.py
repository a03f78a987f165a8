"""All that a pack says: what was approved, which recordings there are of it, what is missing and what may not go.

Read in one transaction, under a case and a grant in force, by what may be seen now; on record before anything is
written. What the register said up to the moment it was granted goes in, so that a pack made twice says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import approvals, audit, cases, uploads
from registry.approvals.export import ExportAsk, ExportItem
from registry.approvals.model import SELECT as APPROVALS
from registry.audit import verifying
from registry.cases import Case
from registry.columns import AnyRow
from registry.errors import Conflict, HubError
from registry.evidence import story
from registry.evidence.story import Story
from registry.evidence.viewpoints import Viewpoint, viewpoints
from registry.model import Access, Stream
from registry.motion import Watches
from registry.permissions import Permission, allow
from registry.recordings import lawful
from registry.recordings.lawful import Span, Visible, within
from registry.recordings.model import Damage
from registry.recordings.recorded import LONGEST_MS
from registry.recordings.timeline import MissingSpan, gaps_of
from registry.store import Store
from registry.tables import approvals as approval_rows
from registry.tables import audit as audit_rows
from registry.tables import audit_head, segments, users
from registry.uploads import AcceptedUpload

_LONGEST = timedelta(milliseconds=LONGEST_MS)


@dataclass(frozen=True, slots=True)
class Whole:
    """A segment that goes out as it was written; `digest` is the BLAKE2b-256 of when its file was closed."""

    camera_id: UUID
    stream: Stream
    started_at: datetime
    ended_at: datetime
    bytes: int
    digest: str
    codec: str
    width: int
    height: int
    masked: bool
    damage: str | None
    clock_offset_ms: int | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was asked for and does not go: a stretch of a camera (None: not one of ours), and the code of why."""

    camera_id: UUID | None
    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One item of what was approved: its segments, the gaps on record in it, what is left out, what may be seen."""

    item: ExportItem
    segments: tuple[Whole, ...]
    gaps: tuple[MissingSpan, ...]
    left_out: tuple[LeftOut, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who asked, or who approved."""

    id: UUID
    name: str
    display_name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a pack is made of: `story` is what its report tells, `steps` what the register says of the approval.

    `received` is what people sent in, where that was asked for.
    """

    audit_no: int
    approval_no: int
    approval_id: UUID
    asked: ExportAsk
    reason: str
    decision: str
    granted_at: datetime
    ends_at: datetime
    story: Story
    received: tuple[AcceptedUpload, ...]
    requester: Signatory
    approver: Signatory
    cameras: tuple[Viewpoint, ...]
    parts: tuple[Part, ...]
    steps: tuple[Mapping[str, Any], ...]
    head: tuple[int, str]

    @property
    def case(self) -> Case:
        """The case."""
        return self.story.case


async def gather(store: Store, access: Access, approval_id: UUID, *, index: Watches) -> Gathered:
    """What the grant lets be taken out now; that it is taken is in the register first.

    Raises Denied (right, purpose, approval_not_granted), NotFound (approval_unknown), Conflict (export_case) where one
    looks under another case.
    """
    allow(access.actor.user, Permission.EXPORT)
    now = store.clock()
    async with audit.refused(store, access, "export.make"), store.read() as conn:
        grant = await approvals.granted(conn, approval_id, ExportAsk, access.actor.user, now)
        if access.purpose.case_id != grant.asked.case_id:
            raise Conflict("look under the case it was approved for, then make it", code="export_case")
        approval = (await conn.execute(APPROVALS.where(approval_rows.c.no == grant.no))).one()
        case = await cases.member_row(conn, grant.asked.case_id, access.actor, now)
        lawful.require(store, access)
        told: dict[str, Any] = {
            "approval_no": grant.no,
            "approval_id": approval_id,
            "asked": grant.asked,
            "reason": approval.reason,
            "decision": approval.decision,
            "granted_at": approval.decided_at,
            "ends_at": grant.ends_at,
            "requester": await _signatory(conn, approval.requester_no),
            "approver": await _signatory(conn, approval.decided_by_no),
            "cameras": await viewpoints(conn, store, grant.asked.cameras),
            "parts": tuple([await _part(conn, store, access, one) for one in grant.asked.items]),
            "story": await story.told(conn, store, access, grant.asked.case_id, until=approval.decided_at, index=index),
            "received": await uploads.accepted(conn, case.no) if grant.asked.received else (),
            "steps": await _steps(conn, approval_id, approval.asked_at, approval.decided_at),
        }
        head = (await conn.execute(sa.select(audit_head.c.audit_no, audit_head.c.hash))).one()
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            "export.make",
            now=now,
            cameras=grant.asked.cameras,
            span=grant.asked.span,
            purpose=access.purpose,
            detail=audit.describe(approval=approval_id, document=grant.asked.document, to=grant.asked.recipient_kind),
            count=sum(len(one.segments) for one in told["parts"]),
        )
    return Gathered(audit_no=number, head=(int(head.audit_no), str(head.hash)), **told)


async def _signatory(conn: AsyncConnection, number: int) -> Signatory:
    row = (await conn.execute(sa.select(users).where(users.c.no == number))).one()
    return Signatory(row.id, row.name, row.display_name, row.unit)


async def _part(conn: AsyncConnection, store: Store, access: Access, item: ExportItem) -> Part:
    span = item.starts_at, item.ends_at
    try:
        seen = (await lawful.visible(conn, store, access, (item.camera_id,), span, reach=_LONGEST))[item.camera_id]
    except HubError as refused:
        seen = refused
    if isinstance(seen, HubError):
        return Part(item, (), (), (LeftOut(item.camera_id, *span, seen.code),), ())
    wanted = (
        sa.select(segments)
        .where(
            segments.c.camera_no == seen.camera.no,
            segments.c.stream == item.stream,
            segments.c.started_at > span[0] - _LONGEST,
            segments.c.started_at < span[1],
            sa.or_(segments.c.ended_at.is_(None), segments.c.ended_at > span[0]),
        )
        .order_by(segments.c.started_at)
    )
    whole, left = [], []
    for row in await conn.execute(wanted):
        if (why := _why_not(row, seen)) is not None:
            left.append(LeftOut(item.camera_id, row.started_at, row.ended_at or span[1], why))
        else:
            whole.append(_whole(item, row))
    beyond = lawful_rest(within(seen.spans, span), span)
    hidden = seen.refusal(span[0]).code
    left += [LeftOut(item.camera_id, *one, hidden) for one in beyond]
    gaps = await gaps_of(conn, seen.camera.no, item.stream, span)
    return Part(item, tuple(whole), gaps, tuple(left), within(seen.spans, span))


def _why_not(row: AnyRow, seen: Visible) -> str | None:
    """Why a segment does not go out as it was written; None where it does."""
    if row.ended_at is None:
        return "being_written"
    if row.damage in {Damage.MISSING.value, Damage.CORRUPT.value}:
        return f"segment_{row.damage}"
    if row.digest is None:
        return "no_digest"
    here = row.started_at, row.ended_at
    return None if within(seen.spans, here) == (here,) else "partly_not_visible"


def _whole(item: ExportItem, row: AnyRow) -> Whole:
    return Whole(
        camera_id=item.camera_id,
        stream=item.stream,
        started_at=row.started_at,
        ended_at=row.ended_at,
        bytes=row.bytes,
        digest=row.digest,
        codec=row.codec,
        width=row.width,
        height=row.height,
        masked=row.masked,
        damage=row.damage,
        clock_offset_ms=row.clock_offset_ms,
    )


def lawful_rest(seen: Sequence[Span], span: Span) -> list[Span]:
    """What of a span lies in none of the spans seen, which are in order and apart."""
    found, at = [], span[0]
    for begin, end in seen:
        if begin > at:
            found.append((at, begin))
        at = max(at, end)
    if at < span[1]:
        found.append((at, span[1]))
    return found


async def _steps(
    conn: AsyncConnection, approval_id: UUID, since: datetime, until: datetime
) -> tuple[Mapping[str, Any], ...]:
    """What the register says of the approval itself."""
    wanted = (
        sa.select(*verifying.PLAIN)
        .where(
            audit_rows.c.action.in_(("approval.asked", "approval.granted")),
            audit_rows.c.at >= since,
            audit_rows.c.at <= until,
            audit_rows.c.detail.contains(str(approval_id), autoescape=True),
        )
        .order_by(audit_rows.c.no)
    )
    return tuple(dict(row) for row in (await conn.execute(wanted)).mappings())

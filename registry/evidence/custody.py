"""Who had an export in hand: each step is a row, written with its row of the register before anything leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.approvals.kinds import ASKED
from registry.columns import AnyRow
from registry.inputs import Input, Line, Moment, Name, Short
from registry.model import Access, Actor
from registry.tables import custody


class CustodyStep(StrEnum):
    """What happened to an export."""

    MADE = "made"
    FETCHED = "fetched"
    HANDED = "handed"
    PURGED = "purged"


class Medium(StrEnum):
    """On what it was handed over."""

    DISC = "disc"
    STICK = "stick"
    DRIVE = "drive"
    LINE = "line"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Custody:
    """One step of an export's custody; of a hand-over to whom, on what, and its fingerprint `told`."""

    at: datetime
    step: CustodyStep
    by_name: str
    by_unit: str
    audit_no: int
    recipient: str
    recipient_unit: str
    document: str
    medium: Medium | None
    told: bool | None
    handed_at: datetime | None
    note: str


class HandOver(Input):
    """That an export was handed over: to whom, on what, and whether its fingerprint was told by another way."""

    recipient: Name
    recipient_unit: Name
    document: Short = ""
    """What he showed: an identity card's last digits, a letter's number."""
    medium: Medium
    told: bool
    handed_at: Moment
    note: Line = ""


async def step(
    conn: AsyncConnection,
    actor: Actor,
    row: AnyRow,
    what: CustodyStep,
    now: datetime,
    *,
    access: Access | None = None,
    values: dict[str, object] | None = None,
) -> None:
    """Keep a step of an export's custody (`row` with its approval's id and body), with its row in the register."""
    told = values or {}
    asked = ASKED.validate_python(row.body)
    number = await audit.append(
        conn,
        actor,
        f"export.{what.value}",
        now=now,
        cameras=asked.cameras,
        span=asked.span,
        purpose=access.purpose if access else None,
        detail=audit.describe(
            export=row.id, approval=row.approval_id, sha256=row.digest, bytes=row.bytes, manifest=row.manifest, **told
        ),
        count=row.files,
    )
    kept = {"export_no": row.no, "at": now, "step": what.value, "audit_no": number, **told}
    await conn.execute(sa.insert(custody).values(by_name=actor.user.name, by_unit=actor.user.unit, **kept))


async def of_exports(conn: AsyncConnection, numbers: Sequence[int]) -> dict[int, tuple[Custody, ...]]:
    """The steps of exports, by row number, the first one first."""
    found: dict[int, tuple[Custody, ...]] = {}
    for row in await conn.execute(sa.select(custody).where(custody.c.export_no.in_(numbers)).order_by(custody.c.no)):
        one = Custody(
            at=row.at,
            step=CustodyStep(row.step),
            by_name=row.by_name,
            by_unit=row.by_unit,
            audit_no=row.audit_no,
            recipient=row.recipient,
            recipient_unit=row.recipient_unit,
            document=row.document,
            medium=Medium(row.medium) if row.medium else None,
            told=row.told,
            handed_at=row.handed_at,
            note=row.note,
        )
        found[row.export_no] = (*found.get(row.export_no, ()), one)
    return found

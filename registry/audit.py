"""The register of look-ups and changes (调用登记): append-only, each row's hash chained to the row before.

The chain has one head row. A writer locks it first, so rows are numbered without gaps and chained in that order, and
cutting off the newest rows is seen as well: the head tells where the chain must end.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow, to_ms
from registry.errors import Corrupt
from registry.model import Actor, AuditRow, Purpose, PurposeKind, Role
from registry.permissions import Permission, allow
from registry.store import Store
from registry.tables import audit, audit_head

_HEAD = sa.select(audit_head.c.audit_no, audit_head.c.hash).with_for_update()
GENESIS = "0" * 64
MAX_DETAIL = 4000
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row where the chain does not hold, and how: `row_edited`, `row_missing`, `end_missing`."""

    no: int
    code: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many rows that are written together: what was done, to which cameras."""

    action: str
    cameras: tuple[UUID, ...] = ()
    detail: str = ""
    count: int | None = None


def _hash(values: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON of every column but the hash; times as integers."""
    plain = {
        name: to_ms(value) if isinstance(value, datetime) else value for name, value in values.items() if name != "hash"
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def describe(**values: object) -> str:
    """Detail of a row as compact JSON, cut to what a row may hold."""
    kept = {name: value for name, value in values.items() if value not in (None, "", (), [])}
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)
    return text if len(text) <= MAX_DETAIL else text[: MAX_DETAIL - 1] + "…"


async def append(
    conn: AsyncConnection,
    actor: Actor,
    action: str,
    *,
    now: datetime,
    cameras: Sequence[UUID] = (),
    span: tuple[datetime | None, datetime | None] = (None, None),
    purpose: Purpose | None = None,
    detail: str = "",
    count: int | None = None,
) -> int:
    """Write one row in the caller's transaction and return its number.

    The head stays locked until that transaction ends, so call this last where another writer may wait.
    """
    head = (await conn.execute(_HEAD)).one_or_none()
    if head is None:
        raise Corrupt("the audit's head row is gone; run: camera-hub check", code="audit_head")
    number = int(head.audit_no) + 1
    values = _values(number, head.hash, actor, Entry(action, tuple(cameras), detail, count), now)
    values |= {"span_from": span[0], "span_to": span[1]}
    if purpose is not None:
        values |= {
            "purpose_kind": purpose.kind.value,
            "case_number": purpose.case_number,
            "reason": purpose.reason,
        }
    values["hash"] = _hash(values)
    await conn.execute(sa.insert(audit), values)
    await conn.execute(sa.update(audit_head), {"audit_no": number, "hash": values["hash"]})
    return number


async def append_all(conn: AsyncConnection, actor: Actor, entries: Sequence[Entry], *, now: datetime) -> None:
    """Write many rows of one actor and one moment, chained in their order; call it last, as `append`."""
    head = (await conn.execute(_HEAD)).one_or_none()
    if head is None:
        raise Corrupt("the audit's head row is gone; run: camera-hub check", code="audit_head")
    number, previous = int(head.audit_no), str(head.hash)
    for begin in range(0, len(entries), _BATCH):
        rows: list[dict[str, Any]] = []
        for entry in entries[begin : begin + _BATCH]:
            number += 1
            values = _values(number, previous, actor, entry, now)
            previous = values["hash"] = _hash(values)
            rows.append(values)
        await conn.execute(sa.insert(audit), rows)
    await conn.execute(sa.update(audit_head), {"audit_no": number, "hash": previous})


def _values(number: int, previous: str, actor: Actor, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "no": number,
        "at": now,
        "user_no": actor.user.no or None,
        "user_name": actor.user.name,
        "role": actor.user.role.value,
        "unit": actor.user.unit,
        "address": actor.address[:64],
        "action": entry.action,
        "cameras": [str(one) for one in entry.cameras],
        "span_from": None,
        "span_to": None,
        "purpose_kind": None,
        "case_number": None,
        "reason": "",
        "detail": entry.detail,
        "result_count": entry.count,
        "prev_hash": previous,
    }


COVERED = timedelta(minutes=5)
"""How long a list's row covers the pictures of what it listed."""


async def covers(
    conn: AsyncConnection, actor: Actor, number: int | None, actions: Sequence[str], now: datetime
) -> bool:
    """Whether a row is the actor's own, of one of these actions, and young enough to cover its list's pictures."""
    wanted = sa.select(sa.literal(1)).where(
        audit.c.no == number,
        audit.c.user_no == actor.user.no,
        audit.c.action.in_(actions),
        audit.c.at > now - COVERED,
        audit.c.at <= now + COVERED,
    )
    return number is not None and await conn.scalar(wanted) is not None


def _row(row: AnyRow) -> AuditRow:
    return AuditRow(
        no=row.no,
        at=row.at,
        user=row.user_name,
        role=Role(row.role) if row.role else None,
        unit=row.unit,
        address=row.address,
        action=row.action,
        cameras=tuple(row.cameras),
        span_from=row.span_from,
        span_to=row.span_to,
        purpose_kind=PurposeKind(row.purpose_kind) if row.purpose_kind else None,
        case_number=row.case_number,
        reason=row.reason,
        detail=row.detail,
        result_count=row.result_count,
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


async def list_rows(
    store: Store,
    actor: Actor,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    user: str | None = None,
    action: str | None = None,
    before_no: int | None = None,
    limit: int = 100,
) -> tuple[AuditRow, ...]:
    """Rows, newest first; page on with `before_no`. Reading the register is itself written to it first."""
    allow(actor.user, Permission.READ_AUDIT)
    wanted = sa.select(audit).order_by(audit.c.no.desc()).limit(min(max(limit, 1), 1000))
    if since is not None:
        wanted = wanted.where(audit.c.at >= since)
    if until is not None:
        wanted = wanted.where(audit.c.at < until)
    if user is not None:
        wanted = wanted.where(audit.c.user_name == user)
    if action is not None:
        wanted = wanted.where(audit.c.action == action)
    if before_no is not None:
        wanted = wanted.where(audit.c.no < before_no)
    async with store.read() as conn:
        rows = tuple(_row(row) for row in await conn.execute(wanted))
    detail = describe(user=user, action=action, before_no=before_no)
    async with store.write() as conn:
        await append(conn, actor, "audit.read", now=store.clock(), span=(since, until), detail=detail, count=len(rows))
    return rows


async def verify(store: Store) -> Broken | None:
    """The first row where the chain does not hold, or None. Reads the whole register in batches."""
    async with store.read() as conn:
        return await verify_in(conn)


async def verify_in(conn: AsyncConnection) -> Broken | None:
    """The same inside a transaction: what is about to be committed is verified before it is."""
    expected, previous = 1, GENESIS
    head = (await conn.execute(sa.select(audit_head.c.audit_no, audit_head.c.hash))).one_or_none()
    while True:
        batch = sa.select(audit).where(audit.c.no >= expected).order_by(audit.c.no).limit(_BATCH)
        rows = (await conn.execute(batch)).all()
        if not rows:
            break
        for row in rows:
            if row.no != expected:
                return Broken(expected, "row_missing")
            if row.prev_hash != previous or _hash(row._asdict()) != row.hash:
                return Broken(expected, "row_edited")
            expected, previous = expected + 1, row.hash
    if head is None or (head.audit_no, head.hash) != (expected - 1, previous):
        return Broken(expected, "end_missing")
    return None

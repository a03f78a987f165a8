"""The register of look-ups and changes (调用登记): append-only, each row's hash chained to the row before.

The chain has one head row. A writer locks it first, so rows are numbered without gaps and chained in that order, and
cutting off the newest rows is seen as well: the head tells where the chain must end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.audit.chain import digest
from registry.columns import Instant, to_ms
from registry.errors import Conflict, Corrupt, Unavailable
from registry.model import Actor, ConsentState, Purpose
from registry.store import translate
from registry.tables import audit, audit_head, cameras, consents

_HEAD = sa.select(audit_head.c.audit_no, audit_head.c.hash).with_for_update()
_INSERT, _MOVE_HEAD = sa.insert(audit), sa.update(audit_head)
MAX_DETAIL = 4000
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One of many rows that are written together: what was done, to which cameras."""

    action: str
    cameras: tuple[UUID, ...] = ()
    detail: str = ""
    count: int | None = None


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

    A look, which has a purpose, names the texts of the owners' consents in force for those of `cameras` that have one.
    The head stays locked until that transaction ends, so call this last where another writer may wait. Raises
    Unavailable or Corrupt where the row cannot be written: without it nothing may be shown (L9).
    """
    with _on_record():
        number, previous, versions = await _locked(conn, cameras if purpose is not None else (), now)
        values = _values(number + 1, previous, actor, Entry(action, tuple(cameras), detail, count), now)
        values |= {"span_from": span[0], "span_to": span[1], "consent_versions": versions}
        if purpose is not None:
            values |= {
                "purpose_kind": purpose.kind.value,
                "case_number": purpose.case_number,
                "reason": purpose.reason,
            }
        await _insert(conn, [values])
    return number + 1


async def append_all(conn: AsyncConnection, actor: Actor, entries: Sequence[Entry], *, now: datetime) -> None:
    """Write many rows of one actor and one moment, chained in their order; call it last, as `append`."""
    with _on_record():
        number, previous, _ = await _locked(conn, (), now)
        for begin in range(0, len(entries), _BATCH):
            some = entries[begin : begin + _BATCH]
            rows = [_values(number + at, "", actor, one, now) for at, one in enumerate(some, start=1)]
            rows[0]["prev_hash"] = previous
            number, previous = await _insert(conn, rows)


async def _locked(conn: AsyncConnection, looked_at: Sequence[UUID], now: datetime) -> tuple[int, str, list[str] | None]:
    """Number and hash of the newest row, locked, and the texts of the consents in force for what is looked at."""
    told = {"cameras": list(looked_at), "now": now}
    rows = (await (conn.execute(_HEAD_AND_AGREED, told) if looked_at else conn.execute(_HEAD))).all()
    if not rows:
        raise Corrupt("the audit's head row is gone; run: camera-hub check", code="audit_head")
    texts = [row.text_version for row in rows if row.text_version is not None] if looked_at else []
    return int(rows[0].audit_no), str(rows[0].hash), texts or None


async def _insert(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> tuple[int, str]:
    """Chain rows to each other, write them, and move the head to the last: its number and hash."""
    previous = str(rows[0]["prev_hash"])
    for values in rows:
        values["prev_hash"] = previous
        previous = values["hash"] = digest(_plain(values))
    number = int(rows[-1]["no"])
    await conn.execute(_INSERT, list(rows))
    await conn.execute(_MOVE_HEAD, {"audit_no": number, "hash": previous})
    return number, previous


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As they are hashed: times as the database keeps them."""
    return {name: to_ms(one) if isinstance(one, datetime) else one for name, one in values.items()}


@contextmanager
def _on_record() -> Iterator[None]:
    """No audit, no access: whatever hinders the row is told as such, not as the reader's conflict."""
    try:
        yield
    except DBAPIError as err:
        known = translate(err)
        if known is None or isinstance(known, Conflict):
            hint = "the register cannot be written, so nothing is shown; run: camera-hub check"
            raise Unavailable(hint, code="audit_unwritable") from err
        raise known from err


_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Instant)
_AGREED = (
    sa.select(consents.c.text_version)
    .distinct()
    .join(cameras, cameras.c.no == consents.c.camera_no)
    .where(
        cameras.c.id.in_(sa.bindparam("cameras", expanding=True)),
        consents.c.state == ConsentState.ACTIVE.value,
        consents.c.valid_from <= _NOW,
        sa.or_(consents.c.valid_to.is_(None), consents.c.valid_to > _NOW),
        sa.or_(consents.c.reconfirm_by.is_(None), consents.c.reconfirm_by > _NOW),
    )
    .subquery("agreed")
)
_HEAD_AND_AGREED = (
    sa.select(audit_head.c.audit_no, audit_head.c.hash, _AGREED.c.text_version)
    .select_from(audit_head.outerjoin(_AGREED, sa.true()))
    .order_by(_AGREED.c.text_version)
    .with_for_update(of=audit_head)
)
"""Both at once: each statement is several turns of the database's thread, and a look pays for every one."""


def _values(number: int, previous: str, actor: Actor, entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "no": number,
        "at": now,
        "user_no": actor.user.no or None,
        "user_name": actor.user.name,
        "role": None if actor.owner else actor.user.role.value,
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
        "consent_versions": None,
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

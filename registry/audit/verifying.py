"""Proving the register: its chain, row by row, against anchors that were kept outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.audit.appending import append, describe
from registry.audit.chain import Anchor, Broken, Outcome, Walk
from registry.columns import Instant
from registry.model import Actor
from registry.store import Store
from registry.tables import audit, audit_head

_BATCH = 5000
_NAMES = tuple(audit.columns.keys())
PLAIN = tuple(
    sa.type_coerce(one, sa.BigInteger()).label(one.name) if isinstance(one.type, Instant) else one
    for one in audit.columns
)
"""The columns as they are hashed: times as the integers the database keeps."""


async def verify(store: Store) -> Broken | None:
    """The first row where the chain does not hold, or None. Reads the whole register, in batches, of one moment."""
    return (await examine(store)).broken


async def verify_in(conn: AsyncConnection) -> Broken | None:
    """The same inside a transaction: what is about to be committed is verified before it is."""
    return (await _all(conn, ())).broken


async def examine(store: Store, anchors: Iterable[Anchor] = ()) -> Outcome:
    """All that is to be said of the chain: how far anchors prove it, and where the clock went back."""
    async with store.read() as conn:
        return await _all(conn, anchors)


async def _all(conn: AsyncConnection, anchors: Iterable[Anchor]) -> Outcome:
    *_, found = [Walk().outcome(), *[one async for one in walked(conn, anchors)]]
    return found


async def walked(conn: AsyncConnection, anchors: Iterable[Anchor] = ()) -> AsyncIterator[Outcome]:
    """What was found after each batch; the last one is the whole."""
    walk, last = Walk(anchors), 0
    end = (await conn.execute(sa.select(audit_head.c.audit_no, audit_head.c.hash))).one_or_none()
    while rows := await batch(conn, last):
        last = rows[-1]["no"]
        # In a thread: hashing a batch takes a tenth of a second, and the hub answers others meanwhile.
        if not await asyncio.to_thread(_fed, walk, rows):
            yield walk.outcome()
            return
        yield walk.outcome()
    walk.end(None if end is None else (int(end.audit_no), str(end.hash)))
    yield walk.outcome()


def _fed(walk: Walk, rows: list[dict[str, Any]]) -> bool:
    return all(map(walk.feed, rows))


async def batch(conn: AsyncConnection, after: int, *where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """The next rows after number `after`, as they are hashed, in the order of their numbers."""
    wanted = sa.select(*PLAIN).where(audit.c.no > after, *where).order_by(audit.c.no).limit(_BATCH)
    return [dict(zip(_NAMES, row, strict=True)) for row in await conn.execute(wanted)]


async def head(store: Store) -> tuple[int, str] | None:
    """Number and hash of the newest row, as the head tells; None where it is gone."""
    async with store.read() as conn:
        row = (await conn.execute(sa.select(audit_head.c.audit_no, audit_head.c.hash))).one_or_none()
    return None if row is None else (int(row.audit_no), str(row.hash))


async def hash_of(store: Store, no: int) -> str | None:
    """The hash of a row as it stands there; None where there is no such row."""
    async with store.read() as conn:
        found: str | None = await conn.scalar(sa.select(audit.c.hash).where(audit.c.no == no))
    return found


async def proved(store: Store, actor: Actor, found: Outcome) -> None:
    """Write that somebody had the chain proved, and what was found."""
    broken = None if found.broken is None else {"no": found.broken.no, "code": found.broken.code}
    async with store.write() as conn:
        detail = describe(broken=broken, anchored=found.anchored)
        await append(conn, actor, "audit.verify", now=store.clock(), detail=detail, count=found.rows)

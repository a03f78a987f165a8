"""Reading requests: a list, one, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from registry import audit
from registry.inputs import Input
from registry.model import Actor
from registry.requests.model import SELECT, ViewingRequest, late, row_of, seen_by, told
from registry.scope import of_actor
from registry.store import Store
from registry.tables import requests

MOST = 500


class RequestQuery(Input):
    """Which requests: all, or those that are not closed."""

    open: bool = False


@dataclass(frozen=True, slots=True)
class Late:
    """How many requests were not decided in time, and since when the first is due."""

    count: int
    since: datetime


async def list_requests(store: Store, query: RequestQuery, actor: Actor) -> tuple[ViewingRequest, ...]:
    """Requests about one's cameras: the open ones first, the one due first at the top; `MOST` at most.

    They name people, so that reading them is on record.
    """
    now, scope = store.clock(), of_actor(actor)
    closed = sa.case((requests.c.closed_at.is_(None), 0), else_=1)
    undecided = sa.case((requests.c.decided_at.is_(None), 0), else_=1)
    soonest = sa.case((requests.c.decided_at.is_(None), requests.c.due_at), else_=None)
    wanted = SELECT.where(seen_by(scope)).order_by(closed, undecided, soonest, requests.c.no.desc()).limit(MOST)
    if query.open:
        wanted = wanted.where(requests.c.closed_at.is_(None))
    async with store.write() as conn:
        found = await told(conn, (await conn.execute(wanted)).all(), scope, now)
        await audit.append(conn, actor, "request.list", now=now, count=len(found))
    return found


async def get(store: Store, request_id: UUID, actor: Actor) -> ViewingRequest:
    """One request; the look is on record. Raises NotFound outside the scope."""
    now, scope = store.clock(), of_actor(actor)
    async with store.write() as conn:
        row = await row_of(conn, request_id, scope)
        (found,) = await told(conn, [row], scope, now)
        await audit.append(conn, actor, "request.read", now=now, detail=audit.describe(request=found.number), count=1)
    return found


async def overdue(store: Store) -> Late | None:
    """What was not decided in time, everywhere; None when nothing is."""
    wanted = sa.select(
        sa.func.count().label("count"), sa.func.min(requests.c.due_at, type_=requests.c.due_at.type).label("since")
    )
    async with store.read() as conn:
        row = (await conn.execute(wanted.where(late(store.clock())))).one()
    return Late(int(row[0]), row[1]) if row[0] else None

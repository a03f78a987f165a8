"""Searches people saved: a case's, for all who work on it, or one's own. What one finds is asked anew each time.

A saved search is the filters alone, as they stand in the page's address; it holds nothing that was seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, cases
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Name
from registry.model import Actor
from registry.store import Store
from registry.tables import cases as case_rows
from registry.tables import saved_searches, users

MOST = 100
"""Searches of one user, and of one case."""
FILTERS = frozenset(
    {
        *("place", "camera", "group", "label", "kind", "rule", "verdict", "near", "score"),
        *("stays", "direction", "last", "since", "until", "night", "order"),
    }
)
"""What the page's address names (`api/web/src/store/filters.ts`)."""


def _filters(text: str) -> str:
    try:
        told = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=400)
    except ValueError:
        raise PydanticCustomError("query", "write filters as name=value&name=value") from None
    if unknown := {name for name, _ in told} - FILTERS:
        raise PydanticCustomError("filter", "no such filter: {name}", {"name": min(unknown)[:32]})
    return text


Query = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[!-~]+$"), AfterValidator(_filters)]


class NewSearch(Input):
    """What to save: a name, and the filters, for a case or for oneself."""

    name: Name
    query: Query
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A saved search; of a case where one is told. `mine`: the reader saved it, and may remove it."""

    id: UUID
    name: str
    query: str
    case_id: UUID | None
    author: str
    mine: bool
    created_at: datetime


def _select(actor: Actor) -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(
            saved_searches,
            case_rows.c.id.label("case_id"),
            users.c.name.label("author"),
            (saved_searches.c.user_no == actor.user.no).label("mine"),
        )
        .join(users, users.c.no == saved_searches.c.user_no)
        .outerjoin(case_rows, case_rows.c.no == saved_searches.c.case_no)
    )


def _of_row(row: AnyRow) -> SavedSearch:
    return SavedSearch(row.id, row.name, row.query, row.case_id, row.author, bool(row.mine), row.created_at)


async def list_searches(store: Store, case_id: UUID | None, actor: Actor) -> tuple[SavedSearch, ...]:
    """A case's searches, or one's own of no case, by name. Raises NotFound for a case the actor may not know of."""
    async with store.read() as conn:
        if case_id is None:
            where = sa.and_(saved_searches.c.user_no == actor.user.no, saved_searches.c.case_no.is_(None))
        else:
            where = saved_searches.c.case_no == (await cases.row_of(conn, case_id, actor)).no
        wanted = _select(actor).where(where).order_by(saved_searches.c.name, saved_searches.c.no)
        return tuple(_of_row(row) for row in await conn.execute(wanted))


async def save(store: Store, new: NewSearch, actor: Actor) -> SavedSearch:
    """Save a search. Raises NotFound, Denied (no member of the case), Conflict (case over, searches_many)."""
    now, identity = store.clock(), uuid7()
    async with store.write() as conn:
        case_no = None if new.case_id is None else (await cases.member_row(conn, new.case_id, actor, now)).no
        own = sa.and_(saved_searches.c.user_no == actor.user.no, saved_searches.c.case_no.is_(None))
        of = own if case_no is None else saved_searches.c.case_no == case_no
        if (await conn.scalar(sa.select(sa.func.count()).select_from(saved_searches).where(of)) or 0) >= MOST:
            raise Conflict(f"at most {MOST} searches are saved; remove one", code="searches_many")
        values = {"name": new.name, "query": new.query, "created_at": now, "case_no": case_no}
        await conn.execute(sa.insert(saved_searches).values(id=identity, user_no=actor.user.no, **values))
        row = (await conn.execute(_select(actor).where(saved_searches.c.id == identity))).one()
        await _note(conn, actor, "search.save", row, now)
    return _of_row(row)


async def remove(store: Store, search_id: UUID, actor: Actor) -> None:
    """Remove a search one saved oneself. Raises NotFound."""
    now = store.clock()
    async with store.write() as conn:
        wanted = _select(actor).where(saved_searches.c.id == search_id, saved_searches.c.user_no == actor.user.no)
        if (row := (await conn.execute(wanted)).one_or_none()) is None:
            raise NotFound("no such search of yours", code="search_unknown")
        await conn.execute(sa.delete(saved_searches).where(saved_searches.c.no == row.no))
        await _note(conn, actor, "search.remove", row, now)


async def _note(conn: AsyncConnection, actor: Actor, action: str, row: AnyRow, now: datetime) -> None:
    detail = audit.describe(search=row.id, name=row.name, query=row.query, case=row.case_id)
    await audit.append(conn, actor, action, now=now, detail=detail)

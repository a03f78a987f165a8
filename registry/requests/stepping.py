"""What is done with a request: decided, by a second person where the policy asks for one; shown; closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, Denied
from registry.inputs import Input, Line
from registry.model import Actor
from registry.requests.model import (
    SELECT,
    Decision,
    Refusal,
    RequestState,
    ViewingRequest,
    Way,
    row_of,
    state_of,
    told,
)
from registry.scope import EVERYTHING, of_actor
from registry.store import Store
from registry.tables import requests

_SHOWS = frozenset({Decision.GRANTED.value, Decision.PARTLY.value})


class NewDecision(Input):
    """Yes, no or in part; a refusal, also of a part, has its reason."""

    decision: Decision
    refusal: Refusal | None = None
    text: Line = ""
    """What the asker is told besides."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.decision is Decision.WITHDRAWN:
            raise PydanticCustomError("decision", "only whoever asked takes a request back; note it as withdrawn")
        if (self.refusal is not None) != (self.decision in {Decision.REFUSED, Decision.PARTLY}):
            raise PydanticCustomError("refusal", "a refusal, also of a part, names its reason, and nothing else does")
        return self


class Showing(Input):
    """How it was shown."""

    how: Way


class Closing(Input):
    """What is left to say; needed when what was granted was never looked at."""

    note: Line = ""


async def decide(store: Store, request_id: UUID, wanted: NewDecision, actor: Actor) -> ViewingRequest:
    """Decide a request, once.

    Raises NotFound, Conflict (request_state), Denied (request_own) for whoever received it, where the policy says so.
    """
    now = store.clock()
    async with store.write() as conn:
        row = await row_of(conn, request_id, of_actor(actor))
        _require(row, RequestState.RECEIVED)
        if store.policy.requests.second_person and (row.received_by_no or 0) == actor.user.no:
            raise Denied("somebody else decides what you received", code="request_own")
        values = {
            "decision": wanted.decision.value,
            "refusal": wanted.refusal.value if wanted.refusal else "",
            "decision_text": wanted.text,
            "decided_at": now,
            "decided_by": actor.user.name,
        }
        return await _keep(conn, row, actor, "request.decide", now=now, values=values)


async def withdraw(store: Store, request_id: UUID, actor: Actor) -> ViewingRequest:
    """Note that whoever asked takes it back. Raises NotFound, Conflict (request_state) once it is decided."""
    now = store.clock()
    async with store.write() as conn:
        row = await row_of(conn, request_id, of_actor(actor))
        _require(row, RequestState.RECEIVED)
        values = {"decision": Decision.WITHDRAWN.value, "decided_at": now, "decided_by": actor.user.name}
        return await _keep(conn, row, actor, "request.withdraw", now=now, values=values)


async def show(store: Store, request_id: UUID, wanted: Showing, actor: Actor) -> ViewingRequest:
    """Note that it was shown. Raises NotFound, Conflict (request_state) unless it was granted and not shown yet."""
    now = store.clock()
    async with store.write() as conn:
        row = await row_of(conn, request_id, of_actor(actor))
        _require(row, RequestState.DECIDED)
        if row.decision not in _SHOWS:
            raise Conflict("it was not granted; nothing is shown", code="request_state", state="refused")
        values = {"shown_how": wanted.how.value, "shown_at": now, "shown_by": actor.user.name}
        return await _keep(conn, row, actor, "request.show", now=now, values=values)


async def close(store: Store, request_id: UUID, wanted: Closing, actor: Actor) -> ViewingRequest:
    """Close a request: what was held for it goes by its age again.

    Raises NotFound, Conflict: request_state unless it is decided, request_not_shown where a note must say why what was
    granted was not looked at.
    """
    now = store.clock()
    async with store.write() as conn:
        row = await row_of(conn, request_id, of_actor(actor))
        _require(row, RequestState.DECIDED, RequestState.SHOWN)
        if row.decision in _SHOWS and row.shown_at is None and not wanted.note:
            raise Conflict("it was granted and not shown; say in a note why", code="request_not_shown")
        values = {"closed_at": now, "closed_by": actor.user.name, "closing_note": wanted.note}
        if row.held_until is not None and row.held_until > now:
            values["held_until"] = now
        return await _keep(conn, row, actor, "request.close", now=now, values=values)


def _require(row: AnyRow, *states: RequestState) -> None:
    state = state_of(row)
    if state not in states:
        raise Conflict(f"the request is {state.value}; read it again", code="request_state", state=state.value)


async def _keep(
    conn: AsyncConnection, row: AnyRow, actor: Actor, action: str, *, now: datetime, values: Mapping[str, object]
) -> ViewingRequest:
    """Keep a step, with its row in the register."""
    await conn.execute(sa.update(requests).where(requests.c.no == row.no).values(**values))
    rows = (await conn.execute(SELECT.where(requests.c.no == row.no))).all()
    (whole,) = await told(conn, rows, EVERYTHING, now)
    (kept,) = await told(conn, rows, of_actor(actor), now)
    await audit.append(
        conn,
        actor,
        action,
        now=now,
        cameras=[one.camera_id for one in whole.cameras],
        span=(row.starts_at, row.ends_at),
        detail=audit.describe(
            request=row.number, decision=kept.decision, refusal=kept.refusal, how=kept.shown_how, note=kept.closing_note
        ),
        count=len(whole.cameras),
    )
    return kept

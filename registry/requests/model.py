"""A request as its readers get it, its words, and its row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.errors import NotFound
from registry.model import From, To
from registry.scope import Scope, in_scope
from registry.tables import cameras, places, request_cameras, requests


class Relation(StrEnum):
    """What the asker is to whom the recordings are about."""

    SELF = "self"
    RELATIVE = "relative"
    """A close relative (近亲属, PIPL 49)."""
    GUARDIAN = "guardian"
    AGENT = "agent"
    """With a written authorisation."""
    OWNER = "owner"
    """Of the camera."""


class IdKind(StrEnum):
    """The document that was looked at; of its number only the last four signs are kept."""

    RESIDENT = "resident"
    HOUSEHOLD = "household"
    PASSPORT = "passport"
    DRIVING = "driving"
    OTHER = "other"


class Decision(StrEnum):
    """What was decided; `withdrawn`: whoever asked takes it back."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Refusal(StrEnum):
    """Why all or a part is refused."""

    NOT_ENTITLED = "not_entitled"
    """Neither the person himself nor one who may ask for him."""
    IDENTITY = "identity"
    """Identity or authorisation was not shown."""
    NO_FOOTAGE = "no_footage"
    """Nothing was recorded, or it is gone by its age."""
    OTHERS = "others"
    """Others would be seen, and cannot be left out."""
    CASE = "case"
    """It would hinder a case."""
    LAW = "law"
    """A law keeps it secret."""
    TOO_WIDE = "too_wide"


class Way(StrEnum):
    """How it was shown."""

    OFFICE = "office"
    COPY = "copy"


class RequestState(StrEnum):
    """Where a request stands: `received` waits for a decision, `decided` to be shown or closed."""

    RECEIVED = "received"
    DECIDED = "decided"
    SHOWN = "shown"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RequestCamera:
    """A camera whose recordings are asked for."""

    camera_id: UUID
    name: str
    village_code: str
    village_name: str


@dataclass(frozen=True, slots=True)
class ViewingRequest:
    """A request and what came of it.

    `cameras` are those in one's scope, `others` how many more. Nothing of them from `from` to `to` is deleted before
    `held_until`; `overdue` says that no decision was made by `due_at`.
    """

    id: UUID
    number: str
    asker: str
    relation: Relation
    id_kind: IdKind
    id_last4: str
    contact: str
    village_code: str | None
    village_name: str | None
    cameras: tuple[RequestCamera, ...]
    others: int
    since: From
    until: To
    grounds: str
    received_at: datetime
    received_by: str
    due_at: datetime
    held_until: datetime | None
    decision: Decision | None
    refusal: Refusal | None
    decision_text: str
    decided_at: datetime | None
    decided_by: str
    shown_how: Way | None
    shown_at: datetime | None
    shown_by: str
    closed_at: datetime | None
    closed_by: str
    closing_note: str
    state: RequestState
    overdue: bool


_PLACE = places.alias("request_place")
SELECT = sa.select(requests, _PLACE.c.code, _PLACE.c.name.label("village_name")).outerjoin(
    _PLACE, _PLACE.c.no == requests.c.place_no
)


def seen_by(scope: Scope) -> sa.ColumnElement[bool]:
    """SQL: a camera of the request lies in the scope."""
    return sa.exists().where(
        request_cameras.c.request_no == requests.c.no,
        cameras.c.no == request_cameras.c.camera_no,
        places.c.no == cameras.c.village_no,
        in_scope(places.c.code, scope),
    )


def late(now: datetime) -> sa.ColumnElement[bool]:
    """SQL: no decision was made in time."""
    return sa.and_(requests.c.decided_at.is_(None), requests.c.due_at <= now)


async def row_of(conn: AsyncConnection, request_id: UUID, scope: Scope) -> AnyRow:
    """A request's row, locked until the transaction ends. Raises NotFound outside the scope."""
    wanted = SELECT.where(requests.c.id == request_id, seen_by(scope)).with_for_update(of=requests)
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such request", code="request_unknown")
    return row


async def told(
    conn: AsyncConnection, rows: Iterable[AnyRow], scope: Scope, now: datetime
) -> tuple[ViewingRequest, ...]:
    """Rows of `SELECT` with their cameras, as somebody of this scope sees them."""
    listed = list(rows)
    inner: dict[int, list[RequestCamera]] = {}
    count: dict[int, int] = {}
    those = (
        sa.select(
            request_cameras.c.request_no, cameras.c.id, cameras.c.name, places.c.code, places.c.name.label("place")
        )
        .join(cameras, cameras.c.no == request_cameras.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(request_cameras.c.request_no.in_([row.no for row in listed]))
        .order_by(places.c.code, cameras.c.name)
    )
    for row in await conn.execute(those):
        count[row.request_no] = count.get(row.request_no, 0) + 1
        if scope.covers(row.code):
            inner.setdefault(row.request_no, []).append(RequestCamera(row.id, row.name, row.code, row.place))
    return tuple(_of_row(row, tuple(inner.get(row.no, ())), count.get(row.no, 0), now) for row in listed)


def _of_row(row: AnyRow, own: tuple[RequestCamera, ...], count: int, now: datetime) -> ViewingRequest:
    return ViewingRequest(
        id=row.id,
        number=row.number,
        asker=row.asker,
        relation=Relation(row.relation),
        id_kind=IdKind(row.id_kind),
        id_last4=row.id_last4,
        contact=row.contact,
        village_code=row.code,
        village_name=row.village_name,
        cameras=own,
        others=count - len(own),
        since=row.starts_at,
        until=row.ends_at,
        grounds=row.grounds,
        received_at=row.received_at,
        received_by=row.received_by,
        due_at=row.due_at,
        held_until=row.held_until,
        decision=Decision(row.decision) if row.decision else None,
        refusal=Refusal(row.refusal) if row.refusal else None,
        decision_text=row.decision_text,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        shown_how=Way(row.shown_how) if row.shown_how else None,
        shown_at=row.shown_at,
        shown_by=row.shown_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        closing_note=row.closing_note,
        state=state_of(row),
        overdue=row.decided_at is None and row.due_at <= now,
    )


def state_of(row: AnyRow) -> RequestState:
    """Where a row stands."""
    steps = (
        (row.closed_at, RequestState.CLOSED),
        (row.shown_at, RequestState.SHOWN),
        (row.decided_at, RequestState.DECIDED),
    )
    return next((state for at, state in steps if at is not None), RequestState.RECEIVED)

"""What householders agreed to. Only civilian cameras need a consent; every pull and every read asks here.

- A pull needs a consent in force now (interval, local hours, not withdrawn) for events or live pictures.
- Reading an event needs a consent for events that is not withdrawn, in force now, and whose interval and local hours
  cover the moment the event started. `readable` is that rule in SQL, used by every read path.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.columns import AnyRow
from registry.daytime import within, within_sql
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Minute, Moment, Name
from registry.model import Actor, Consent, ConsentScope, Kind, Reason
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store, raise_revision
from registry.tables import cameras, consents, places


class NewConsent(Input):
    """A consent to record: which scopes, from when to when, in which local hours (both minutes or none)."""

    owner_name: Name
    scopes: frozenset[ConsentScope] = Field(min_length=1)
    from_minute: Minute | None = None
    to_minute: Minute | None = None
    valid_from: Moment | None = None
    """Not told: from now on."""
    valid_to: Moment | None = None
    text_version: Name
    signed_at: Moment | None = None
    """Not told: now."""

    @model_validator(mode="after")
    def _hours_and_interval(self) -> Self:
        if (self.from_minute is None) != (self.to_minute is None):
            raise PydanticCustomError("hours", "give from_minute and to_minute, or neither")
        if self.from_minute is not None and self.from_minute == self.to_minute:
            raise PydanticCustomError("hours", "from_minute and to_minute are equal; leave both out for the whole day")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise PydanticCustomError("interval", "valid_to must lie after valid_from")
        return self


def _consent(row: AnyRow) -> Consent:
    given = {ConsentScope.EVENTS: row.for_events, ConsentScope.CLIP: row.for_clip, ConsentScope.LIVE: row.for_live}
    return Consent(
        no=row.no,
        id=row.id,
        camera_id=row.camera_id,
        owner_name=row.owner_name,
        scopes=frozenset(scope for scope, yes in given.items() if yes),
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        text_version=row.text_version,
        signed_at=row.signed_at,
        withdrawn_at=row.withdrawn_at,
    )


_SELECT = sa.select(consents, cameras.c.id.label("camera_id")).join(cameras, cameras.c.no == consents.c.camera_no)


def readable(
    camera_no: sa.ColumnElement[int],
    started_at: sa.ColumnElement[datetime],
    local_second: sa.ColumnElement[int],
    now: sa.ColumnElement[datetime],
) -> sa.ColumnElement[bool]:
    """SQL: an event of that camera, started then, may be read `now`. Needs no join: the civilian cameras are a list.

    The list is named, so that a statement with several parts makes it once.
    """
    civilian = sa.select(sa.select(cameras.c.no).where(cameras.c.kind == Kind.CIVILIAN.value).cte("civilian").c.no)
    covering = (
        sa.select(sa.literal(1))
        .where(
            consents.c.camera_no == camera_no,
            consents.c.for_events,
            consents.c.withdrawn_at.is_(None),
            consents.c.valid_from <= now,
            consents.c.valid_from <= started_at,
            sa.or_(
                consents.c.valid_to.is_(None),
                sa.and_(consents.c.valid_to > now, consents.c.valid_to > started_at),
            ),
            sa.or_(
                consents.c.from_minute.is_(None),
                within_sql(local_second, consents.c.from_minute, consents.c.to_minute),
            ),
        )
        .correlate_except(consents)
        .exists()
    )
    return sa.or_(camera_no.not_in(civilian), covering)


def _interval(one: Consent, at: datetime) -> bool:
    return one.withdrawn_at is None and one.valid_from <= at and (one.valid_to is None or at < one.valid_to)


def _hours(one: Consent, second: int) -> bool:
    return one.from_minute is None or one.to_minute is None or within(second, one.from_minute, one.to_minute)


def covers(given: Iterable[Consent], at: datetime, second: int) -> bool:
    """Whether a civilian camera's event that started at `at` (local second of day `second`) may be kept."""
    return any(ConsentScope.EVENTS in one.scopes and _interval(one, at) and _hours(one, second) for one in given)


def still(given: Iterable[Consent], at: datetime, second: int, now: datetime, scope: ConsentScope) -> bool:
    """Whether what a civilian camera showed at `at` (local second of day `second`) may be looked at now."""
    return any(
        scope in one.scopes and _interval(one, at) and _interval(one, now) and _hours(one, second) for one in given
    )


PULLS = frozenset({ConsentScope.EVENTS, ConsentScope.LIVE})
"""What a pull is for: a consent to either starts it."""


def halt(
    given: Iterable[Consent], now: datetime, second: int, *, scopes: frozenset[ConsentScope] = PULLS
) -> Reason | None:
    """Why a civilian camera must not be pulled now, or not be used for `scopes`: no consent, or outside its hours."""
    standing = [one for one in given if one.scopes & scopes and _interval(one, now)]
    if not standing:
        return Reason.NO_CONSENT
    return None if any(_hours(one, second) for one in standing) else Reason.OUTSIDE_HOURS


async def of_cameras(conn: AsyncConnection, numbers: Iterable[int]) -> dict[int, list[Consent]]:
    """Consents by camera number that are not withdrawn."""
    wanted = _SELECT.where(consents.c.camera_no.in_(tuple(numbers)), consents.c.withdrawn_at.is_(None))
    found: dict[int, list[Consent]] = {}
    for row in await conn.execute(wanted):
        found.setdefault(row.camera_no, []).append(_consent(row))
    return found


async def _camera(conn: AsyncConnection, camera_id: UUID, scope: Scope) -> AnyRow:
    wanted = (
        sa.select(cameras.c.no, cameras.c.kind, cameras.c.removed_at)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id == camera_id, in_scope(places.c.code, scope))
    )
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("no such camera", code="camera_unknown")


async def create(store: Store, camera_id: UUID, new: NewConsent, actor: Actor) -> Consent:
    """Record what the owner of a civilian camera agreed to. Raises NotFound, or Conflict for the other kinds."""
    now = store.clock()
    async with store.write() as conn:
        camera = await _camera(conn, camera_id, of_actor(actor))
        if camera.removed_at is not None:
            raise _unknown()
        if camera.kind != Kind.CIVILIAN.value:
            raise Conflict("only a civilian camera has a consent", code="consent_kind", kind=camera.kind)
        identity = uuid7()
        await conn.execute(
            sa.insert(consents).values(
                id=identity,
                camera_no=camera.no,
                owner_name=new.owner_name,
                for_events=ConsentScope.EVENTS in new.scopes,
                for_clip=ConsentScope.CLIP in new.scopes,
                for_live=ConsentScope.LIVE in new.scopes,
                from_minute=new.from_minute,
                to_minute=new.to_minute,
                valid_from=new.valid_from or now,
                valid_to=new.valid_to,
                text_version=new.text_version,
                signed_at=new.signed_at or now,
            )
        )
        await raise_revision(conn)
        detail = audit.describe(consent=identity, scopes=sorted(new.scopes), text=new.text_version)
        await audit.append(conn, actor, "consent.create", now=now, cameras=[camera_id], detail=detail)
        return _consent((await conn.execute(_SELECT.where(consents.c.id == identity))).one())


async def list_for(store: Store, camera_id: UUID, scope: Scope) -> tuple[Consent, ...]:
    """Every consent of a camera, newest first, withdrawn ones too. Raises NotFound outside the scope.

    Of a removed camera as well: its events stay for a while, and its owner may still withdraw.
    """
    async with store.read() as conn:
        camera = await _camera(conn, camera_id, scope)
        wanted = _SELECT.where(consents.c.camera_no == camera.no).order_by(consents.c.no.desc())
        return tuple(_consent(row) for row in await conn.execute(wanted))


async def withdraw(store: Store, consent_id: UUID, actor: Actor) -> Consent:
    """Withdraw a consent as of now; doing it twice changes nothing. Raises NotFound outside the actor's scope."""
    now = store.clock()
    wanted = _SELECT.join(places, places.c.no == cameras.c.village_no).where(
        consents.c.id == consent_id, in_scope(places.c.code, of_actor(actor))
    )
    async with store.write() as conn:
        row = (await conn.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound("no such consent", code="consent_unknown")
        if row.withdrawn_at is None:
            await raise_revision(conn)
            await conn.execute(sa.update(consents).where(consents.c.no == row.no).values(withdrawn_at=now))
            detail = audit.describe(consent=consent_id)
            await audit.append(conn, actor, "consent.withdraw", now=now, cameras=[row.camera_id], detail=detail)
        return _consent((await conn.execute(_SELECT.where(consents.c.no == row.no))).one())

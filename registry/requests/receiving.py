"""To receive a request: who asks, what about, and by when he is answered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, scope, workdays
from registry.inputs import Input, Line, Moment, Name, Short, VillageCode, invalid
from registry.model import Actor
from registry.naming import named
from registry.places import village_no
from registry.requests.model import SELECT, IdKind, Relation, ViewingRequest, told
from registry.scope import Scope, of_actor
from registry.store import Store
from registry.tables import cameras, request_cameras, requests

LONGEST = timedelta(days=31)
MOST_CAMERAS = 200
EARLIEST = timedelta(days=92)
"""A request is entered at most so long after it was received on paper."""


class NewRequest(Input):
    """What somebody asks to see. Without cameras it is about all of the village's."""

    asker: Name
    relation: Relation
    id_kind: IdKind
    id_last4: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{4}$")]
    """The last four signs of the document that was looked at; the number itself is not kept (PIPL 6)."""
    contact: Short = ""
    village_code: VillageCode | None = None
    camera_ids: Annotated[frozenset[UUID], Field(max_length=MOST_CAMERAS)] = frozenset()
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    grounds: Annotated[Line, Field(min_length=1)]
    received_at: Moment | None = None
    """When it came, if that was earlier than now: the time to answer counts from then."""
    hold: bool = True
    """Keep what was recorded while the request is open."""

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if self.until <= self.since:
            raise PydanticCustomError("interval", "`to` must lie after `from`")
        if self.until - self.since > LONGEST:
            raise PydanticCustomError("interval", "a request spans at most 31 days; narrow it down with the asker")
        if self.village_code is None and not self.camera_ids:
            raise PydanticCustomError("about", "name the village, or the cameras")
        return self


async def receive(store: Store, new: NewRequest, actor: Actor) -> ViewingRequest:
    """Enter a request; what it is about is held at once, and the time to answer runs.

    Raises NotFound for a village or camera outside the actor's scope, Invalid for a receipt in the future or long ago.
    """
    now, policy = store.clock(), store.policy.requests
    received = new.received_at or now
    if not now - EARLIEST <= received <= now:
        raise invalid("received_at", "interval", f"it came at most {EARLIEST.days} days ago, and not in the future")
    identity = uuid7()
    async with store.write() as conn:
        place = None
        if new.village_code is not None:
            place = await village_no(conn, new.village_code)
            scope.require(actor, new.village_code)
        about = await _cameras(conn, new.camera_ids, place, of_actor(actor))
        values = new.model_dump(
            exclude={"village_code", "camera_ids", "since", "until", "received_at", "hold"}, mode="json"
        )
        number = await conn.scalar(
            sa.insert(requests)
            .values(
                id=identity,
                number=await _number(conn, received, store),
                place_no=place,
                starts_at=new.since,
                ends_at=new.until,
                received_at=received,
                received_by=actor.user.name,
                received_by_no=actor.user.no or None,
                due_at=_due(store, received),
                held_until=now + timedelta(days=policy.hold_days) if new.hold else None,
                **values,
            )
            .returning(requests.c.no)
        )
        rows = [{"request_no": number, "camera_no": camera_no} for camera_no in sorted(about.values())]
        await conn.execute(sa.insert(request_cameras), rows)
        row = (await conn.execute(SELECT.where(requests.c.no == number))).one()
        (made,) = await told(conn, [row], of_actor(actor), now)
        await audit.append(
            conn,
            actor,
            "request.receive",
            now=now,
            cameras=sorted(about),
            span=(new.since, new.until),
            detail=audit.describe(request=made.number, relation=new.relation, due=made.due_at, held=made.held_until),
            count=len(about),
        )
    return made


def _due(store: Store, received: datetime) -> datetime:
    law = store.policy
    if law.requests.answer_in == "days":
        return received + timedelta(days=law.requests.answer_days)
    return workdays.after(received, law.requests.answer_days, law.calendar, store.tz)


async def _cameras(conn: AsyncConnection, ids: Collection[UUID], place: int | None, seen: Scope) -> dict[UUID, int]:
    """Numbers of the cameras asked for, or of all in the village."""
    if ids:
        return {one: row.no for one, row in (await named(conn, ids, seen)).items()}
    wanted = sa.select(cameras.c.id, cameras.c.no).where(cameras.c.village_no == place).limit(MOST_CAMERAS)
    found = {row.id: int(row.no) for row in await conn.execute(wanted)}
    if not found:
        raise invalid("village_code", "no_cameras", "the village has no camera; nothing was recorded there")
    return found


async def _number(conn: AsyncConnection, received: datetime, store: Store) -> str:
    """The next number of the year of receipt: 2026-0001."""
    year = f"{received.astimezone(store.tz).year}-"
    last = await conn.scalar(sa.select(sa.func.max(requests.c.number)).where(requests.c.number.startswith(year)))
    return f"{year}{int(last[5:]) + 1 if last else 1:04d}"

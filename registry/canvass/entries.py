"""The list itself: who is on it, and what he said."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, cameras, cases
from registry.canvass.model import (
    ASKABLE,
    MOST_ENTRIES,
    Canvass,
    Entry,
    EntryState,
    candidates_of,
    entries_of,
    entry_row,
)
from registry.columns import AnyRow
from registry.errors import Conflict
from registry.inputs import Input, Latitude, Line, Longitude, Name, Short, invalid
from registry.model import Actor
from registry.scope import of_actor
from registry.store import Store
from registry.tables import canvass_entries

Days = Annotated[int, Field(ge=0, le=365)]


class NewEntry(Input):
    """Somebody to ask: one of the hub's cameras, or whom the officer names, with or without a place on the map."""

    camera_id: UUID | None = None
    name: Name | None = None
    """Empty only of a camera that is known: then it is that camera's."""
    address: Line = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    contact: Short = ""
    has_camera: bool | None = None
    kept_days: Days | None = None
    """How many days his recorder keeps; not told: unknown."""
    note: Line = ""

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.name is None and self.camera_id is None:
            raise PydanticCustomError("name", "say who it is, or which camera")
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("position", "a position has a latitude and a longitude")
        return self


class EntryChange(Input):
    """What to change of an entry; what is not given stays. `has_camera` or `kept_days` as null is unknown again."""

    expected_revision: Annotated[int, Field(ge=1)]
    state: EntryState | None = None
    name: Name | None = None
    address: Line | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    contact: Short | None = None
    has_camera: bool | None = None
    kept_days: Days | None = None
    note: Line | None = None

    @model_validator(mode="after")
    def _is_a_place(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("position", "a position has a latitude and a longitude")
        return self


_UNKNOWN = frozenset({"has_camera", "kept_days"})


async def look(store: Store, case_id: UUID, actor: Actor) -> Canvass:
    """The list of a case. They are people's names, so that reading them is on record.

    Raises NotFound, and Denied for one who only oversees the case.
    """
    now = store.clock()
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        found = Canvass(
            await entries_of(conn, case, now),
            await candidates_of(conn, store, case, actor),
            store.policy.uploads.link_days,
        )
        detail = audit.describe(case=case.number)
        await audit.append(conn, actor, "canvass.look", now=now, detail=detail, count=len(found.entries))
    return found


async def add(store: Store, case_id: UUID, new: NewEntry, actor: Actor) -> Entry:
    """Put somebody on the list. Raises NotFound, Conflict (canvass_listed) for a camera that is on it, or when full."""
    now = store.clock()
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        count = sa.select(sa.func.count()).where(canvass_entries.c.case_no == case.no)
        if int(await conn.scalar(count) or 0) >= MOST_ENTRIES:
            raise Conflict("the list is full", code="canvass_full", most=MOST_ENTRIES)
        values = new.model_dump(exclude={"camera_id"}) | {"id": uuid7()}
        if new.camera_id is not None:
            values |= await _of_camera(conn, case, new, actor)
        made = {"made_by": actor.user.name, "made_at": now, "changed_at": now, "state": EntryState.TO_VISIT.value}
        await conn.execute(sa.insert(canvass_entries).values(case_no=case.no, **values, **made))
        (entry,) = await entries_of(conn, case, now, canvass_entries.c.id == values["id"])
        await _note(conn, actor, "canvass.add", case, entry, now=now)
    return entry


async def _of_camera(conn: AsyncConnection, case: AnyRow, new: NewEntry, actor: Actor) -> dict[str, object]:
    """What the register knows of a camera goes where nothing else was said."""
    row = await cameras.row_of(conn, UUID(str(new.camera_id)), of_actor(actor))
    if row.kind not in ASKABLE:
        raise invalid("camera_id", "not_askable", "the force's own cameras are looked at, not asked for")
    twice = sa.select(canvass_entries.c.no).where(
        canvass_entries.c.case_no == case.no, canvass_entries.c.camera_no == row.no
    )
    if await conn.scalar(twice):
        raise Conflict("the camera is on the list already", code="canvass_listed")
    return {
        "camera_no": row.no,
        "has_camera": True,
        "name": new.name or row.name,
        "address": new.address or row.address,
        "contact": new.contact or row.owner_contact,
        "lat": row.lat if new.lat is None else new.lat,
        "lon": row.lon if new.lon is None else new.lon,
    }


async def change(store: Store, case_id: UUID, entry_id: UUID, wanted: EntryChange, actor: Actor) -> Entry:
    """Write down what somebody said. Raises NotFound, Conflict (canvass_stale)."""
    now = store.clock()
    given = wanted.model_dump(exclude_unset=True, exclude={"expected_revision"}, mode="json")
    values = {name: value for name, value in given.items() if value is not None or name in _UNKNOWN}
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        row = await entry_row(conn, case.no, entry_id)
        if row.revision != wanted.expected_revision:
            raise Conflict("somebody changed the entry meanwhile; read it again", code="canvass_stale")
        await put(conn, row, now, **values)
        (entry,) = await entries_of(conn, case, now, canvass_entries.c.no == row.no)
        changed = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
        await _note(conn, actor, "canvass.change", case, entry, now=now, changed=changed)
    return entry


async def put(conn: AsyncConnection, row: AnyRow, now: datetime, **values: object) -> None:
    """Keep columns of an entry, as its next revision."""
    changed = sa.update(canvass_entries).where(canvass_entries.c.no == row.no)
    await conn.execute(changed.values(revision=row.revision + 1, changed_at=now, **values))


async def _note(
    conn: AsyncConnection, actor: Actor, action: str, case: AnyRow, entry: Entry, *, now: datetime, **more: object
) -> None:
    detail = audit.describe(case=case.number, entry=entry.id, name=entry.name, state=entry.state, **more)
    about = [] if entry.camera_id is None else [entry.camera_id]
    await audit.append(conn, actor, action, now=now, cameras=about, detail=detail)

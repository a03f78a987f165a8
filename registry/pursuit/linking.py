"""Links between sightings: possible, or confirmed by an officer; said anew, never erased."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict
from registry.inputs import Input, Line, invalid
from registry.model import Access
from registry.pursuit import sightings, working
from registry.pursuit.things import Thing
from registry.store import Store
from registry.tables import case_blocks, case_links, roads
from registry.travel import Mode

_Revision = Annotated[int, Field(ge=0, le=10**6)]


class LinkState(StrEnum):
    """What a link is worth: drawn dashed, drawn solid, or taken back."""

    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class NewLink(Input):
    """That it went from one sighting to a later one, how, and how sure; `expected_revision` as it was read, 0: new."""

    from_thing: Thing
    to_thing: Thing
    state: LinkState
    way: Mode
    note: Line = ""
    expected_revision: _Revision = 0

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.from_thing == self.to_thing:
            raise PydanticCustomError("link_self", "a sighting is not linked to itself")
        return self


@dataclass(frozen=True, slots=True)
class SightingLink:
    """A link as it stands; `revision` counts what was said of it."""

    from_thing: str
    to_thing: str
    state: LinkState
    way: Mode
    note: str
    revision: int
    linked_by: str
    linked_at: datetime


def _link(row: AnyRow) -> SightingLink:
    return SightingLink(
        from_thing=row.from_thing,
        to_thing=row.to_thing,
        state=LinkState(row.state),
        way=Mode(row.way),
        note=row.note,
        revision=row.revision,
        linked_by=row.linked_by,
        linked_at=row.linked_at,
    )


async def of_case(conn: AsyncConnection, case_no: int) -> tuple[SightingLink, ...]:
    """The links of a case as they stand, in the order they were first made; those taken back too."""
    rows = await conn.execute(sa.select(case_links).where(case_links.c.case_no == case_no).order_by(case_links.c.no))
    found: dict[tuple[str, str], SightingLink] = {}
    for row in rows:
        found[row.from_thing, row.to_thing] = _link(row)
    return tuple(found.values())


async def link(store: Store, access: Access, case_id: UUID, new: NewLink) -> SightingLink:
    """Say that it went from one sighting to another, or take that back.

    Raises Denied, NotFound, Invalid for what is no sighting of the case or runs backwards in time, Conflict
    (link_stale).
    """
    told = new.model_dump(mode="json", exclude={"expected_revision"})
    async with audit.refused(store, access, "case.link", detail=told), store.write() as conn:
        working.reach(store, access)
        case = await working.open_case(conn, store, access, case_id, lock=True)
        seen = {one.thing: one for one in await sightings.of_case(conn, case)}
        for path, thing in (("from_thing", new.from_thing), ("to_thing", new.to_thing)):
            if thing not in seen and new.state is not LinkState.WITHDRAWN:
                raise invalid(path, "no_sighting", "it is no sighting of the case: star it, or bookmark it as one")
        if new.state is not LinkState.WITHDRAWN and seen[new.to_thing].at < seen[new.from_thing].at:
            raise invalid("to_thing", "link_backwards", "a link runs from the earlier sighting to the later")
        pair = (case_links.c.from_thing == new.from_thing, case_links.c.to_thing == new.to_thing)
        last = await conn.scalar(
            sa.select(sa.func.max(case_links.c.revision)).where(case_links.c.case_no == case.no, *pair)
        )
        if (last or 0) != new.expected_revision:
            raise Conflict("somebody changed the link meanwhile; look again", code="link_stale")
        values = {**told, "case_no": case.no, "revision": new.expected_revision + 1}
        values |= {"linked_by": access.actor.user.name, "linked_at": store.clock()}
        row = (await conn.execute(sa.insert(case_links).values(**values).returning(case_links))).one()
        await audit.append(
            conn,
            access.actor,
            "case.link",
            now=store.clock(),
            cameras=sightings.cameras_of(seen[one] for one in (new.from_thing, new.to_thing) if one in seen),
            purpose=access.purpose,
            detail=audit.describe(case=case.number, **told),
        )
        return _link(row)


class NewBlock(Input):
    """That a road cannot be passed as far as this case goes (water, a ditch, a locked gate), or can again."""

    road_id: UUID
    blocked: bool
    note: Line = ""
    expected_revision: _Revision = 0


@dataclass(frozen=True, slots=True)
class Block:
    """What was last said of a road in a case."""

    road_id: UUID
    blocked: bool
    note: str
    revision: int
    said_by: str
    said_at: datetime


def _block(row: AnyRow) -> Block:
    return Block(row.road_id, row.blocked, row.note, row.revision, row.said_by, row.said_at)


async def blocks_of(conn: AsyncConnection, case_no: int) -> tuple[Block, ...]:
    """What was last said of each road in a case."""
    rows = await conn.execute(sa.select(case_blocks).where(case_blocks.c.case_no == case_no).order_by(case_blocks.c.no))
    return tuple({row.road_id: _block(row) for row in rows}.values())


def blocked(said: Collection[Block]) -> frozenset[UUID]:
    """The roads that cannot be passed."""
    return frozenset(one.road_id for one in said if one.blocked)


async def block(store: Store, access: Access, case_id: UUID, new: NewBlock) -> Block:
    """Mark a road as blocked for this case, or as open again.

    Raises Denied, NotFound, Invalid for a road that is not on the map, Conflict (block_stale).
    """
    told = new.model_dump(mode="json", exclude={"expected_revision"})
    async with audit.refused(store, access, "case.block", detail=told), store.write() as conn:
        working.reach(store, access)
        case = await working.open_case(conn, store, access, case_id, lock=True)
        if await conn.scalar(sa.select(roads.c.no).where(roads.c.id == new.road_id)) is None:
            raise invalid("road_id", "road_unknown", "no such road")
        last = await conn.scalar(
            sa.select(sa.func.max(case_blocks.c.revision)).where(
                case_blocks.c.case_no == case.no, case_blocks.c.road_id == new.road_id
            )
        )
        if (last or 0) != new.expected_revision:
            raise Conflict("somebody changed it meanwhile; look again", code="block_stale")
        values = {
            "case_no": case.no,
            "road_id": new.road_id,
            "revision": new.expected_revision + 1,
            "blocked": new.blocked,
            "note": new.note,
            "said_by": access.actor.user.name,
            "said_at": store.clock(),
        }
        row = (await conn.execute(sa.insert(case_blocks).values(**values).returning(case_blocks))).one()
        await audit.append(
            conn,
            access.actor,
            "case.block",
            now=store.clock(),
            purpose=access.purpose,
            detail=audit.describe(case=case.number, **told),
        )
        return _block(row)

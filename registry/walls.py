"""Walls people saved: which cameras in which layout, in turn or as things happen; one's own, or shared.

A wall names cameras, it shows none: watching them is asked for each (`registry.live`). Of a shared wall everybody reads
the cameras in his own villages and no others, and one that no longer is is left out: its tile stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, scope
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Name, PlaceCode, invalid
from registry.model import Actor
from registry.permissions import Permission, allow
from registry.scope import in_scope
from registry.store import Store
from registry.tables import cameras, places, users, walls

MOST_WALLS = 200
"""Walls of one user."""
MOST_LISTED = 1000
"""Walls of a list: one's own come first."""
Layout = Literal["1", "4", "9", "16", "25", "1+5", "1+7"]
TILES = MappingProxyType({"1": 1, "4": 4, "9": 9, "16": 16, "25": 25, "1+5": 6, "1+7": 8})
"""How many tiles a layout has."""


class Rotation(Input):
    """Cameras shown in turn: those named, then those of a place; each page for `dwell_s` seconds."""

    cameras: tuple[UUID, ...] = Field((), max_length=500)
    prefix: PlaceCode | None = None
    dwell_s: int = Field(10, ge=5, le=600)

    @model_validator(mode="after")
    def _turns(self) -> Self:
        if not self.cameras and self.prefix is None:
            raise PydanticCustomError("cameras", "name cameras or a place to turn through")
        return self


class Activity(Input):
    """Cameras that are brought up while something happens there, and for `hold_s` seconds after; empty lists: all."""

    prefixes: tuple[PlaceCode, ...] = Field((), max_length=50)
    cameras: tuple[UUID, ...] = Field((), max_length=500)
    hold_s: int = Field(30, ge=5, le=600)


class WallBody(Input):
    """What a wall shows. `tiles` are its cameras from top left on, null where one is empty."""

    layout: Layout
    tiles: tuple[UUID | None, ...] = Field((), max_length=25)
    rotation: Rotation | None = None
    activity: Activity | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.tiles) > TILES[self.layout]:
            raise PydanticCustomError("tiles", "more tiles than the layout has")
        if self.rotation is not None and self.activity is not None:
            raise PydanticCustomError("rotation", "a wall turns, or follows what happens, not both")
        return self


class NewWall(Input):
    """A wall to keep."""

    name: Name
    shared: bool = False
    body: WallBody


class WallChange(NewWall):
    """A wall as it shall be from now on; the revision that was read guards against another's change meanwhile."""

    expected_revision: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall as one reader gets it: `mine` says that he may change it."""

    id: UUID
    revision: int
    name: str
    owner: str
    mine: bool
    shared: bool
    body: WallBody
    updated_at: datetime


_SELECT = sa.select(walls, users.c.name.label("owner")).join(users, users.c.no == walls.c.owner_no)


def _named(body: WallBody) -> set[UUID]:
    found = {camera for camera in body.tiles if camera is not None}
    for part in (body.rotation, body.activity):
        found |= set(part.cameras) if part is not None else set()
    return found


def _shown(body: WallBody, seen: set[UUID]) -> WallBody:
    """The body without cameras that are not in `seen`."""

    def kept(named: Iterable[UUID]) -> tuple[UUID, ...]:
        return tuple(camera for camera in named if camera in seen)

    rotation, activity = body.rotation, body.activity
    return body.model_copy(
        update={
            "tiles": tuple(camera if camera in seen else None for camera in body.tiles),
            "rotation": rotation and rotation.model_copy(update={"cameras": kept(rotation.cameras)}),
            "activity": activity and activity.model_copy(update={"cameras": kept(activity.cameras)}),
        }
    )


async def _visible(conn: AsyncConnection, actor: Actor, wanted: set[UUID]) -> set[UUID]:
    """Those of the cameras that are there and in the actor's villages."""
    rows = (
        sa.select(cameras.c.id)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.removed_at.is_(None), in_scope(places.c.code, scope.of_actor(actor)))
    )
    # A few thousand cameras may be named by many walls together; a county's cameras are not more.
    rows = rows.where(cameras.c.id.in_(wanted)) if len(wanted) <= 1000 else rows  # noqa: PLR2004
    return set(await conn.scalars(rows)) & wanted


async def _as_read(conn: AsyncConnection, rows: Iterable[AnyRow], actor: Actor) -> tuple[Wall, ...]:
    read = [(row, WallBody.model_validate(row.body)) for row in rows]
    seen = await _visible(conn, actor, {camera for _, body in read for camera in _named(body)})
    return tuple(
        Wall(
            id=row.id,
            revision=row.revision,
            name=row.name,
            owner=row.owner,
            mine=row.owner_no == actor.user.no,
            shared=row.shared,
            body=_shown(body, seen),
            updated_at=row.updated_at,
        )
        for row, body in read
    )


async def _check(conn: AsyncConnection, new: NewWall, actor: Actor) -> None:
    """Raise Invalid for cameras the actor may not see, Denied for places outside his grants."""
    rotation, activity = new.body.rotation, new.body.activity
    for code in (
        *((rotation.prefix,) if rotation and rotation.prefix else ()),
        *(activity.prefixes if activity else ()),
    ):
        scope.require(actor, code)
    named = _named(new.body)
    unknown = named - await _visible(conn, actor, named)
    if unknown:
        raise invalid("body", "camera_unknown", f"no such camera: {min(map(str, unknown))}")


async def _own(conn: AsyncConnection, wall_id: UUID, actor: Actor) -> AnyRow:
    row = (await conn.execute(_SELECT.where(walls.c.id == wall_id, walls.c.owner_no == actor.user.no))).one_or_none()
    if row is None:
        raise NotFound("no such wall of yours", code="wall_unknown")
    return row


async def list_walls(store: Store, actor: Actor) -> tuple[Wall, ...]:
    """One's own walls, then those others share that show a camera one may see; by name."""
    allow(actor.user, Permission.WATCH_LIVE)
    own = walls.c.owner_no == actor.user.no
    wanted = _SELECT.where(sa.or_(own, walls.c.shared)).order_by(own.desc(), walls.c.name, walls.c.no)
    wanted = wanted.limit(MOST_LISTED)
    async with store.read() as conn:
        found = await _as_read(conn, (await conn.execute(wanted)).all(), actor)
    near = scope.of_actor(actor)
    return tuple(wall for wall in found if wall.mine or _shows(wall.body, near))


def _shows(body: WallBody, near: scope.Scope) -> bool:
    """Whether a reader of this scope finds anything on a wall that was made his."""
    prefixes = [body.rotation.prefix] if body.rotation and body.rotation.prefix else []
    prefixes += body.activity.prefixes if body.activity else ()
    everywhere = body.activity is not None and not body.activity.prefixes and not body.activity.cameras
    return everywhere or bool(_named(body)) or bool(prefixes and (near.everything or near.narrowed(prefixes).prefixes))


async def create(store: Store, new: NewWall, actor: Actor) -> Wall:
    """Keep a wall. Raises Invalid (cameras), Denied (places outside the grants), Conflict (too many walls)."""
    allow(actor.user, Permission.WATCH_LIVE)
    identity, now = uuid7(), store.clock()
    async with store.write() as conn:
        await _check(conn, new, actor)
        kept = sa.select(sa.func.count()).select_from(walls).where(walls.c.owner_no == actor.user.no)
        if (await conn.scalar(kept) or 0) >= MOST_WALLS:
            raise Conflict(f"at most {MOST_WALLS} walls; remove one first", code="walls_many")
        made = {"id": identity, "owner_no": actor.user.no, "created_at": now, "updated_at": now}
        await conn.execute(sa.insert(walls).values(**made, **_values(new)))
        await audit.append(conn, actor, "wall.create", now=now, detail=_detail(identity, new))
        (wall,) = await _as_read(conn, [await _own(conn, identity, actor)], actor)
    return wall


async def change(store: Store, wall_id: UUID, wanted: WallChange, actor: Actor) -> Wall:
    """Replace one's own wall. Raises NotFound, Conflict (wall_stale) when it was changed meanwhile, as `create`."""
    allow(actor.user, Permission.WATCH_LIVE)
    now = store.clock()
    async with store.write() as conn:
        row = await _own(conn, wall_id, actor)
        await _check(conn, wanted, actor)
        raised = await conn.execute(
            sa.update(walls)
            .where(walls.c.no == row.no, walls.c.revision == wanted.expected_revision)
            .values(revision=walls.c.revision + 1, updated_at=now, **_values(wanted))
        )
        if raised.rowcount != 1:
            raise Conflict("the wall was changed meanwhile; read it again", code="wall_stale")
        await audit.append(conn, actor, "wall.change", now=now, detail=_detail(wall_id, wanted))
        (wall,) = await _as_read(conn, [await _own(conn, wall_id, actor)], actor)
    return wall


async def remove(store: Store, wall_id: UUID, actor: Actor) -> None:
    """Take one's own wall away. Raises NotFound."""
    allow(actor.user, Permission.WATCH_LIVE)
    async with store.write() as conn:
        row = await _own(conn, wall_id, actor)
        await conn.execute(sa.delete(walls).where(walls.c.no == row.no))
        detail = audit.describe(wall=wall_id, name=row.name)
        await audit.append(conn, actor, "wall.remove", now=store.clock(), detail=detail)


def _values(new: NewWall) -> dict[str, object]:
    return {"name": new.name, "shared": new.shared, "body": new.body.model_dump(mode="json")}


def _detail(wall_id: UUID, new: NewWall) -> str:
    named = len(_named(new.body))
    return audit.describe(wall=wall_id, name=new.name, shared=new.shared, layout=new.body.layout, cameras=named)

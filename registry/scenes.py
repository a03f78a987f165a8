"""What is looked for in a camera's picture: masks, zones, lines and rules, in revisions that are never changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, masks
from registry.approvals.grants import granted
from registry.approvals.unmask import UnmaskAsk
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.inputs import Input, Minute, Name
from registry.model import Actor, EventKind, LabelGroup
from registry.model import Polygon as Outline
from registry.outlines import Point, Polygon, Share
from registry.scope import EVERYTHING, Scope, in_scope, of_actor
from registry.store import Store, raise_revision
from registry.tables import cameras, places, scenes, unmaskings

_MANY = masks.MOST

LocalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]


class Zone(Input):
    """A named area; a track is in it when its foot point is."""

    id: LocalId
    name: Name
    points: Polygon


class Line(Input):
    """A named line from `a` to `b`. Seen along a→b, crossing from left to right of the picture's travel is `in`."""

    id: LocalId
    name: Name
    a: Point
    b: Point
    in_name: Name = "in"
    out_name: Name = "out"

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.a == self.b:
            raise PydanticCustomError("line", "the line has no length; draw it longer")
        return self


class Schedule(Input):
    """Local hours in which a rule holds: [from, to) in minutes after midnight, over midnight when from > to."""

    from_minute: Minute
    to_minute: Minute


class Rule(Input):
    """What makes an event. `zone` for zone_entered (and optionally object), `line` for line_crossed."""

    id: LocalId
    name: Name
    kind: EventKind
    zone: LocalId | None = None
    line: LocalId | None = None
    groups: frozenset[LabelGroup] = frozenset()
    """Empty: every group."""
    labels: frozenset[Name] = Field(frozenset(), max_length=_MANY)
    """Empty: every label of the groups."""
    min_score: Share = 0.3
    direction: Literal["in", "out"] | None = None
    """For line_crossed; None: both."""
    schedule: Schedule | None = None
    enabled: bool = True

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        if self.kind is EventKind.ZONE_ENTERED and self.zone is None:
            raise PydanticCustomError("zone", "a zone_entered rule names its zone")
        if (self.line is not None) != (self.kind is EventKind.LINE_CROSSED):
            raise PydanticCustomError("line", "a line_crossed rule names its line, and no other rule does")
        if self.direction is not None and self.line is None:
            raise PydanticCustomError("direction", "only a line_crossed rule has a direction")
        return self


class Scene(Input):
    """All that a camera's pipeline needs to know of its view; points are shares of the picture."""

    masks: tuple[Polygon, ...] = Field((), max_length=_MANY)
    zones: tuple[Zone, ...] = Field((), max_length=_MANY)
    lines: tuple[Line, ...] = Field((), max_length=_MANY)
    rules: tuple[Rule, ...] = Field((), max_length=_MANY)

    @model_validator(mode="after")
    def _refers_to_itself(self) -> Self:
        zones, lines = [one.id for one in self.zones], [one.id for one in self.lines]
        for what, ids in (("zone", zones), ("line", lines), ("rule", [one.id for one in self.rules])):
            if len(ids) != len(set(ids)):
                raise PydanticCustomError("doubled", "two {what}s have the same id", {"what": what})
        for rule in self.rules:
            if rule.zone is not None and rule.zone not in zones:
                raise PydanticCustomError(
                    "zone_unknown", "rule {rule} names a zone that is not there", {"rule": rule.id}
                )
            if rule.line is not None and rule.line not in lines:
                raise PydanticCustomError(
                    "line_unknown", "rule {rule} names a line that is not there", {"rule": rule.id}
                )
        return self

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, sets sorted, so that equal scenes are equal texts."""
        found: dict[str, Any] = self.model_dump(mode="json")
        for rule in found["rules"]:
            rule["groups"], rule["labels"] = sorted(rule["groups"]), sorted(rule["labels"])
        return found


def masks_of(body: Mapping[str, Any]) -> tuple[Outline, ...]:
    """The masks of a scene's stored body."""
    return tuple(tuple((x, y) for x, y in mask) for mask in body.get("masks") or ())


DEFAULT_SCENE = Scene(
    rules=(
        Rule(
            id="object",
            name="object",
            kind=EventKind.OBJECT,
            groups=frozenset({LabelGroup.PERSON, LabelGroup.TWO_WHEELER, LabelGroup.VEHICLE, LabelGroup.ANIMAL}),
        ),
        Rule(id="unknown", name="unknown", kind=EventKind.UNKNOWN_MOVING, groups=frozenset({LabelGroup.UNKNOWN})),
    )
)
"""Revision 0 of every camera: everything the detector names, and whatever else moves."""


@dataclass(frozen=True, slots=True)
class SceneAt:
    """One revision of a camera's scene."""

    revision: int
    scene: Scene
    created_by: str
    created_at: datetime


async def camera_of(conn: AsyncConnection, camera_id: UUID, scope: Scope = EVERYTHING) -> AnyRow:
    """A camera's row, as far as its scene goes. Raises NotFound."""
    wanted = (
        sa.select(cameras.c.no, cameras.c.id, cameras.c.scene_revision, cameras.c.created_at)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id == camera_id, cameras.c.removed_at.is_(None), in_scope(places.c.code, scope))
    )
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such camera", code="camera_unknown")
    return row


async def get(store: Store, camera_id: UUID, revision: int | None = None, *, scope: Scope = EVERYTHING) -> SceneAt:
    """A camera's scene, the newest unless a revision is named. Raises NotFound for an unknown camera or revision."""
    async with store.read() as conn:
        camera = await camera_of(conn, camera_id, scope)
        wanted = camera.scene_revision if revision is None else revision
        if wanted == 0:
            return SceneAt(0, DEFAULT_SCENE, "", camera.created_at)
        row = (
            await conn.execute(sa.select(scenes).where(scenes.c.camera_no == camera.no, scenes.c.revision == wanted))
        ).one_or_none()
    if row is None:
        raise NotFound(f"the camera has no scene revision {wanted}", code="scene_unknown")
    return SceneAt(row.revision, Scene.model_validate(row.body), row.created_by, row.created_at)


async def put(
    store: Store,
    camera_id: UUID,
    scene: Scene,
    actor: Actor,
    expected_revision: int | None = None,
    *,
    approval_id: UUID | None = None,
) -> SceneAt:
    """Keep a new revision.

    Masks that hide less than those in force need the actor's own granted approval, used once (L10). Raises NotFound
    outside the actor's scope, Conflict (scene_stale) when the scene changed meanwhile, (approval_used), Denied
    (unmask_needs_approval; unmask_beyond where the masks hide less than was approved).
    """
    before = await get(store, camera_id, scope=of_actor(actor))
    if expected_revision not in (None, before.revision):
        raise _stale(before.revision)
    bares, more = await asyncio.to_thread(_compared, before.scene, scene)
    now = store.clock()
    async with store.write() as conn:
        await raise_revision(conn)
        camera = await camera_of(conn, camera_id, of_actor(actor))
        if bares:
            await _lift(conn, camera, before, scene, actor, now=now, approval_id=approval_id)
        return await keep(conn, camera, before, scene, actor, now=now, more=more)


def _compared(before: Scene, after: Scene) -> tuple[bool, bool]:
    """Whether a scene bares what another masks, and whether it masks more."""
    return not masks.covers(after.masks, before.masks), not masks.covers(before.masks, after.masks)


async def _lift(
    conn: AsyncConnection,
    camera: AnyRow,
    before: SceneAt,
    scene: Scene,
    actor: Actor,
    *,
    now: datetime,
    approval_id: UUID | None,
) -> None:
    """Use an approval to bare something, once, and note when that ends."""
    if approval_id is None:
        raise Denied(
            "these masks hide less than those in force: ask for approval where they are drawn",
            code="unmask_needs_approval",
        )
    grant = await granted(conn, approval_id, UnmaskAsk, actor.user, now)
    if grant.asked.camera_id != camera.id:
        raise Denied("that was approved for another camera", code="unmask_beyond")
    if not await asyncio.to_thread(masks.covers, scene.masks, grant.asked.masks):
        raise Denied("these masks hide less than was approved", code="unmask_beyond")
    if await conn.scalar(sa.select(unmaskings.c.no).where(unmaskings.c.approval_id == approval_id)):
        raise Conflict("this approval was used; ask for another", code="approval_used")
    lasts = grant.asked.lasts_hours
    await conn.execute(
        sa.insert(unmaskings).values(
            camera_no=camera.no,
            revision=before.revision + 1,
            approval_id=approval_id,
            masks=before.scene.as_json()["masks"],
            lifted_at=now,
            lifted_by=actor.user.name,
            ends_at=None if lasts is None else now + timedelta(hours=lasts),
        )
    )


async def keep(
    conn: AsyncConnection, camera: AnyRow, before: SceneAt, scene: Scene, actor: Actor, *, now: datetime, more: bool
) -> SceneAt:
    """Write the revision after `before`; `more` says that it masks what that did not. Raises Conflict (scene_stale)."""
    since = now if more else cameras.c.masked_since if scene.masks else None
    after = before.revision + 1
    raised = await conn.execute(
        sa.update(cameras)
        .where(cameras.c.no == camera.no, cameras.c.scene_revision == before.revision)
        .values(scene_revision=after, masked_since=since)
    )
    if raised.rowcount != 1:
        raise _stale(int(camera.scene_revision))
    await conn.execute(
        sa.insert(scenes).values(
            camera_no=camera.no,
            revision=after,
            body=scene.as_json(),
            created_by=actor.user.name,
            created_at=now,
        )
    )
    detail = audit.describe(revision=after, masks=len(scene.masks), rules=len(scene.rules))
    await audit.append(conn, actor, "scene.put", now=now, cameras=[camera.id], detail=detail)
    return SceneAt(after, scene, actor.user.name, now)


def _stale(revision: int) -> Conflict:
    return Conflict("the scene was changed meanwhile; read it again", code="scene_stale", revision=revision)

"""What is looked for in a camera's picture: masks, zones, lines and rules, in revisions that are never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Minute, Name
from registry.model import Actor, EventKind, LabelGroup
from registry.scope import EVERYTHING, Scope, in_scope, of_actor
from registry.store import Store, raise_revision
from registry.tables import cameras, places, scenes

_LEAST_AREA = 1e-6
"""Share of the picture below which a polygon is a stroke, not an area (a pixel of a 1000 × 1000 picture)."""
_MANY = 32

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Point = tuple[Share, Share]
LocalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]


def _turn(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of the triangle a, b, c."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _on(a: Point, b: Point, c: Point) -> bool:
    """Whether c, on the line through a and b, lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def segments_meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the closed segments ab and cd have a point in common."""
    t1, t2, t3, t4 = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if ((t1 > 0) != (t2 > 0)) and ((t3 > 0) != (t4 > 0)) and 0 not in (t1, t2, t3, t4):
        return True
    return (
        (t1 == 0 and _on(a, b, c))
        or (t2 == 0 and _on(a, b, d))
        or (t3 == 0 and _on(c, d, a))
        or (t4 == 0 and _on(c, d, b))
    )


def is_simple(points: tuple[Point, ...]) -> bool:
    """Whether a closed polygon neither crosses nor touches itself, and no corner is doubled or folds back."""
    count = len(points)
    edges = list(pairwise((*points, points[0])))
    for i, (a, b) in enumerate(edges):
        if a == b:
            return False
        after = edges[(i + 1) % count]
        if (
            _turn(a, b, after[1]) == 0
            and (b[0] - a[0]) * (after[1][0] - b[0]) + (b[1] - a[1]) * (after[1][1] - b[1]) < 0
        ):
            return False
        for j in range(i + 2, count):
            if (j + 1) % count != i and segments_meet(a, b, *edges[j]):
                return False
    return True


def area(points: tuple[Point, ...]) -> float:
    """The polygon's area in shares of the picture (shoelace formula)."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise((*points, points[0])))) / 2


def _polygon(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if not is_simple(points):
        raise PydanticCustomError("self_intersection", "the outline crosses or touches itself; draw it anew")
    if area(points) < _LEAST_AREA:
        raise PydanticCustomError("area", "the outline holds no area; draw it larger")
    return points


Polygon = Annotated[tuple[Point, ...], Field(min_length=3, max_length=64), AfterValidator(_polygon)]


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


async def _camera(conn: AsyncConnection, camera_id: UUID, scope: Scope) -> AnyRow:
    wanted = (
        sa.select(cameras.c.no, cameras.c.scene_revision, cameras.c.created_at)
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
        camera = await _camera(conn, camera_id, scope)
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
    store: Store, camera_id: UUID, scene: Scene, actor: Actor, expected_revision: int | None = None
) -> SceneAt:
    """Keep a new revision. Raises NotFound outside the actor's scope, Conflict when the scene changed meanwhile."""
    now = store.clock()
    async with store.write() as conn:
        await raise_revision(conn)
        camera = await _camera(conn, camera_id, of_actor(actor))
        old = int(camera.scene_revision)
        if expected_revision not in (None, old):
            raise Conflict("the scene was changed meanwhile; read it again", code="scene_stale", revision=old)
        raised = await conn.execute(
            sa.update(cameras)
            .where(cameras.c.no == camera.no, cameras.c.scene_revision == old)
            .values(scene_revision=old + 1)
        )
        if raised.rowcount != 1:
            raise Conflict("the scene was changed meanwhile; read it again", code="scene_stale", revision=old)
        await conn.execute(
            sa.insert(scenes).values(
                camera_no=camera.no,
                revision=old + 1,
                body=scene.as_json(),
                created_by=actor.user.name,
                created_at=now,
            )
        )
        detail = audit.describe(revision=old + 1, masks=len(scene.masks), rules=len(scene.rules))
        await audit.append(conn, actor, "scene.put", now=now, cameras=[camera_id], detail=detail)
    return SceneAt(old + 1, scene, actor.user.name, now)

"""A survey: what a GeoJSON file says of the ground of a place, compared with what is drawn, and then drawn.

A dry run tells feature by feature what would be added, changed or refused; the same run with `apply` does it in one
transaction, leaving out what is refused. Run again, it finds everything as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, entrances, roads
from registry.columns import AnyRow
from registry.datum import Datum, to_wgs84
from registry.drawn import Area, Known, known_of
from registry.entrances import MOST_OF_A_VILLAGE, NewEntrance
from registry.geography import positions, write_boundary
from registry.geojson import Feature, Refused, What, read
from registry.geometry import Position, distance, holds
from registry.model import Actor
from registry.roads import MOST_OF_A_PLACE, NewRoad
from registry.store import Store
from registry.tables import entrances as entrance_table
from registry.tables import roads as road_table

_FAR_M = 150_000
"""No county is as wide: what lies farther off than this from everything known is another county's."""
_VILLAGE = 12

Action = Literal["add", "change", "same", "refuse"]


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one feature: `reason` says why it is refused, `doubts` what to look at before applying."""

    index: int
    what: What | None
    name: str
    place_code: str | None
    action: Action
    reason: str | None = None
    hint: str = ""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file brings, or brought when `applied`."""

    applied: bool
    added: int
    changed: int
    unchanged: int
    refused: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """A feature with its place and, when it is drawn already, the row."""

    feature: Feature
    place: AnyRow
    old: AnyRow | None
    cameras: tuple[UUID, ...] = ()


async def run(
    store: Store, code: str, document: object, actor: Actor, *, datum: Datum = Datum.WGS84, apply: bool = False
) -> Survey:
    """Compare a document with what is drawn of the place `code` and below, and draw it when `apply`.

    Raises NotFound for the place, Denied outside the actor's scope, Invalid when the document as a whole is wrong.
    """
    # Judging thousands of corners takes a while: the loop goes on meanwhile.
    good, bad = await asyncio.to_thread(read, document, datum)
    async with store.write() if apply else store.read() as conn:
        known = await known_of(conn, code, actor)
        judged, matches = await asyncio.to_thread(_judge_all, good, known, datum)
        found = _survey([*map(_refusal, bad), *judged], applied=apply)
        if apply:
            for match in matches:
                await _draw(conn, match, actor)
            detail = audit.describe(code=code, added=found.added, changed=found.changed, refused=found.refused)
            await audit.append(conn, actor, "place.survey", now=store.clock(), detail=detail)
    return found


def _judge_all(good: Sequence[Feature], known: Known, datum: Datum) -> tuple[list[Step], list[_Match]]:
    """Outlines first: they say in which place a road or an entrance lies."""
    judged = [_judge(feature, known, datum) for feature in sorted(good, key=lambda one: one.what != "boundary")]
    return [step for step, _ in judged], [match for _, match in judged if match is not None]


def _survey(steps: Sequence[Step], *, applied: bool) -> Survey:
    def count(action: Action) -> int:
        return sum(step.action == action for step in steps)

    ordered = tuple(sorted(steps, key=lambda step: step.index))
    return Survey(applied, count("add"), count("change"), count("same"), count("refuse"), ordered)


def _refusal(one: Refused) -> Step:
    return Step(one.index, one.what, one.name, None, "refuse", one.code, one.hint)


def _place_of(feature: Feature, known: Known) -> str | None:
    """The code of the place a feature belongs to: told, or the place asked for, or by name, or by where it lies."""
    if feature.code is not None:
        return feature.code
    if len(known.code) == _VILLAGE:
        return known.code
    if feature.what == "boundary":
        named = [row.code for row in known.places.values() if row.name == feature.name and known.scope.covers(row.code)]
        return named[0] if len(named) == 1 else None
    holding = [code for code, outline in known.drawn.items() if outline.holds(feature.points[0])]
    return max(holding, key=len, default=None)


class _No(Exception):
    """A feature that cannot be drawn: why, and what to do."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(hint)
        self.reason, self.hint = reason, hint


def _judge(feature: Feature, known: Known, datum: Datum) -> tuple[Step, _Match | None]:
    code = _place_of(feature, known)
    try:
        place = _required_place(feature, code, known)
        old = _old(feature, place, known)
        _claim(feature, place, old, known)
    except _No as no:
        return Step(feature.index, feature.what, feature.name, code, "refuse", no.reason, no.hint), None
    match = _Match(feature, place, old, tuple(one for one in feature.cameras if one in known.camera_ids))
    action = _action(match, known)
    step = Step(
        feature.index, feature.what, feature.name or place.name, code, action, doubts=_doubts(match, known, datum)
    )
    return step, match if action != "same" else None


def _required_place(feature: Feature, code: str | None, known: Known) -> AnyRow:
    if code is None:
        raise _No("place_missing", "say in its property code which place it belongs to")
    if not known.scope.covers(code):
        raise _No("outside_place", f"it belongs to {code}, not to {known.code}")
    if code not in known.places:
        raise _No("place_unknown", f"no place has the code {code}; add it first")
    if feature.what == "entrance" and len(code) != _VILLAGE:
        raise _No("village_missing", "an entrance belongs to a village; give the village's code of 12 digits")
    nearest = min((distance(feature.points[0], one) for one in known.about), default=0.0)
    if nearest > _FAR_M:
        raise _No("far", f"it lies {nearest / 1000:.0f} km from everything else in the county")
    return known.places[code]


def _claim(feature: Feature, place: AnyRow, old: AnyRow | None, known: Known) -> None:
    """Note what the file says of a thing; refuse what it says twice, and more than a place can have."""
    if feature.what == "boundary":
        mark: object = ""
        known.drawn[place.code] = Area(feature.points)
    else:
        mark = feature.name or feature.points
    if (feature.what, place.code, mark) in known.claimed:
        raise _No("doubled", "the file says the same thing twice; keep one")
    known.claimed.add((feature.what, place.code, mark))
    if feature.what == "entrance" and any(
        row.name == feature.name and (old is None or row.no != old.no) for row in known.entrances.get(place.code, ())
    ):
        raise _No("entrance_exists", "the village has another entrance of that name")
    if old is None and feature.what != "boundary":
        most = MOST_OF_A_PLACE if feature.what == "road" else MOST_OF_A_VILLAGE
        count = known.counts.get((feature.what, place.code), 0)
        if count >= most:
            raise _No("too_many", f"a place has at most {most} of them")
        known.counts[feature.what, place.code] = count + 1


def _old(feature: Feature, place: AnyRow, known: Known) -> AnyRow | None:
    """What is drawn of the same thing already: by its id, else by its name, else by its line."""
    if feature.what == "boundary":
        return place if place.boundary is not None else None
    rows = (known.roads if feature.what == "road" else known.entrances).get(place.code, [])
    by_id = [row for row in rows if row.id == feature.id]
    by_name = [row for row in rows if feature.name and row.name == feature.name]
    by_line = [row for row in rows if feature.what == "road" and positions(row.path) == feature.points]
    return next(iter(by_id or by_name or by_line), None)


def _action(match: _Match, known: Known) -> Action:
    feature, old = match.feature, match.old
    if old is None:
        return "add"
    if feature.what == "boundary":
        same = positions(old.boundary) == feature.points
    elif feature.what == "road":
        same = old.name == feature.name and positions(old.path) == feature.points
    else:
        stands = (old.name, (old.lon, old.lat), old.bearing_deg) == (
            feature.name,
            feature.points[0],
            feature.bearing_deg,
        )
        same = stands and known.watched.get(old.no, frozenset()) == frozenset(match.cameras)
    return "same" if same else "change"


def _doubts(match: _Match, known: Known, datum: Datum) -> tuple[str, ...]:
    """What speaks against a feature: cameras nobody knows, or a shifted datum."""
    doubts = []
    if len(match.cameras) < len(match.feature.cameras):
        doubts.append("camera_unknown")
    if match.feature.what == "boundary" and _shifted(match, known, datum):
        doubts.append("datum")
    return tuple(doubts)


def _shifted(match: _Match, known: Known, datum: Datum) -> bool:
    """Whether the outline would hold more of the village's own cameras if it had been told in another datum."""
    standing = [
        (row.lon, row.lat)
        for row in known.cameras.get(match.place.code, ())
        if row.lat is not None and row.lon is not None
    ]

    def held(by: Datum) -> int:
        outline = match.feature.points if by is datum else [_as_told(one, by) for one in match.feature.given]
        return sum(holds(outline, one) for one in standing)

    return bool(standing) and any(held(other) > held(datum) for other in Datum if other is not datum)


def _as_told(given: Position, datum: Datum) -> Position:
    lat, lon = to_wgs84(given[1], given[0], datum)
    return lon, lat


async def _draw(conn: AsyncConnection, match: _Match, actor: Actor) -> None:
    feature, place, old = match.feature, match.place, match.old
    if feature.what == "boundary":
        await write_boundary(conn, place, feature.points)
    elif feature.what == "road":
        if old is None:
            await roads.insert(conn, place, NewRoad(place_code=place.code, name=feature.name, path=feature.points))
        else:
            values = {"name": feature.name, "path": list(feature.points), "revision": old.revision + 1}
            await conn.execute(sa.update(road_table).where(road_table.c.no == old.no).values(values))
    else:
        lon, lat = feature.points[0]
        standing = {"name": feature.name, "lat": lat, "lon": lon, "bearing_deg": feature.bearing_deg}
        if old is None:
            new = NewEntrance(place_code=place.code, camera_ids=match.cameras, **standing)
            await entrances.insert(conn, place, new, actor)
        else:
            values = {**standing, "revision": old.revision + 1}
            await conn.execute(sa.update(entrance_table).where(entrance_table.c.no == old.no).values(values))
            await entrances.set_cameras(conn, old.no, match.cameras, actor)

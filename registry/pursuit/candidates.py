"""The candidate strip: everybody and everything that passed one camera in the case's time, in order, nothing left out.

Events, and what moved by the motion index without an event ("motion only"). What a filter hides is counted under the
filter that hid it, so that what is shown and what is hidden is always all.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, entrances
from registry.columns import AnyRow, from_ms, to_ms
from registry.events import lawful
from registry.events.query import LONGEST_SPAN, Listed
from registry.inputs import Input, Moment, Name, invalid
from registry.model import Access, Internal, LabelGroup
from registry.motion import Stretch
from registry.pursuit import decisions, ground, motion_only, things, working
from registry.pursuit.decisions import Decided, Decision
from registry.pursuit.moved import Index
from registry.pursuit.passer import Passer
from registry.reach import Reach
from registry.spans import length
from registry.store import Store, in_turns
from registry.tables import events, labels, scenes

MOST = 20_000
"""Passers of one camera that are gone through; beyond them `cut` is set and a shorter span must be asked for."""
MOST_UNWATCHED = 200

HiddenBy = Literal["motion", "noisy", "group", "label", "direction", "short", "decision"]


class StripQuery(Input):
    """Which passers of a camera; not told: all within the case's times. The first filter that hides one counts it."""

    since: Moment | None = None
    until: Moment | None = None
    group: Annotated[tuple[LabelGroup, ...], Listed, Field(max_length=10)] = ()
    label: Annotated[tuple[Name, ...], Listed, Field(max_length=50)] = ()
    direction: Literal["in", "out"] | None = None
    min_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 0.0
    """Who stayed in view less long is hidden."""
    motion: Literal["quiet", "all", "none"] = "quiet"
    """What moved and was no event; `quiet`: not where at that hour much moves anyway (leaves, rain, a road)."""
    decision: Annotated[tuple[Decision, ...], Listed, Field(max_length=4)] = ()
    """Only what was decided so, or is `open`."""
    skip: Annotated[int, Field(ge=0, le=2 * MOST)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 200

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.since is not None and self.until is not None:
            if self.until <= self.since:
                raise PydanticCustomError("span", "until must lie after since")
            if self.until - self.since > LONGEST_SPAN:
                raise PydanticCustomError("span", "at most 400 days at once")
        return self


@dataclass(frozen=True, slots=True)
class Dark:
    """A stretch in which nothing would have been seen."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Strip:
    """One camera's passers in time order. `total` = what is shown on all pages + the sum of `hidden`, unless `cut`.

    Of what moved `moved` episodes are events on the strip, as they share time with one, and `motion_more` further ones
    are beyond what is gone through. `unwatched` are the times when nothing can be known of the camera: that nobody is
    on the strip then says nothing.
    """

    audit_no: Internal
    camera_id: UUID
    camera_name: str
    village_name: str
    entrances: tuple[str, ...]
    since: datetime
    until: datetime
    total: int
    hidden: dict[HiddenBy, int]
    cut: bool
    moved: int
    motion_more: int
    decided: dict[Decision, int]
    unwatched_s: int
    unwatched: tuple[Dark, ...]
    candidates: tuple[Passer, ...]
    next_skip: int | None


def span_of(case: AnyRow, reach: Reach, query: StripQuery, now: datetime) -> tuple[datetime, datetime]:
    """The span asked for, by default the case's own, as far as the look reaches. Raises Invalid, Denied."""
    since, until = query.since or case.starts_at, query.until or case.ends_at or now
    if since is None:
        raise invalid("since", "missing", "the case has no times of its own: say from when")
    begin, end = reach.cut(since, until)
    if begin >= end:
        raise reach.beyond()
    return begin, end


def so_far(span: tuple[datetime, datetime], now: datetime) -> tuple[datetime, datetime]:
    """What of it is past: what is still to come is no time that nobody watched."""
    return span[0], max(span[0], min(span[1], now))


async def strip(
    store: Store, access: Access, case_id: UUID, camera_id: UUID, query: StripQuery, *, index: Index
) -> Strip:
    """The passers of a camera; the look is in the register first, a vain one too.

    Raises Denied (case_purpose, case_not_member, beyond_case), NotFound for a camera he may not know of, Invalid.
    """
    told = _told(query)
    asked = query.since, query.until
    async with audit.refused(store, access, "case.candidates", cameras=[camera_id], span=asked, detail=told):
        reach, now = working.reach(store, access), store.clock()
        async with store.read() as conn:
            case = await working.open_case(conn, store, access, case_id)
            camera = await working.camera(conn, reach, camera_id)
            span = span_of(case, reach, query, now)
            rows = await _passers(conn, store, reach, camera.no, span)
            made = await decisions.holding(conn, case.no, camera_no=camera.no)
            dark = (await ground.dark(conn, store, reach, [camera.no], so_far(span, now), index=index))[camera.no]
            doors = (await entrances.seen_by(conn, [camera.no])).get(camera.no, ())
            words = await _words(conn, rows)
        told_of = await index.episodes(access, camera_id, span)

    def joined() -> tuple[list[Passer], int, int]:
        seen = [_passer(row, made.get(things.event(row.id)), words) for row in rows[:MOST]]
        episodes = told_of.episodes
        if len(rows) > MOST:  # of what comes later nobody knows here whether it is an event
            episodes = tuple(one for one in episodes if one.until * 1000 <= to_ms(seen[-1].at))
        alone, overlapped = motion_only.passers(camera_id, span, episodes, [_stretch(row) for row in rows[:MOST]], made)
        return sorted([*seen, *alone], key=lambda one: (one.at, one.thing)), len(alone), overlapped

    passers, alone, overlapped = await asyncio.to_thread(joined)
    shown, hidden = await asyncio.to_thread(_sorted_out, passers, query)
    decided = Counter(passer.decision for passer in passers)
    page = shown[query.skip : query.skip + query.limit]
    more = query.skip + query.limit
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            "case.candidates",
            now=store.clock(),
            cameras=[camera_id],
            span=span,
            purpose=access.purpose,
            detail=audit.describe(**told, hidden=sum(hidden.values()), motion_only=alone),
            count=len(page),
        )
    return Strip(
        audit_no=number,
        camera_id=camera_id,
        camera_name=camera.name,
        village_name=camera.village_name,
        entrances=doors,
        since=span[0],
        until=span[1],
        total=len(passers),
        hidden=hidden,
        cut=len(rows) > MOST,
        moved=overlapped,
        motion_more=told_of.more,
        decided={one: decided[one] for one in Decision},
        unwatched_s=round(length(dark) / 1000),
        unwatched=tuple(Dark(from_ms(a), from_ms(b)) for a, b in dark[:MOST_UNWATCHED]),
        candidates=tuple(page),
        next_skip=more if more < len(shown) else None,
    )


def _told(query: StripQuery) -> dict[str, Any]:
    return query.model_dump(mode="json", exclude={"since", "until", "limit"}, exclude_defaults=True)


_PASSERS = sa.select(
    events.c.id,
    events.c.camera_no,
    events.c.started_at,
    events.c.updated_at,
    events.c.ended_at,
    events.c.score,
    events.c.direction,
    events.c.rule_id,
    events.c.scene_revision,
    events.c.snapshot.is_not(None).label("has_snapshot"),
    labels.c.label,
    labels.c.label_group,
).join(labels, labels.c.no == events.c.label_no)


async def _passers(
    conn: AsyncConnection, store: Store, reach: Reach, camera_no: int, span: tuple[datetime, datetime]
) -> Sequence[AnyRow]:
    """Events that began in the span and whose owner lets them be read, in order, and one more than are gone through."""
    wanted = (
        _PASSERS.where(
            events.c.camera_no == camera_no,
            events.c.started_at >= span[0],
            events.c.started_at < span[1],
            *lawful.within(reach),
            lawful.CONSENTED,
        )
        .order_by(events.c.started_at, events.c.id)
        .limit(MOST + 1)
    )
    return await in_turns(await conn.execute(wanted, lawful.bound(store, store.clock())))


async def named(
    conn: AsyncConnection, store: Store, reach: Reach, ids: Collection[UUID], made: Mapping[str, Decided]
) -> tuple[Passer, ...]:
    """The passers of these events, as far as the look reaches them, in order."""
    wanted = _PASSERS.where(events.c.id.in_(sorted(ids)), *lawful.within(reach), lawful.CONSENTED)
    ordered = wanted.order_by(events.c.started_at, events.c.id)
    rows = (await conn.execute(ordered, lawful.bound(store, store.clock()))).all() if ids else []
    words = await _words(conn, rows)
    return tuple(_passer(row, made.get(things.event(row.id)), words) for row in rows)


_Words = Mapping[tuple[int, int, str], Mapping[str, str]]
"""By camera, scene revision and rule: what its line calls `in` and `out`."""


async def _words(conn: AsyncConnection, rows: Iterable[AnyRow]) -> _Words:
    """What the lines of the scenes then in force call the two directions."""
    asked = {(row.camera_no, row.scene_revision) for row in rows if row.direction is not None}
    wanted = sa.select(scenes).where(
        scenes.c.camera_no.in_(sorted({camera for camera, _ in asked})),
        scenes.c.revision.in_(sorted({revision for _, revision in asked})),
    )
    found: dict[tuple[int, int, str], Mapping[str, str]] = {}
    for row in await conn.execute(wanted) if asked else ():
        told = {line["id"]: {"in": line["in_name"], "out": line["out_name"]} for line in row.body.get("lines") or ()}
        for rule in row.body.get("rules") or ():
            if rule.get("line") in told:
                found[row.camera_no, row.revision, rule["id"]] = told[rule["line"]]
    return found


def _stretch(row: AnyRow) -> Stretch:
    """The seconds an event has."""
    return to_ms(row.started_at) // 1000, to_ms(max(row.started_at, row.ended_at or row.updated_at)) // 1000 + 1


def _passer(row: AnyRow, made: Decided | None, words: _Words) -> Passer:
    way = row.direction if row.direction in {"in", "out"} else None
    seconds = ((row.ended_at or row.updated_at) - row.started_at).total_seconds()
    return Passer(
        thing=things.event(row.id),
        event_id=row.id,
        noisy=False,
        at=row.started_at,
        ended_at=row.ended_at,
        stay_s=max(0.0, seconds),
        label=row.label,
        group=LabelGroup(row.label_group),
        score=row.score,
        direction=words.get((row.camera_no, row.scene_revision, row.rule_id), {}).get(
            row.direction or "", row.direction
        ),
        way=way,
        has_snapshot=row.has_snapshot,
        decision=made.decision if made else Decision.OPEN,
        revision=made.revision if made else 0,
        decided_by=made.decided_by if made else "",
        decided_at=made.decided_at if made else None,
    )


def _sorted_out(passers: Sequence[Passer], query: StripQuery) -> tuple[list[Passer], dict[HiddenBy, int]]:
    """What the filters leave, and how many each of them hid."""
    hidden: dict[HiddenBy, int] = {}
    shown = []
    for one in passers:
        by = _hides(one, query)
        if by is None:
            shown.append(one)
        else:
            hidden[by] = hidden.get(by, 0) + 1
    return shown, hidden


def _hides(one: Passer, query: StripQuery) -> HiddenBy | None:
    """The first filter that hides a passer. Without a line there is no direction, without an event no label."""
    alone = one.event_id is None
    asked: tuple[tuple[HiddenBy, bool], ...] = (
        ("motion", alone and query.motion == "none"),
        ("noisy", one.noisy and query.motion == "quiet" and one.decision is Decision.OPEN),
        ("group", bool(query.group) and one.group not in query.group),
        ("label", bool(query.label) and one.label not in query.label),
        ("direction", query.direction is not None and one.way != query.direction),
        ("short", one.stay_s < query.min_s),
        ("decision", bool(query.decision) and one.decision not in query.decision),
    )
    return next((by for by, hides in asked if hides), None)

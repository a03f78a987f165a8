"""Cameras whose rules would have told of nobody of the sorts asked for: there, motion alone says who passed.

A rule for one of the sorts that holds at that hour is taken to tell of who passes, wherever in the picture it looks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import daytime, motion
from registry.columns import from_ms, to_ms
from registry.model import Access, LabelGroup
from registry.pursuit import ground, motion_only
from registry.pursuit.decisions import Decided, Decision
from registry.pursuit.moved import Index
from registry.pursuit.passer import Passer
from registry.reach import Reach
from registry.scenes import DEFAULT_SCENE
from registry.spans import Ms, common, joined, minus
from registry.store import Store
from registry.tables import scenes

_LONGEST_EVENT = timedelta(minutes=10)
"""An event that began this long before a span may still last in it."""


@dataclass(frozen=True, slots=True)
class Mute:
    """A camera whose rules said nothing in some `spans` (milliseconds), and its events (seconds) around those.

    In `dark`, parts of them, the motion index says nothing either.
    """

    camera_id: UUID
    spans: tuple[Ms, ...]
    dark: tuple[Ms, ...]
    events: tuple[motion.Stretch, ...]


async def muted(
    conn: AsyncConnection,
    store: Store,
    cameras: Mapping[int, UUID],
    span: tuple[datetime, datetime],
    groups: Sequence[LabelGroup],
    *,
    index: Index,
) -> dict[int, Mute]:
    """The cameras, by number, that no rule spoke for in all of the span."""
    spans_of = await silent(conn, store, cameras, span, groups)
    ids = {number: cameras[number] for number in spans_of}
    if not ids:
        return {}
    now = store.clock()
    dark = await motion.unwatched(conn, ids, span, now, index, untold=True)
    events = await ground.hits(conn, store, ids, (span[0] - _LONGEST_EVENT, span[1]), ())
    young = to_ms(now - motion.LATE), to_ms(now)
    return {
        number: Mute(
            camera_id=ids[number],
            spans=tuple(spans),
            dark=tuple(common(spans, [young, *(one.span for one in dark[number])])),
            events=tuple((hit.began // 1000, hit.over // 1000 + 1) for hit in events.get(number, ())),
        )
        for number, spans in spans_of.items()
    }


async def silent(
    conn: AsyncConnection,
    store: Store,
    numbers: Collection[int],
    span: tuple[datetime, datetime],
    groups: Sequence[LabelGroup],
) -> dict[int, list[Ms]]:
    """When no rule of a camera, as its scenes were then, was for one of the sorts."""
    wanted = sa.select(scenes.c.camera_no, scenes.c.created_at, scenes.c.body)
    rows = await conn.execute(
        wanted.where(scenes.c.camera_no.in_(sorted(numbers))).order_by(scenes.c.camera_no, scenes.c.revision)
    )
    told: dict[int, list[tuple[int, Mapping[str, Any]]]] = {}
    for row in rows:
        told.setdefault(row.camera_no, [(0, DEFAULT_SCENE.as_json())]).append((to_ms(row.created_at), row.body))
    begin, end = to_ms(span[0]), to_ms(span[1])
    found = {}
    for number, revisions in told.items():
        spans: list[Ms] = []
        for (since, body), (until, _) in pairwise([*revisions, (end, {})]):
            part = max(since, begin), min(until, end)
            if part[0] < part[1]:
                spans += minus([part], list(_spoken(body, part, groups, store.tz)))
        if spans:
            found[number] = joined(spans)
    return found


def _spoken(body: Mapping[str, Any], part: Ms, groups: Sequence[LabelGroup], tz: tzinfo) -> Iterable[Ms]:
    """The parts of a stretch in which a rule for one of the sorts held."""
    for rule in body.get("rules") or ():
        sorts = set(rule.get("groups") or ())
        if not rule.get("enabled", True) or (groups and sorts and not sorts & {one.value for one in groups}):
            continue
        schedule = rule.get("schedule")
        if schedule is None:
            yield part
            return
        yield from daytime.each_day(part, schedule["from_minute"], schedule["to_minute"], tz)


@dataclass(frozen=True, slots=True)
class Heard:
    """Who passed a camera while its rules were mute, motion alone; in `noise` much moves anyway, and nobody knows."""

    passers: tuple[Passer, ...] = ()
    noise: tuple[Ms, ...] = field(default=())


async def heard(
    access: Access,
    reach: Reach,
    one: Mute,
    window: Ms,
    made: Mapping[str, Decided],
    *,
    index: Index,
) -> Heard:
    """The motion of a mute camera in a window (milliseconds) that is no event, as far as the look reaches.

    What was decided on stays, however much moves there. Reads days of the index: ask outside of a transaction.
    """
    span = reach.cut(from_ms(window[0]), from_ms(window[1]))
    if span[0] >= span[1]:
        return Heard()
    told = await index.episodes(access, one.camera_id, span)
    own = {thing: said for thing, said in made.items() if said.camera_id == one.camera_id}
    every, _ = motion_only.passers(one.camera_id, span, told.episodes, one.events, own)
    inside = sorted((each for each in every if _within(each, one.spans)), key=lambda each: (each.at, each.thing))
    noise = [span_of(each) for each in inside if _lost_in_noise(each)]
    if told.more:
        noise.append((told.episodes[-1].until * 1000, to_ms(span[1])))
    return Heard(tuple(each for each in inside if not _lost_in_noise(each)), tuple(joined(noise)))


def _within(one: Passer, spans: Iterable[Ms]) -> bool:
    since, until = span_of(one)
    return any(since < end and begin < until for begin, end in spans)


def _lost_in_noise(one: Passer) -> bool:
    return one.noisy and one.decision is Decision.OPEN


def span_of(one: Passer) -> Ms:
    """From when to when a passer was there, a second at least, in milliseconds."""
    return to_ms(one.at), max(to_ms(one.ended_at or one.at), to_ms(one.at) + 1000)

"""The cameras around a sighting as a clue map takes them: when nobody knows, and when fitting passers were there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from registry.events import lawful
from registry.geometry import Position, distance
from registry.model import Access, LabelGroup
from registry.pursuit import decisions, ground, things
from registry.pursuit.basis import Basis, Watcher
from registry.pursuit.decisions import Decided
from registry.pursuit.ground import Hit
from registry.pursuit.moved import Index
from registry.pursuit.mute import Heard, Mute, heard, muted, span_of
from registry.reach import Reach
from registry.spans import Ms, common, joined
from registry.store import Store

CLOCK_ERROR_MS = 10_000
MOST_HEARD = 40
"""So many cameras whose rules were mute are asked what moved, the nearest; of the others that time is unknown."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the cameras around: their events, when nothing would have been seen, whose rules were mute."""

    posts: Sequence[ground.Post]
    dark: Mapping[int, Sequence[Ms]]
    hits: Mapping[int, Sequence[Hit]]
    mute: Mapping[int, Mute]


async def known_of(
    conn: AsyncConnection,
    store: Store,
    reach: Reach,
    posts: Sequence[ground.Post],
    span: tuple[datetime, datetime],
    *,
    groups: Sequence[LabelGroup],
    index: Index,
) -> Known:
    """What is known of the cameras at some posts, but for what moved there."""
    numbers = [one.no for one in posts]
    return Known(
        posts=posts,
        dark=await ground.dark(conn, store, reach, numbers, span, index=index),
        hits=await ground.hits(conn, store, numbers, span, groups, within=lawful.within(reach)),
        mute=await muted(conn, store, {one.no: one.id for one in posts}, span, groups, index=index),
    )


async def moved(
    access: Access,
    reach: Reach,
    known: Known,
    start: Position,
    basis: Basis,
    *,
    made: Mapping[str, Decided],
    index: Index,
) -> dict[int, Heard]:
    """What moved at the nearest cameras whose rules were mute: `MOST_HEARD` of them."""
    nearest = sorted(
        (one for one in known.posts if one.no in known.mute),
        key=lambda one: (min(distance(start, spot) for spot in one.spots), one.no),
    )
    return {
        one.no: await heard(access, reach, known.mute[one.no], basis.span, made, index=index)
        for one in nearest[:MOST_HEARD]
    }


def watchers(
    known: Known, heard_at: Mapping[int, Heard], basis: Basis, made: Mapping[str, Decided]
) -> tuple[Watcher, ...]:
    """The cameras of a map, out of what is known and what moved."""
    gone = decisions.dropped(made.values())
    found = []
    for post in known.posts:
        dark = list(known.dark[post.no])
        hits = [_around(hit.began, hit.over) for hit in known.hits.get(post.no, ()) if things.event(hit.id) not in gone]
        if (mute := known.mute.get(post.no)) is not None:
            told = heard_at.get(post.no)
            # Whose motion was not asked for: nobody knows who passed while its rules were mute.
            unknown = mute.spans if told is None else (*mute.dark, *(_around(*one) for one in told.noise))
            dark = common(joined([*dark, *unknown]), [basis.span])
            passers = told.passers if told is not None else ()
            hits += [_around(*span_of(one)) for one in passers if one.thing not in gone]
        found += [Watcher(post.id, post.name, spot, tuple(dark), tuple(sorted(hits))) for spot in post.spots]
    return tuple(found)


def _around(began: int, over: int) -> Ms:
    return began - CLOCK_ERROR_MS, over + CLOCK_ERROR_MS

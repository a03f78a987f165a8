"""Passers of which nothing is known but that something moved: episodes of the motion index without an event.

A decision names the second an episode began in. It stays with whichever episode has that second, though times of the
case, masks, or what is usual at that hour may change where one begins; and without one it stands by itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from registry.columns import to_ms
from registry.motion import Stretch
from registry.pursuit import things
from registry.pursuit.decisions import Decided, Decision
from registry.pursuit.moved import Episode, unseen
from registry.pursuit.passer import Passer


def passers(
    camera_id: UUID,
    span: tuple[datetime, datetime],
    episodes: Sequence[Episode],
    events: Sequence[Stretch],
    made: Mapping[str, Decided],
) -> tuple[list[Passer], int]:
    """The passers that are motion alone, and how many episodes share time with an event.

    What was decided on is a passer still, though an event overlaps it since.
    """
    said = {to_ms(one.seen_at) // 1000: one for one in made.values() if things.read(one.thing).at is not None}
    alone = set(unseen(episodes, events))
    seconds = sorted(said)
    found, told = [], set[int]()
    for one in episodes:
        if one not in alone:
            continue
        # Of several decisions (two episodes that have become one since) the others stand by themselves.
        at = bisect_left(seconds, one.since)
        own = seconds[at] if at < len(seconds) and seconds[at] < one.until else None
        decided = None if own is None else said[own]
        if own is not None:
            told.add(own)
        thing = decided.thing if decided is not None else things.motion(camera_id, one.since)
        found.append(_passer(thing, (one.since, one.until), decided, noisy=one.noisy))
    begin, end = to_ms(span[0]) // 1000, -(-to_ms(span[1]) // 1000)
    found += [
        _passer(one.thing, (second, second), one, noisy=False)
        for second, one in said.items()
        if second not in told and begin <= second < end and one.decision is not Decision.OPEN
    ]
    return found, len(episodes) - len(alone)


def _passer(thing: str, stretch: Stretch, decided: Decided | None, *, noisy: bool) -> Passer:
    since, until = (datetime.fromtimestamp(second, UTC) for second in stretch)
    return Passer(
        thing=thing,
        event_id=None,
        noisy=noisy,
        at=since,
        ended_at=until,
        stay_s=float(stretch[1] - stretch[0]),
        label="",
        group=None,
        score=None,
        direction=None,
        way=None,
        has_snapshot=False,
        decision=decided.decision if decided else Decision.OPEN,
        revision=decided.revision if decided else 0,
        decided_by=decided.decided_by if decided else "",
        decided_at=decided.decided_at if decided else None,
    )

"""Findings told as occurrences: dated, numbered, with the best picture, at most once a second.

That an unknown thing was recognised is told at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from detectors.facts import Box, Point, Rgb
from detectors.geometry import area, clip
from detectors.rules import Finding
from registry.model import EventKind, LabelGroup

_UPDATE_S = 1.0
_BETTER = 1.2
_MOST_PATH = 64
_EDGE = 0.01
_CUT_WORTH = 0.5


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event as the pipeline sees it: opened (revision 1), changed, or closed (`ended_at` set).

    `picture` is the whole masked frame, uint8 [h, w, 3], present when it is better than the one sent before; `box` is
    the thing's place in the last picture sent. `path` are foot points, at most 64. `direction` is `in` or `out` for a
    crossed line. A later revision may carry another label, kind and rule: an unknown moving thing that was recognised.
    """

    id: UUID
    revision: int
    kind: EventKind
    rule_id: str
    rule_name: str
    label: str
    group: LabelGroup
    score: float
    box: Box
    path: tuple[Point, ...]
    direction: str | None
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    picture: Rgb | None
    picture_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture at stream time `at`, made on demand, and the numbers of the tracks the detector found in it."""

    at: float
    picture: Callable[[], Rgb]
    found: frozenset[int]


@dataclass(slots=True)
class _Told:
    """An open event as last told."""

    id: UUID
    box: Box
    worth: float
    at: float
    rule: str
    label: str
    points: int
    revision: int = 0


class Reporter:
    """Turns one camera's findings into occurrences."""

    def __init__(self) -> None:
        self._told: dict[int, _Told] = {}

    def close(self, closed: Sequence[Finding], at: float, wall: datetime) -> list[Occurrence]:
        """The last word on findings that ended, at stream time `at`, which is `wall`."""
        return [
            self._occurrence(one, self._told.pop(id(one)), at, wall, None, ended=min(at, one.track.seen))
            for one in closed
        ]

    def tell(
        self, findings: Sequence[Finding], *, sight: Sight | None, now: Sight, at: float, wall: datetime
    ) -> list[Occurrence]:
        """What is new of the open findings at stream time `at`, which is `wall`.

        `sight` is a look just answered, `now` the latest picture there is.
        """
        told = [self._tell(finding, sight, now, at, wall) for finding in findings]
        return [one for one in told if one is not None]

    def _tell(self, finding: Finding, sight: Sight | None, now: Sight, at: float, wall: datetime) -> Occurrence | None:
        track = finding.track
        told = self._told.get(id(finding))
        shown = sight if sight is not None and track.number in sight.found and track.last is not None else None
        if told is None:
            seen = shown or now
            box = clip(track.last.box) if shown is not None and track.last is not None else clip(track.box)
            told = _Told(uuid7(), box, _worth(box, track.score), at, finding.rule.id, track.label, track.updates)
            self._told[id(finding)] = told
            return self._occurrence(finding, told, at, wall, seen)
        if at - told.at < _UPDATE_S and told.rule == finding.rule.id:
            return None
        better = None
        if shown is not None and track.last is not None:
            worth = _worth(clip(track.last.box), track.last.score)
            if worth > told.worth * _BETTER:
                better, told.worth, told.box = shown, worth, clip(track.last.box)
        elif not track.votes and track.seen == now.at:
            worth = _worth(clip(track.box), 0.0)
            if worth > told.worth * _BETTER:
                better, told.worth, told.box = now, worth, clip(track.box)
        if (
            better is None
            and track.updates == told.points
            and told.rule == finding.rule.id
            and told.label == track.label
        ):
            return None
        told.at, told.points, told.rule, told.label = at, track.updates, finding.rule.id, track.label
        return self._occurrence(finding, told, at, wall, better)

    def _occurrence(
        self,
        finding: Finding,
        told: _Told,
        at: float,
        wall: datetime,
        seen: Sight | None,
        *,
        ended: float | None = None,
    ) -> Occurrence:
        track, rule = finding.track, finding.rule
        told.revision += 1

        def date(stream_time: float) -> datetime:
            return wall - timedelta(seconds=at - stream_time)

        feet = [sighting.foot for sighting in track.path if sighting.at >= finding.since]
        step = math.ceil(len(feet) / _MOST_PATH) or 1
        return Occurrence(
            id=told.id,
            revision=told.revision,
            kind=EventKind(rule.kind.value),
            rule_id=rule.id,
            rule_name=rule.name,
            label=track.label,
            group=LabelGroup(track.group),
            score=track.score,
            box=told.box,
            path=tuple(feet[::-step][::-1]),
            direction=finding.direction,
            started_at=date(finding.since),
            updated_at=date(track.seen if ended is None else ended),
            ended_at=None if ended is None else date(ended),
            picture=None if seen is None else seen.picture(),
            picture_at=None if seen is None else date(seen.at),
        )


def _worth(box: Box, score: float) -> float:
    """How good a picture shows a thing: large, sure, and not cut by the picture's edge."""
    cut = box.x0 < _EDGE or box.y0 < _EDGE or box.x1 > 1 - _EDGE or box.y1 > 1 - _EDGE
    return (0.1 + score) * math.sqrt(area(box)) * (_CUT_WORTH if cut else 1.0)

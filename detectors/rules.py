"""Rules: which tracks are worth an event, and which event a track belongs to.

A finding is a rule held for one track; one track makes at most one finding per rule and visit, and no finding joins two
tracks. An unknown moving thing that is recognised later stays one finding and goes over to the object rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from detectors.facts import Point, Polygon
from detectors.geometry import inside, segments_cross, side
from detectors.labels import UNKNOWN
from detectors.track import Track

DAY_MINUTES = 24 * 60


class RuleKind(StrEnum):
    """The sorts of rule; values are those of the registry's EventKind."""

    ZONE_ENTERED = "zone_entered"
    LINE_CROSSED = "line_crossed"
    OBJECT = "object"
    UNKNOWN_MOVING = "unknown_moving"


@dataclass(frozen=True, slots=True)
class Rule:
    """What to look for. Empty `groups` or `labels` mean every one; minutes are local, over midnight allowed.

    `zone` is a must of zone_entered and narrows object and unknown_moving; `line` is a must of line_crossed; its
    `direction` is `in` (from the left to the right of a → b as seen in the picture), `out`, or None for both.
    """

    id: str
    name: str
    kind: RuleKind
    groups: frozenset[str]
    labels: frozenset[str] = frozenset()
    min_score: float = 0.0
    zone: Polygon | None = None
    line: tuple[Point, Point] | None = None
    direction: str | None = None
    from_minute: int | None = None
    to_minute: int | None = None

    def in_force(self, minute: int) -> bool:
        """Whether the schedule holds at a local minute of the day."""
        if self.from_minute is None or self.to_minute is None:
            return True
        if self.from_minute <= self.to_minute:
            return self.from_minute <= minute < self.to_minute
        return minute >= self.from_minute or minute < self.to_minute

    def wants(self, track: Track) -> bool:
        """Whether the track's label and score are the rule's."""
        group = track.group
        if self.groups and group not in self.groups:
            return False
        if group == UNKNOWN:
            return True
        return (not self.labels or track.label in self.labels) and track.score >= self.min_score


@dataclass(slots=True)
class Finding:
    """A rule that holds for a track, from `opened` (stream time); `since` is when the thing was first seen at it."""

    rule: Rule
    track: Track
    opened: float
    since: float
    direction: str | None = None
    left_at: float | None = None


@dataclass(slots=True)
class Verdict:
    """What changed with one frame."""

    opened: list[Finding] = field(default_factory=list)
    closed: list[Finding] = field(default_factory=list)


_TRAVEL = 0.4
"""A thing has moved once it came this many times its own size: beyond what a jittering box or outline pretends."""
_NAMELESS_TRAVEL = 1.5
"""So many times when nothing but its way speaks for it and it appeared within the picture, as a swaying branch does."""
_NAMELESS_WAY = 0.12
"""Picture heights a nameless thing must come: a leaf travels its own size easily."""
_NAMELESS_STRAIGHT = 0.7
"""Share of its way that brought it on: a branch sways to and fro."""
_NAMELESS_S = 0.5
_NAMELESS_UPDATES = 4
"""Regions that must agree on a way, over _NAMELESS_S at least where pictures come fast: as for looks, three and one to
spare, since the first region of a thing shows only the part that has come into the picture."""
_NAMELESS_BESIDE = 0.3
"""Share of its regions next to a known thing that goes the same way, beyond which it is that thing's shadow or part."""
_NAMELESS_COMPANY = 3.0
"""Other nameless regions a frame, on average, beyond which it is wind, rain or snow rather than a thing that moves."""
_LEFT_S = 1.6
_LINE_MARGIN = 0.15
"""Share of the box height a foot must be off a line to count as being on a side of it."""


class RuleBook:
    """The rules of one camera and their findings; `aspect` is picture width over height."""

    def __init__(self, rules: Sequence[Rule], aspect: float) -> None:
        self.findings: list[Finding] = []
        self._rules = tuple(rules)
        self._aspect = aspect
        self._fired: set[tuple[str, int]] = set()
        self._sides: dict[tuple[str, int], tuple[float, Point]] = {}

    def judge(self, tracks: Iterable[Track], ended: Iterable[Track], at: float, minute: int) -> Verdict:
        """Apply the rules to the living tracks at stream time `at` and local `minute`; close what ended."""
        verdict = Verdict()
        for track in tracks:
            if not self._counts(track):
                continue
            for rule in self._rules:
                self._apply(rule, track, at, minute, verdict)
        over = {track.number for track in ended}
        for finding in list(self.findings):
            if finding.track.number in over or self._left(finding, at):
                self.findings.remove(finding)
                verdict.closed.append(finding)
        self._forget(over)
        return verdict

    def _counts(self, track: Track) -> bool:
        """Whether a track is a thing that moved: looks agree on it, or its way alone says so."""
        return track.travelled(self._aspect) >= _TRAVEL and (track.confirmed or self._goes_its_way(track))

    def _goes_its_way(self, track: Track) -> bool:
        return (
            track.updates >= _NAMELESS_UPDATES
            and track.seen - track.born >= _NAMELESS_S
            and track.way(self._aspect) >= _NAMELESS_WAY
            and (track.comes_in(self._aspect) or track.travelled(self._aspect) >= _NAMELESS_TRAVEL)
            and track.straightness(self._aspect) >= _NAMELESS_STRAIGHT
            and track.beside <= _NAMELESS_BESIDE * track.updates
            and track.company <= _NAMELESS_COMPANY * track.updates
        )

    def _apply(self, rule: Rule, track: Track, at: float, minute: int, verdict: Verdict) -> None:
        if not rule.in_force(minute) or not rule.wants(track):
            return
        if rule.kind is RuleKind.LINE_CROSSED:
            direction = self._crossing(rule, track)
            if direction is not None and rule.direction in (None, direction):
                self._open(Finding(rule, track, at, track.path[-1].at, direction), verdict)
        elif rule.kind is RuleKind.ZONE_ENTERED:
            entered = self._entered(rule, track)
            if entered is not None and not any(f.rule is rule and f.track is track for f in self.findings):
                self._open(Finding(rule, track, at, entered), verdict)
        elif (rule.kind is RuleKind.UNKNOWN_MOVING) == (track.group == UNKNOWN):
            self._see(rule, track, at, verdict)

    def _see(self, rule: Rule, track: Track, at: float, verdict: Verdict) -> None:
        """Object and unknown_moving: once a track; what was unknown and is recognised goes over to the object rule."""
        key = rule.id, track.number
        if key in self._fired or (rule.zone is not None and not inside(track.path[-1].foot, rule.zone)):
            return
        self._fired.add(key)
        if rule.kind is RuleKind.OBJECT:
            for finding in self.findings:
                if finding.track is track and finding.rule.kind is RuleKind.UNKNOWN_MOVING:
                    finding.rule = rule
                    return
        self._open(Finding(rule, track, at, track.born), verdict)

    def _open(self, finding: Finding, verdict: Verdict) -> None:
        self.findings.append(finding)
        verdict.opened.append(finding)

    def _entered(self, rule: Rule, track: Track) -> float | None:
        """Since when the track's foot is in the zone: its last two points must be, so that one odd box is no visit."""
        assert rule.zone is not None  # noqa: S101 -- made so by whoever builds the rule
        since = None
        for sighting in reversed(track.path):
            if not inside(sighting.foot, rule.zone):
                break
            since = sighting.at
        return since if since is not None and since < track.path[-1].at else None

    def _left(self, finding: Finding, at: float) -> bool:
        if finding.rule.kind is not RuleKind.ZONE_ENTERED or finding.rule.zone is None:
            return False
        if inside(finding.track.path[-1].foot, finding.rule.zone):
            finding.left_at = None
        elif finding.left_at is None:
            finding.left_at = at
        return finding.left_at is not None and at - finding.left_at >= _LEFT_S

    def _crossing(self, rule: Rule, track: Track) -> str | None:
        """`in` or `out` when the foot's way since last asked passed through the line, clear of it on both sides."""
        assert rule.line is not None  # noqa: S101 -- made so by whoever builds the rule
        a, b = rule.line
        key = rule.id, track.number
        margin = _LINE_MARGIN * (track.box.y1 - track.box.y0)
        crossed = None
        when, start = self._sides.get(key, (-1.0, track.path[0].foot))
        for at, foot in ((s.at, s.foot) for s in track.path):
            if at <= when or abs(side(foot, a, b)) < margin:
                continue
            if when >= 0 and segments_cross(start, foot, a, b):
                crossed = "in" if side(foot, a, b) > 0 else "out"
            when, start = at, foot
        if when >= 0:
            self._sides[key] = when, start
        return crossed

    def _forget(self, over: set[int]) -> None:
        if over:
            self._fired = {k for k in self._fired if k[1] not in over}
            self._sides = {k: v for k, v in self._sides.items() if k[1] not in over}

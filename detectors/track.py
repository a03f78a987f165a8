"""A track: one thing over time, and what can be told from its way."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from detectors.facts import Box, Detection, Point
from detectors.geometry import area, clip, foot
from detectors.labels import PERSON, TWO_WHEELER, UNKNOWN, group_of

LOOKS = 8
HITS = 3
_RIDER_SHARE = 0.25
_INWARD = 0.7
BORDER = 0.01
"""Nearer to the picture's border than this an edge is where the picture cuts the thing, not where the thing ends."""


class Sighting(NamedTuple):
    """Where a thing was at a stream time."""

    at: float
    box: Box

    @property
    def foot(self) -> Point:
        """Where it stood, inside the picture."""
        return foot(clip(self.box))


@dataclass(slots=True)
class Track:
    """One thing over time. Read by rules; changed by its Tracker only.

    `born`, `seen` and `looked` are stream times (first and latest evidence, latest look); `looks` says of the last
    looks that included it whether the detector found it, `confirmed` that it once found it often enough; `path` are
    the sightings, thinned in their older part.
    """

    number: int
    box: Box
    at: float
    born: float
    seen: float
    speed: Point = (0.0, 0.0)
    looks: deque[bool] = field(default_factory=lambda: deque(maxlen=LOOKS))
    votes: dict[str, list[float]] = field(default_factory=dict)
    path: list[Sighting] = field(default_factory=list)
    looked: float = -math.inf
    anchor: Point = (0.0, 0.0)
    length: float = 0.0
    updates: int = 0
    beside: int = 0
    company: int = 0
    last: Detection | None = None
    confirmed: bool = False

    @property
    def hits(self) -> int:
        """How many of the last looks found it."""
        return sum(self.looks)

    @property
    def settled(self) -> bool:
        """Whether another look would hardly change what is known: it is confirmed, or looked at often in vain."""
        return self.confirmed or (len(self.looks) == LOOKS and not any(self.looks))

    @property
    def misses(self) -> int:
        """How many looks in a row did not find it, up to now."""
        count = 0
        for hit in reversed(self.looks):
            if hit:
                break
            count += 1
        return count

    @property
    def group(self) -> str:
        """Its label group once confirmed; `unknown` until then."""
        return self.leaning if self.confirmed else UNKNOWN

    @property
    def leaning(self) -> str:
        """The label group the votes so far speak for; who rides is a two-wheeler, not a person."""
        weights: dict[str, float] = {}
        for label, scores in self.votes.items():
            weights[group_of(label)] = weights.get(group_of(label), 0.0) + sum(scores)
        if not weights:
            return UNKNOWN
        best = max(weights, key=lambda g: weights[g])
        if best == PERSON and weights.get(TWO_WHEELER, 0.0) >= _RIDER_SHARE * weights[PERSON]:
            return TWO_WHEELER
        return best

    @property
    def label(self) -> str:
        """The label of its group with most votes; `unknown` until confirmed."""
        group = self.group
        own = {label: sum(scores) for label, scores in self.votes.items() if group_of(label) == group}
        return max(own, key=lambda k: own[k]) if own else UNKNOWN

    @property
    def score(self) -> float:
        """Mean of its three best scores of its group; 0 until confirmed."""
        group = self.group
        scores = sorted(
            (s for label, all_ in self.votes.items() if group_of(label) == group for s in all_), reverse=True
        )
        return float(np.mean(scores[:3])) if scores else 0.0

    def predicted(self, at: float) -> Box:
        """Where it should be at stream time `at`, going on as it went."""
        dx, dy = self.speed[0] * (at - self.at), self.speed[1] * (at - self.at)
        return Box(self.box.x0 + dx, self.box.y0 + dy, self.box.x1 + dx, self.box.y1 + dy)

    def way(self, aspect: float) -> float:
        """Straight distance from where it appeared, in picture heights."""
        return self._displacement(aspect) if len(self.path) > 1 else 0.0

    def travelled(self, aspect: float) -> float:
        """How far it came from where it appeared, in units of its own size (root of area), in picture proportions."""
        return self.way(aspect) / math.sqrt(max(area(self.box) * aspect, 1e-9))

    def straightness(self, aspect: float) -> float:
        """Straight distance from its origin over the way it went, 0–1: what sways comes back."""
        return min(1.0, self.way(aspect) / self.length) if self.length > 0 else 0.0

    def comes_in(self, aspect: float) -> bool:
        """Whether it appeared at the picture's border and its way leads inward.

        What is seen of such a thing grows as it comes, so that its way says more than its size.
        """
        first, last = self.path[0].box, self.path[-1].box
        inward = (
            (last.x1 - first.x1) * aspect if first.x0 < BORDER else 0.0,
            (first.x0 - last.x0) * aspect if first.x1 > 1 - BORDER else 0.0,
            last.y1 - first.y1 if first.y0 < BORDER else 0.0,
            first.y0 - last.y0 if first.y1 > 1 - BORDER else 0.0,
        )
        return max(inward) > _INWARD * self.way(aspect) > 0

    def _displacement(self, aspect: float) -> float:
        """Of the last two sightings the nearer counts, so that one odd box is no way."""
        first = self.path[0].box
        return min(
            math.hypot(
                _shift(first.x0, first.x1, last.x0, last.x1) * aspect, _shift(first.y0, first.y1, last.y0, last.y1)
            )
            for _, last in self.path[-2:]
        )


def _shift(low_0: float, high_0: float, low_1: float, high_1: float) -> float:
    """How far an interval moved: its middle, or its free end while the picture's border cuts the other."""
    cut_low, cut_high = min(low_0, low_1) < BORDER, max(high_0, high_1) > 1 - BORDER
    if cut_low and not cut_high:
        return high_1 - high_0
    if cut_high and not cut_low:
        return low_1 - low_0
    return (low_1 + high_1 - low_0 - high_0) / 2

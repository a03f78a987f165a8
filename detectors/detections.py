"""One look's detections, tidied: one box per thing."""

from __future__ import annotations

from collections.abc import Sequence

from detectors.facts import Detection
from detectors.geometry import area, covered, iou, overlap, union
from detectors.labels import PERSON, TWO_WHEELER, group_of

_SAME_GROUP = 0.55
_ANY_GROUP = 0.75
_PART = 0.85
_RIDES = 0.3


def riders(detections: Sequence[Detection]) -> list[Detection]:
    """Join each two-wheeler with the person on it: one thing moves there, and it is found under the vehicle's label."""
    left = list(detections)
    for machine in [d for d in detections if group_of(d.label) == TWO_WHEELER]:
        people = [d for d in left if group_of(d.label) == PERSON]
        shares = [
            (overlap(machine.box, p.box) / max(1e-9, min(area(machine.box), area(p.box))), i)
            for i, p in enumerate(people)
        ]
        share, best = max(shares, default=(0.0, -1))
        if share < _RIDES:
            continue
        person = people[best]
        left.remove(person)
        left[left.index(machine)] = Detection(
            machine.label, max(machine.score, person.score), union(machine.box, person.box)
        )
    return left


def distinct(detections: Sequence[Detection]) -> list[Detection]:
    """Leave out second boxes of one thing: overlapping ones of a group, parts of a whole, one box under two labels."""
    kept: list[Detection] = []
    for one in sorted(detections, key=lambda d: -d.score):
        for other in kept:
            same = group_of(one.label) == group_of(other.label)
            shared = iou(one.box, other.box)
            if shared > (_SAME_GROUP if same else _ANY_GROUP) or (same and covered(one.box, other.box) > _PART):
                break
        else:
            kept.append(one)
    return kept

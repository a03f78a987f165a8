"""Boxes that cover people and vehicles through a clip: detections linked over time, filled between, and padded.

Made to cover rather than to fit: between two sightings the box spans both, and it lasts somewhat before the first and
after the last. What no detector sees is drawn by hand; an officer looks at all of it before it leaves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from detectors.facts import Box

GAP_S = 2.0
"""A thing unseen for longer is another thing."""
HOLD_S = 0.7
"""So long it is covered before it is first seen and after it is last seen."""
PAD = 0.15
"""Of its own size, on each side."""
LEAST_PAD = 0.01
_LEAST_IOU = 0.05
_LENGTHS_A_SECOND = 2.0


@dataclass(slots=True)
class Cover:
    """One thing through the clip: its boxes at the times (seconds) it was seen, in order."""

    times: list[float] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def at(self, moment: float) -> Box | None:
        """What to cover of it at a moment; None before and after it is there."""
        if not self.times[0] - HOLD_S <= moment <= self.times[-1] + HOLD_S:
            return None
        after = bisect_right(self.times, moment)
        some = self.boxes[max(after - 1, 0) : after + 1] or self.boxes[-1:]
        beyond = moment < self.times[0] or moment > self.times[-1]
        return padded(union(some), PAD * 2 if beyond else PAD)


def linked(seen: Iterable[tuple[float, Sequence[Box]]]) -> list[Cover]:
    """Detections of frames in order of time, as things: each box joins the thing it most overlaps or is nearest to."""
    covers: list[Cover] = []
    for moment, boxes in seen:
        free = [one for one in covers if moment - one.times[-1] <= GAP_S]
        for box in boxes:
            likeness = {id(one): _likeness(one.boxes[-1], box, moment - one.times[-1]) for one in free}
            near = max(free, key=lambda one: likeness[id(one)], default=None)
            if near is None or likeness[id(near)] <= 0:
                covers.append(Cover([moment], [box]))
                continue
            free.remove(near)
            near.times.append(moment)
            near.boxes.append(box)
    return covers


def _likeness(one: Box, other: Box, gap_s: float) -> float:
    """Above 0 where both may be one thing: they overlap, or lie within lengths of each other that grow with the gap."""
    overlap = iou(one, other)
    if overlap > _LEAST_IOU:
        return 1 + overlap
    long = max(one.x1 - one.x0, one.y1 - one.y0, other.x1 - other.x0, other.y1 - other.y0)
    away = max(abs(one.x0 + one.x1 - other.x0 - other.x1), abs(one.y0 + one.y1 - other.y0 - other.y1)) / 2
    return 1 - away / (long * (1 + _LENGTHS_A_SECOND * gap_s)) if long > 0 else 0


def iou(one: Box, other: Box) -> float:
    """Intersection over union."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    if wide <= 0 or high <= 0:
        return 0.0
    both = (one.x1 - one.x0) * (one.y1 - one.y0) + (other.x1 - other.x0) * (other.y1 - other.y0)
    return wide * high / (both - wide * high)


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around some."""
    return Box(
        min(one.x0 for one in boxes),
        min(one.y0 for one in boxes),
        max(one.x1 for one in boxes),
        max(one.y1 for one in boxes),
    )


def padded(box: Box, share: float) -> Box:
    """A box made wider on each side, within the picture."""
    wide = max((box.x1 - box.x0) * share, LEAST_PAD)
    high = max((box.y1 - box.y0) * share, LEAST_PAD)
    return Box(max(0.0, box.x0 - wide), max(0.0, box.y0 - high), min(1.0, box.x1 + wide), min(1.0, box.y1 + high))

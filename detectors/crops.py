"""Where the detector should look: crops around what moved, or the whole picture when that is cheaper.

A crop is at least 320 pixels on a side: a detector sees a thing better with its surroundings, and a crop cut to the
thing doubles the events per person. Neighbouring crops are joined. Where several crops would cost more than one view of
the whole picture in 288 × 512, that view is taken instead, if all that moved stays tall enough in it: 64 pixels, or 32
when three or more crops are due.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from detectors.facts import Box
from detectors.geometry import WHOLE, area, clip, covered, grown, union
from detectors.objects import PIXEL_BUDGET
from detectors.track import Track

LEAST_SIDE = 320
REFRESH_S = 0.35
"""A thing that is known, or was looked at often in vain, need not be looked at more often than this."""
_MARGIN = 0.15
_MANY = 3
_LEAST_TALL = 32
_TALL = 64
MOST_CROPS = 2
_NEARLY_WHOLE = 0.7
_SURROUNDINGS = 0.25
_EXPLAINED = 0.7
_HARDLY_LARGER = 1.2


def due(regions: Sequence[Box], tracks: Sequence[Track], at: float) -> list[Box]:
    """The regions worth a look at stream time `at`, most urgent first.

    What is new or not yet sure comes before what is settled, and of each what was not looked at for longest. What is
    settled and was just looked at is left out.
    """
    waiting: list[tuple[bool, float, Box]] = []
    for region in regions:
        near = [t for t in tracks if covered(region, grown(t.predicted(at), _SURROUNDINGS)) >= _EXPLAINED]
        if not any(t.settled and at - t.looked < REFRESH_S for t in near):
            waiting.append((any(t.settled for t in near), max((t.looked for t in near), default=-math.inf), region))
    return [region for *_, region in sorted(waiting, key=lambda w: w[:2])]


def plan(regions: Sequence[Box], width: int, height: int, most: int = MOST_CROPS) -> tuple[Box, ...]:
    """Parts of a `width` × `height` picture to look at for these regions, `most` of them, the first regions first."""
    if not regions or most < 1:
        return ()
    if width * height <= LEAST_SIDE * LEAST_SIDE:
        return (WHOLE,)
    crops: list[Box] = []
    for region in regions:
        _add(crops, _around(region, width, height), width * height)
    whole_scale = min(1.0, math.sqrt(PIXEL_BUDGET / (width * height)))
    smallest = min((region.y1 - region.y0) * height * whole_scale for region in regions)
    enough = _LEAST_TALL if len(crops) >= _MANY else _TALL
    dearer = sum(area(crop) for crop in crops) * width * height > PIXEL_BUDGET
    if any(area(crop) > _NEARLY_WHOLE for crop in crops) or (len(crops) > 1 and dearer and smallest >= enough):
        return (WHOLE,)
    return tuple(crops[:most])


def _around(region: Box, width: int, height: int) -> Box:
    """A crop around one region: its margins, at least LEAST_SIDE pixels a side, shifted to stay in the picture."""
    spans = []
    for low, high, pixels in ((region.x0, region.x1, width), (region.y0, region.y1, height)):
        side = min(1.0, max((high - low) * (1 + 2 * _MARGIN), LEAST_SIDE / pixels))
        start = min(max(0.0, (low + high - side) / 2), 1 - side)
        spans.append((start, start + side))
    (x0, x1), (y0, y1) = spans
    return clip(Box(x0, y0, x1, y1))


def _add(crops: list[Box], crop: Box, pixels: int) -> None:
    """Add a crop, joined with earlier ones (in the place of the first) while that costs no more and keeps the scale."""
    place = len(crops)
    while True:
        for i, other in enumerate(crops):
            joint = union(crop, other)
            if area(joint) * pixels <= PIXEL_BUDGET or area(joint) <= max(area(crop), area(other)) * _HARDLY_LARGER:
                del crops[i]
                crop, place = joint, min(place, i)
                break
        else:
            crops.insert(place, crop)
            return

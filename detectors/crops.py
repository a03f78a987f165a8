"""Where the detector should look: crops around what moved, or the whole picture when that is cheaper.

A crop is at least 320 pixels on a side, since a detector sees a thing better with its surroundings and a crop cut to
the thing doubles the events per person; neighbouring crops are joined. When three or more are due and everything that
moved stays at least 32 pixels tall in a 288 × 512 view, that one view is cheaper and as good.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from detectors.facts import Box
from detectors.geometry import WHOLE, area, clip, union
from detectors.objects import PIXEL_BUDGET

LEAST_SIDE = 320
_MARGIN = 0.15
_MANY = 3
_LEAST_TALL = 32
_MOST_CROPS = 2
_NEARLY_WHOLE = 0.7


def plan(regions: Sequence[Box], width: int, height: int) -> tuple[Box, ...]:
    """Parts of a `width` × `height` picture to look at for these regions, two at most, or the whole."""
    if not regions:
        return ()
    if width * height <= LEAST_SIDE * LEAST_SIDE:
        return (WHOLE,)
    crops: list[Box] = []
    for region in regions:
        crops.append(_around(region, width, height))
        _join(crops, width, height)
    whole_scale = min(1.0, math.sqrt(PIXEL_BUDGET / (width * height)))
    smallest = min((region.y1 - region.y0) * height * whole_scale for region in regions)
    if any(area(crop) > _NEARLY_WHOLE for crop in crops) or (len(crops) >= _MANY and smallest >= _LEAST_TALL):
        return (WHOLE,)
    return tuple(crops[:_MOST_CROPS])


def _around(region: Box, width: int, height: int) -> Box:
    """A crop around one region: its margins, at least LEAST_SIDE pixels a side, shifted to stay in the picture."""
    spans = []
    for low, high, pixels in ((region.x0, region.x1, width), (region.y0, region.y1, height)):
        side = min(1.0, max((high - low) * (1 + 2 * _MARGIN), LEAST_SIDE / pixels))
        start = min(max(0.0, (low + high - side) / 2), 1 - side)
        spans.append((start, start + side))
    (x0, x1), (y0, y1) = spans
    return clip(Box(x0, y0, x1, y1))


def _join(crops: list[Box], width: int, height: int) -> None:
    """Join the last crop with earlier ones while the joint crop costs no more than both and keeps their scale."""
    changed = True
    while changed:
        changed = False
        last = crops[-1]
        for i, other in enumerate(crops[:-1]):
            joint = union(last, other)
            fits = area(joint) * width * height <= PIXEL_BUDGET
            if fits or area(joint) <= max(area(last), area(other)) * 1.2:
                crops[i] = joint
                del crops[-1]
                crops.append(crops.pop(i))
                changed = True
                break

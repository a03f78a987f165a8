"""Whether a scene's masks black out at least what a consent demands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from registry import masks as outlines
from registry.model import Polygon


def within_masks(demanded: Sequence[Polygon], masks: Sequence[Polygon]) -> bool:
    """Whether all that is demanded lies within the union of `masks`, however they are drawn."""
    return not demanded or _within(tuple(demanded), tuple(masks))


@lru_cache(1024)
def _within(demanded: tuple[Polygon, ...], masks: tuple[Polygon, ...]) -> bool:
    # Kept, for orders are read each minute, and comparing many corners takes a while.
    return outlines.covers(masks, demanded)

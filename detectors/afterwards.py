"""Whether a place looks different afterwards: pictures before a moment against pictures after it.

Pictures of a side say how alike the place is to itself, leaves and shadows that move included; somewhere the sides must
be clearly less alike than that. The same is asked of all that is around the place: where that differs too it is the
light (day, infrared), or the camera was turned, and nothing is told of the place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import Literal

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from detectors.change import SHAKE, Structure, structure

CHANGED = 0.3
"""How much less alike the sides must be, at some spot, than each side is to itself."""
CALM = 0.5
"""A spot is alike to itself from here on."""
LEAST_CALM = 0.7
"""So much of what is seen of a place must be alike to itself, or that it looks the same is not known."""
AROUND = 0.15
"""How much less alike all that is around may be across the moment."""
PICTURES = 3
"""Of a side, at most; two of each tell a place that is calm, three one under leaves as well."""
LEAST = 2
MOST_PX = 200
"""A larger part is made smaller: what is looked for in it is large then too."""
FLOOR = 0.15
"""How strong structure must be to count, beside the mean of the place."""
SPOT_PX = 8.0
"""A spot is about as large as a thing that is carried away."""
_COARSE = 4
_AROUND_SIZE = 80, 45
"""At a quarter of a small picture's size, a camera that shakes by a pixel moves nothing."""

Grey = NDArray[np.uint8]
Weight = NDArray[np.float32]
"""[h, w]: how much a pixel counts."""


class Unclear(StrEnum):
    """Why it is not known whether a place looks different."""

    FEW = "few"
    """A side has fewer than two pictures."""
    LIGHT = "light"
    """All that is around differs as well: the light, or the view."""
    RESTLESS = "restless"
    """The place is not alike to itself: it always moves, somebody stood there, or there is little to see."""


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: the place's structure, and that of the whole picture, small."""

    place: Structure
    around: Structure


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much less alike before and after are than each side to itself, at the spot where most; what that says."""

    score: float | None
    says: Literal["changed", "same"] | Unclear


class Place:
    """A part of pictures of one size: `cells` (bool, any grid over the picture) are it. Raises ValueError for none."""

    def __init__(self, cells: NDArray[np.bool_], width: int, height: int, least_px: int) -> None:
        self._size = width, height
        mask = cv2.resize(cells.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
        x0, y0, wide, high = cv2.boundingRect(mask)
        if wide == 0:
            raise ValueError("a place has no cell")
        (x0, x1), (y0, y1) = _with_some(x0, wide, width, least_px), _with_some(y0, high, height, least_px)
        self._cut = slice(y0, y1), slice(x0, x1)
        scale = min(1.0, MOST_PX / max(x1 - x0, y1 - y0))
        self._to = max(round((x1 - x0) * scale), 8), max(round((y1 - y0) * scale), 8)
        inside = cv2.resize(mask[self._cut].astype(np.float32), self._to, interpolation=cv2.INTER_AREA)
        self._inside = _coarse(inside.astype(np.float32, copy=False)) > 0.5  # noqa: PLR2004 - a half
        rest = np.ones((height, width), np.float32)
        rest[self._cut] = 0
        self._rest: Weight = cv2.resize(rest, _AROUND_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)

    @property
    def around(self) -> float:
        """The share of the picture that is around the place."""
        return float(self._rest.mean())

    def look(self, picture: Grey) -> Look | None:
        """What a picture shows; None where it has another size."""
        if (picture.shape[1], picture.shape[0]) != self._size:
            return None
        part = picture[self._cut]
        if (part.shape[1], part.shape[0]) != self._to:
            part = cv2.resize(part, self._to, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        whole = cv2.resize(picture, _AROUND_SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        return Look(structure([part]), structure([whole]))

    def compare(self, before: Sequence[Look], after: Sequence[Look]) -> Verdict:
        """Whether the place looks different afterwards, by the pictures next to the moment, in order of time."""
        if min(len(before), len(after)) < LEAST:
            return Verdict(None, Unclear.FEW)
        if self._light(before, after):
            return Verdict(None, Unclear.LIGHT)
        nearest = before[-1].place
        old, new = ([_Spots(_shifted(nearest, one.place)) for one in side] for side in (before, after))
        floor = FLOOR * float(np.mean([one.strength.mean() for one in (*old, *new)]))
        alike = (_best(combinations(old, 2), floor) + _best(combinations(new, 2), floor)) / 2
        across = _best(product(old, new), floor)
        score = float((alike - across)[self._inside].max(initial=-1.0))
        if score >= CHANGED:
            return Verdict(score, "changed")
        seen = np.mean([one.strength for one in (*old, *new)], axis=0)[self._inside]
        calm = float(seen[alike[self._inside] >= CALM].sum()) / max(float(seen.sum()), 1e-6)
        return Verdict(score, "same" if calm >= LEAST_CALM else Unclear.RESTLESS)

    def _light(self, before: Sequence[Look], after: Sequence[Look]) -> bool:
        """Whether all that is around differs more across the moment than on either side of it."""
        sides = [[one.around for one in side] for side in (before, after)]
        alike = max(self._fit(*two) for side in sides for two in combinations(side, 2))
        return alike - max(self._fit(*two) for two in product(*sides)) > AROUND

    def _fit(self, one: Structure, other: Structure) -> float:
        own = float((one * one * self._rest).sum()) * float((other * other * self._rest).sum())
        return float((one * other * self._rest).sum()) / max(math.sqrt(own), 1e-6)


class _Spots:
    """A structure, and how strong it is around each spot."""

    def __init__(self, of: Structure) -> None:
        self.of = of
        self.strength = _spread(of, of)


def _best(pairs: Iterable[tuple[_Spots, _Spots]], floor: float) -> Weight:
    """At each spot, how alike those two are that are most so."""
    found = [
        _spread(one.of, other.of) / np.sqrt((one.strength + floor) * (other.strength + floor)) for one, other in pairs
    ]
    best: Weight = np.max(found, axis=0)
    return best


def _spread(one: Structure, other: Structure) -> Weight:
    return cv2.GaussianBlur(_coarse((one * other).sum(axis=0)), (0, 0), SPOT_PX / _COARSE).astype(
        np.float32, copy=False
    )


def _coarse(one: Weight) -> Weight:
    height, width = one.shape
    size = max(width // _COARSE, 1), max(height // _COARSE, 1)
    return cv2.resize(one, size, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)


def _shifted(one: Structure, other: Structure) -> Structure:
    """Another moment's structure, moved to where it fits best: the camera shakes."""
    inner = one[:, SHAKE:-SHAKE, SHAKE:-SHAKE]
    shared = np.einsum("cyxhw,chw->yx", sliding_window_view(other, inner.shape[1:], axis=(1, 2)), inner)
    down, across = np.unravel_index(int(shared.argmax()), shared.shape)
    return np.roll(other, (SHAKE - int(down), SHAKE - int(across)), axis=(1, 2))


def _with_some(begin: int, length: int, most: int, least: int) -> tuple[int, int]:
    """A stretch with a quarter of its length on either side, at least so long, inside the picture."""
    size = min(max(round(length * 1.5), least), most)
    start = min(max(begin + length // 2 - size // 2, 0), most - size)
    return start, start + size

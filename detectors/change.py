"""Whether a thing is still in its place: crops compared so that light, noise and a camera that shakes count for little.

What is compared are gradients, each divided by how strong gradients are around it: a lamp or a cloud scales them all,
and what is left is structure. The crops with the thing and those without it say where it matters (`Pair`): there alone
a crop is measured against both. A crop that fits neither clearly, or not as well as crops of one moment fit each other,
is not judged: whoever asks then asks a person.

All crops of one comparison have one size. Arrays are uint8 or float32 [h, w], grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from detectors.bisection import Answer

Grey = NDArray[np.uint8] | NDArray[np.float32]
Structure = NDArray[np.float32]
"""Normalised gradients, float32 [2, h, w]."""

SHAKE = 2
"""Pixels a camera may have moved between two crops."""
MARGIN = 0.25
"""How much better a crop must fit one side than the other, on a scale on which a perfect fit is 1."""
LEAST_FIT = 0.35
"""A crop that fits even the better side less than this shows something else: somebody in front, fog, another view."""
LEAST_APART = 0.35
"""Sides that fit each other this well (1 less this) cannot be told apart: noise alone, or nothing changed."""
_FLOOR = 6.0
"""Grey levels a gradient needs to count: below is noise."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer, and how well the crop fits the side with the thing and the one without it: -1 to 1."""

    answer: Answer
    fit_in: float
    fit_out: float


def structure(crops: Sequence[Grey]) -> Structure:
    """The structure of one moment, of one or more crops of it: they are laid over each other first."""
    first = crops[0].astype(np.float32)
    total = first.copy()
    for other in crops[1:]:
        total += _laid(first, other.astype(np.float32))
    mean = cv2.GaussianBlur(total / len(crops), (0, 0), 1.0)
    across, down = cv2.Sobel(mean, cv2.CV_32F, 1, 0, scale=0.25), cv2.Sobel(mean, cv2.CV_32F, 0, 1, scale=0.25)
    around = cv2.GaussianBlur(across * across + down * down, (0, 0), max(mean.shape) / 6)
    floor = _FLOOR / np.sqrt(len(crops)) / 4
    found: Structure = (np.stack((across, down)) / np.sqrt(around + floor * floor)).astype(np.float32, copy=False)
    return found


def _laid(first: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """A crop moved by up to `SHAKE` pixels to where it fits another one best."""
    inner = first[SHAKE:-SHAKE, SHAKE:-SHAKE]
    if min(inner.shape) < SHAKE:
        return other
    _, _, _, (dx, dy) = cv2.minMaxLoc(cv2.matchTemplate(other, inner, cv2.TM_CCOEFF_NORMED))
    move = np.array([[1, 0, SHAKE - dx], [0, 1, SHAKE - dy]], np.float32)
    return cv2.warpAffine(other, move, (other.shape[1], other.shape[0]), borderMode=cv2.BORDER_REPLICATE).astype(
        np.float32, copy=False
    )


class Pair:
    """A thing's place with it and without it, each from one or more moments. Raises ValueError where one is missing."""

    def __init__(self, with_: Sequence[Structure], without: Sequence[Structure]) -> None:
        if not with_ or not without:
            raise ValueError("a comparison needs both sides")
        self._with = with_
        self._without = without
        apart = np.mean(with_, axis=0) - np.mean(without, axis=0)
        where = cv2.GaussianBlur((apart * apart).sum(axis=0), (0, 0), 2.0)
        self._where = where / max(float(where.max()), 1e-6)

    @property
    def apart(self) -> float:
        """How unlike the two sides are, 0 to 2."""
        return 1 - max(_fit(one, other, self._where) for one in self._with for other in self._without)

    def judge(self, crops: Structure) -> Judged:
        """Which side a moment's crops show; unknown where it is not clear."""
        fit_in = max(_fit(crops, one, self._where) for one in self._with)
        fit_out = max(_fit(crops, one, self._where) for one in self._without)
        answer = Answer.UNKNOWN
        if max(fit_in, fit_out) >= LEAST_FIT and abs(fit_in - fit_out) >= MARGIN and self.apart >= LEAST_APART:
            answer = Answer.IN if fit_in > fit_out else Answer.OUT
        return Judged(answer, fit_in, fit_out)


def _fit(one: Structure, other: Structure, where: NDArray[np.float32]) -> float:
    """Weighted correlation, at the best of the shifts that a shaking camera makes: -1 to 1."""
    inner, weight = one[:, SHAKE:-SHAKE, SHAKE:-SHAKE], where[SHAKE:-SHAKE, SHAKE:-SHAKE]
    # all shifts at once, as views: a fifth of what one by one costs
    shared = np.einsum("cyxhw,chw->yx", sliding_window_view(other, weight.shape, axis=(1, 2)), inner * weight)
    energy = np.einsum("yxhw,hw->yx", sliding_window_view((other * other).sum(axis=0), weight.shape), weight)
    own = float((inner * inner * weight).sum())
    return float((shared / np.maximum(np.sqrt(own * energy), 1e-6)).max())

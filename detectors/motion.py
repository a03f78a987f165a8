"""Motion: which regions of a camera's picture changed because something moved, at a tenth of a millisecond a frame.

The picture is reduced to 160 × 90 cells. Every cell has a background level and a noise level of its own, both learned:
a cell is *different* when it leaves its background by more than its noise explains, and *moving* when it also left what
it showed half a second ago; a region counts when it is different and holds moving cells (so a ghost or a parked car
does not). Light is taken out before cells are compared: a straight line from background to picture (gain and offset)
is fitted robustly over the whole picture; a large region whose texture is that of its background is a light on it, not
a thing before it; and when most of the picture changes at once the background is learned anew.

After sigma-delta background estimation (A. Manzanera, J. Richefeu, 2007: a running level and a running deviation per
pixel), with time constants in seconds instead of steps a frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.facts import Box, Luma, Motion

ROWS, COLUMNS = 90, 160

_Cells = NDArray[np.float32]

_NOISE_FACTOR = 4.0
"""A cell differs beyond this many mean deviations (3.2 sigma of normal noise)."""
_LEAST_DIFFERENCE = 7.0
"""Grey levels (of 255) that are never significant: quantisation and compression."""
_MOST_NOISE = 14.0
"""Deviation, in grey levels, up to which a restless cell may grow deaf."""
_BACKGROUND_S = 5.0
_STILL_S = 12.0
_BUSY_S = 60.0
_NOISE_S = 3.0
_NOISE_BUSY_S = 20.0
_RECENT_S = 0.5
_LEAST_CELLS = 6
_LEAST_MOVING = 3
_LARGE_REGION = 0.004
_FLASH = 14.0
"""Grey levels by which the median cell differs when everything changed at once: a lamp, a covered or turned camera."""
_SETTLE_S = 0.8
_SATURATED = 250.0
_WHITE = 255.0
_NEIGHBOURS = np.ones((3, 3), np.uint8)


class MotionDetector:
    """Motion of one camera. `ignore` is bool [90, 160]: cells a mask touches; their values are overwritten unseen.

    Not thread-safe. Feed frames of one size ratio in rising stream time; a gap or a jump back learns anew.
    """

    def __init__(self, ignore: NDArray[np.bool_] | None = None) -> None:
        self._ignore = np.zeros((ROWS, COLUMNS), np.bool_) if ignore is None else ignore
        self._visible = ~self._ignore
        self._masked = bool(self._ignore.any())
        self._cells = max(1, int(np.count_nonzero(self._visible)))
        sampled = np.zeros_like(self._ignore)
        sampled[1::4, 1::4] = True
        self._sample = np.flatnonzero(sampled & self._visible)
        self._background: _Cells | None = None
        self._recent: _Cells = np.zeros((ROWS, COLUMNS), np.float32)
        self._noise: _Cells = np.zeros((ROWS, COLUMNS), np.float32)
        self._at = 0.0
        self._settle_until = 0.0

    def look(self, luma: Luma, at: float) -> Motion:
        """Compare one grey picture, uint8 [h, w] of any size, taken at stream time `at` (seconds)."""
        small = reduced(luma)
        if self._masked:
            small[self._ignore] = 0
        now = small.astype(np.float32)
        elapsed = at - self._at
        background = self._background
        if background is None or not 0 < elapsed < _BUSY_S:
            return self._learn_anew(now, at, flash=False)
        self._at = at
        gain, offset = self._light(now, background)
        background *= gain
        background += offset
        self._recent *= gain
        self._recent += offset
        difference = _difference(now, background)
        # where the line does not explain a change of light, what it leaves everywhere is not a thing anywhere
        residue = _median(difference.ravel()[self._sample]) if self._sample.size else 0.0
        if residue > _FLASH and at >= self._settle_until:
            return self._learn_anew(now, at, flash=True)
        limit = self._noise * _NOISE_FACTOR
        np.maximum(limit, _LEAST_DIFFERENCE, out=limit)
        limit += _NOISE_FACTOR * residue
        if at < self._settle_until:
            limit *= 2
        different = difference > limit
        if self._masked:
            different &= self._visible
        count = int(np.count_nonzero(different))
        boxes: tuple[Box, ...] = ()
        mask = moving = np.zeros_like(different)
        if count >= _LEAST_CELLS:
            moving = _difference(now, self._recent) > limit
            moving &= different
            if np.count_nonzero(moving) >= _LEAST_MOVING:
                boxes, mask = self._regions(different, moving, now)
        self._adapt(now, difference, different, moving, elapsed)
        share = float(np.count_nonzero(mask)) / self._cells if boxes else 0.0
        return Motion(boxes, mask, share, flash=False)

    def _learn_anew(self, now: _Cells, at: float, *, flash: bool) -> Motion:
        if self._background is None:
            self._noise.fill(1.0)
        self._background = now.copy()
        self._recent = now.copy()
        self._at = at
        if flash:
            self._settle_until = at + _SETTLE_S
        return Motion((), np.zeros((ROWS, COLUMNS), np.bool_), 1.0 if flash else 0.0, flash)

    def _light(self, now: _Cells, background: _Cells) -> tuple[float, float]:
        """Gain and offset from background to picture: a line through the medians of the darker and lighter half.

        Medians bear things that cover up to half of each half; saturated cells tell nothing and are left out.
        """
        old, new = background.ravel()[self._sample], now.ravel()[self._sample]
        usable = (new < _SATURATED) & (new > 1) & (old < _SATURATED)
        old, new = old[usable], new[usable]
        if old.size < 64:  # noqa: PLR2004 -- too few cells left to tell light from things
            return 1.0, 0.0
        split = _median(old)
        dark = old <= split
        light = ~dark
        if not light.any():
            return 1.0, _median(new - old)
        x0, y0, x1, y1 = _median(old[dark]), _median(new[dark]), _median(old[light]), _median(new[light])
        if x1 - x0 < 8:  # noqa: PLR2004 -- a flat picture has no slope to fit
            return 1.0, _median(new - old)
        gain = min(4.0, max(0.25, (y1 - y0) / (x1 - x0)))
        return gain, y0 - gain * x0

    def _regions(
        self, different: NDArray[np.bool_], moving: NDArray[np.bool_], now: _Cells
    ) -> tuple[tuple[Box, ...], NDArray[np.bool_]]:
        # only where something differs; two cells more each way are all that closing and blur look at
        window = _grown(cv2.boundingRect(different.view(np.uint8)))
        top, left = window[0].start, window[1].start
        joined = cv2.morphologyEx(different[window].view(np.uint8), cv2.MORPH_CLOSE, _NEIGHBOURS)
        count, numbers, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_16U)
        moved = np.bincount(numbers[moving[window]], minlength=count)
        keep = (stats[:, cv2.CC_STAT_AREA] >= _LEAST_CELLS) & (moved >= _LEAST_MOVING)
        keep[0] = False
        boxes = []
        for number in np.flatnonzero(keep):
            x, y, width, height, cells = stats[number].tolist()
            if cells > _LARGE_REGION * self._cells:
                own = _grown((x, y, width, height))
                around = _grown((left + x, top + y, width, height))
                if self._same_texture(numbers[own] == number, now[around], around):
                    keep[number] = False
                    continue
            x, y = left + x, top + y
            boxes.append(Box(x / COLUMNS, y / ROWS, (x + width) / COLUMNS, (y + height) / ROWS))
        mask = np.zeros_like(different)
        mask[window] = keep[numbers]
        mask &= self._visible
        return tuple(boxes), mask

    def _same_texture(self, region: NDArray[np.bool_], now: _Cells, around: tuple[slice, slice]) -> bool:
        """Whether a region shows its background's edges under another light (correlation of high-pass pictures)."""
        assert self._background is not None  # noqa: S101 -- called by `look` after the first frame only
        background = self._background[around]
        old = (background - cv2.blur(background, (5, 5)))[region]
        new = (now - cv2.blur(now, (5, 5)))[region]
        power = float(np.sqrt((old @ old) * (new @ new)))
        texture = float(np.sqrt(old @ old / old.size))
        return texture > 2 and power > 0 and float(old @ new) / power > 0.7  # noqa: PLR2004 -- see the docstring

    def _adapt(
        self,
        now: _Cells,
        difference: _Cells,
        different: NDArray[np.bool_],
        moving: NDArray[np.bool_],
        elapsed: float,
    ) -> None:
        background = self._background
        assert background is not None  # noqa: S101 -- called by `look` after the first frame only
        swift = min(1.0, elapsed / _BACKGROUND_S)
        step = now - background
        step *= swift
        # cells that differ learn slowly, those that move slower still; a burnt-out cell must not forget what it showed
        np.multiply(step, min(1.0, elapsed / _STILL_S) / swift, out=step, where=different)
        np.multiply(step, _STILL_S / _BUSY_S, out=step, where=moving)
        np.multiply(step, 0, out=step, where=now >= _SATURATED)
        background += step
        np.subtract(now, self._recent, out=step)
        step *= min(1.0, elapsed / _RECENT_S)
        self._recent += step
        swift = min(1.0, elapsed / _NOISE_S)
        difference -= self._noise
        difference *= swift
        np.multiply(difference, min(1.0, elapsed / _NOISE_BUSY_S) / swift, out=difference, where=different)
        self._noise += difference
        np.minimum(self._noise, _MOST_NOISE, out=self._noise)


def reduced(luma: Luma) -> Luma:
    """A grey picture averaged to cells, uint8 [90, 160]; by halves first, which is several times cheaper."""
    while luma.shape[0] >= 4 * ROWS and luma.shape[1] >= 4 * COLUMNS:
        height, width = luma.shape[0] // 2, luma.shape[1] // 2
        half = cv2.resize(luma[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
        luma = half.astype(np.uint8, copy=False)
    return cv2.resize(luma, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _grown(rectangle: Sequence[int]) -> tuple[slice, slice]:
    """Rows and columns of a rectangle (x, y, width, height) and of two cells more each way, as far as there are any."""
    x, y, width, height = rectangle
    return slice(max(0, y - 2), y + height + 2), slice(max(0, x - 2), x + width + 2)


def _difference(now: _Cells, learned: _Cells) -> _Cells:
    """Absolute difference to what was learned, as the camera would show it (0–255)."""
    low, high, _, _ = cv2.minMaxLoc(learned)
    shown = learned if low >= 0 and high <= _WHITE else np.clip(learned, 0, _WHITE)
    return cv2.absdiff(now, shown).astype(np.float32, copy=False)


def _median(values: NDArray[np.float32]) -> float:
    """The upper median; a fifth of numpy's cost for a thousand values."""
    middle = values.size // 2
    return float(np.partition(values, middle)[middle])

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
_LARGE_REGION = 0.02
_FLASH_LEVEL = 0.45
_FLASH_JUMP = 0.3
_SETTLE_S = 0.8
_SATURATED = 250.0


class MotionDetector:
    """Motion of one camera. `ignore` is bool [90, 160]: cells a mask touches; their values are overwritten unseen.

    Not thread-safe. Feed frames of one size ratio in rising stream time; a gap or a jump back learns anew.
    """

    def __init__(self, ignore: NDArray[np.bool_] | None = None) -> None:
        self._ignore = np.zeros((ROWS, COLUMNS), np.bool_) if ignore is None else ignore
        seen = np.zeros_like(self._ignore)
        seen[1::3, 1::3] = True
        self._sample = np.flatnonzero(seen & ~self._ignore)
        self._visible = max(1, int(self._ignore.size - np.count_nonzero(self._ignore)))
        self._background: _Cells | None = None
        self._recent: _Cells = np.zeros((ROWS, COLUMNS), np.float32)
        self._noise: _Cells = np.zeros((ROWS, COLUMNS), np.float32)
        self._at = 0.0
        self._level = 0.0
        self._settle_until = 0.0

    def look(self, luma: Luma, at: float) -> Motion:
        """Compare one grey picture, uint8 [h, w] of any size, taken at stream time `at` (seconds)."""
        small = cv2.resize(luma, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
        small[self._ignore] = 0
        now = small.astype(np.float32)
        elapsed = at - self._at
        if self._background is None or not 0 < elapsed < _BUSY_S:
            return self._learn_anew(now, at, flash=False)
        self._at = at
        gain, offset = self._light(now, self._background)
        self._background *= gain
        self._background += offset
        self._recent *= gain
        self._recent += offset
        difference = np.abs(now - np.clip(self._background, 0, 255))
        # where the line does not explain a change of light, what it leaves everywhere is not a thing anywhere
        residue = float(np.median(difference.ravel()[self._sample])) if self._sample.size else 0.0
        limit = np.maximum(self._noise * _NOISE_FACTOR, _LEAST_DIFFERENCE) + _NOISE_FACTOR * residue
        if at < self._settle_until:
            limit *= 2
        different = difference > limit
        different[self._ignore] = False
        level = np.count_nonzero(different) / self._visible
        if level > _FLASH_LEVEL and level - self._level > _FLASH_JUMP and at >= self._settle_until:
            return self._learn_anew(now, at, flash=True)
        self._level = level
        moving = np.abs(now - np.clip(self._recent, 0, 255)) > limit
        moving &= different
        boxes, mask = self._regions(different, moving, now)
        self._adapt(now, difference, different, moving, elapsed)
        return Motion(boxes, mask, float(np.count_nonzero(mask)) / self._visible, flash=False)

    def _learn_anew(self, now: _Cells, at: float, *, flash: bool) -> Motion:
        if self._background is None:
            self._noise.fill(1.0)
        self._background = now.copy()
        self._recent = now.copy()
        self._at, self._level = at, 0.0
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
        split = np.median(old)
        dark, light = old <= split, old > split
        if not light.any() or not dark.any():
            return 1.0, float(np.median(new - old))
        x0, y0 = float(np.median(old[dark])), float(np.median(new[dark]))
        x1, y1 = float(np.median(old[light])), float(np.median(new[light]))
        if x1 - x0 < 8:  # noqa: PLR2004 -- a flat picture has no slope to fit
            return 1.0, float(np.median(new - old))
        gain = min(4.0, max(0.25, (y1 - y0) / (x1 - x0)))
        return gain, y0 - gain * x0

    def _regions(
        self, different: NDArray[np.bool_], moving: NDArray[np.bool_], now: _Cells
    ) -> tuple[tuple[Box, ...], NDArray[np.bool_]]:
        mask = np.zeros_like(different)
        if np.count_nonzero(moving) < _LEAST_MOVING:
            return (), mask
        joined = cv2.morphologyEx(different.view(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        count, numbers, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        moved = np.bincount(numbers[moving], minlength=count)
        boxes = []
        for number in range(1, count):
            x, y, width, height, cells = (int(v) for v in stats[number])
            if cells < _LEAST_CELLS or moved[number] < _LEAST_MOVING:
                continue
            region = numbers == number
            if cells > _LARGE_REGION * self._visible and self._same_texture(region, now):
                continue
            mask |= region
            boxes.append(Box(x / COLUMNS, y / ROWS, (x + width) / COLUMNS, (y + height) / ROWS))
        mask &= ~self._ignore
        return tuple(boxes), mask

    def _same_texture(self, region: NDArray[np.bool_], now: _Cells) -> bool:
        """Whether a region shows its background's edges under another light (correlation of high-pass pictures)."""
        assert self._background is not None  # noqa: S101 -- called by `look` after the first frame only
        old = (self._background - cv2.blur(self._background, (5, 5)))[region]
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
        assert self._background is not None  # noqa: S101 -- called by `look` after the first frame only
        rate = np.where(different, np.float32(elapsed / _STILL_S), np.float32(elapsed / _BACKGROUND_S))
        rate[moving] = elapsed / _BUSY_S
        rate[now >= _SATURATED] = 0  # a burnt-out cell would forget what it showed
        np.minimum(rate, 1, out=rate)
        self._background += (now - self._background) * rate
        self._recent += (now - self._recent) * min(1.0, elapsed / _RECENT_S)
        rate = np.where(different, np.float32(elapsed / _NOISE_BUSY_S), np.float32(elapsed / _NOISE_S))
        np.minimum(rate, 1, out=rate)
        self._noise += (difference - self._noise) * rate
        np.minimum(self._noise, _MOST_NOISE, out=self._noise)

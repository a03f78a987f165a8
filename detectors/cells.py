"""What moved, coarsely enough to be kept for every second: 32 × 18 cells of 5 × 5 pixels of the motion mask.

One row of cells is one uint32, its leftmost cell the highest bit; so whoever asks about a region reads its own rows
alone. A cell is about 60 × 60 pixels of a 1080p picture.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.facts import Polygon
from detectors.geometry import masked_cells

ROWS, COLUMNS = 18, 32
SIDE = 5
"""Pixels of the motion mask (90 × 160) along a cell."""
LEAST = 3
"""A cell is on when at least this many of its 25 pixels moved in one picture: less is noise."""

Rows = NDArray[np.uint32]
"""[18]: a row of cells each."""


def packed(cells: NDArray[np.bool_]) -> Rows:
    """Cells, bool [18, 32], as rows."""
    return np.packbits(cells, axis=1).view(">u4").ravel().astype(np.uint32)


def unpacked(rows: Rows) -> NDArray[np.bool_]:
    """Rows, uint32 [..., 18], as cells, bool [..., 18, 32]."""
    octets = np.ascontiguousarray(rows, ">u4").view(np.uint8)
    return np.unpackbits(octets.reshape(*rows.shape, 4), axis=-1).astype(np.bool_)


def cells_of(mask: NDArray[np.bool_]) -> Rows:
    """The cells that moved in one picture, by its motion mask, bool [90, 160]."""
    # the mean of a cell's pixels, each 0 or 250, is ten times how many moved; a fifth of numpy's cost
    means = cv2.resize(mask.view(np.uint8) * np.uint8(250), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return packed(np.greater_equal(means, 10 * LEAST))


def blind(masks: Iterable[Polygon]) -> Rows:
    """The cells that can never come on under privacy masks: too few of their pixels are seen."""
    hidden = masked_cells(masks, ROWS * SIDE, COLUMNS * SIDE)
    seen = (~hidden).reshape(ROWS, SIDE, COLUMNS, SIDE).sum(axis=(1, 3), dtype=np.uint8)
    return packed(seen < LEAST)


def touched(outlines: Iterable[Polygon]) -> Rows:
    """The cells that outlines touch, if only in part: a region that is asked about, or what a later mask may hide."""
    hit = masked_cells(outlines, ROWS * SIDE, COLUMNS * SIDE)
    return packed(hit.reshape(ROWS, SIDE, COLUMNS, SIDE).sum(axis=(1, 3), dtype=np.uint8) > 0)


def every() -> Rows:
    """All cells of a picture."""
    return np.full(ROWS, 2**32 - 1, np.uint32)


def count(rows: Rows) -> int:
    """How many cells are on."""
    return int(np.bitwise_count(rows).sum())


class Second:
    """The cells of a second: on where they were in any of its analysed pictures. `hidden` never comes on."""

    def __init__(self, hidden: Rows) -> None:
        self._seen = ~hidden
        self._rows = np.zeros(ROWS, np.uint32)

    def add(self, mask: NDArray[np.bool_]) -> None:
        """One picture's motion mask, bool [90, 160]."""
        self._rows |= cells_of(mask) & self._seen

    def take(self) -> Rows | None:
        """The second's cells, None where nothing moved; the next second begins."""
        rows, self._rows = self._rows, np.zeros(ROWS, np.uint32)
        return rows if rows.any() else None

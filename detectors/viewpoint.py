"""Whether a camera looks elsewhere than before: its picture's edges are others, suddenly and for good.

What is compared is the picture without its slow gradients (what is left beside a blur), so that light, dusk and the
camera's own gain do not count; it is learned slowly, so that snow, leaves and parked cars become part of it. Another
picture counts when it has almost nothing in common with the known one for a minute, and is steady by itself. A
picture without edges (night, fog, a cover) tells nothing. Infrared light that turns every edge into another one would
be taken for another view: whoever tells people says that the camera *may* have been turned.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.facts import Luma
from detectors.motion import COLUMNS, ROWS, reduced

LASTS_S = 60.0
_PACE_S = 4.0
_GAP_S = 60.0
_LEARNED = 15
"""Looks until a view is known."""
_FOLLOWS = 0.01
_STEEPEST = 40.0
"""Grey levels: a lamp's edge must not outweigh all others."""
_TEXTURE = 1.5
_SAME = 0.3
_OTHER = 0.2
_STEADY = 0.5

_Edges = NDArray[np.float32]


class Viewpoint:
    """The view of one camera. `ignore` is bool [90, 160]: pixels a mask touches.

    Not thread-safe; may outlive a pull.
    """

    def __init__(self, ignore: NDArray[np.bool_] | None = None) -> None:
        self._ignore = ignore
        self._at = -np.inf
        self._known: _Edges | None = None
        self._looks = 0
        self._other: _Edges | None = None
        self._since = 0.0

    def look(self, luma: Luma, at: float) -> float | None:
        """Look at a grey picture, uint8 [h, w], of stream time `at` (s); since when the camera looks elsewhere.

        None nearly always: a turn is told once, when it lasted. Pictures that come faster than needed are passed over.
        """
        elapsed = at - self._at
        if 0 <= elapsed < _PACE_S:
            return None
        if not 0 <= elapsed < _GAP_S:
            self._other = None
        self._at = at
        edges = self._edges(luma)
        if self._known is None or self._looks < _LEARNED:
            self._looks += 1
            if self._known is None:
                self._known = edges
            else:
                self._known += (edges - self._known) * np.float32(1 / self._looks)
            return None
        if _texture(edges) < _TEXTURE or _texture(self._known) < _TEXTURE:
            self._other = None
            self._known += (edges - self._known) * _FOLLOWS
            return None
        alike = _alike(self._known, edges)
        if alike >= _OTHER:
            self._other = None
            if alike >= _SAME:
                self._known += (edges - self._known) * _FOLLOWS
            return None
        return self._compare(edges, at)

    def _compare(self, edges: _Edges, at: float) -> float | None:
        """A picture unlike the known one: the first, or one more of the same."""
        if self._other is None or _alike(self._other, edges) < _STEADY:
            self._other, self._since = edges, at
            return None
        self._other += (edges - self._other) * np.float32(0.2)
        if at - self._since < LASTS_S:
            return None
        self._known, self._other = self._other, None
        return self._since

    def _edges(self, luma: Luma) -> _Edges:
        small = reduced(luma).astype(np.float32)
        edges = small - cv2.blur(small, (7, 7))
        np.clip(edges, -_STEEPEST, _STEEPEST, out=edges)
        edges[: ROWS // 8] = edges[-(ROWS // 8) :] = 0  # where cameras write name and time
        if self._ignore is not None:
            edges[self._ignore] = 0
        found: _Edges = edges.astype(np.float32, copy=False)
        return found


def _texture(edges: _Edges) -> float:
    return float(np.sqrt(np.vdot(edges, edges) / (ROWS * COLUMNS)))


def _alike(one: _Edges, other: _Edges) -> float:
    """Correlation of two pictures' edges, -1 to 1."""
    power = float(np.sqrt(np.vdot(one, one) * np.vdot(other, other)))
    return float(np.vdot(one, other)) / power if power > 0 else 0.0

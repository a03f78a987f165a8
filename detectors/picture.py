"""Whether a camera that delivers shows anything: black, covered and frozen pictures, from a look every other second.

- *black*: almost no light and no structure. A night with a lamp or infrared has either.
- *covered*: the structure (mean step between neighbouring cells) fell within seconds to a fraction of what this camera
  usually shows, and stays there. Dusk and fog come slowly, and what is usual follows them.
- *frozen*: the picture shows no change at all, and after being coded anew (at a keyframe) it comes out the same to the
  last grey level, again and again. Sensor noise makes every keyframe of a living camera another, however still the
  scene; one that renews its picture seldom shows each for some seconds, and none again. A frozen sensor behind an
  encoder that codes the same picture differently each time (constant bit rate; a running clock in a coarse stream) is
  not recognised.

Nothing is said before it lasted `LASTS_S`, and it is over when it was over for `OVER_S`. The upper and lower edge of
the picture are left out: that is where cameras write name and time.
"""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import Literal
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.facts import Luma
from detectors.motion import COLUMNS, ROWS, reduced

Fault = Literal["black", "covered", "frozen"]

LASTS_S = 30.0
OVER_S = 5.0
_PACE_S = 2.0
_UNCODED_S = 5.0
"""A look without a keyframe since the last one comes this late: it cannot tell a frozen picture."""
_GAP_S = 60.0
_EDGE = ROWS // 8
_AVERAGED = 0.35
"""Weight of the newest picture in the mean of a few that is judged: noise must not count as structure."""
_DARK = 44.0
"""Grey level (16 is black in most streams) that not even the brightest cell of a black picture passes."""
_FLAT = 0.7
_LEARNED_S = 60.0
_USUAL_S = 120.0
_COVERED = 0.3
_BARE = 0.5
"""Shares of the usual structure: a covered picture is below the one, and has to come above the other again."""
_LEAST_USUAL = 1.5
"""With less structure than this there is nothing whose absence could be told."""
_SUDDEN = 6
"""Looks within which a picture that is covered loses its structure."""
_CHANGED_LEVEL = 10
_CHANGED_SHARE = 0.002
_SAME = 4
_SAME_SHARE = 0.25
_UNSEEN = 6
_REMEMBERED_S = 90.0
_RENEWED_S = 25.0
"""A picture by the web or an overloaded camera comes anew at least this often; longer is as good as frozen."""


class _Lasting:
    """A condition that counts once it held for LASTS_S, until it did not for OVER_S."""

    def __init__(self) -> None:
        self.counts = False
        self._turned: float | None = None

    def update(self, at: float, *, holds: bool) -> None:
        if holds == self.counts:
            self._turned = None
            return
        if self._turned is None:
            self._turned = at
        if at - self._turned >= (OVER_S if self.counts else LASTS_S):
            self.counts = holds
            self._turned = None

    def restart(self) -> None:
        self._turned = None


class PictureJudge:
    """Judges the pictures of one camera. `ignore` is bool [90, 160]: cells a mask touches, which are not looked at.

    Not thread-safe. May outlive a pull: what is usual is kept when stream time jumps.
    """

    def __init__(self, ignore: NDArray[np.bool_] | None = None) -> None:
        visible = np.zeros((ROWS, COLUMNS), np.bool_)
        visible[_EDGE : ROWS - _EDGE] = True
        if ignore is not None:
            visible &= ~ignore
        self._visible = visible.view(np.uint8) * np.uint8(255)
        self._across = self._visible[:, 1:] & self._visible[:, :-1]
        self._down = self._visible[1:] & self._visible[:-1]
        self._blind = not (self._across.any() and self._down.any())
        self._at = -np.inf
        self._mean: NDArray[np.float32] | None = None
        self._usual = 0.0
        self._learned_s = 0.0
        self._lately: deque[float] = deque(maxlen=_SUDDEN)
        self._fell = False
        self._black, self._covered, self._frozen = _Lasting(), _Lasting(), _Lasting()
        self._still = _Still(int(np.count_nonzero(visible)))
        self._cells = int(np.count_nonzero(visible))

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the picture, the worst first."""
        if self._black.counts:
            return "black"
        if self._covered.counts:
            return "covered"
        return "frozen" if self._frozen.counts else None

    def look(self, luma: Luma, at: float, *, coded: bool) -> Fault | None:
        """Look at a grey picture, uint8 [h, w], of stream time `at` (s); `coded`: the first one since a keyframe.

        Pictures that come faster than they are needed are passed over.
        """
        elapsed = at - self._at
        if self._blind or 0 <= elapsed < (_PACE_S if coded else _UNCODED_S):
            return self.fault
        if not 0 <= elapsed < _GAP_S:
            self._restart()
            elapsed = 0.0
        self._at = at
        small = reduced(luma).astype(np.float32)
        if self._mean is None:
            self._mean = small
        else:
            cv2.accumulateWeighted(small, self._mean, _AVERAGED)
        structure = self._structure(self._mean)
        dark = cv2.minMaxLoc(self._mean, self._visible)[1] <= _DARK and structure <= _FLAT
        self._black.update(at, holds=dark)
        self._covered.update(at, holds=self._is_covered(structure, elapsed) and not dark)
        if coded:
            points = cv2.resize(luma, (COLUMNS, ROWS), interpolation=cv2.INTER_NEAREST)
            same = self._still.look(cv2.bitwise_and(points, self._visible).astype(np.uint8, copy=False), at)
            self._frozen.update(at, holds=same and structure > _FLAT)
        return self.fault

    def _restart(self) -> None:
        self._mean = None
        self._lately.clear()
        self._still = _Still(self._cells)
        for one in (self._black, self._covered, self._frozen):
            one.restart()

    def _structure(self, mean: NDArray[np.float32]) -> float:
        smooth = cv2.blur(mean, (3, 3))  # without what is left of the noise
        across = cv2.mean(cv2.absdiff(smooth[:, 1:], smooth[:, :-1]), self._across)[0]
        return across + cv2.mean(cv2.absdiff(smooth[1:], smooth[:-1]), self._down)[0]

    def _is_covered(self, structure: float, elapsed: float) -> bool:
        low = structure < self._usual * (_BARE if self._fell else _COVERED)
        if not low:
            self._fell = False
        elif not self._fell:
            known = self._learned_s >= _LEARNED_S and self._usual >= _LEAST_USUAL
            self._fell = known and any(was > self._usual * _BARE for was in self._lately)
        self._lately.append(structure)
        if not self._fell:
            self._learned_s += elapsed
            share = 1.0 if self._usual == 0 else min(1.0, elapsed / min(_USUAL_S, max(self._learned_s, 1.0)))
            self._usual += (structure - self._usual) * share
        return self._fell


class _Still:
    """Whether pictures coded anew are the same ones again, to the last grey level."""

    def __init__(self, cells: int) -> None:
        self._most_changed = _CHANGED_SHARE * cells
        self._first: NDArray[np.uint8] | None = None
        self._seen: deque[tuple[float, int]] = deque()
        self._unseen = 0

    def look(self, points: NDArray[np.uint8], at: float) -> bool:
        """Take one more, uint8 [90, 160]; True while a quarter of the last pictures had been seen before."""
        if self._first is None or self._changed(points, self._first):
            self._first = points.copy()
            self._seen.clear()
        picture = crc32(points.tobytes())
        self._unseen = 0 if any(picture == one for _, one in self._seen) else self._unseen + 1
        self._seen.append((at, picture))
        while self._seen[0][0] < at - _REMEMBERED_S:
            self._seen.popleft()
        again = len(self._seen) - len({one for _, one in self._seen})
        same = self._unseen < _UNSEEN and again >= _SAME and again >= _SAME_SHARE * len(self._seen)
        return same and not self._renewed(at)

    def _renewed(self, at: float) -> bool:
        """Whether each picture stays some seconds and none comes back: a living camera that renews it seldom."""
        turns = [(one, next(turn)[0]) for one, turn in groupby(self._seen, key=lambda seen: seen[1])]
        distinct = len({one for one, _ in turns})
        return 1 < distinct == len(turns) and at - turns[-1][1] < _RENEWED_S

    def _changed(self, points: NDArray[np.uint8], first: NDArray[np.uint8]) -> bool:
        return int(np.count_nonzero(cv2.absdiff(points, first) > _CHANGED_LEVEL)) > self._most_changed

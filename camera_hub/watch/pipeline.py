"""Frames of one camera to occurrences: masks, motion, objects, tracks, rules.

Time is stream time (`Frame.at`) throughout, so that footage gives the same occurrences however fast it is read; wall
time only dates them. One thread calls a pipeline. It never waits for the detector: a look is put in when something
moved and no answer is outstanding, and is taken up at the first frame (or call of `hear`) after it was answered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camera_hub.stream.packet import Frame
from camera_hub.watch.inference import Asks, Look
from camera_hub.watch.occurrence import Occurrence, Reporter, Sight
from camera_hub.watch.scene import masks_of, rules_of
from detectors.crops import MOST_CROPS, due, plan
from detectors.facts import Box, Motion, Rgb
from detectors.geometry import masked_cells
from detectors.motion import COLUMNS, ROWS, MotionDetector
from detectors.rules import RuleBook
from detectors.track import HITS, Track
from detectors.tracker import MEMORY_S, Tracker

__all__ = ["Occurrence", "Pipeline"]

_MOST_CALLS = 5.0
"""Detector calls a second one camera asks for at most."""
_BURST = 6.0
"""Calls it may have saved up: the three looks two new things need at once, before they are gone."""
_SLOW_S = 0.5
_LONGEST_PACE_S = 3.0
_PACE_GAIN = 0.2
_MEMORY_FRAMES = 2.5


@dataclass(slots=True)
class _Asked:
    """A look that was put in, with the picture it shows."""

    look: Look
    at: float
    picture: Rgb
    areas: tuple[Box, ...]
    moving: NDArray[np.bool_]


class Pipeline:
    """The eyes of one camera. `scene` is the registry's Scene as JSON; `tz` gives schedules their local minutes."""

    _due: float
    _allowance: float
    _motion: MotionDetector
    _tracker: Tracker
    _book: RuleBook

    def __init__(self, scene: Mapping[str, Any], inference: Asks, *, analysis_fps: float, tz: tzinfo = UTC) -> None:
        self._inference = inference
        self._interval = 1 / analysis_fps
        self._tz = tz
        self._masks = masks_of(scene)
        self._rules = rules_of(scene)
        self._size: tuple[int, int] = (0, 0)
        self._at = -math.inf
        self._reporter = Reporter()
        self.motion: Motion | None = None
        self._asked: _Asked | None = None
        self._blind: NDArray[np.bool_] | None = None
        self._begin_anew((9, 16))

    @property
    def at(self) -> float:
        """Stream time of the last frame that was looked at."""
        return self._at

    def step(self, frame: Frame, wall: datetime) -> list[Occurrence]:
        """Look at one frame taken at `wall` (aware); frames that come faster than the analysis rate are passed over."""
        if self._at <= frame.at < self._due:
            return self.hear(wall - timedelta(seconds=frame.at - self._at))
        said = []
        height, width = frame.luma.shape
        if (height, width) != self._size or frame.at < self._at:
            said = self.finish(wall)
            self._begin_anew((height, width))
        # half an interval of slack keeps the rate when frames do not divide it evenly
        self._due = max(self._due + self._interval, frame.at + self._interval / 2)
        self._keep_pace(frame.at - self._at)
        self._allowance = min(_BURST, self._allowance + max(0.0, frame.at - self._at) * _MOST_CALLS)
        self._at = frame.at
        sight = self._answer()
        self.motion = motion = self._motion.look(frame.luma, frame.at)
        ended = self._tracker.feel(frame.at, motion.boxes)
        if self._asked is None and motion.boxes:
            self._ask(frame, motion)
        return said + self._judge(ended, sight, Sight(frame.at, lambda: self.picture(frame), frozenset()), wall)

    def hear(self, wall: datetime) -> list[Occurrence]:
        """Take up an answer that came since the last frame, which was taken at `wall`.

        For whoever has time between frames of the analysis rate: what is learned is told that much sooner.
        """
        sight = self._answer()
        return [] if sight is None else self._judge((), sight, sight, wall)

    def picture(self, frame: Frame) -> Rgb:
        """The frame in colour, without what masks hide."""
        rgb = frame.rgb()
        if not self._masks:
            return rgb
        height, width, _ = rgb.shape
        if self._blind is None or self._blind.shape != (height, width):
            self._blind = masked_cells(self._masks, height, width)
        rgb = rgb.copy()
        rgb[self._blind] = 0
        return rgb

    def finish(self, wall: datetime) -> list[Occurrence]:
        """Close what is open. The pipeline may be fed again afterwards."""
        self._asked = None
        verdict = self._book.judge((), self._tracker.finish(), self._at, 0)
        return self._reporter.close(verdict.closed, self._at, wall)

    def _judge(self, ended: Sequence[Track], sight: Sight | None, now: Sight, wall: datetime) -> list[Occurrence]:
        local = wall.astimezone(self._tz)
        verdict = self._book.judge(self._tracker.tracks, ended, self._at, local.hour * 60 + local.minute)
        closed = self._reporter.close(verdict.closed, self._at, wall)
        return closed + self._reporter.tell(self._book.findings, sight=sight, now=now, at=self._at, wall=wall)

    def _begin_anew(self, size: tuple[int, int]) -> None:
        """A first frame, another size, or time that went back: what was learned and tracked cannot go on."""
        height, width = self._size = size
        self._due = -math.inf
        self._allowance = _BURST
        self._motion = MotionDetector(masked_cells(self._masks, ROWS, COLUMNS) if self._masks else None)
        self._tracker = Tracker(width / height)
        self._pace = self._interval
        self._book = RuleBook(self._rules, width / height)

    def _keep_pace(self, elapsed: float) -> None:
        """Follow the true distance of frames: where only keyframes come, one a second, three hits would be too late."""
        if 0 < elapsed < _LONGEST_PACE_S:
            self._pace += (elapsed - self._pace) * _PACE_GAIN
        self._tracker.memory = max(MEMORY_S, _MEMORY_FRAMES * self._pace)
        self._tracker.hits = HITS if self._pace < _SLOW_S else HITS - 1

    def _ask(self, frame: Frame, motion: Motion) -> None:
        height, width = self._size
        wanted = due(motion.boxes, self._tracker.tracks, frame.at)
        areas = plan(wanted, width, height, min(MOST_CROPS, int(self._allowance)))
        if not areas:
            return
        self._allowance -= len(areas)
        picture = self.picture(frame)
        crops = []
        for part in areas:
            x0, y0, x1, y1 = (
                round(part.x0 * width),
                round(part.y0 * height),
                round(part.x1 * width),
                round(part.y1 * height),
            )
            crops.append((picture[y0:y1, x0:x1], Box(x0 / width, y0 / height, x1 / width, y1 / height)))
        self._asked = _Asked(self._inference.submit(crops), frame.at, picture, areas, motion.mask)

    def _answer(self) -> Sight | None:
        """Take up the answer to the outstanding look, if it came; None when there is nothing new."""
        asked = self._asked
        if asked is None or not asked.look.done():
            return None
        self._asked = None
        found = asked.look.result()
        if found is None:
            return None
        met = self._tracker.see(asked.at, found, asked.areas, asked.moving)
        return Sight(asked.at, lambda: asked.picture, frozenset(track.number for track in met))

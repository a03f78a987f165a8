"""Following things: detections and moving regions into tracks.

After ByteTrack (Y. Zhang et al., 2022: confident detections are matched first, weak ones then continue what is left)
with buffered overlaps (F. Yang et al., C-BIoU, 2023), since at five pictures a second a fast thing's boxes hardly
overlap; moving regions are the third and weakest evidence. Everything counts seconds, never frames. Positions are
followed by an alpha-beta filter, which can also take an answer that comes a little late.

Matching is greedy by overlap: with tens of things and a gate on every pair it agrees with the optimal assignment
almost always, costs microseconds, and needs no solver.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.detections import distinct, riders
from detectors.facts import Box, Detection, Point
from detectors.geometry import area, as_array, centre, covered, grown, iou, iou_matrix, overlap
from detectors.labels import PERSON, TWO_WHEELER, group_of
from detectors.track import BORDER, HITS, Sighting, Track

MEMORY_S = 1.6
_CONFIDENT = 0.45
_BUFFERS = (0.3, 0.5)
_LEAST_OVERLAP = 0.1
_POSITION_GAIN = 0.7
_SPEED_GAIN = 0.35
_REGION_GAIN = 0.4
_SIZE_GAIN = 0.5
_WITHIN = 0.6
_LEAST_ELAPSED_S = 0.2
_STEP = 0.25
_SAME_PACE = 0.7
_LIVELY = 0.15
_STILL_OVERLAP = 0.4
_EXPLAINED = 0.3
_MOST_MISSES = 3
_BRIEF_S = 0.5
"""A region seen only once or twice is forgotten after this: leaves and noise end here."""
_BRIEF_UPDATES = 2
_FIRST_SPEED = {True: 1.0, False: 0.5}
"""How far to believe the first step: a detector's box is where the thing is, a region's outline is not."""
_MOST_PATH = 64
_COMPATIBLE = ({PERSON, TWO_WHEELER},)


class Tracker:
    """The tracks of one camera. `aspect` is picture width over height. Not thread-safe.

    `memory` is how long a thing is remembered unseen (seconds), `hits` how many of its last 8 looks must find it.
    Call `see` with each answered look (its own time; a little late is fine), then `feel` with each frame's motion.
    """

    def __init__(self, aspect: float, *, memory: float = MEMORY_S, hits: int = HITS) -> None:
        self.tracks: list[Track] = []
        self._aspect = aspect
        self.memory = memory
        self.hits = hits
        self._next = 1

    def see(
        self,
        at: float,
        detections: Sequence[Detection],
        looked: Sequence[Box],
        moving: NDArray[np.bool_] | None = None,
    ) -> list[Track]:
        """Take the detections of one look over the areas `looked`; returns the tracks found in it.

        `moving` is that frame's motion mask. What stands still in it (a parked car, a cone taken for a person) begins
        no track; it only continues one that is confirmed and right there: somebody who stopped.
        """
        found = distinct(riders(detections))
        lively = [d for d in found if moving is None or _moving_share(d.box, moving) >= _LIVELY]
        still = [d for d in found if d not in lively]
        free_tracks = list(self.tracks)
        met: list[Track] = []

        def take(candidates: Sequence[Track], wave: Sequence[Detection], buffer: float, least: float) -> None:
            for track, detection in self._match(candidates, wave, at, buffer, least):
                self._hit(track, detection, at)
                met.append(track)
                free_tracks.remove(track)
                (lively if detection in lively else still).remove(detection)

        for low, high in ((_CONFIDENT, math.inf), (0.0, _CONFIDENT)):
            for buffer in _BUFFERS:
                take(free_tracks, [d for d in lively if low <= d.score < high], buffer, _LEAST_OVERLAP)
        take([t for t in free_tracks if t.confirmed], still, 0.0, _STILL_OVERLAP)
        for track in free_tracks:
            middle = centre(track.predicted(at))
            if any(b.x0 <= middle[0] <= b.x1 and b.y0 <= middle[1] <= b.y1 for b in looked):
                track.looks.append(False)
                track.looked = max(at, track.looked)
        for detection in lively:
            track = self._begin(detection.box, at)
            self._hit(track, detection, at)
            met.append(track)
        return met

    def feel(self, at: float, regions: Sequence[Box]) -> list[Track]:
        """Take the moving regions of one frame; returns the tracks that ended with it."""
        known = [t for t in self.tracks if t.confirmed]
        unknown = [t for t in self.tracks if t not in known]
        rest = []
        for region in regions:
            near = [t for t in known if _touch(t.predicted(at), region)]
            if not near:
                rest.append(region)
            elif len(near) == 1 and iou(near[0].predicted(at), region) >= _EXPLAINED:
                self._follow(near[0], region, at)
        others = len(rest) - 1
        ahead = as_array([grown(t.predicted(at), _BUFFERS[0]) for t in unknown])
        met = pairs(iou_matrix(ahead, as_array([grown(r, _BUFFERS[0]) for r in rest])))
        for track, region in [(unknown[i], rest[j]) for i, j in met]:
            self._move(track, region, at, _POSITION_GAIN)
            track.company += others
            track.beside += any(
                overlap(grown(k.predicted(at), 0.5), region) > 0 and self._together(track, k) for k in known
            )
            rest.remove(region)
        for region in rest:
            self._begin(region, at).company = others
        ended = [t for t in self.tracks if at - t.seen > self._kept_for(t)]
        self.tracks = [t for t in self.tracks if at - t.seen <= self._kept_for(t)]
        return ended

    def finish(self) -> list[Track]:
        """End all tracks."""
        ended, self.tracks = self.tracks, []
        return ended

    def _pace(self, track: Track, here: Point) -> None:
        """Count the way in steps of a quarter of its size, so that a restless outline is not taken for going about."""
        step = math.hypot((here[0] - track.anchor[0]) * self._aspect, here[1] - track.anchor[1])
        if step >= _STEP * math.sqrt(max(area(track.box) * self._aspect, 1e-9)):
            track.length += step
            track.anchor = here

    def _together(self, first: Track, second: Track) -> bool:
        """Whether two go the same way at the same pace: a shadow or a part does, one who comes towards does not."""
        ax, ay, bx, by = first.speed[0] * self._aspect, first.speed[1], second.speed[0] * self._aspect, second.speed[1]
        return math.hypot(ax - bx, ay - by) <= _SAME_PACE * max(math.hypot(ax, ay), math.hypot(bx, by))

    def _kept_for(self, track: Track) -> float:
        brief = not track.votes and track.updates <= _BRIEF_UPDATES
        return min(self.memory, max(_BRIEF_S, self.memory / 3)) if brief else self.memory

    def _match(
        self, tracks: Sequence[Track], found: Sequence[Detection], at: float, buffer: float, least: float
    ) -> list[tuple[Track, Detection]]:
        ahead = [grown(t.predicted(at), buffer) for t in tracks]
        overlaps = iou_matrix(as_array(ahead), as_array([grown(d.box, buffer) for d in found]))
        for i, track in enumerate(tracks):
            for j, detection in enumerate(found):
                if not _groups_meet(track, detection):
                    overlaps[i, j] = 0
                elif not track.votes and buffer > 0 and covered(detection.box, track.box) > _WITHIN:
                    overlaps[i, j] = max(overlaps[i, j], _LEAST_OVERLAP)  # a region also holds shadow and company
        return [(tracks[i], found[j]) for i, j in pairs(overlaps, least)]

    def _begin(self, box: Box, at: float) -> Track:
        track = Track(self._next, box, at, at, at)
        track.path.append(Sighting(at, box))
        track.anchor = centre(box)
        track.updates = 1
        self._next += 1
        self.tracks.append(track)
        return track

    def _hit(self, track: Track, detection: Detection, at: float) -> None:
        if not track.votes and track.updates > 1:
            # a region's outline differs from the thing's: go on from the detector's box, keep the way so far
            (bx, by), (dx, dy) = centre(track.predicted(at)), centre(detection.box)
            shift = (dx - bx, dy - by)
            track.anchor = _moved(track.anchor, shift)
            track.path = [Sighting(s.at, _bordered(_shifted(s.box, shift), s.box)) for s in track.path]
            ahead = track.at - at
            lead = (track.speed[0] * ahead, track.speed[1] * ahead)
            track.box = _shifted(detection.box, lead)
        if track.updates > 1 or track.path[-1].at < at:
            self._move(track, detection.box, at, _POSITION_GAIN)
        track.looks.append(True)
        track.looked = max(at, track.looked)
        track.confirmed = track.confirmed or track.hits >= self.hits
        scores = track.votes.setdefault(detection.label, [])
        scores.append(detection.score)
        track.last = detection

    def _follow(self, track: Track, region: Box, at: float) -> None:
        """Let a region carry a labelled track while the detector is busy elsewhere; not once looks keep missing it."""
        if track.misses >= _MOST_MISSES:
            return
        dx = (region.x0 + region.x1 - track.predicted(at).x0 - track.predicted(at).x1) / 2
        dy = (region.y0 + region.y1 - track.predicted(at).y0 - track.predicted(at).y1) / 2
        ahead = track.predicted(at)
        self._move(track, Box(ahead.x0 + dx, ahead.y0 + dy, ahead.x1 + dx, ahead.y1 + dy), at, _REGION_GAIN)

    def _move(self, track: Track, box: Box, at: float, gain: float) -> None:
        ahead = track.predicted(at)
        (px, py), (mx, my) = centre(ahead), centre(box)
        rx, ry = mx - px, my - py
        elapsed = at - track.at
        now = max(at, track.at)
        cx, cy = centre(track.predicted(now))
        if track.updates == 1 and elapsed > 0:
            share = _FIRST_SPEED[bool(track.votes)]
            track.speed = (share * rx / elapsed, share * ry / elapsed)
            gain = 1.0
        else:
            elapsed = max(elapsed, _LEAST_ELAPSED_S)
            share = _SPEED_GAIN * gain / _POSITION_GAIN
            track.speed = (track.speed[0] + share * rx / elapsed, track.speed[1] + share * ry / elapsed)
        cx, cy = cx + gain * rx, cy + gain * ry
        width = (track.box.x1 - track.box.x0) * (1 - _SIZE_GAIN) + (box.x1 - box.x0) * _SIZE_GAIN
        height = (track.box.y1 - track.box.y0) * (1 - _SIZE_GAIN) + (box.y1 - box.y0) * _SIZE_GAIN
        track.box = _bordered(Box(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2), box)
        track.at = now
        track.seen = max(track.seen, at)
        track.updates += 1
        self._pace(track, (cx, cy))
        track.path.append(Sighting(now, track.box))
        if len(track.path) > _MOST_PATH:
            # halve the older part: origin and end matter, and a long way keeps its shape
            track.path[1:-8] = track.path[1:-8:2]


def _moved(point: Point, shift: Point) -> Point:
    return point[0] + shift[0], point[1] + shift[1]


def _shifted(box: Box, shift: Point) -> Box:
    return Box(*_moved((box.x0, box.y0), shift), *_moved((box.x1, box.y1), shift))


def _bordered(box: Box, measured: Box) -> Box:
    """A smoothed box, but with those edges as measured that the picture's border cuts: there is nothing to smooth."""
    return Box(
        measured.x0 if measured.x0 < BORDER else box.x0,
        measured.y0 if measured.y0 < BORDER else box.y0,
        measured.x1 if measured.x1 > 1 - BORDER else box.x1,
        measured.y1 if measured.y1 > 1 - BORDER else box.y1,
    )


def _touch(first: Box, second: Box) -> bool:
    return covered(second, first) >= _EXPLAINED or covered(first, second) >= _EXPLAINED


def _groups_meet(track: Track, detection: Detection) -> bool:
    if not track.votes:
        return True
    pair = {track.leaning, group_of(detection.label)}
    if len(pair) == 1 or any(pair <= c for c in _COMPATIBLE):
        return True
    # one odd answer must not end a track, and one must not take over another's
    return sum(map(len, track.votes.values())) == 1 and iou(track.box, detection.box) > 0.5  # noqa: PLR2004 -- mostly the same box


def _moving_share(box: Box, moving: NDArray[np.bool_]) -> float:
    rows, columns = moving.shape
    part = moving[
        max(0, math.floor(box.y0 * rows)) : max(1, math.ceil(box.y1 * rows)),
        max(0, math.floor(box.x0 * columns)) : max(1, math.ceil(box.x1 * columns)),
    ]
    return float(np.count_nonzero(part)) / part.size if part.size else 0.0


def pairs(overlaps: NDArray[np.float64], least: float = _LEAST_OVERLAP) -> list[tuple[int, int]]:
    """Rows and columns of an overlap matrix matched greedily, best first, each once, none below the gate."""
    left = overlaps.copy()
    matched = []
    while left.size and left.max() >= least:
        row, column = divmod(int(left.argmax()), left.shape[1])
        matched.append((row, column))
        left[row, :] = -1
        left[:, column] = -1
    return matched

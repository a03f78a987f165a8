"""One detector for all cameras of a process: a thread, a short queue that drops the oldest, and a rate limit.

Cameras' threads submit pictures and come back for the answer at their next frame; nobody waits. When more is asked than
the rate allows, the oldest question is dropped: an answer about the present is worth more.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from detectors.facts import Box, Detection, Rgb
from detectors.geometry import clip
from detectors.objects import Detector

Crop = tuple[Rgb, Box]
"""A part of a picture, uint8 [h, w, 3], and where it lies in the picture."""

_CUT_PIXELS = 2.0


class Look:
    """A question put to the detector and, later, its answer."""

    def __init__(self, crops: Sequence[Crop]) -> None:
        self.crops = tuple(crops)
        self._done = threading.Event()
        self._found: list[Detection] | None = None

    def done(self) -> bool:
        """Whether an answer is there, or none will come."""
        return self._done.is_set()

    def result(self) -> list[Detection] | None:
        """Detections in shares of the whole picture; None while not done, when dropped, or when the detector failed."""
        return self._found

    def settle(self, found: list[Detection] | None) -> None:
        """Give the answer; called once, by the detector's side."""
        self._found = found
        self.crops = ()
        self._done.set()


class Asks(Protocol):
    """Where a pipeline puts its questions."""

    name: str

    def submit(self, crops: Sequence[Crop]) -> Look:
        """Ask; returns at once."""
        ...


def answer(detector: Detector, crops: Sequence[Crop]) -> list[Detection]:
    """Detections of all crops in shares of the whole picture; a box cut by an inner crop edge is left out.

    A cut box belongs to a thing that another crop (or the next look) shows whole.
    """
    found = []
    for rgb, place in crops:
        width, height = place.x1 - place.x0, place.y1 - place.y0
        edge_x, edge_y = _CUT_PIXELS / rgb.shape[1], _CUT_PIXELS / rgb.shape[0]
        for one in detector.detect(rgb):
            box = one.box
            if (
                (box.x0 < edge_x and place.x0 > 0)
                or (box.y0 < edge_y and place.y0 > 0)
                or (box.x1 > 1 - edge_x and place.x1 < 1)
                or (box.y1 > 1 - edge_y and place.y1 < 1)
            ):
                continue
            whole = Box(
                place.x0 + box.x0 * width,
                place.y0 + box.y0 * height,
                place.x0 + box.x1 * width,
                place.y0 + box.y1 * height,
            )
            found.append(Detection(one.label, one.score, clip(whole)))
    return found


@dataclass(slots=True)
class Counts:
    """What an Inference did so far."""

    calls: int = 0
    looks: int = 0
    dropped: int = 0
    failed: int = 0
    busy_s: float = 0.0


class Inference:
    """The shared detector. `submit` is thread-safe and never blocks; one inner thread calls the detector.

    `rate` is detector calls a second over all cameras, with one second's worth of burst. No more waits than can be
    answered in `patience` seconds: a later answer would be about a picture long gone.
    """

    def __init__(
        self,
        detector: Detector,
        rate: float,
        *,
        patience: float = 0.7,
        clock: Callable[[], float] = time.monotonic,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self.name = detector.name
        self.counts = Counts()
        self._detector = detector
        self._rate = rate
        self._clock = clock
        self._on_error = on_error
        self._allowance = max(1.0, rate)
        self._filled_at = clock()
        self._queue: deque[Look] = deque()
        self._most_waiting = max(2.0, rate * patience)
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="inference", daemon=True)
        self._thread.start()

    def submit(self, crops: Sequence[Crop]) -> Look:
        """Ask about the crops of one picture; a full queue drops its oldest looks."""
        look = Look(crops)
        dropped = []
        with self._wake:
            if self._closed:
                dropped.append(look)
            else:
                self._queue.append(look)
                while len(self._queue) > 1 and sum(len(q.crops) for q in self._queue) > self._most_waiting:
                    dropped.append(self._queue.popleft())
                self._wake.notify()
            self.counts.dropped += len(dropped)
        for one in dropped:
            one.settle(None)
        return look

    def close(self) -> None:
        """Drop what waits and end the thread; safe to call twice."""
        with self._wake:
            self._closed = True
            left = list(self._queue)
            self._queue.clear()
            self._wake.notify()
        for look in left:
            look.settle(None)
        self._thread.join()

    def _serve(self) -> None:
        while (look := self._next()) is not None:
            began = time.thread_time()
            try:
                found = answer(self._detector, look.crops)
            except Exception as err:  # noqa: BLE001 -- task root: a failing look must not end all cameras' detector
                self.counts.failed += 1
                look.settle(None)
                if self._on_error is not None:
                    self._on_error(err)
                continue
            finally:
                self.counts.busy_s += time.thread_time() - began
            look.settle(found)

    def _next(self) -> Look | None:
        """Wait for a look and the allowance to answer it; the newest one wins over those dropped meanwhile."""
        with self._wake:
            while not self._closed:
                if not self._queue:
                    self._wake.wait()
                    continue
                cost = len(self._queue[0].crops)
                now = self._clock()
                self._allowance = min(max(1.0, self._rate), self._allowance + (now - self._filled_at) * self._rate)
                self._filled_at = now
                if self._allowance >= min(cost, max(1.0, self._rate)):
                    self._allowance -= cost
                    self.counts.calls += cost
                    self.counts.looks += 1
                    return self._queue.popleft()
                self._wake.wait((cost - self._allowance) / self._rate)
        return None


class DirectInference:
    """The synchronous form, for scoring footage: answers within `submit`, limited by the footage's own time.

    `now` gives stream time; a look beyond the rate is dropped as the shared detector would drop it.
    """

    def __init__(self, detector: Detector, rate: float, now: Callable[[], float]) -> None:
        self.name = detector.name
        self.counts = Counts()
        self._detector = detector
        self._rate = rate
        self._now = now
        self._allowance = max(1.0, rate)
        self._filled_at: float | None = None

    def submit(self, crops: Sequence[Crop]) -> Look:
        """Answer at once, or drop the look when the rate is used up."""
        look = Look(crops)
        now = self._now()
        if self._filled_at is not None:
            self._allowance = min(max(1.0, self._rate), self._allowance + (now - self._filled_at) * self._rate)
        self._filled_at = now
        if self._allowance < len(look.crops):
            self.counts.dropped += 1
            look.settle(None)
            return look
        self._allowance -= len(look.crops)
        self.counts.calls += len(look.crops)
        self.counts.looks += 1
        began = time.thread_time()
        found = answer(self._detector, look.crops)
        self.counts.busy_s += time.thread_time() - began
        look.settle(found)
        return look

"""What one pull tells the index: the cells of each second, and each stretch it watched or could not.

In the pull's thread, which it never keeps waiting. A stretch is told when it ends, at midnight, and every half minute:
so that whoever reads a day that is being written knows of it, and a killed worker takes half a minute along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, tzinfo

from camera_hub.recall.motion.days import bounds, day_of
from camera_hub.recall.motion.record import Motion as Moved
from camera_hub.recall.motion.record import Record, Seen, Span, View
from detectors.cells import Rows, Second
from detectors.facts import Motion
from registry.motion import Stretch

TOLD_S = 30
GAP_S = 3
"""Seconds without a picture that are a gap: pictures that are further apart do not show what moved between them."""


class Noting:
    """Notes what a pull sees; `keep` takes a record of a local day.

    `hidden` are the cells that masks keep dark, `scene` the scene's revision; `view` is since when the camera is known
    to look where it looks.
    """

    def __init__(
        self,
        keep: Callable[[date, Record], None],
        tz: tzinfo,
        *,
        hidden: Rows,
        scene: int,
        view: datetime | None = None,
    ) -> None:
        self._keep = keep
        self._tz = tz
        self._hidden = hidden
        self._scene = scene
        self._view = int(view.timestamp()) if view is not None else 0
        self._cells = Second(hidden)
        self._day: date | None = None
        self._bounds: Stretch = (0, 0)
        self._second = 0
        self._seen = Seen.NOT
        self._span: Span | None = None

    def saw(self, motion: Motion, wall: datetime, *, thin: bool) -> None:
        """One analysed picture, taken at `wall`; `thin` where keyframes alone are looked at."""
        second = int(wall.timestamp())
        if self._span is not None and second != self._second:
            self._over()
            apart = second - self._second
            if not 0 < apart <= GAP_S:
                self._close(self._second + 1)
                if apart > 0:
                    self._tell(Span(self._second + 1, second, Seen.GAP, self._scene, self._view))
            elif second - self._span.since >= TOLD_S:
                self._close(second)
        if self._span is None:
            self._span = Span(second, second + 1, Seen.NOT, self._scene, self._view)
            self._enter(second)
        self._second = second
        self._seen = max(self._seen, Seen.FLASH if motion.flash else Seen.KEYFRAMES if thin else Seen.FULL)
        if motion.boxes:
            self._cells.add(motion.mask)

    def end(self) -> None:
        """No picture comes any more, or time goes on elsewhere."""
        if self._span is not None:
            self._over()
            self._close(self._second + 1)

    def turned(self, since: datetime) -> None:
        """The camera looks elsewhere since then."""
        if self._span is not None:
            self._over()
            self._close(self._second + 1)
        self._view = int(since.timestamp())

    def _over(self) -> None:
        """A second is over: its cells, and whether the stretch goes on as it was."""
        rows = self._cells.take()
        if rows is not None:
            self._enter(self._second)
            assert self._day is not None  # noqa: S101 -- just entered
            self._keep(self._day, Moved(self._second, rows))
        span, seen = self._span, self._seen
        self._seen = Seen.NOT
        if span is None:
            return
        if span.seen is Seen.NOT:
            self._span = replace(span, seen=seen)
        elif span.seen is not seen:
            self._close(self._second)
            self._span = Span(self._second, self._second + 1, seen, self._scene, self._view)

    def _close(self, until: int) -> None:
        """Tell of the stretch up to a second; the next begins with the next picture."""
        span, self._span = self._span, None
        if span is not None:
            self._tell(replace(span, until=until))

    def _tell(self, span: Span) -> None:
        """Have a stretch written, to each day its own."""
        while span.since < span.until:
            self._enter(span.since)
            assert self._day is not None  # noqa: S101 -- just entered
            until = min(span.until, self._bounds[1])
            self._keep(self._day, replace(span, until=until))
            span = replace(span, since=until)

    def _enter(self, second: int) -> None:
        """Write to the day of a second from now on; a new one is told which cells stay dark."""
        if self._day is not None and self._bounds[0] <= second < self._bounds[1]:
            return
        self._day = day_of(second, self._tz)
        self._bounds = bounds(self._day, self._tz)
        self._keep(self._day, View(second, self._hidden))

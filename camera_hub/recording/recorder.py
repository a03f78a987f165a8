"""One stream's recorder: hears its camera's tap, and hands on what is to be recorded.

Thread contract: the tap calls in the pull's thread, and gets its answer at once; the rest is the loop's. A lock, held
for a few list operations, lies between.
"""

from __future__ import annotations

import threading

from camera_hub.live.coding import CODINGS
from camera_hub.live.tap import Begun, Drawn, Over, Tap
from camera_hub.recording.occasion import Occasion
from camera_hub.recording.preroll import PreRoll
from camera_hub.recording.reel import Cut, Reel, Taken
from camera_hub.recording.writer import Writer
from camera_hub.stream.packet import Packet
from registry.model import RecordFault
from registry.recordings.model import RecordMode, RecordOrder, Why

LATE_S = 3.0
"""An event is told this long after it began: what was seen must be found again before it counts."""


class Recorder:
    """Records one stream from `begin` to `end`."""

    def __init__(self, tap: Tap, writer: Writer, reel: Reel, order: RecordOrder, occasion: Occasion) -> None:
        self.reel = reel
        self._tap = tap
        self._writer = writer
        self._order = order
        self._occasion = occasion
        self._lock = threading.Lock()
        self._begun: Begun | None = None
        self._tick = 0.0
        self._unknown = False
        self._preroll = PreRoll()
        self._rolling = False

    def begin(self) -> None:
        """Join the tap."""
        with self._lock:
            begun, kept = self._tap.join(self._hear)
            if begun is not None:
                self._begin(begun)
                for packet in kept:
                    self._take(packet)

    def follow(self, order: RecordOrder) -> None:
        """Record by another order from now on."""
        with self._lock:
            self._order = order

    def end(self) -> None:
        """Leave the tap; what was heard until now is recorded."""
        self._tap.leave(self._hear)
        with self._lock:
            self._begun = None
            self._preroll.clear()
            self._writer.retire(self.reel)

    @property
    def fault(self) -> RecordFault | None:
        """Why the stream is not recorded as it should be, if so."""
        return RecordFault.CODEC if self._unknown else self._writer.fault(self.reel)

    def _hear(self, drawn: Drawn) -> None:
        """In the pull's thread."""
        with self._lock:
            if isinstance(drawn, Packet):
                self._take(drawn)
            elif isinstance(drawn, Begun):
                self._begin(drawn)
            elif isinstance(drawn, Over):
                # Also what is kept of before: another pull may be of a camera that is masked now.
                self._preroll.clear()
                self._writer.offer(self.reel, Cut())
                self._begun, self._rolling = None, False

    def _begin(self, begun: Begun) -> None:
        self._preroll.clear()
        self._rolling = False
        self._unknown = begun.params.codec not in CODINGS
        self._begun = None if self._unknown else begun
        self._tick = float(begun.params.time_base)
        if not self._unknown:
            self._writer.offer(self.reel, begun)

    def _take(self, packet: Packet) -> None:
        if self._begun is None:
            return
        order = self._order
        continuous = order.mode is RecordMode.CONTINUOUS
        date = self._begun.wall.date(packet.pts * self._tick, packet.received)
        taken = Taken(packet, date, Why.CONTINUOUS if continuous else Why.EVENT)
        if continuous or self._occasion.holds(packet.received, order.post_s):
            for before in () if self._rolling else self._preroll.take():
                self._writer.offer(self.reel, before)
            self._rolling = True
            self._writer.offer(self.reel, taken)
        elif self._rolling and not packet.keyframe:
            self._writer.offer(self.reel, taken)  # up to a keyframe: what follows could not be shown without
        else:
            if self._rolling:
                self._writer.offer(self.reel, Cut())
                self._rolling = False
            self._preroll.add(taken, order.pre_s + LATE_S)

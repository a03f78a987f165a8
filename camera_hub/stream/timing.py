"""Timestamps as cameras send them, mended: every packet that leaves a source has a rising dts."""

from __future__ import annotations

from fractions import Fraction

_SMALL_STEP_BACK_S = 1.0
_LONGEST_GAP_S = 10.0
_DROPS_BEFORE_NEW_START = 8
_FIRST_STEP_S = 0.04


class Mender:
    """Mends one stream's timestamps. Not thread-safe.

    FFmpeg gives a stream's first RTSP packets no timestamp at all, some cameras send a pts far off its dts, repeat a
    dts, or start anew from zero when their clock is set (1970 until the first NTP answer). A packet that steps back a
    little is dropped, as nothing could show it in order; a jump, or a run of drops, is a new start: the stream goes on
    from where it was, by the hub's monotonic clock.
    """

    def __init__(self, time_base: Fraction) -> None:
        self._per_s = float(1 / time_base)
        self._step = max(1, round(_FIRST_STEP_S * self._per_s))
        self._offset = 0
        self._last: int | None = None
        self._last_received = 0.0
        self._dropped = 0
        self._guessed = False

    def mend(self, pts: int | None, dts: int | None, received: float) -> tuple[int, int] | None:
        """The packet's (pts, dts) in the same time base, or None: drop it. `received` is the monotonic clock."""
        last, guessed = self._last, dts is None and pts is None
        if dts is None:
            if pts is None:
                dts = 0 if last is None else last - self._offset + self._step
            elif last is not None and pts + self._offset <= last:
                # B-frames whose decode order was never said: keep them, in the order they came.
                dts = last - self._offset + 1
            else:
                dts = pts
        if pts is None or pts < dts or pts - dts > _LONGEST_GAP_S * self._per_s:
            pts = dts
        if last is not None:
            step = dts + self._offset - last
            if step <= 0 and self._guessed:
                # The first packet had no time, and the second then says zero.
                self._offset += self._step - step
            elif step <= 0:
                if -step < _SMALL_STEP_BACK_S * self._per_s and self._dropped < _DROPS_BEFORE_NEW_START:
                    self._dropped += 1
                    return None
                self._offset += self._elapsed(received) - step
            elif step > _LONGEST_GAP_S * self._per_s + 2 * self._elapsed(received):
                self._offset += self._elapsed(received) - step
            else:
                self._step = min(step, round(self._per_s))
        self._dropped, self._guessed = 0, guessed
        self._last, self._last_received = dts + self._offset, received
        return pts + self._offset, dts + self._offset

    def _elapsed(self, received: float) -> int:
        """Ticks since the packet before, at least one."""
        return max(1, round((received - self._last_received) * self._per_s))

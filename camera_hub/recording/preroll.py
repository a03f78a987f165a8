"""The last seconds of a stream, kept in memory so that what led to an event is recorded too."""

from __future__ import annotations

from collections import deque

from camera_hub.recording.reel import Taken

MOST_BYTES = 8 << 20


class PreRoll:
    """Whole groups of pictures: at least the last `seconds`, back to a keyframe, and no more than MOST_BYTES."""

    def __init__(self) -> None:
        self._groups: deque[list[Taken]] = deque()
        self._bytes = 0

    def add(self, taken: Taken, seconds: float) -> None:
        """Keep a packet, and let go of what is too old by its arrival."""
        if taken.packet.keyframe:
            self._groups.append([])
        if not self._groups:
            return
        self._groups[-1].append(taken)
        self._bytes += len(taken.packet.data)
        oldest = taken.packet.received - seconds
        while len(self._groups) > 1 and (self._groups[1][0].packet.received <= oldest or self._bytes > MOST_BYTES):
            self._forget_oldest()
        if self._bytes > MOST_BYTES:  # one group too long: the next keyframe begins anew
            self._forget_oldest()

    def take(self) -> list[Taken]:
        """All that is kept, oldest first; nothing is kept after."""
        kept = [taken for group in self._groups for taken in group]
        self.clear()
        return kept

    def clear(self) -> None:
        """Forget all of it."""
        self._groups.clear()
        self._bytes = 0

    def _forget_oldest(self) -> None:
        self._bytes -= sum(len(taken.packet.data) for taken in self._groups.popleft())

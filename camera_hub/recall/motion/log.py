"""The one thread of a worker that appends to the index. Analysis never waits for the disk.

`offer` is called by the pulls' threads and only puts a record on a list; the thread writes what waits every two
seconds, a killed worker loses no more. What the disk does not take, or what is too much to wait, is left out, and the
seconds it told of are marked as lost once the disk takes that: the index says of no second that nothing moved unless it
knows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from uuid import UUID

from camera_hub.observe import log
from camera_hub.recall.motion.record import Record, Seen, Span, pack
from camera_hub.recall.motion.shelf import Shelf
from registry.motion import Stretch

TURN_S = 2.0
MOST_WAITING = 50_000
"""Records, of all cameras of a worker: a minute of a thousand that all move."""

_Key = tuple[UUID, date]
_log = log("motion")


class Log:
    """Appends to `shelf` while there `has_room`."""

    def __init__(self, shelf: Shelf, has_room: Callable[[], bool]) -> None:
        self._shelf = shelf
        self._has_room = has_room
        self._lock = threading.Lock()
        self._waiting: dict[_Key, list[Record]] = {}
        self._many = 0
        self._lost: dict[_Key, Stretch] = {}
        self._failing = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._write, name="motion-index", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def end(self, within_s: float) -> None:
        """Write what waits and stop, but wait no longer than `within_s`."""
        self._ending.set()
        self._thread.join(within_s)

    def offer(self, camera_id: UUID, day: date, record: Record) -> None:
        """Have a record of a day written, or its seconds marked as lost."""
        key = camera_id, day
        with self._lock:
            if self._many >= MOST_WAITING:
                self._lose(key, _seconds(record))
                return
            self._waiting.setdefault(key, []).append(record)
            self._many += 1

    def _write(self) -> None:
        last = False
        while not last:
            last = self._ending.wait(TURN_S)
            self.turn()

    def turn(self) -> None:
        """Write what waits now."""
        with self._lock:
            waiting, self._waiting, self._many = self._waiting, {}, 0
            lost, self._lost = self._lost, {}
        failed: OSError | None = None
        room = self._room() if waiting or lost else True
        for key in waiting.keys() | lost.keys():
            records = waiting.get(key, [])
            if key in lost:
                records = [Span(*lost[key], Seen.LOST), *records]
            try:
                if not room:
                    raise OSError("too little room is left on the disk")  # noqa: TRY301 -- as if the disk said so
                self._shelf.append(*key, b"".join(map(pack, records)))
            except OSError as err:
                failed = err
                with self._lock:
                    for record in records:
                        self._lose(key, _seconds(record))
        if (failed is not None) != self._failing:
            self._failing = failed is not None
            if failed is not None:
                _log.error("motion_not_kept", error=failed.strerror or str(failed))
            else:
                _log.info("motion_kept_again")

    def _room(self) -> bool:
        try:
            return self._has_room()
        except OSError:
            return False

    def _lose(self, key: _Key, seconds: Stretch) -> None:
        """Under the lock."""
        begin, end = self._lost.get(key, seconds)
        self._lost[key] = min(begin, seconds[0]), max(end, seconds[1])


def _seconds(record: Record) -> Stretch:
    if isinstance(record, Span):
        return record.since, record.until
    return record.second, record.second + 1

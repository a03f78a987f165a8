"""Where viewers draw from a camera's one pull: the pull's thread puts in, whoever watches takes out.

Thread and loop contract
- `begin`, `packet`, `forget`, `wants_picture`, `picture` and `end` are called by the pull's thread, `join`, `ask` and
  `leave` by the loop. A lock, held for a few list operations, lies between.
- What joined is called in the pull's thread and must return at once: it posts to its loop.
- While nobody watches, a packet costs the lock and one append: the current group of pictures is kept, so that a viewer
  starts with a whole one. Pictures are made only while somebody asks for them.
- A camera with masks has no unmasked path: what its pull puts in is its masked pictures, encoded anew, and those only
  while somebody has joined who wants them.
- `on_wanted` is called by the loop when the first one joined and when the last one left; `joined` says which it was.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from camera_hub.live.piece import Why
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.wall import WallTime

PICTURE_S = 0.5
"""Pictures come no closer than this."""
MOST_KEPT_BYTES = 4 << 20
"""A longer group of pictures is not kept; its viewers begin at the next keyframe."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A pull began. `why` says why browsers get pictures only; `masked` that its packets are masked pictures.

    `wall` dates its packets as its events are dated; it is used in the pull's thread.
    """

    params: StreamParams
    why: Why | None
    masked: bool
    wall: WallTime


@dataclass(frozen=True, slots=True)
class Still:
    """One analysed picture, masked, as JPEG; `received` is the monotonic clock of its packet."""

    jpeg: bytes
    width: int
    height: int
    received: float


@dataclass(frozen=True, slots=True)
class Over:
    """The pull ended."""


Drawn = Begun | Packet | Still | Over
Hear = Callable[[Drawn], None]


class Tap:
    """One camera's tap; it stays while pulls come and go, which never overlap."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, on_wanted: Callable[[], None] | None = None
    ) -> None:
        self._on_wanted = on_wanted
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._begun: Begun | None = None
        self._kept: list[Packet] = []
        self._kept_bytes = 0
        self._whole = False
        self._joined: tuple[Hear, ...] = ()
        self._asking: frozenset[Hear] = frozenset()
        self._picture_due = 0.0

    @property
    def joined(self) -> bool:
        """Whether anybody hears. May be asked from any thread."""
        return bool(self._joined)

    @property
    def wants_packets(self) -> bool:
        """Whether anybody hears who does not ask for pictures instead. May be asked from any thread."""
        with self._lock:
            return any(hear not in self._asking for hear in self._joined)

    def begin(self, params: StreamParams, *, masked: bool, wall: WallTime | None = None) -> None:
        """A pull starts. `params` are of the packets that go in: of a masked camera those of its encoder."""
        dated = wall or WallTime(lambda: datetime.now(UTC), self._monotonic)
        self._tell(Begun(params, None if params.codec == "h264" else "codec", masked, dated))

    def packet(self, packet: Packet) -> None:
        """Hand on a packet, and keep it for who comes later."""
        with self._lock:
            if self._begun is None:
                return
            if packet.keyframe:
                self._kept, self._kept_bytes, self._whole = [], 0, True
            self._kept_bytes += len(packet.data)
            if self._whole and self._kept_bytes <= MOST_KEPT_BYTES:
                self._kept.append(packet)
            else:
                self._kept, self._whole = [], False
            joined = self._joined
        for hear in joined:
            hear(packet)

    def forget(self) -> None:
        """No packet follows for now: what is kept would soon be a picture of long ago."""
        with self._lock:
            self._kept, self._kept_bytes, self._whole = [], 0, False

    def wants_picture(self) -> bool:
        """Whether somebody asks for a picture, and the last is old enough."""
        return bool(self._asking) and self._monotonic() >= self._picture_due

    def picture(self, still: Still) -> None:
        """Hand a picture to those who ask for one."""
        with self._lock:
            self._picture_due = self._monotonic() + PICTURE_S
            asking = self._asking
        for hear in asking:
            hear(still)

    def end(self) -> None:
        """The pull is over."""
        self._tell(Over())

    def join(self, hear: Hear) -> tuple[Begun | None, tuple[Packet, ...]]:
        """Hear what comes from now on; returns what came before: the pull that runs, and the current pictures."""
        with self._lock:
            first = not self._joined
            self._joined = (*self._joined, hear)
            before = self._begun, tuple(self._kept)
        if first and self._on_wanted is not None:
            self._on_wanted()
        return before

    def ask(self, hear: Hear, *, pictures: bool) -> None:
        """Have pictures made for one who joined, the next one at once; or no more. Who left meanwhile gets none."""
        with self._lock:
            wanted = pictures and hear in self._joined
            self._asking = self._asking | {hear} if wanted else self._asking - {hear}
            self._picture_due = 0.0

    def leave(self, hear: Hear) -> None:
        """Hear no more."""
        with self._lock:
            stayed = tuple(one for one in self._joined if one != hear)
            last = bool(self._joined) and not stayed
            self._joined = stayed
            self._asking -= {hear}
        if last and self._on_wanted is not None:
            self._on_wanted()

    def _tell(self, drawn: Begun | Over) -> None:
        with self._lock:
            self._begun = drawn if isinstance(drawn, Begun) else None
            self._kept, self._kept_bytes, self._whole = [], 0, False
            joined = self._joined
        for hear in joined:
            hear(drawn)

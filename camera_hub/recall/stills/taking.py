"""A small picture of every camera that may be recorded, every few minutes, from frames that analysis decodes anyway.

A still is the median of a few frames about a second apart: noise, and whoever just walks by, are not in it. A
`Sampler` belongs to one camera's pull and shrinks the frames there, masks applied; median, WebP and disk are the one
thread's of the `StillWriter`. Nobody waits for it: beyond `MOST_WAITING` cameras a still is left out.

When a still is due is a matter of the wall clock, so that the pictures of a day stand in columns; a camera's own share
of a minute spreads a worker's cameras.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_hub.media import free_bytes
from camera_hub.observe import log
from camera_hub.recall.stills.dayfile import Album, Still
from detectors.facts import Rgb
from registry.columns import to_ms

WIDTH = 320
HEIGHTS = (90, 640)
"""A picture as wide as high, or upright, is kept; a wilder shape is squeezed."""
FRAMES = 5
APART_S = 1.0
PATIENCE_S = 30.0
"""A frame that comes later is another moment's: the still is made of those before it."""
QUALITY = 70
"""Of WebP: a thing of thirty pixels is still seen; 0.15 to 0.62 MB a camera-day on real clips."""
MOST_WAITING = 32
"""A still that waits takes under a megabyte."""

Small = NDArray[np.uint8]

_log = log("stills")


@dataclass(frozen=True, slots=True)
class Shot:
    """The frames of one still: uint8 [h, 320, 3] RGB, masks applied, and when the first of them was taken."""

    camera_id: UUID
    at: datetime
    masked: bool
    frames: tuple[Small, ...]


def small(picture: Rgb) -> Small:
    """A picture at a still's size, its shape kept."""
    height, width, _ = picture.shape
    high = min(max(round(height * WIDTH / width), HEIGHTS[0]), HEIGHTS[1])
    return cv2.resize(picture, (WIDTH, high), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def developed(shot: Shot) -> Still:
    """The still of a shot. Raises ValueError where it cannot be encoded."""
    frames = np.sort(np.stack(shot.frames), axis=0)
    picture = frames[len(shot.frames) // 2]
    ok, data = cv2.imencode(".webp", picture[:, :, ::-1], [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    if not ok:
        raise ValueError("a still cannot be encoded")
    height, width, _ = picture.shape
    return Still(to_ms(shot.at), width, height, shot.masked, data.tobytes())


class Sampler:
    """Takes the stills of one camera's pull, in its thread. What was taken is known beyond the pull by the writer."""

    def __init__(self, writer: StillWriter, camera_id: UUID, camera_no: int, *, masked: bool) -> None:
        self._writer = writer
        self._camera_id = camera_id
        self._shift_s = camera_no % 60
        self._masked = masked
        self._frames: list[Small] = []
        self._began: datetime | None = None
        self._next_at = 0.0
        self._slot = -1

    def look(self, at: float, wall: datetime, picture: Callable[[], Rgb]) -> None:
        """A frame of stream time `at` (s), taken at `wall`: `picture` gives it, masks applied, if it is wanted."""
        if self._began is None:
            if not self._due(wall):
                return
            self._began = wall
        elif not self._next_at - APART_S <= at < self._next_at + PATIENCE_S:
            self._finish()
            return
        elif at < self._next_at:
            return
        self._frames.append(small(picture()))
        self._next_at = at + APART_S
        if len(self._frames) == FRAMES:
            self._finish()

    def _due(self, wall: datetime) -> bool:
        slot = int(wall.timestamp() - self._shift_s) // self._writer.every_s
        if slot == self._slot:
            return False
        self._slot = slot
        return self._writer.due(self._camera_id, slot)

    def _finish(self) -> None:
        if self._began is not None:
            same = tuple(one for one in self._frames if one.shape == self._frames[0].shape)
            self._writer.offer(Shot(self._camera_id, self._began, self._masked, same))
        self._frames, self._began = [], None


class StillWriter:
    """Keeps stills in `data_dir`, one every `every_s` seconds of each camera of which `may` is true at that time."""

    def __init__(
        self,
        data_dir: Path,
        every_s: int,
        min_free_bytes: int,
        may: Callable[[UUID], bool],
        *,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self.every_s = every_s
        self._album = Album(data_dir)
        self._root = data_dir
        self._min_free_bytes = min_free_bytes
        self._may = may
        self._free = free
        self._taken: dict[UUID, int] = {}
        self._waiting: queue.Queue[Shot | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._root_of_thread, name="stills", daemon=True)
        self._fault = ""
        self.kept = 0
        self.left_out = 0

    def start(self) -> None:
        """Begin to keep what is offered."""
        self._thread.start()

    def end(self, within_s: float) -> None:
        """Keep what waits, but no longer than `within_s`."""
        try:
            self._waiting.put(None, timeout=within_s)
        except queue.Full:
            return
        self._thread.join(within_s)

    def due(self, camera_id: UUID, slot: int) -> bool:
        """Whether a camera's still of a slot of time is to be taken now; it is then taken. Called by pulls."""
        if self._taken.get(camera_id) == slot or not self._may(camera_id):
            return False
        self._taken[camera_id] = slot
        return True

    def offer(self, shot: Shot) -> None:
        """Keep a still, or leave it out where too many wait. Never waits; called by pulls."""
        try:
            self._waiting.put_nowait(shot)
        except queue.Full:
            self.left_out += 1

    def _root_of_thread(self) -> None:
        while (shot := self._waiting.get()) is not None:
            try:
                self.keep(shot)
            except Exception:  # noqa: BLE001 - a thread's root: one camera's picture is no other camera's fault
                _log.exception("still_broke", camera_id=str(shot.camera_id))

    def keep(self, shot: Shot) -> None:
        """Put one on disk, unless it may not be kept any more, or there is no room. Called by the writer's thread."""
        if not self._may(shot.camera_id):
            return
        try:
            if self._free(self._root) <= self._min_free_bytes:
                self._stand("less than min_free_gb is free")
                return
            self._album.append(shot.camera_id, developed(shot))
        except OSError as err:
            self._stand(err.strerror or str(err))
        else:
            self.kept += 1
            self._stand("")

    def _stand(self, fault: str) -> None:
        """Say once what is wrong with the disk, and once that it is over."""
        self.left_out += bool(fault)
        if fault and fault != self._fault:
            _log.error("stills_not_kept", error=fault)
        elif self._fault and not fault:
            _log.info("stills_kept_again")
        self._fault = fault

"""Full-size pictures of events: one from the camera's main stream when an event opens.

Where the main stream is being pulled, its latest picture is at hand; else it is opened briefly, for at most a few
cameras at a time. A camera gives one in `APART_S` at most: in a busy street the first of many events has it. Whatever
fails here costs an event its large picture, nothing more. A masked camera has no main stream, and gives none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from camera_hub.live.tap import Begun, Drawn, Over, Tap
from camera_hub.media import Media, encode_jpeg, still_key
from camera_hub.observe import log
from camera_hub.stream.decode import Decoder
from camera_hub.stream.packet import Frame, Packet, StreamParams
from registry.errors import HubError
from registry.model import EventChange, StillChange

APART_S = 30.0
AT_ONCE = 2
"""Main streams one worker opens for stills at the same time."""
MOST_WAITING = 16
"""Cameras whose turn is awaited; an event that opens beyond that has no still."""
LATE_S = 10.0
"""An event whose turn comes later has no still: it would show another moment."""
PATIENCE_S = 15.0
"""How long a main stream that is opened may take to its first picture."""
MOST_DECODED = 60
"""Packets decoded for one picture; of a longer group of pictures the keyframe is taken."""

_log = log("stills")


@dataclass(frozen=True, slots=True)
class Tools:
    """What stills need. `main` is a camera's main tap, None where there is none; `tell` says what was taken."""

    main: Callable[[UUID], Tap | None]
    media: Media
    node: str
    tell: Callable[[StillChange], None]
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)


class Stills:
    """Takes the stills of one worker's events. Used from its loop."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._taken: dict[UUID, float] = {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._taking: set[asyncio.Task[None]] = set()

    def opened(self, change: EventChange) -> None:
        """An event opened: take its still, unless the camera gave one just now, or has none to give."""
        now = self._tools.monotonic()
        tap = self._tools.main(change.camera_id)
        if tap is None or len(self._taking) >= MOST_WAITING:
            return
        if now - self._taken.get(change.camera_id, float("-inf")) < APART_S:
            return
        self._taken[change.camera_id] = now
        task = asyncio.create_task(self._root(change, tap))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    def end(self) -> set[asyncio.Task[None]]:
        """Take no more; the tasks to wait for."""
        for task in self._taking:
            task.cancel()
        return set(self._taking)

    async def _root(self, change: EventChange, tap: Tap) -> None:
        asked = self._tools.monotonic()
        try:
            async with self._turns:
                if self._tools.monotonic() - asked <= LATE_S:
                    await self._take(change, tap)
        except TimeoutError:
            _log.info("still_missed", camera_id=str(change.camera_id), why="no picture in time")
        except HubError as err:
            _log.info("still_missed", camera_id=str(change.camera_id), why=err.code)
        except Exception:  # noqa: BLE001 - a task's root: nobody awaits it
            _log.exception("still_broke", camera_id=str(change.camera_id))

    async def _take(self, change: EventChange, tap: Tap) -> None:
        params, packets = await _group(tap)
        frame = await asyncio.to_thread(_last, params, packets)
        if frame is None or self._tools.main(change.camera_id) is not tap:
            return  # nothing to be seen, or masked meanwhile: what was taken is forgotten
        at = self._tools.wall() - timedelta(seconds=self._tools.monotonic() - frame.received)
        key = still_key(change.id, at)

        def keep() -> int:
            jpeg = encode_jpeg(frame.rgb(), 90)
            self._tools.media.put(key, jpeg)
            return len(jpeg)

        size = await asyncio.to_thread(keep)
        self._tools.tell(StillChange(change.id, key, size, at, self._tools.node))


async def _group(tap: Tap) -> tuple[StreamParams, tuple[Packet, ...]]:
    """The pictures from the latest keyframe on; waits for the first where there is none. Raises TimeoutError."""
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[Drawn] = asyncio.Queue()

    def hear(drawn: Drawn) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, drawn)

    begun, kept = tap.join(hear)
    try:
        if begun is not None and kept:
            return begun.params, kept
        async with asyncio.timeout(PATIENCE_S):
            while True:
                drawn = await heard.get()
                if isinstance(drawn, Begun):
                    begun = drawn
                elif isinstance(drawn, Over):
                    begun = None
                elif isinstance(drawn, Packet) and drawn.keyframe and begun is not None:
                    return begun.params, (drawn,)
    finally:
        tap.leave(hear)


def _last(params: StreamParams, packets: tuple[Packet, ...]) -> Frame | None:
    """The latest picture of a group; blocking."""
    decoder = Decoder(params, deblock=True)
    last: Frame | None = None
    try:
        for packet in packets if len(packets) <= MOST_DECODED else packets[:1]:
            for frame in decoder.decode(packet):
                last = frame
        for frame in decoder.finish():
            last = frame
        return last
    finally:
        decoder.close()

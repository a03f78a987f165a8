"""The hub's side of live video: one connection per watched stream, whatever the number of its viewers.

The current group of pictures is kept while somebody watches, so that another viewer starts at once. A worker that is
away is told as the camera's state and tried again until it answers.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from camera_hub.live.endpoint import Ask, socket_of
from camera_hub.live.line import Line, Lost
from camera_hub.live.piece import Form, Kind, Piece, Told, read_piece
from registry.errors import Conflict, Unavailable
from registry.model import Reason, State, Stream

AGAIN_S = 0.5
"""Between two tries to reach a worker."""
PICTURE_S = 8.0
"""How long a camera that is live may take to a picture: a keyframe each few seconds is usual."""
MOST_KEPT_BYTES = 4 << 20
"""A longer group of pictures is not kept; its later viewers begin at the next keyframe."""

_AWAY = Told(State.BACKING_OFF, Reason.WORKER_DOWN).piece()


class Relay:
    """Live streams of the cameras of `slots` workers that listen in `folder`. Used from the hub's loop."""

    def __init__(self, folder: Path, slots: int) -> None:
        self.folder = folder
        self._slots = slots
        self._channels: dict[tuple[UUID, Stream, Form], _Channel] = {}

    @contextmanager
    def watch(
        self, camera_no: int, camera_id: UUID, stream: Stream, form: Form, line: Line | None = None
    ) -> Iterator[Line]:
        """A viewer's line (his own, where he has one) of a camera's stream, while inside the context."""
        key = camera_id, stream, form
        channel = self._channels.get(key)
        if channel is None:
            path = socket_of(self.folder, camera_no % self._slots)
            channel = self._channels[key] = _Channel(path, Ask(camera=camera_id, stream=stream, form=form))
        line = line or Line()
        channel.join(line)
        try:
            yield line
        finally:
            if channel.leave(line) and self._channels.get(key) is channel:
                del self._channels[key]

    async def picture(self, camera_no: int, camera_id: UUID, stream: Stream) -> bytes:
        """The stream's picture of now as JPEG, masked. Raises Conflict when it is not live, Unavailable."""
        told: Told | None = None
        with self.watch(camera_no, camera_id, stream, "preview") as line:
            try:
                async with asyncio.timeout(PICTURE_S):
                    async for piece in _pieces(line):
                        if piece.kind is Kind.JPEG:
                            return piece.data
                        if piece.kind is not Kind.TOLD:
                            continue
                        told = Told.read(piece.data)
                        if told.state is not State.LIVE and told.reason is not None:
                            break
            except TimeoutError:
                pass
        if told is None or told.reason is Reason.WORKER_DOWN or told.state is State.LIVE:
            raise Unavailable("no picture came in time; try again", code="no_picture")
        reason = told.reason.value if told.reason else ""
        raise Conflict(
            "the camera is not live now; its state says why", code="not_live", state=told.state.value, reason=reason
        )

    async def close(self) -> None:
        """End all connections and remove the folder."""
        for channel in self._channels.values():
            channel.stop()
        self._channels.clear()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


async def _pieces(line: Line) -> AsyncIterator[Piece]:
    while True:
        piece = await line.get()
        if not isinstance(piece, Lost):
            yield piece


class _Channel:
    """One stream's connection and those who watch it."""

    def __init__(self, path: Path, ask: Ask) -> None:
        self._path = path
        self._ask = ask
        self._lines: list[Line] = []
        self._told: Piece | None = None
        self._init: Piece | None = None
        self._kept: list[Piece] = []
        self._kept_bytes = 0
        self._task = asyncio.create_task(self._run(), name=f"live-{ask.camera}")

    def join(self, line: Line) -> None:
        for piece in (self._told, self._init, *self._kept):
            if piece is not None:
                line.offer(piece)
        self._lines.append(line)

    def leave(self, line: Line) -> bool:
        """Whether nobody is left; the connection ends then."""
        self._lines.remove(line)
        if not self._lines:
            self.stop()
        return not self._lines

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except (OSError, asyncio.IncompleteReadError, ValueError):
                self._spread(_AWAY)  # said once: what is repeated is not spread
            await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        reader, writer = await asyncio.open_unix_connection(os.fspath(self._path))
        try:
            writer.write(self._ask.line())
            await writer.drain()
            while True:
                self._spread(await read_piece(reader))
        finally:
            writer.close()

    def _spread(self, piece: Piece) -> None:
        if piece.kind is Kind.TOLD:
            if piece == self._told:
                return
            self._told = piece
            if Told.read(piece.data).form != "video":
                self._init, self._kept = None, []
        elif piece.kind is Kind.INIT:
            self._init, self._kept = piece, []
        elif piece.kind is Kind.JPEG or piece.keyframe:
            self._kept, self._kept_bytes = [piece], len(piece.data)
        elif self._kept:
            self._kept.append(piece)
            self._kept_bytes += len(piece.data)
            if self._kept_bytes > MOST_KEPT_BYTES:
                self._kept = []
        for line in self._lines:
            line.offer(piece)

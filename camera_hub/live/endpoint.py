"""A worker's private live endpoint: the hub connects to its Unix socket, names a camera's stream and gets it.

One line of JSON asks (`Ask`), pieces answer until either side closes. The socket lies in the hub's runtime directory,
which only the hub's user may enter, and the worker also asks the kernel who is calling. Scope, purpose, consent and
register are the API's: whoever gets here was let in there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from camera_hub.live.fmp4 import Muxer
from camera_hub.live.line import Line, Lost
from camera_hub.live.piece import Form, Kind, Piece, Told, Why, packed
from camera_hub.live.tap import Begun, Drawn, Still, Tap
from camera_hub.observe import log
from camera_hub.stream.packet import Packet
from camera_hub.unixsocket import same_user
from registry.model import Reason, State, Stream

MOST_ASKED = 1000
"""Bytes of the asking line."""

_log = log("live")


class Ask(BaseModel):
    """What the hub wants."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    camera: UUID
    stream: Stream
    form: Form

    def line(self) -> bytes:
        """As one line of JSON."""
        return self.model_dump_json().encode() + b"\n"


def socket_of(folder: Path, slot: int) -> Path:
    """Where the worker of a slot listens."""
    return folder / f"live{slot}"


@dataclass(slots=True)
class _Source:
    tap: Tap
    state: State = State.IDLE
    reason: Reason | None = None
    viewers: set[_Viewer] = field(default_factory=set)


class Endpoint:
    """All streams of a worker's cameras that can be watched, and the socket. Used from the worker's loop."""

    def __init__(self, on_wanted: Callable[[UUID, Stream], None] | None = None) -> None:
        self._sources: dict[tuple[UUID, Stream], _Source] = {}
        self._links: set[asyncio.Task[None]] = set()
        self._on_wanted = on_wanted

    def tap(self, camera_id: UUID, stream: Stream) -> Tap:
        """A stream's tap, for its pulls and for who draws from it. `on_wanted` is called when that begins and ends."""
        return self._source(camera_id, stream).tap

    def stand(self, camera_id: UUID, stream: Stream, state: State, reason: Reason | None) -> None:
        """Tell those who watch how the stream stands."""
        source = self._source(camera_id, stream)
        source.state, source.reason = state, reason
        for viewer in source.viewers:
            viewer.stand(state, reason)

    def forget(self, camera_id: UUID) -> None:
        """The camera is no more this worker's; who watches it is told nothing comes."""
        for stream in get_args(Stream):
            source = self._sources.pop((camera_id, stream), None)
            for viewer in source.viewers if source is not None else ():
                viewer.stand(State.IDLE, None)

    async def listen(self, path: Path) -> None:
        """Serve until cancelled."""
        server = await asyncio.start_unix_server(self._serve, os.fspath(path), limit=MOST_ASKED, start_serving=False)
        try:
            await asyncio.to_thread(path.chmod, 0o600)
            await server.serve_forever()
        finally:
            server.close()
            for link in self._links:
                link.cancel()
            await asyncio.gather(*self._links, return_exceptions=True)

    def _source(self, camera_id: UUID, stream: Stream) -> _Source:
        key = camera_id, stream
        found = self._sources.get(key)
        if found is None:
            told = self._on_wanted
            found = self._sources[key] = _Source(Tap(on_wanted=None if told is None else lambda: told(*key)))
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        if link is not None:
            self._links.add(link)
            link.add_done_callback(self._links.discard)
        try:
            if not same_user(writer):
                _log.error("live_stranger", hint="a process of another user tried the live socket")
                return
            ask = Ask.model_validate_json(await reader.readline())
            await self._show(ask, reader, writer)
        except (OSError, asyncio.LimitOverrunError, ValidationError, ValueError):
            pass  # the hub is gone, or this was not the hub
        except asyncio.CancelledError:
            pass  # the worker ends
        finally:
            writer.close()

    async def _show(self, ask: Ask, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = self._source(ask.camera, ask.stream)
        viewer = _Viewer(source.tap, ask.form)
        viewer.begin(source.state, source.reason)
        source.viewers.add(viewer)
        sending = asyncio.create_task(_send(viewer.line, writer))
        leaving = asyncio.create_task(reader.read(1))  # the hub has nothing more to say: this is its end
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            viewer.end()
            source.viewers.discard(viewer)
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)


async def _send(line: Line, writer: asyncio.StreamWriter) -> None:
    while True:
        piece = await line.get()
        if isinstance(piece, Lost):
            continue  # the hub itself is slow: its viewers see the jump, and the hub counts their own losses
        writer.writelines(packed(piece))
        await writer.drain()


class _Viewer:
    """One connection: what its stream's tap gives, as pieces on its line."""

    def __init__(self, tap: Tap, form: Form) -> None:
        self.line = Line()
        self._tap = tap
        self._form: Form = form
        self._loop = asyncio.get_running_loop()
        self._muxer: Muxer | None = None
        self._why: Why | None = None
        self._masked = False
        self._state: tuple[State, Reason | None] = (State.IDLE, None)
        self._shown: tuple[str | None, int | None, int | None] = (None, None, None)
        self._codec: str | None = None
        self._told: Told | None = None

    def begin(self, state: State, reason: Reason | None) -> None:
        self._state = state, reason
        begun, kept = self._tap.join(self._post)
        self._tell()
        if begun is not None:
            self._hear(begun)
            for packet in kept:
                self._hear(packet)

    def end(self) -> None:
        self._tap.leave(self._post)

    def stand(self, state: State, reason: Reason | None) -> None:
        self._state = state, reason
        self._tell()

    def _post(self, drawn: Drawn) -> None:
        """In the pull's thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
            self._loop.call_soon_threadsafe(self._hear, drawn)

    def _hear(self, drawn: Drawn) -> None:
        if isinstance(drawn, Packet):
            self._mux(drawn)
        elif isinstance(drawn, Still):
            self._show(drawn)
        elif isinstance(drawn, Begun):
            self._muxer, self._shown, self._codec = None, (None, None, None), drawn.params.codec
            self._why = drawn.why or ("asked" if self._form == "preview" else None)
            self._masked = drawn.masked
            self._tap.ask(self._post, pictures=self._why is not None)
            if self._why is None:
                self._muxer = Muxer(drawn.params)
        else:
            self._muxer, self._shown = None, (None, None, None)
            self._tell()

    def _mux(self, packet: Packet) -> None:
        if self._muxer is None:
            return
        init, frame = self._muxer.feed(packet)
        if self._muxer.unplayable:
            self._muxer, self._why = None, "codec"
            self._tap.ask(self._post, pictures=True)
            return
        if init is not None:
            self._shown = init.codec, init.width, init.height
            self._tell()
            self.line.offer(Piece(Kind.INIT, init.data))
        if frame is not None:
            self.line.offer(Piece(Kind.MEDIA, frame.data, frame.keyframe, _wall(packet.received), frame.at))

    def _show(self, still: Still) -> None:
        if self._why is None:
            return
        self._shown = self._codec, still.width, still.height
        self._tell()
        self.line.offer(Piece(Kind.JPEG, still.jpeg, taken=_wall(still.received)))

    def _tell(self) -> None:
        codec, width, height = self._shown
        form: Form | None = None if width is None else "video" if self._why is None else "preview"
        why: Why | None = "masked" if self._masked else self._why
        told = Told(*self._state, form, why if form else None, codec, width, height)
        if told != self._told:
            self._told = told
            self.line.offer(told.piece())


def _wall(received: float) -> float:
    """Epoch seconds of a moment on the monotonic clock."""
    return time.time() - (time.monotonic() - received)

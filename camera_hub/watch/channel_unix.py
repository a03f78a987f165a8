"""The event channel over a Unix socket: the default, for one box.

Frames, big-endian: worker → hub `length u32, seq u64, message`; hub → worker `seq u64`, which acknowledges every frame
of this connection up to `seq` (the hub commits in the order it receives). The socket lies in a directory only the hub's
user may enter, and the hub also asks the kernel who is calling.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import struct
from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from camera_hub.observe import log
from camera_hub.unixsocket import runtime_dir, same_user
from camera_hub.watch.channel import Delivery, Line
from camera_hub.watch.messages import MAX_BYTES
from camera_hub.watch.outbox import Entry
from registry.errors import Unavailable

QUEUE = 4000
"""Messages the hub holds before it stops reading: the workers' outboxes hold the rest."""

_HEAD = struct.Struct(">IQ")
_ACK = struct.Struct(">Q")

_log = log("channel")


class UnixOutlet:
    """The worker's end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def connect(self) -> tuple[Line, AbstractSet[int]]:
        """Open a line; a socket holds nothing over a reconnect."""
        try:
            reader, writer = await asyncio.open_unix_connection(os.fspath(self._path))
        except OSError as err:
            raise Unavailable(f"the hub's socket is away: {err.strerror or err}", code="channel_away") from err
        return _UnixLine(reader, writer), frozenset()


class _UnixLine:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sent: deque[int] = deque()

    async def send(self, entries: Sequence[Entry]) -> None:
        self._sent.extend(e.seq for e in entries)
        try:
            self._writer.writelines([part for e in entries for part in (_HEAD.pack(len(e.data), e.seq), e.data)])
            await self._writer.drain()
        except OSError as err:
            raise Unavailable("the hub closed its socket", code="channel_away") from err

    async def acknowledged(self) -> Sequence[int]:
        try:
            (through,) = _ACK.unpack(await self._reader.readexactly(_ACK.size))
        except (OSError, asyncio.IncompleteReadError) as err:
            raise Unavailable("the hub closed its socket", code="channel_away") from err
        done = []
        while self._sent and self._sent[0] <= through:
            done.append(self._sent.popleft())
        return done

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class UnixInlet:
    """The hub's end: listens on `<runtime dir>/events`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events"
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue(QUEUE)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @classmethod
    async def listening(cls, folder: Path | None = None) -> UnixInlet:
        """Start to listen, in a new `runtime_dir` unless `folder` is given."""
        inlet = cls(folder or runtime_dir())
        inlet._server = await asyncio.start_unix_server(inlet._serve, os.fspath(inlet.path))
        inlet.path.chmod(0o600)
        return inlet

    @property
    def waiting(self) -> int:
        """Messages received and not yet handed out."""
        return self._queue.qsize()

    async def receive(self, limit: int) -> list[Delivery]:
        """Up to `limit` messages, in the order of arrival."""
        try:
            async with asyncio.timeout(1.0):
                deliveries = [await self._queue.get()]
        except TimeoutError:
            return []
        while len(deliveries) < limit and not self._queue.empty():
            deliveries.append(self._queue.get_nowait())
        return deliveries

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledge on every connection the last of its messages; one that is gone will send again."""
        last: dict[asyncio.StreamWriter, int] = {}
        for delivery in deliveries:
            writer, seq = delivery.receipt
            last[writer] = seq
        for writer, seq in last.items():
            if writer in self._writers:
                writer.write(_ACK.pack(seq))

    async def close(self) -> None:
        """Stop listening and remove the socket and its directory."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.close()
        if self._server is not None:
            await self._server.wait_closed()
        await asyncio.to_thread(shutil.rmtree, self.path.parent, ignore_errors=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not same_user(writer):
            _log.error("channel_stranger", hint="a process of another user tried the event socket")
            writer.close()
            return
        self._writers.add(writer)
        try:
            while True:
                length, seq = _HEAD.unpack(await reader.readexactly(_HEAD.size))
                data = await reader.readexactly(length) if length <= MAX_BYTES else await _skip(reader, length)
                await self._queue.put(Delivery(data, (writer, seq)))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the worker is gone or stopping; what was not acknowledged comes again
        finally:
            self._writers.discard(writer)
            writer.close()


async def _skip(reader: asyncio.StreamReader, length: int) -> bytes:
    """Read past a message that is too long; the keeper refuses the empty message that stands for it."""
    while length:
        length -= len(await reader.readexactly(min(length, 65536)))
    return b""

"""The hub's decoders: processes that turn recorded video into pictures and clips, kept warm, replaced when they fail.

Each has one request at a time. Whoever waits no longer, or too long, ends the process he asked: nothing of a request is
left behind for the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from camera_hub.observe import log
from camera_hub.recording import wire
from camera_hub.recording.wire import Message
from registry.errors import Conflict, HubError, NotFound, Unavailable

AT_ONCE = 4
WARM = 2
"""So many stay when nobody asks: some 40 MB each."""
FEW = 8
"""So many pictures are not worth a second decoder."""
PICTURE_S = 5.0
FRAME_S = 12.0
"""A whole group of pictures is decoded for a frame: ten seconds of 4K at the worst."""
EXAMINE_S = 30.0
START_S = 30.0
WAIT_S = 10.0
_KINDS: dict[str, type[HubError]] = {"NotFound": NotFound, "Conflict": Conflict}
_NOTHING = {
    "container": "",
    "codec": "",
    "width": 0,
    "height": 0,
    "duration_ms": None,
    "pictures": [],
    "reason": "decoder_failed",
    "played": False,
}
_COMMAND = (sys.executable, "-m", "camera_hub.recording.decoder")

_log = log("recording")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as JPEG. `pts_us` is when its showing begins, `digest` SHA-256 over it as decoded."""

    pts_us: int
    digest: str
    width: int
    height: int
    jpeg: bytes = field(repr=False)


class Decoder:
    """One process, lent to one request. `over` once it has said its last word on it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.over = True

    async def ask(self, request: Message) -> Message:
        """Its first answer. Raises what `answer` raises."""
        if self._process.stdin is None:
            raise EOFError
        self.over = False
        self._process.stdin.write(request.encoded())
        with contextlib.suppress(ConnectionError):  # it died: reading its answer tells
            await self._process.stdin.drain()
        return await self.answer()

    async def answer(self) -> Message:
        """Its next answer. Raises EOFError when it died, and what it refuses as the error it is."""
        if self._process.stdout is None:
            raise EOFError
        try:
            head, size = wire.length(await self._process.stdout.readline())
            body = await self._process.stdout.readexactly(size)
        except ValueError as err:
            raise EOFError("the decoder died") from err
        self.over = bool(head.get("over"))
        if (code := head.get("refused")) is not None:
            raise _KINDS[head["kind"]](head["hint"], code=code, **head["params"])
        return Message(head, body)

    async def end(self) -> None:
        """End the process."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.returncode is None


@dataclass(frozen=True, slots=True)
class Examination:
    """What a decoder makes of a file: its verdict, what it found by name, and pictures of keyframes."""

    verdict: str
    found: dict[str, Any]
    pictures: tuple[bytes, ...]


class Decoders:
    """At most `AT_ONCE` processes, started as they are needed."""

    def __init__(self, command: tuple[str, ...] = _COMMAND, picture_s: float = PICTURE_S) -> None:
        self._command = command
        self._picture_s = picture_s
        self._idle: list[Decoder] = []
        self._free = asyncio.Semaphore(AT_ONCE)
        self._warming: asyncio.Task[None] | None = None

    def warm(self) -> None:
        """Have one ready soon: somebody looks at recordings."""
        if not self._idle and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._warm())

    async def picture(self, data: bytes, width: int | None) -> bytes:
        """The first picture of a piece of MP4, as JPEG.

        Raises NotFound (`segment_damaged`) for what cannot be decoded, or not in time, Unavailable when none is free.
        """
        request = Message({"do": "picture", "width": width}, data)
        try:
            async with self.one() as decoder, asyncio.timeout(self._picture_s):
                return (await decoder.ask(request)).body
        except (TimeoutError, EOFError) as err:
            _log.warning("decoder_failed", error=type(err).__name__)
            raise NotFound("this picture cannot be decoded", code="segment_damaged") from err

    async def frame(self, data: bytes, at_us: int) -> Frame:
        """The picture shown at a moment of a piece of MP4, in microseconds of its track. Raises as `picture`."""
        return await self._framed(Message({"do": "frame", "at_us": at_us}, data))

    async def moment(self, file: Path, at_ms: int) -> Frame:
        """The picture of a file that somebody sent in, so long after its first one. Raises as `picture`."""
        return await self._framed(Message({"do": "moment", "file": str(file), "at_ms": at_ms}))

    async def _framed(self, request: Message) -> Frame:
        try:
            async with self.one() as decoder, asyncio.timeout(FRAME_S):
                told = await decoder.ask(request)
        except (TimeoutError, EOFError) as err:
            _log.warning("decoder_failed", error=type(err).__name__)
            raise NotFound("this picture cannot be decoded", code="segment_damaged") from err
        head = told.head
        return Frame(head["pts_us"], head["digest"], head["width"], head["height"], told.body)

    async def crops(
        self, pieces: Sequence[bytes], part: tuple[float, float, float, float], width: int, *, grey: bool = False
    ) -> list[bytes]:
        """A part (x0, y0, x1, y1 in shares) of the first picture of each piece of MP4, as JPEG; empty for a bad one.

        `grey`: as `width` rows of `width` grey levels instead. Half of them by each of two decoders. Raises NotFound
        (`segment_damaged`) where it takes too long, Unavailable when none is free.
        """
        half = (len(pieces) + 1) // 2
        head = {"do": "crops", "part": part, "width": width, "grey": grey}
        if half > FEW:
            both = await asyncio.gather(self._crops(pieces[:half], head), self._crops(pieces[half:], head))
            return [one for some in both for one in some]
        return await self._crops(pieces, head) if pieces else []

    async def _crops(self, pieces: Sequence[bytes], head: dict[str, object]) -> list[bytes]:
        request = Message({**head, "sizes": [len(one) for one in pieces]}, b"".join(pieces))
        try:
            async with self.one() as decoder, asyncio.timeout(self._picture_s):
                answer = await decoder.ask(request)
        except (TimeoutError, EOFError) as err:
            _log.warning("decoder_failed", error=type(err).__name__)
            raise NotFound("these pictures cannot be decoded", code="segment_damaged") from err
        return wire.split(answer.body, answer.head["sizes"])

    async def image(self, data: bytes, width: int) -> bytes:
        """A picture that somebody sent, made anew as JPEG, at most `width` pixels wide.

        Raises Conflict (`picture_unreadable`) for what is none or not decoded in time, Unavailable when none is free.
        """
        request = Message({"do": "image", "width": width}, data)
        try:
            async with self.one() as decoder, asyncio.timeout(self._picture_s):
                return (await decoder.ask(request)).body
        except (TimeoutError, EOFError) as err:
            _log.warning("decoder_failed", error=type(err).__name__)
            raise Conflict("this is no picture; take a JPEG or PNG", code="picture_unreadable") from err

    async def examine(self, file: Path, seconds: float = EXAMINE_S) -> Examination:
        """What a file is that somebody sent in. What ends the decoder, or takes too long, cannot be read.

        Raises Unavailable when none is free.
        """
        pictures: list[bytes] = []
        try:
            async with self.one() as decoder, asyncio.timeout(seconds):
                answer = await decoder.ask(Message({"do": "examine", "file": str(file)}))
                while not decoder.over:
                    pictures.append(answer.body)
                    answer = await decoder.answer()
        except (TimeoutError, EOFError) as err:
            _log.warning("decoder_failed", error=type(err).__name__)
            return Examination("unreadable", dict(_NOTHING), ())
        return Examination(str(answer.head["verdict"]), answer.head["examined"], tuple(pictures))

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Decoder]:
        """A decoder for one request. Raises Unavailable when none becomes free, or none starts."""
        try:
            async with asyncio.timeout(WAIT_S):
                await self._free.acquire()
        except TimeoutError as late:
            raise Unavailable("all decoders are busy; try again", code="decoders_busy") from late
        try:
            decoder = await self._taken()
            try:
                yield decoder
            finally:
                if decoder.over and decoder.alive and len(self._idle) < WARM:
                    self._idle.append(decoder)
                else:
                    await decoder.end()
        finally:
            self._free.release()

    async def close(self) -> None:
        """End those that wait, at the hub's end."""
        if self._warming is not None:
            self._warming.cancel()
            await asyncio.gather(self._warming, return_exceptions=True)
        while self._idle:
            await self._idle.pop().end()

    async def _taken(self) -> Decoder:
        if self._warming is not None and not self._idle:
            await asyncio.wait({self._warming})
        while self._idle:
            decoder = self._idle.pop()
            if decoder.alive:
                return decoder
            await decoder.end()
        return await self._started()

    async def _warm(self) -> None:
        with contextlib.suppress(Unavailable):
            self._idle.append(await self._started())

    async def _started(self) -> Decoder:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=wire.LINE_BYTES,
            env={"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
        )
        decoder = Decoder(process)
        up = False
        try:
            async with asyncio.timeout(START_S):
                await decoder.answer()
            up = True
        except (TimeoutError, EOFError) as err:
            raise Unavailable("the decoder does not start", code="decoder_away") from err
        finally:
            if not up:
                await decoder.end()
        return decoder

"""The event channel: worker → hub, acknowledged after commit.

A worker's `deliver` moves its outbox over an `Outlet`; the hub's keeper receives from an `Inlet`. Two implementations,
one behaviour (the same tests run on both): `channel_unix` on one box, `channel_redis` for many.

- Nothing is lost: a message stays in the outbox until its acknowledgement, and the hub acknowledges after its commit.
- Anything may come twice (a line that broke before the acknowledgement): the write is an upsert that only a higher
  revision wins, so duplicates are harmless.
- Order holds within one worker as long as its line holds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Protocol

from camera_hub.observe import log
from camera_hub.watch.outbox import Entry, Outbox
from registry.errors import Unavailable

RECONNECT_FIRST_S = 0.2
RECONNECT_LAST_S = 5.0

_log = log("channel")


class Line(Protocol):
    """One connection of a worker. Every method raises Unavailable when the line is gone."""

    async def send(self, entries: Sequence[Entry]) -> None:
        """Hand entries to the channel."""
        ...

    async def acknowledged(self) -> Sequence[int]:
        """Wait for the hub's next acknowledgement: sequence numbers it has committed."""
        ...

    async def close(self) -> None:
        """Give the connection up."""
        ...


class Outlet(Protocol):
    """The worker's end of the channel."""

    async def connect(self) -> tuple[Line, AbstractSet[int]]:
        """Open a line; also the sequence numbers the channel still holds and need not be sent again.

        Raises Unavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as the hub receives it; `receipt` is what the inlet needs to acknowledge it."""

    data: bytes
    receipt: Any


class Inlet(Protocol):
    """The hub's end of the channel."""

    async def receive(self, limit: int) -> list[Delivery]:
        """Wait up to about a second for messages, at most `limit`; empty when there were none. Raises Unavailable."""
        ...

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the senders that these are committed. Raises Unavailable; they then come again."""
        ...

    @property
    def waiting(self) -> int:
        """Messages received and not yet handed out, as far as known."""
        ...

    async def close(self) -> None:
        """Stop receiving."""
        ...


@dataclass(slots=True)
class ChannelState:
    """Whether a worker's line to the hub stands, for its heartbeat."""

    connected: bool = False


async def deliver(
    outbox: Outbox,
    outlet: Outlet,
    *,
    state: ChannelState | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Move the outbox over the outlet until cancelled; reconnect with back-off for as long as it takes."""
    state = state or ChannelState()
    pause = RECONNECT_FIRST_S
    while True:
        try:
            line, held = await outlet.connect()
        except Unavailable as err:
            state.connected = False
            _log.warning("channel_away", error=err.hint, retry_s=round(pause, 1))
            await sleep(pause * (0.5 + jitter()))
            pause = min(pause * 2, RECONNECT_LAST_S)
            continue
        outbox.rewind(held)
        state.connected = True
        pause = RECONNECT_FIRST_S
        try:
            await _both_ways(outbox, line)
        except Unavailable as err:
            _log.warning("channel_lost", error=err.hint)
        finally:
            await line.close()
        state.connected = False
        await sleep(RECONNECT_FIRST_S * jitter())


async def _both_ways(outbox: Outbox, line: Line) -> None:
    """Send and hear until either fails."""
    # No TaskGroup: Python 3.11's leaves its parent marked as cancelled when a child fails, and the Redis line must be
    # able to ask whether it is cancelled.
    tasks = asyncio.create_task(_send(outbox, line)), asyncio.create_task(_hear(outbox, line))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(outbox: Outbox, line: Line) -> None:
    while True:
        await line.send(await outbox.unsent())


async def _hear(outbox: Outbox, line: Line) -> None:
    while True:
        outbox.acknowledge(await line.acknowledged())

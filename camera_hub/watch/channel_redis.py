"""The event channel over Redis Streams: for several hub or worker machines. The only module that imports redis.

`<prefix>:events` is the stream workers add to and the hubs' consumer group reads. After its commit a hub takes the
entry out (XACK, XDEL) and tells the worker in the worker's own stream `<prefix>:acks:<worker>`. A worker keeps what is
not acknowledged, so a Redis that comes back empty loses nothing: its identity (`run_id` of the server and our
`<prefix>:generation` key) has changed, and the worker sends everything again. While the identity is the same, what was
added is still there and is not added twice. Redis holds at most the outboxes' windows: nothing needs trimming.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from camera_hub.watch.channel import Delivery, Line
from camera_hub.watch.outbox import Entry
from registry.errors import Unavailable

GROUP = "keepers"
BLOCK_MS = 1000
ACKS_KEPT_S = 3600
"""A worker's stream of acknowledgements disappears this long after its last one: the worker is gone."""
TAKE_OVER_AFTER_MS = 5000
"""Entries another keeper took and did not finish within this time are taken over."""


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError, TimeoutError) as err:
        raise Unavailable(f"Redis is away: {err}; is it running, is redis_url right?", code="redis_away") from err
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError  # redis-py swallows a cancellation that comes while it connects


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=3,
        socket_timeout=BLOCK_MS / 1000 + 5,
        retry=Retry(NoBackoff(), 0),  # reconnecting is the caller's, where it is seen
        health_check_interval=15,
    )


@dataclass(frozen=True, slots=True)
class Condition:
    """How a Redis is, as far as its INFO tells. `evicts`: full, it drops keys, our streams too."""

    version: str
    major: int
    latency_ms: float
    append_only: bool
    replica: bool
    policy: str
    most_bytes: int

    @property
    def evicts(self) -> bool:
        """Whether a full Redis drops what it holds instead of refusing more."""
        return self.most_bytes > 0 and self.policy != "noeviction"


async def condition(url: str) -> Condition:
    """Ask the Redis at `url` how it is. Raises Unavailable."""
    try:
        client = _client(url)
    except ValueError as err:
        raise Unavailable(
            "redis_url is no address of a Redis; redis://[:password@]host:6379/0", code="redis_away"
        ) from err
    try:
        with _translated():
            began = time.monotonic()
            await client.ping()
            latency_ms = (time.monotonic() - began) * 1000
            said: dict[str, Any] = await client.info()
    finally:
        await client.aclose()
    version = str(said["redis_version"])
    return Condition(
        version=version,
        major=int(version.partition(".")[0]),
        latency_ms=latency_ms,
        append_only=bool(said.get("aof_enabled")),
        replica=said.get("role") == "slave",
        policy=str(said.get("maxmemory_policy", "noeviction")),
        most_bytes=int(said.get("maxmemory", 0)),
    )


class RedisOutlet:
    """The worker's end. `worker` is unique per process life, so that numbers of an earlier life mean nothing."""

    def __init__(self, url: str, prefix: str, worker: str | None = None) -> None:
        self._url = url
        self._events = f"{prefix}:events"
        self._generation = f"{prefix}:generation"
        self._worker = worker or uuid.uuid4().hex
        self._acks = f"{prefix}:acks:{self._worker}"
        self._identity = ""
        self._read = "0"
        self._added: set[int] = set()

    async def connect(self) -> tuple[Line, AbstractSet[int]]:
        """Open a line; what was added before is held as long as Redis is the one it was."""
        client = _client(self._url)
        try:
            with _translated():
                identity = await self._identify(client)
        except BaseException:
            await client.aclose()
            raise
        if identity != self._identity:
            self._added.clear()
            self._identity = identity
            self._read = "0"
        return _RedisLine(self, client), frozenset(self._added)

    async def _identify(self, client: redis.Redis) -> str:
        fresh = uuid.uuid4().hex
        generation = await client.set(self._generation, fresh, nx=True, get=True)
        server = await client.info("server")
        known = generation.decode() if isinstance(generation, bytes) else fresh
        return f"{server['run_id']} {known}"

    async def _add(self, client: redis.Redis, entries: Sequence[Entry]) -> None:
        seqs = {e.seq for e in entries}
        self._added |= seqs  # before, so that an acknowledgement that overtakes us finds them
        try:
            with _translated():
                async with client.pipeline(transaction=False) as pipe:
                    for e in entries:
                        pipe.xadd(self._events, {"w": self._worker, "s": e.seq, "m": e.data})
                    await pipe.execute()
        except BaseException:
            self._added -= seqs
            raise

    async def _heard(self, client: redis.Redis) -> list[int]:
        with _translated():
            answer: Any = await client.xread({self._acks: self._read}, count=1000, block=BLOCK_MS)
            if not answer:
                if await self._identify(client) != self._identity:
                    raise Unavailable("Redis was emptied or replaced; sending again", code="redis_away")
                return []
        entries = _stream_entries(answer)
        self._read = entries[-1][0].decode()
        done = [int(seq) for _, fields in entries for seq in fields[b"s"].split(b",")]
        self._added.difference_update(done)
        return done


class _RedisLine:
    def __init__(self, outlet: RedisOutlet, client: redis.Redis) -> None:
        self._outlet = outlet
        self._client = client

    async def send(self, entries: Sequence[Entry]) -> None:
        if entries:
            await self._outlet._add(self._client, entries)  # noqa: SLF001 - the line is the outlet's other half

    async def acknowledged(self) -> Sequence[int]:
        return await self._outlet._heard(self._client)  # noqa: SLF001 - the line is the outlet's other half

    async def close(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()


class RedisInlet:
    """The hub's end. `consumer` names this hub and is the same after its restart: it then finds what it left undone."""

    def __init__(self, url: str, prefix: str, consumer: str, *, take_over_after_ms: int = TAKE_OVER_AFTER_MS) -> None:
        self._client = _client(url)
        self._prefix = prefix
        self._events = f"{prefix}:events"
        self._consumer = consumer
        self._take_over_after_ms = take_over_after_ms
        self._group_made = False
        self._own_left = "0"
        """Where reading this consumer's own unfinished entries stands; empty: all read, new entries follow."""
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """Entries of the stream the last look found, at most."""
        return self._waiting

    async def receive(self, limit: int) -> list[Delivery]:
        """What this hub left unfinished, then what a dead one did, then new entries."""
        try:
            with _translated():
                return await self._receive(limit)
        except Unavailable:
            self._own_left = "0"
            self._group_made = False
            raise

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Take the entries out and tell each worker its sequence numbers."""
        done: dict[bytes, list[bytes]] = {}
        ids = []
        for delivery in deliveries:
            entry_id, worker, seq = delivery.receipt
            ids.append(entry_id)
            done.setdefault(worker, []).append(seq)
        with _translated():
            async with self._client.pipeline(transaction=True) as pipe:
                for worker, seqs in done.items():
                    if worker:
                        key = f"{self._prefix}:acks:{worker.decode(errors='replace')}"
                        pipe.xadd(key, {"s": b",".join(seqs)}, maxlen=10_000, approximate=True)
                        pipe.expire(key, ACKS_KEPT_S)
                pipe.xack(self._events, GROUP, *ids)
                pipe.xdel(self._events, *ids)
                await pipe.execute()

    async def close(self) -> None:
        """Close the connections; the consumer stays, with what it has not finished."""
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose()

    async def _receive(self, limit: int) -> list[Delivery]:
        if not self._group_made:
            with contextlib.suppress(ResponseError):  # BUSYGROUP: it exists
                await self._client.xgroup_create(self._events, GROUP, id="0", mkstream=True)
            self._group_made = True
        if self._own_left:
            answer: Any = await self._client.xreadgroup(
                GROUP, self._consumer, {self._events: self._own_left}, count=limit
            )
            entries = _stream_entries(answer)
            self._own_left = entries[-1][0].decode() if entries else ""
            if entries:
                return [_delivery(entry_id, fields) for entry_id, fields in entries]
        claimed: Any = await self._client.xautoclaim(
            self._events, GROUP, self._consumer, min_idle_time=self._take_over_after_ms, start_id="0-0", count=limit
        )
        if claimed[1]:
            return [_delivery(entry_id, fields) for entry_id, fields in claimed[1]]
        answer = await self._client.xreadgroup(GROUP, self._consumer, {self._events: ">"}, count=limit, block=BLOCK_MS)
        self._waiting = int(await self._client.xlen(self._events)) if answer else 0
        return [_delivery(entry_id, fields) for entry_id, fields in _stream_entries(answer)]


def _stream_entries(answer: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """The entries of the one stream asked for, whichever protocol version (list or map) answered."""
    if not answer:
        return []
    if isinstance(answer, dict):
        batches = next(iter(answer.values()))
        return [entry for batch in batches for entry in batch]
    return list(answer[0][1])


def _delivery(entry_id: bytes, fields: dict[bytes, bytes] | None) -> Delivery:
    fields = fields or {}  # an entry deleted while it was pending: acknowledged away like any message that says nothing
    return Delivery(fields.get(b"m", b""), (entry_id, fields.get(b"w", b""), fields.get(b"s", b"0")))

"""A clip that is sent in: how fast the hub takes it, and what a slow line that breaks thrice costs over one that holds.

The baseline of the first is the same pieces written to the same disk, each synced; of the second the time the bytes
alone need on such a line. What arrives is compared byte for byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path

import aiohttp

from api.giving import PIECE_BYTES
from registry.errors import HubError
from registry.uploads import FILE
from tools.bench import desk
from tools.bench.report import Report, at_least, at_most, median

FAST_BYTES, SLOW_BYTES = 200_000_000, 10_000_000
LINE_BITS = 4_000_000
BREAKS = (0.2, 0.5, 0.8)
"""At these shares of the file the line breaks, in the middle of a piece."""
SLACK_S = 0.1
"""What the line catches up on when this machine was late."""
RUNS = 3
TAKEN_MB_S = 5.0
"""What a station's line of 40 Mbit/s brings."""
OVERHEAD = 1.25


class Line:
    """A TCP line to the hub of `LINE_BITS`, which breaks when so many bytes have gone over it."""

    def __init__(self, port: int, breaks: list[int]) -> None:
        self._port, self._breaks = port, breaks
        self._sent = 0
        self._due = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it, or the line breaks."""
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._port)
        back = asyncio.create_task(_copy(to_reader, writer))
        try:
            while data := await reader.read(16_384):
                self._due = max(self._due, time.monotonic() - SLACK_S) + len(data) * 8 / LINE_BITS
                await asyncio.sleep(max(0.0, self._due - time.monotonic()))
                self._sent += len(data)
                if self._breaks and self._sent >= self._breaks[0]:
                    self._breaks.pop(0)
                    break
                to_writer.write(data)
                await to_writer.drain()
        finally:
            back.cancel()
            for one in (writer, to_writer):
                one.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


async def _linked(at: desk.Desk, case_id: str) -> str:
    """A new request's secret."""
    now = at.hub.store.clock()
    entry = await at.post(f"/cases/{case_id}/canvass", {"name": "shop"})
    span = {"from": (now - timedelta(hours=2)).isoformat(), "to": now.isoformat()}
    made = await at.post(f"/cases/{case_id}/canvass/{entry['id']}/requests", span)
    return str(made["token"])


async def _send(address: str, token: str, data: bytes) -> str:
    """Send all of it, going on after each break, as the page does; the upload's id."""
    said = {"name": "clip.mp4", "bytes": len(data), "giver": "x", "device": "x", "agreed": True, "unaltered": True}
    url, headers = f"{address}/api/v1/giving", {"X-Clip-Link": token}
    kind = {"Content-Type": "application/octet-stream"}
    view, at = memoryview(data), 0
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.post(f"{url}/files", json=said) as answer:
            upload = (await answer.json())["id"]
        while at < len(data):
            piece = bytes(view[at : at + PIECE_BYTES])
            try:
                async with http.patch(f"{url}/files/{upload}?offset={at}", data=piece, headers=kind) as answer:
                    body = await answer.json()
                    at = body["offset"] if answer.ok else body["params"]["offset"]
            except aiohttp.ClientError:
                await asyncio.sleep(0.2)
        async with http.post(
            f"{url}/files/{upload}/finish", json={"sha256": hashlib.sha256(data).hexdigest()}
        ) as answer:
            answer.raise_for_status()
    return str(upload)


def _written(folder: Path, data: bytes) -> float:
    """Megabytes a second of the same pieces, each synced, and read again for their digest."""
    file, view = folder / "plain", memoryview(data)
    begun = time.perf_counter()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for at in range(0, len(data), PIECE_BYTES):
        os.write(descriptor, view[at : at + PIECE_BYTES])
        os.fdatasync(descriptor)
    os.close(descriptor)
    with file.open("rb") as opened:
        hashlib.file_digest(opened, "sha256")
    took = time.perf_counter() - begun
    file.unlink()
    return len(data) / 1e6 / took


async def measure(folder: Path, report: Report) -> None:
    """Send a large file over no line at all, then a small one over a slow line that breaks."""
    async with desk.desk(folder, watch=False) as at:
        await desk.found_county(at.hub)
        await at.sign_in()
        now = at.hub.store.clock()
        case = await at.open_case("U-1", now - timedelta(days=1), now)
        data = os.urandom(FAST_BYTES)
        fast, plain = [], []
        for _ in range(RUNS):
            token = await _linked(at, case["id"])
            begun = time.perf_counter()
            upload = await _send(at.address, token, data)
            fast.append(len(data) / 1e6 / (time.perf_counter() - begun))
            file = folder / "uploads" / upload / FILE
            if file.read_bytes() != data:
                raise HubError("what arrived is not what was sent")
            file.unlink()
            plain.append(await asyncio.to_thread(_written, folder, data))
        report.add(
            median(
                "upload taken, loopback",
                fast,
                "MB/s",
                at_least(TAKEN_MB_S),
                baseline=median("plain", plain, "MB/s").value,
                note=f"{FAST_BYTES // 1_000_000} MB in pieces of {PIECE_BYTES >> 10} KiB; baseline: written and synced",
            )
        )
        slow = data[:SLOW_BYTES]
        line = Line(int(at.address.rpartition(":")[2]), [round(share * SLOW_BYTES) for share in BREAKS])
        server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
        async with server:
            token = await _linked(at, case["id"])
            begun = time.perf_counter()
            upload = await _send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", token, slow)
            took = time.perf_counter() - begun
        if (folder / "uploads" / upload / FILE).read_bytes() != slow:
            raise HubError("what arrived is not what was sent")
        report.add(
            median(
                "upload over a slow line that breaks thrice",
                [took * LINE_BITS / 8 / SLOW_BYTES],
                "×",
                at_most(OVERHEAD),
                baseline=1.0,
                note=f"{SLOW_BYTES // 1_000_000} MB at {LINE_BITS // 1_000_000} Mbit/s; baseline: the bytes alone",
            )
        )


def run(report: Report) -> None:
    """Make a hub, and send."""
    with desk.bench_folder() as folder:
        asyncio.run(measure(Path(folder), report))

"""From motion in front of a camera to its event, readable over the HTTP API.

A real person (cut from OpenCV's `vtest.avi`) walks for three seconds through an empty street, then nobody for seven,
over and over: 15 fps, a keyframe every 2 s, real RTSP. A second client of the same stream, in this process, sees when
the first picture with the person arrives; the event is looked for with GET /events.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo import clip
from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.stream.decode import Decoder
from camera_hub.stream.source import open_source
from tools.bench.desk import Desk, add, bench_folder, desk, found_county
from tools.bench.report import Figure, Report, at_most

VTEST = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
FPS, WALK_S, EMPTY_S = 15, 3.0, 7.0
WALKS = 24
CHANGED = 40.0
"""Largest change of luma (8×8 means) against the empty street that noise does not reach."""
WITHIN_S = 8.0


def street() -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_]]:
    """The empty street (median of the recording), a person cut from it, uint8 [h, w, 3], and the cut's mask."""
    with av.open(str(VTEST)) as recording:
        read = itertools.islice(recording.decode(video=0), 0, 300, 5)
        pictures: list[NDArray[np.uint8]] = [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in read]
    empty: NDArray[np.uint8] = np.sort(np.stack(pictures), axis=0)[len(pictures) // 2]
    # In picture 0 a man stands free at the left of the middle; found by where the picture differs from the street.
    differs = np.abs(pictures[0].astype(int) - empty).max(axis=2) > 30
    best, rows, columns = 0, slice(0, 0), slice(0, 0)
    tall, wide = 150, 70
    for top in range(0, differs.shape[0] - tall, 10):
        for left in range(0, differs.shape[1] - wide, 10):
            count = int(differs[top : top + tall, left : left + wide].sum())
            if count > best:
                best, rows, columns = count, slice(top, top + tall), slice(left, left + wide)
    return empty, pictures[0][rows, columns], differs[rows, columns]


def walks() -> Iterator[NDArray[np.uint8]]:
    """One turn of the scene, 768x576."""
    empty, person, mask = street()
    tall, wide = mask.shape
    for number in range(round(FPS * EMPTY_S)):
        yield _noisy(empty, number)
    for number in range(round(FPS * WALK_S)):
        picture = _noisy(empty, number)
        left, top = 120 + round(number * 6), 260
        picture[top : top + tall, left : left + wide][mask] = person[mask]
        yield picture


def _noisy(picture: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed % 7).normal(0, 2, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


class Witness:
    """Reads the same stream and notes when somebody appears: wall times of arrival."""

    def __init__(self, url: str) -> None:
        self.seen: list[datetime] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(url,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading."""
        self._stop.set()
        self._thread.join(20)

    def _read(self, url: str) -> None:
        source = open_source(url, allow_loopback=True)
        decoder = Decoder(source.params)
        before: NDArray[np.float32] | None = None
        somebody, since = True, 0.0
        for packet in source.packets():
            if self._stop.is_set():
                break
            for frame in decoder.decode(packet):
                rows, columns = frame.luma.shape[0] // 8, frame.luma.shape[1] // 8
                small = frame.luma[: rows * 8, : columns * 8].reshape(rows, 8, columns, 8).mean((1, 3), np.float32)
                changed = before is not None and float(np.abs(small - before).max()) > CHANGED
                before = small
                if changed and not somebody:
                    late = time.monotonic() - frame.received
                    self.seen.append(datetime.fromtimestamp(time.time() - late, UTC))
                if changed:
                    somebody, since = True, frame.at
                elif frame.at - since > EMPTY_S / 2:
                    somebody = False
        decoder.close()
        source.close()


async def _measure(at: Desk, witness: Witness) -> list[float]:
    """Seconds from each appearance to its event in the answer of GET /events."""
    delays: list[float] = []
    done = 0
    while len(delays) < WALKS:
        while len(witness.seen) == done:  # noqa: ASYNC110 - a thread appends
            await asyncio.sleep(0.01)
        appeared = witness.seen[done]
        done += 1
        if done == 1:
            continue  # the hub may still be learning the street
        since = appeared.timestamp() - 0.5
        while True:
            page = await at.get("/events", since=datetime.fromtimestamp(since, UTC).isoformat(), limit="5")
            if page["events"]:
                delays.append(time.time() - appeared.timestamp())
                break
            if time.time() - appeared.timestamp() > WITHIN_S:
                delays.append(WITHIN_S)  # not found: counted as late, never left out
                break
            await asyncio.sleep(0.05)
    return delays


async def _watch(folder: Path, url: str) -> list[float]:
    async with desk(folder, workers=1) as at:
        device = await found_county(at.hub)
        await add(at.hub, device, "street", url)
        await at.sign_in()
        witness = Witness(url)
        try:
            async with asyncio.timeout(60):
                while (await at.get("/health"))["cameras"].get("live", 0) < 1:  # noqa: ASYNC110 - asked over HTTP
                    await asyncio.sleep(0.2)
            return await _measure(at, witness)
        finally:
            await asyncio.to_thread(witness.close)


def run(report: Report) -> None:
    """Measure and report."""
    if not VTEST.is_file():
        raise FileNotFoundError(f"{VTEST}: apt-get install opencv-doc")
    with bench_folder() as name:
        folder = Path(name)
        shape = clip.Shape(640, 480, FPS, 500, 2.0)
        path = folder / "walk.clip"
        clip.write(path, clip.encode(walks(), shape), shape, title="one person walks", rendered=False)
        with SampleServer([Mount("/street", path)]) as server:
            delays = asyncio.run(_watch(folder / "data", server.urls["/street"]))
    delays.sort()
    p95 = delays[min(len(delays) - 1, round(0.95 * len(delays)))]
    note = f"{len(delays)} walks, median {statistics.median(delays):.2f} s, {FPS} fps, GOP 2 s; GET /events every 50 ms"
    report.add(Figure("motion to event over the API, p95", p95, "s", at_most(1.5), tuple(delays), note=note))

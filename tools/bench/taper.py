"""One process that pulls streams and records them by turns: started by `recording`, told on stdin.

Reads one line of JSON, {"urls": […], "masked": bool, "windows": n, "window_s": s, "folder": path}; answers one line:
for each window CPU-ms per stream-second while it only pulls and while it records too, memory in MB then and then, and
what the recorders counted. The last recording stays in the folder. Masked streams are decoded and looked at as well.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from uuid import UUID

import cv2
import psutil

from camera_hub.live.tap import Tap
from camera_hub.media import Media
from camera_hub.recording.crew import Crew
from camera_hub.recording.disk import Disk
from camera_hub.recording.writer import Writer
from camera_hub.stream.source import open_source
from camera_hub.watch.inference import Crop, Look
from camera_hub.watch.pull import Gauge, Parts, pull
from registry.errors import HubError
from registry.model import Stream
from registry.orders import WatchOrder
from registry.recordings.model import RecordMode, RecordOrder

SEGMENT_S = 20.0
"""A third of the usual: what a new file costs is in every window."""
FPS = 5.0
_SETTLE_S = 6.0
_STAGGER_S = 0.05
_SCENE: dict[str, object] = {"masks": [[[0, 0], [0.4, 0], [0.4, 0.3], [0, 0.3]]], "zones": [], "lines": [], "rules": []}
RECORDED = RecordOrder(RecordMode.CONTINUOUS, frozenset({"sub"}), 5.0, 10.0, SEGMENT_S)


class Nothing:
    """A detector that finds nothing, at once: it is not what is measured."""

    name = "none"

    def submit(self, crops: Sequence[Crop]) -> Look:
        """Answer."""
        look = Look(crops)
        look.settle([])
        return look


class Street:
    """The cameras, each with its pull's thread."""

    def __init__(self, urls: Sequence[str], folder: Path, *, masked: bool) -> None:
        self.orders = [_order(number, url, masked=masked) for number, url in enumerate(urls)]
        self.taps = {order.camera_id: Tap() for order in self.orders}
        self.writer = Writer(Disk(folder, 0), "local", lambda _: None)
        self.crew = Crew(self.writer, self._tap)
        self.failed: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._pull, args=(order,)) for order in self.orders]
        self._masked = masked
        self._parts = Parts(
            Nothing(), Media(folder, 0, 10**12), "local", FPS, UTC, allow_file=False, allow_loopback=True
        )

    def start(self) -> None:
        """Begin to pull and to write."""
        self.writer.start()
        for thread in self.threads:
            thread.start()
            time.sleep(_STAGGER_S)

    def record(self, *, on: bool) -> None:
        """Record all, or none."""
        for order in self.orders:
            self.crew.follow(order if on else replace(order, record=RecordOrder()))
        time.sleep(_SETTLE_S)

    def cost(self, seconds: float) -> float:
        """CPU-ms of this process per stream-second, over so many seconds."""
        cpu, at = time.process_time(), time.monotonic()
        time.sleep(seconds)
        return (time.process_time() - cpu) * 1000 / (time.monotonic() - at) / len(self.orders)

    def _tap(self, camera_id: UUID, _: Stream) -> Tap:
        return self.taps[camera_id]

    def _pull(self, order: WatchOrder) -> None:
        tap = self.taps[order.camera_id]
        try:
            if self._masked:
                pull(order, self._parts, self.stop, gauge=Gauge(), post=lambda _: None, tap=tap)
                return
            source = open_source(order.url, allow_loopback=True)
            tap.begin(source.params, masked=False)
            for packet in source.packets():
                tap.packet(packet)
                if self.stop.is_set():
                    break
            tap.end()
            source.close()
        except HubError as err:
            self.failed.append(err.hint)


def _order(number: int, url: str, *, masked: bool) -> WatchOrder:
    return WatchOrder(
        camera_no=number,
        # Spread over the space of ids, as the registry's are: files are begun by turns.
        camera_id=UUID(int=number * 10**30 + number * 37 + 1),
        name=str(number),
        url=url,
        username="",
        password="",
        tier="full",
        halt=None,
        scene_revision=1,
        scene=_SCENE if masked else {},
        clock_offset_ms=None,
        stream="sub",
        main_url=None,
        record=RECORDED,
    )


def memory_mb() -> float:
    """Memory that would come free if this process went."""
    return float(psutil.Process().memory_full_info().uss) / 2**20


def main() -> None:
    """Pull, record by turns, answer."""
    cv2.setNumThreads(1)
    told = json.loads(sys.stdin.readline())
    street = Street(told["urls"], Path(told["folder"]), masked=told["masked"])
    street.start()
    time.sleep(_SETTLE_S)
    pulled, recorded, memory = [], [], []
    for _ in range(told["windows"]):
        street.record(on=False)
        pulled.append(street.cost(told["window_s"]))
        before = memory_mb()
        street.record(on=True)
        counts, at = street.crew.counts, time.monotonic()
        recorded.append(street.cost(told["window_s"]))
        now = street.crew.counts
        memory.append((before, memory_mb(), (now.frames - counts.frames) / (time.monotonic() - at)))
    street.stop.set()
    for thread in street.threads:
        thread.join()
    street.writer.end(60)
    answer = {
        "pulled": pulled,
        "recorded": recorded,
        "memory": [one[:2] for one in memory],
        "fps": [one[2] / len(street.orders) for one in memory],
        "dropped": street.crew.counts.dropped,
        "failed": street.failed,
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""What recording costs beyond pulling, and whether every frame the server sent is in the files.

Streams come from a real RTSP server. One process pulls all of them and by turns only pulls, or records as well: the
difference is the recorder's. Frames are known by their bytes: each file must hold the clip's frames in their order.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from camera_hub.demo.clip import Shape, encode, read, write
from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.demo.scenes import SCENES, render
from camera_hub.live.coding import nal_units
from camera_hub.recording.boxes import walk
from tools.bench.report import Figure, Report, at_least, at_most, median

STREAMS = 64
MASKED = 8
MOUNTS = 8
WINDOWS = 3
WINDOW_S = 20.0
SHAPE = Shape(640, 360, 15, 300, 2.0)
_HEAD = 112
"""Bytes of a fragment before its frame, as the recorder writes them."""


def run(report: Report) -> None:
    """Measure plain and masked cameras."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        scene = SCENES["road"]
        clip = folder / "road.clip"
        pictures = render(scene, width=SHAPE.width, height=SHAPE.height, fps=SHAPE.fps)
        write(clip, encode(pictures, SHAPE), SHAPE, title=scene.title, rendered=True)
        _plain(report, clip, folder / "plain")
        _masked(report, clip, folder / "masked")


def _plain(report: Report, clip: Path, folder: Path) -> None:
    answer = measured(clip, folder, STREAMS, masked=False)
    costs = [(more - less) / 10 for less, more in zip(answer["pulled"], answer["recorded"], strict=True)]
    on = f"{STREAMS} streams 640x360@15, 300 kbit/s; files of 20 s, three times as many as usual"
    report.add(median("recording, beyond pulling", costs, "% of a core/camera", at_most(0.3), note=on))
    pulling = statistics.median(answer["pulled"]) / 10
    report.add(Figure("only pulling, packets handed to nobody", pulling, "% of a core/camera"))
    grown = (max(after for _, after in answer["memory"]) - answer["memory"][0][0]) / STREAMS
    note = "unshared memory of the process: the most there was, against before anything was recorded"
    report.add(Figure("memory of a camera's recorder", grown, "MB", at_most(3.0), note=note))
    rates = answer["fps"]
    note = f"{answer['dropped']} frames left out" + (f"; {answer['failed'][:1]}" if answer["failed"] else "")
    report.add(median(f"{STREAMS} cameras in real time", rates, "fps written each", at_least(14.85), note=note))
    held, sent = completeness(clip, folder)
    note = f"{held} frames of {sent}, known by their bytes, over files and the joints between them"
    report.add(Figure("completeness", 100 * held / sent, "%", at_least(99.9), note=note))


def _masked(report: Report, clip: Path, folder: Path) -> None:
    answer = measured(clip, folder, MASKED, masked=True)
    costs = [(more - less) / 10 for less, more in zip(answer["pulled"], answer["recorded"], strict=True)]
    note = f"{MASKED} streams, masked and encoded at 5 pictures a second, beyond pulling and looking for motion"
    report.add(median("recording a masked camera", costs, "% of a core/camera", note=note))
    kbits = 8 * sum(one.stat().st_size for one in _files(folder)) / 1000
    seconds = sum(walk(one).seconds for one in _files(folder))
    report.add(
        Figure("a masked camera's stream", kbits / seconds, "kbit/s", note="H.264, 640x360 at 5 pictures a second")
    )


def measured(clip: Path, folder: Path, streams: int, *, masked: bool) -> dict[str, Any]:
    """What `taper` answers."""
    folder.mkdir()
    with SampleServer([Mount(f"/camera{number}", clip) for number in range(MOUNTS)]) as server:
        urls = (list(server.urls.values()) * streams)[:streams]
        told = {"urls": urls, "masked": masked, "windows": WINDOWS, "window_s": WINDOW_S, "folder": str(folder)}
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.taper"],
            input=json.dumps(told) + "\n",
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # as the supervisor starts its workers
            timeout=180 + WINDOWS * WINDOW_S * 4,
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def completeness(clip: Path, folder: Path) -> tuple[int, int]:
    """Frames in the files, and frames the server sent between each camera's first and last of them."""
    places = {_mark(nal_units(data, None)[-1]): number for number, (_, data) in enumerate(read(clip))}
    if len(places) != sum(1 for _ in read(clip)):
        raise RuntimeError("two frames of the clip are the same bytes: they cannot be told apart")
    held = sent = 0
    for _, files in itertools.groupby(_files(folder), key=lambda file: file.parent):
        # Recordings of different turns do not join: between them lies more than a window.
        last: int | None = None
        ended = 0.0
        for file in files:
            began = int(file.stem.split("-")[1]) / 1000
            if began - ended > WINDOW_S:
                last = None
            for place in map(places.__getitem__, frames_of(file)):
                held += 1
                sent += 1 if last is None else (place - last - 1) % len(places) + 1
                last = place
            ended = began + walk(file).seconds
    return held, sent


def frames_of(file: Path) -> Iterator[bytes]:
    """A mark of each frame in a segment's file."""
    data = file.read_bytes()
    for fragment in walk(file).fragments:
        sample = data[fragment.offset + _HEAD : fragment.offset + fragment.size]
        yield _mark(nal_units(sample, 4)[-1])


def _mark(unit: bytes) -> bytes:
    return hashlib.blake2b(unit, digest_size=12).digest()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("recordings/*/*/*.mp4"), key=lambda file: (file.parent.name, file.name))

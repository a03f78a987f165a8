"""CPU and memory of pulling, decoding and looking for motion: real RTSP streams, beside the plain way.

Streams come from a real RTSP server in a process of its own. CPU is what the kernel charged the pulling process (and
its ffmpeg children, the plain way), over windows after everything has settled.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camera_hub.demo.clip import Shape, encode, write
from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.demo.scenes import SCENES, render
from tools.bench.report import Figure, Report, at_least, at_most, median

STREAMS = 40
MOUNTS = 10
"""Each stream is a connection of its own; four share what the server plays, as its work would disturb ours."""
WINDOWS = 3
WINDOW_S = 10.0


@dataclass(frozen=True, slots=True)
class Case:
    """One measurement: a way to pull, on streams of a shape."""

    name: str
    way: str
    shape: Shape
    target_ms: float | None = None


FULL = Shape(640, 360, 15, 300, 2.0)
PLAIN = Case("plain way: an ffmpeg process a camera, MOG2", "plain", FULL)
CASES = (
    Case("full decode, 640x360@15, 300 kbit/s", "full", FULL, 9.0),
    Case("keyframe tier, 640x360@15, 300 kbit/s, GOP 2 s", "keyframes", FULL, 4.0),
    Case("full decode, 320x180@5, 80 kbit/s", "full", Shape(320, 180, 5, 80, 2.0), 3.0),
    Case("full decode, 640x360@15, 150 kbit/s", "full", Shape(640, 360, 15, 150, 2.0)),
    Case("full decode, 640x360@15, 512 kbit/s", "full", Shape(640, 360, 15, 512, 2.0)),
)
CHEAPER = {CASES[0].name: 2.0, CASES[2].name: 5.0}


def run(report: Report) -> None:
    """Measure every case, and the plain way on the same streams."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        baseline: float | None = None
        if shutil.which("ffmpeg"):
            answer = measured(PLAIN, Path(folder), report)
            baseline = statistics.median(cpu for cpu, _ in answer["windows"])
            _tell(report, PLAIN, answer, None)
        else:
            report.say("no ffmpeg program: the plain way is not measured (apt-get install ffmpeg)")
        for case in CASES:
            answer = measured(case, Path(folder), report)
            _tell(report, case, answer, baseline)
            if case is CASES[0]:
                (few, before), (many, after) = answer["memory"][1:]
                each = (after - before) / (many - few)
                note = f"from {few} to {many} cameras, unshared memory of the process"
                report.add(Figure("memory per added camera, 640x360", each, "MB", at_most(6.0), note=note))


def _tell(report: Report, case: Case, answer: dict[str, Any], baseline: float | None) -> None:
    runs = [cpu for cpu, _ in answer["windows"]]
    rate = statistics.median(looked for _, looked in answer["windows"])
    note = f"{STREAMS} streams, {rate:.2f} pictures a second each looked at"
    if answer["failed"] or answer["idle"]:
        note += f"; {answer['idle']} without a picture: {answer['failed'][:1]}"
    target = None if case.target_ms is None else at_most(case.target_ms)
    report.add(median(case.name, runs, "ms CPU/stream-s", target, baseline=baseline, note=note))
    if baseline is not None and case.name in CHEAPER:
        times = baseline / statistics.median(runs)
        report.add(Figure(f"times cheaper than the plain way: {case.name}", times, "x", at_least(CHEAPER[case.name])))


def measured(case: Case, folder: Path, report: Report) -> dict[str, Any]:
    """Run a case: what `puller` answers."""
    clip = _clip(case.shape, folder, report)
    mounts = [Mount(f"/camera{number}", clip) for number in range(MOUNTS)]
    with SampleServer(mounts) as server:
        urls = (list(server.urls.values()) * STREAMS)[:STREAMS]
        order = {"way": case.way, "urls": urls, "windows": WINDOWS, "window_s": WINDOW_S}
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.puller"],
            input=json.dumps(order) + "\n",
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # as the supervisor starts its workers
            timeout=60 + STREAMS + WINDOWS * WINDOW_S * 2,
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _clip(shape: Shape, folder: Path, report: Report) -> Path:
    path = folder / f"{shape.width}x{shape.height}-{shape.kbits}.clip"
    if not path.exists():
        scene = SCENES["road"]
        pictures = render(scene, width=shape.width, height=shape.height, fps=shape.fps)
        head = write(path, encode(pictures, shape), shape, title=scene.title, rendered=True)
        kbits = path.stat().st_size * 8 / 1000 / head.seconds
        report.say(f"streams of {shape.width}x{shape.height}@{shape.fps}, {kbits:.0f} kbit/s: {scene.title}")
    return path

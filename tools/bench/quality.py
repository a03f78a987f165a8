"""Detection on labelled footage, and what busy footage costs. `tools/quality.py` prints the same in more detail.

HUB_FOOTAGE names a folder with recordings and labels.json; busy footage is OpenCV's vtest.avi (Debian's opencv-doc).
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path

import cv2

from detectors.objects import Detector, load
from tools.bench.report import Figure, Report, at_least, at_most, median
from tools.quality import watch
from tools.scoring import Score, score, truths

BUSY = Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")
RUNS = 5


def run(report: Report) -> None:
    """Measure what there is footage for, and say what there is none for."""
    cv2.setNumThreads(1)
    detector = load()
    footage = os.environ.get("HUB_FOOTAGE")
    if footage and (Path(footage) / "labels.json").is_file():
        _labelled(report, Path(footage), detector)
    else:
        report.say("no labelled footage: HUB_FOOTAGE names no folder with labels.json")
    if BUSY.is_file():
        _busy(report, detector)
    else:
        report.say(f"no busy footage: {BUSY} comes with Debian's opencv-doc")


def _labelled(report: Report, footage: Path, detector: Detector) -> None:
    scores: list[Score] = []
    for name, truth in truths(footage).items():
        report.say(f"watching {name}")
        scored = score(watch(footage / name, detector).events, truth)
        if truth.things:
            scores.append(scored)
            report.add(Figure(f"found in {name}", scored.found, f"of {scored.things}", note=f"{scored.named} by label"))
        report.add(Figure(f"events where nothing happens, {name}", scored.in_empty, "events", at_most(0)))
    things, found = sum(s.things for s in scores), sum(s.found for s in scores)
    events, matched = sum(s.events for s in scores), sum(s.matched for s in scores)
    note = f"{things} labelled things in {len(scores)} recordings, strict"
    report.add(Figure("recall", found / things, "", at_least(0.95), note=note))
    report.add(Figure("precision", matched / events, "", at_least(0.98), note=note))
    report.add(Figure("events a thing", matched / found, "", at_most(1.16), note=note))
    delays = [delay for s in scores for delay in s.delays]
    report.add(Figure("delay to the event", statistics.median(delays), "s", None, tuple(delays), note=note))


def _busy(report: Report, detector: Detector) -> None:
    report.say(f"watching {BUSY.name} {RUNS} times")
    done = [watch(BUSY, detector) for _ in range(RUNS)]
    note = f"{BUSY.name} at 5 pictures/s, decoding included"
    calls = [one.counts.calls / one.length for one in done]
    report.add(median("detector calls, busy footage", calls, "/s", at_most(7), note=note))
    cpu = [1000 * one.cpu_s / one.length for one in done]
    report.add(median("CPU per stream-second, busy footage", cpu, "ms", at_most(110), note=note))

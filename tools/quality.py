"""Detection quality on labelled footage, and what it costs.

    python tools/quality.py --footage DIR                     the table of docs/benchmarks.md
    python tools/quality.py --footage DIR --robust            the same under ten distortions
    python tools/quality.py --footage DIR --delays            when each labelled thing was told
    python tools/quality.py --busy vtest.avi                  detector calls and CPU on busy footage
    python tools/quality.py --list FILE…                      every event of a recording

DIR holds the recordings and labels.json (or HUB_FOOTAGE names it). Scored strictly: one event finds one thing.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import av
import cv2
from av.video.frame import VideoFrame

from camera_hub.stream.decode import Decoder
from camera_hub.stream.packet import Frame, Packet, StreamParams
from camera_hub.watch.inference import Counts, DirectInference
from camera_hub.watch.pipeline import Pipeline
from detectors.facts import Luma, Rgb
from detectors.labels import GROUPS
from detectors.objects import Detector, load
from tools.distortions import DISTORTIONS, Distort, squeezed
from tools.scoring import EPOCH, Moved, Score, Thing, Told, matched, score, truths

FPS = 5.0
RATE = 7.0
SCENE: Mapping[str, Any] = {
    "rules": [
        {
            "id": "object",
            "name": "object",
            "kind": "object",
            "groups": [g for g in GROUPS if g != "unknown"],
            "min_score": 0.3,
        },
        {"id": "unknown", "name": "unknown moving thing", "kind": "unknown_moving", "groups": ["unknown"]},
    ]
}

CAMERA_CODECS = ("h264", "hevc", "mjpeg")


def moments(path: Path, fps: float) -> Iterator[Frame | float]:
    """Frames of a file at the analysis rate, and between them the times (stream seconds) at which packets came.

    Through the hub's own decoder where a camera could have sent the file.
    """
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.codec.name not in CAMERA_CODECS:
            yield from _decoded(container, fps)
            return
        assert stream.time_base is not None
        params = StreamParams(
            stream.codec.name, stream.codec_context.extradata, stream.time_base, stream.width, stream.height
        )
        decoder = Decoder(params, rate=fps)
        apart = 1 / float(stream.average_rate or fps)
        tick, now = 0, 0.0
        for encoded in container.demux(stream):
            if encoded.size == 0:
                continue
            tick = max(tick + 1, encoded.dts if encoded.dts is not None else tick)
            pts = encoded.pts if encoded.pts is not None else tick
            now += apart
            given = list(decoder.decode(Packet(bytes(encoded), pts, tick, encoded.is_keyframe, 0.0)))
            now = given[-1].at if given else now
            yield from given or (now,)
        decoder.close()


def _decoded(container: av.container.InputContainer, fps: float) -> Iterator[Frame | float]:
    due = -1.0
    container.streams.video[0].thread_count = 1
    for picture in container.decode(video=0):
        at = float(picture.time or 0.0)
        if at >= due:
            due = max(due + 1 / fps, at + 0.5 / fps)
            yield _frame(picture, at)
        else:
            yield at


def _frame(picture: VideoFrame, at: float) -> Frame:
    luma = cast("Luma", picture.to_ndarray(format="gray"))
    return Frame(at, at, luma, lambda: cast("Rgb", picture.to_ndarray(format="rgb24")))


@dataclass
class Watched:
    """What a recording gave: its events, length in seconds, detector counts, CPU seconds with decoding, motion."""

    events: list[Told]
    length: float
    counts: Counts
    cpu_s: float
    moved: list[Moved] = field(default_factory=list)


def watch(
    path: Path, detector: Detector, *, fps: float = FPS, distort: Distort | None = None, rate: float = RATE
) -> Watched:
    """Run a recording through the pipeline, deterministically: time is stream time, answers come with the next packet.

    So they do in a hub with time to spare: a look takes some 20 ms, packets are 30–80 ms apart.
    """
    now = analysed = 0.0
    inference = DirectInference(detector, rate, lambda: now)
    pipeline = Pipeline(SCENE, inference, analysis_fps=fps)
    told: dict[object, Told] = {}
    moved: list[Moved] = []
    began = time.process_time()
    for moment in moments(path, fps):
        if isinstance(moment, Frame):
            now = analysed = moment.at
            said = pipeline.step(distort(moment) if distort else moment, EPOCH + timedelta(seconds=now))
            if pipeline.motion is not None and pipeline.motion.boxes:
                moved.append((now, pipeline.motion.boxes))
        else:
            now = moment
            said = pipeline.hear(EPOCH + timedelta(seconds=analysed))
        for one in said:
            told.setdefault(one.id, Told(now)).revisions.append(one)
    for one in pipeline.finish(EPOCH + timedelta(seconds=analysed)):
        told.setdefault(one.id, Told(now)).revisions.append(one)
    return Watched(list(told.values()), now, inference.counts, time.process_time() - began, moved)


COLUMNS = (
    *("footage", "things", "named", "found", "events", "per thing", "precision", "outside", "in empty"),
    *("delay", "from sight", "calls/s"),
)
HEAD = f"| {' | '.join(COLUMNS)} |"
RULE = "|" + " --- |" * len(COLUMNS)


def _row(name: str, s: Score, watched: float, calls: int) -> str:
    per = s.matched / s.found if s.found else 0.0
    precision = f"{s.matched / s.events:.2f}" if s.events else "–"
    delay, sight = (f"{statistics.median(d):.1f} s" if d else "–" for d in (s.delays, s.from_sight))
    return (
        f"| {name} | {s.things} | {s.named} | {s.found} | {s.events} | {per:.2f} | {precision} | {s.outside} "
        f"| {s.in_empty} | {delay} | {sight} | {calls / watched:.1f} |"
    )


def _sum(scores: list[Score]) -> Score:
    lists = ("delays", "from_sight")
    return Score(
        *(sum(getattr(s, f) for s in scores) for f in Score.__dataclass_fields__ if f not in lists),
        *([d for s in scores for d in getattr(s, f)] for f in lists),
    )


def table(footage: Path, detector: Detector, name: str) -> tuple[list[str], str]:
    """One row per recording under one distortion, and the row of all."""
    fps, distort, bits = DISTORTIONS[name]
    rows, scores, length, calls = [], [], 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for clip, truth in truths(footage).items():
            path = footage / clip if bits is None else squeezed(footage / clip, bits, Path(folder))
            watched = watch(path, detector, fps=fps, distort=distort)
            scored = score(watched.events, truth, watched.moved)
            if not truth.things:
                # only its empty stretch is labelled: what comes after is neither right nor wrong
                scored = replace(scored, events=scored.in_empty)
            rows.append(_row(clip, scored, watched.length, watched.counts.calls))
            scores.append(scored)
            length += watched.length
            calls += watched.counts.calls
    return rows, _row(name, _sum(scores), length, calls)


def busy(path: Path, detector: Detector, runs: int) -> None:
    """Detector calls and CPU on busy footage: median of `runs`."""
    done = [watch(path, detector) for _ in range(runs)]
    cpu = [1000 * w.cpu_s / w.length for w in done]
    one = done[0]
    print(
        f"{path.name}: {one.counts.calls / one.length:.1f} detector calls/s, {one.counts.dropped} looks dropped, "
        f"{len(one.events)} events; CPU per stream-second with decoding: median {statistics.median(cpu):.0f} ms "
        f"({min(cpu):.0f}–{max(cpu):.0f}), of it detector {1000 * one.counts.busy_s / one.length:.0f} ms"
    )


def delays(footage: Path, detector: Detector) -> None:
    """When each labelled thing was labelled, first tracked, and told as what."""
    for clip, truth in truths(footage).items():
        for thing, event in sorted(matched(watch(footage / clip, detector).events, truth, named=False), key=_begin):
            first = event.revisions[0]
            right = [(one.updated_at - EPOCH).total_seconds() for one in event.revisions if one.group in thing.groups]
            print(
                f"{clip[:26]:26} {thing.what[:32]:32} labelled {thing.start:5.2f}  tracked {event.start:5.2f}  "
                f"told {event.opened:5.2f}  {first.label} → {event.last.label}"
                f"{f', rightly named at {right[0]:.2f}' if right else ', never named'}"
            )


def _begin(pair: tuple[Thing, Told]) -> float:
    return pair[0].start


def listing(path: Path, detector: Detector) -> None:
    """Every event of one recording."""
    watched = watch(path, detector)
    print(f"{path.name}: {watched.length:.1f} s, {watched.counts.calls / watched.length:.1f} calls/s")
    for event in watched.events:
        first, last = event.revisions[0], event.last
        way = " → ".join(f"({x:.2f}, {y:.2f})" for x, y in (last.path[0], last.path[-1]))
        print(
            f"  told {event.opened:5.1f}  {event.start:5.1f}–{event.end:5.1f}  {first.kind.value} → {last.kind.value}"
            f"  {last.label} {last.score:.2f}  revision {last.revision}  {way}"
        )


def main() -> int:
    """Print what was asked for; 1 when the labelled footage is not there."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--footage", type=Path, default=os.environ.get("HUB_FOOTAGE"), help="folder with labels.json")
    asked.add_argument("--robust", action="store_true", help="also under distortions")
    asked.add_argument("--delays", action="store_true", help="when each labelled thing was told")
    asked.add_argument("--busy", type=Path, help="busy recording for cost")
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--list", type=Path, nargs="*", default=(), help="recordings whose events to list")
    given = asked.parse_args()
    cv2.setNumThreads(1)
    detector = load()
    for path in given.list:
        listing(path, detector)
    if given.busy:
        busy(given.busy, detector, given.runs)
    if given.footage:
        if not (given.footage / "labels.json").is_file():
            print(f"no labels.json in {given.footage}; point --footage at labelled recordings", file=sys.stderr)
            return 1
        if given.delays:
            delays(given.footage, detector)
            return 0
        rows, total = table(given.footage, detector, "as recorded")
        print("\n".join([HEAD, RULE, *rows, total.replace("as recorded", "all")]))
        if given.robust:
            print("\n" + HEAD.replace("footage", "all four, changed"))
            print(RULE)
            for name in DISTORTIONS:
                print(table(given.footage, detector, name)[1], flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

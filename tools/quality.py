"""Detection quality on labelled footage, and what it costs.

    python tools/quality.py --footage DIR                     the table of docs/benchmarks.md
    python tools/quality.py --footage DIR --robust            the same under eleven distortions
    python tools/quality.py --busy vtest.avi                  detector calls and CPU on busy footage
    python tools/quality.py --list FILE…                      every event of a recording

DIR holds the recordings and labels.json (or HUB_FOOTAGE names it). Scored strictly: one event finds one thing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from camera_hub.stream.decode import Decoder
from camera_hub.stream.packet import Frame, Packet, StreamParams
from camera_hub.watch.inference import Counts, DirectInference
from camera_hub.watch.occurrence import Occurrence
from camera_hub.watch.pipeline import Pipeline
from detectors.facts import Luma, Rgb
from detectors.labels import GROUPS
from detectors.objects import Detector, load

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
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
Distort = Callable[[Frame], Frame]


# --- reading -------------------------------------------------------------------------------------------------------


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
            yield Frame(at, at, picture.to_ndarray(format="gray"), partial(picture.to_ndarray, format="rgb24"))
        else:
            yield at


@dataclass
class Told:
    """One event: when it was first told (stream seconds), and all its revisions."""

    opened: float
    revisions: list[Occurrence] = field(default_factory=list)

    @property
    def last(self) -> Occurrence:
        return self.revisions[-1]

    @property
    def start(self) -> float:
        return (self.last.started_at - EPOCH).total_seconds()

    @property
    def end(self) -> float:
        return ((self.last.ended_at or self.last.updated_at) - EPOCH).total_seconds()

    @property
    def going(self) -> tuple[float, float]:
        (x0, y0), (x1, y1) = self.last.path[0], self.last.path[-1]
        return x1 - x0, y1 - y0


@dataclass
class Watched:
    """What a recording gave: its events, length in seconds, detector counts, CPU seconds with decoding."""

    events: list[Told]
    length: float
    counts: Counts
    cpu_s: float


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
    began = time.process_time()
    for moment in moments(path, fps):
        if isinstance(moment, Frame):
            now = analysed = moment.at
            said = pipeline.step(distort(moment) if distort else moment, EPOCH + timedelta(seconds=now))
        else:
            now = moment
            said = pipeline.hear(EPOCH + timedelta(seconds=analysed))
        for one in said:
            told.setdefault(one.id, Told(now)).revisions.append(one)
    for one in pipeline.finish(EPOCH + timedelta(seconds=analysed)):
        told.setdefault(one.id, Told(now)).revisions.append(one)
    return Watched(list(told.values()), now, inference.counts, time.process_time() - began)


# --- scoring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """One labelled thing: which groups are right for it, when it is in view, which way it goes (-1 up, 1 down)."""

    what: str
    groups: frozenset[str]
    start: float
    end: float
    down: int = 0


@dataclass(frozen=True)
class Truth:
    """What a recording holds: its things, and stretches in which nothing may fire."""

    things: tuple[Thing, ...]
    empty: tuple[tuple[float, float], ...]


def truths(footage: Path) -> dict[str, Truth]:
    """labels.json of the footage folder."""
    labels = json.loads((footage / "labels.json").read_text(encoding="utf-8"))
    result = {}
    for name, entry in labels.items():
        if name.startswith("_"):
            continue
        things = [_thing(i["what"], i["t"]) for i in entry.get("intervals_s", ())]
        if "animals" in entry:
            things += [_thing(a, entry["t"]) for a in entry["animals"]]
        empty = list(entry.get("empty_s", ())) + ([entry["negative_s"]] if "negative_s" in entry else [])
        result[name] = Truth(tuple(things), tuple((a, b) for a, b in empty))
    return result


def _thing(what: str, span: list[float]) -> Thing:
    groups = {"animal"}
    for word, right in (("cyclist", {"person", "two_wheeler"}), ("pedestrian", {"person"}), ("car", {"vehicle"})):
        if word in what or (word == "car" and "hatchback" in what):
            groups = right
            break
    down = {"bottom to top": -1, "top to bottom": 1}.get(what.rsplit(", ", 1)[-1], 0)
    return Thing(what, frozenset(groups), span[0], span[1], down)


@dataclass
class Score:
    """Counts of one recording. `named` things were found under the right group, `found` at least as unknown."""

    things: int
    named: int
    found: int
    events: int
    matched: int
    in_empty: int
    outside: int
    delays: list[float]


def fits(event: Told, thing: Thing, *, named: bool) -> float:
    """Seconds an event and a thing have in common, 0 when it cannot be that thing."""
    group = event.last.group.value
    if group not in thing.groups and (named or group != "unknown"):
        return 0.0
    if thing.down and event.going[1] * thing.down < 0:
        return 0.0
    shared = min(event.end, thing.end + 0.5) - max(event.start, thing.start - 0.5)
    return shared if shared >= 0.5 * min(event.end - event.start, thing.end - thing.start) else 0.0


def score(events: list[Told], truth: Truth) -> Score:
    """Strictly: each event finds one thing at most, each thing is found once; further events of it are surplus."""

    def found(*, named: bool) -> list[tuple[Thing, Told]]:
        options = sorted(
            (
                (fits(e, t, named=named), -e.opened, i, j)
                for i, t in enumerate(truth.things)
                for j, e in enumerate(events)
            ),
            reverse=True,
        )
        things, used, result = set(), set(), []
        for shared, _, i, j in options:
            if shared > 0 and i not in things and j not in used:
                things.add(i)
                used.add(j)
                result.append((truth.things[i], events[j]))
        return result

    pairs = found(named=False)
    return Score(
        things=len(truth.things),
        named=len(found(named=True)),
        found=len(pairs),
        events=len(events),
        matched=sum(any(fits(e, t, named=False) for t in truth.things) for e in events),
        in_empty=sum(any(a <= e.opened < b and e.start > a - 0.5 for a, b in truth.empty) for e in events),
        outside=sum(e.start < t.start - 2 or e.end > t.end + 2 for t, e in pairs),
        delays=[max(0.0, e.opened - max(0.0, t.start)) for t, e in pairs],
    )


# --- distortions ---------------------------------------------------------------------------------------------------


def _changed(luma: Callable[[Luma], Luma], rgb: Callable[[Rgb], Rgb]) -> Distort:
    return lambda frame: replace(frame, luma=luma(frame.luma), rgb=lambda: rgb(frame.rgb()))


def _sized(width: int, height: int) -> Distort:
    def resize(picture: Any) -> Any:
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)

    return _changed(resize, resize)


def _light(gain_at: Callable[[float], float]) -> Distort:
    def apply(frame: Frame) -> Frame:
        gain = gain_at(frame.at)

        def lit(picture: Any) -> Any:
            return cv2.convertScaleAbs(picture, alpha=gain)

        return replace(frame, luma=lit(frame.luma), rgb=lambda: lit(frame.rgb()))

    return apply


def _noisy(sigma: float) -> Distort:
    random = np.random.default_rng(7)

    def noisy(picture: Any) -> Any:
        return np.clip(picture + random.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)

    return _changed(noisy, noisy)


def _ramp(at: float) -> float:
    """Gain that goes 1 → 1.5 → 0.6 → 1 … every 20 s, as clouds and automatic exposure do, only faster."""
    return 1.05 + 0.45 * float(np.sin(at * 2 * np.pi / 20))


def _shaken(frame: Frame) -> Frame:
    """A pole in the wind: two pixels to and fro, about once a second."""
    shift = np.array(
        [[1, 0, 2 * np.sin(frame.at * 6.1)], [0, 1, 1.5 * np.sin(frame.at * 7.7)]],
        np.float32,
    )

    def moved(picture: Any) -> Any:
        size = (picture.shape[1], picture.shape[0])
        return cv2.warpAffine(picture, shift, size, borderMode=cv2.BORDER_REPLICATE)

    return replace(frame, luma=moved(frame.luma), rgb=lambda: moved(frame.rgb()))


DISTORTIONS: Mapping[str, tuple[float, Distort | None, int | None]] = {
    "as recorded": (5.0, None, None),
    "8 fps": (8.0, None, None),
    "3 fps": (3.0, None, None),
    "mirrored": (5.0, _changed(lambda p: p[:, ::-1].copy(), lambda p: p[:, ::-1].copy()), None),
    "640 × 360": (5.0, _sized(640, 360), None),
    "320 × 180": (5.0, _sized(320, 180), None),
    "light ramp": (5.0, _light(_ramp), None),
    "dark (gain 0.4)": (5.0, _light(lambda _: 0.4), None),
    "noise (sigma 8)": (5.0, _noisy(8), None),
    "shaking (2 px)": (5.0, _shaken, None),
    "H.264 at 100 kbit/s": (5.0, None, 100_000),
}


def squeezed(path: Path, bits: int, folder: Path) -> Path:
    """The recording encoded again as H.264, 640 × 360, at a low bit rate."""
    result = folder / f"{path.stem}-{bits}.mp4"
    if result.exists():
        return result
    with av.open(str(path)) as old, av.open(str(result), "w") as new:
        source = old.streams.video[0]
        stream = new.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 640, 360, "yuv420p", bits
        stream.options = {"preset": "veryfast", "g": "30", "maxrate": str(bits), "bufsize": str(bits)}
        due = 0.0
        count = 0
        for picture in old.decode(source):
            at = float((picture.pts or 0) * (source.time_base or 1))
            while due <= at:
                small = picture.reformat(640, 360, "yuv420p")
                small.pts, small.time_base = count, Fraction(1, 15)
                new.mux(stream.encode(small))
                count += 1
                due = count / 15
        new.mux(stream.encode(None))
    return result


# --- telling -------------------------------------------------------------------------------------------------------

COLUMNS = (
    *("footage", "things", "named", "found", "events", "per thing", "precision", "outside", "in empty"),
    *("median delay", "calls/s"),
)
HEAD = f"| {' | '.join(COLUMNS)} |"
RULE = "|" + " --- |" * len(COLUMNS)


def _row(name: str, s: Score, watched: float, calls: int) -> str:
    per = s.matched / s.found if s.found else 0.0
    precision = f"{s.matched / s.events:.2f}" if s.events else "–"
    delay = f"{statistics.median(s.delays):.1f} s" if s.delays else "–"
    return (
        f"| {name} | {s.things} | {s.named} | {s.found} | {s.events} | {per:.2f} | {precision} | {s.outside} "
        f"| {s.in_empty} | {delay} | {calls / watched:.1f} |"
    )


def _sum(scores: list[Score]) -> Score:
    return Score(
        *(sum(getattr(s, f) for s in scores) for f in Score.__dataclass_fields__ if f != "delays"),
        delays=[d for s in scores for d in s.delays],
    )


def table(footage: Path, detector: Detector, name: str) -> tuple[list[str], str]:
    """One row per recording under one distortion, and the row of all."""
    fps, distort, bits = DISTORTIONS[name]
    rows, scores, length, calls = [], [], 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        for clip, truth in truths(footage).items():
            path = footage / clip if bits is None else squeezed(footage / clip, bits, Path(folder))
            watched = watch(path, detector, fps=fps, distort=distort)
            scored = score(watched.events, truth)
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

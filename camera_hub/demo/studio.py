"""The clips of the sample cameras, made once for a demo folder: from recordings where there are some, else rendered."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.clip import ClipHead, Codec, Shape, encode, read_head, write
from camera_hub.demo.scenes import SCENES, render

Picture = NDArray[np.uint8]
Progress = Callable[[str, float], None]
"""Called with the share done (0–1) of the clip named, from any thread."""
_RECIPE = "1"
_LONGEST_S: Final = 80.0


@dataclass(frozen=True, slots=True)
class Cut:
    """What a sample camera shows: part of a recording (x0, y0, x1, y1 in shares), by day or as infrared at night."""

    recording: str
    part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    look: Literal["day", "night"] = "day"
    start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample camera's clip: the first of its cuts whose recording is there, else the rendered scene."""

    name: str
    cuts: tuple[Cut, ...]
    scene: str
    codec: Codec = "h264"
    gop_s: float = 2.0
    kbits: int = 400


SAMPLES: Final = (
    Sample("street", (Cut("street"),), "road"),
    Sample("lot", (Cut("lot"),), "yard"),
    Sample("night", (Cut("street", (0.0, 0.1, 0.75, 0.85), "night", 20.0), Cut("lot", look="night")), "night"),
    Sample("gate", (Cut("lot", (0.0, 0.0, 0.75, 0.75)), Cut("street", (0.25, 0.25, 1.0, 1.0))), "road", codec="hevc"),
    Sample("yard", (Cut("street", (0.0, 0.25, 0.75, 1.0), start_s=40.0),), "yard"),
    Sample("road", (Cut("road"), Cut("street", (0.2, 0.0, 1.0, 0.8), start_s=10.0)), "road", gop_s=1.0),
    Sample("rack", (), "rack"),
    Sample("shop", (Cut("animal"), Cut("street", (0.1, 0.2, 0.9, 1.0), start_s=60.0)), "yard"),
)


def make_clips(
    folder: Path, recordings: dict[str, Path], *, progress: Progress, threads: int | None = None
) -> dict[str, tuple[Path, ClipHead]]:
    """Make the clips of `SAMPLES` in `folder`, by sample name; those made before with the same recipe are kept.

    Takes some 20 s of one core at first, nothing later. Several at once: FFmpeg's encoders release the GIL.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, tuple[Path, ClipHead]] = {}
    stop = threading.Event()
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        # The slowest first.
        order = sorted(SAMPLES, key=lambda sample: sample.codec != "hevc")
        works = {pool.submit(_make, sample, folder, recordings, progress, stop): sample for sample in order}
        try:
            for work in as_completed(works):
                made[works[work].name] = work.result()
        except BaseException:
            stop.set()
            raise
    return made


def _make(
    sample: Sample, folder: Path, recordings: dict[str, Path], progress: Progress, stop: threading.Event
) -> tuple[Path, ClipHead]:
    cut = next((cut for cut in sample.cuts if cut.recording in recordings), None)
    recipe = hashlib.sha256(repr((_RECIPE, sample, cut)).encode()).hexdigest()[:8]
    path = folder / f"{sample.name}-{recipe}.clip"
    if path.exists():
        progress(sample.name, 1.0)
        return path, read_head(path)
    if cut is None:
        scene = SCENES[sample.scene]
        shape = Shape(kbits=sample.kbits, gop_s=sample.gop_s, codec=sample.codec)
        pictures = render(scene, width=shape.width, height=shape.height, fps=shape.fps)
        title, total = scene.title, scene.seconds * shape.fps
    else:
        shape, total = _shape(recordings[cut.recording], cut, sample)
        pictures = _pictures(recordings[cut.recording], cut, shape)
        title = f"{cut.recording}, {cut.look}"
    counted = _counted(pictures, sample.name, total, progress, stop)
    return path, write(path, encode(counted, shape), shape, title=title, rendered=cut is None)


def _counted(
    pictures: Iterator[Picture], name: str, total: float, progress: Progress, stop: threading.Event
) -> Iterator[Picture]:
    for number, picture in enumerate(pictures):
        if stop.is_set():
            return
        if number % 50 == 0:
            progress(name, min(1.0, number / total))
        yield picture
    progress(name, 1.0)


def _shape(path: Path, cut: Cut, sample: Sample) -> tuple[Shape, float]:
    """The clip's shape: the recording's own frame rate and proportions, 640 pixels wide; and how many pictures."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 10)
        seconds = float((container.duration or 0) / av.time_base) or _LONGEST_S
        width = (cut.part[2] - cut.part[0]) * stream.width
        height = (cut.part[3] - cut.part[1]) * stream.height
    fps = min(15, max(5, round(rate)))
    tall = round(640 * height / width / 2) * 2
    shape = Shape(640, tall, fps, sample.kbits, sample.gop_s, sample.codec)
    return shape, min(seconds, _LONGEST_S) * fps


def _pictures(path: Path, cut: Cut, shape: Shape) -> Iterator[Picture]:
    """The recording at the clip's rate, from `cut.start_s` once round to there again."""
    with av.open(str(path)) as container:
        seconds = float((container.duration or 0) / av.time_base)
    start = cut.start_s if cut.start_s < seconds else 0.0
    yield from _span(path, cut, shape, start, min(seconds, start + _LONGEST_S) if seconds else _LONGEST_S)
    if start:
        yield from _span(path, cut, shape, 0.0, start)


def _span(path: Path, cut: Cut, shape: Shape, begin: float, end: float) -> Iterator[Picture]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        due, number = begin, 0
        rate = float(stream.average_rate or 10)
        for number, frame in enumerate(container.decode(stream)):
            at = number / rate if frame.time is None else frame.time
            if at >= end:
                return
            if at + 0.5 / rate < due:
                continue
            # Slower recordings repeat a picture, faster ones lose some.
            picture = _looked(_part(frame, cut, shape), cut, number)
            while due <= at + 0.5 / rate:
                yield picture
                due += 1 / shape.fps


def _part(frame: av.VideoFrame, cut: Cut, shape: Shape) -> Picture:
    picture = frame.to_ndarray(format="rgb24")
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = cut.part
    taken = picture[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]
    scaled = cv2.resize(taken, (shape.width, shape.height), interpolation=cv2.INTER_AREA)
    return cast("Picture", scaled)


def _looked(picture: Picture, cut: Cut, number: int) -> Picture:
    """As it is, or as an infrared camera would see it at night: grey, dim, noisy, brightest in the middle."""
    if cut.look == "day":
        return picture
    height, width = picture.shape[:2]
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    lamp = np.exp(np.asarray(-(x * x + y * y) * 0.9, np.float32))
    noise = np.random.default_rng(number % 8).normal(0, 4, grey.shape).astype(np.float32)
    dim = np.asarray(np.clip((grey * 0.55 + 12) * (0.35 + 0.65 * lamp) + noise, 0, 255), np.uint8)
    return cast("Picture", cv2.cvtColor(dim, cv2.COLOR_GRAY2RGB))

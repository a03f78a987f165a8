"""The process that makes an outward copy: cut, people and vehicles blurred, watermarked, encoded anew (L12, L8).

As with the decoder, what a camera sent is hostile input: it runs apart, with bounds on memory and file size, without
the database, the key or the settings. One order comes on standard input as a line of JSON; lines of JSON go to standard
output: how far it is, at last what was made, or why nothing was. Where the detector cannot run nothing is made.
"""

from __future__ import annotations

import hashlib
import json
import resource
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.error
import av.logging
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from camera_hub.evidence.covering import Cover, linked
from camera_hub.recording import cutting
from detectors import labels, objects
from detectors.facts import Box, ModelError, Rgb
from registry.errors import Conflict, HubError, NotFound

MEMORY_BYTES = 6 << 30
FILE_BYTES = 4 << 30
DETECT_HZ = 5.0
COVERED = frozenset({labels.PERSON, labels.TWO_WHEELER, labels.VEHICLE})
CLIP, CUT = "clip.mp4", "cut.mp4"
MOST_FRAMES = 60
_FRAME_WIDTH = 640
_BLOCK_PX = 12
_BLOCKS = 5
"""At most so many blocks along the shorter side of a box: nobody is told by them."""
_QUALITY = "23"
_JPEG = [int(cv2.IMWRITE_JPEG_QUALITY), 85]

Said = dict[str, Any]

av.logging.set_level(None)


def frame_name(number: int) -> str:
    """The file of one of the pictures that are looked at."""
    return f"frame-{number:03d}.jpg"


def render(order: Said) -> Iterator[Said]:
    """Make the copy in `order["folder"]`: how far it is, at last what it is. Raises HubError."""
    folder = Path(order["folder"])
    *_, cut = cutting.cut(cutting.Order.read(order["order"]), folder / CUT)
    assert isinstance(cut, dict)  # noqa: S101 - its last word
    try:
        detector = _detector(order["model"])
    except ModelError as err:
        raise Conflict(f"nothing is blurred without the detector: {err}", code="blur_unable") from err
    seen: list[tuple[float, list[Box]]] = []
    count, due, last = 0, 0.0, 0.0
    for at, picture in _pictures(folder / CUT):
        count, last = count + 1, at
        if at >= due:
            due = at + 1 / DETECT_HZ
            found = detector.detect(picture)
            seen.append((at, [one.box for one in found if labels.group_of(one.label) in COVERED]))
            yield {"done": round(at * 500), "total": _total(cut)}
    if not count:
        raise NotFound("nothing of this span can be shown", code="recording_none")
    every = max(1.0, last / (MOST_FRAMES - 1))
    made = _Copy(folder, order, linked(seen), every)
    for at, picture in _pictures(folder / CUT):
        made.add(at, picture)
        yield {"done": round(_total(cut) / 2 + at * 500), "total": _total(cut)}
    made.close()
    (folder / CUT).unlink()
    clip = folder / CLIP
    with clip.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    yield {
        "over": {
            "frames": made.frames,
            "frame_ms": round(every * 1000),
            "lasts_ms": round(last * 1000),
            "width": made.width,
            "height": made.height,
            "found": sum(len(boxes) for _, boxes in seen),
            "from_ms": cut["from_ms"],
            "to_ms": cut["to_ms"],
            "bytes": clip.stat().st_size,
            "digest": digest,
        }
    }


def _detector(model: Said) -> objects.Detector:
    path, words = (Path(model[name]) if model[name] else None for name in ("path", "labels"))
    return objects.load(path, model["format"], words)


def _total(cut: Said) -> int:
    return max(1, int(cut["to_ms"] - cut["from_ms"]))


def _pictures(file: Path) -> Iterator[tuple[float, Rgb]]:
    """Each picture with its time in seconds from the clip's beginning."""
    with av.open(str(file), format="mp4") as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"
        begin: float | None = None
        for frame in container.decode(stream):
            if frame.time is None:
                continue
            begin = frame.time if begin is None else begin
            yield frame.time - begin, cast("Rgb", frame.to_ndarray(format="rgb24"))


class _Copy:
    """The clip that is written, and the pictures of it that are looked at."""

    def __init__(self, folder: Path, order: Said, covers: Sequence[Cover], every: float) -> None:
        self._folder = folder
        self._covers = covers
        self._hand = order["boxes"]
        self._lines: list[str] = order["lines"]
        self._every = every
        self._due = 0.0
        self._out = av.open(str(folder / CLIP), "w", format="mp4", options={"movflags": "faststart"})
        self._stream: VideoStream | None = None
        self._last = -1
        self.frames = self.width = self.height = 0

    def add(self, at: float, picture: Rgb) -> None:
        """Blur, mark and write one picture."""
        picture = np.ascontiguousarray(picture[: picture.shape[0] & ~1, : picture.shape[1] & ~1])
        for cover in self._covers:
            if (box := cover.at(at)) is not None:
                blur(picture, box)
        for one in self._hand:
            if one["from_ms"] <= at * 1000 < one["to_ms"]:
                blur(picture, Box(one["x0"], one["y0"], one["x1"], one["y1"]))
        _mark(picture, self._lines)
        self._write(at, picture)
        if at >= self._due and self.frames < MOST_FRAMES:
            self._due += self._every
            scale = min(1.0, _FRAME_WIDTH / picture.shape[1])
            size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
            small = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(self._folder / frame_name(self.frames)), small, _JPEG)
            self.frames += 1

    def close(self) -> None:
        """Finish the file."""
        if self._stream is not None:
            for packet in self._stream.encode(None):
                self._out.mux(packet)
        self._out.close()

    def _write(self, at: float, picture: Rgb) -> None:
        if self._stream is None:
            self.height, self.width = picture.shape[:2]
            self._stream = self._out.add_stream("libx264", rate=15)
            self._stream.width, self._stream.height, self._stream.pix_fmt = self.width, self.height, "yuv420p"
            self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, 1000)
            self._stream.options = {"preset": "veryfast", "crf": _QUALITY}
        pts = round(at * 1000)
        if pts <= self._last:
            return
        self._last = pts
        frame = VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = pts, Fraction(1, 1000)
        for packet in self._stream.encode(frame):
            self._out.mux(packet)


def blur(picture: Rgb, box: Box) -> None:
    """Put blocks of one colour over a box, so large that nothing of what was there is told."""
    height, width = picture.shape[:2]
    x0, x1 = int(box.x0 * width), min(width, int(np.ceil(box.x1 * width)))
    y0, y1 = int(box.y0 * height), min(height, int(np.ceil(box.y1 * height)))
    if x1 <= x0 or y1 <= y0:
        return
    inside = picture[y0:y1, x0:x1]
    block = max(_BLOCK_PX, min(x1 - x0, y1 - y0) // _BLOCKS)
    coarse = max(1, (x1 - x0) // block), max(1, (y1 - y0) // block)
    small = cv2.resize(inside, coarse, interpolation=cv2.INTER_AREA)
    picture[y0:y1, x0:x1] = cv2.resize(small, (x1 - x0, y1 - y0), interpolation=cv2.INTER_NEAREST)


def _mark(picture: Rgb, lines: Sequence[str]) -> None:
    """Write the watermark: over the middle, faint and large, and along the lower edge to be read."""
    height, width = picture.shape[:2]
    face, size = cv2.FontFace("uni"), max(10, height // 30)
    over = picture.copy()
    for row in range(3):
        at = (width // 12, height * (row * 2 + 1) // 6)
        cv2.putText(over, lines[0], at, (255, 255, 255), face, max(12, height // 16))
    cv2.addWeighted(over, 0.25, picture, 0.75, 0, dst=picture)
    for number, line in enumerate(reversed(lines)):
        at = (6, height - 6 - number * (size + 5))
        cv2.putText(picture, line, (at[0] + 1, at[1] + 1), (0, 0, 0), face, size)
        cv2.putText(picture, line, at, (255, 255, 255), face, size)


def main() -> None:
    """Do one order."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    order = json.loads(sys.stdin.readline())
    try:
        for told in render(order):
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
    except HubError as error:
        refused = {"refused": error.code, "hint": error.hint, "params": dict(error.params)}
        sys.stdout.write(json.dumps(refused) + "\n")


if __name__ == "__main__":
    main()

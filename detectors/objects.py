"""Objects: labelled boxes in one picture, from an ONNX model on one CPU thread.

The picture is letterboxed, never stretched, and never enlarged; sides are rounded up to multiples of 32.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import onnxruntime

from detectors import labels as words
from detectors.facts import Box, Detection, ModelError, Rgb
from detectors.formats import FORMATS, Format, recognise
from detectors.geometry import clip

BUNDLED = Path(__file__).parent / "models" / "centernet_mbv3.onnx"
PIXEL_BUDGET = 288 * 512
"""Most input pixels of a model of free size: cost grows with them."""
LEAST_SCORE = 0.3
_STEP = 32


class Detector(Protocol):
    """Labelled boxes in one picture. Called by one thread at a time."""

    name: str
    """What events store as their model: file name and format."""
    labels: tuple[str, ...]
    """Every label of the model, kept or not."""

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Boxes in shares of this picture, best score first; only labels that have a group."""
        ...


class OnnxDetector:
    """A detector of an ONNX file, through onnxruntime with one thread and batch 1."""

    def __init__(self, path: Path, format_name: str = "auto", labels: Sequence[str] | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as err:  # onnxruntime's errors share no base class below Exception
            raise ModelError(f"{path} cannot be read as an ONNX model: {err}") from err
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type != "tensor(float)":  # noqa: PLR2004 -- NCHW
            found = ", ".join(f"{i.name} {i.shape} {i.type}" for i in inputs)
            raise ModelError(f"{path.name} must take one float32 picture [n, 3, h, w]; it takes {found}")
        self._input = str(inputs[0].name)
        self._outputs = [str(o.name) for o in self._session.get_outputs()]
        height, width = inputs[0].shape[2:]
        self._fixed = (height, width) if isinstance(height, int) and isinstance(width, int) else None
        self.labels = tuple(labels) if labels else _labels_in(self._session)
        self._kept = words.kept(self.labels)
        if not self._kept:
            raise ModelError(f"none of {path.name}'s labels is known: {', '.join(self.labels[:8])}…; set model.labels")
        self._format = self._recognise(format_name)
        self.name = f"{path.stem}/{self._format.name}"

    def _recognise(self, name: str) -> Format:
        if name != "auto" and name not in FORMATS:
            raise ModelError(f"unknown model format {name!r}; one of {', '.join(FORMATS)}")
        size = self._fixed or (128, 160)
        trial = self._run(np.zeros((1, 3, *size), np.float32))
        if name == "auto":
            return recognise(self._outputs, [t.shape for t in trial], size, len(self.labels))
        FORMATS[name].decode(trial, size, self._kept, LEAST_SCORE)
        return FORMATS[name]

    def _run(self, batch: np.ndarray[Any, np.dtype[np.float32]]) -> list[Any]:
        try:
            return list(self._session.run(self._outputs, {self._input: batch}))
        except Exception as err:  # as above
            raise ModelError(f"the model does not take a picture of {batch.shape}: {err}") from err

    def detect(self, rgb: Rgb) -> list[Detection]:
        """See Detector. Raises ModelError when the outputs stop fitting the format."""
        height, width = rgb.shape[:2]
        size, scale = self._fit(height, width)
        fitted = (max(1, round(height * scale)), max(1, round(width * scale)))
        spare = (size[0] - fitted[0], size[1] - fitted[1])
        top, left = (spare[0] // 2, spare[1] // 2) if self._format.centred else (0, 0)
        canvas = np.full((*size, 3), self._format.padding, np.uint8)
        picture = rgb if scale == 1 else cv2.resize(rgb, fitted[::-1], interpolation=cv2.INTER_AREA)
        canvas[top : top + fitted[0], left : left + fitted[1]] = picture
        if self._format.bgr:
            canvas = canvas[..., ::-1]
        batch = canvas.transpose(2, 0, 1)[None].astype(np.float32)
        if self._format.divisor != 1:
            batch /= self._format.divisor
        found = self._format.decode(self._run(np.ascontiguousarray(batch)), size, self._kept, LEAST_SCORE)
        detections = []
        for (x0, y0, x1, y1), score, number in zip(found.boxes, found.scores, found.classes, strict=True):
            box = clip(
                Box(
                    (float(x0) - left) / fitted[1],
                    (float(y0) - top) / fitted[0],
                    (float(x1) - left) / fitted[1],
                    (float(y1) - top) / fitted[0],
                )
            )
            if box.x1 > box.x0 and box.y1 > box.y0:
                detections.append(Detection(self.labels[int(number)], float(min(1.0, score)), box))
        return detections

    def _fit(self, height: int, width: int) -> tuple[tuple[int, int], float]:
        """Input size and scale for a picture: the model's own size, or the picture's within the pixel budget."""
        if self._fixed is not None:
            return self._fixed, min(self._fixed[0] / height, self._fixed[1] / width)
        scale = min(1.0, math.sqrt(PIXEL_BUDGET / (height * width)))
        high, wide = (max(1, math.ceil(round(side * scale) / _STEP)) * _STEP for side in (height, width))
        return (high, wide), scale


def _labels_in(session: Any) -> tuple[str, ...]:
    """Labels from the model's metadata (`names`, a Python dict literal as exporters write it), else COCO's."""
    text = session.get_modelmeta().custom_metadata_map.get("names")
    if text is None:
        return words.COCO
    try:
        names = ast.literal_eval(text)
        return tuple(str(names[i]) for i in range(len(names)))
    except (ValueError, SyntaxError, KeyError, TypeError) as err:
        raise ModelError(f"the model's label metadata cannot be read ({text[:60]!r}); set model.labels") from err


def read_labels(path: Path) -> tuple[str, ...]:
    """Labels from a text file, one a line. Raises ModelError when it is unreadable or empty."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as err:
        raise ModelError(f"labels cannot be read from {path}: {err}") from err
    found = tuple(line for line in lines if line)
    if not found:
        raise ModelError(f"{path} holds no labels; write one a line")
    return found


def load(path: Path | None = None, format_name: str = "auto", labels: Path | None = None) -> Detector:
    """The detector of a model file, or the bundled one. Raises ModelError with what to change.

    `.pt` files and the format `ultralytics` need the extra of that name.
    """
    names = read_labels(labels) if labels is not None else None
    if path is None:
        return OnnxDetector(BUNDLED, "centernet", names)
    if not path.is_file():
        raise ModelError(f"no model file at {path}")
    if format_name == "ultralytics" or path.suffix == ".pt":
        from detectors.objects_ultralytics import UltralyticsDetector  # noqa: PLC0415 -- an extra, loaded when asked for

        return UltralyticsDetector(path, names)
    return OnnxDetector(path, format_name, names)

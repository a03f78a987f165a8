"""Model outputs to boxes, in numpy: CenterNet, YOLOX, YOLOv8/11 and end-to-end YOLO.

A format says how a picture goes in (channel order, scale, padding) and how the arrays that come out are read. Boxes are
float32 [n, 4] rows x0, y0, x1, y1 in pixels of the model's input, scores float32 [n], classes int [n]. Which format a
model speaks is told by the shapes of its outputs; an unknown shape is refused, since a wrong decoder returns boxes too,
silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.facts import ModelError

Array = NDArray[np.float32]
Shape = Sequence[object]
"""A shape as a model file declares it: whole numbers where fixed, names or None where free."""

TOP = 100
"""Most boxes kept of one picture."""
_STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a decoder read from one picture: boxes [n, 4] in input pixels, scores [n], class numbers [n]."""

    boxes: Array
    scores: Array
    classes: NDArray[np.intp]


class Format(Protocol):
    """How one family of models is fed and read."""

    name: str
    bgr: bool
    divisor: float
    """What the 0–255 picture is divided by."""
    padding: int
    """Grey level of the letterbox's border."""
    centred: bool
    """Whether the letterbox centres the picture or keeps it top left."""

    def decode(self, outputs: Sequence[Array], size: tuple[int, int], kept: Sequence[int], least: float) -> Candidates:
        """Read the outputs of one picture of input `size` (height, width). Raises ModelError on shapes it cannot be."""
        ...


def _refuse(name: str, outputs: Sequence[Array], wanted: str) -> ModelError:
    found = ", ".join(str(list(o.shape)) for o in outputs)
    return ModelError(
        f"the model's outputs {found} are not those of {name} ({wanted}); "
        "set model.format to what the model is, or convert it again"
    )


def _best_class(scores: Array, kept: Sequence[int], least: float) -> tuple[NDArray[np.intp], Array, NDArray[np.intp]]:
    """Of scores [anchors, classes]: which anchors pass, their best kept score and its class, the best TOP × 10 only."""
    columns = np.asarray(kept, np.intp)
    if not columns.size:
        nothing = np.zeros(0, np.intp)
        return nothing, np.zeros(0, np.float32), nothing
    few = scores[:, columns]
    best = few.argmax(axis=1)
    value = few[np.arange(len(few)), best]
    rows = np.flatnonzero(value >= least)
    rows = rows[np.argsort(-value[rows], kind="stable")][: TOP * 10]
    return rows, value[rows].astype(np.float32), columns[best[rows]]


def suppress(found: Candidates, limit: float) -> Candidates:
    """Greedy non-maximum suppression within each class; best scores first, at most TOP boxes."""
    order = np.argsort(-found.scores, kind="stable")
    boxes = found.boxes[order].astype(np.float64)
    classes = found.classes[order]
    areas = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    alive = np.ones(len(order), np.bool_)
    keep: list[int] = []
    for i in range(len(order)):
        if not alive[i]:
            continue
        keep.append(i)
        if len(keep) == TOP:
            break
        low = np.maximum(boxes[i, :2], boxes[i + 1 :, :2])
        high = np.minimum(boxes[i, 2:], boxes[i + 1 :, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        total = areas[i] + areas[i + 1 :] - shared
        alive[i + 1 :] &= (shared <= limit * total) | (classes[i + 1 :] != classes[i])
    rows = order[keep]
    return Candidates(found.boxes[rows], found.scores[rows], found.classes[rows])


class CenterNet:
    """Peaks of a class heat map [1, c, h/4, w/4] with left, top, right, bottom distances [1, 4, h/4, w/4] in pixels.

    X. Zhou et al., Objects as Points, 2019; the bundled model keeps only local peaks in its graph, so no suppression of
    neighbours is left to do but between classes and near-equal peaks.
    """

    name = "centernet"
    bgr = False
    divisor = 1.0
    padding = 114
    centred = False
    stride = 4

    def decode(self, outputs: Sequence[Array], size: tuple[int, int], kept: Sequence[int], least: float) -> Candidates:
        """See Format."""
        cells = size[0] // self.stride, size[1] // self.stride
        if (
            len(outputs) != 2  # noqa: PLR2004 -- heat and size
            or any(o.ndim != 4 or o.shape[0] != 1 or o.shape[2:] != cells for o in outputs)  # noqa: PLR2004 -- NCHW
            or outputs[1].shape[1] != 4  # noqa: PLR2004 -- four sides
        ):
            raise _refuse(self.name, outputs, f"heat [1, classes, {cells[0]}, {cells[1]}] and sides [1, 4, …]")
        heat, sides = outputs[0][0], outputs[1][0]
        rows = heat[np.asarray(kept, np.intp)] if len(kept) else heat[:0]
        which, y, x = np.nonzero(rows >= least)
        scores = rows[which, y, x]
        left, top, right, bottom = sides[:, y, x]
        cx, cy = (x * self.stride).astype(np.float32), (y * self.stride).astype(np.float32)
        boxes = np.stack([cx - left, cy - top, cx + right, cy + bottom], axis=1).astype(np.float32)
        return suppress(Candidates(boxes, scores.astype(np.float32), np.asarray(kept, np.intp)[which]), 0.5)


class Yolox:
    """Raw grids [1, anchors, 5 + classes]: centre and size in strides, objectness × class score.

    Z. Ge et al., YOLOX, 2021: BGR 0–255, xy = (out + cell) · stride, wh = exp(out) · stride.
    """

    name = "yolox"
    bgr = True
    divisor = 1.0
    padding = 114
    centred = False

    def decode(self, outputs: Sequence[Array], size: tuple[int, int], kept: Sequence[int], least: float) -> Candidates:
        """See Format."""
        cells = [(size[0] // s, size[1] // s) for s in _STRIDES]
        anchors = sum(h * w for h, w in cells)
        if len(outputs) != 1 or outputs[0].shape[:2] != (1, anchors) or outputs[0].ndim != 3:  # noqa: PLR2004 -- [1, a, c]
            raise _refuse(self.name, outputs, f"[1, {anchors}, 5 + classes] for an input of {size[0]}×{size[1]}")
        raw = outputs[0][0]
        rows, scores, classes = _best_class(raw[:, 4:5] * raw[:, 5:], kept, least)
        grid = np.concatenate([np.stack(np.meshgrid(np.arange(w), np.arange(h)), -1).reshape(-1, 2) for h, w in cells])
        stride = np.repeat(_STRIDES, [h * w for h, w in cells])[:, None].astype(np.float32)
        middle = (raw[rows, :2] + grid[rows]) * stride[rows]
        # exp of a trained model's output stays small; the clip keeps a broken one from overflowing
        half = np.exp(np.clip(raw[rows, 2:4], -20, 10)) * stride[rows] / 2
        boxes = np.concatenate([middle - half, middle + half], axis=1).astype(np.float32)
        return suppress(Candidates(boxes, scores, classes), 0.5)


class YoloV8:
    """Columns [1, 4 + classes, anchors]: centre x, y, width, height in input pixels, class scores (YOLOv8, YOLO11)."""

    name = "yolov8"
    bgr = False
    divisor = 255.0
    padding = 114
    centred = True

    def decode(self, outputs: Sequence[Array], size: tuple[int, int], kept: Sequence[int], least: float) -> Candidates:
        """See Format."""
        anchors = sum((size[0] // s) * (size[1] // s) for s in _STRIDES)
        if len(outputs) != 1 or outputs[0].ndim != 3 or outputs[0].shape[::2] != (1, anchors):  # noqa: PLR2004 -- [1, c, a]
            raise _refuse(self.name, outputs, f"[1, 4 + classes, {anchors}] for an input of {size[0]}×{size[1]}")
        raw = outputs[0][0].T
        rows, scores, classes = _best_class(raw[:, 4:], kept, least)
        middle, half = raw[rows, :2], raw[rows, 2:4] / 2
        boxes = np.concatenate([middle - half, middle + half], axis=1).astype(np.float32)
        return suppress(Candidates(boxes, scores, classes), 0.5)


class YoloEndToEnd:
    """Rows [1, n, 6] already suppressed: x0, y0, x1, y1 in input pixels, score, class (YOLOv10, YOLO26, `nms=True`)."""

    name = "yolo_end2end"
    bgr = False
    divisor = 255.0
    padding = 114
    centred = True

    def decode(self, outputs: Sequence[Array], size: tuple[int, int], kept: Sequence[int], least: float) -> Candidates:
        """See Format."""
        del size  # boxes come in input pixels whatever the size
        if len(outputs) != 1 or outputs[0].ndim != 3 or outputs[0].shape[::2] != (1, 6):  # noqa: PLR2004 -- [1, n, 6]
            raise _refuse(self.name, outputs, "[1, n, 6]")
        raw = outputs[0][0]
        classes = raw[:, 5].astype(np.intp)
        rows = np.flatnonzero((raw[:, 4] >= least) & np.isin(classes, np.asarray(kept, np.intp)))
        rows = rows[np.argsort(-raw[rows, 4], kind="stable")][:TOP]
        return Candidates(raw[rows, :4].astype(np.float32), raw[rows, 4].astype(np.float32), classes[rows])


FORMATS: dict[str, Format] = {f.name: f for f in (CenterNet(), Yolox(), YoloV8(), YoloEndToEnd())}


def recognise(names: Sequence[str], shapes: Sequence[Shape], size: tuple[int, int], classes: int) -> Format:
    """The format whose outputs have these names and shapes for an input of `size` with `classes` labels.

    `shapes` come from a trial run, so every number is known. Raises ModelError when none or more than one fits.
    """
    fits = []
    height, width = size
    anchors = sum((height // s) * (width // s) for s in _STRIDES)
    found = [tuple(s) for s in shapes]
    if set(names) == {"heat", "wh"} and found == [
        (1, classes, height // 4, width // 4),
        (1, 4, height // 4, width // 4),
    ]:
        fits.append("centernet")
    if found == [(1, anchors, 5 + classes)]:
        fits.append("yolox")
    if found == [(1, 4 + classes, anchors)]:
        fits.append("yolov8")
    if len(found) == 1 and len(found[0]) == 3 and found[0][::2] == (1, 6) and found[0][1] != anchors:  # noqa: PLR2004
        fits.append("yolo_end2end")
    if len(fits) != 1:
        told = ", ".join(f"{n} {list(s)}" for n, s in zip(names, found, strict=True))
        raise ModelError(
            f"cannot tell the model's format from its outputs ({told}; input {height}×{width}, {classes} labels); "
            f"set model.format to one of {', '.join(FORMATS)} and model.labels to its labels"
        )
    return FORMATS[fits[0]]

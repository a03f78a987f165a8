"""Plane geometry of boxes, polygons and lines, in shares of the picture (0–1, origin top left, y down)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.facts import Box, Point, Polygon

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
_SUBPIXEL_BITS = 4


def area(box: Box) -> float:
    """Area of a box; 0 for an empty or inverted one."""
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def centre(box: Box) -> Point:
    """Middle of a box."""
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def foot(box: Box) -> Point:
    """Where a thing stands: the middle of the box's lower edge, kept inside the picture."""
    return min(1.0, max(0.0, (box.x0 + box.x1) / 2)), min(1.0, max(0.0, box.y1))


def union(first: Box, second: Box) -> Box:
    """The smallest box around two."""
    return Box(min(first.x0, second.x0), min(first.y0, second.y0), max(first.x1, second.x1), max(first.y1, second.y1))


def clip(box: Box, limits: Box = WHOLE) -> Box:
    """The part of a box inside `limits` (possibly empty, never inverted)."""
    x0, y0 = min(max(box.x0, limits.x0), limits.x1), min(max(box.y0, limits.y0), limits.y1)
    return Box(x0, y0, max(x0, min(box.x1, limits.x1)), max(y0, min(box.y1, limits.y1)))


def grown(box: Box, share: float) -> Box:
    """A box with `share` of its width and height added on every side."""
    dx, dy = (box.x1 - box.x0) * share, (box.y1 - box.y0) * share
    return Box(box.x0 - dx, box.y0 - dy, box.x1 + dx, box.y1 + dy)


def overlap(first: Box, second: Box) -> float:
    """Area two boxes have in common."""
    width = min(first.x1, second.x1) - max(first.x0, second.x0)
    height = min(first.y1, second.y1) - max(first.y0, second.y0)
    return width * height if width > 0 and height > 0 else 0.0


def iou(first: Box, second: Box) -> float:
    """Intersection over union, 0–1."""
    shared = overlap(first, second)
    total = area(first) + area(second) - shared
    return shared / total if shared > 0 else 0.0


def covered(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies inside `outer`, 0–1."""
    size = area(inner)
    return overlap(inner, outer) / size if size > 0 else 0.0


def distance(first: Point, second: Point) -> float:
    """Straight distance of two points."""
    return math.hypot(first[0] - second[0], first[1] - second[1])


def inside(point: Point, polygon: Polygon) -> bool:
    """Whether a point lies in a polygon (even-odd rule; the border may count either way)."""
    x, y = point
    result = False
    for (ax, ay), (bx, by) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            result = not result
    return result


def side(point: Point, a: Point, b: Point) -> float:
    """Distance of a point from the line through a and b; positive to the right of a → b as seen in the picture."""
    length = distance(a, b)
    if length == 0:
        return 0.0
    return ((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])) / length


def segments_cross(p: Point, q: Point, a: Point, b: Point) -> bool:
    """Whether the way from p to q passes through the segment a–b; touching its line counts on one side only."""
    return (side(p, a, b) > 0) != (side(q, a, b) > 0) and (side(a, p, q) > 0) != (side(b, p, q) > 0)


def masked_cells(masks: Iterable[Polygon], height: int, width: int) -> NDArray[np.bool_]:
    """Which pixels of a picture any mask touches, bool [height, width]; a pixel touched in part counts."""
    canvas = np.zeros((height, width), np.uint8)
    scale = 1 << _SUBPIXEL_BITS
    for mask in masks:
        # fillPoly places pixel centres on whole numbers; the half-pixel shift makes shares meet pixel edges
        points = np.array([[x * width - 0.5, y * height - 0.5] for x, y in mask])
        # a border along the picture's own edge would be drawn half a pixel outside it, and so not at all
        points = np.clip(points, 0, (width - 1, height - 1)) * scale
        corners = [np.round(points).astype(np.int32)]
        cv2.fillPoly(canvas, corners, 1, cv2.LINE_8, _SUBPIXEL_BITS)
        cv2.polylines(canvas, corners, isClosed=True, color=1, thickness=3, lineType=cv2.LINE_8, shift=_SUBPIXEL_BITS)
    return canvas.astype(np.bool_)


def as_array(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """Boxes as float [n, 4] rows x0, y0, x1, y1."""
    return np.array([(b.x0, b.y0, b.x1, b.y1) for b in boxes], np.float64).reshape(-1, 4)


def iou_matrix(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of every pair, [n, 4] × [m, 4] → [n, m]."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.clip(high - low, 0, None)
    shared = sides[..., 0] * sides[..., 1]
    areas_1 = np.prod(np.clip(first[:, 2:] - first[:, :2], 0, None), axis=1)
    areas_2 = np.prod(np.clip(second[:, 2:] - second[:, :2], 0, None), axis=1)
    total = areas_1[:, None] + areas_2[None, :] - shared
    result: NDArray[np.float64] = np.divide(shared, total, out=np.zeros_like(shared), where=total > 0)
    return result

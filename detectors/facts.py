"""What the detectors say: facts about pictures. Boxes and points are shares of the picture (0–1, origin top left)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
"""Grey picture, uint8 [h, w]."""
Rgb = NDArray[np.uint8]
"""Colour picture, uint8 [h, w, 3], RGB order."""
Point = tuple[float, float]
Polygon = tuple[Point, ...]


class ModelError(ValueError):
    """A model file or its outputs are not what the decoder expects; the message says what was found."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the picture."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Detection:
    """One box in one frame."""

    label: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Motion:
    """Regions that moved in one frame; `mask` is bool [90, 160]; `level` the share of the picture that moved.

    `flash` is set when (nearly) the whole picture changed at once: a light, not a thing.
    """

    boxes: tuple[Box, ...]
    mask: NDArray[np.bool_]
    level: float
    flash: bool

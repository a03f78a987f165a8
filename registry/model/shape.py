"""Shapes in a picture."""

from __future__ import annotations

from dataclasses import dataclass

Polygon = tuple[tuple[float, float], ...]
"""Corners in shares of the picture."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the picture."""

    x0: float
    y0: float
    x1: float
    y1: float

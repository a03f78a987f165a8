"""Clips whose every frame bears its number in its pixels, and the script that reads it back from a playing video.

The number stands as sixteen cells over their complements, so that a frame half decoded or scaled badly reads as none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.clip import Shape, encode, write

BITS, CELL, EDGE = 16, 20, 20
"""Bits of a number; pixels of a cell's side, and from the picture's corner to the first cell."""
READ = (
    """(shown) => {
  const [width, height] = [shown.videoWidth ?? shown.naturalWidth, shown.videoHeight ?? shown.naturalHeight];
  if (!width || !height) return null;
  const canvas = (window.counted ??= new OffscreenCanvas(BITS, 2));
  const pen = (window.countedPen ??= canvas.getContext("2d", { willReadFrequently: true }));
  pen.imageSmoothingEnabled = false; // each cell by its middle: a smaller picture would mix it with its neighbours
  pen.drawImage(shown, EDGE, EDGE, BITS * CELL, 2 * CELL, 0, 0, BITS, 2);
  const { data } = pen.getImageData(0, 0, BITS, 2);
  let number = 0;
  for (let bit = 0; bit < BITS; bit += 1) {
    const over = data[bit * 4] - data[(bit + BITS) * 4];
    if (Math.abs(over) < 80) return null;
    number = number * 2 + (over > 0 ? 1 : 0);
  }
  return number;
}""".replace("BITS", str(BITS))
    .replace("EDGE", str(EDGE))
    .replace("CELL", str(CELL))
)
"""A function of a `<video>` or `<img>` that shows such a clip at its own size: the number, or null."""


def pictures(shape: Shape, count: int, seed: int = 0) -> Iterator[NDArray[np.uint8]]:
    """`count` numbered pictures, uint8 [h, w, 3], of a street that drifts, with a camera's noise."""
    rng = np.random.default_rng(seed)
    rows, columns = shape.height, shape.width
    # Little contrast, so that the rate goes to the numbers: they must be read from every frame.
    ground = rng.integers(105, 135, (rows // 40 + 1, columns // 40 + 1, 3)).repeat(40, 0).repeat(40, 1)
    noises = [rng.normal(0, 1, (rows, columns, 1)) for _ in range(5)]
    for number in range(count):
        drifted = np.roll(ground, number, axis=1)[:rows, :columns]
        picture = np.clip(drifted + noises[number % 5], 0, 255).astype(np.uint8)
        for bit in range(BITS):
            left, on = EDGE + bit * CELL, number >> (BITS - 1 - bit) & 1
            picture[EDGE : EDGE + CELL, left : left + CELL] = 240 if on else 16
            picture[EDGE + CELL : EDGE + 2 * CELL, left : left + CELL] = 16 if on else 240
        yield picture


def make(path: Path, shape: Shape, seconds: float, seed: int = 0) -> Path:
    """Write such a clip; its length in frames is `seconds` times the shape's rate."""
    write(path, encode(pictures(shape, round(seconds * shape.fps), seed), shape), shape, title="counted", rendered=True)
    return path

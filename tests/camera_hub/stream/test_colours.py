"""Colours of a decoded frame, whatever its height: cameras are cropped to odd sizes."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from camera_hub.stream.decode import _frame


@pytest.mark.parametrize(("width", "height"), [(640, 360), (640, 426), (638, 358), (641, 360), (640, 361)])
def test_colours_are_those_that_were_encoded(width: int, height: int) -> None:
    dice = np.random.default_rng(1)
    picture = cv2.resize(dice.integers(0, 255, (9, 16, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    decoded = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    seen = _frame(decoded, 0.0, 0.0).rgb()
    assert seen.shape == (height, width, 3)
    assert np.abs(seen.astype(int) - picture).mean() < 4

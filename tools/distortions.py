"""Recordings changed as cameras, weather and networks change them, to see where detection begins to fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from camera_hub.stream.packet import Frame
from detectors.facts import Luma, Rgb

Distort = Callable[[Frame], Frame]


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

"""Village scenes drawn with numpy and OpenCV: pictures of nobody and no place, for tests of the page and its screenshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from registry.model import Box

WIDTH, HEIGHT = 960, 540
_FINE = 2  # drawn at twice the size and shrunk: soft edges

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture (uint8 [540, 960, 3], RGB), and where the thing in it stands and came from."""

    picture: Rgb
    box: Box
    path: tuple[tuple[float, float], ...]


def scene(camera: int, label: str, *, night: bool, at: float, seed: int) -> Scene:
    """The view of `camera` with a `label` on its road; `at` (0–1) is how far it has come, left to right."""
    view = _View(camera, night)
    picture = view.empty()
    rng = np.random.default_rng(seed)
    x = 0.14 + 0.72 * at
    foot = 0.66 + 0.2 * rng.random() + 0.03 * np.sin(6 * at)
    box = _THINGS[label](picture, _Spot(x, foot, (foot - 0.36) * 1.25, night), rng)
    steps = np.linspace(max(0.04, x - 0.34), x, 12)
    path = tuple((float(round(s, 4)), float(round(foot + 0.012 * np.sin(20 * s), 4))) for s in steps)
    return Scene(_finish(picture, rng, night), box, path)


class _Spot(NamedTuple):
    """Where a thing stands: shares of the picture, and its size against one in the foreground."""

    x: float
    foot: float
    scale: float
    night: bool


class _View:
    """One camera's unchanging surroundings."""

    def __init__(self, camera: int, night: bool) -> None:
        self._rng = np.random.default_rng(camera)
        self._night = night

    def empty(self) -> Rgb:
        w, h = WIDTH * _FINE, HEIGHT * _FINE
        rng = self._rng
        horizon = int(h * (0.34 + 0.06 * rng.random()))
        sky = np.linspace((142, 172, 204), (214, 222, 226), horizon)
        ground = np.linspace((134, 138, 104), (112, 116, 82), h - horizon)
        out = np.repeat(np.concatenate([sky, ground])[:, None, :], w, axis=1).astype(np.uint8)
        hills = (
            [(0, horizon)]
            + [(int(w * i / 12), horizon - int(h * 0.06 * rng.random())) for i in range(13)]
            + [(w, horizon)]
        )
        _fill(out, hills, (116, 136, 122))
        for _ in range(26):
            _tree(out, int(w * rng.random()), horizon + int(h * 0.015), int(h * (0.05 + 0.07 * rng.random())), rng)
        self._road(out, horizon)
        x = -0.06 + 0.1 * rng.random()
        while x < 1.0:
            width = 0.15 + 0.1 * rng.random()
            if not 0.42 < x + width / 2 < 0.6:
                _house(out, x, horizon / h + 0.07 + 0.04 * rng.random(), width, rng)
            x += width + 0.03 + 0.09 * rng.random()
        self._pole(out)
        return out

    def _road(self, out: Rgb, horizon: int) -> None:
        h, w = out.shape[:2]
        middle = int(w * (0.46 + 0.1 * self._rng.random()))
        _fill(
            out,
            [(middle - 26, horizon), (middle + 26, horizon), (int(w * 0.86), h), (int(w * 0.12), h)],
            (150, 146, 138),
        )
        _fill(out, [(0, int(h * 0.66)), (w, int(h * 0.61)), (w, int(h * 0.93)), (0, int(h * 0.99))], (158, 154, 146))
        for edge in ((0.66, 0.61), (0.99, 0.93)):
            cv2.line(out, (0, int(h * edge[0])), (w, int(h * edge[1])), (120, 118, 108), 5, cv2.LINE_AA)

    def _pole(self, out: Rgb) -> None:
        h, w = out.shape[:2]
        x = int(w * (0.72 + 0.2 * self._rng.random()))
        cv2.line(out, (x, int(h * 0.62)), (x, int(h * 0.08)), (96, 94, 90), 12, cv2.LINE_AA)
        cv2.line(out, (x, int(h * 0.1)), (x - 110, int(h * 0.08)), (96, 94, 90), 8, cv2.LINE_AA)
        cv2.ellipse(out, (x - 116, int(h * 0.086)), (26, 10), 0, 0, 360, (224, 220, 200), -1, cv2.LINE_AA)
        for sag in (0.12, 0.17):
            points = [(int(w * t), int(h * (sag + 0.06 * (t - 0.5) ** 2))) for t in np.linspace(0, 1, 30)]
            cv2.polylines(
                out, [np.array(points, np.int32)], isClosed=False, color=(88, 90, 92), thickness=2, lineType=cv2.LINE_AA
            )


def _fill(out: Rgb, points: list[tuple[int, int]], colour: tuple[int, int, int]) -> None:
    cv2.fillPoly(out, [np.array(points, np.int32)], colour, cv2.LINE_AA)


def _tree(out: Rgb, x: int, y: int, size: int, rng: np.random.Generator) -> None:
    cv2.line(out, (x, y), (x, y - size // 2), (92, 80, 66), max(3, size // 14), cv2.LINE_AA)
    for _ in range(7):
        dx, dy = (rng.random(2) - 0.5) * size * 0.6
        shade = int(74 + 34 * rng.random())
        cv2.circle(
            out,
            (int(x + dx), int(y - size * 0.7 + dy)),
            int(size * 0.26),
            (shade, shade + 18, shade - 18),
            -1,
            cv2.LINE_AA,
        )


def _house(out: Rgb, x: float, y: float, width: float, rng: np.random.Generator) -> None:
    h, w = out.shape[:2]
    left, right, top = int(w * x), int(w * (x + width)), int(h * y)
    low = top + int(h * 0.17)
    wall = [(186, 112, 92), (206, 198, 182), (176, 160, 140)][int(rng.integers(3))]
    cv2.rectangle(out, (left, top), (right, low), wall, -1)
    roof = [(122, 76, 66), (96, 110, 126), (110, 104, 98)][int(rng.integers(3))]
    rise = int(h * 0.075)
    _fill(out, [(left - 24, top + 6), (left + 40, top - rise), (right - 40, top - rise), (right + 24, top + 6)], roof)
    for n in range(2):
        at = left + int((right - left) * (0.14 + 0.48 * n))
        cv2.rectangle(out, (at, top + 42), (at + int((right - left) * 0.24), top + 112), (72, 92, 110), -1)
        cv2.rectangle(out, (at, top + 42), (at + int((right - left) * 0.24), top + 112), (228, 226, 220), 5)
    cv2.rectangle(out, (left - 30, low - 26), (right + 30, low + 30), (172, 150, 134), -1)
    cv2.line(out, (left - 30, low - 26), (right + 30, low - 26), (138, 116, 104), 6)


def _shadow(out: Rgb, x: int, y: int, half: int, night: bool) -> None:
    dark = out.copy()
    cv2.ellipse(dark, (x, y), (half, max(6, half // 5)), 0, 0, 360, (60, 60, 58), -1, cv2.LINE_AA)
    share = 0.25 if night else 0.5
    cv2.addWeighted(dark, share, out, 1 - share, 0, out)


def _box(left: float, top: float, right: float, low: float) -> Box:
    w, h = WIDTH * _FINE, HEIGHT * _FINE
    return Box(max(0.0, left / w), max(0.0, top / h), min(1.0, right / w), min(1.0, low / h))


def _person(out: Rgb, spot: _Spot, rng: np.random.Generator) -> Box:
    x, foot, scale, night = spot
    h, w = out.shape[:2]
    cx, low, tall = int(w * x), int(h * foot), int(h * 0.52 * scale)
    _shadow(out, cx, low, tall // 3, night)
    coat = tuple(int(c) for c in rng.integers(40, 150, 3))
    stride = int(tall * (0.06 + 0.08 * rng.random()))
    hip, neck = low - int(tall * 0.46), low - int(tall * 0.84)
    for side in (-1, 1):
        cv2.line(out, (cx, hip), (cx + side * stride, low - 4), (44, 48, 60), int(tall * 0.09), cv2.LINE_AA)
    cv2.line(out, (cx, hip), (cx + int(tall * 0.02), neck + int(tall * 0.06)), coat, int(tall * 0.2), cv2.LINE_AA)
    for side in (-1, 1):
        cv2.line(
            out,
            (cx, neck + int(tall * 0.08)),
            (cx + side * int(tall * 0.12), hip),
            coat,
            int(tall * 0.065),
            cv2.LINE_AA,
        )
    cv2.circle(
        out, (cx + int(tall * 0.03), neck - int(tall * 0.07)), int(tall * 0.075), (196, 160, 138), -1, cv2.LINE_AA
    )
    cv2.ellipse(
        out,
        (cx + int(tall * 0.02), neck - int(tall * 0.1)),
        (int(tall * 0.08), int(tall * 0.06)),
        0,
        180,
        360,
        (40, 36, 34),
        -1,
        cv2.LINE_AA,
    )
    return _box(cx - tall * 0.21, low - tall * 1.02, cx + tall * 0.21, low + tall * 0.03)


def _car(out: Rgb, spot: _Spot, rng: np.random.Generator) -> Box:
    x, foot, scale, night = spot
    h, w = out.shape[:2]
    cx, low, long = int(w * x), int(h * foot), int(w * 0.46 * scale)
    tall = int(long * 0.36)
    _shadow(out, cx, low, int(long * 0.54), night)
    paint = [(196, 200, 204), (168, 52, 48), (58, 78, 108), (64, 66, 70)][int(rng.integers(4))]
    half = long // 2
    _fill(
        out,
        [
            (cx - half, low - int(tall * 0.2)),
            (cx - half, low - int(tall * 0.55)),
            (cx + half - 20, low - int(tall * 0.6)),
            (cx + half, low - int(tall * 0.4)),
            (cx + half, low - int(tall * 0.2)),
        ],
        paint,
    )
    _fill(
        out,
        [
            (cx - int(half * 0.8), low - int(tall * 0.54)),
            (cx - int(half * 0.55), low - tall),
            (cx + int(half * 0.25), low - tall),
            (cx + int(half * 0.62), low - int(tall * 0.56)),
        ],
        paint,
    )
    _fill(
        out,
        [
            (cx - int(half * 0.68), low - int(tall * 0.58)),
            (cx - int(half * 0.5), low - int(tall * 0.93)),
            (cx + int(half * 0.2), low - int(tall * 0.93)),
            (cx + int(half * 0.5), low - int(tall * 0.6)),
        ],
        (70, 86, 98),
    )
    for side in (-0.62, 0.6):
        at = (cx + int(half * side), low - int(tall * 0.17))
        cv2.circle(out, at, int(tall * 0.2), (30, 30, 32), -1, cv2.LINE_AA)
        cv2.circle(out, at, int(tall * 0.09), (150, 152, 154), -1, cv2.LINE_AA)
    if night:
        cv2.circle(out, (cx + half - 10, low - int(tall * 0.42)), int(tall * 0.14), (255, 255, 250), -1, cv2.LINE_AA)
    return _box(cx - half * 1.03, low - tall * 1.04, cx + half * 1.03, low + tall * 0.06)


def _bicycle(out: Rgb, spot: _Spot, rng: np.random.Generator) -> Box:
    x, foot, scale, night = spot
    h, w = out.shape[:2]
    cx, low, tall = int(w * x), int(h * foot), int(h * 0.52 * scale)
    wheel = int(tall * 0.19)
    _shadow(out, cx, low, int(tall * 0.5), night)
    for side in (-1, 1):
        cv2.circle(out, (cx + side * int(tall * 0.3), low - wheel), wheel, (34, 34, 36), 9, cv2.LINE_AA)
    for a, b in (
        ((-0.3, 0.19), (0.02, 0.2)),
        ((0.02, 0.2), (0.2, 0.42)),
        ((0.2, 0.42), (-0.1, 0.4)),
        ((0.3, 0.19), (0.19, 0.5)),
    ):
        cv2.line(
            out,
            (cx + int(tall * a[0]), low - int(tall * a[1])),
            (cx + int(tall * b[0]), low - int(tall * b[1])),
            (44, 70, 62),
            10,
            cv2.LINE_AA,
        )
    coat = tuple(int(c) for c in rng.integers(50, 150, 3))
    cv2.line(
        out,
        (cx - int(tall * 0.1), low - int(tall * 0.45)),
        (cx + int(tall * 0.06), low - int(tall * 0.2)),
        (46, 50, 62),
        int(tall * 0.09),
        cv2.LINE_AA,
    )
    cv2.line(
        out,
        (cx - int(tall * 0.1), low - int(tall * 0.48)),
        (cx + int(tall * 0.03), low - int(tall * 0.78)),
        coat,
        int(tall * 0.17),
        cv2.LINE_AA,
    )
    cv2.line(
        out,
        (cx + int(tall * 0.02), low - int(tall * 0.74)),
        (cx + int(tall * 0.19), low - int(tall * 0.52)),
        coat,
        int(tall * 0.06),
        cv2.LINE_AA,
    )
    cv2.circle(
        out, (cx + int(tall * 0.07), low - int(tall * 0.91)), int(tall * 0.075), (192, 156, 134), -1, cv2.LINE_AA
    )
    return _box(cx - tall * 0.51, low - tall * 1.01, cx + tall * 0.51, low + tall * 0.03)


def _sheep(out: Rgb, spot: _Spot, rng: np.random.Generator) -> Box:
    x, foot, scale, night = spot
    h, w = out.shape[:2]
    cx, low, long = int(w * x), int(h * foot), int(h * 0.34 * scale)
    _shadow(out, cx, low, long // 2, night)
    for leg in (-0.28, -0.14, 0.14, 0.26):
        cv2.line(
            out,
            (cx + int(long * leg), low - int(long * 0.3)),
            (cx + int(long * leg), low),
            (72, 66, 60),
            int(long * 0.06),
            cv2.LINE_AA,
        )
    for _ in range(40):
        dx, dy = (rng.random(2) - 0.5) * (long * 0.7, long * 0.3)
        shade = int(206 + 34 * rng.random())
        cv2.circle(
            out,
            (int(cx + dx), int(low - long * 0.45 + dy)),
            int(long * 0.12),
            (shade, shade - 4, shade - 16),
            -1,
            cv2.LINE_AA,
        )
    cv2.ellipse(
        out,
        (cx + int(long * 0.47), low - int(long * 0.58)),
        (int(long * 0.14), int(long * 0.09)),
        25,
        0,
        360,
        (78, 70, 64),
        -1,
        cv2.LINE_AA,
    )
    return _box(cx - long * 0.5, low - long * 0.76, cx + long * 0.63, low + long * 0.03)


def _unknown(out: Rgb, spot: _Spot, rng: np.random.Generator) -> Box:
    x, foot, scale, night = spot
    h, w = out.shape[:2]
    cx, low, long = int(w * x), int(h * foot), int(h * 0.2 * scale)
    _shadow(out, cx, low, long // 2, night)
    shade = int(90 + 40 * rng.random())
    cv2.ellipse(
        out,
        (cx, low - int(long * 0.25)),
        (long // 2, int(long * 0.24)),
        0,
        0,
        360,
        (shade, shade - 8, shade - 18),
        -1,
        cv2.LINE_AA,
    )
    cv2.circle(
        out, (cx + long // 2, low - int(long * 0.38)), int(long * 0.16), (shade, shade - 8, shade - 18), -1, cv2.LINE_AA
    )
    return _box(cx - long * 0.56, low - long * 0.6, cx + long * 0.72, low + long * 0.05)


_THINGS = {"person": _person, "car": _car, "bicycle": _bicycle, "sheep": _sheep, "unknown": _unknown}


def _finish(fine: Rgb, rng: np.random.Generator, night: bool) -> Rgb:
    """Shrunk, with a sensor's noise; at night grey as under infrared, brightest in the middle."""
    small = cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    if night:
        y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
        lamp = np.clip(0.98 - 0.75 * np.hypot(x * 0.8, y - 0.35), 0.1, 1)
        small = np.repeat((small @ np.array([0.3, 0.59, 0.11], np.float32) * lamp)[:, :, None], 3, axis=2)
        small[: int(HEIGHT * 0.34)] *= 0.45
    small += rng.normal(0, 5 if night else 2.5, small.shape[:2])[:, :, None]
    return np.clip(small, 0, 255).astype(np.uint8)

"""Rendered scenes, for where no recording can be had: the same pictures every time, and marked as rendered.

Shapes that move like people, cars and an animal in front of a noisy ground. They are good enough for motion, tracks and
rules; a detector trained on photographs may call them nothing at all, so their events are "unknown moving things".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
_SKIN: Final = (205, 165, 135)


@dataclass(frozen=True, slots=True)
class Actor:
    """Something that crosses the scene: from `start` for `takes` seconds, between two foot points in shares."""

    shape: str
    start: float
    takes: float
    begin: tuple[float, float]
    end: tuple[float, float]
    size: float
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """A ground, who crosses it, and how long until it starts anew (seconds)."""

    title: str
    night: bool
    seconds: float
    seed: int
    actors: tuple[Actor, ...]


SCENES: Final = {
    "yard": Scene(
        "a farmyard by day (rendered)",
        night=False,
        seconds=40,
        seed=3,
        actors=(
            Actor("person", 3, 9, (-0.05, 0.80), (1.05, 0.72), 0.34, (60, 70, 150)),
            Actor("person", 15, 8, (1.05, 0.86), (0.35, 0.62), 0.36, (150, 60, 60)),
            Actor("person", 23, 7, (0.35, 0.62), (-0.05, 0.90), 0.36, (150, 60, 60)),
            Actor("animal", 31, 6, (1.05, 0.84), (-0.06, 0.80), 0.14, (90, 75, 60)),
        ),
    ),
    "rack": Scene(
        "where e-bikes are parked, by day (rendered)",
        night=False,
        seconds=40,
        seed=11,
        actors=(
            Actor("ebike", 0, 40, (0.24, 0.74), (0.24, 0.74), 0.13, (40, 90, 160)),
            Actor("person", 6, 12, (-0.05, 0.92), (1.05, 0.90), 0.38, (70, 90, 60)),
            Actor("person", 24, 11, (1.05, 0.94), (-0.05, 0.93), 0.38, (120, 60, 80)),
        ),
    ),
    "road": Scene(
        "a village road by day (rendered)",
        night=False,
        seconds=36,
        seed=5,
        actors=(
            Actor("car", 2, 5, (-0.2, 0.80), (1.2, 0.78), 0.24, (170, 175, 180)),
            Actor("person", 9, 10, (-0.05, 0.66), (1.05, 0.64), 0.26, (50, 110, 70)),
            Actor("car", 21, 4, (1.2, 0.70), (-0.2, 0.72), 0.20, (150, 40, 40)),
            Actor("person", 26, 9, (1.05, 0.90), (-0.05, 0.92), 0.40, (70, 70, 80)),
        ),
    ),
    "night": Scene(
        "an entrance at night (rendered)",
        night=True,
        seconds=36,
        seed=7,
        actors=(
            Actor("person", 4, 10, (-0.05, 0.85), (1.05, 0.78), 0.36, (120, 120, 120)),
            Actor("car", 17, 5, (1.25, 0.80), (-0.25, 0.82), 0.26, (70, 70, 70)),
            Actor("animal", 26, 7, (-0.05, 0.88), (1.05, 0.86), 0.14, (150, 150, 150)),
        ),
    ),
}


def render(scene: Scene, *, width: int, height: int, fps: int) -> Iterator[Picture]:
    """The scene's pictures, RGB uint8 [height, width, 3], once through."""
    noise = np.random.default_rng(scene.seed)
    empty = ground(scene, width, height)
    # A few noise pictures in turn: a sensor's noise, at a hundredth of the cost of drawing it anew each time.
    grain = [noise.normal(0, 7 if scene.night else 2.5, (height, width, 1)).astype(np.int16) for _ in range(7)]
    for number in range(round(scene.seconds * fps)):
        picture = empty.copy()
        now = number / fps
        for actor in scene.actors:
            if actor.start <= now < actor.start + actor.takes:
                draw(picture, actor, now - actor.start)
        if scene.night:
            grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
            picture = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
        yield np.clip(picture.astype(np.int16) + grain[number % len(grain)], 0, 255).astype(np.uint8)


def ground(scene: Scene, width: int, height: int) -> Picture:
    """The scene with nobody in it."""
    noise = np.random.default_rng(scene.seed)
    coarse = cv2.resize(noise.random((9, 16), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    fine = cv2.GaussianBlur(noise.random((height, width), np.float32), (0, 0), 1.2)
    texture = (coarse * 30 + fine * 60 - 30)[..., None]
    sky, earth = ((26, 26, 30), (52, 52, 50)) if scene.night else ((176, 198, 222), (132, 122, 98))
    picture = np.empty((height, width, 3), np.float32)
    horizon = height * 2 // 5
    picture[:horizon], picture[horizon:] = sky, earth
    picture[horizon:] += texture[horizon:]
    cv2.rectangle(
        picture, (width // 12, height // 5), (width // 3, horizon + height // 12), _shade((150, 120, 105), scene), -1
    )
    cv2.rectangle(
        picture, (width * 7 // 10, height // 4), (width * 19 // 20, horizon + 6), _shade((120, 128, 120), scene), -1
    )
    road = np.array([[0, 0.62], [1, 0.60], [1, 0.95], [0, 0.98]]) * (width, height)
    cv2.fillPoly(picture, [road.astype(np.int32)], _shade((110, 110, 112), scene))
    picture[horizon:] += texture[horizon:] * 0.4
    return np.clip(picture, 0, 255).astype(np.uint8)


def _shade(colour: tuple[int, int, int], scene: Scene) -> tuple[float, float, float]:
    by = 0.4 if scene.night else 1.0
    return colour[0] * by, colour[1] * by, colour[2] * by


def draw(picture: Picture, actor: Actor, since: float) -> None:
    """Draw an actor into a picture, `since` seconds after it came."""
    height, width = picture.shape[:2]
    gone = since / actor.takes
    x = (actor.begin[0] + (actor.end[0] - actor.begin[0]) * gone) * width
    y = (actor.begin[1] + (actor.end[1] - actor.begin[1]) * gone) * height
    _SHAPES[actor.shape](picture, (x, y), actor.size * height, actor, since)


def _person(picture: Picture, foot: tuple[float, float], tall: float, actor: Actor, since: float) -> None:
    x, y = foot
    stride = np.sin(since * 2 * np.pi * 1.8) * tall * 0.16
    hip, neck, head = y - tall * 0.47, y - tall * 0.82, y - tall * 0.91
    thick = max(2, round(tall * 0.10))
    red, green, blue = actor.colour
    for step in (x - stride, x + stride):
        _line(picture, (x, hip), (step, y), thick, (red * 2 // 3, green * 2 // 3, blue * 2 // 3))
    for hand in (x - stride * 0.8, x + stride * 0.8):
        _line(picture, (x, neck + tall * 0.05), (hand, hip), max(2, thick * 2 // 3), actor.colour)
    cv2.ellipse(picture, _at(x, (hip + neck) / 2), _at(tall * 0.13, (hip - neck) / 1.8), 0, 0, 360, actor.colour, -1)
    cv2.circle(picture, _at(x, head), max(2, round(tall * 0.08)), _SKIN, -1, cv2.LINE_AA)
    cv2.ellipse(picture, _at(x, head - tall * 0.03), _at(tall * 0.085, tall * 0.055), 0, 180, 360, (35, 30, 30), -1)


def _car(picture: Picture, foot: tuple[float, float], tall: float, actor: Actor, _since: float) -> None:
    x, y = foot
    long, forward = tall * 2.3, 1 if actor.end[0] > actor.begin[0] else -1
    cv2.rectangle(picture, _at(x - long / 2, y - tall * 0.62), _at(x + long / 2, y - tall * 0.16), actor.colour, -1)
    roof = np.array([[-0.30, -0.62], [-0.20, -1.0], [0.16, -1.0], [0.30, -0.62]]) * (long * forward, tall) + (x, y)
    cv2.fillPoly(picture, [roof.astype(np.int32)], tuple(int(c * 0.75) for c in actor.colour), cv2.LINE_AA)
    glass = np.array([[-0.22, -0.64], [-0.16, -0.93], [0.12, -0.93], [0.22, -0.64]]) * (long * forward, tall) + (x, y)
    cv2.fillPoly(picture, [glass.astype(np.int32)], (70, 84, 96), cv2.LINE_AA)
    for wheel in (x - long * 0.3, x + long * 0.3):
        cv2.circle(picture, _at(wheel, y - tall * 0.16), round(tall * 0.17), (28, 28, 30), -1, cv2.LINE_AA)
    lamp = x + forward * long * 0.48
    cv2.circle(picture, _at(lamp, y - tall * 0.42), max(2, round(tall * 0.08)), (255, 250, 220), -1, cv2.LINE_AA)


def _animal(picture: Picture, foot: tuple[float, float], tall: float, actor: Actor, since: float) -> None:
    x, y = foot
    forward = 1 if actor.end[0] > actor.begin[0] else -1
    step = np.sin(since * 2 * np.pi * 2.4) * tall * 0.2
    for leg in (-0.5, -0.4, 0.4, 0.5):
        paw = x + leg * tall + (step if leg in (-0.5, 0.4) else -step)
        _line(picture, (x + leg * tall, y - tall * 0.5), (paw, y), max(2, round(tall * 0.09)), actor.colour)
    cv2.ellipse(picture, _at(x, y - tall * 0.62), _at(tall * 0.68, tall * 0.26), 0, 0, 360, actor.colour, -1)
    cv2.circle(picture, _at(x + forward * tall * 0.78, y - tall * 0.86), round(tall * 0.19), actor.colour, -1)
    _line(picture, (x - forward * tall * 0.6, y - tall * 0.7), (x - forward * tall * 0.95, y - tall), 2, actor.colour)


def _ebike(picture: Picture, foot: tuple[float, float], tall: float, actor: Actor, _since: float) -> None:
    x, y = foot
    for wheel in (x - tall * 0.55, x + tall * 0.55):
        cv2.circle(picture, _at(wheel, y - tall * 0.3), round(tall * 0.3), (25, 25, 28), max(2, round(tall * 0.1)), 16)
    _line(
        picture, (x - tall * 0.55, y - tall * 0.35), (x + tall * 0.3, y - tall * 0.4), round(tall * 0.2), actor.colour
    )
    _line(picture, (x + tall * 0.3, y - tall * 0.4), (x + tall * 0.5, y - tall), round(tall * 0.12), actor.colour)
    _line(picture, (x - tall * 0.5, y - tall * 0.68), (x, y - tall * 0.62), round(tall * 0.16), (30, 30, 32))


_SHAPES: Final[dict[str, Callable[[Picture, tuple[float, float], float, Actor, float], None]]] = {
    "person": _person,
    "car": _car,
    "animal": _animal,
    "ebike": _ebike,
}


def _at(x: float, y: float) -> tuple[int, int]:
    return round(x), round(y)


def _line(
    picture: Picture, begin: tuple[float, float], end: tuple[float, float], thick: int, colour: tuple[int, int, int]
) -> None:
    cv2.line(picture, _at(*begin), _at(*end), colour, thick, cv2.LINE_AA)

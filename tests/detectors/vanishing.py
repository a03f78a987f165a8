"""Simulated scenes in which a thing stands until a known second and is gone from then on, with all that deceives.

Day and night (infrared: grey, a lamp in the middle, noise of sigma 6, insects), clouds, a shadow that sweeps, a camera
that shakes by a pixel, people who stand in front, JPEG of quality 35.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.scenes import SCENES, render

WIDTH, HEIGHT = 320, 180
HOUR = 3600
Picture = NDArray[np.uint8]


@dataclass
class Vanishing:
    """A scene of `hours` from midnight + `begins` hours on; the thing is gone from `gone_s` (seconds after its begin)."""

    seed: int
    hours: float
    begins: float = 8.0
    always_night: bool = False
    gone_s: float = field(init=False)
    box: tuple[int, int, int, int] = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.seed)
        name = ("yard", "road")[self.seed % 2]
        ground = next(iter(render(SCENES[name], width=WIDTH, height=HEIGHT, fps=1)))
        # more structure than a rendered ground has: stones, plants, things of others
        for _ in range(60):
            at = int(rng.integers(0, WIDTH)), int(rng.integers(70, HEIGHT))
            shade = tuple(int(one) for one in rng.integers(30, 200, 3))
            cv2.ellipse(ground, at, (int(rng.integers(2, 9)), int(rng.integers(1, 5))), 0, 0, 360, shade, -1)
        self.ground = ground.astype(np.float32)
        size = int(rng.integers(22, 38))
        self.x, self.y = int(rng.integers(20, WIDTH - 20 - size)), int(rng.integers(85, HEIGHT - 10 - size))
        self.thing, self.shape = _bike(size, rng)
        self.gone_s = float(rng.uniform(0.03, 0.97) * self.hours * HOUR)
        pad = size // 4
        self.box = self.x - pad, self.y - pad, self.x + size + pad, self.y + size + pad
        self._clouds = rng.uniform(0, 6.28, 4)

    def there(self, at: float) -> bool:
        """Whether the thing stands there then."""
        return at < self.gone_s

    def covered(self, at: float) -> bool:
        """Whether somebody stands there then, for a while."""
        return bool(np.random.default_rng([self.seed, int(at // 20)]).random() < 0.12)

    def night(self, at: float) -> bool:
        hour = (self.begins + at / HOUR) % 24
        return self.always_night or hour < 6 or hour >= 19

    def frame(self, at: float, number: int = 0) -> Picture:
        """The picture `at` seconds after the begin, grey; `number` tells frames of one moment apart."""
        rng = np.random.default_rng([self.seed, int(at * 10), number])
        slow = np.random.default_rng([self.seed, int(at // 20)])
        picture = self.ground.copy()
        if self.there(at):
            size = self.thing.shape[0]
            part = picture[self.y : self.y + size, self.x : self.x + size]
            part[self.shape] = self.thing[self.shape]
        if self.covered(at):
            slow.random()
            x = self.x + int(slow.integers(-25, 25))
            cv2.rectangle(picture, (x, self.y - 20), (x + 12, self.y + 30), (60, 50, 70), -1)
            cv2.circle(picture, (x + 6, self.y - 24), 6, (180, 150, 130), -1)
        hour = (self.begins + at / HOUR) % 24
        grey = picture @ np.array([0.3, 0.59, 0.11], np.float32)
        if self.night(at):
            y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
            grey = grey * np.clip(0.75 - 0.5 * np.hypot(x * 0.8, y - 0.3), 0.12, 1).astype(np.float32) + 12
            for _ in range(int(rng.integers(0, 4))):
                at_ = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
                cv2.circle(grey, at_, int(rng.integers(1, 5)), 235.0, -1)
            noise = 6.0
        else:
            sun = np.sin(np.pi * (hour - 5.5) / 14)
            cloud = 1 + 0.18 * np.sin(at / 900 + self._clouds[0]) * np.sin(at / 2300 + self._clouds[1])
            grey = grey * (0.35 + 0.6 * max(sun, 0.0)) * cloud
            edge = int((hour - 6) / 13 * (WIDTH + 160)) - 80  # the shadow of a house goes over the yard
            shadow = np.ones(WIDTH, np.float32)
            shadow[max(0, edge - 70) : max(0, edge)] = 0.62
            grey *= shadow
            noise = 2.5
        grey = grey + rng.normal(0, noise, grey.shape)
        dx, dy = rng.integers(-1, 2, 2)
        grey = cv2.warpAffine(
            grey.astype(np.float32),
            np.array([[1, 0, dx], [0, 1, dy]], np.float32),
            (WIDTH, HEIGHT),
            borderMode=cv2.BORDER_REPLICATE,
        )
        _, data = cv2.imencode(".jpg", np.clip(grey, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 35])
        return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)

    def crop(self, picture: Picture) -> Picture:
        x0, y0, x1, y1 = self.box
        return picture[max(y0, 0) : y1, max(x0, 0) : x1]

    def still(self, at: float) -> Picture:
        """The crop of a still: the median of five frames a second apart."""
        return np.median([self.crop(self.frame(at + n, n)) for n in range(5)], axis=0).astype(np.uint8)


def _bike(size: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """An e-bike, in a colour of its own, and where it is."""
    thing = np.zeros((size, size, 3), np.uint8)
    shape = np.zeros((size, size), np.uint8)
    colour = tuple(int(one) for one in rng.integers(20, 235, 3))
    wheel = size // 5
    for canvas, paint in ((thing, (28, 28, 30)), (shape, 1)):
        for x in (wheel, size - wheel - 1):
            cv2.circle(canvas, (x, size - wheel - 1), wheel, paint, -1)
    for canvas, paint in ((thing, colour), (shape, 1)):
        cv2.line(canvas, (wheel, size - wheel), (size // 2, size // 2), paint, size // 7)
        cv2.line(canvas, (size // 2, size // 2), (size - wheel, size - wheel), paint, size // 7)
        cv2.rectangle(canvas, (size // 4, size * 3 // 8), (size * 3 // 5, size // 2), paint, -1)
        cv2.line(canvas, (size * 3 // 4, size // 5), (size - wheel, size - wheel), paint, size // 9)
    return thing.astype(np.float32), shape.astype(np.bool_)

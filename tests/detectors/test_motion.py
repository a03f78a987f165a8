"""Motion on made pictures: things that move are found, light and noise are not."""

import numpy as np
import pytest

from detectors.facts import Box
from detectors.geometry import covered, iou, masked_cells
from detectors.motion import COLUMNS, ROWS, MotionDetector, reduced

HEIGHT, WIDTH = 360, 640
FPS = 5.0


def scene(seed: int = 3) -> np.ndarray:
    """A textured street-like picture, float [360, 640], levels 40–160."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(40, 160, (18, 32))
    return np.kron(coarse, np.ones((20, 20)))


def shot(picture: np.ndarray, random: np.random.Generator, *, sigma: float = 3.0) -> np.ndarray:
    return np.clip(picture + random.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def with_thing(picture: np.ndarray, x: int, y: int, *, width: int = 30, height: int = 70, level: float = 220.0):
    changed = picture.copy()
    changed[max(0, y) : y + height, max(0, x) : x + width] = level
    return changed


def watched(pictures, detector=None):
    detector = detector or MotionDetector()
    return [detector.look(picture, i / FPS) for i, picture in enumerate(pictures)]


def test_a_thing_that_walks_is_found_where_it_is():
    random = np.random.default_rng(1)
    still = [shot(scene(), random) for _ in range(15)]
    walk = [shot(with_thing(scene(), 100 + 12 * i, 150), random) for i in range(20)]
    found = watched(still + walk)
    assert all(not m.boxes for m in found[1:15])
    for i, motion in enumerate(found[16:], start=1):
        true = Box((100 + 12 * i) / WIDTH, 150 / HEIGHT, (130 + 12 * i) / WIDTH, 220 / HEIGHT)
        assert max(covered(true, box) for box in motion.boxes) > 0.7
        assert motion.mask.shape == (ROWS, COLUMNS)
        assert motion.mask.dtype == np.bool_
        assert not motion.flash


def test_what_stands_still_is_no_motion_after_a_moment():
    random = np.random.default_rng(1)
    pictures = [shot(scene(), random) for _ in range(10)]
    pictures += [shot(with_thing(scene(), 300, 150), random) for _ in range(30)]
    found = watched(pictures)
    assert found[10].boxes
    assert not any(m.boxes for m in found[22:])


@pytest.mark.parametrize("gain", [1.6, 0.5])
def test_a_ramp_of_light_is_no_motion(gain):
    random = np.random.default_rng(2)
    ramp = np.linspace(1, gain, 50)
    found = watched([shot(scene() * g, random) for g in ramp])
    assert not any(m.boxes for m in found)
    assert not any(m.flash for m in found)


def test_a_ramp_that_burns_out_and_comes_back_is_no_motion():
    random = np.random.default_rng(2)
    ramp = np.concatenate([np.linspace(1, 2.2, 40), np.linspace(2.2, 1, 40)])
    assert not any(m.boxes for m in watched([shot(scene() * g, random) for g in ramp]))


def test_a_thing_is_found_in_a_ramp_of_light():
    random = np.random.default_rng(2)
    pictures = [shot(scene() * g, random) for g in np.linspace(1, 1.2, 15)]
    pictures += [shot(with_thing(scene(), 100 + 12 * i, 150) * (1.2 + i / 50), random) for i in range(15)]
    assert sum(bool(m.boxes) for m in watched(pictures)[15:]) >= 13


def test_a_switched_light_fires_nothing():
    random = np.random.default_rng(4)
    lamp = scene().copy()
    yy, xx = np.mgrid[0:HEIGHT, 0:WIDTH]
    lit = lamp + 90 * np.exp(-(((xx - 200) / 150) ** 2 + ((yy - 150) / 120) ** 2))
    pictures = [shot(lamp, random) for _ in range(10)] + [shot(np.minimum(lit, 250), random) for _ in range(20)]
    assert not any(m.boxes for m in watched(pictures))


def test_everything_changed_at_once_is_a_flash_and_then_learned():
    random = np.random.default_rng(5)
    pictures = [shot(scene(3), random) for _ in range(10)] + [shot(scene(8), random) for _ in range(10)]
    found = watched(pictures)
    assert found[10].flash
    assert found[10].level == 1.0
    assert not any(m.boxes or m.flash for m in found[11:])


def test_noise_grows_into_the_limits():
    random = np.random.default_rng(6)
    found = watched([shot(scene(), random, sigma=25) for _ in range(60)])
    assert not any(m.boxes for m in found[10:])


def test_masked_pixels_are_never_seen():
    mask = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    random = np.random.default_rng(7)
    calm, wild = (
        MotionDetector(masked_cells([mask], ROWS, COLUMNS)),
        MotionDetector(masked_cells([mask], ROWS, COLUMNS)),
    )
    hidden = masked_cells([mask], HEIGHT, WIDTH)
    for i in range(20):
        picture = shot(with_thing(scene(), 300 + 10 * i, 100), random)
        other = np.where(hidden, random.integers(0, 256, picture.shape), picture).astype(np.uint8)
        a, b = calm.look(picture, i / FPS), wild.look(other, i / FPS)
        assert a.boxes == b.boxes
        assert np.array_equal(a.mask, b.mask)
        assert not b.mask[:, :80].any()


def test_a_gap_or_a_jump_back_learns_anew():
    random = np.random.default_rng(8)
    detector = MotionDetector()
    detector.look(shot(scene(3), random), 100.0)
    assert not detector.look(shot(scene(9), random), 400.0).boxes
    assert not detector.look(shot(scene(3), random), 5.0).boxes
    assert not detector.look(shot(scene(3), random), 5.2).boxes


@pytest.mark.parametrize("size", [(90, 160), (180, 320), (288, 352), (576, 768), (1080, 1920), (75, 99)])
def test_any_size_is_reduced_by_averaging(size):
    cells = reduced(np.full(size, 77, np.uint8))
    assert cells.shape == (ROWS, COLUMNS)
    assert (cells == 77).all()


def test_a_picture_all_masked_or_all_dark_is_quiet():
    everything = MotionDetector(np.ones((ROWS, COLUMNS), np.bool_))
    dark = MotionDetector()
    random = np.random.default_rng(9)
    for i in range(5):
        assert not everything.look(random.integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8), i / FPS).boxes
        assert not dark.look(np.zeros((HEIGHT, WIDTH), np.uint8), i / FPS).boxes


def test_two_things_far_apart_are_two_regions():
    random = np.random.default_rng(10)
    pictures = [shot(scene(), random) for _ in range(10)]
    for i in range(6):
        both = with_thing(with_thing(scene(), 60 + 12 * i, 200), 450 - 12 * i, 60)
        pictures.append(shot(both, random))
    last = watched(pictures)[-1]
    assert len(last.boxes) == 2
    assert iou(*last.boxes) == 0

"""A camera that looks elsewhere is told once; light, noise, things and covers are not that."""

import numpy as np

from detectors.viewpoint import LASTS_S, Viewpoint


def street(seed, shift=0):
    random = np.random.default_rng(seed)
    wide = np.kron(random.integers(40, 180, (12, 40)), np.ones((30, 30)))
    return wide[:360, shift : shift + 640]


class Camera:
    def __init__(self, ignore=None):
        self.view = Viewpoint(ignore)
        self.noise = np.random.default_rng(1)
        self.at = 0.0
        self.told = []

    def show(self, picture, seconds, *, gain=1.0, noise=3.0, thing=False):
        for _ in range(round(seconds)):
            shown = picture * gain + self.noise.normal(0, noise, picture.shape)
            if thing:
                left = int(self.at * 7) % 500
                shown[100:260, left : left + 140] = 235
            self.at += 1.0
            told = self.view.look(np.clip(shown, 0, 255).astype(np.uint8), self.at)
            if told is not None:
                self.told.append(told)


def test_a_camera_that_was_turned_is_told_once_with_its_moment():
    camera = Camera()
    camera.show(street(1), 120)
    camera.show(street(2), 200)
    assert camera.told
    assert len(camera.told) == 1
    assert 120 <= camera.told[0] <= 126
    camera.show(street(1), 2 * LASTS_S)
    assert len(camera.told) == 2


def test_the_same_street_shifted_by_a_house_is_another_view():
    camera = Camera()
    camera.show(street(3), 120)
    camera.show(street(3, shift=200), 120)
    assert len(camera.told) == 1


def test_light_noise_things_and_what_passes_are_none():
    camera = Camera()
    camera.show(street(4), 120)
    for gain in (0.5, 1.3, 0.3):
        camera.show(street(4), 90, gain=gain)
    camera.show(street(4), 120, noise=14.0)
    camera.show(street(4), 200, thing=True)
    camera.show(street(5), LASTS_S - 10)  # somebody cleans it
    camera.show(street(4), 100)
    assert camera.told == []


def test_a_cover_and_the_night_tell_nothing():
    camera = Camera()
    camera.show(street(6), 120)
    camera.show(np.full((360, 640), 20.0), 300, noise=1.0)
    camera.show(street(6), 120)
    assert camera.told == []


def test_what_a_mask_covers_is_not_looked_at():
    ignore = np.zeros((90, 160), np.bool_)
    ignore[:, :80] = True
    camera = Camera(ignore)
    both = street(7).copy()
    camera.show(both, 120)
    both[:, :320] = street(8)[:, :320]
    camera.show(both, 150)
    assert camera.told == []

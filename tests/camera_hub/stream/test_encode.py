"""Pictures encoded and decoded again."""

from __future__ import annotations

import numpy as np
import pytest

from camera_hub.stream.decode import Decoder
from camera_hub.stream.encode import KEYFRAME_S, PARAMS, Encoder
from camera_hub.stream.packet import Packet
from detectors.facts import Rgb

RATE = 5.0


def picture(number: int, width: int = 320, height: int = 180) -> Rgb:
    """A bright square that wanders over noise; its upper left quarter is black."""
    rng = np.random.default_rng(number)
    shown = rng.integers(60, 200, (height, width, 3), dtype=np.uint8)
    shown[100:140, 160 + number % 20 * 4 : 200 + number % 20 * 4] = 255
    shown[: height // 2, : width // 2] = 0
    return shown


def encoded(count: int, *, rate: float = RATE, width: int = 320, height: int = 180) -> list[Packet]:
    encoder = Encoder(width, height, rate=rate)
    given = [encoder.encode(picture(n, width, height), 100 + n / rate, float(n)) for n in range(count)]
    assert None not in given, "each picture gives its packet at once"
    return [one for one in given if one is not None]


def test_pictures_come_back_in_order_with_their_times_and_what_is_black_stays_black() -> None:
    decoder = Decoder(PARAMS)
    frames = [frame for one in encoded(30) for frame in decoder.decode(one)]
    assert [frame.at for frame in frames] == pytest.approx([100 + n / RATE for n in range(len(frames))])
    assert len(frames) >= 29
    for frame in frames:
        rgb = frame.rgb()
        assert rgb.shape == (180, 320, 3)
        assert rgb[:88, :158].max() < 30
        assert rgb[100:].mean() > 80


@pytest.mark.parametrize("rate", [5.0, 1.0, 15.0])
def test_keyframes_come_by_time(rate: float) -> None:
    given = encoded(round(9 * rate), rate=rate)
    times = [one.pts / 90_000 for one in given if one.keyframe]
    assert times[0] == 100
    apart = np.diff(times)
    assert len(apart) >= 3
    assert apart == pytest.approx([KEYFRAME_S] * len(apart), abs=1 / rate)


def test_noise_does_not_make_it_grow_without_bound() -> None:
    kbits = sum(len(one.data) for one in encoded(50)) * 8 / 1000 / (50 / RATE)
    assert kbits < 2 * 320 * 180 * RATE * 0.25 / 1000


@pytest.mark.parametrize(("width", "height"), [(321, 181), (2, 2), (1920, 1080)])
def test_any_size(width: int, height: int) -> None:
    decoder = Decoder(PARAMS)
    frames = [*(frame for one in encoded(3, width=width, height=height) for frame in decoder.decode(one))]
    assert {frame.luma.shape for frame in [*frames, *decoder.finish()]} == {(height & ~1, width & ~1)}


def test_time_that_does_not_rise_gives_nothing() -> None:
    encoder = Encoder(320, 180, rate=RATE)
    assert encoder.encode(picture(0), 5.0, 0.0) is not None
    assert encoder.encode(picture(1), 5.0, 0.1) is None
    assert encoder.encode(picture(2), 4.0, 0.2) is None
    assert encoder.encode(picture(3), 5.2, 0.3) is not None

"""Keyframes for a screen: found without walking further than asked, and nothing of a decoder is believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_hub.recording.boxes import first_keyframes, walk
from camera_hub.recording.decoders import Decoders
from tests.camera_hub.recording.footage import Take, number_in, shot

TAKE = Take(frames=60, gop=15)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "one.mp4"
    path.write_bytes(shot(TAKE))
    return path


@pytest.fixture
async def decoders() -> AsyncIterator[Decoders]:
    made = Decoders()
    yield made
    await made.close()


edges = st.lists(st.integers(0, 5000), min_size=2, max_size=12, unique=True).map(sorted)


@given(edges)
@settings(deadline=None)
def test_the_first_keyframe_of_each_window_is_found(film: Path, at: list[int]) -> None:
    windows = [(float(begin), float(end)) for begin, end in zip(at[::2], at[1::2], strict=False)]
    init, found = first_keyframes(film, windows)
    whole = walk(film)
    assert init == whole.init
    assert init is not None
    keys = [one for one in whole.fragments if one.keyframe]
    for (begin, end), one in zip(windows, found, strict=True):
        inside = [key for key in keys if begin <= key.at * 1000 / init.timescale < end]
        assert one == (inside[0] if inside else None)


def test_damage_costs_what_lies_behind_it(film: Path, tmp_path: Path) -> None:
    data = bytearray(film.read_bytes())
    second = [one for one in walk(film).fragments if one.keyframe][2]
    data[second.offset : second.offset + 8] = b"\xff" * 8
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data)
    _, found = first_keyframes(broken, [(0.0, 500.0), (900.0, 1500.0), (1900.0, 2500.0), (2900.0, 3500.0)])
    assert [one is not None for one in found] == [True, True, False, False]
    (tmp_path / "none.mp4").write_bytes(b"nothing")
    assert first_keyframes(tmp_path / "none.mp4", [(0.0, 1.0)]) == (None, [None])


def pieces(film: Path) -> list[bytes]:
    data, whole = film.read_bytes(), walk(film)
    assert whole.init is not None
    head = data[: whole.init.size]
    return [head + data[one.offset : one.offset + one.size] for one in whole.fragments if one.keyframe]


async def test_crops_come_in_order_and_a_bad_piece_is_empty(film: Path, decoders: Decoders) -> None:
    some = pieces(film) * 5
    some[7] = b"no film"
    found = await decoders.crops(some, (0.0, 0.0, 1.0, 1.0), 160)
    assert found[7] == b""
    shown = [number_in(picture(one)) for one in found if one]
    assert shown == [n * 15 for number, n in enumerate([0, 1, 2, 3] * 5) if number != 7]
    narrow = picture((await decoders.crops(some[:1], (0.25, 0.5, 0.75, 1.0), 40))[0])
    assert narrow.shape[:2] == (24, 40)
    assert await decoders.crops([], (0.0, 0.0, 1.0, 1.0), 160) == []


async def test_grey_crops_are_so_many_levels_and_nothing_to_be_decoded(film: Path, decoders: Decoders) -> None:
    found = await decoders.crops([*pieces(film)[:2], b"no film"], (0.0, 0.0, 1.0, 1.0), 64, grey=True)
    assert [len(one) for one in found] == [64 * 64, 64 * 64, 0]
    levels = np.frombuffer(found[1], np.uint8).reshape(64, 64)
    assert levels.max() > 150
    assert levels.min() < 60


def picture(data: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)

"""Blurred copies: what was seen is covered, whole and in between; without the detector nothing is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_hub.evidence import blurrer, covering
from camera_hub.evidence.blurrer import CLIP, blur, frame_name, render
from camera_hub.evidence.covering import linked
from camera_hub.recording.cutting import Order, Source
from detectors.facts import Box, Detection, ModelError
from registry.errors import Conflict
from tests.camera_hub.recording.footage import Take, shot

TAKE = Take(frames=60, width=320, height=192)


def inside(one: Box, other: Box) -> bool:
    return other.x0 <= one.x0 and other.y0 <= one.y0 and one.x1 <= other.x1 and one.y1 <= other.y1


shares = st.floats(0, 0.8, allow_nan=False)


@given(st.lists(st.tuples(shares, shares, st.floats(0.01, 0.2), st.floats(0.01, 0.2)), max_size=12), st.integers(1, 5))
def test_whatever_was_seen_is_covered_when_it_was_seen(those: list[tuple[float, ...]], per: int) -> None:
    boxes = [Box(x, y, x + w, y + h) for x, y, w, h in those]
    seen = [(at * 0.2, boxes[at * per : (at + 1) * per]) for at in range(len(boxes))]
    covers = linked(seen)
    for at, some in seen:
        for box in some:
            assert any((over := cover.at(at)) is not None and inside(box, over) for cover in covers)


def test_between_two_sightings_and_around_them_it_stays_covered() -> None:
    (cover,) = linked([(1.0, [Box(0.1, 0.1, 0.2, 0.3)]), (2.0, [Box(0.3, 0.1, 0.4, 0.3)])])
    between = cover.at(1.5)
    assert between is not None
    assert inside(Box(0.1, 0.1, 0.4, 0.3), between)
    assert cover.at(1.0 - covering.HOLD_S) is not None
    assert cover.at(2.0 + covering.HOLD_S) is not None
    assert cover.at(0.0) is None
    assert cover.at(3.0) is None


def test_what_was_lost_for_long_or_lies_far_away_is_another_thing() -> None:
    assert len(linked([(0.0, [Box(0.1, 0.1, 0.2, 0.2)]), (5.0, [Box(0.1, 0.1, 0.2, 0.2)])])) == 2
    assert len(linked([(0.0, [Box(0.1, 0.1, 0.15, 0.2)]), (0.2, [Box(0.8, 0.1, 0.85, 0.2)])])) == 2


def test_nothing_is_told_by_what_is_blurred() -> None:
    dice = np.random.default_rng(1)
    picture = dice.integers(0, 255, (192, 320, 3), np.uint8)
    before = picture.copy()
    blur(picture, Box(0.25, 0.25, 0.75, 0.75))
    inner = picture[48:144, 80:240]
    assert len(np.unique(inner.reshape(-1, 3), axis=0)) <= 100
    assert np.array_equal(picture[:48], before[:48])
    blur(picture, Box(0.5, 0.5, 0.5, 0.9))  # no width: nothing


class Fake:
    """A detector that sees a person in the left half, always."""

    name, labels = "fake", ("person",)

    def detect(self, rgb: Any) -> list[Detection]:
        del rgb
        return [Detection("person", 0.9, Box(0.05, 0.05, 0.45, 0.95))]


def order(folder: Path, **more: Any) -> dict[str, Any]:
    source = folder / "segment.mp4"
    source.write_bytes(shot(TAKE))
    cut = Order((Source(str(source), 1_000_000, ((0.0, 10_000.0),)),), 1_000_000, 1_004_000, "村口")
    model = {"path": None, "format": "auto", "labels": None}
    return {
        "order": cut.said(),
        "boxes": [],
        "lines": ["案-1 王强", "供 李明 使用"],
        "model": model,
        "folder": str(folder),
        **more,
    }


def pictures(file: Path) -> list[Any]:
    with av.open(str(file)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def noise(_file: Path) -> Any:
    """Pictures of which any part tells where it is from: blurred, it is one grey."""
    dice = np.random.default_rng(1)
    return ((number / 15, dice.integers(0, 255, (192, 320, 3), np.uint8)) for number in range(TAKE.frames))


def told(picture: Any, x0: int, x1: int) -> float:
    """How much a part of a picture tells: how far its pixels lie apart."""
    return float(picture[10:120, x0:x1].astype(int).std())


def test_the_clip_shows_nothing_of_what_was_covered_by_detector_or_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blurrer.objects, "load", lambda *_: Fake())
    monkeypatch.setattr(blurrer, "_pictures", noise)
    hand = {"x0": 0.6, "y0": 0.0, "x1": 1.0, "y1": 1.0, "from_ms": 0, "to_ms": 2000}
    *steps, last = render(order(tmp_path, boxes=[hand], lines=["", ""]))
    assert all(one["done"] <= one["total"] * 1.1 for one in steps)
    made = last["over"]
    shown = pictures(tmp_path / CLIP)
    assert len(shown) == TAKE.frames
    assert (made["width"], made["height"]) == (320, 192)
    assert made["found"] > 15
    for number in (0, 10, 25, 50):
        assert told(shown[number], 20, 140) < 20, "the detector's"
        assert (told(shown[number], 200, 310) < 20) is (number < 30), "by hand for its two seconds"
        assert told(shown[number], 172, 190) > 20, "and nothing else"
    looked = [cv2.imread(str(tmp_path / frame_name(number))) for number in range(made["frames"])]
    assert len(looked) == 4
    assert all(one is not None for one in looked)
    assert not (tmp_path / "cut.mp4").exists()


def test_without_the_detector_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ModelError("no model")

    monkeypatch.setattr(blurrer.objects, "load", broken)
    with pytest.raises(Conflict) as refused:
        list(render(order(tmp_path)))
    assert refused.value.code == "blur_unable"
    assert not (tmp_path / CLIP).exists()

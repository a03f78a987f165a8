"""Decoders: boxes put into a model's output come out again, and foreign shapes are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.facts import ModelError
from detectors.formats import FORMATS, Candidates, recognise, suppress

SIZE = (96, 160)
CLASSES = 80
KEPT = (0, 1, 2, 16)
STRIDES = (8, 16, 32)
ANCHORS = sum((SIZE[0] // s) * (SIZE[1] // s) for s in STRIDES)

truths = st.builds(
    lambda x, y, w, h, c, s: (np.array([x, y, x + w, y + h], np.float32), c, s),
    st.floats(8, 100),
    st.floats(8, 60),
    st.floats(6, 40),
    st.floats(6, 30),
    st.sampled_from(KEPT),
    st.floats(0.35, 0.99),
)


def centernet(box, number, score):
    heat, sides = np.zeros((1, CLASSES, 24, 40), np.float32), np.zeros((1, 4, 24, 40), np.float32)
    x, y = int((box[0] + box[2]) / 8), int((box[1] + box[3]) / 8)
    heat[0, number, y, x] = score
    sides[0, :, y, x] = 4 * x - box[0], 4 * y - box[1], box[2] - 4 * x, box[3] - 4 * y
    return [heat, sides]


def yolox(box, number, score):
    raw = np.zeros((1, ANCHORS, 5 + CLASSES), np.float32)
    middle, span = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
    column, row = (middle // 16).astype(int)
    start = (SIZE[0] // 8) * (SIZE[1] // 8)
    at = start + row * (SIZE[1] // 16) + column
    raw[0, at, :4] = *(middle / 16 - (column, row)), *np.log(span / 16)
    raw[0, at, 4], raw[0, at, 5 + number] = 1.0, score
    return [raw]


def yolov8(box, number, score):
    raw = np.zeros((1, 4 + CLASSES, ANCHORS), np.float32)
    raw[0, :4, 7] = *((box[:2] + box[2:]) / 2), *(box[2:] - box[:2])
    raw[0, 4 + number, 7] = score
    return [raw]


def end_to_end(box, number, score):
    raw = np.zeros((1, 300, 6), np.float32)
    raw[0, 12] = *box, score, number
    return [raw]


MAKERS = {"centernet": centernet, "yolox": yolox, "yolov8": yolov8, "yolo_end2end": end_to_end}


@pytest.mark.parametrize("name", list(FORMATS))
@given(truth=truths)
def test_what_is_put_in_comes_out(name, truth):
    box, number, score = truth
    found = FORMATS[name].decode(MAKERS[name](box, number, score), SIZE, KEPT, 0.3)
    assert found.boxes.shape == (1, 4)
    assert found.boxes[0] == pytest.approx(box, abs=0.05)
    assert found.classes.tolist() == [number]
    assert found.scores[0] == pytest.approx(score, abs=1e-3)


@pytest.mark.parametrize("name", list(FORMATS))
def test_low_scores_and_unwanted_classes_stay_out(name):
    box = np.array([20, 20, 60, 50], np.float32)
    assert not len(FORMATS[name].decode(MAKERS[name](box, 0, 0.2), SIZE, KEPT, 0.3).boxes)
    assert not len(FORMATS[name].decode(MAKERS[name](box, 56, 0.9), SIZE, KEPT, 0.3).boxes)
    assert not len(FORMATS[name].decode(MAKERS[name](box, 0, 0.9), SIZE, (), 0.3).boxes)


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("other", list(FORMATS))
def test_every_other_formats_outputs_are_refused(name, other):
    outputs = MAKERS[other](np.array([20, 20, 60, 50], np.float32), 0, 0.9)
    if name == other:
        assert recognise(["heat", "wh"][: len(outputs)], [o.shape for o in outputs], SIZE, CLASSES) is FORMATS[name]
        return
    with pytest.raises(ModelError, match=r"set model\.format"):
        FORMATS[name].decode(outputs, SIZE, KEPT, 0.3)


@given(st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=4), min_size=1, max_size=3))
def test_no_shape_makes_a_decoder_fail_otherwise(shapes):
    outputs = [np.zeros(shape, np.float32) for shape in shapes if np.prod(shape) < 200_000]
    for form in FORMATS.values():
        try:
            found = form.decode(outputs, SIZE, KEPT, 0.3)
        except ModelError:
            continue
        assert len(found.boxes) == len(found.scores) == len(found.classes)


@pytest.mark.parametrize(
    ("names", "shapes"),
    [
        (["output0"], [(1, 84, 8400)]),
        (["output0"], [(1, 300, 7)]),
        (["a", "b", "c"], [(1, 1, 1)] * 3),
        (["heat", "wh"], [(1, 80, 24, 40), (1, 2, 24, 40)]),
    ],
)
def test_unknown_outputs_are_refused_by_name(names, shapes):
    with pytest.raises(ModelError, match="cannot tell the model's format"):
        recognise(names, shapes, SIZE, CLASSES)


def test_a_wild_yolox_grid_does_not_overflow():
    raw = np.full((1, ANCHORS, 85), 1e4, np.float32)
    assert np.isfinite(FORMATS["yolox"].decode([raw], SIZE, KEPT, 0.3).boxes).all()


@given(st.lists(truths, max_size=12), st.floats(0.1, 0.9))
def test_suppression_leaves_no_overlap_within_a_class(found, limit):
    boxes = np.array([t[0] for t in found], np.float32).reshape(-1, 4)
    scores, classes = np.array([t[2] for t in found], np.float32), np.array([t[1] for t in found], np.intp)
    kept = suppress(Candidates(boxes, scores, classes), limit)
    assert list(kept.scores) == sorted(kept.scores, reverse=True)
    for i in range(len(kept.boxes)):
        for j in range(i):
            a, b = kept.boxes[i].astype(float), kept.boxes[j].astype(float)
            shared = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
            total = np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - shared
            assert kept.classes[i] != kept.classes[j] or shared <= limit * total + 1e-3
    for number in set(classes.tolist()):
        assert (kept.classes == number).any()

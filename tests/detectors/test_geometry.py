"""Plane geometry: properties that must hold for any box, polygon and line."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from detectors.facts import Box
from detectors.geometry import (
    WHOLE,
    area,
    as_array,
    clip,
    covered,
    foot,
    grown,
    inside,
    iou,
    iou_matrix,
    masked_cells,
    overlap,
    segments_cross,
    side,
    union,
)

shares = st.floats(0, 1, width=32)
spans = st.tuples(shares, shares).map(sorted)
boxes = st.builds(lambda x, y: Box(x[0], y[0], x[1], y[1]), spans, spans)
points = st.tuples(shares, shares)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_within_both(a, b):
    assert overlap(a, b) == overlap(b, a)
    assert overlap(a, b) <= min(area(a), area(b)) + 1e-9
    assert 0 <= iou(a, b) <= 1 + 1e-9
    assert 0 <= covered(a, b) <= 1 + 1e-9


@given(boxes)
def test_a_box_is_its_own_union_clip_and_full_overlap(box):
    assert union(box, box) == box
    assert clip(box) == box
    if area(box) > 1e-9:
        assert iou(box, box) == pytest.approx(1)
        assert covered(box, grown(box, 0.2)) == pytest.approx(1)


@given(boxes, boxes)
def test_a_union_covers_both(a, b):
    both = union(a, b)
    assert clip(a, both) == a
    assert clip(b, both) == b


@given(st.lists(boxes, max_size=5), st.lists(boxes, max_size=5))
def test_the_matrix_says_what_pairs_say(first, second):
    matrix = iou_matrix(as_array(first), as_array(second))
    assert matrix.shape == (len(first), len(second))
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            assert matrix[i, j] == pytest.approx(iou(a, b), abs=1e-6)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))
def test_clip_never_inverts_nor_leaves_the_picture(x0, y0, x1, y1):
    got = clip(Box(x0, y0, x1, y1))
    assert 0 <= got.x0 <= got.x1 <= 1
    assert 0 <= got.y0 <= got.y1 <= 1


def test_a_foot_stays_in_the_picture():
    assert foot(Box(0.2, 0.5, 0.4, 1.3)) == pytest.approx((0.3, 1.0))


@given(st.lists(points, min_size=3, max_size=8), points)
def test_inside_agrees_whichever_corner_comes_first(polygon, point):
    turned = tuple(polygon[1:] + polygon[:1])
    # a point on the border may count either way
    assume(all(abs(side(point, a, b)) > 1e-6 for a, b in zip(polygon, turned, strict=True) if a != b))
    assert inside(point, tuple(polygon)) == inside(point, turned)


def test_inside_of_a_horseshoe():
    horseshoe = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.7, 0.9), (0.7, 0.3), (0.3, 0.3), (0.3, 0.9), (0.1, 0.9))
    assert inside((0.2, 0.8), horseshoe)
    assert inside((0.5, 0.2), horseshoe)
    assert not inside((0.5, 0.6), horseshoe)


def test_right_of_a_line_is_positive_as_seen_in_the_picture():
    assert side((0.5, 0.9), (0.0, 0.5), (1.0, 0.5)) == pytest.approx(0.4)
    assert side((0.5, 0.1), (0.0, 0.5), (1.0, 0.5)) == pytest.approx(-0.4)
    assert side((0.5, 0.5), (0.3, 0.3), (0.3, 0.3)) == 0


@given(points, points, points, points)
def test_crossing_does_not_ask_who_goes_which_way(p, q, a, b):
    assume(min(abs(side(x, y, z)) for x, y, z in ((p, a, b), (q, a, b), (a, p, q), (b, p, q))) > 1e-6)
    assert segments_cross(p, q, a, b) == segments_cross(q, p, b, a)


def test_passing_beyond_the_end_of_a_line_is_no_crossing():
    assert segments_cross((0.5, 0.2), (0.5, 0.8), (0.2, 0.5), (0.8, 0.5))
    assert not segments_cross((0.9, 0.2), (0.9, 0.8), (0.2, 0.5), (0.8, 0.5))


@example([(1.0, 1.0), (1.0, 0.5), (1.0, 0.35)], (360, 640))
@example([(0.58, 0.8055555555555556), (0.183203125, 0.12367198603038199), (0.48193359375, 0.47451171875)], (97, 131))
@given(
    st.lists(points, min_size=3, max_size=8).filter(lambda p: len(set(p)) >= 3),
    st.sampled_from([(90, 160), (360, 640), (97, 131)]),
)
def test_no_pixel_a_mask_touches_stays_visible(polygon, size):
    height, width = size
    hidden = masked_cells([tuple(polygon)], height, width)
    for x, y in polygon:
        assert hidden[min(height - 1, int(y * height)), min(width - 1, int(x * width))]
    rows, columns = np.meshgrid(np.arange(0, height, 7), np.arange(0, width, 7), indexing="ij")
    for row, column in zip(rows.ravel(), columns.ravel(), strict=True):
        if inside(((column + 0.5) / width, (row + 0.5) / height), tuple(polygon)):
            assert hidden[row, column]


def test_a_mask_hides_little_more_than_asked():
    hidden = masked_cells([((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))], 360, 640)
    assert hidden[90:270, 160:480].all()
    assert not hidden[:87].any()
    assert not hidden[:, :157].any()
    assert math.isclose(hidden.mean(), 0.25, rel_tol=0.05)
    assert masked_cells([], 9, 16).sum() == 0
    assert area(WHOLE) == 1

"""Where the detector looks."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.crops import due, plan
from detectors.facts import Box, Detection
from detectors.geometry import WHOLE, area, covered
from detectors.tracker import Tracker

spans = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).filter(lambda s: s[1] - s[0] > 0.01)
regions = st.builds(lambda x, y: Box(x[0], y[0], x[1], y[1]), spans, spans)
sizes = st.sampled_from([(640, 360), (768, 576), (1920, 1080), (352, 288), (320, 180), (240, 480)])


@given(st.lists(regions, max_size=8), sizes)
def test_crops_lie_in_the_picture_and_are_at_most_two(wanted, size):
    width, height = size
    crops = plan(wanted, width, height)
    assert bool(crops) == bool(wanted)
    assert len(crops) <= 2
    for crop in crops:
        assert 0 <= crop.x0 < crop.x1 <= 1
        assert 0 <= crop.y0 < crop.y1 <= 1
        assert (crop.x1 - crop.x0) * width >= min(width, 320) - 1
        assert (crop.y1 - crop.y0) * height >= min(height, 320) - 1


@given(regions, sizes)
def test_a_lone_region_lies_in_its_crop(region, size):
    assert covered(region, plan([region], *size)[0]) > 0.999


def test_neighbours_share_a_crop_and_strangers_do_not():
    near = [Box(0.40, 0.4, 0.44, 0.5), Box(0.47, 0.4, 0.50, 0.5)]
    assert len(plan(near, 1280, 720)) == 1
    assert len(plan([Box(0.05, 0.1, 0.08, 0.2), Box(0.9, 0.8, 0.95, 0.9)], 1280, 720)) == 2


def test_many_tall_things_are_seen_in_one_view_and_small_ones_are_not():
    tall = [Box(x, 0.3, x + 0.08, 0.6) for x in (0.02, 0.45, 0.9)]
    assert plan(tall, 1280, 720) == (WHOLE,)
    small = [Box(x, 0.3, x + 0.02, 0.36) for x in (0.02, 0.45, 0.9)]
    assert len(plan(small, 1280, 720)) == 2
    assert all(area(c) < 0.3 for c in plan(small, 1280, 720))


def test_a_small_picture_is_seen_whole():
    assert plan([Box(0.1, 0.1, 0.2, 0.2)], 320, 180) == (WHOLE,)


def test_what_is_known_is_looked_at_less_often():
    tracker, box = Tracker(16 / 9), Box(0.4, 0.4, 0.5, 0.7)
    for i in range(3):
        assert due([box], tracker.tracks, i / 5) == [box]
        tracker.see(i / 5, [Detection("person", 0.7, box)], (WHOLE,))
    assert due([box], tracker.tracks, 0.6) == []
    assert due([box], tracker.tracks, 0.8) == [box]
    assert due([Box(0.4, 0.4, 0.8, 0.7)], tracker.tracks, 0.6) == [Box(0.4, 0.4, 0.8, 0.7)]


def test_what_is_new_is_looked_at_before_what_is_known():
    tracker, known, new = Tracker(16 / 9), Box(0.05, 0.4, 0.1, 0.7), Box(0.8, 0.4, 0.85, 0.7)
    for i in range(3):
        tracker.see(i / 5, [Detection("person", 0.7, known)], (WHOLE,))
    tracker.feel(0.8, [known, new])
    assert due([known, new], tracker.tracks, 0.8) == [new, known]
    tracker.see(0.8, [], (new,))
    newer = Box(0.45, 0.4, 0.5, 0.7)
    assert due([known, new, newer], tracker.tracks, 1.0) == [newer, new, known]


def test_no_more_crops_than_may_be_asked_for_and_the_first_first():
    far = [Box(0.9, 0.8, 0.95, 0.9), Box(0.05, 0.1, 0.08, 0.2)]
    (crop,) = plan(far, 1280, 720, 1)
    assert covered(far[0], crop) > 0.999
    assert plan(far, 1280, 720, 0) == ()


def test_what_was_looked_at_in_vain_is_looked_at_less_often():
    tracker, box = Tracker(16 / 9), Box(0.4, 0.4, 0.5, 0.7)
    tracker.feel(0.0, [box])
    for i in range(1, 9):
        assert due([box], tracker.tracks, i / 5) == [box]
        tracker.see(i / 5, [], (WHOLE,))
        tracker.feel(i / 5, [box])
    assert due([box], tracker.tracks, 1.8) == []
    assert due([box], tracker.tracks, 2.0) == [box]

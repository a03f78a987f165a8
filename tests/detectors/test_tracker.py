"""Tracks: one thing keeps one track, two things never share one."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.facts import Box, Detection
from detectors.geometry import WHOLE
from detectors.labels import UNKNOWN
from detectors.tracker import Tracker, pairs

ASPECT = 16 / 9


def person(x: float, y: float = 0.5, score: float = 0.7, label: str = "person") -> Detection:
    return Detection(label, score, Box(x, y, x + 0.06, y + 0.25))


def follow(tracker, frames, fps=5.0):
    """Feed lists of detections as looks over the whole picture; returns the numbers met each time."""
    met = []
    for i, detections in enumerate(frames):
        met.append([t.number for t in tracker.see(i / fps, detections, (WHOLE,))])
        tracker.feel(i / fps, ())
    return met


def test_a_walker_is_one_track_and_known_after_three_hits():
    tracker = Tracker(ASPECT)
    for i in range(10):
        (track,) = tracker.see(i / 5, [person(0.1 + 0.02 * i)], (WHOLE,))
        assert track.number == 1
        assert track.confirmed == (i >= 2)
        assert (track.label, track.group) == (("person", "person") if i >= 2 else (UNKNOWN, UNKNOWN))
    assert track.score == pytest.approx(0.7)
    assert track.travelled(ASPECT) == pytest.approx(0.18 * ASPECT / (0.06 * 0.25 * ASPECT) ** 0.5, rel=0.15)
    assert track.straightness(ASPECT) > 0.9


def test_a_fast_thing_whose_boxes_do_not_overlap_is_one_track():
    met = follow(Tracker(ASPECT), [[person(0.05 + 0.07 * i)] for i in range(10)])
    assert met == [[1]] * 10


def test_two_who_cross_keep_their_tracks():
    frames = [[person(0.1 + 0.03 * i, 0.50), person(0.7 - 0.03 * i, 0.58)] for i in range(20)]
    tracker = Tracker(ASPECT)
    follow(tracker, frames)
    assert len(tracker.tracks) == 2
    first = min(tracker.tracks, key=lambda t: t.number)
    assert first.box.x0 == pytest.approx(0.1 + 0.03 * 19, abs=0.03)


def test_weak_answers_continue_a_track():
    assert follow(Tracker(ASPECT), [[person(0.1 + 0.02 * i, score=0.7 if i % 2 else 0.32)] for i in range(10)])[-1] == [
        1
    ]


def test_a_track_ends_after_its_memory_and_a_newcomer_is_new():
    tracker = Tracker(ASPECT)
    follow(tracker, [[person(0.4)] for _ in range(5)])
    assert tracker.feel(0.8 + 1.5, ()) == []
    (ended,) = tracker.feel(0.8 + 1.7, ())
    assert ended.number == 1
    (newcomer,) = tracker.see(3.0, [person(0.4)], (WHOLE,))
    assert newcomer.number == 2


def test_a_person_and_a_car_never_share_a_track():
    tracker = Tracker(ASPECT)
    box = Box(0.4, 0.4, 0.6, 0.6)
    for i in range(4):
        tracker.see(i / 5, [Detection("person", 0.7, box)], (WHOLE,))
    (met,) = tracker.see(0.8, [Detection("car", 0.7, box)], (WHOLE,))
    assert met.number == 2


def test_a_rider_is_a_two_wheeler_though_the_person_is_seen_more_often():
    tracker = Tracker(ASPECT)
    for i in range(9):
        tracker.see(i / 5, [person(0.1 + 0.02 * i, label="bicycle" if i % 3 == 0 else "person")], (WHOLE,))
    assert [(t.group, t.label) for t in tracker.tracks] == [("two_wheeler", "bicycle")]


def test_regions_carry_a_thing_between_looks_but_not_for_ever():
    tracker = Tracker(ASPECT)
    for i in range(4):
        tracker.see(i / 5, [person(0.1 + 0.02 * i)], (WHOLE,))
        tracker.feel(i / 5, [person(0.1 + 0.02 * i).box])
    for i in range(4, 20):
        tracker.feel(i / 5, [person(0.1 + 0.02 * i).box])
    (track,) = tracker.tracks
    assert track.number == 1
    assert track.box.x0 == pytest.approx(0.1 + 0.02 * 19, abs=0.02)
    for i in range(20, 40):
        tracker.see(i / 5, [], (WHOLE,))
        tracker.feel(i / 5, [person(0.1 + 0.02 * i).box])
    assert all(t.number != 1 for t in tracker.tracks)


def test_a_region_alone_makes_an_unknown_track_that_a_detection_names():
    tracker = Tracker(ASPECT)
    for i in range(6):
        tracker.feel(i / 5, [person(0.1 + 0.03 * i).box])
    (track,) = tracker.tracks
    assert (track.group, track.looks, track.votes) == (UNKNOWN, track.looks, {})
    before = track.travelled(ASPECT)
    for i in range(6, 9):
        tracker.see(i / 5, [person(0.1 + 0.03 * i)], (WHOLE,))
        tracker.feel(i / 5, [])
    assert [t.number for t in tracker.tracks] == [track.number]
    assert track.group == "person"
    assert track.travelled(ASPECT) > before


def test_an_edge_at_the_border_stays_there_while_the_thing_comes_in():
    tracker = Tracker(ASPECT)
    for i in range(5):
        tracker.feel(i / 5, [Box(0.3, 0.9 - 0.1 * i, 0.5, 1.0)])
    tracker.see(0.8, [Detection("car", 0.5, Box(0.32, 0.5, 0.48, 0.9))], (WHOLE,))
    (track,) = tracker.tracks
    assert {s.box.y1 for s in track.path[:5]} == {1.0}
    assert track.comes_in(ASPECT)
    assert track.way(ASPECT) == pytest.approx(0.3, abs=0.08)


def test_a_thing_half_named_is_still_followed_by_its_region():
    """Two looks named a car that comes in; then the detector is at a loss, and the car is thrice the size."""
    tracker = Tracker(ASPECT)
    for i in range(10):
        box = Box(0.3, 0.0, 0.45, 0.1 + 0.08 * i)
        tracker.see(i / 5, [Detection("car", 0.5, box)] if i in (1, 2) else [], (WHOLE,))
        tracker.feel(i / 5, [box])
    (track,) = tracker.tracks
    assert track.box.y1 == pytest.approx(0.82, abs=0.06)
    assert track.seen == 1.8


def test_naming_a_region_does_not_pretend_travel():
    """A detector's box differs from the region's outline: the difference is no way the thing went."""
    tracker = Tracker(ASPECT)
    region, box = Box(0.30, 0.60, 0.36, 0.75), Box(0.28, 0.40, 0.40, 0.75)
    for i in range(4):
        tracker.feel(i / 5, [region])
    for i in range(4, 8):
        tracker.see(i / 5, [Detection("person", 0.7, box)], (WHOLE,))
    (track,) = [t for t in tracker.tracks if t.confirmed]
    assert track.travelled(ASPECT) < 0.2


def test_a_region_over_two_known_things_moves_neither():
    tracker = Tracker(ASPECT)
    for i in range(4):
        tracker.see(i / 5, [person(0.4), person(0.48)], (WHOLE,))
    before = {t.number: t.box for t in tracker.tracks}
    tracker.feel(0.8, [Box(0.40, 0.5, 0.60, 0.75)])
    assert {t.number: t.box for t in tracker.tracks} == before


def test_a_brief_region_is_forgotten_soon():
    tracker = Tracker(ASPECT)
    tracker.feel(0.0, [Box(0.1, 0.1, 0.2, 0.2)])
    (ended,) = tracker.feel(0.8, ())
    assert ended.updates == 1


def test_a_late_answer_corrects_without_going_back():
    tracker = Tracker(ASPECT)
    for i in range(5):
        tracker.see(i / 5, [person(0.1 + 0.04 * i)], (WHOLE,))
    (track,) = tracker.tracks
    tracker.feel(1.2, [person(0.1 + 0.04 * 6).box])
    at = track.at
    tracker.see(1.0, [person(0.1 + 0.04 * 5)], (WHOLE,))
    assert track.at == at == 1.2
    assert track.box.x0 == pytest.approx(0.1 + 0.04 * 6, abs=0.02)
    assert [s.at for s in track.path] == sorted(s.at for s in track.path)


def test_a_look_elsewhere_is_no_miss():
    tracker = Tracker(ASPECT)
    tracker.see(0.0, [person(0.1)], (WHOLE,))
    tracker.see(0.2, [], (Box(0.6, 0, 1, 1),))
    assert list(tracker.tracks[0].looks) == [True]
    tracker.see(0.4, [], (Box(0, 0, 0.5, 1),))
    assert list(tracker.tracks[0].looks) == [True, False]
    assert tracker.tracks[0].misses == 1


walks = st.tuples(st.floats(0.02, 0.3), st.floats(-0.02, 0.03), st.floats(0.0, 0.02))


@settings(max_examples=150, deadline=None)
@given(
    walks,
    walks,
    st.lists(st.tuples(st.booleans(), st.booleans()), min_size=8, max_size=40),
    st.sampled_from([3, 5, 8, 15]),
)
def test_far_apart_things_never_share_a_track(upper, lower, seen, fps):
    """Two walkers half a picture apart, each seen or missed at random, in noise: no track holds both."""
    tracker = Tracker(ASPECT)
    random = np.random.default_rng(0)
    owner: dict[int, int] = {}
    for i, flags in enumerate(seen):
        found, who = [], []
        for index, (start, pace, shake) in enumerate((upper, lower)):
            if flags[index]:
                x = start + pace * i + random.uniform(-shake, shake)
                found.append(person(x, 0.05 if index == 0 else 0.65))
                who.append(index)
        for track in tracker.see(i / fps, found, (WHOLE,)):
            index = 0 if track.last.box.y0 < 0.3 else 1
            assert owner.setdefault(track.number, index) == index
        tracker.feel(i / fps, [d.box for d in found])
        for track in tracker.tracks:
            assert abs(track.box.y0 - (0.05 if owner.get(track.number, 0) == 0 else 0.65)) < 0.3 or not track.votes
            assert len(track.path) <= 64
            assert 0 <= track.straightness(ASPECT) <= 1


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=6))
def test_pairs_are_one_to_one_and_best_first(rows):
    overlaps = np.array(rows)
    matched = pairs(overlaps)
    assert len({i for i, _ in matched}) == len({j for _, j in matched}) == len(matched)
    values = [overlaps[i, j] for i, j in matched]
    assert values == sorted(values, reverse=True)
    assert all(v >= 0.1 for v in values)
    left = set(itertools.product(range(len(rows)), range(3)))
    left -= {(i, j) for i, j in left if any(i == a or j == b for a, b in matched)}
    assert all(overlaps[i, j] < 0.1 for i, j in left)


def test_finish_ends_all():
    tracker = Tracker(ASPECT)
    tracker.see(0.0, [person(0.1), person(0.5)], (WHOLE,))
    assert len(tracker.finish()) == 2
    assert tracker.tracks == []

"""One box per thing."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.detections import distinct, riders
from detectors.facts import Box, Detection

spans = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).filter(lambda s: s[1] - s[0] > 0.01)
some = st.lists(
    st.builds(
        lambda label, score, x, y: Detection(label, score, Box(x[0], y[0], x[1], y[1])),
        st.sampled_from(["person", "bicycle", "motorcycle", "car", "truck", "dog"]),
        st.floats(0.3, 1),
        spans,
        spans,
    ),
    max_size=8,
)


def test_who_rides_is_one_thing_under_the_machines_label():
    person, bicycle = Box(0.4, 0.2, 0.5, 0.5), Box(0.38, 0.35, 0.52, 0.6)
    (one,) = riders([Detection("person", 0.8, person), Detection("bicycle", 0.5, bicycle)])
    assert (one.label, one.score) == ("bicycle", 0.8)
    assert one.box == Box(0.38, 0.2, 0.52, 0.6)


def test_who_walks_past_a_parked_bicycle_stays_a_person():
    person, bicycle = Box(0.4, 0.2, 0.5, 0.6), Box(0.48, 0.45, 0.62, 0.62)
    found = riders([Detection("person", 0.8, person), Detection("bicycle", 0.5, bicycle)])
    assert {d.label for d in found} == {"person", "bicycle"}


def test_a_person_beside_the_rider_stays():
    rider, walker = Box(0.4, 0.2, 0.5, 0.5), Box(0.6, 0.2, 0.7, 0.6)
    bicycle = Detection("bicycle", 0.5, Box(0.38, 0.35, 0.52, 0.6))
    found = riders([Detection("person", 0.8, walker), Detection("person", 0.7, rider), bicycle])
    assert sorted(d.label for d in found) == ["bicycle", "person"]


def test_one_box_under_two_labels_is_the_surer_one():
    box = Box(0.1, 0.1, 0.5, 0.5)
    assert [d.label for d in distinct([Detection("truck", 0.4, box), Detection("car", 0.6, box)])] == ["car"]
    assert [d.label for d in distinct([Detection("dog", 0.4, box), Detection("car", 0.6, box)])] == ["car"]


def test_a_part_goes_and_a_neighbour_stays():
    whole, part, neighbour = Box(0.1, 0.1, 0.3, 0.7), Box(0.12, 0.1, 0.28, 0.3), Box(0.28, 0.1, 0.48, 0.7)
    found = distinct([Detection("person", s, b) for s, b in ((0.8, whole), (0.5, part), (0.6, neighbour))])
    assert [d.box for d in found] == [whole, neighbour]


@given(some)
def test_nothing_is_invented_and_the_best_survives(detections):
    kept = distinct(detections)
    assert all(d in detections for d in kept)
    assert len(kept) <= len(detections)
    if detections:
        assert max(d.score for d in kept) == max(d.score for d in detections)
    assert distinct(kept) == kept
    assert len(riders(detections)) <= len(detections)

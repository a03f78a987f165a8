"""The scorer itself, and the marks the detectors must keep on labelled recordings (HUB_FOOTAGE names their folder)."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from camera_hub.watch.occurrence import Occurrence
from detectors.facts import Box
from detectors.objects import load
from registry.model import EventKind, LabelGroup
from tools.quality import watch
from tools.scoring import EPOCH, Thing, Told, Truth, score, truths

CAR = Thing("car, top to bottom", frozenset({"vehicle"}), 2.0, 6.0, 1)
WALKER = Thing("pedestrian", frozenset({"person"}), 3.0, 8.0)


def told(group: str, start: float, end: float, *, down: bool = True) -> Told:
    path = ((0.5, 0.1), (0.5, 0.9)) if down else ((0.5, 0.9), (0.5, 0.1))
    at = [EPOCH + timedelta(seconds=s) for s in (start, end)]
    kind = EventKind.UNKNOWN_MOVING if group == "unknown" else EventKind.OBJECT
    one = Occurrence(
        uuid4(), 1, kind, "r", "r", group, LabelGroup(group), 0.5, Box(0, 0, 1, 1), path, None, at[0], at[1], at[1], None, None
    )  # fmt: skip
    return Told(start + 1.0, [one])


def test_one_event_finds_one_thing():
    both = Truth((CAR, Thing("car, top to bottom", CAR.groups, 2.0, 6.0, 1)), ())
    scored = score([told("vehicle", 2.0, 6.0)], both)
    assert (scored.found, scored.things) == (1, 2)
    assert score([told("vehicle", 2.0, 6.0), told("vehicle", 2.2, 5.8)], both).found == 2


def test_the_wrong_group_or_way_finds_nothing_and_unknown_is_not_named():
    truth = Truth((CAR,), ())
    assert score([told("person", 2, 6)], truth).found == 0
    assert score([told("vehicle", 2, 6, down=False)], truth).found == 0
    unknown = score([told("unknown", 2, 6)], truth)
    assert (unknown.found, unknown.named) == (1, 0)


def test_surplus_stray_and_overlong_events_are_counted():
    events = [told("person", 3, 5), told("person", 5.2, 8), told("person", 20, 22), told("person", 3, 14)]
    scored = score(events, Truth((WALKER,), ((15.0, 30.0),)))
    assert (scored.found, scored.matched, scored.events, scored.in_empty) == (1, 3, 4, 1)
    assert score([told("person", 3, 12)], Truth((WALKER,), ())).outside == 1


def test_delay_counts_from_when_the_thing_came_and_from_when_it_was_in_sight():
    """At 3.6 s a few pixels move where the event begins, at 3.8 s a car elsewhere, at 4.0 s the thing."""
    sliver, elsewhere, thing = Box(0.5, 0, 0.52, 0.1), Box(0.7, 0, 0.9, 0.3), Box(0.48, 0, 0.58, 0.15)
    moved = [(3.6, (sliver,)), (3.8, (sliver, elsewhere)), (4.0, (thing,))]
    scored = score([told("person", 3.5, 8)], Truth((WALKER,), ()), moved)
    assert scored.delays == [1.5]
    assert scored.from_sight == [0.5]


@pytest.fixture(scope="module")
def footage() -> Path:
    folder = Path(os.environ.get("HUB_FOOTAGE", "no footage"))
    if not (folder / "labels.json").is_file():
        pytest.skip("needs footage: labelled recordings; HUB_FOOTAGE names a folder of them with a labels.json")
    return folder


@pytest.mark.footage
@pytest.mark.parametrize(
    ("clip", "named", "found"),
    [
        ("intel_person_bicycle_car.mp4", 5, 5),
        ("intel_car_detection.mp4", 2, 4),
        ("wildcam_nutria.avi", 0, 1),
        ("opencv_tree_wind.avi", 0, 0),
    ],
)
def test_the_marks_on_labelled_recordings(footage, clip, named, found):
    truth = truths(footage)[clip]
    watched = watch(footage / clip, load())
    scored = score(watched.events, truth)
    assert scored.named >= named
    assert scored.found >= found
    assert scored.in_empty == 0
    assert scored.outside == 0
    assert watched.counts.calls <= 7 * watched.length


@pytest.mark.footage
def test_busy_footage_keeps_to_its_calls_and_every_event_is_a_person(vtest):
    watched = watch(vtest, load())
    assert watched.counts.calls <= 7 * watched.length
    assert len(watched.events) >= 15
    assert sum(e.last.group is LabelGroup.PERSON for e in watched.events) >= 0.9 * len(watched.events)

"""Frames to occurrences, on made pictures and a detector that truly looks at the pixels it gets."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_hub.stream.packet import Frame
from camera_hub.watch.inference import DirectInference, Look
from camera_hub.watch.pipeline import Pipeline
from detectors.facts import Box, Detection
from registry.model import EventKind, LabelGroup

WIDTH, HEIGHT = 640, 360
START = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
OBJECT = {"id": "o", "name": "object", "kind": "object", "groups": ["person", "vehicle"], "min_score": 0.3}
UNKNOWN = {"id": "u", "name": "unknown", "kind": "unknown_moving", "groups": ["unknown"]}
SCENE = {"masks": [], "zones": [], "lines": [], "rules": [OBJECT, UNKNOWN]}
LEFT_HALF = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]


class Bright:
    """A detector of white things: one detection round all white pixels of a picture; `blind` finds nothing."""

    name = "bright"

    def __init__(self) -> None:
        self.calls = 0
        self.blind = False
        self.seen: list[np.ndarray] = []

    def detect(self, rgb):
        self.calls += 1
        self.seen.append(rgb)
        ys, xs = np.nonzero(rgb.min(axis=2) > 240)
        if self.blind or not xs.size:
            return []
        height, width = rgb.shape[:2]
        edges = (xs.min() / width, ys.min() / height, (xs.max() + 1) / width, (ys.max() + 1) / height)
        return [Detection("person", 0.8, Box(*map(float, edges)))]


def street(seed=3):
    random = np.random.default_rng(seed)
    return np.kron(random.integers(40, 160, (18, 32)), np.ones((20, 20))).astype(np.uint8)


def frame(at, grey):
    luma = grey.astype(np.uint8)
    return Frame(at, at, luma, lambda: np.repeat(luma[..., None], 3, axis=2))


class Camera:
    """A pipeline fed with made pictures, and what it said."""

    def __init__(self, scene=SCENE, *, fps=5.0, tz=UTC, inference=None) -> None:
        self.detector = Bright()
        self.inference = inference or DirectInference(self.detector, 50, lambda: self.now)
        self.pipeline = Pipeline(scene, self.inference, analysis_fps=fps, tz=tz)
        self.background = street()
        self.noise = np.random.default_rng(1)
        self.now = 0.0
        self.said = []

    def show(self, x=None, *, y=120, gain=1.0, apart=0.2, background=None):
        picture = (self.background if background is None else background) * gain
        picture = np.clip(picture + self.noise.normal(0, 2, picture.shape), 0, 235)
        if x is not None:
            picture[y : y + 80, max(0, int(x)) : max(0, int(x) + 32)] = 250
        said = self.pipeline.step(frame(self.now, picture), START + timedelta(seconds=self.now))
        self.said += said
        self.now += apart
        return said

    def walk(self, start, end, steps, **more):
        for i in range(steps):
            self.show(start + (end - start) * i / (steps - 1), **more)

    def quiet(self, seconds=3.0):
        for _ in range(int(seconds / 0.2)):
            self.show()

    def by_event(self):
        events = {}
        for one in self.said:
            events.setdefault(one.id, []).append(one)
        return list(events.values())


def test_a_walker_is_one_event_told_opened_updated_and_closed():
    camera = Camera()
    camera.quiet()
    camera.walk(60, 500, 25)
    camera.quiet()
    (told,) = camera.by_event()
    first, last = told[0], told[-1]
    assert [one.revision for one in told] == list(range(1, len(told) + 1))
    assert (first.kind, first.rule_id, first.label, first.group) == (EventKind.OBJECT, "o", "person", LabelGroup.PERSON)
    assert first.updated_at - first.started_at <= timedelta(seconds=1)
    assert timedelta(seconds=3) <= first.started_at - START <= timedelta(seconds=3.6)
    assert [one.ended_at is None for one in told] == [True] * (len(told) - 1) + [False]
    assert 7 <= (last.ended_at - START).total_seconds() <= 8.4
    assert 4 <= len(told) <= 9
    assert last.path[0][0] < 0.3
    assert last.path[-1][0] > 0.7
    assert len(last.path) <= 64


def test_the_box_is_where_the_thing_is_in_its_picture():
    camera = Camera()
    camera.quiet()
    camera.walk(0, 500, 25)
    told = [one for one in camera.said if one.picture is not None]
    assert told
    for one in told:
        assert one.picture.shape == (HEIGHT, WIDTH, 3)
        ys, xs = np.nonzero(one.picture.min(axis=2) > 240)
        assert one.box.x0 == pytest.approx(xs.min() / WIDTH, abs=0.02)
        assert one.box.x1 == pytest.approx((xs.max() + 1) / WIDTH, abs=0.02)
        assert one.box.y1 == pytest.approx((ys.max() + 1) / HEIGHT, abs=0.03)
        assert one.picture_at <= one.updated_at


def test_no_event_without_its_picture():
    camera = Camera()
    camera.detector.blind = True
    camera.quiet()
    camera.walk(20, 600, 25)
    (told,) = camera.by_event()
    assert told[0].kind is EventKind.UNKNOWN_MOVING
    assert told[0].picture is not None
    assert told[0].picture_at == told[0].updated_at


def test_an_unknown_thing_that_is_recognised_stays_one_event():
    camera = Camera()
    camera.quiet()
    camera.detector.blind = True
    camera.walk(20, 320, 14)
    camera.detector.blind = False
    camera.walk(340, 600, 12)
    camera.quiet()
    (told,) = camera.by_event()
    assert [told[0].kind, told[-1].kind] == [EventKind.UNKNOWN_MOVING, EventKind.OBJECT]
    assert [told[0].group, told[-1].group] == [LabelGroup.UNKNOWN, LabelGroup.PERSON]
    assert told[-1].rule_id == "o"


def test_a_ramp_of_light_does_not_call_the_detector():
    camera = Camera()
    for gain in np.concatenate([np.linspace(1, 1.4, 40), np.linspace(1.4, 0.5, 60)]):
        camera.show(gain=gain)
    assert camera.detector.calls == 0
    assert camera.said == []


def test_a_still_scene_does_not_call_the_detector():
    camera = Camera()
    camera.quiet(20)
    assert camera.detector.calls == 0


def test_what_is_masked_is_never_seen():
    camera = Camera({**SCENE, "masks": [LEFT_HALF]})
    camera.quiet()
    camera.walk(0, 250, 20)
    assert camera.detector.calls == 0
    camera.walk(250, 600, 20)
    assert camera.detector.calls > 0
    pictures = [one.picture for one in camera.said if one.picture is not None]
    assert pictures
    for picture in pictures:
        assert not picture[:, : WIDTH // 2].any()
        assert picture[:, WIDTH // 2 + 4 :].any()
    assert all(not seen[:, : max(0, seen.shape[1] - 320)].any() for seen in camera.detector.seen if seen.shape[1] > 320)
    assert all(point[0] >= 0.49 for one in camera.said for point in one.path)


def test_a_mask_change_of_the_hidden_part_changes_nothing():
    calm, wild = Camera({**SCENE, "masks": [LEFT_HALF]}), Camera({**SCENE, "masks": [LEFT_HALF]})
    random = np.random.default_rng(2)
    for i in range(40):
        wild.background = street().copy()
        wild.background[:, : WIDTH // 2] = random.integers(0, 200, (HEIGHT, WIDTH // 2))
        for camera in (calm, wild):
            camera.show(None if i < 10 else 330 + 9 * (i - 10))
    assert calm.detector.calls == wild.detector.calls > 0
    for a, b in zip(calm.detector.seen, wild.detector.seen, strict=True):
        assert np.array_equal(a, b)


class Slow:
    """An inference whose answers come when told; what was asked waits."""

    name = "slow"

    def __init__(self, detector, steps):
        self.detector, self.steps, self.waiting, self.asked = detector, steps, [], 0

    def submit(self, crops):
        look = Look(crops)
        self.waiting.append([self.steps, look, crops])
        self.asked += 1
        return look

    def tick(self):
        for entry in list(self.waiting):
            entry[0] -= 1
            if entry[0] <= 0:
                from camera_hub.watch.inference import answer

                entry[1].settle(answer(self.detector, entry[2]))
                self.waiting.remove(entry)


def test_an_answer_that_never_comes_blocks_nothing():
    slow = Slow(Bright(), 10**6)
    camera = Camera(inference=slow)
    camera.quiet()
    camera.walk(20, 600, 30)
    assert slow.asked == 1
    assert [told[0].kind for told in camera.by_event()] == [EventKind.UNKNOWN_MOVING]


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_late_answers_still_make_one_event(steps):
    slow = Slow(Bright(), steps)
    camera = Camera({**SCENE, "rules": [OBJECT]}, inference=slow)
    camera.quiet()
    for i in range(40):
        slow.tick()
        camera.show(20 + 14 * i)
    for _ in range(20):
        slow.tick()
        camera.show()
    (told,) = camera.by_event()
    assert told[-1].ended_at is not None


def test_an_answer_between_frames_is_told_at_once_and_dated_by_its_picture():
    slow = Slow(Bright(), 1)
    camera = Camera(inference=slow)
    camera.quiet()
    heard = []
    for i in range(12):
        assert camera.pipeline.hear(START) == []
        camera.show(100 + 20 * i)
        slow.tick()
        heard += camera.pipeline.hear(START + timedelta(seconds=camera.now - 0.2))
    assert camera.said == [] or camera.said[0].id == heard[0].id
    first = heard[0]
    assert (first.revision, first.kind) == (1, EventKind.OBJECT)
    assert first.picture is not None
    assert first.picture_at == first.updated_at
    assert timedelta(seconds=0.4) <= first.updated_at - first.started_at <= timedelta(seconds=0.6)


def test_a_dropped_look_is_asked_again():
    class Refusing(Slow):
        def submit(self, crops):
            look = super().submit(crops)
            if self.asked == 1:
                look.settle(None)
                self.waiting.clear()
            return look

    slow = Refusing(Bright(), 1)
    camera = Camera(inference=slow)
    camera.quiet()
    for i in range(20):
        slow.tick()
        camera.show(20 + 20 * i)
    assert slow.asked > 5
    assert camera.said


@pytest.mark.parametrize("apart", [1 / 30, 1 / 15, 1 / 12, 1 / 8])
def test_frames_beyond_the_analysis_rate_are_passed_over(apart):
    camera = Camera()
    looked = 0
    for _ in range(round(10 / apart)):
        camera.pipeline.motion = None
        camera.show(apart=apart)
        looked += camera.pipeline.motion is not None
    assert 47 <= looked <= 53


def test_keyframes_alone_still_make_an_event():
    camera = Camera()
    for _ in range(8):
        camera.show(apart=1.0)
    for i in range(8):
        camera.show(40 + 25 * i, apart=1.0)
    assert [told[0].kind for told in camera.by_event()] == [EventKind.OBJECT]


def test_another_size_or_an_earlier_time_closes_and_goes_on():
    camera = Camera()
    camera.quiet()
    camera.walk(60, 300, 12)
    assert camera.said[-1].ended_at is None
    small = np.ascontiguousarray(street()[::2, ::2])
    said = camera.pipeline.step(frame(camera.now, small), START + timedelta(seconds=camera.now))
    assert [one.ended_at is not None for one in said] == [True]
    camera.said.clear()
    camera.now = 1.0
    camera.quiet()
    camera.walk(60, 300, 12)
    assert len(camera.by_event()) == 1
    camera.now = 0.0
    assert [one.ended_at is not None for one in camera.show()] == [True]


def test_finish_closes_what_is_open():
    camera = Camera()
    camera.quiet()
    camera.walk(60, 300, 12)
    (last,) = camera.pipeline.finish(START + timedelta(seconds=camera.now))
    assert last.id == camera.said[0].id
    assert last.revision == camera.said[-1].revision + 1
    assert START < last.started_at < last.ended_at <= START + timedelta(seconds=camera.now)
    assert camera.pipeline.finish(START) == []


@pytest.mark.parametrize(("zone", "events"), [("UTC", 0), ("Asia/Shanghai", 1)])
def test_schedules_are_local(zone, events):
    """04:00 UTC is noon in Shanghai."""
    rule = {**OBJECT, "schedule": {"from_minute": 11 * 60, "to_minute": 13 * 60}}
    camera = Camera({**SCENE, "rules": [rule]}, tz=ZoneInfo(zone))
    camera.quiet()
    camera.walk(60, 400, 20)
    assert len(camera.by_event()) == events


def test_zones_and_lines_fire_with_their_names():
    scene = {
        "zones": [{"id": "yard", "name": "yard", "points": [[0.5, 0.2], [0.95, 0.2], [0.95, 0.9], [0.5, 0.9]]}],
        "lines": [{"id": "gate", "name": "gate", "a": [0.4, 1.0], "b": [0.4, 0.0]}],
        "rules": [
            {"id": "z", "name": "in the yard", "kind": "zone_entered", "zone": "yard", "groups": ["person"]},
            {"id": "l", "name": "through the gate", "kind": "line_crossed", "line": "gate", "groups": [], "labels": []},
            {"id": "off", "name": "off", "kind": "object", "groups": ["person"], "enabled": False},
        ],
    }
    camera = Camera(scene)
    camera.quiet()
    camera.walk(60, 500, 25)
    first = {told[0].rule_id: told[0] for told in camera.by_event()}
    assert set(first) == {"z", "l"}
    assert (first["z"].kind, first["z"].rule_name, first["z"].direction) == (
        EventKind.ZONE_ENTERED,
        "in the yard",
        None,
    )
    assert (first["l"].kind, first["l"].direction) == (EventKind.LINE_CROSSED, "in")
    assert first["z"].started_at > START + timedelta(seconds=3.5)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.sampled_from([True, True, False])), min_size=5, max_size=30))
def test_whatever_comes_every_event_is_well_formed(steps):
    camera = Camera()
    camera.quiet(1)
    for x, there in steps:
        camera.show(x if there else None)
    camera.said += camera.pipeline.finish(START + timedelta(seconds=camera.now))
    for told in camera.by_event():
        assert [one.revision for one in told] == list(range(1, len(told) + 1))
        assert [one.ended_at is not None for one in told] == [False] * (len(told) - 1) + [True]
        assert told[0].picture is not None
        for one in told:
            assert one.started_at <= one.updated_at <= START + timedelta(seconds=camera.now)
            assert 0 <= one.box.x0 <= one.box.x1 <= 1
            assert all(0 <= v <= 1 for point in one.path for v in point)
            assert 0 <= one.score <= 1

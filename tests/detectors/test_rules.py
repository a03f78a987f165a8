"""Rules: what makes a finding, once, and what ends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.facts import Box, Detection
from detectors.geometry import WHOLE
from detectors.rules import Rule, RuleBook, RuleKind
from detectors.tracker import Tracker
from registry.model import EventKind

ASPECT = 16 / 9
FPS = 5
NOON = 720


def rule(kind="object", **more) -> Rule:
    more.setdefault("groups", frozenset({"person", "two_wheeler", "vehicle", "animal"}))
    return Rule(id=more.pop("id", kind), name=kind, kind=RuleKind(kind), **more)


UNKNOWN_RULE = rule("unknown_moving", groups=frozenset({"unknown"}))


class Street:
    """A tracker and a rule book fed with one thing's way; keeps what opened and closed."""

    def __init__(self, *rules: Rule) -> None:
        self.tracker = Tracker(ASPECT)
        self.book = RuleBook(rules, ASPECT)
        self.now = 0.0
        self.opened, self.closed = [], []

    def step(self, detections=(), regions=(), minute=NOON):
        self.tracker.see(self.now, list(detections), (WHOLE,))
        ended = self.tracker.feel(self.now, list(regions))
        verdict = self.book.judge(self.tracker.tracks, ended, self.now, minute)
        self.opened += verdict.opened
        self.closed += verdict.closed
        self.now += 1 / FPS

    def walk(self, points, label="person", minute=NOON, score=0.7, named=True):
        for x, y in points:
            box = Box(x - 0.03, y - 0.25, x + 0.03, y)
            self.step([Detection(label, score, box)] if named else (), () if named else [box], minute)

    def wait(self, seconds=2.5):
        for _ in range(int(seconds * FPS)):
            self.step()


def straight(start, end, steps=15):
    return [
        (start[0] + (end[0] - start[0]) * i / (steps - 1), start[1] + (end[1] - start[1]) * i / (steps - 1))
        for i in range(steps)
    ]


def test_kinds_are_the_registrys():
    assert {k.value for k in RuleKind} == {k.value for k in EventKind}


def test_a_walker_is_one_finding_that_closes():
    street = Street(rule(), UNKNOWN_RULE)
    street.walk(straight((0.1, 0.6), (0.6, 0.6)))
    assert [(f.rule.id, f.opened <= 0.8, f.since) for f in street.opened] == [("object", True, 0.0)]
    assert not street.closed
    street.wait()
    assert street.closed == street.opened
    assert street.book.findings == []


def test_what_stands_still_fires_nothing_and_again_nothing():
    street = Street(rule(), UNKNOWN_RULE)
    street.walk([(0.5 + 0.003 * (-1) ** i, 0.6) for i in range(60)])
    street.wait()
    street.walk([(0.5 + 0.003 * (-1) ** i, 0.6) for i in range(60)])
    assert street.opened == []


def test_who_stops_does_not_fire_again():
    street = Street(rule())
    street.walk(straight((0.1, 0.6), (0.5, 0.6)))
    street.walk([(0.5, 0.6)] * 50)
    street.wait()
    street.walk([(0.5, 0.6)] * 20)
    assert len(street.opened) == 1


def test_groups_labels_and_scores_narrow_a_rule():
    wanted = Street(
        rule(groups=frozenset({"vehicle"})), rule(id="cats", labels=frozenset({"cat"})), rule(id="sure", min_score=0.8)
    )
    wanted.walk(straight((0.1, 0.6), (0.6, 0.6)), "person")
    assert wanted.opened == []
    open_ = Street(rule(groups=frozenset(), id="any"), rule(id="cats", labels=frozenset({"cat"})))
    open_.walk(straight((0.1, 0.6), (0.6, 0.6)), "cat")
    assert {f.rule.id for f in open_.opened} == {"any", "cats"}


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_schedules_wrap_over_midnight(start, end, minute):
    held = rule(from_minute=start, to_minute=end).in_force(minute)
    count = (end - start) % 1440
    assert held == ((minute - start) % 1440 < count)


def test_a_schedule_is_asked():
    street = Street(rule(from_minute=22 * 60, to_minute=5 * 60))
    street.walk(straight((0.1, 0.6), (0.6, 0.6)), minute=NOON)
    assert street.opened == []
    night = Street(rule(from_minute=22 * 60, to_minute=5 * 60))
    night.walk(straight((0.1, 0.6), (0.6, 0.6)), minute=60)
    assert len(night.opened) == 1


ZONE = ((0.4, 0.3), (0.7, 0.3), (0.7, 0.9), (0.4, 0.9))


def test_a_zone_is_entered_left_and_entered_again():
    street = Street(rule("zone_entered", zone=ZONE))
    street.walk(straight((0.1, 0.6), (0.55, 0.6)))
    assert len(street.opened) == 1
    assert street.opened[0].since > 0
    street.walk([(0.55, 0.6)] * 20)
    assert len(street.opened) == 1
    street.walk(straight((0.55, 0.6), (0.85, 0.6)))
    street.walk([(0.85, 0.6)] * 10)
    assert len(street.closed) == 1
    street.walk(straight((0.85, 0.6), (0.55, 0.6)))
    assert len(street.opened) == 2


def test_passing_outside_enters_nothing():
    street = Street(rule("zone_entered", zone=ZONE))
    street.walk(straight((0.1, 0.97), (0.9, 0.97), 30))
    assert street.opened == []


def test_an_object_rule_with_a_zone_waits_for_the_zone():
    street = Street(rule(zone=ZONE))
    street.walk(straight((0.1, 0.6), (0.35, 0.6)))
    assert street.opened == []
    street.walk(straight((0.35, 0.6), (0.55, 0.6)))
    assert len(street.opened) == 1


LINE = ((0.5, 0.2), (0.5, 1.0))  # drawn downwards: its right, as seen in the picture, is the left half


@pytest.mark.parametrize(
    ("start", "end", "direction"), [((0.2, 0.6), (0.8, 0.6), "out"), ((0.8, 0.6), (0.2, 0.6), "in")]
)
def test_a_line_tells_its_direction(start, end, direction):
    both, only, other = (
        Street(rule("line_crossed", line=LINE, direction=d))
        for d in (None, direction, "in" if direction == "out" else "out")
    )
    for street in (both, only, other):
        street.walk(straight(start, end, 20))
    assert [f.direction for f in both.opened] == [direction]
    assert [f.direction for f in only.opened] == [direction]
    assert other.opened == []


def test_a_crossing_before_the_thing_was_known_counts():
    street = Street(rule("line_crossed", line=LINE))
    street.walk(straight((0.44, 0.6), (0.62, 0.6), 4))
    street.walk(straight((0.64, 0.6), (0.8, 0.6), 4))
    assert [f.direction for f in street.opened] == ["out"]


def test_standing_on_a_line_is_no_crossing():
    street = Street(rule("line_crossed", line=LINE))
    street.walk(straight((0.2, 0.6), (0.5, 0.6)))
    street.walk([(0.5 + 0.02 * (-1) ** i, 0.6) for i in range(40)])
    assert street.opened == []


def test_to_and_fro_is_two_crossings():
    street = Street(rule("line_crossed", line=LINE))
    street.walk(straight((0.2, 0.6), (0.8, 0.6), 20))
    street.walk(straight((0.8, 0.6), (0.2, 0.6), 20))
    assert [f.direction for f in street.opened] == ["out", "in"]


def test_passing_beyond_the_line_is_no_crossing():
    street = Street(rule("line_crossed", line=((0.5, 0.2), (0.5, 0.4))))
    street.walk(straight((0.2, 0.9), (0.8, 0.9), 20))
    assert street.opened == []


def test_a_nameless_thing_that_travels_is_an_unknown_moving_thing():
    street = Street(rule(), UNKNOWN_RULE)
    street.walk(straight((0.1, 0.6), (0.6, 0.6), 12), named=False)
    assert [f.rule.id for f in street.opened] == ["unknown_moving"]
    assert street.opened[0].opened >= 0.8


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_what_comes_in_over_the_border_is_told_within_a_second(side):
    """A car fills a third of the picture: it need not come its own size, as only a part of that is seen yet."""
    street = Street(rule(), UNKNOWN_RULE)
    for i in range(6):
        way = 0.06 * (i + 1)
        spans = {"left": (0, 0.3, way, 0.6), "right": (1 - way, 0.3, 1, 0.6)}
        spans |= {"top": (0.3, 0, 0.6, way), "bottom": (0.3, 1 - way, 0.6, 1)}
        street.step(regions=[Box(*spans[side])])
    assert [f.rule.id for f in street.opened] == ["unknown_moving"]


def test_what_grows_within_the_picture_or_along_its_border_is_no_travel():
    for anchor in (0.2, 0.0):
        street = Street(rule(), UNKNOWN_RULE)
        for i in range(12):
            street.step(regions=[Box(0.3, anchor, 0.4 + 0.02 * i, anchor + 0.3)])
        assert street.opened == []


def test_a_speck_that_hops_is_no_travel():
    street = Street(rule(), UNKNOWN_RULE)
    for i in range(12):
        x = 0.5 + 0.005 * i
        street.step(regions=[Box(x, 0.5, x + 0.012, 0.52)])
    assert street.opened == []


def test_swaying_is_no_travel():
    street = Street(rule(), UNKNOWN_RULE)
    street.walk([(0.5 + 0.06 * (i % 8 - 4 if i % 16 < 8 else 4 - i % 8) / 4, 0.6) for i in range(100)], named=False)
    assert street.opened == []


def test_an_unknown_thing_that_is_recognised_stays_one_finding():
    street = Street(rule(), UNKNOWN_RULE)
    way = straight((0.1, 0.6), (0.9, 0.6), 24)
    street.walk(way[:12], named=False)
    (finding,) = street.opened
    assert finding.rule.kind is RuleKind.UNKNOWN_MOVING
    street.walk(way[12:], "car")
    assert street.opened == [finding]
    assert (finding.rule.id, finding.track.group) == ("object", "vehicle")


def test_two_things_are_two_findings():
    street = Street(rule())
    for i in range(15):
        a, b = 0.1 + 0.03 * i, 0.9 - 0.03 * i
        street.step([Detection("person", 0.7, Box(x - 0.03, y - 0.25, x + 0.03, y)) for x, y in ((a, 0.4), (b, 0.9))])
    assert len({f.track.number for f in street.opened}) == len(street.opened) == 2


@given(st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.3, 1.0), st.booleans()), max_size=40))
def test_whatever_moves_every_finding_opens_once_and_closes(steps):
    street = Street(rule(), UNKNOWN_RULE, rule("zone_entered", zone=ZONE), rule("line_crossed", line=LINE))
    for x, y, named in steps:
        street.walk([(x, y)], named=named)
    street.wait(6)
    assert street.book.findings == []
    assert sorted(map(id, street.opened)) == sorted(map(id, street.closed))
    keys = [(f.rule.id, f.track.number) for f in street.opened if f.rule.kind is RuleKind.OBJECT]
    assert len(keys) == len(set(keys))

"""Cameras without a rule for what is looked for: what moved there counts as passing, and unwatched is unknown."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from camera_hub.recall.motion.days import day_of
from camera_hub.recall.motion.passing import Passing
from camera_hub.recall.motion.record import Motion, pack
from camera_hub.recall.motion.shelf import Shelf
from registry import pursuit, scenes
from registry.model import Camera, EventKind, Kind, LabelGroup
from registry.pursuit import Advice, Decision, Edge, Hop, HopQuery, KeepMap, MapQuery, NewDecision, Passage, watchers
from registry.scenes import Rule, Scene, Schedule
from registry.travel import Mode
from registry.users import CONSOLE
from tests.camera_hub.recall.sheets import lit, saw
from tests.registry.county import NOON
from tests.registry.test_trail import DAWN, DAY, HOUR, MINUTE, Trail, trail

__all__ = ["trail"]
ANIMAL = (LabelGroup.ANIMAL,)
PEOPLE = Rule(id="p", name="人", kind=EventKind.OBJECT, groups=frozenset({LabelGroup.PERSON}))


class Mute:
    """The trail, its north gate with a scene that tells of nobody, and an index that watched it."""

    def __init__(self, trail: Trail, folder: Path) -> None:
        self.trail, self.store = trail, trail.county.store
        self.shelf = Shelf(folder, self.store.tz)
        self.index = Passing(self.store, self.shelf, dict.fromkeys(Kind, 90))

    async def scene(self, camera: Camera, *rules: Rule) -> None:
        now, self.trail.county.clock.now = self.trail.county.clock.now, NOON - 10 * DAY
        await scenes.put(self.store, camera.id, Scene(rules=rules), CONSOLE)
        self.trail.county.clock.now = now

    def moves(self, camera: Camera, at: datetime, seconds: int = 6) -> str:
        second = int(at.timestamp())
        day = day_of(second, self.shelf.tz)
        for one in range(second, second + seconds):
            self.shelf.append(camera.id, day, pack(Motion(one, lit((5, 5)))))
        return f"motion:{camera.id}:{second}"

    async def north(self, sighting: str, groups: tuple[LabelGroup, ...] = ANIMAL) -> Hop:
        query = HopQuery(sighting=sighting, way=Mode.FOOT, minutes=30, group=groups)
        found = await pursuit.hops(self.store, self.trail.look, self.trail.case, query, index=self.index)
        return next(one for one in found.hops if one.camera_name == "north")

    async def map(self) -> pursuit.VanishingArea:
        query = MapQuery(until=DAWN + HOUR, group=ANIMAL)
        found = await pursuit.clue_map(self.store, self.trail.look, self.trail.case, query, index=self.index)
        assert found.area is not None
        return found.area

    async def held(self) -> tuple[Edge, tuple[int, ...]]:
        area = await self.map()
        return next(one.held for one in area.border if one.name == "north"), area.search


@pytest.fixture
async def mute(trail: Trail, tmp_path: Path) -> Mute:
    made = Mute(trail, tmp_path)
    saw(made.shelf, trail.south.id, NOON - 2 * DAY, NOON)
    return made


async def test_where_no_rule_tells_motion_passes_and_unwatched_is_unknown(mute: Mute) -> None:
    trail, north = mute.trail, mute.trail.north
    await mute.scene(north)
    seen = await trail.starred(trail.middle, DAWN)
    # Live, and the index has not a word of it: nobody knows.
    one = await mute.north(seen)
    assert (one.verdict, one.mute, one.found, one.by_chance) == (Passage.UNKNOWN, True, 0, None)
    assert one.unwatched_s == round((one.until - one.since).total_seconds())
    assert await mute.held() == (Edge.DARK, (0, 90))
    # It watched, and nothing moved: none, and the gate ends the area.
    saw(mute.shelf, north.id, NOON - DAY, NOON)
    one = await mute.north(seen)
    assert (one.verdict, one.mute, one.found, one.unwatched_s) == (Passage.NONE, True, 0, 0)
    assert await mute.held() == (Edge.SHUT, (90,))
    # Something moves that is no event: it may be it.
    thing = mute.moves(north, DAWN + 12 * MINUTE)
    one = await mute.north(seen)
    assert (one.verdict, one.found, one.moved) == (Passage.SEEN, 1, 1)
    assert [(each.thing, each.event_id, each.stay_s) for each in one.passers] == [(thing, None, 6.0)]
    assert await mute.held() == (Edge.SEEN, (0, 90))
    # An officer drops it: the gate ends the area again.
    new = NewDecision(thing=thing, decision=Decision.DROP, expected_revision=0)
    await pursuit.decide(mute.store, trail.look, trail.case, new, index=mute.index)
    one = await mute.north(seen)
    assert (one.verdict, one.found, one.dropped) == (Passage.NONE, 0, 1)
    assert await mute.held() == (Edge.SHUT, (90,))


async def test_where_a_rule_tells_events_alone_count(mute: Mute) -> None:
    trail, north = mute.trail, mute.trail.north
    await mute.scene(north, PEOPLE)
    seen = await trail.starred(trail.middle, DAWN)
    saw(mute.shelf, north.id, NOON - DAY, NOON)
    mute.moves(north, DAWN + 12 * MINUTE)
    people = await mute.north(seen, (LabelGroup.PERSON,))
    assert (people.verdict, people.mute, people.found, people.by_chance) == (Passage.NONE, False, 0, 0)
    sheep = await mute.north(seen)
    assert (sheep.verdict, sheep.mute, sheep.moved) == (Passage.SEEN, True, 1)
    # What shares its time with an event of somebody is that event's, and no sheep.
    await trail.passes(north, DAWN + 12 * MINUTE, "person")
    assert (await mute.north(seen)).verdict is Passage.NONE


async def test_a_rule_for_some_hours_is_mute_in_the_others(mute: Mute) -> None:
    trail, north = mute.trail, mute.trail.north
    local = (DAWN + 15 * MINUTE).astimezone(mute.store.tz)
    upto = Schedule(from_minute=22 * 60, to_minute=local.hour * 60 + local.minute)
    await mute.scene(north, Rule(id="n", name="夜", kind=EventKind.OBJECT, schedule=upto))
    seen = await trail.starred(trail.middle, DAWN)
    saw(mute.shelf, north.id, NOON - DAY, NOON)
    mute.moves(north, DAWN + 12 * MINUTE)
    assert (await mute.north(seen)).found == 0, "then a rule told of who passes, and it said nothing"
    after = mute.moves(north, DAWN + 18 * MINUTE)
    assert [one.thing for one in (await mute.north(seen)).passers] == [after]


async def test_where_much_moves_anyway_nobody_knows(mute: Mute) -> None:
    trail, north = mute.trail, mute.trail.north
    await mute.scene(north)
    seen = await trail.starred(trail.middle, DAWN)
    saw(mute.shelf, north.id, NOON - 8 * DAY, NOON)
    for back in range(1, 8):
        for minute in range(0, 60, 4):
            mute.moves(north, DAWN.replace(minute=0) - back * DAY + minute * MINUTE, 60)
    mute.moves(north, DAWN + 12 * MINUTE)
    one = await mute.north(seen)
    assert (one.verdict, one.found, one.noisy_s, one.unwatched_s) == (Passage.UNKNOWN, 0, 6, 0)
    assert (await mute.held())[0] is Edge.DARK


async def test_those_too_many_to_ask_are_unknown_and_counted(mute: Mute, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = mute.trail
    await mute.scene(trail.north)
    await trail.starred(trail.middle, DAWN)
    saw(mute.shelf, trail.north.id, NOON - DAY, NOON)
    assert (await mute.map()).unheard == 0
    monkeypatch.setattr(watchers, "MOST_HEARD", 0)
    area = await mute.map()
    assert (area.unheard, area.advice) == (1, Advice.SECTORS)
    assert await mute.held() == (Edge.DARK, (0, 90))
    kept = KeepMap(until=DAWN + HOUR, group=ANIMAL)
    made = await pursuit.keep(mute.store, trail.look, trail.case, kept, index=mute.index)
    assert await pursuit.again(mute.store, trail.look, trail.case, made.kept.id) == made

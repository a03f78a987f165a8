"""How much of a search was watched: cameras down, rules that tell of other things, owners, nights, and too much to say."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from registry import scenes, watched
from registry.errors import Denied
from registry.events.query import EventQuery
from registry.model import Access, Camera, ConsentScope, Kind, LabelGroup, Reason
from registry.scenes import Scene
from registry.tables import audit as register
from registry.users import CONSOLE
from registry.watched import Watched
from tests.registry.county import NOON
from tests.registry.patrol import lit
from tests.registry.test_mute import PEOPLE
from tests.registry.test_trail import DAWN, DAY, HOUR, Trail, trail

__all__ = ["trail"]
MIDNIGHT = NOON - 12 * HOUR
MORNING = EventQuery(since=MIDNIGHT, until=NOON)


async def asked(trail: Trail, query: EventQuery = MORNING, look: Access | None = None) -> Watched:
    return await watched.of_search(trail.county.store, look or trail.look, query)


def by_name(told: Watched) -> dict[str, int]:
    return {one.name: one.unwatched_s for one in told.unwatched}


async def test_cameras_watched_throughout_are_said_to_be_and_the_look_is_on_record(trail: Trail) -> None:
    await trail.county.camera(kind=Kind.WIFI_PROBE, name="probe")  # sees nothing, ever
    told = await asked(trail)
    assert (told.cameras, told.asked_s, told.unwatched_s, told.unwatched_cameras) == (3, 3 * 12 * 3600, 0, 0)
    assert (told.since, told.until, told.unwatched) == (MIDNIGHT, NOON, ())
    async with trail.county.store.read() as conn:
        last = (await conn.execute(sa.select(register).order_by(register.c.no.desc()).limit(1))).one()
    assert (last.action, last.result_count) == ("events.watched", 3)


async def test_what_was_down_is_told_worst_first(trail: Trail) -> None:
    await trail.down(trail.south, DAWN, DAWN + HOUR)
    await trail.down(trail.north, DAWN, DAWN + 2 * HOUR, Reason.UNREACHABLE)
    told = await asked(trail)
    assert [(one.name, one.unwatched_s) for one in told.unwatched] == [("north", 7200), ("south", 3600)]
    assert (told.unwatched_cameras, told.unwatched_s) == (2, 10_800)
    # A search of one camera asks of that one alone, a night of its own hours alone.
    assert (await asked(trail, MORNING.model_copy(update={"camera": (trail.middle.id,)}))).unwatched_s == 0
    night = MORNING.model_copy(update={"night_from": "22:00", "night_to": "06:30"})
    told = await asked(trail, night)
    assert (by_name(told), told.asked_s) == ({"north": 1800, "south": 1800}, 3 * 6 * 3600 + 3 * 1800)


async def test_a_break_of_seconds_makes_no_camera_unwatched(trail: Trail) -> None:
    await trail.down(trail.south, DAWN, DAWN + timedelta(seconds=50))
    told = await asked(trail)
    assert (told.unwatched, told.unwatched_cameras, told.unwatched_s) == ((), 0, 50)


async def test_a_camera_without_a_rule_for_it_did_not_watch_for_it(trail: Trail) -> None:
    now, trail.county.clock.now = trail.county.clock.now, NOON - 10 * DAY
    await scenes.put(trail.county.store, trail.north.id, Scene(rules=(PEOPLE,)), CONSOLE)
    trail.county.clock.now = now
    sheep = EventQuery.model_validate({"since": MIDNIGHT, "until": NOON, "group": "animal"})
    assert by_name(await asked(trail, sheep)) == {"north": 12 * 3600}
    assert by_name(await asked(trail, sheep.model_copy(update={"group": (), "label": ("sheep",)}))) == {}
    await trail.passes(trail.middle, DAWN)  # a label is known from its first event on
    assert by_name(await asked(trail, sheep.model_copy(update={"group": (), "label": ("sheep",)}))) == {
        "north": 12 * 3600
    }
    people = sheep.model_copy(update={"group": (LabelGroup.PERSON,)})
    assert by_name(await asked(trail, people)) == {}


async def test_what_an_owner_did_not_agree_to_was_not_watched(trail: Trail) -> None:
    yard: Camera = await trail.county.camera(kind=Kind.CIVILIAN, name="yard")
    trail.county.clock.now = NOON - 14 * DAY
    await lit(trail.county, yard)
    trail.county.clock.now = NOON
    assert by_name(await asked(trail)) == {"yard": 12 * 3600}
    await trail.county.consent(yard, scopes={ConsentScope.EVENTS}, valid_from=NOON - 30 * DAY)
    assert by_name(await asked(trail)) == {}


async def test_what_is_to_come_is_not_held_against_a_camera(trail: Trail) -> None:
    told = await asked(trail, EventQuery(since=NOON - HOUR))
    assert (told.until, told.unwatched_s) == (NOON, 0)


async def test_too_much_is_not_reckoned_and_says_of_how_many(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    far = await trail.county.unlimited(await trail.county.user("far"))
    told = await asked(trail, EventQuery(since=NOON - 32 * DAY, until=NOON), far)
    assert (told.cameras, told.asked_s, told.unwatched_s, told.unwatched_cameras) == (3, None, None, None)
    monkeypatch.setattr(watched, "MOST", 2)
    assert (await asked(trail)).asked_s is None


async def test_beyond_the_case_it_is_refused_like_the_search(trail: Trail) -> None:
    with pytest.raises(Denied) as caught:
        await asked(trail, EventQuery(since=NOON - 9 * DAY, until=NOON - 8 * DAY))
    assert caught.value.code == "beyond_case"
    assert (await asked(trail, EventQuery(since=NOON - 9 * DAY, until=NOON))).since == MIDNIGHT - DAY, "a day's margin"

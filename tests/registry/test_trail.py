"""A trail through a village with two entrances: windows and counts at cameras, links, and the clue map."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from registry import audit, bookmarks, entrances, events, pursuit, roads
from registry.bookmarks import BookmarkKind, NewBookmark, Source, Still, Subject
from registry.entrances import NewEntrance
from registry.errors import Conflict, HubError, Invalid
from registry.model import Access, Camera, LabelGroup, Reason, State
from registry.pursuit import (
    Advice,
    Decision,
    Edge,
    Hop,
    HopQuery,
    KeepMap,
    LinkState,
    MapQuery,
    NewBlock,
    NewDecision,
    NewLink,
    Passage,
)
from registry.pursuit.moved import Index
from registry.roads import NewRoad
from registry.travel import Mode
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change, unwatched
from tests.registry.patrol import lit
from tests.registry.test_spread import at
from tests.registry.test_strip import joined

VILLAGE = "220882100200"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAWN = NOON - 6 * HOUR
"""When the sheep was last seen, in the middle of the village."""


@dataclass
class Trail:
    """A street of 2 km from the north gate to the south gate, a track of 3 km east from its middle, and the middle's
    camera; all of them live since a fortnight."""

    county: County
    look: Access
    middle: Camera
    north: Camera
    south: Camera
    street: UUID
    track: UUID

    @property
    def case(self) -> UUID:
        assert self.look.purpose.case_id is not None
        return self.look.purpose.case_id

    @property
    def index(self) -> Index:
        return unwatched(self.county.store)

    async def passes(self, camera: Camera, when: datetime, label: str = "sheep", **given: Any) -> str:
        group = {"sheep": LabelGroup.ANIMAL, "person": LabelGroup.PERSON}[label]
        over = when + timedelta(seconds=5)
        told = {"started_at": when, "updated_at": over, "ended_at": over, "label": label, "group": group, **given}
        made = change(camera, **told)
        await events.record(self.county.store, [made])
        return f"event:{made.id}"

    async def decides(self, thing: str, decision: Decision, revision: int = 0) -> None:
        new = NewDecision(thing=thing, decision=decision, expected_revision=revision)
        await pursuit.decide(self.county.store, self.look, self.case, new, index=self.index)

    async def starred(self, camera: Camera, when: datetime, label: str = "sheep") -> str:
        thing = await self.passes(camera, when, label)
        await self.decides(thing, Decision.STAR)
        return thing

    async def hops(self, sighting: str, **given: Any) -> dict[str, Hop]:
        query = HopQuery(sighting=sighting, **{"way": Mode.FOOT, "minutes": 30, **given})
        return {
            one.camera_name: one
            for one in (await pursuit.hops(self.county.store, self.look, self.case, query, index=self.index)).hops
        }

    async def map(self, **given: Any) -> pursuit.ClueMap:
        return await pursuit.clue_map(self.county.store, self.look, self.case, MapQuery(**given), index=self.index)

    async def down(self, camera: Camera, since: datetime, until: datetime, reason: Reason = Reason.STALLED) -> None:
        now = self.county.clock.now
        self.county.clock.now = since
        await lit(self.county, camera, state=State.STALLED, reason=reason)
        self.county.clock.now = until
        await lit(self.county, camera)
        self.county.clock.now = now

    async def blocks(self, road: UUID, *, blocked: bool = True, revision: int = 0) -> pursuit.Block:
        new = NewBlock(road_id=road, blocked=blocked, note="涨水", expected_revision=revision)
        return await pursuit.block(self.county.store, self.look, self.case, new)


@pytest.fixture
async def trail(county: County) -> Trail:
    def spot(east: float, north: float) -> dict[str, float]:
        lon, lat = at(east, north)
        return {"lat": lat, "lon": lon}

    middle = await county.camera(name="middle", **spot(0, 0))
    north = await county.camera(name="north", **spot(30, 1000))
    south = await county.camera(name="south", **spot(30, -1000))
    for name, camera, away in (("北门", north, 1000.0), ("南门", south, -1000.0)):
        new = NewEntrance(
            place_code=VILLAGE, name=name, bearing_deg=180 if away > 0 else 0, camera_ids=(camera.id,), **spot(0, away)
        )
        await entrances.create(county.store, new, CONSOLE)
    street = NewRoad(place_code=VILLAGE, name="大街", path=(at(0, -3000), at(0, 3000)))
    track = NewRoad(place_code=VILLAGE, name="田埂", path=(at(0, 0), at(3000, 0)))
    made = [(await roads.create(county.store, one, CONSOLE)).id for one in (street, track)]
    county.clock.now = NOON - 14 * DAY
    await lit(county, middle, north, south)
    county.clock.now = NOON
    look = await county.case(places=(VILLAGE,), starts_at=NOON - 12 * HOUR, ends_at=NOON)
    return Trail(county, look, middle, north, south, *made)


def near(value: float, by: float = 0.02) -> Any:
    return pytest.approx(value, rel=by)


async def test_windows_follow_from_the_way_and_the_pace(trail: Trail) -> None:
    seen = await trail.starred(trail.middle, DAWN)
    hops = await trail.hops(seen)
    assert set(hops) == {"north", "south"}
    one = hops["north"]
    assert (one.metres, one.how, one.next, one.entrances) == (near(1000), "road", True, ("北门",))
    assert (one.since - DAWN).total_seconds() == near(1000 / 9 * 3.6 - 10)
    assert (one.until - DAWN).total_seconds() == near(1000 / 2.5 * 3.6 + 10)
    back = (await trail.hops(seen, backwards=True))["north"]
    assert (DAWN - back.since).total_seconds() == near((one.until - DAWN).total_seconds())
    assert (DAWN - back.until).total_seconds() == near((one.since - DAWN).total_seconds())
    van = (await trail.hops(seen, way=Mode.VAN))["north"]
    assert (van.since - DAWN).total_seconds() == near(40 - 10)


async def test_passers_in_the_window_are_found_and_those_dropped_told_apart(trail: Trail) -> None:
    seen = await trail.starred(trail.middle, DAWN)
    here = [await trail.passes(trail.north, DAWN + at_s * timedelta(seconds=1)) for at_s in (600, 900)]
    await trail.passes(trail.north, DAWN + timedelta(seconds=120))
    await trail.passes(trail.north, DAWN + 10 * MINUTE, "person")
    one = (await trail.hops(seen, group=(LabelGroup.ANIMAL,)))["north"]
    assert (one.verdict, one.found, [each.thing for each in one.passers]) == (Passage.SEEN, 2, here)
    await trail.decides(here[0], Decision.DROP)
    one = (await trail.hops(seen, group=(LabelGroup.ANIMAL,)))["north"]
    assert (one.found, one.dropped, [each.thing for each in one.passers]) == (1, 1, here[1:])
    assert (await trail.hops(seen))["north"].found == 2
    (row,) = [one for one in await audit.list_rows(trail.county.store, CONSOLE) if one.action == "case.hops"][:1]
    assert json.loads(row.detail)["sighting"] == seen


async def test_a_camera_that_was_down_says_unknown_and_never_that_nobody_passed(trail: Trail) -> None:
    seen = await trail.starred(trail.middle, DAWN)
    await trail.down(trail.north, DAWN + 12 * MINUTE, DAWN + 15 * MINUTE)
    hops = await trail.hops(seen)
    assert (hops["north"].verdict, hops["north"].unwatched_s) == (Passage.UNKNOWN, 180)
    assert (hops["south"].verdict, hops["south"].unwatched_s) == (Passage.NONE, 0)
    await trail.passes(trail.north, DAWN + 20 * MINUTE)
    one = (await trail.hops(seen))["north"]
    assert (one.verdict, one.found, one.unwatched_s) == (Passage.SEEN, 1, 180)


async def test_what_lies_beyond_the_cases_time_is_unknown(trail: Trail) -> None:
    """A sighting near the end of what the case reaches: the window runs on beyond."""
    margin = timedelta(hours=trail.county.store.policy.cases.margin_hours)
    trail.county.clock.now = NOON + 3 * DAY
    trail.look = await joined(trail.county, trail.look, trail.look.actor.user)
    seen = await trail.starred(trail.middle, NOON + margin - 10 * MINUTE)
    one = (await trail.hops(seen))["north"]
    assert (one.verdict, one.unwatched_s > 0) == (Passage.UNKNOWN, True)


async def test_by_chance_is_the_rate_of_the_days_before(trail: Trail) -> None:
    seen = await trail.starred(trail.middle, DAWN)
    window = (await trail.hops(seen))["north"]
    middle = window.since + (window.until - window.since) / 2
    for day in range(1, 8):
        for minute in range(-28, 29, 8):
            await trail.passes(trail.north, middle - day * DAY + minute * MINUTE)
    one = (await trail.hops(seen))["north"]
    assert (one.chance_seen, one.chance_watched_s) == (56, 7 * 3600)
    assert one.by_chance == near(8 * (one.until - one.since) / HOUR, 0.01)
    assert (await trail.hops(seen))["south"].by_chance == 0
    assert (await trail.hops(seen, group=(LabelGroup.PERSON,)))["north"].by_chance == 0


async def test_with_little_watched_before_the_chance_is_unknown(trail: Trail) -> None:
    seen = await trail.starred(trail.middle, DAWN)
    await trail.down(trail.north, NOON - 13 * DAY, DAWN - MINUTE)
    one = (await trail.hops(seen))["north"]
    assert (one.by_chance, one.verdict) == (None, Passage.NONE)


async def test_a_blocked_road_changes_the_result(trail: Trail) -> None:
    seen = await trail.starred(trail.middle, DAWN)
    open_ = await trail.map(until=NOON)
    said = await trail.blocks(trail.track)
    shut = await trail.map(until=NOON)
    assert shut.area is not None
    assert open_.area is not None
    assert open_.area.metres == near(2000 + 3000)
    assert shut.area.metres == near(2000)
    assert (shut.blocks, shut.digest == open_.digest) == ((said,), False)
    await trail.blocks(trail.street)
    found = await pursuit.hops(
        trail.county.store,
        trail.look,
        trail.case,
        HopQuery(sighting=seen, way=Mode.FOOT, minutes=30),
        index=trail.index,
    )
    assert {one.how for one in found.hops} <= {"straight"}
    with pytest.raises(Conflict) as stale:
        await trail.blocks(trail.street, blocked=False)
    assert stale.value.code == "block_stale"
    await trail.blocks(trail.street, blocked=False, revision=1)
    assert (await trail.hops(seen))["north"].how == "road"


async def test_the_direction_without_a_watch_is_where_to_search(trail: Trail) -> None:
    await trail.starred(trail.middle, DAWN)
    found = (await trail.map(until=DAWN + HOUR)).area
    assert found is not None
    assert {one.name: one.held for one in found.border} == {"north": Edge.SHUT, "south": Edge.SHUT}
    assert (found.advice, found.search) == (Advice.SECTORS, (90,))
    assert found.metres == near(2000 + 3000)
    by = {one.bearing_deg: one for one in found.directions}
    assert (by[0].shut, by[90].shut, by[180].shut) == (("north",), (), ("south",))
    await trail.blocks(trail.track)
    inside = (await trail.map(until=DAWN + HOUR)).area
    assert inside is not None
    assert (inside.advice, inside.search) == (Advice.INSIDE, ())


async def test_a_camera_that_was_down_then_enlarges_the_area(trail: Trail) -> None:
    await trail.starred(trail.middle, DAWN)
    before = (await trail.map(until=DAWN + HOUR)).area
    await trail.down(trail.north, DAWN + 5 * MINUTE, DAWN + 30 * MINUTE)
    after = (await trail.map(until=DAWN + HOUR)).area
    assert before is not None
    assert after is not None
    assert after.metres == near(before.metres + 2000)
    hole = next(one for one in after.border if one.name == "north")
    assert (hole.held, hole.unwatched_s, hole.hits) == (Edge.DARK, near(30 * 60 - 400), 0)
    assert sorted(after.search) == [0, 90]


async def test_who_was_seen_passing_may_be_beyond_until_he_is_dropped(trail: Trail) -> None:
    await trail.starred(trail.middle, DAWN)
    other = await trail.passes(trail.south, DAWN + 20 * MINUTE)
    seen = (await trail.map(until=DAWN + HOUR)).area
    assert seen is not None
    assert next(one.held for one in seen.border if one.name == "south") is Edge.SEEN
    assert seen.metres == near(2000 + 3000 + 2000)
    await trail.decides(other, Decision.DROP)
    gone = (await trail.map(until=DAWN + HOUR)).area
    assert gone is not None
    assert next(one.held for one in gone.border if one.name == "south") is Edge.SHUT
    people = (await trail.map(until=DAWN + HOUR, group=(LabelGroup.PERSON,))).area
    assert people is not None
    assert people.metres == near(5000)


async def test_without_roads_it_is_a_circle_and_says_so(county: County) -> None:
    lon, lat = at(0, 0)
    camera, look = await county.camera(lat=lat, lon=lon), await county.case()
    trail = Trail(county, look, camera, camera, camera, camera.id, camera.id)
    assert (await trail.map()).area is None
    await trail.starred(camera, NOON - HOUR)
    area = (await trail.map(until=NOON)).area
    assert area is not None
    assert (area.estimate, area.radius_m, area.pieces, area.advice) == (True, near(9000 / 1.4), (), Advice.UNKNOWN)


async def test_a_kept_map_is_made_again_as_it_was(trail: Trail) -> None:
    await trail.starred(trail.middle, DAWN)
    kept = await pursuit.keep(
        trail.county.store,
        trail.look,
        trail.case,
        KeepMap(until=DAWN + HOUR, note="第一次"),
        index=trail.index,
    )
    assert kept.map == await trail.map(until=DAWN + HOUR)
    await trail.starred(trail.north, DAWN + 15 * MINUTE)
    await trail.blocks(trail.track)
    await trail.down(trail.south, DAWN, DAWN + HOUR)
    await roads.remove(trail.county.store, trail.street, CONSOLE)
    assert (await trail.map(until=DAWN + HOUR)).digest != kept.map.digest
    again = await pursuit.again(trail.county.store, trail.look, trail.case, kept.kept.id)
    assert again == kept
    assert await pursuit.list_kept(trail.county.store, trail.look, trail.case) == (kept.kept,)


async def test_sightings_are_numbered_in_time_whoever_told_them(trail: Trail) -> None:
    late = await trail.starred(trail.north, DAWN + HOUR)
    early = await trail.starred(trail.middle, DAWN)
    marked = await trail.passes(trail.south, DAWN + 30 * MINUTE)
    event_id = UUID(marked.removeprefix("event:"))
    new = NewBookmark(event_id=event_id, kind=BookmarkKind.SIGHTING, note="像是它")
    still = Still("hub", Source.EVENT, why="snapshot_none")
    of = Subject(trail.south.id, DAWN + 30 * MINUTE)
    first = await bookmarks.add(trail.county.store, trail.look, trail.case, new, of=of, still=still)
    await trail.decides(marked, Decision.STAR)
    found = (await trail.map()).sightings
    assert [(one.no, one.thing) for one in found] == [(1, early), (2, f"bookmark:{first.id}"), (3, late)]
    assert (found[1].note, found[1].lat) == ("像是它", trail.south.lat)
    again = bookmarks.NewVersion(kind=BookmarkKind.SIGHTING, confidence=first.confidence, note="就是它")
    await bookmarks.supersede(trail.county.store, trail.look, trail.case, first.id, again)
    assert (await trail.map()).sightings[1].thing == f"bookmark:{first.id}", "links to it hold"
    assert (await trail.map()).sightings[1].note == "就是它"


async def said(trail: Trail, one: str, other: str, state: LinkState, revision: int = 0) -> pursuit.SightingLink:
    new = NewLink(from_thing=one, to_thing=other, state=state, way=Mode.FOOT, expected_revision=revision)
    return await pursuit.link(trail.county.store, trail.look, trail.case, new)


async def test_links_are_possible_then_confirmed_and_taken_back_on_record(trail: Trail) -> None:
    a, b = await trail.starred(trail.middle, DAWN), await trail.starred(trail.north, DAWN + 15 * MINUTE)
    first = await said(trail, a, b, LinkState.POSSIBLE)
    assert (first.revision, first.linked_by) == (1, "officer")
    solid = await said(trail, a, b, LinkState.CONFIRMED, 1)
    assert (await trail.map()).links == (solid,)
    with pytest.raises(Conflict):
        await said(trail, a, b, LinkState.POSSIBLE, 1)
    gone = await said(trail, a, b, LinkState.WITHDRAWN, 2)
    assert [one.state for one in (await trail.map()).links] == [LinkState.WITHDRAWN]
    assert gone.revision == 3
    rows = [
        json.loads(one.detail)
        for one in await audit.list_rows(trail.county.store, CONSOLE)
        if one.action == "case.link"
    ]
    assert [one["state"] for one in rows[::-1]] == ["possible", "confirmed", "withdrawn"]


async def test_of_two_who_link_at_once_one_is_told(trail: Trail) -> None:
    a, b = await trail.starred(trail.middle, DAWN), await trail.starred(trail.north, DAWN + 15 * MINUTE)
    both = await asyncio.gather(
        said(trail, a, b, LinkState.POSSIBLE), said(trail, a, b, LinkState.CONFIRMED), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["Conflict", "SightingLink"]


async def test_a_link_joins_sightings_and_runs_forward(trail: Trail) -> None:
    a, b = await trail.starred(trail.middle, DAWN), await trail.starred(trail.north, DAWN + 15 * MINUTE)
    other = await trail.passes(trail.south, DAWN)
    for one, two in ((b, a), (a, other)):
        with pytest.raises(Invalid):
            await said(trail, one, two, LinkState.POSSIBLE)
    with pytest.raises(Invalid):
        await pursuit.hops(
            trail.county.store,
            trail.look,
            trail.case,
            HopQuery(sighting=other, way=Mode.FOOT),
            index=trail.index,
        )
    with pytest.raises(ValueError, match="itself"):
        NewLink(from_thing=a, to_thing=a, state=LinkState.POSSIBLE, way=Mode.FOOT)


@pytest.mark.parametrize("until", [DAWN, DAWN + 4 * DAY])
async def test_a_time_that_is_no_use_is_refused(trail: Trail, until: datetime) -> None:
    await trail.starred(trail.middle, DAWN)
    with pytest.raises(Invalid):
        await trail.map(until=until)


async def test_cameras_beyond_the_case_end_no_way_and_are_counted(trail: Trail) -> None:
    lon, lat = at(1500, 0)
    await trail.county.camera("220882100201", name="beyond", lat=lat, lon=lon)
    seen = await trail.starred(trail.middle, DAWN)
    area = (await trail.map(until=DAWN + HOUR)).area
    assert area is not None
    assert (area.beyond, area.metres) == (1, near(5000))
    assert "beyond" not in await trail.hops(seen)


async def test_another_cases_look_sees_nothing_of_it(trail: Trail) -> None:
    other = await trail.county.case(trail.look.actor.user)
    with pytest.raises(HubError) as refused:
        await pursuit.clue_map(trail.county.store, other, trail.case, MapQuery(), index=trail.index)
    assert refused.value.code == "case_purpose"
    (row,) = [one for one in await audit.list_rows(trail.county.store, CONSOLE) if one.action == "case.map"]
    assert json.loads(row.detail)["refused"] == "case_purpose"

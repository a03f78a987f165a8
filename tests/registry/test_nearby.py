"""The cameras near a scene: how far, what there is of each in the window, what stands between, and who may ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from camera_hub.recall.motion.passing import Passing
from camera_hub.recall.motion.record import Seen
from camera_hub.recall.motion.shelf import Shelf
from registry import devices, entrances, purposes, recordings, roads
from registry.cases import Case
from registry.casework import chosen, nearby
from registry.casework.chosen import Choice
from registry.casework.near import Agreed, Nearby, NearbyQuery, NearCamera
from registry.entrances import NewEntrance
from registry.errors import Conflict, Denied, NotFound
from registry.model import Access, Actor, Camera, ConsentScope, Kind, PurposeKind, Reason, State, User
from registry.recordings import keeping
from registry.recordings.coverage import GONE, NO_CONSENT, NO_EVENT, NOT_DUE
from registry.roads import NewRoad
from registry.travel import How, Mode, Paces
from registry.users import CONSOLE
from tests.camera_hub.recall.sheets import saw
from tests.registry.county import NOON, County, unwatched
from tests.registry.recordings_of import POLICY, round_of, say, segment
from tests.registry.test_case_report import HANSHU, NEXT, camera, place, reported
from tests.registry.test_holds import proofs
from tests.registry.test_travel import at

HOUR = timedelta(hours=1)


async def under(county: County, user: User, case: Case) -> Access:
    actor = Actor(user, "10.1.1.1", "session")
    new = purposes.OpenPurpose(kind=PurposeKind.CASE, case_id=case.id)
    return Access(actor, await purposes.open(county.store, new, actor))


def index_at(county: County, folder: Path) -> Passing:
    return Passing(county.store, Shelf(folder, county.store.tz), dict.fromkeys(Kind, 90))


async def ask(county: County, access: Access, index: Passing | None = None, **given: Any) -> Nearby:
    """What is near; where no index is given, one that knows of no camera."""
    assert access.purpose.case_id is not None
    index = index or unwatched(county.store)
    return await nearby.nearby(county.store, access, Paces(), access.purpose.case_id, NearbyQuery(**given), index=index)


def by_name(found: Nearby) -> Mapping[str, NearCamera]:
    return {one.name: one for one in found.cameras}


async def film(county: County, one: Camera, since: datetime, until: datetime) -> None:
    """Segments of ten minutes, one after the other."""
    count = round((until - since) / timedelta(minutes=10))
    told = [segment(one, since + timedelta(minutes=10 * n), 600) for n in range(count)]
    await recordings.record(county.store, told)


def hours(found: NearCamera) -> list[tuple[float, float, str]]:
    """What is missing of a camera, in hours after noon."""
    assert found.facts is not None
    return [((one.since - NOON) / HOUR, (one.until - NOON) / HOUR, one.cause) for one in found.facts.gaps]


@pytest.fixture
async def li(county: County) -> User:
    await place(county, HANSHU, 0, 0)
    return await county.user("li")


async def test_cameras_come_by_the_time_it_takes_to_get_there(county: County, li: User) -> None:
    street, side = (at(-2000, 0), at(2000, 0)), (at(1000, 0), at(1000, 1500))
    across = (at(-2000, 600), at(500, 600))
    for line in (street, side, across):
        await roads.create(county.store, NewRoad(place_code=HANSHU, path=line), CONSOLE)
    await camera(county, 600, 0, name="street")
    await camera(county, 1000, 1000, name="side")
    await camera(county, 300, 600, name="across", village=NEXT)
    await camera(county, 1900, 0, name="far")
    await county.camera(HANSHU, name="nowhere")
    access = await under(county, li, (await reported(county, li)).case)
    found = await ask(county, access, mode=Mode.FOOT, minutes=24)
    assert [one.name for one in found.cameras] == ["street", "far", "side", "nowhere", "across"]
    told = by_name(found)
    assert told["street"].minutes == pytest.approx(7.2, abs=0.1)
    assert told["side"].metres == pytest.approx(2000, abs=5)
    assert (told["across"].how, told["across"].minutes, told["across"].facts) == (How.UNREACHABLE, None, None)
    assert (told["nowhere"].how, told["nowhere"].minutes, told["nowhere"].sees) == (None, None, None)
    assert found.by_road
    assert [one.name for one in (await ask(county, access, mode=Mode.FOOT, minutes=10)).cameras][:1] == ["street"]
    by_van = by_name(await ask(county, access, mode=Mode.VAN, minutes=24))
    assert by_van["street"].minutes == pytest.approx(0.9, abs=0.1)
    (*_, row) = await proofs(county, "case.nearby")
    assert (row.purpose_kind, row.case_number, row.result_count) == ("case", access.purpose.case_number, 5)


async def test_without_roads_it_is_said_to_be_an_estimate(county: County, li: User) -> None:
    await camera(county, 300, 400, name="a")
    access = await under(county, li, (await reported(county, li)).case)
    found = await ask(county, access)
    assert not found.by_road
    assert (found.cameras[0].how, found.cameras[0].metres) == (How.STRAIGHT, 700)


def dark(found: NearCamera) -> list[tuple[float, float, str]]:
    """When nobody watched a camera, in hours after noon."""
    assert found.facts is not None
    return [((one.since - NOON) / HOUR, (one.until - NOON) / HOUR, one.cause) for one in found.facts.unwatched]


async def test_what_was_recorded_and_analysed_is_told_to_the_second(county: County, li: User, tmp_path: Path) -> None:
    store, index = county.store, index_at(county, tmp_path)
    whole, broken, blind, _ = [await camera(county, 100 + n, 0, name=f"{n}") for n in range(4)]
    await round_of(store)
    for one in (whole, broken, blind):
        await say(store, one, NOON - HOUR, State.LIVE)
    county.clock.turn(hours=12)
    await film(county, whole, NOON, NOON + 12 * HOUR)
    await film(county, broken, NOON, NOON + 3 * HOUR)
    await film(county, broken, NOON + 5 * HOUR, NOON + 12 * HOUR)
    await film(county, blind, NOON, NOON + 12 * HOUR)
    await say(store, broken, NOON + 3 * HOUR, State.BACKING_OFF, Reason.UNREACHABLE)
    await say(store, broken, NOON + 5 * HOUR, State.LIVE)
    saw(index._shelf, whole.id, NOON - HOUR, NOON + 12 * HOUR)
    saw(index._shelf, broken.id, NOON - HOUR, NOON + 3 * HOUR)
    saw(index._shelf, broken.id, NOON + 5 * HOUR, NOON + 12 * HOUR)
    # Live and recorded all the time, and analysis saw half of it: that is what is told.
    saw(index._shelf, blind.id, NOON - HOUR, NOON + 4 * HOUR)
    saw(index._shelf, blind.id, NOON + 4 * HOUR, NOON + 5 * HOUR, Seen.FLASH)
    saw(index._shelf, blind.id, NOON + 10 * HOUR, NOON + 12 * HOUR)
    county.clock.turn(seconds=120)
    await round_of(store)
    made = await reported(county, li, last_seen_at=NOON, found_at=NOON + 12 * HOUR)
    access = await under(county, li, made.case)
    found = await ask(county, access, index)
    told = by_name(found)
    assert found.window_s == 12 * 3600
    facts = told["0"].facts
    assert facts is not None
    assert (facts.recorded_s, facts.gaps, facts.analysed_s, facts.unwatched) == (12 * 3600, (), 12 * 3600, ())
    assert told["0"].playable
    assert hours(told["1"]) == [(3, 5, "unreachable")]
    off = told["1"].facts
    assert off is not None
    assert (off.recorded_s, off.analysed_s) == (10 * 3600, 10 * 3600)
    assert dark(told["1"]) == [(3, 5, "unreachable")]
    half = told["2"].facts
    assert half is not None
    assert (half.recorded_s, half.analysed_s) == (12 * 3600, 6 * 3600)
    assert dark(told["2"]) == [(4, 5, "flash"), (5, 10, "not_analysed")]
    nothing = told["3"].facts
    assert nothing is not None
    assert (nothing.recorded_s, nothing.analysed_s) == (0, 0)
    assert not told["3"].playable
    for one in told.values():
        assert one.facts is not None
        missing = sum((gap.until - gap.since).total_seconds() for gap in one.facts.gaps)
        assert one.facts.recorded_s + missing == found.window_s, "what is there and what is not add up"
        unwatched = sum((gap.until - gap.since).total_seconds() for gap in one.facts.unwatched)
        assert one.facts.analysed_s + unwatched == found.window_s


async def test_what_is_being_written_and_what_came_late_is_counted(county: County, li: User, tmp_path: Path) -> None:
    store, index = county.store, index_at(county, tmp_path)
    one = await camera(county, 100, 0, name="one")
    await say(store, one, NOON - 30 * HOUR, State.LIVE)
    saw(index._shelf, one.id, NOON - 30 * HOUR, NOON - 6 * HOUR)
    made = await reported(county, li, last_seen_at=NOON - 24 * HOUR, found_at=NOON)
    access = await under(county, li, made.case)
    assert dark(by_name(await ask(county, access, index))["one"]) == [(-6, -90 / 3600, "not_analysed")]
    # The day that is being written grows; the one before is sealed, and a worker's word of it comes late.
    saw(index._shelf, one.id, NOON - 6 * HOUR, NOON - 2 * HOUR)
    assert dark(by_name(await ask(county, access, index))["one"]) == [(-2, -90 / 3600, "not_analysed")]
    yesterday = (NOON - 24 * HOUR).astimezone(store.tz).date()
    index._shelf.cut(one.id, yesterday, [(0, int((NOON - 20 * HOUR).timestamp()))])
    assert dark(by_name(await ask(county, access, index))["one"])[0] == (-20, -12, "not_analysed")
    saw(index._shelf, one.id, NOON - 20 * HOUR, NOON - 12 * HOUR)
    assert dark(by_name(await ask(county, access, index))["one"]) == [(-2, -90 / 3600, "not_analysed")]
    index._shelf.seal(one.id, yesterday)
    assert dark(by_name(await ask(county, access, index))["one"]) == [(-2, -90 / 3600, "not_analysed")]


async def test_the_index_that_is_gone_or_began_later_is_no_watch(county: County, li: User, tmp_path: Path) -> None:
    store = county.store
    index = Passing(store, Shelf(tmp_path, store.tz), dict.fromkeys(Kind, 2))
    one = await camera(county, 100, 0, name="one")
    await say(store, one, NOON - 100 * HOUR, State.LIVE)
    saw(index._shelf, one.id, NOON - 10 * HOUR, NOON)
    made = await reported(county, li, last_seen_at=NOON - 96 * HOUR, found_at=NOON - 2 * HOUR)
    told = dark(by_name(await ask(county, await under(county, li, made.case), index))["one"])
    assert told == [(-96, -60, "gone"), (-60, -10, "not_analysed")]


async def test_what_went_by_age_is_told_from_what_is_held(county: County, li: User) -> None:
    store = county.store
    kept = await camera(county, 100, 0, name="kept")
    other = await camera(county, 120, 0, name="other", village=NEXT)
    await round_of(store)
    for one in (kept, other):
        await say(store, one, NOON - HOUR, State.LIVE)
        await film(county, one, NOON, NOON + 6 * HOUR)
    county.clock.turn(hours=6, seconds=10)
    await round_of(store)
    made = await reported(county, li, last_seen_at=NOON, found_at=NOON + 2 * HOUR, places=(HANSHU,))
    county.clock.turn(days=31)
    for those in await keeping.overdue(store, POLICY):
        while (await keeping.expire(store, those, "local", limit=50)).files:
            pass
    access = await under(county, li, made.case)
    told = by_name(await ask(county, access))
    assert hours(told["kept"]) == []
    assert told["kept"].playable
    assert not told["other"].reached
    assert told["other"].facts is None, "the case does not reach there"
    both = await reported(county, li, last_seen_at=NOON, found_at=NOON + 2 * HOUR)
    again = by_name(await ask(county, await under(county, li, both.case)))
    assert hours(again["other"]) == [(0, 2, GONE)]
    assert not again["other"].playable


async def test_a_volunteer_without_consent_is_asked_and_never_played(county: County, li: User) -> None:
    silent = await camera(county, 100, 0, name="silent", kind=Kind.CIVILIAN)
    agreed = await camera(county, 120, 0, name="agreed", kind=Kind.CIVILIAN)
    events_only = await camera(county, 130, 0, name="events", kind=Kind.CIVILIAN)
    scopes = {ConsentScope.EVENTS, ConsentScope.CLIP}
    since = {"valid_from": NOON - timedelta(days=9), "signed_at": NOON - timedelta(days=9)}
    await county.consent(agreed, scopes=scopes, **since)
    await county.consent(events_only, **since)
    await film(county, agreed, NOON - 9 * HOUR, NOON - 8 * HOUR)
    await film(county, silent, NOON - 9 * HOUR, NOON - 8 * HOUR)
    access = await under(county, li, (await reported(county, li)).case)
    told = by_name(await ask(county, access))
    assert {name: one.consent for name, one in told.items()} == {
        "silent": Agreed.ASK, "agreed": Agreed.GIVEN, "events": Agreed.ASK,
    }  # fmt: skip
    assert {name: one.playable for name, one in told.items()} == {"silent": False, "agreed": True, "events": False}
    assert {cause for *_, cause in hours(told["events"])} == {NO_CONSENT}
    assert {cause for *_, cause in dark(told["silent"])} == {"no_consent"}
    assert {cause for *_, cause in dark(told["events"])} == {"not_analysed"}
    assert told["agreed"].facts is not None
    assert told["agreed"].facts.recorded_s == 3600
    assert {cause for *_, cause in hours(told["agreed"])} <= {NOT_DUE, NO_EVENT}


async def test_a_window_with_no_footage_says_so(county: County, li: User) -> None:
    await camera(county, 100, 0, name="a")
    access = await under(county, li, (await reported(county, li)).case)
    (one,) = (await ask(county, access)).cameras
    assert one.facts is not None
    assert (one.facts.recorded_s, one.playable) == (0, False)
    assert hours(one) == [(-14, -4, NOT_DUE)]
    assert dark(one) == [(-14, -4, "not_analysed")]


async def test_what_a_camera_is_for_the_scene(county: County, li: User) -> None:
    toward = await camera(county, 60, 0, name="toward", bearing_deg=270.0)
    await camera(county, 60, 0, name="away", bearing_deg=90.0)
    await camera(county, 60, 0, name="unknown")
    await camera(county, 700, 0, name="far", bearing_deg=270.0)
    lon, lat = at(50, 0)
    gate = NewEntrance(place_code=HANSHU, name="东口", lat=lat, lon=lon, bearing_deg=270, camera_ids=(toward.id,))
    await entrances.create(county.store, gate, CONSOLE)
    await devices.set_clock_offset(county.store, county.device_id, 37_000)
    access = await under(county, li, (await reported(county, li)).case)
    assert access.purpose.case_id is not None
    await chosen.choose(county.store, access.purpose.case_id, Choice(add=frozenset({toward.id})), access.actor)
    told = by_name(await ask(county, access))
    assert {name: one.sees for name, one in told.items()} == {
        "toward": True, "away": False, "unknown": None, "far": False,
    }  # fmt: skip
    assert told["toward"].entrances == ("东口",)
    assert [one.chosen for one in told.values()].count(True) == 1
    assert {one.clock_offset_ms for one in told.values()} == {37_000}


async def test_it_is_asked_under_the_case_itself(county: County, li: User) -> None:
    one, other = await reported(county, li), await reported(county, li)
    access, nothing = await under(county, li, one.case), unwatched(county.store)
    for wrong in (await under(county, li, other.case), await county.access(li)):
        with pytest.raises(Denied) as refused:
            await nearby.nearby(county.store, wrong, Paces(), one.case.id, NearbyQuery(), index=nothing)
        assert refused.value.code == "purpose_case"
    with pytest.raises(NotFound):
        stranger = await county.case(await county.user("wang"))
        await nearby.nearby(county.store, stranger, Paces(), one.case.id, NearbyQuery(), index=nothing)
    await nearby.nearby(county.store, access, Paces(), one.case.id, NearbyQuery(), index=nothing)
    plain = await county.case(li, places=(NEXT,))
    with pytest.raises(Conflict) as nowhere:
        await ask(county, plain)
    assert nowhere.value.code == "case_no_point"
    await place(county, NEXT, 500, 0)
    assert (await ask(county, plain)).cameras == ()

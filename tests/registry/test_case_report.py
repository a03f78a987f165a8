"""A report: six things told, a case opened, and all footage in reach held in the same breath."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from registry import cases, places, roads
from registry.cases import CaseChange, Offence
from registry.casework import amending, handover, report
from registry.casework.handover import NewHandover
from registry.casework.told import Amendment, NewReport, ReachQuery, Reported
from registry.errors import Conflict, Denied, Invalid
from registry.inputs import parse
from registry.model import Actor, Camera, Role, User
from registry.permissions import Permission, may
from registry.recordings import holds, keeping
from registry.recordings.holds import NewHold
from registry.roads import NewRoad
from registry.scope import EVERYTHING
from registry.tables import hold_cameras
from registry.tables import holds as hold_rows
from registry.travel import Paces
from registry.users import CONSOLE
from tests.registry.county import NOON, County
from tests.registry.recordings_of import POLICY
from tests.registry.test_holds import fill, left, proofs
from tests.registry.test_travel import LAT, LON, at

HANSHU, NEXT, FAR = "220882100200", "220882100201", "220882101200"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def told(**given: Any) -> NewReport:
    values = {
        "item": "sheep",
        "where": {"lat": LAT, "lon": LON},
        "last_seen_at": NOON - timedelta(hours=14),
        "found_at": NOON - timedelta(hours=4),
        "certainty": "sure",
        "manner": "stolen",
        **given,
    }
    return parse(NewReport, {name: value for name, value in values.items() if value is not None})


async def place(county: County, code: str, east: float, north: float) -> None:
    lon, lat = at(east, north)
    await places.change(county.store, code, places.PlaceChange(lat=lat, lon=lon), CONSOLE)


async def camera(county: County, east: float, north: float, village: str = HANSHU, **given: Any) -> Camera:
    lon, lat = at(east, north)
    return await county.camera(village, lat=lat, lon=lon, **given)


async def reported(county: County, user: User, **given: Any) -> Reported:
    return await report.create(county.store, POLICY, Paces(), told(**given), Actor(user, "10.1.1.1"))


async def held(county: County) -> dict[int, Any]:
    wanted = sa.select(hold_cameras.c.camera_no, hold_rows).join(hold_rows, hold_rows.c.no == hold_cameras.c.hold_no)
    async with county.store.read() as conn:
        return {row.camera_no: row for row in await conn.execute(wanted)}


def test_six_things_are_asked_for() -> None:
    assert sum(one.is_required() for one in NewReport.model_fields.values()) <= 6


async def test_a_report_opens_a_case_and_holds_what_is_in_reach(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    near, beside, far = (
        await camera(county, 200, 0),
        await camera(county, 3000, 0, NEXT),
        await camera(county, 90_000, 0, FAR),
    )
    unplaced = await county.camera(HANSHU)
    await fill(county, near, range(24 * 27 - 3, 24 * 27 + 1))
    since = NOON - timedelta(hours=24 * 27)
    li = await county.user("li")
    made = await reported(county, li, last_seen_at=since, found_at=since + timedelta(hours=3))
    assert made.case.number == "临20261123-01"
    assert made.provisional
    assert made.case.offence is Offence.LIVESTOCK
    assert "羊被盗" in made.case.title
    assert made.case.places == (HANSHU, NEXT)
    assert [one.name for one in made.case.members] == ["li"]
    there = await held(county)
    assert set(there) == {near.no, beside.no, unplaced.no}, "in reach, or of the village and on no map"
    assert far.no not in there
    assert made.held == 3
    assert made.first_goes_at == since + 30 * DAY, "three days from now, were it not held"
    hold = there[near.no]
    law = county.store.policy.cases
    assert hold.expires_at == NOON + timedelta(days=law.hold_days)
    margin = timedelta(hours=law.margin_hours)
    assert (hold.starts_at, hold.ends_at) == (since - margin, since + timedelta(hours=3) + margin)

    county.clock.turn(days=20)
    before = await left(county, near)
    for those in await keeping.overdue(county.store, POLICY):
        while (await keeping.expire(county.store, those, "local", limit=2)).files:
            pass
    assert await left(county, near) == before
    assert len(before) == 4


async def test_another_of_the_day_has_the_next_number_and_the_forces_own_replaces_it(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    li = await county.user("li")
    first, second = await reported(county, li), await reported(county, li, item="pump", manner="unknown")
    assert [first.case.number[-2:], second.case.number[-2:]] == ["01", "02"]
    assert second.case.offence is Offence.THEFT
    own = CaseChange(expected_revision=1, number="月公(治)案〔2026〕7号")
    changed = await cases.change(county.store, first.case.id, own, Actor(li, ""))
    assert changed.number == "月公(治)案〔2026〕7号"
    again = await report.of_case(county.store, POLICY, first.case.id, Actor(li, ""))
    assert again is not None
    assert not again.provisional
    with pytest.raises(Conflict) as taken:
        await cases.change(county.store, second.case.id, own, Actor(li, ""))
    assert taken.value.code == "case_exists"


async def test_an_assistant_reports_with_an_officer_responsible_and_exports_nothing(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    one = await camera(county, 100, 0)
    wang = await county.user("wang", Role.ASSISTANT)
    with pytest.raises(Invalid, match="responsible"):
        await reported(county, wang)
    await county.user("li")
    made = await reported(county, wang)
    assert made.case.responsible is not None
    assert made.case.responsible.name == "li"
    assert {who.name for who in made.case.members} == {"li", "wang"}
    assert set(await held(county)) == {one.no}
    assert not may(wang, Permission.EXPORT)
    assert (made.case.member, made.case.editable) == (True, False)


async def test_what_strayed_is_no_theft_and_how_sure_widens_the_window(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    made = await reported(county, await county.user("li"), manner="strayed", certainty="guess", item_text="奶山羊三只")
    assert (made.case.offence, made.case.offence_text) == (Offence.OTHER, "奶山羊三只走失")
    assert made.case.starts_at == NOON - timedelta(hours=14 + 12)
    assert made.case.ends_at == NOON - timedelta(hours=4 - 12)


async def test_a_river_keeps_cameras_out_of_reach(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    for line in ((at(-3000, 0), at(3000, 0)), (at(-3000, 900), at(3000, 900))):
        await roads.create(county.store, NewRoad(place_code=HANSHU, path=line), CONSOLE)
    near, across = await camera(county, 500, 0), await camera(county, 500, 900, NEXT)
    await reported(county, await county.user("li"))
    assert set(await held(county)) == {near.no}
    assert across.no not in await held(county)


async def test_what_is_wrong_is_told(county: County) -> None:
    li = await county.user("li", grants=(HANSHU,))
    with pytest.raises(Invalid, match="no village"):
        await reported(county, li)
    await place(county, FAR, 0, 0)
    with pytest.raises(Denied) as outside:
        await reported(county, li)
    assert outside.value.code == "out_of_scope"
    await place(county, HANSHU, 10, 0)
    await place(county, FAR, 9000, 0)
    for wrong in (
        {"found_at": NOON + timedelta(hours=1)},
        {"last_seen_at": NOON - timedelta(days=60)},
        {"responsible_id": (await county.user("helper", Role.ASSISTANT)).id},
        {"expires_at": NOON - DAY},
    ):
        with pytest.raises(Invalid):
            await reported(county, li, **wrong)
    for bad in (
        {"where": {"lat": LON, "lon": LAT}},
        {"where": {"lat": 10.0, "lon": 10.0}},
        {"where": {"lat": LAT}},
        {"item": "ufo"},
        {"certainty": None},
        {"found_at": NOON - timedelta(days=3)},
        {"note": "x" * 201},
        {"title": "羊\n两只"},
    ):
        with pytest.raises((ValidationError, Invalid)):
            told(**bad)
    assert await held(county) == {}, "nothing is held of what was refused"


async def test_what_a_report_would_hold_is_told_before_it_is_made(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    one = await camera(county, 100, 0)
    await fill(county, one, [3])
    asked = ReachQuery(lat=LAT, lon=LON, last_seen_at=NOON - DAY, found_at=NOON)
    li = Actor(await county.user("li"), "")
    found = await report.reach(county.store, POLICY, Paces(), asked, li)
    assert (found.village_code, found.places, found.cameras) == (HANSHU, (HANSHU,), 1)
    assert found.first_goes_at == NOON - timedelta(hours=3) + 30 * DAY
    nothing = await report.reach(county.store, POLICY, Paces(), ReachQuery(lat=30.0, lon=110.0), li)
    assert (nothing.village_code, nothing.places, nothing.cameras, nothing.first_goes_at) == (None, (), 0, None)


async def test_a_long_hold_is_for_who_may_approve(county: County) -> None:
    one = await county.camera()
    li, chief = await county.user("li"), await county.user("chief", Role.APPROVER)
    case = await county.open_case(li)
    days = county.store.policy.cases.hold_days
    values = {"camera_ids": [str(one.id)], "from": NOON - DAY, "to": NOON, "expires_at": NOON + (days + 2) * DAY}
    with pytest.raises(Denied) as long:
        await holds.create(county.store, case.id, parse(NewHold, values), Actor(li, ""))
    assert long.value.code == "hold_long"
    await holds.create(county.store, case.id, parse(NewHold, values), Actor(chief, ""))


async def test_a_case_is_handed_over_with_a_note(county: County) -> None:
    li, zhao = await county.user("li"), await county.user("zhao")
    wang = await county.user("wang", Role.ASSISTANT)
    case = await county.open_case(li, number="A-1")

    def to(who: User, revision: int) -> NewHandover:
        return NewHandover(to_id=who.id, note="北门录像还没看", expected_revision=revision)

    after = await handover.hand_over(county.store, case.id, to(zhao, case.revision), Actor(li, ""))
    assert after.responsible is not None
    assert after.responsible.name == "zhao"
    assert {one.name for one in after.members} == {"li", "zhao"}
    (told,) = await handover.list_handovers(county.store, case.id, Actor(zhao, ""))
    assert told.before is not None
    assert (told.before.name, told.after.name, told.note, told.handed_by) == ("li", "zhao", "北门录像还没看", "li")
    (row,) = await proofs(county, "case.handover")
    assert "zhao" in row.detail
    with pytest.raises(Denied):
        await handover.hand_over(county.store, case.id, to(li, after.revision), Actor(li, ""))
    with pytest.raises(Conflict) as stale:
        await handover.hand_over(county.store, case.id, to(li, case.revision), Actor(zhao, ""))
    assert stale.value.code == "case_stale"
    for wrong in (wang, zhao):
        with pytest.raises(Invalid):
            await handover.hand_over(county.store, case.id, to(wrong, after.revision), Actor(zhao, ""))


async def amended(county: County, made: Reported, revision: int, actor: Actor, **given: Any) -> Reported:
    told = made.report
    values = {
        "item": told.item, "where": {"lat": told.lat, "lon": told.lon}, "last_seen_at": told.last_seen_at,
        "found_at": told.found_at, "certainty": told.certainty, "manner": told.manner, "expected_revision": revision,
        **given,
    }  # fmt: skip
    new = parse(Amendment, values)
    return await amending.amend(county.store, POLICY, Paces(), made.case.id, new=new, actor=actor)


async def test_what_is_learned_later_widens_the_window_and_the_hold_and_what_was_told_stays(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    one = await camera(county, 100, 0)
    li = Actor(await county.user("li"), "10.1.1.1")
    made = await reported(county, li.user, item="pump", manner="unknown")
    assert (made.earlier, made.report.version) == ((), 1)
    assert made.case.title.endswith("水泵不见")
    margin = timedelta(hours=county.store.policy.cases.margin_hours)
    county.clock.turn(hours=1)
    early = NOON - timedelta(hours=30)
    wider = await amended(county, made, 1, li, last_seen_at=early, note="前天早上还在", manner="stolen")
    assert (wider.case.starts_at, wider.case.ends_at) == (early, made.case.ends_at)
    assert (wider.case.revision, wider.case.title[-4:]) == (2, "水泵被盗")
    assert (wider.report.version, wider.report.reported_by, wider.report.reported_at) == (2, "li", NOON + HOUR)
    assert wider.earlier == (made.report,)
    spans = [(hold.since, hold.until) for hold in await holds.list_holds(county.store, EVERYTHING)]
    assert spans == [
        (early - margin, made.report.found_at + margin),
        (made.report.last_seen_at - margin, made.report.found_at + margin),
    ]
    later = await amended(county, wider, 2, li, last_seen_at=NOON - timedelta(hours=6), note="二十二点还在")
    assert (later.case.starts_at, later.held) == (early, 1), "it may have been looked at: the window never shrinks"
    assert len(await holds.list_holds(county.store, EVERYTHING)) == 2, "held already"
    assert [told.note for told in (later.report, *later.earlier)] == ["二十二点还在", "前天早上还在", ""]
    again = await report.of_case(county.store, POLICY, made.case.id, li)
    assert again == later
    rows = await proofs(county, "case.amend")
    assert [row.user_name for row in rows] == ["li", "li"]
    assert "二十二点还在" in rows[-1].detail
    assert set(await held(county)) == {one.no}


async def test_a_point_that_was_elsewhere_brings_its_village_and_its_cameras(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    await place(county, FAR, 90_000, 0)
    near, far = await camera(county, 100, 0), await camera(county, 90_100, 0, FAR)
    li = Actor(await county.user("li"), "")
    made = await reported(county, li.user)
    assert set(await held(county)) == {near.no}
    lon, lat = at(90_000, 0)
    moved = await amended(county, made, 1, li, where={"lat": lat, "lon": lon})
    assert moved.case.places == (HANSHU, FAR)
    assert set(await held(county)) == {near.no, far.no}
    with pytest.raises(Invalid):
        await amended(county, moved, 2, li, where={"lat": 30.0, "lon": 110.0})
    assert (await cases.get(county.store, made.case.id, li)).revision == 2, "nothing is left of what was refused"


async def test_two_who_amend_at_once_are_told_and_others_may_not(county: County) -> None:
    await place(county, HANSHU, 0, 0)
    li, wang = Actor(await county.user("li"), ""), Actor(await county.user("wang"), "")
    made = await reported(county, li.user, member_ids={wang.user.id})
    with pytest.raises(Denied) as others:
        await amended(county, made, 1, wang, note="x")
    assert others.value.code == "case_others"
    both = [amended(county, made, 1, li, note=note) for note in ("one", "two")]
    told = await asyncio.gather(*both, return_exceptions=True)
    (kept,) = [one for one in told if isinstance(one, Reported)]
    (stale,) = [one for one in told if isinstance(one, Conflict)]
    assert (stale.code, kept.report.version) == ("case_stale", 2)
    own = CaseChange(expected_revision=1, title="两只羊")
    with pytest.raises(Conflict):
        await cases.change(county.store, made.case.id, own, li)
    with pytest.raises(Invalid):
        await amended(county, made, 2, li, found_at=county.clock() + HOUR)
    named = await cases.change(county.store, made.case.id, CaseChange(expected_revision=2, title="两只羊"), li)
    kept = await amended(county, made, named.revision, li, item="cattle")
    assert (kept.case.title, kept.case.offence) == ("两只羊", Offence.LIVESTOCK), "words of one's own stay"
    opened = await county.open_case(li.user)
    with pytest.raises(Conflict) as none:
        await amended(county, replace(made, case=opened), 1, li)
    assert none.value.code == "report_none"
    county.clock.turn(days=365)
    with pytest.raises(Conflict) as over:
        await amended(county, made, named.revision + 1, li)
    assert over.value.code == "case_expired"

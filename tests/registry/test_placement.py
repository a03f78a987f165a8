"""Placement: a camera is pulled only while nothing the policy demands is missing; filings, signs, and what is for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from registry import audit, cameras, live, placement
from registry.cameras import CameraChange
from registry.errors import Conflict, Invalid, NotFound
from registry.inputs import parse
from registry.model import Access, Actor, Kind, Reason, Role
from registry.placement import FilingState, Lack, PlacementChange, Wanting
from registry.policy import preset
from registry.recordings import due
from registry.recordings import lawful as lawful_recordings
from registry.scope import EVERYTHING, Scope
from registry.tables import placements
from registry.users import CONSOLE
from tests import lawful
from tests.registry.county import NOON, County
from tests.registry.recordings_of import POLICY

LAW = preset("cn").placement


async def tell(county: County, camera_id: UUID, **given: object) -> placement.Placement:
    return await placement.change(county.store, camera_id, parse(PlacementChange, given), CONSOLE)


async def halt(county: County, camera_id: UUID) -> Reason | None:
    found = await cameras.orders(county.store, county.vault, 0, 1, policy=POLICY)
    return next(one.halt for one in found if one.camera_id == camera_id)


async def test_a_new_camera_is_pulled_once_nothing_is_missing_and_no_longer_when_something_is(county: County) -> None:
    camera = await county.unplaced()
    before = await county.store.revision()
    new = await placement.get(county.store, camera.id, EVERYTHING)
    assert new.lacks == (Lack.CHECKLIST, Lack.BASIS, Lack.PURPOSE, Lack.SIGN)
    assert (new.filing, new.active_since, new.grace_until) == (FilingState.NOT_YET, None, None)
    assert await halt(county, camera.id) is Reason.PLACEMENT
    some = dict.fromkeys(LAW.forbidden[1:], False)
    assert Lack.CHECKLIST in (await tell(county, camera.id, answers=some, basis="government", purpose="治安防控")).lacks
    assert (await tell(county, camera.id, answers={LAW.forbidden[0]: False})).lacks == (Lack.SIGN,)
    assert await halt(county, camera.id) is Reason.PLACEMENT
    made, gone = await placement.keep_sign(county.store, camera.id, lawful.SIGN, CONSOLE)
    assert (made.lacks, made.has_sign, made.sign_at, made.active_since, gone) == ((), True, NOON, NOON, None)
    assert await halt(county, camera.id) is None
    assert await county.store.revision() > before
    county.clock.turn(hours=1)
    assert (await tell(county, camera.id, purpose="")).lacks == (Lack.PURPOSE,)
    assert await halt(county, camera.id) is Reason.PLACEMENT
    again = await tell(county, camera.id, purpose="治安防控")
    assert again.active_since == NOON, "the days to file in count from the first use"


async def test_what_is_not_pulled_for_its_place_is_not_due_to_be_recorded(county: County) -> None:
    placed, unplaced = await county.camera(), await county.unplaced()
    wanted = await due.wanted(county.store, POLICY)
    assert {no for no, _ in wanted.modes} == {placed.no}
    await lawful.place(county.store, unplaced)
    assert {no for no, _ in (await due.wanted(county.store, POLICY)).modes} == {placed.no, unplaced.no}


async def test_a_camera_that_looks_where_nobody_may_be_watched_stays_off_for_good(county: County) -> None:
    camera = await county.camera()
    assert (await tell(county, camera.id, answers={"toilet": True})).lacks == (Lack.FORBIDDEN,)
    assert await halt(county, camera.id) is Reason.PLACEMENT
    with pytest.raises(Conflict) as refused:
        await tell(county, camera.id, answers={"toilet": False})
    assert refused.value.code == "placement_forbidden"
    await grace(county, camera.no, days=0)
    assert await halt(county, camera.id) is Reason.PLACEMENT, "no grace spares it"


async def grace(county: County, number: int, *, days: float) -> None:
    """As the upgrade leaves a camera that was there, some days ago."""
    old = sa.update(placements).where(placements.c.camera_no == number)
    async with county.store.write() as conn:
        await conn.execute(old.values(grace_from=county.clock() - timedelta(days=days), active_since=county.clock()))


async def test_a_camera_from_before_runs_on_until_the_policys_day_and_is_listed(county: County) -> None:
    camera = await county.unplaced()
    await grace(county, camera.no, days=LAW.grace_days - 1)
    assert await halt(county, camera.id) is None
    (listed,) = await placement.list_filings(county.store, EVERYTHING, wanting=Wanting.INCOMPLETE)
    assert (listed.camera_id, listed.placement.grace_until) == (camera.id, NOON + timedelta(days=1))
    county.clock.turn(days=1)
    assert await halt(county, camera.id) is Reason.PLACEMENT


async def test_near_a_sensitive_unit_its_agreement_is_needed(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN)
    assert (await tell(county, camera.id, near_sensitive=True)).lacks == (Lack.AGREEMENT,)
    assert (await tell(county, camera.id, agreement="大安市人武部函〔2026〕3号")).lacks == ()


async def test_a_filing_is_due_overdue_filed_and_due_again_after_a_move(county: County) -> None:
    camera = await county.camera(lat=45.5, lon=124.1, bearing_deg=90.0)

    async def stands() -> tuple[FilingState, bool]:
        found = await placement.get(county.store, camera.id, EVERYTHING)
        return found.filing, found.overdue

    assert await stands() == (FilingState.DUE, False)
    county.clock.turn(days=30)
    assert await stands() == (FilingState.DUE, True)
    filed = await tell(county, camera.id, filing_no="吉公备2026-77", filed_on="2026-12-23")
    assert (filed.filing, filed.due_at, filed.filed_on) == (FilingState.FILED, None, date(2026, 12, 23))
    same = parse(CameraChange, {"lat": 45.5, "lon": 124.1, "name": "东口", "bearing_deg": 90.0})
    await cameras.change(county.store, county.vault, camera.id, same, CONSOLE)
    assert await stands() == (FilingState.FILED, False)
    turned = parse(CameraChange, {"bearing_deg": 180.0})
    await cameras.change(county.store, county.vault, camera.id, turned, CONSOLE)
    assert await stands() == (FilingState.REFILE, False)
    county.clock.turn(days=30)
    assert await stands() == (FilingState.REFILE, True)
    assert [
        one.camera_id for one in await placement.list_filings(county.store, EVERYTHING, wanting=Wanting.OVERDUE)
    ] == [camera.id]
    await tell(county, camera.id, filing_no="吉公备2027-2", filed_on="2027-01-22")
    assert await stands() == (FilingState.FILED, False)


async def test_householders_need_not_file(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN)
    county.clock.turn(days=300)
    found = await placement.get(county.store, camera.id, EVERYTHING)
    assert (found.filing, found.due_at, found.overdue) == (FilingState.NOT_NEEDED, None, False)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"basis": "consent"}, "basis"),
        ({"basis": "whim"}, "basis"),
        ({"answers": {"garden": False}}, "answers"),
        ({"answers": {"toilet": "no"}}, "answers.toilet"),
        ({"filing_no": "1"}, "filed_on"),
        ({"filed_on": "2026-11-01"}, "filed_on"),
        ({"filed_on": "1.11.2026", "filing_no": "1"}, "filed_on"),
        ({"purpose": "x" * 201}, "purpose"),
        ({"purpose": None}, ""),
        ({"sign": "snapshots/x"}, "sign"),
    ],
)
async def test_what_is_wrong_is_named(county: County, given: dict[str, object], path: str) -> None:
    camera = await county.unplaced()
    with pytest.raises(Invalid) as wrong:
        await tell(county, camera.id, **given)
    assert [field.path for field in wrong.value.fields] == [path]


async def test_a_change_from_an_old_revision_or_outside_the_scope_is_refused(county: County) -> None:
    camera = await county.camera()
    seen = (await placement.get(county.store, camera.id, EVERYTHING)).revision
    assert (await tell(county, camera.id, expected_revision=seen, near_minors=True)).near_minors
    with pytest.raises(Conflict) as stale:
        await tell(county, camera.id, expected_revision=seen, near_minors=False)
    assert stale.value.code == "placement_stale"
    far = Actor(await county.user("far", Role.TECHNICIAN, ("220882101",)), "10.1.1.1")
    for asked in (
        placement.get(county.store, camera.id, Scope(("220882101",))),
        placement.change(county.store, camera.id, PlacementChange(purpose="x"), far),
        placement.keep_sign(county.store, camera.id, lawful.SIGN, far),
        placement.get(county.store, uuid4(), EVERYTHING),
    ):
        with pytest.raises(NotFound):
            await asked


async def test_changes_are_in_the_register_with_both_values(county: County) -> None:
    camera = await county.camera()
    await tell(county, camera.id, filing_no="吉公备2026-77", filed_on="2026-11-20")
    row = next(one for one in await audit.list_rows(county.store, CONSOLE) if one.action == "placement.change")
    assert row.cameras == (str(camera.id),)
    assert "吉公备2026-77" in row.detail


async def test_a_signs_photo_is_named_and_told_of_when_another_takes_its_place(county: County) -> None:
    camera = await county.unplaced()
    with pytest.raises(NotFound) as none:
        await placement.sign_of(county.store, camera.id, EVERYTHING)
    assert none.value.code == "sign_none"
    await lawful.place(county.store, camera)
    assert await placement.sign_of(county.store, camera.id, EVERYTHING) == lawful.SIGN
    key = lawful.SIGN.key
    assert await placement.named(county.store, "hub", [key, "marks/x"]) == {key}
    assert await placement.named(county.store, "other", [key]) == set()
    other = replace(lawful.SIGN, key=key.replace("0000.jpg", "0001.jpg"))
    assert (await placement.keep_sign(county.store, camera.id, other, CONSOLE))[1] == lawful.SIGN


async def test_near_minors_live_pictures_and_recordings_need_a_reason_in_words(county: County) -> None:
    camera = await county.camera()
    await tell(county, camera.id, near_minors=True)
    access = await county.access()
    short = Access(access.actor, replace(access.purpose, reason="巡查"))
    for look, code in ((access, None), (short, "minors_reason")):
        (seen,) = await live.standing(county.store, look, [(camera.id, "sub")])
        assert getattr(seen, "code", None) == code
        async with county.store.read() as conn:
            span = (NOON - timedelta(hours=1), NOON)
            replayed = (await lawful_recordings.visible(conn, county.store, look, [camera.id], span))[camera.id]
        assert getattr(replayed, "code", None) == code

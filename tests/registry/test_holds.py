"""Holds and what they keep: retention, quota and withdrawn consents against them, on both engines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from registry import audit, cases, consents, events, incidents, purges, recordings
from registry.ages import Overdue
from registry.errors import Conflict, Invalid, NotFound
from registry.inputs import parse
from registry.model import Actor, Camera, ConsentScope, Kind
from registry.recordings import holds, keeping
from registry.recordings.expiring import Expiring, expiring
from registry.recordings.holds import Hold, NewHold, Release
from registry.scope import EVERYTHING, Scope
from registry.tables import audit as audit_rows
from registry.tables import segments
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change
from tests.registry.recordings_of import POLICY, segment


def at(**after: float) -> datetime:
    return NOON + timedelta(**after)


async def hold(county: County, those: Sequence[Camera], since: datetime, until: datetime, **given: Any) -> Hold:
    listed = await cases.list_cases(county.store, CONSOLE)
    case = await county.open_case(await county.user(f"chief{len(listed)}"), number=f"A{len(listed)}")
    values = {"camera_ids": [str(one.id) for one in those], "from": since.isoformat(), "to": until.isoformat()}
    values |= {"expires_at": at(days=30).isoformat(), "reason": "the bicycle", **given}
    return await holds.create(county.store, case.id, parse(NewHold, values), CONSOLE)


async def fill(county: County, camera: Camera, hours: Sequence[int], size: int = 1000) -> None:
    """A minute's segment at the beginning of each of these hours before noon."""
    await recordings.record(county.store, [segment(camera, at(hours=-n), 60, bytes=size) for n in hours])


async def left(county: County, camera: Camera) -> list[int]:
    wanted = sa.select(segments.c.started_at).where(segments.c.camera_no == camera.no).order_by(segments.c.started_at)
    async with county.store.read() as conn:
        return [round((NOON - one).total_seconds() / 3600) for one in await conn.scalars(wanted)]


async def proofs(county: County, action: str) -> list[Any]:
    async with county.store.read() as conn:
        rows = await conn.execute(sa.select(audit_rows).where(audit_rows.c.action == action).order_by(audit_rows.c.no))
        return list(rows)


async def test_a_hold_is_made_told_and_released_and_all_of_it_is_on_record(county: County) -> None:
    camera = await county.camera(name="gate")
    made = await hold(county, [camera], at(hours=-2), at(hours=-1))
    assert (made.case_number, made.active, [one.name for one in made.cameras], made.others) == ("A0", True, ["gate"], 0)
    assert await holds.list_holds(county.store, EVERYTHING, case_id=made.case_id) == (made,)
    assert await holds.list_holds(county.store, Scope(("220882101",))) == ()
    ended = await holds.release(county.store, made.id, Release(reason="given back"), CONSOLE)
    assert (ended.active, ended.released_by) == (False, CONSOLE.user.name)
    assert await holds.release(county.store, made.id, Release(reason="again"), CONSOLE) == ended
    (created,), (released,) = await proofs(county, "hold.create"), await proofs(county, "hold.release")
    assert (created.cameras, created.span_from, created.span_to) == ([str(camera.id)], at(hours=-2), at(hours=-1))
    assert "given back" in released.detail
    async with county.store.read() as conn:
        assert await audit.verify_in(conn) is None


async def test_a_hold_needs_a_case_cameras_in_scope_and_a_day_to_end(county: County) -> None:
    camera, far = await county.camera(), await county.camera("220882101200")
    made = await hold(county, [camera, far], at(hours=-2), at(hours=-1))
    near = Actor(await county.user(grants=("220882100",)), "10.1.1.1")
    values: dict[str, Any] = {"camera_ids": [str(camera.id)], "from": at(hours=-1).isoformat()}
    values |= {"to": at().isoformat(), "expires_at": at(days=1).isoformat()}
    with pytest.raises(NotFound):
        await holds.create(county.store, made.case_id, parse(NewHold, {**values, "camera_ids": [str(far.id)]}), near)
    with pytest.raises(NotFound):
        await holds.create(county.store, camera.id, parse(NewHold, values), CONSOLE)
    with pytest.raises(NotFound, match="hold"):
        await holds.release(county.store, made.id, Release(reason="mine"), near)
    (seen,) = await holds.list_holds(county.store, Scope(("220882100",)))
    assert ([one.camera_id for one in seen.cameras], seen.others) == ([camera.id], 1)
    for wrong in ({"expires_at": at(days=-1).isoformat()}, {"expires_at": at(days=500).isoformat()}):
        with pytest.raises(Invalid):
            await holds.create(county.store, made.case_id, parse(NewHold, {**values, **wrong}), CONSOLE)
    for wrong in ({"camera_ids": []}, {"to": at(hours=-3).isoformat()}, {"from": at(days=-500).isoformat()}):
        with pytest.raises(Invalid):
            parse(NewHold, {**values, **wrong})
    await cases.close(county.store, made.case_id, CONSOLE)
    with pytest.raises(Conflict):
        await holds.create(county.store, made.case_id, parse(NewHold, values), CONSOLE)


async def expire_all(county: County) -> list[UUID]:
    found = []
    for those in await keeping.overdue(county.store, POLICY):
        while (gone := await keeping.expire(county.store, those, "local", limit=2)).files:
            found += [camera for camera, _, _ in gone.files]
    return found


async def test_recordings_go_by_their_cameras_days_but_for_what_is_held(county: County) -> None:
    usual, short, held = [await county.camera(**given) for given in ({}, {"kind": Kind.SOCIAL, "record_days": 2}, {})]
    for one in (usual, short, held):
        await fill(county, one, [24 * 40, 24 * 31, 24 * 29, 24 * 3, 24])
    await recordings.record(
        county.store, [segment(usual, at(days=-35), None), segment(usual, at(days=-36), 60, node="b")]
    )
    await hold(county, [held], at(days=-40, hours=-1), at(days=-40, hours=1))
    await expire_all(county)
    assert await left(county, usual) == [24 * 36, 24 * 35, 24 * 29, 24 * 3, 24]
    assert await left(county, short) == [24]
    assert await left(county, held) == [24 * 40, 24 * 29, 24 * 3, 24]
    told = await proofs(county, "recordings.expire")
    assert sum(row.result_count for row in told) == 7
    assert min(row.span_from for row in told) == at(days=-40)
    assert await expire_all(county) == []


async def test_the_oldest_go_beyond_the_quota_whoever_recorded_them_but_for_what_is_held(county: County) -> None:
    one, other, held = [await county.camera() for _ in range(3)]
    await fill(county, one, [5, 3, 1])
    await fill(county, other, [6, 4, 2])
    await fill(county, held, [9, 8, 7])
    made = await hold(county, [held], at(hours=-8, minutes=-30), at(hours=-6))
    gone = await keeping.release(county.store, 2500, "local", after=None, limit=100)
    assert [round((NOON - began).total_seconds() / 3600) for _, _, began in gone.files] == [9, 6, 5]
    assert sum(gone.days.values()) == 3000
    more = await keeping.release(county.store, 10**6, "local", after=gone.last, limit=2)
    assert len(more.files) == 2
    rest = await keeping.release(county.store, 10**6, "local", after=more.last, limit=100)
    assert (len(rest.files), await left(county, held)) == (2, [8, 7])
    assert await keeping.held_bytes(county.store) == 2000
    assert (await keeping.release(county.store, 10**6, "local", after=None, limit=100)).files == ()
    county.clock.turn(days=31)  # the hold expired
    assert await keeping.held_bytes(county.store) == 0
    assert len((await keeping.release(county.store, 10**6, "local", after=None, limit=100)).files) == 2
    assert made.active


async def test_what_was_recorded_just_now_stays_whatever_the_quota(county: County) -> None:
    camera = await county.camera()
    await recordings.record(county.store, [segment(camera, at(minutes=-2), 60), segment(camera, at(minutes=-10), 60)])
    gone = await keeping.release(county.store, 10**9, "local", after=None, limit=100)
    assert [began for _, _, began in gone.files] == [at(minutes=-10)]


async def test_a_withdrawn_consent_takes_its_recordings_along_but_for_what_is_held(county: County) -> None:
    house, other = [await county.camera(kind=Kind.CIVILIAN) for _ in range(2)]
    clip = {ConsentScope.CLIP, ConsentScope.EVENTS}
    first = await county.consent(house, scopes=clip, valid_from=at(hours=-10), valid_to=at(hours=-5))
    await county.consent(house, scopes=clip, valid_from=at(hours=-6))
    await county.consent(house, scopes={ConsentScope.EVENTS}, valid_from=at(hours=-20))
    await county.consent(other, scopes=clip, valid_from=at(hours=-10))
    for one in (house, other):
        await fill(county, one, [9, 8, 7, 5, 4])
    await hold(county, [house], at(hours=-8, minutes=-10), at(hours=-7, minutes=-30))
    assert await consents.purging(county.store, None) == ()
    await consents.withdraw(county.store, first.id, CONSOLE)
    (about,) = await consents.purging(county.store, at(minutes=-1))
    assert about == house.id
    gone, more = await keeping.purge(county.store, house.id, "local", after=None, limit=2)
    assert ([round((NOON - began).total_seconds() / 3600) for _, _, began in gone.files], more) == ([9, 7], True)
    gone, more = await keeping.purge(county.store, house.id, "local", after=gone.last, limit=2)
    assert (gone.files, more) == ((), True)
    assert await left(county, house) == [8, 5, 4]
    assert await left(county, other) == [9, 8, 7, 5, 4]
    (proof,) = await proofs(county, "recordings.purge")
    assert (proof.cameras, proof.result_count, proof.span_from) == ([str(house.id)], 2, at(hours=-9))
    assert await consents.purging(county.store, at(minutes=1)) == ()


async def test_events_and_their_pictures_stay_where_a_hold_covers_them(county: County) -> None:
    camera = await county.camera()
    times = [at(days=-40), at(days=-39), at(days=-1)]
    made = [
        change(
            camera,
            started_at=one,
            updated_at=one,
            ended_at=one,
            snapshot=f"snapshots/{number}.jpg",
            snapshot_bytes=10,
            snapshot_at=one,
            node="local",
        )
        for number, one in enumerate(times)
    ]
    await events.record(county.store, made)
    await hold(county, [camera], at(days=-39, hours=-1), at(days=-39, hours=1))
    gone = await events.expire(county.store, Overdue(at(days=-30), (camera.no,)))
    assert [key for _, key in gone.files] == ["snapshots/0.jpg"]
    gone = await events.release(county.store, 1000)
    assert [key for _, key in gone.files] == ["snapshots/2.jpg"]


async def test_bytes_are_summed_by_the_day(county: County) -> None:
    camera = await county.camera()
    await fill(county, camera, [48, 25, 24, 1])
    today = round(NOON.timestamp()) // 86400
    assert await keeping.bytes_by_day(county.store, 0) == {today - 2: 1000, today - 1: 2000, today: 1000}
    assert await keeping.bytes_by_day(county.store, today) == {today: 1000}


async def test_an_open_incident_keeps_its_event_for_the_policys_days(county: County) -> None:
    camera = await county.camera()
    old = change(camera, started_at=at(hours=-1), snapshot="snapshots/1.jpg", snapshot_bytes=10, node="local")
    await events.record(county.store, [old])
    boss = await county.case(await county.user("li"))
    await incidents.open_one(county.store, boss, incidents.NewIncident(event_id=old.id, title="丢羊"))
    county.clock.turn(days=60)
    late = Overdue(county.clock(), (camera.no,))
    assert (await events.expire(county.store, late)).rows == 0
    assert (await events.release(county.store, 10)).files == ()
    county.clock.turn(days=31)
    assert (await events.expire(county.store, late)).rows == 1


async def test_purges_are_told_newest_first_with_what_the_law_would_have_kept(county: County) -> None:
    camera = await county.camera()
    await fill(county, camera, [24 * 40, 24 * 10, 5])
    for those in await keeping.overdue(county.store, POLICY):
        await keeping.expire(county.store, those, "local", limit=10)
    gone = await keeping.release(county.store, 1, "local", after=None, limit=10)
    assert gone.early == 1
    quota, age = await purges.list_purges(county.store)
    assert (quota.what, quota.cause, quota.count, quota.early) == ("recordings", "quota", 1, 1)
    assert (age.cause, age.count, age.early, age.since) == ("age", 1, 0, at(hours=-24 * 40))
    assert await purges.list_purges(county.store, before=quota.audit_no) == (age,)
    assert await purges.list_purges(county.store, limit=1) == (quota,)


async def test_what_a_case_points_at_is_told_before_it_goes_until_it_is_held(county: County) -> None:
    camera, other = await county.camera(), await county.camera("220882100201")
    for one in (camera, other):
        await fill(county, one, [24 * 28, 24 * 2])
    window = {"places": ("220882100200",), "starts_at": at(days=-28, hours=-1), "ends_at": at(days=-28, hours=1)}
    case = await county.open_case(await county.user(), number="A-9", **window)

    async def going(seen: Scope = EVERYTHING) -> tuple[Expiring, ...]:
        those = await cases.list_cases(county.store, CONSOLE, open_only=True)
        return await expiring(county.store, POLICY, those, seen)

    (told,) = await going()
    assert (told.case_number, [one.camera_id for one in told.cameras]) == ("A-9", [camera.id])
    assert told.goes_at == at(days=2)
    assert await going(Scope(("220882101",))) == ()
    county.clock.turn(days=-2)
    assert await going() == (), "more than the policy's three days ahead"
    county.clock.turn(days=2)
    values = {"camera_ids": [str(camera.id)], "from": told.since.isoformat(), "to": told.until.isoformat()}
    await holds.create(
        county.store, case.id, parse(NewHold, {**values, "expires_at": at(days=30).isoformat()}), CONSOLE
    )
    assert await going() == ()

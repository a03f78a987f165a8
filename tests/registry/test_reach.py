"""What a purpose reaches: a case its places and times, a grant what was granted, maintenance the cameras it names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from registry import approvals, cases, events, live, purposes, recordings, refusals
from registry.approvals import Approval, Decision, Ending, NewApproval, ReachAsk
from registry.cases import CaseChange
from registry.errors import Conflict, Denied, HubError, Invalid, NotFound
from registry.events import EventQuery
from registry.live import Wanted
from registry.model import Access, Actor, Camera, Event, PurposeKind, Role, User
from registry.policy import preset
from registry.purposes import OpenPurpose
from registry.recordings.timeline import TimelineQuery
from tests.registry.county import NOON, County, change
from tests.registry.recordings_of import POLICY, segment

NEAR, NEXT, FAR = "220882100200", "220882100201", "220882101200"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GRANTS = ("220882100",)


@pytest.fixture
async def officer(county: County) -> User:
    return await county.user("officer", grants=GRANTS)


async def happened(county: County, camera: Camera, *at: datetime) -> list[Event]:
    kept = await events.record(county.store, [change(camera, started_at=one) for one in at])
    return [one.event for one in kept if one.event is not None]


async def found(county: County, access: Access, **query: Any) -> list[datetime]:
    page = await events.search(county.store, access, EventQuery(order="oldest", **query))
    return [one.started_at for one in page.events]


async def refused(asked: Any) -> str:
    with pytest.raises(HubError) as why:
        await asked
    return why.value.code


async def watches(county: County, access: Access, camera: Camera) -> str | None:
    (seen,) = await live.open(county.store, access, [Wanted(camera.id, "sub", "video")])
    return seen.code if isinstance(seen, HubError) else None


async def stands(county: County, access: Access, camera: Camera) -> str | None:
    """What a stream that is open is told at its next check, which reads its purpose anew."""
    user = access.actor.user
    anew = Access(access.actor, await purposes.get_open(county.store, access.purpose.id, user))
    (seen,) = await live.standing(county.store, anew, [(camera.id, "sub")])
    return seen.code if isinstance(seen, HubError) else None


async def test_a_case_reaches_its_places_and_times_and_a_margin(county: County, officer: User) -> None:
    near, next_, far = await county.camera(NEAR), await county.camera(NEXT), await county.camera(FAR)
    begin, end = NOON - 10 * DAY, NOON - 8 * DAY
    first, early, inner, late, last = await happened(
        county, near, begin - 25 * HOUR, begin - 23 * HOUR, begin + HOUR, end + 23 * HOUR, end + 25 * HOUR
    )
    (aside,), (away,) = await happened(county, next_, begin), await happened(county, far, begin)
    look = await county.case(officer, places=(NEAR,), starts_at=begin, ends_at=end)
    assert (look.purpose.places, look.purpose.since) == ((NEAR,), begin - DAY)
    within = [early.started_at, inner.started_at, late.started_at]
    assert await found(county, look) == within, "the case's own time stands in for a time that is not told"
    assert await found(county, look, since=begin - 9 * DAY, until=NOON) == within
    assert await found(county, look, place=(NEAR, NEXT)) == within
    buckets = await events.histogram(county.store, look, EventQuery(), "day")
    assert sum(one.count for one in buckets) == 3
    for asked in ({"place": (NEXT,)}, {"camera": (next_.id,)}, {"since": NOON - 2 * DAY}, {"until": begin - 2 * DAY}):
        assert await refused(events.search(county.store, look, EventQuery(**asked))) == "beyond_case", asked
        assert await refused(events.histogram(county.store, look, EventQuery(**asked), "day")) == "beyond_case"
    assert await found(county, look, place=(FAR,)) == [], "outside one's villages there is nothing to know of"
    assert await found(county, look, camera=(far.id,)) == []
    for one in (first, last, aside):
        assert await refused(events.get(county.store, look, one.id)) == "beyond_case"
        assert await refused(events.snapshot_of(county.store, look, one.id)) == "beyond_case"
        assert await refused(events.mark(county.store, look, one.id, events.NewMark(note="x"))) == "beyond_case"
        assert not await events.visible(county.store, look, one)
    assert await refused(events.get(county.store, look, away.id)) == "event_unknown"
    assert (await events.get(county.store, look, inner.id)).id == inner.id
    assert await events.visible(county.store, look, inner)


async def test_a_case_is_watched_live_in_its_time_and_place(county: County, officer: User) -> None:
    near, next_, far = await county.camera(NEAR), await county.camera(NEXT), await county.camera(FAR)
    over = await county.case(officer, places=(NEAR,), starts_at=NOON - 5 * DAY, ends_at=NOON - 2 * DAY)
    assert await refused(live.open(county.store, over, [Wanted(near.id, "sub", "video")])) == "beyond_case"
    look = await county.case(officer, places=(NEAR,), ends_at=NOON - 23 * HOUR)
    assert await watches(county, look, near) is None
    assert await watches(county, look, next_) == "beyond_case"
    assert await watches(county, look, far) == "camera_unknown"
    assert await refusals.refused(county.store, look) == {next_.id: "beyond_case"}
    county.clock.turn(hours=1)
    assert await refused(stands(county, look, near)) == "beyond_case", "its time is over: what runs ends"


async def test_recordings_are_cut_to_the_case(county: County, officer: User) -> None:
    near, next_, far = await county.camera(NEAR), await county.camera(NEXT), await county.camera(FAR)
    begin, end = NOON - 5 * DAY, NOON - 4 * DAY
    at = end + DAY - timedelta(seconds=30)
    await recordings.record(county.store, [segment(one, at, 60) for one in (near, next_, far)])
    look = await county.case(officer, places=(NEAR,), starts_at=begin, ends_at=end)

    async def line(camera: Camera, since: datetime, until: datetime) -> Any:
        query = TimelineQuery.model_validate({"from": since, "to": until})
        return await recordings.timeline(county.store, look, POLICY, camera.id, query)

    told = await line(near, end, NOON)
    assert [(one.since, one.until) for one in told.spans] == [(at, end + DAY)]
    assert (told.earliest, told.latest) == (begin - DAY, end + DAY)
    assert await refused(line(near, end + 2 * DAY, NOON)) == "beyond_case"
    assert await refused(line(next_, end, NOON)) == "beyond_case"
    assert await refused(line(far, end, NOON)) == "camera_unknown"
    whole = (at, at + timedelta(seconds=60))
    assert await refused(recordings.export(county.store, look, near.id, whole, "sub")) == "beyond_case"
    assert await refused(recordings.still(county.store, look, near.id, [whole])) == "beyond_case"
    assert (await recordings.segment(county.store, look, near.id, "sub", at)).spans == ((at, end + DAY),)


async def test_a_case_narrowed_closed_or_over_ends_what_runs(county: County, officer: User) -> None:
    near, next_ = await county.camera(NEAR), await county.camera(NEXT)
    for how in ("narrowed", "closed", "over"):
        look = await county.case(officer, places=(NEAR, NEXT), expires_at=county.clock() + HOUR)
        assert await stands(county, look, next_) is None
        (case, *_) = await cases.list_cases(county.store, look.actor)
        if how == "narrowed":
            wanted = CaseChange(expected_revision=1, places=(NEAR,))
            await cases.change(county.store, case.id, wanted, look.actor)
            assert await stands(county, look, next_) == "beyond_case"
            assert await stands(county, look, near) is None
        elif how == "closed":
            await cases.close(county.store, case.id, look.actor)
            assert await refused(stands(county, look, near)) == "purpose_closed"
        else:
            county.clock.turn(hours=1)
            assert await refused(stands(county, look, near)) == "purpose_closed"


async def asked(county: County, look: Access, **given: Any) -> Approval:
    values = {
        "kind": "reach", "case_id": look.purpose.case_id, "places": (FAR,), "starts_at": NOON - 20 * DAY,
        "ends_at": NOON + DAY, "hours": 24, **given,
    }  # fmt: skip
    return await approvals.ask(county.store, NewApproval(asked=ReachAsk(**values), reason="销赃地"), look.actor)


async def decided(county: County, one: Approval, yes: bool = True) -> Actor:
    chief = Actor(await county.user(f"chief{uuid4().hex[:6]}", Role.APPROVER), "")
    decision = Decision(granted=yes, reason="同意", expected_revision=1)
    await approvals.decide(county.store, one.id, decision, chief)
    return chief


async def further(county: County, look: Access, one: Approval, **given: Any) -> Access:
    new = OpenPurpose(**{"kind": PurposeKind.CASE, "case_id": look.purpose.case_id, "approval_id": one.id, **given})
    return Access(look.actor, await purposes.open(county.store, new, look.actor, 48))


async def test_a_grant_reaches_beyond_the_case_and_ones_scope(county: County, officer: User) -> None:
    near, far = await county.camera(NEAR), await county.camera(FAR)
    then, before = NOON - 15 * DAY, NOON - 21 * DAY
    (event, early), _ = await happened(county, far, then, before), await happened(county, near, then)
    look = await county.case(officer, places=(NEAR,), starts_at=NOON - 2 * DAY, ends_at=NOON)
    one = await asked(county, look)
    assert await refused(further(county, look, one)) == "approval_not_granted"
    await decided(county, one)
    wide = await further(county, look, one)
    assert (wide.purpose.places, wide.purpose.expires_at) == ((FAR,), NOON + DAY)
    assert await found(county, wide) == [then], "the granted rectangle, and nothing of the case's own"
    assert (await events.get(county.store, wide, event.id)).id == event.id
    assert await refused(events.get(county.store, wide, early.id)) == "beyond_case"
    assert await watches(county, wide, far) is None
    assert await watches(county, wide, near) == "beyond_case"
    assert await found(county, look) == [], "the purpose without the grant reaches what it reached"


async def test_a_grant_that_ends_ends_what_runs_under_it(county: County, officer: User) -> None:
    far = await county.camera(FAR)
    for how in ("revoked", "given back", "run out", "case closed"):
        look = await county.case(officer, places=(NEAR,))
        one = await asked(county, look, ends_at=county.clock() + 5 * DAY)
        chief = await decided(county, one)
        wide = await further(county, look, one)
        (seen,) = await happened(county, far, county.clock())
        assert await stands(county, wide, far) is None
        assert await events.visible(county.store, wide, seen)
        why = Ending(reason="破案", expected_revision=2)
        if how == "revoked":
            await approvals.revoke(county.store, one.id, why, chief)
        elif how == "given back":
            await approvals.withdraw(county.store, one.id, why, look.actor)
        elif how == "run out":
            county.clock.turn(hours=24)
        else:
            await cases.close(county.store, wide.purpose.case_id or uuid4(), look.actor)
        assert await refused(stands(county, wide, far)) == "purpose_closed", how
        assert not await events.visible(county.store, wide, seen), how
        with pytest.raises((Denied, Conflict)):
            await further(county, look, one)


async def test_a_grant_is_for_one_case_and_who_asked(county: County, officer: User) -> None:
    look, other = await county.case(officer, places=(NEAR,)), await county.case(officer, places=(NEAR,))
    one, no = await asked(county, look), await asked(county, look)
    await decided(county, one)
    await decided(county, no, yes=False)
    assert await refused(further(county, look, no)) == "approval_not_granted"
    with pytest.raises(Invalid, match="another case"):
        await further(county, look, one, case_id=other.purpose.case_id)
    stranger = await county.case(await county.user("peer"), places=(NEAR,))
    assert await refused(further(county, stranger, one)) == "approval_unknown"
    assert await refused(further(county, look, one, approval_id=uuid4())) == "approval_unknown"
    with pytest.raises(NotFound):
        await asked(county, stranger, case_id=look.purpose.case_id)


async def test_maintenance_sees_the_cameras_it_names(county: County) -> None:
    gate, other, far = await county.camera(NEAR), await county.camera(NEAR), await county.camera(FAR)
    tech = await county.user("tech", Role.TECHNICIAN, grants=GRANTS)
    seen, old = await happened(county, gate, NOON - 71 * HOUR, NOON - 73 * HOUR)
    (aside,) = await happened(county, other, NOON - HOUR)
    look = await county.works(tech, gate)
    assert look.purpose.cameras == (gate.id,)
    assert await found(county, look) == [seen.started_at]
    assert await refused(events.get(county.store, look, old.id)) == "beyond_work"
    assert await refused(events.get(county.store, look, aside.id)) == "beyond_work"
    assert await refused(events.search(county.store, look, EventQuery(camera=(other.id,)))) == "beyond_work"
    assert await watches(county, look, gate) is None
    assert await watches(county, look, other) == "beyond_work"
    assert await refusals.refused(county.store, look) == {other.id: "beyond_work"}
    assert await refused(county.works(tech, far)) == "camera_unknown"
    admin = await county.works(await county.user("root", Role.ADMIN), gate)
    query = TimelineQuery.model_validate({"from": NOON - HOUR, "to": NOON})
    assert await refused(recordings.timeline(county.store, admin, POLICY, gate.id, query)) == "purpose_kind"


async def test_who_opens_what_and_how_far_a_patrol_looks_is_the_policys(county: County) -> None:
    helper = await county.user("helper", Role.ASSISTANT)
    case = await county.open_case(helper)
    new = OpenPurpose(kind=PurposeKind.CASE, case_id=case.id)
    await purposes.open(county.store, new, Actor(helper, ""))
    county.store.policy = preset("eu")
    assert await refused(purposes.open(county.store, new, Actor(helper, ""))) == "role"
    law = preset("cn")
    county.store.policy = law.model_copy(update={"patrol": law.patrol.model_copy(update={"looks_back_hours": 2})})
    camera = await county.camera()
    recent, old = await happened(county, camera, NOON - HOUR, NOON - 3 * HOUR)
    patrol = await county.access(helper)
    assert await found(county, patrol) == [recent.started_at]
    assert await refused(events.get(county.store, patrol, old.id)) == "beyond_patrol"
    assert await refused(events.search(county.store, patrol, EventQuery(until=NOON - 3 * HOUR))) == "beyond_patrol"


async def test_a_case_from_before_has_no_limit_of_its_own(county: County, officer: User) -> None:
    near, far = await county.camera(NEAR), await county.camera(FAR)
    look = await county.unlimited(officer)
    await happened(county, near, NOON - 20 * DAY)
    await happened(county, far, NOON - 20 * DAY)
    assert await found(county, look) == [NOON - 20 * DAY]
    assert look.purpose.places is None

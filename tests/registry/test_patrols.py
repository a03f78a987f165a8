"""Patrols on both engines: plans, the purpose they are, rates that stay, marks, faults, pictures that go in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from uuid_utils.compat import uuid7

from registry import alerts, audit, cameras, consents, events, incidents, patrols, purposes, users
from registry.ages import Overdue
from registry.errors import Conflict, Denied, Invalid, NotFound
from registry.events import EventQuery
from registry.model import (
    Access,
    Actor,
    Camera,
    ConsentScope,
    Kind,
    PurposeKind,
    Reason,
    Role,
    State,
)
from registry.patrols import (
    EndPatrol,
    MarkPicture,
    NewPatrol,
    NewPatrolMark,
    PatrolMark,
    PatrolQuery,
    PatrolVerdict,
    plans,
)
from registry.patrols.plan import NewPatrolPlan, PatrolPlanChange, PlanTime
from registry.scope import EVERYTHING, of
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change
from tests.registry.patrol import Round, begin, lit, over

V = PatrolVerdict
NIGHT = PlanTime(days=frozenset({1, 2, 3, 4, 5}), from_minute=22 * 60, to_minute=6 * 60)


def plan_of(*looked_at: Camera, **given: Any) -> NewPatrolPlan:
    return NewPatrolPlan(**{"name": "东片", "camera_ids": tuple(one.id for one in looked_at), **given})


async def actions(county: County) -> list[str]:
    return [row.action for row in await audit.list_rows(county.store, CONSOLE)]


async def test_a_patrol_is_a_purpose_and_ends_with_it(county: County) -> None:
    gate, road = await county.camera(), await county.camera()
    await lit(county, gate, road)
    walk = await over(county, await county.user("li", Role.MONITOR), gate, road)
    assert (walk.access.purpose.kind, walk.access.purpose.reason) == (PurposeKind.PATROL, "夜班")
    await walk.mark(gate)
    await walk.mark(gate, V.SUSPICIOUS)
    assert (await walk.now()).done == 1
    assert (await walk.now()).verdicts == {V.NORMAL: 1, V.SUSPICIOUS: 1, V.FAULT: 0, V.COVERED: 0}
    ended = await patrols.end(county.store, walk.patrol.id, EndPatrol(handover="东口\n灯坏"), walk.access.actor)
    assert (ended.rate, ended.ended_at, ended.handover) == (0.5, NOON, "东口\n灯坏")
    with pytest.raises(Denied, match="closed"):
        await purposes.get_open(county.store, walk.patrol.purpose_id, walk.access.actor.user)
    with pytest.raises(Conflict) as twice:
        await patrols.end(county.store, walk.patrol.id, EndPatrol(handover="x"), walk.access.actor)
    assert twice.value.code == "patrol_ended"
    assert await patrols.end(county.store, walk.patrol.id, EndPatrol(), walk.access.actor) == ended
    assert {"patrol.begin", "purpose.open", "patrol.mark", "patrol.end", "purpose.close"} <= set(await actions(county))


@pytest.mark.parametrize("how", ["closed", "ran_out"])
async def test_a_purpose_that_is_over_ends_its_patrol_with_the_rate_kept(county: County, how: str) -> None:
    gate = await county.camera()
    await lit(county, gate)
    user = await county.user("li", Role.MONITOR)
    walk = await over(county, user, gate)
    await walk.mark(gate)
    if how == "closed":
        county.clock.turn(hours=1)
        await purposes.close(county.store, walk.patrol.purpose_id, walk.access.actor)
    else:
        county.clock.turn(hours=13)
    told = await walk.now()
    assert (told.rate, told.ended_at) == (1.0, NOON + timedelta(hours=1 if how == "closed" else 12))
    with pytest.raises((Denied, Conflict)) as late:
        await walk.mark(gate)
    assert late.value.code in {"purpose_closed", "patrol_ended"}
    noted = await patrols.end(county.store, walk.patrol.id, EndPatrol(handover="无异常"), walk.access.actor)
    assert (noted.handover, noted.ended_at) == ("无异常", told.ended_at)
    again = await over(county, user, gate)
    assert again.patrol.handover_before is not None
    assert (again.patrol.handover_before.by, again.patrol.handover_before.note) == ("li", "无异常")
    await users.rename(county.store, "李警官", walk.access.actor)
    named = await patrols.get(county.store, again.patrol.id, walk.access.actor)
    assert named.handover_before is not None
    assert named.handover_before.by == "李警官"


async def test_one_patrol_at_a_time(county: County) -> None:
    gate, user = await county.camera(), await county.user("li", Role.MONITOR)
    walk = await over(county, user, gate)
    with pytest.raises(Conflict) as second:
        await over(county, user, gate)
    assert (second.value.code, second.value.params["patrol"]) == ("patrol_open", str(walk.patrol.id))
    assert len(await purposes.list_open(county.store, user)) == 1
    await over(county, await county.user("wang", Role.MONITOR), gate)


async def test_of_two_patrols_begun_at_once_one_is(county: County) -> None:
    gate, user = await county.camera(), await county.user("li", Role.MONITOR)
    told = await asyncio.gather(*(over(county, user, gate) for _ in range(4)), return_exceptions=True)
    assert sorted(getattr(one, "code", "begun") for one in told) == ["begun", *["patrol_open"] * 3]
    assert len(await purposes.list_open(county.store, user)) == 1


async def test_a_rate_stays_whatever_happens_to_plan_cameras_and_people(county: County) -> None:
    officer = Actor(await county.user(), "")
    gate, road, yard = [await county.camera() for _ in range(3)]
    await lit(county, gate, road, yard)
    plan = await plans.create(county.store, plan_of(road, gate), officer)
    li = await county.user("li", Role.MONITOR)
    walk = await begin(county, li, NewPatrol(plan_id=plan.id))
    assert [one.camera_id for one in walk.patrol.cameras] == [road.id, gate.id]
    assert (walk.patrol.reason, walk.patrol.dwell_s) == ("东片", 30)
    await walk.mark(gate)
    assert (await plans.get(county.store, plan.id, officer)).done == 1
    changed = PatrolPlanChange(**plan_of(yard).model_dump(), expected_revision=1)
    await plans.change(county.store, plan.id, changed, officer)
    await cameras.remove(county.store, gate.id, CONSOLE)
    await plans.remove(county.store, plan.id, officer)
    await users.set_grants(county.store, li.id, (), CONSOLE)
    await users.change(county.store, li.id, users.UserChange(active=False), CONSOLE)
    told = await patrols.get(county.store, walk.patrol.id, officer)
    assert (told.due, told.done, told.rate) == (2, 1, 0.5)
    assert [(one.camera_id, one.refused) for one in told.cameras] == [(road.id, None), (gate.id, "camera_removed")]
    assert (told.user.active, told.plan) == (False, patrols.PlanName(plan.id, "东片"))
    listed, _ = await patrols.list_patrols(county.store, PatrolQuery(), officer)
    assert [(one.id, one.rate) for one in listed] == [(told.id, 0.5)]


async def test_patrols_are_seen_by_who_walks_and_who_plans_them(county: County) -> None:
    here, far = await county.camera(), await county.camera("220882101200")
    li, wang = await county.user("li", Role.MONITOR), await county.user("wang", Role.ASSISTANT)
    near = Actor(await county.user("near", grants=("220882100",)), "")
    walk = await over(county, li, here, far)
    for actor, seen in ((Actor(li, ""), 2), (near, 1), (Actor(await county.user(), ""), 2)):
        assert len((await patrols.get(county.store, walk.patrol.id, actor)).cameras) == seen
    stranger = Actor(await county.user("far", grants=("220882102",)), "")
    for actor in (Actor(wang, ""), stranger):
        with pytest.raises(NotFound):
            await patrols.get(county.store, walk.patrol.id, actor)
        assert await patrols.list_patrols(county.store, PatrolQuery(), actor) == ((), None)
    with pytest.raises(Denied) as others:
        await patrols.end(county.store, walk.patrol.id, EndPatrol(), near)
    assert others.value.code == "patrol_others"


async def test_lists_are_paged_and_bounded(county: County) -> None:
    gate, user = await county.camera(), await county.user("li", Role.MONITOR)
    made = []
    for _ in range(5):
        county.clock.turn(hours=13)
        made.append((await over(county, user, gate)).patrol.id)
    actor, found, cursor = Actor(user, ""), [], None
    for _ in range(3):
        page, cursor = await patrols.list_patrols(county.store, PatrolQuery(limit=2, cursor=cursor), actor)
        found += [one.id for one in page]
    assert (found, cursor) == (made[::-1], None)
    still, _ = await patrols.list_patrols(county.store, PatrolQuery(open=True, user=user.id), actor)
    assert [one.id for one in still] == made[-1:]
    with pytest.raises(Invalid):
        query = PatrolQuery(since=NOON - timedelta(days=900), until=NOON)
        await patrols.list_patrols(county.store, query, actor)
    with pytest.raises(ValidationError):
        PatrolQuery(limit=201)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"plan_id": str(uuid4()), "camera_ids": [str(uuid4())]},
        {"camera_ids": [str(uuid4())]},
        {"camera_ids": [str(NOON.timestamp())], "reason": "x"},
        {"camera_ids": ["0199f7b0-0000-7000-8000-000000000001"] * 2, "reason": "x"},
        {"camera_ids": [str(uuid4()) for _ in range(501)], "reason": "x"},
        {"plan_id": str(uuid4()), "reason": "x" * 201},
    ],
)
def test_a_patrol_to_begin_is_bounded(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewPatrol.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"dwell_s": 19},
        {"dwell_s": 61},
        {"camera_ids": []},
        {"name": ""},
        {"times": [{"days": [], "from_minute": 0, "to_minute": 60}]},
        {"times": [{"days": [8], "from_minute": 0, "to_minute": 60}]},
        {"times": [{"days": [1], "from_minute": 0, "to_minute": 1440}]},
        {"times": [{"days": [1], "from_minute": 0, "to_minute": 60}] * 21},
        {"user_ids": ["0199f7b0-0000-7000-8000-000000000001"] * 2},
    ],
)
def test_a_plan_is_bounded(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewPatrolPlan.model_validate({"name": "x", "camera_ids": [str(uuid4())], **wrong})


async def test_a_plan_names_cameras_of_ones_villages_and_people_who_patrol(county: County) -> None:
    near = Actor(await county.user("near", grants=("220882100",)), "")
    here, far, probe = [
        await county.camera(),
        await county.camera("220882101200"),
        await county.camera(kind=Kind.WIFI_PROBE),
    ]
    for unfit, code in ((far, "camera_unknown"), (probe, "no_video")):
        with pytest.raises(Invalid) as invalid:
            await plans.create(county.store, plan_of(here, unfit), near)
        assert (invalid.value.fields[0].path, invalid.value.fields[0].code) == ("camera_ids.1", code)
    technician = await county.user("tech", Role.TECHNICIAN)
    with pytest.raises(Invalid) as nobody:
        await plans.create(county.store, plan_of(here, user_ids=(technician.id,)), near)
    assert nobody.value.fields[0].code == "user_no_patrol"
    for role in (Role.MONITOR, Role.ASSISTANT, Role.TECHNICIAN):
        with pytest.raises(Denied):
            await plans.create(county.store, plan_of(here), Actor(await county.user(f"a{role}", role), ""))
    assert technician.name not in {one.name for one in await plans.people(county.store, near)}


async def test_a_plan_is_changed_by_who_sees_all_of_it_one_at_a_time(county: County) -> None:
    whole, near = Actor(await county.user(), ""), Actor(await county.user("near", grants=("220882100",)), "")
    here, far = await county.camera(), await county.camera("220882101200")
    plan = await plans.create(county.store, plan_of(here, far), whole)
    seen = await plans.get(county.store, plan.id, near)
    assert (seen.camera_ids, seen.cameras) == ((here.id,), 2)
    new = PatrolPlanChange(**plan_of(here, dwell_s=20).model_dump(), expected_revision=1)
    for act in (plans.change(county.store, plan.id, new, near), plans.remove(county.store, plan.id, near)):
        with pytest.raises(Denied) as denied:
            await act
        assert denied.value.code == "patrol_plan_scope"
    assert (await plans.change(county.store, plan.id, new, whole)).revision == 2
    with pytest.raises(Conflict) as stale:
        await plans.change(county.store, plan.id, new, whole)
    assert stale.value.code == "patrol_plan_stale"
    await plans.remove(county.store, plan.id, near)
    assert await plans.list_plans(county.store, whole) == ()
    with pytest.raises(NotFound):
        await begin(county, whole.user, NewPatrol(plan_id=plan.id))


async def test_a_plan_is_walked_by_those_it_names(county: County) -> None:
    officer = Actor(await county.user(), "")
    gate, far = await county.camera(), await county.camera("220882101200")
    li, wang = await county.user("li", Role.MONITOR), await county.user("wang", Role.MONITOR, ("220882100",))
    named = await plans.create(county.store, plan_of(gate, user_ids=(li.id,)), officer)
    alone = await plans.create(county.store, plan_of(far, name="西片", user_ids=(wang.id,)), officer)
    anybody = await plans.create(county.store, plan_of(gate, name="全片"), officer)
    mine = await plans.list_plans(county.store, Actor(wang, ""), mine=True)
    assert {one.id for one in mine} == {alone.id, anybody.id}
    assert {one.id for one in await plans.list_plans(county.store, Actor(wang, ""))} == {
        one.id for one in (*mine, named)
    }
    with pytest.raises(Denied) as others:
        await begin(county, wang, NewPatrol(plan_id=named.id))
    assert others.value.code == "patrol_plan_others"
    with pytest.raises(Invalid):  # it names him, and none of its cameras is in his villages
        await begin(county, wang, NewPatrol(plan_id=alone.id))
    await begin(county, li, NewPatrol(plan_id=named.id))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - the zone is put on below
    st.sets(st.integers(1, 7), min_size=1),
    st.integers(0, 1439),
    st.integers(0, 1439),
)
def test_a_time_of_a_plan_is_local_and_goes_over_midnight(at: datetime, days: set[int], begins: int, ends: int) -> None:
    tz = ZoneInfo("Asia/Shanghai")
    local = at.replace(tzinfo=tz)
    began = PlanTime(days=frozenset(days), from_minute=begins, to_minute=ends).began(local.astimezone(UTC), tz)
    minute = local.hour * 60 + local.minute
    today = local.isoweekday() in days
    yesterday = (local.isoweekday() - 2) % 7 + 1 in days
    if begins < ends:
        inside = today and begins <= minute < ends
    else:
        inside = (today and minute >= begins) or (yesterday and minute < ends)
    assert (began is not None) == inside
    if began is not None:
        assert began.isoweekday() in days
        assert (began.hour * 60 + began.minute, began <= local < began + timedelta(days=1)) == (begins, True)


async def test_a_plan_is_due_in_its_hours_and_counts_from_their_begin(county: County) -> None:
    officer, gate = Actor(await county.user(), ""), await county.camera()
    await lit(county, gate)
    plan = await plans.create(county.store, plan_of(gate, times=(NIGHT,)), officer)
    assert (plan.due, plan.done) == (False, 0)
    county.clock.turn(hours=11)  # 23:00, a Monday
    walk = await begin(county, officer.user, NewPatrol(plan_id=plan.id))
    await walk.mark(gate)
    county.clock.turn(hours=5)  # 4:00 of the next day
    now = await plans.get(county.store, plan.id, officer)
    assert (now.due, now.done, now.rate) == (True, 1, 1.0)
    assert now.since.astimezone(UTC) == NOON + timedelta(hours=10)
    county.clock.turn(hours=3)
    later = await plans.get(county.store, plan.id, officer)
    assert (later.due, later.done) == (False, 0)


async def test_each_plan_of_a_list_counts_its_own(county: County) -> None:
    officer, gate, road = Actor(await county.user(), ""), await county.camera(), await county.camera()
    await lit(county, gate, road)
    night = await plans.create(county.store, plan_of(gate, times=(NIGHT,)), officer)
    day = await plans.create(county.store, plan_of(road, gate, name="西片", user_ids=(officer.user.id,)), officer)
    walk = await begin(county, officer.user, NewPatrol(plan_id=night.id))
    await walk.mark(gate)
    await patrols.end(county.store, walk.patrol.id, EndPatrol(), officer)
    county.clock.turn(hours=11)  # 23:00: the night's time has begun, and nothing of it is done
    walk = await begin(county, officer.user, NewPatrol(plan_id=day.id))
    await walk.mark(road)
    await walk.mark(road, V.SUSPICIOUS)
    listed = await plans.list_plans(county.store, officer)
    assert [(one.id, one.due, one.done, one.rate) for one in listed] == [
        (night.id, True, 0, 0.0),
        (day.id, False, 1, 0.5),
    ]
    assert [one.camera_ids for one in listed] == [(gate.id,), (road.id, gate.id)]
    assert [one.user_ids for one in listed] == [(), (officer.user.id,)]
    assert list(listed) == [await plans.get(county.store, one.id, officer) for one in listed]


async def test_what_nobody_can_see_is_not_normal(county: County) -> None:
    gate, yard = await county.camera(), await county.camera(kind=Kind.CIVILIAN)
    walk = await over(county, await county.user("li", Role.MONITOR), gate, yard)
    assert [one.refused for one in walk.patrol.cameras] == [None, "live_no_consent"]
    with pytest.raises(Conflict) as dark:
        await walk.mark(gate)
    assert dark.value.code == "mark_not_live"
    await lit(county, gate, state=State.STOPPED, reason=Reason.UNREACHABLE)
    told = (await walk.now()).cameras[0]
    assert (told.state, told.reason, told.marked) == (State.STOPPED, Reason.UNREACHABLE, None)
    await walk.mark(gate, V.FAULT)
    await lit(county, gate, yard)
    await walk.mark(gate)
    for verdict in (V.NORMAL, V.SUSPICIOUS, V.COVERED):
        with pytest.raises(Conflict) as unseen:
            await walk.mark(yard, verdict)
        assert unseen.value.code == "mark_unwatched"
    await walk.mark(yard, V.FAULT)
    await county.consent(yard, scopes={ConsentScope.LIVE})
    await walk.mark(yard)
    assert (await walk.now()).rate == 1.0


async def test_a_mark_is_made_on_ones_own_patrol_under_its_purpose_in_ones_villages(county: County) -> None:
    gate, far, gone = await county.camera(), await county.camera("220882101200"), await county.camera()
    await lit(county, gate, far, gone)
    li = await county.user("li", Role.MONITOR, ("220882100",))
    walk = await over(county, li, gate)
    await cameras.remove(county.store, gone.id, CONSOLE)
    for unknown in (far, gone):
        with pytest.raises(NotFound):
            await walk.mark(unknown)
    other = Round(county, await county.access(li), walk.patrol)
    with pytest.raises(Denied) as elsewhere:
        await other.mark(gate)
    assert elsewhere.value.code == "patrol_purpose"
    stranger = Round(county, (await over(county, await county.user("wang", Role.MONITOR), gate)).access, walk.patrol)
    with pytest.raises(NotFound):
        await stranger.mark(gate)
    boss = Round(county, await county.access(), walk.patrol)
    with pytest.raises(Denied) as others:
        await boss.mark(gate)
    assert others.value.code == "patrol_others"
    await users.set_grants(county.store, li.id, (), CONSOLE)
    walk.access = Access(Actor(await users.get(county.store, li.id), ""), walk.access.purpose)
    with pytest.raises(NotFound):
        await walk.mark(gate)


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "fine"},
        {"note": "x" * 501},
        {"note": "a\x07b"},
        {"incident": {"title": "x"}},
        {"verdict": "suspicious", "incident": {"title": ""}},
        {"verdict": "suspicious", "incident": {"title": "x" * 101}},
        {"verdict": "suspicious", "incident": {"title": "x", "note": "x" * 501}},
    ],
)
def test_a_mark_is_bounded(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        NewPatrolMark.model_validate({"camera_id": uuid4(), "verdict": "normal", **wrong})


async def test_marks_are_read_lawfully(county: County) -> None:
    gate, yard = await county.camera(), await county.camera(kind=Kind.CIVILIAN)
    await lit(county, gate, yard)
    live = await county.consent(yard, scopes={ConsentScope.LIVE, ConsentScope.EVENTS}, valid_from=NOON)
    li = await county.user("li", Role.MONITOR)
    walk = await over(county, li, gate, yard)
    fault = await walk.mark(gate, V.FAULT, picture=MarkPicture("hub", "marks/2026-11-23/a.jpg", 100))
    seen = await walk.mark(yard, picture=MarkPicture("hub", "marks/2026-11-23/b.jpg", 100))
    store, patrol = county.store, walk.patrol.id
    listed = await patrols.list_marks(store, walk.access, patrol)
    assert [one.id for one in listed.marks] == [seen.id, fault.id]

    async def picture(mark: PatrolMark, access: Access) -> tuple[str, str]:
        return await patrols.picture_of(store, access, patrol, mark.id)

    assert await picture(seen, walk.access) == ("hub", "marks/2026-11-23/b.jpg")
    by_ticket = await patrols.picture_of(store, walk.access, patrol, seen.id, audit_no=listed.audit_no)
    assert by_ticket == ("hub", "marks/2026-11-23/b.jpg")
    mending = await county.works(await county.user("tech", Role.TECHNICIAN), gate, yard)
    assert await picture(fault, mending) == ("hub", "marks/2026-11-23/a.jpg")
    with pytest.raises(Denied) as kind:
        await picture(seen, mending)
    assert kind.value.code == "purpose_kind"
    with pytest.raises(Denied):
        await patrols.picture_of(store, mending, patrol, fault.id, audit_no=listed.audit_no)
    boss = await county.user("boss", Role.ADMIN)
    with pytest.raises(Denied) as beyond:
        await picture(fault, await county.works(boss, yard))
    assert beyond.value.code == "beyond_work"
    told = await patrols.list_marks(store, await county.works(boss, gate, yard), patrol)
    assert [one.id for one in told.marks] == [fault.id], "under maintenance, faults: the list covers their pictures"
    with pytest.raises(NotFound):
        await patrols.picture_of(store, walk.access, uuid4(), seen.id)

    await consents.withdraw(store, live.id, CONSOLE)
    with pytest.raises(NotFound):
        await picture(seen, walk.access)
    with pytest.raises(NotFound):
        await patrols.picture_of(store, walk.access, patrol, seen.id, audit_no=listed.audit_no)
    rows = [row for row in await audit.list_rows(store, CONSOLE) if row.action == "patrol.picture"]
    assert [row.result_count for row in rows] == [0, 0, 0, 0, 1, 1]

    county.clock.turn(hours=25)
    later = await county.access(await county.user("sun", Role.OFFICER))
    assert (await patrols.list_marks(store, later, patrol)).marks == ()
    with pytest.raises(Denied) as beyond:
        await picture(fault, later)
    assert beyond.value.code == "beyond_patrol"
    case = await county.case(await county.user("zhao", Role.OFFICER))
    assert len((await patrols.list_marks(store, case, patrol)).marks) == 2
    assert await picture(fault, case) == ("hub", "marks/2026-11-23/a.jpg")


async def test_faults_stand_until_the_camera_is_normal_or_a_technician_clears_them(county: County) -> None:
    gate, road, far = await county.camera(), await county.camera(), await county.camera("220882101200")
    await lit(county, gate, road, far)
    walk = await over(county, await county.user("li", Role.MONITOR), gate, road, far)
    technician = Actor(await county.user("tech", Role.TECHNICIAN, ("220882100",)), "")

    async def standing() -> list[UUID]:
        return [one.id for one in await patrols.list_faults(county.store, of(technician.user))]

    first = await walk.mark(gate, V.COVERED, note="被树枝挡住")
    await walk.mark(far, V.FAULT)
    county.clock.turn(seconds=1)
    broken = await walk.mark(road, V.FAULT)
    county.clock.turn(seconds=1)
    await walk.mark(road, V.SUSPICIOUS)
    assert await standing() == [broken.id, first.id]
    await walk.mark(gate)
    assert await standing() == [broken.id]
    cleared = await patrols.clear(county.store, broken.id, technician)
    assert (cleared.cleared_by, await standing()) == ("tech", [])
    assert await patrols.clear(county.store, broken.id, technician) == cleared
    county.clock.turn(seconds=1)
    anew = await walk.mark(road, V.FAULT)
    assert await standing() == [anew.id]
    for unknown in ((await walk.mark(gate)).id, uuid4()):
        with pytest.raises(NotFound):
            await patrols.clear(county.store, unknown, technician)
    with pytest.raises(Denied):
        await patrols.clear(county.store, anew.id, walk.access.actor)
    await cameras.remove(county.store, road.id, CONSOLE)
    assert await standing() == []
    assert len(await patrols.list_faults(county.store, EVERYTHING)) == 1


async def test_a_patrol_sees_a_day_of_events_and_alerts(county: County) -> None:
    camera, access = await county.camera(), await county.access()
    young, old = (
        change(camera, started_at=NOON - timedelta(hours=23)),
        change(camera, started_at=NOON - timedelta(hours=25)),
    )
    await events.record(county.store, [young, old])
    store = county.store
    page = await events.search(store, access, EventQuery())
    assert [one.id for one in page.events] == [young.id]
    old_only = EventQuery(since=NOON - timedelta(days=3), until=NOON - timedelta(days=2))
    assert (await events.search(store, access, EventQuery(id=(old.id,)))).events == ()
    assert sum(one.count for one in await events.histogram(store, access, EventQuery(), "hour")) == 1
    assert [one.id for one in (await events.export(store, access, EventQuery(), "csv")).events] == [young.id]
    assert (await events.get(store, access, young.id)).id == young.id
    for look in (
        events.search(store, access, old_only),
        events.get(store, access, old.id),
        events.snapshot_of(store, access, old.id),
        events.mark(store, access, old.id, events.NewMark(note="x")),
        incidents.open_one(store, access, incidents.NewIncident(event_id=old.id, title="x")),
    ):
        with pytest.raises(Denied) as beyond:
            await look
        assert beyond.value.code == "beyond_patrol"
    case = await county.case(access.actor.user)
    assert {one.id for one in (await events.search(store, case, EventQuery())).events} == {young.id, old.id}
    shown = await events.get(store, case, old.id)
    assert await events.visible(store, case, shown)
    assert not await events.visible(store, access, shown)
    rows = [row for row in await audit.list_rows(store, CONSOLE) if row.action == "events.search"]
    rows = [row for row in rows if row.purpose_kind is PurposeKind.PATROL]
    refused = [row for row in rows if "refused" in row.detail]
    assert [row.span_from for row in refused] == [old_only.since]
    assert [row.span_from for row in rows if row not in refused] == [NOON - timedelta(hours=24)] * 2
    assert await alerts.list_alerts(store, access) == ()


async def test_pictures_go_in_time_but_for_open_incidents(county: County) -> None:
    gate, store = await county.camera(), county.store
    await lit(county, gate)
    walk = await over(county, await county.user("li", Role.MONITOR), gate)
    kept = []
    for number in range(4):
        picture = MarkPicture("hub", f"marks/2026-11-23/0199f7b0-0000-7000-8000-00000000000{number}.jpg", 100)
        headline = incidents.Headline(title="异常") if number == 1 else None
        kept.append(await walk.mark(gate, V.SUSPICIOUS, picture=picture, incident=headline))
        county.clock.turn(minutes=1)
    assert kept[1].incident_id is not None
    files = await patrols.expire(store, Overdue(NOON + timedelta(minutes=2), (gate.no,)), limit=10)
    assert [key[-5] for _, key in files] == ["0"]
    assert [key[-5] for _, key in await patrols.release(store, 150, limit=10)] == ["2", "3"]
    assert await patrols.release(store, 150) == ()
    (held,) = [one for one in (await patrols.list_marks(store, walk.access, walk.patrol.id)).marks if one.has_snapshot]
    assert held.id == kept[1].id
    gone = (await patrols.list_marks(store, walk.access, walk.patrol.id)).marks[0]
    assert (gone.has_snapshot, gone.snapshot_why) == (False, "expired")
    boss = Actor(await county.user(), "")
    close = incidents.Close(expected_revision=1, result="误会")
    await incidents.close(store, kept[1].incident_id, close, boss)
    assert len(await patrols.expire(store, Overdue(NOON + timedelta(days=1), (gate.no,)))) == 1
    assert {"marks.expire", "marks.release"} <= set(await actions(county))


async def test_only_named_files_are_known(county: County) -> None:
    gate = await county.camera()
    await lit(county, gate)
    walk = await over(county, await county.user("li", Role.MONITOR), gate)
    mark_id = uuid7()
    key = f"marks/2026-11-23/{mark_id}.jpg"
    new = NewPatrolMark(camera_id=gate.id, verdict=V.NORMAL)
    picture = MarkPicture("hub", key, 10)
    await patrols.mark(county.store, walk.access, walk.patrol.id, new, mark_id=mark_id, at=NOON, picture=picture)
    keys = {key, f"marks/2026-11-22/{mark_id}.jpg", f"marks/2026-11-23/{uuid4()}.jpg", "snapshots/x.jpg"}
    assert await patrols.named(county.store, "hub", keys) == {key}
    assert await patrols.named(county.store, "other", keys) == set()

"""Incidents on both engines: where they come from, every step by every role, what two people do at once, and reading."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from registry import audit, cameras, cases, consents, events, incidents, users
from registry.errors import Conflict, Denied, HubError, Invalid, NotFound
from registry.incidents import (
    Assign,
    Check,
    Close,
    Headline,
    Incident,
    IncidentQuery,
    IncidentState,
    IntoCase,
    NewIncident,
    Reopen,
    Step,
    Stepped,
    machine,
)
from registry.model import Access, Actor, ConsentScope, Kind, Role, User
from registry.patrols import MarkPicture, PatrolVerdict
from registry.permissions import ROLES, Permission
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change
from tests.registry.patrol import lit, over

S = IncidentState
MARKED = "marks/2026-11-23/0199f7b0-0000-7000-8000-000000000001.jpg"
SNAPSHOT = "snapshots/2026-11-23/0199f7b0-0000-7000-8000-000000000001-0.jpg"


@dataclass
class Desk:
    """An officer, an assistant of the same village, and incidents of a camera there."""

    county: County
    officer: Actor
    assistant: Actor
    look: Access
    camera_id: UUID

    async def open(self, **more: Any) -> Incident:
        found = change(await self.camera(), **more)
        await events.record(self.county.store, [found])
        return await incidents.open_one(
            self.county.store, self.look, NewIncident(event_id=found.id, title="有人翻墙", note="东墙")
        )

    async def camera(self) -> Any:
        return await cameras.get(self.county.store, self.camera_id, EVERYTHING)

    async def assigned(self, to: User | None = None) -> Incident:
        return await self.step(await self.open(), Step.ASSIGN, self.officer, user=to or self.assistant.user)

    async def step(self, one: Incident, step: Step, by: Actor, user: User | None = None) -> Incident:
        """Take a step of an incident as it was read."""
        store, given = self.county.store, {"expected_revision": one.revision}
        made: dict[Step, Callable[[], Awaitable[Incident]]] = {
            Step.ASSIGN: lambda: incidents.assign(
                store, one.id, Assign(**given, user_id=(user or self.assistant.user).id), by
            ),
            Step.ACKNOWLEDGE: lambda: incidents.acknowledge(store, one.id, Stepped(**given), by),
            Step.CHECK: lambda: incidents.check(store, one.id, Check(**given, note="无人，门锁完好"), by),
            Step.CLOSE: lambda: incidents.close(store, one.id, Close(**given, result="误会"), by),
            Step.CASE: lambda: incidents.into_case(store, one.id, IntoCase(**given, number=f"B-{uuid4()}"), by),
            Step.REOPEN: lambda: incidents.reopen(store, one.id, Reopen(**given, note="又来了"), by),
        }
        return await made[step]()

    async def until(self, state: IncidentState) -> Incident:
        """An incident of the assistant's in that state."""
        one = await self.open()
        ways = {
            S.OPEN: (),
            S.ASSIGNED: (Step.ASSIGN,),
            S.ACKNOWLEDGED: (Step.ASSIGN, Step.ACKNOWLEDGE),
            S.CHECKED: (Step.ASSIGN, Step.ACKNOWLEDGE, Step.CHECK),
            S.CLOSED: (Step.ASSIGN, Step.ACKNOWLEDGE, Step.CHECK, Step.CLOSE),
            S.CASE: (Step.CASE,),
        }
        for step in ways[state]:
            own = step in (Step.ACKNOWLEDGE, Step.CHECK)
            one = await self.step(one, step, self.assistant if own else self.officer)
        assert one.state is state
        return one


@pytest.fixture
async def desk(county: County) -> Desk:
    officer, assistant = await county.user(), await county.user("wang", Role.ASSISTANT, ("220882100200",))
    camera = await county.camera()
    return Desk(county, Actor(officer, "10.1.1.1"), Actor(assistant, ""), await county.case(officer), camera.id)


async def test_an_incident_goes_its_way(desk: Desk) -> None:
    store, opened = desk.county.store, await desk.open(started_at=NOON - timedelta(hours=2))
    assert (opened.state, opened.revision, opened.happened_at) == (S.OPEN, 1, NOON - timedelta(hours=2))
    assert opened.village_code == "220882100200"
    assert opened.steps == (Step.ASSIGN, Step.CLOSE, Step.CASE)
    one = opened
    for step, by, state in (
        (Step.ASSIGN, desk.officer, S.ASSIGNED),
        (Step.ACKNOWLEDGE, desk.assistant, S.ACKNOWLEDGED),
        (Step.CHECK, desk.assistant, S.CHECKED),
        (Step.CHECK, desk.assistant, S.CHECKED),
        (Step.CLOSE, desk.officer, S.CLOSED),
        (Step.REOPEN, desk.officer, S.OPEN),
        (Step.CASE, desk.officer, S.CASE),
    ):
        desk.county.clock.turn(minutes=1)
        one = await desk.step(one, step, by)
        assert (one.state, one.changed_at) == (state, desk.county.clock())
        assert (one.closed_at is None) == (state not in machine.ENDS)
        if state is S.OPEN:
            assert (one.assigned, one.result) == (None, "")
    await users.rename(store, "王辅警", desk.assistant)
    kept, log = await incidents.get(store, opened.id, desk.officer)
    assert (kept.revision, kept.case_number is not None) == (8, True)
    assert [step.step for step in log] == ["open", "assign", "acknowledge", "check", "check", "close", "reopen", "case"]
    assert (log[0].note, log[1].to, log[2].by, log[3].note) == ("东墙", "wang", "wang", "无人，门锁完好")
    assert (log[1].to_name, log[2].by_name) == ("王辅警", "王辅警")
    assert (log[1].by, log[1].by_name) == ("officer", "officer"), (
        "who has no other name is called by the one he signs in with"
    )
    assert log[-1].to == log[-1].to_name == kept.case_number
    case = await cases.get(store, kept.case_id or uuid4(), CONSOLE)
    assert (case.places, case.starts_at, case.title) == (("220882100200",), opened.happened_at, "有人翻墙")
    rows = [row for row in await audit.list_rows(store, CONSOLE) if row.action.startswith("incident.")]
    assert [row.action for row in rows[::-1]] == [f"incident.{step.step}" for step in log]
    assert {row.cameras for row in rows} == {(str(desk.camera_id),)}


@pytest.mark.parametrize("state", S)
async def test_who_may_take_which_step_from_which_state(desk: Desk, state: IncidentState) -> None:
    """Every role, and whoever it is assigned to: the machine's table, spelled out by hand, is what happens."""
    going = {S.OPEN, S.ASSIGNED, S.ACKNOWLEDGED, S.CHECKED}
    since = {
        Step.ASSIGN: going,
        Step.ACKNOWLEDGE: {S.ASSIGNED},
        Step.CHECK: {S.ACKNOWLEDGED, S.CHECKED},
        Step.CLOSE: going,
        Step.CASE: going,
        Step.REOPEN: {S.CLOSED},
    }
    lead, own = {Step.ASSIGN, Step.CLOSE, Step.CASE, Step.REOPEN}, {Step.ACKNOWLEDGE, Step.CHECK}
    people = {role: Actor(await desk.county.user(f"x{role}", role), "") for role in Role}
    may = {
        people[Role.ADMIN]: lead | own,
        people[Role.OFFICER]: lead,
        people[Role.ASSISTANT]: set(),
        people[Role.MONITOR]: set(),
        people[Role.TECHNICIAN]: set(),
        desk.assistant: own,
    }
    one = await desk.until(state)
    for actor, steps in may.items():
        for step in machine.RULES:
            fits = step in steps and state in since[step]
            if actor.user.role is not Role.TECHNICIAN:
                told = (await incidents.get(desk.county.store, one.id, actor))[0]
                if state not in (S.OPEN, S.CASE) or actor is not desk.assistant:
                    assert (step in told.steps) is fits, (actor.user.name, step)
            if state in (S.OPEN, S.CASE) and actor is desk.assistant:
                fits = False  # nobody has it
            if fits:
                continue  # taken by test_an_incident_goes_its_way and the property below
            with pytest.raises((Denied, Conflict)) as refused:
                await desk.step(one, step, actor)
            assert refused.value.code in {"role", "incident_others", "incident_state"}, (actor.user.name, step)
            assert (refused.value.code == "incident_state") is (
                step in steps and refused.value.code != "incident_others"
            )
    assert (await incidents.get(desk.county.store, one.id, desk.officer))[0].revision == one.revision


STEP = st.tuples(st.sampled_from(sorted(machine.RULES)), st.integers(0, 3), st.booleans(), st.integers(1, 2))


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_no_order_of_steps_breaks_it(desk: Desk) -> None:
    """Any steps by anybody, with a right revision or an old one: what the model allows happens, and nothing else."""
    store = desk.county.store
    other = Actor(await desk.county.user("sun", Role.MONITOR, ("220882100200",)), "")
    people = (desk.officer, desk.assistant, other, Actor(await desk.county.user("root", Role.ADMIN), ""))
    loop = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(st.lists(STEP, min_size=1, max_size=12))
    def run(taken: list[tuple[Step, int, bool, int]]) -> None:
        asyncio.run_coroutine_threadsafe(one_run(taken), loop).result()

    async def one_run(taken: list[tuple[Step, int, bool, int]]) -> None:
        one = await desk.open()
        state, assigned, revision = S.OPEN, None, 1
        for step, who, right, to in taken:
            actor = people[who]
            read = Stepped(expected_revision=revision if right else revision + 1)
            asked = type("Read", (), {"id": one.id, "revision": read.expected_revision})
            rule = machine.RULES[step]
            lawful = rule.needs in ROLES[actor.user.role] and (
                not rule.own or assigned == actor.user.name or actor.user.role is Role.ADMIN
            )
            fits = lawful and right and state in rule.since
            try:
                one = await desk.step(asked, step, actor, user=people[to].user)  # type: ignore[arg-type] # id and revision
            except HubError:
                happened = False
            else:
                happened = True
            assert happened is fits, (state, step, actor.user.name)
            if happened:
                state, revision = rule.to, revision + 1
                assigned = people[to].user.name if step is Step.ASSIGN else None if step is Step.REOPEN else assigned
            kept, log = await incidents.get(store, one.id, desk.officer)
            assert (kept.state, kept.revision, len(log)) == (state, revision, revision)
            assert (kept.assigned.name if kept.assigned else None) == assigned
            assert (kept.closed_at is not None) == (state in machine.ENDS)
            assert (kept.case_id is not None) == (state is S.CASE)

    await asyncio.to_thread(run)


async def test_two_people_act_and_one_reads_again(desk: Desk) -> None:
    one = await desk.open()
    other = Actor(await desk.county.user("second"), "")
    acts = [desk.step(one, Step.CLOSE, desk.officer), desk.step(one, Step.ASSIGN, other)]
    done = await asyncio.gather(*acts, return_exceptions=True)
    (refused,) = [got for got in done if isinstance(got, BaseException)]
    assert isinstance(refused, Conflict)
    assert refused.code == "incident_stale"
    assert (await incidents.get(desk.county.store, one.id, desk.officer))[0].revision == 2


async def test_a_mark_or_an_event_has_one_incident(desk: Desk) -> None:
    store, camera = desk.county.store, await desk.camera()
    opened = await desk.open()
    with pytest.raises(Conflict) as again:
        await incidents.open_one(store, desk.look, NewIncident(event_id=opened.event_id, title="x"))
    assert again.value.code == "incident_exists"
    await lit(desk.county, camera)
    walk = await over(desk.county, desk.assistant.user, camera)
    marked = await walk.mark(camera, PatrolVerdict.SUSPICIOUS, note="生人", incident=Headline(title="生人徘徊"))
    assert marked.incident_id is not None
    told, log = await incidents.get(store, marked.incident_id, desk.officer)
    assert (told.mark_id, told.title, told.happened_at, log[0].by) == (marked.id, "生人徘徊", NOON, "wang")
    with pytest.raises(Conflict):
        await incidents.open_one(store, walk.access, NewIncident(mark_id=marked.id, title="x"))
    plain = await walk.mark(camera, PatrolVerdict.SUSPICIOUS)
    by_hand = await incidents.open_one(store, walk.access, NewIncident(mark_id=plain.id, title="再看"))
    assert by_hand.mark_id == plain.id


async def test_an_incident_is_opened_of_what_one_may_see(desk: Desk) -> None:
    county, store = desk.county, desk.county.store
    yard, far = await county.camera(kind=Kind.CIVILIAN), await county.camera("220882101200")
    given = await county.consent(yard, valid_from=NOON - timedelta(days=9), signed_at=NOON - timedelta(days=9))
    seen, away, old = change(yard), change(far), change(yard, started_at=NOON - timedelta(days=2))
    await events.record(store, [seen, away, old])
    await lit(county, far)
    walk = await over(county, await county.user("sun", Role.MONITOR), far)
    mark = await walk.mark(far, PatrolVerdict.SUSPICIOUS)
    look = await county.access(desk.assistant.user)
    for new, code in (
        (NewIncident(event_id=away.id, title="x"), "event_unknown"),
        (NewIncident(event_id=uuid4(), title="x"), "event_unknown"),
        (NewIncident(mark_id=mark.id, title="x"), "mark_unknown"),
        (NewIncident(event_id=old.id, title="x"), "beyond_patrol"),
    ):
        with pytest.raises((NotFound, Denied)) as refused:
            await incidents.open_one(store, look, new)
        assert refused.value.code == code
    repair = await county.works(await county.user("tech", Role.TECHNICIAN), yard)
    with pytest.raises(Denied):
        await incidents.open_one(store, repair, NewIncident(event_id=seen.id, title="x"))
    await consents.withdraw(store, given.id, CONSOLE)
    with pytest.raises(NotFound):
        await incidents.open_one(store, look, NewIncident(event_id=seen.id, title="x"))
    county.clock.turn(hours=13)
    with pytest.raises(Denied) as over_now:
        await incidents.open_one(store, look, NewIncident(event_id=seen.id, title="x"))
    assert over_now.value.code == "purpose_closed"


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (NewIncident, {"title": "x"}),
        (NewIncident, {"title": "x", "mark_id": uuid4(), "event_id": uuid4()}),
        (NewIncident, {"title": " ", "mark_id": uuid4()}),
        (NewIncident, {"title": "x" * 101, "mark_id": uuid4()}),
        (NewIncident, {"title": "x", "mark_id": uuid4(), "note": "x" * 501}),
        (Check, {"expected_revision": 1, "note": " "}),
        (Close, {"expected_revision": 1, "result": ""}),
        (Close, {"expected_revision": 0, "result": "x"}),
        (Reopen, {"expected_revision": 1, "note": "\x07"}),
        (IntoCase, {"expected_revision": 1}),
        (IntoCase, {"expected_revision": 1, "case_id": uuid4(), "number": "x"}),
        (IntoCase, {"expected_revision": 1, "case_id": uuid4(), "title": "x"}),
        (IncidentQuery, {"limit": 0}),
        (IncidentQuery, {"cursor": "o' OR 1=1"}),
        (IncidentQuery, {"state": "done"}),
    ],
)
def test_what_is_told_is_bounded(model: Any, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(wrong)


async def test_an_incident_is_given_to_who_may_work_on_it_there(desk: Desk) -> None:
    county, one = desk.county, await desk.open()
    far = await county.user("far", Role.ASSISTANT, ("220882101",))
    technician = await county.user("tech", Role.TECHNICIAN)
    for unfit in (far, technician):
        with pytest.raises(Invalid) as refused:
            await desk.step(one, Step.ASSIGN, desk.officer, user=unfit)
        assert refused.value.fields[0].code == "user_not_assignable"
    fit = {person.name for person in await incidents.people(county.store, one.id, desk.officer)}
    assert fit == {"officer", "wang"}
    with pytest.raises(Denied):
        await incidents.people(county.store, one.id, desk.assistant)


async def test_whoever_goes_leaves_an_incident_that_others_take_over(desk: Desk) -> None:
    county, one = desk.county, await desk.assigned()
    await users.change(county.store, desk.assistant.user.id, users.UserChange(active=False), CONSOLE)
    told, _ = await incidents.get(county.store, one.id, desk.officer)
    assert told.assigned is not None
    assert (told.assigned.name, told.assigned.active) == ("wang", False)
    assert "wang" not in {person.name for person in await incidents.people(county.store, one.id, desk.officer)}
    sun = await county.user("sun", Role.MONITOR)
    again = await desk.step(told, Step.ASSIGN, desk.officer, user=sun)
    assert again.assigned is not None
    assert (again.assigned.name, again.state) == ("sun", S.ASSIGNED)
    gone = Actor(await users.get(county.store, desk.assistant.user.id), "")
    with pytest.raises(Denied):
        await desk.step(again, Step.ACKNOWLEDGE, gone)


async def test_scope_holds_for_every_reading_and_step(desk: Desk) -> None:
    county, one = desk.county, await desk.assigned()
    far = Actor(await county.user("far", grants=("220882101",)), "")
    for step in machine.RULES:
        with pytest.raises((NotFound, Denied)) as refused:
            await desk.step(one, step, far)
        assert refused.value.code == "incident_unknown"
    for read in (
        incidents.get(county.store, one.id, far),
        incidents.people(county.store, one.id, far),
        incidents.picture_of(county.store, await county.case(far.user), one.id),
    ):
        with pytest.raises(NotFound):
            await read
    assert (await incidents.list_incidents(county.store, IncidentQuery(), far)).going == 0
    assert await incidents.visible(county.store, far, one.id) is None
    assert await incidents.visible(county.store, desk.assistant, one.id) is not None
    await users.set_grants(county.store, desk.assistant.user.id, ("220882101",), CONSOLE)
    assert await incidents.visible(county.store, desk.assistant, one.id) is None
    technician = Actor(await county.user("tech", Role.TECHNICIAN), "")
    with pytest.raises(Denied):
        await incidents.list_incidents(county.store, IncidentQuery(), technician)
    assert await incidents.visible(county.store, technician, one.id) is None


async def test_into_a_case_that_is_open_and_in_ones_villages(desk: Desk) -> None:
    store, one = desk.county.store, await desk.open()
    near = Actor(await desk.county.user("near", grants=("220882100",)), "")
    far = await desk.county.open_case(desk.officer.user, number="F-1", places=("220882101200",))
    done = await desk.county.open_case(near.user, number="F-2")
    late = await desk.county.open_case(near.user, expires_at=desk.county.clock() + timedelta(hours=1))
    desk.county.clock.turn(hours=2)
    await cases.close(store, done.id, CONSOLE)
    for named_case, code in (
        ({"case_id": far.id}, "case_unknown"),
        ({"case_id": done.id}, "case_closed"),
        ({"case_id": late.id}, "case_expired"),
        ({"number": "F-1"}, "case_exists"),
    ):
        with pytest.raises((NotFound, Conflict)) as refused:
            await incidents.into_case(store, one.id, IntoCase(expected_revision=1, **named_case), near)
        assert refused.value.code == code
    named = await incidents.into_case(store, one.id, IntoCase(expected_revision=1, case_id=far.id), desk.officer)
    assert (named.state, named.case_number, named.steps) == (S.CASE, "F-1", ())


async def test_those_that_go_on_are_listed_first_page_by_page(desk: Desk) -> None:
    store = desk.county.store
    made = []
    for number in range(7):
        desk.county.clock.turn(minutes=1)
        one = await desk.open()
        made.append(await desk.step(one, Step.CLOSE, desk.officer) if number % 3 == 0 else one)
    going = [one.id for one in made[::-1] if one.state is S.OPEN]
    ended = [one.id for one in made[::-1] if one.state is S.CLOSED]
    found: list[UUID] = []
    cursor = None
    while True:
        page = await incidents.list_incidents(store, IncidentQuery(limit=2, cursor=cursor), desk.officer)
        found += [one.id for one in page.incidents]
        assert page.going == 4
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == going + ended
    given = await desk.step(made[1], Step.ASSIGN, desk.officer)
    for query, wanted in (
        ({"mine": True}, [given.id]),
        ({"state": "closed"}, ended),
        ({"state": "closed,assigned"}, [given.id, *ended]),
        ({"prefix": "220882101"}, []),
        ({"prefix": "220882100200", "limit": 1}, going[:1]),
    ):
        page = await incidents.list_incidents(store, IncidentQuery.model_validate(query), desk.assistant)
        assert [one.id for one in page.incidents] == wanted, query


async def test_its_picture_is_read_under_a_patrol_or_a_case(desk: Desk) -> None:
    county, store = desk.county, desk.county.store
    one = await desk.open(snapshot=SNAPSHOT, snapshot_bytes=9)
    patrol, case = await county.access(desk.assistant.user), await county.case(desk.assistant.user)
    assert await incidents.picture_of(store, patrol, one.id) == ("hub", SNAPSHOT)
    repair = await county.works(await county.user("root", Role.ADMIN), await county.camera())
    with pytest.raises(Denied) as kind:
        await incidents.picture_of(store, repair, one.id)
    assert kind.value.code == "purpose_kind"

    county.clock.turn(hours=30)
    patrol, case = await county.access(desk.assistant.user), await county.case(desk.assistant.user)
    with pytest.raises(Denied) as beyond:
        await incidents.picture_of(store, patrol, one.id)
    assert beyond.value.code == "beyond_patrol"
    assert await incidents.picture_of(store, case, one.id) == ("hub", SNAPSHOT)
    given = await desk.step(one, Step.ASSIGN, desk.officer)  # his now, and however old
    assert await incidents.picture_of(store, patrol, one.id) == ("hub", SNAPSHOT)
    await desk.step(given, Step.CLOSE, desk.officer)
    with pytest.raises(Denied):
        await incidents.picture_of(store, patrol, one.id)
    rows = [row for row in await audit.list_rows(store, CONSOLE) if row.action == "incident.picture"]
    assert [row.result_count for row in rows[::-1]] == [1, 0, 0, 1, 1, 0]


async def test_an_incident_stays_when_its_camera_or_consent_goes_and_its_picture_does_not(desk: Desk) -> None:
    county, store = desk.county, desk.county.store
    yard, gate = await county.camera(kind=Kind.CIVILIAN), await county.camera()
    scopes = {ConsentScope.LIVE, ConsentScope.EVENTS}
    given = await county.consent(yard, scopes=scopes, valid_from=NOON, signed_at=NOON)
    seen = change(yard, snapshot=SNAPSHOT, snapshot_bytes=9)
    await events.record(store, [seen])
    await lit(county, yard, gate)
    walk = await over(county, await county.user("li", Role.MONITOR), yard, gate)
    picture = MarkPicture("hub", MARKED, 9)
    marks = [
        await walk.mark(one, PatrolVerdict.SUSPICIOUS, picture=picture, incident=Headline(title="x"))
        for one in (yard, gate)
    ]
    of_event = await incidents.open_one(store, walk.access, NewIncident(event_id=seen.id, title="x"))
    opened = [one.incident_id or uuid4() for one in marks] + [of_event.id]
    for one in opened:
        assert (await incidents.picture_of(store, walk.access, one))[0] == "hub"
    await consents.withdraw(store, given.id, CONSOLE)
    await cameras.remove(store, gate.id, CONSOLE)
    for one in opened:
        with pytest.raises(NotFound) as refused:
            await incidents.picture_of(store, walk.access, one)
        assert refused.value.code == "snapshot_none"
    listed = (await incidents.list_incidents(store, IncidentQuery(), desk.officer)).incidents
    assert {one.id: one.camera_removed for one in listed} == dict(zip(opened, (False, True, False), strict=True))
    closed = await desk.step(next(one for one in listed if one.camera_removed), Step.CLOSE, desk.officer)
    assert closed.state is S.CLOSED


async def test_a_stream_is_on_record(desk: Desk) -> None:
    store = desk.county.store
    number = await incidents.watching(store, desk.look)
    await incidents.watched(store, desk.look, number, [desk.camera_id], 3)
    counted, began = (await audit.list_rows(store, CONSOLE))[:2]
    assert (began.action, counted.action, counted.result_count) == ("incidents.stream", "incidents.streamed", 3)
    technician = Access(Actor(await desk.county.user("tech", Role.TECHNICIAN), ""), desk.look.purpose)
    assert Permission.WORK_INCIDENTS not in ROLES[Role.TECHNICIAN]
    with pytest.raises(Denied):
        await incidents.watching(store, technician)

"""Requests to see recordings: who asked and what about, a second person decides in time, and what is asked for stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from registry import audit, requests
from registry.errors import Conflict, Denied, Invalid, NotFound
from registry.inputs import parse
from registry.model import Actor, Role
from registry.recordings import TimelineQuery, keeping, record, timeline
from registry.requests import Closing, NewDecision, RequestQuery, RequestState, Showing
from registry.requests.model import Decision, Refusal, Relation, Way
from registry.users import CONSOLE
from tests.registry.county import NOON, County, asked
from tests.registry.recordings_of import POLICY, segment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def officers(county: County) -> tuple[Actor, Actor]:
    first = await county.user()
    second = await county.user("chief", Role.APPROVER)
    return Actor(first, "10.1.1.1", "a"), Actor(second, "10.1.1.2", "b")


async def test_a_request_from_receipt_to_its_end_is_on_record(county: County) -> None:
    gate, (officer, chief) = await county.camera(name="gate"), await officers(county)
    made = await requests.receive(county.store, asked(camera_ids={gate.id}), officer)
    assert (made.number, made.relation, made.state) == ("2026-0001", Relation.RELATIVE, RequestState.RECEIVED)
    assert (made.due_at, made.overdue) == (datetime(2026, 12, 14, 15, 59, 59, tzinfo=UTC), False), "three weeks"
    assert [one.name for one in made.cameras] == ["gate"]
    with pytest.raises(Denied) as own:
        await requests.decide(county.store, made.id, NewDecision(decision=Decision.GRANTED), officer)
    assert own.value.code == "request_own"
    part = NewDecision(decision=Decision.PARTLY, refusal=Refusal.OTHERS, text="邻居的画面不予展示")
    decided = await requests.decide(county.store, made.id, part, chief)
    assert (decided.state, decided.refusal, decided.decided_by) == (RequestState.DECIDED, Refusal.OTHERS, "chief")
    with pytest.raises(Conflict) as unseen:
        await requests.close(county.store, made.id, Closing(), officer)
    assert unseen.value.code == "request_not_shown"
    shown = await requests.show(county.store, made.id, Showing(how=Way.OFFICE), officer)
    assert (shown.state, shown.shown_by) == (RequestState.SHOWN, "officer")
    closed = await requests.close(county.store, made.id, Closing(), officer)
    assert (closed.state, closed.held_until) == (RequestState.CLOSED, county.clock.now)
    rows = await audit.list_rows(county.store, CONSOLE)
    steps = [row for row in rows if row.action.startswith("request.")]
    assert [row.action for row in steps] == ["request.close", "request.show", "request.decide", "request.receive"]
    assert all(row.cameras == (str(gate.id),) and made.number in row.detail for row in steps)
    assert not any("李秀英" in row.detail for row in steps), "the register outlives the request; it names no asker"


async def test_steps_out_of_order_are_refused(county: County) -> None:
    gate, (officer, chief) = await county.camera(), await officers(county)
    made = await requests.receive(county.store, asked(camera_ids={gate.id}), officer)
    for early in (
        requests.show(county.store, made.id, Showing(how=Way.COPY), officer),
        requests.close(county.store, made.id, Closing(note="x"), officer),
    ):
        with pytest.raises(Conflict) as wrong:
            await early
        assert (wrong.value.code, wrong.value.params["state"]) == ("request_state", "received")
    no = NewDecision(decision=Decision.REFUSED, refusal=Refusal.IDENTITY)
    await requests.decide(county.store, made.id, no, chief)
    for late in (
        requests.decide(county.store, made.id, no, chief),
        requests.show(county.store, made.id, Showing(how=Way.OFFICE), officer),
    ):
        with pytest.raises(Conflict) as wrong:
            await late
        assert wrong.value.code == "request_state"
    assert (await requests.close(county.store, made.id, Closing(), officer)).state is RequestState.CLOSED
    with pytest.raises(Conflict):
        await requests.close(county.store, made.id, Closing(), officer)


async def test_whoever_received_it_may_note_that_it_was_taken_back(county: County) -> None:
    gate, (officer, _) = await county.camera(), await officers(county)
    made = await requests.receive(county.store, asked(camera_ids={gate.id}), officer)
    await requests.withdraw(county.store, made.id, officer)
    assert (await requests.close(county.store, made.id, Closing(), officer)).state is RequestState.CLOSED


async def test_what_is_asked_for_stays_while_the_request_is_open(county: County) -> None:
    gate, (officer, chief) = await county.camera(), await officers(county)
    await record(
        county.store, [segment(gate, NOON - 90 * timedelta(minutes=1), 60), segment(gate, NOON - 5 * HOUR, 60)]
    )
    made = await requests.receive(county.store, asked(camera_ids={gate.id}), officer)
    assert await keeping.held_bytes(county.store) == 1000
    look = await county.case(chief.user)
    query = parse(TimelineQuery, {"from": NOON - DAY, "to": NOON})
    (held,) = (await timeline(county.store, look, POLICY, gate.id, query)).holds
    assert (held.case_number, held.request_number, held.since) == (None, made.number, NOON - 2 * HOUR)

    county.clock.turn(days=31)
    (old,) = await keeping.overdue(county.store, POLICY)
    gone = await keeping.expire(county.store, old, "local", limit=10)
    assert [at for _, _, at in gone.files] == [NOON - 5 * HOUR]
    assert (await requests.get(county.store, made.id, officer)).overdue
    await requests.decide(county.store, made.id, NewDecision(decision=Decision.GRANTED), chief)
    await requests.close(county.store, made.id, Closing(note="未再来人"), officer)
    assert len((await keeping.expire(county.store, old, "local", limit=10)).files) == 1


async def test_a_hold_ends_by_itself_and_is_not_made_unasked(county: County) -> None:
    gate, (officer, _) = await county.camera(), await officers(county)
    await record(county.store, [segment(gate, NOON - 90 * timedelta(minutes=1), 60)])
    free = await requests.receive(county.store, asked(camera_ids={gate.id}, hold=False), officer)
    assert (free.held_until, await keeping.held_bytes(county.store)) == (None, 0)
    await requests.receive(county.store, asked(camera_ids={gate.id}), officer)
    county.clock.turn(days=county.store.policy.requests.hold_days - 1)
    assert await keeping.held_bytes(county.store) == 1000
    county.clock.turn(days=1, seconds=1)
    assert await keeping.held_bytes(county.store) == 0


async def test_without_cameras_it_is_about_the_village(county: County) -> None:
    near, far = await county.camera(name="a"), await county.camera("220882101200", name="b")
    officer, _ = await officers(county)
    made = await requests.receive(county.store, asked(village_code="220882100200"), officer)
    assert [one.camera_id for one in made.cameras] == [near.id]
    assert (made.village_code, made.village_name) == ("220882100200", "汉书村")
    with pytest.raises(Invalid) as empty:
        await requests.receive(county.store, asked(village_code="220882100201"), officer)
    assert empty.value.fields[0].code == "no_cameras"
    local = Actor(await county.user("local", grants=("220882101",)), "10.1.1.3", "c")
    with pytest.raises(NotFound):
        await requests.receive(county.store, asked(camera_ids={near.id}), local)
    with pytest.raises(Denied):
        await requests.receive(county.store, asked(village_code="220882100200"), local)
    with pytest.raises(NotFound):
        await requests.get(county.store, made.id, local)
    assert await requests.list_requests(county.store, RequestQuery(), local) == ()
    both = await requests.receive(county.store, asked(camera_ids={near.id, far.id}), officer)
    (seen,) = await requests.list_requests(county.store, RequestQuery(open=True), local)
    assert (seen.id, [one.name for one in seen.cameras], seen.others) == (both.id, ["b"], 1)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"id_last4": "220882199001011234"}, "id_last4"),
        ({"id_last4": "12 4"}, "id_last4"),
        ({"relation": "neighbour"}, "relation"),
        ({"grounds": " "}, "grounds"),
        ({"asker": ""}, "asker"),
        ({"to": NOON - 3 * HOUR}, ""),
        ({"from": NOON - 40 * DAY}, ""),
        ({"camera_ids": None}, ""),
    ],
)
def test_wrong_requests_are_refused_where_they_are_wrong(given: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as wrong:
        asked(**{"camera_ids": {uuid4()}, **given})
    assert wrong.value.fields[0].path == path


@pytest.mark.parametrize(
    "decision",
    [
        {"decision": "withdrawn"},
        {"decision": "refused"},
        {"decision": "partly"},
        {"decision": "granted", "refusal": "case"},
    ],
)
def test_a_refusal_says_why(decision: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        parse(NewDecision, decision)


async def test_the_time_runs_from_the_receipt_and_what_is_late_is_found(county: County) -> None:
    gate, (officer, chief) = await county.camera(), await officers(county)
    for at in (NOON + HOUR, NOON - 93 * DAY):
        with pytest.raises(Invalid):
            await requests.receive(county.store, asked(camera_ids={gate.id}, received_at=at), officer)
    early = await requests.receive(county.store, asked(camera_ids={gate.id}, received_at=NOON - 14 * DAY), officer)
    await requests.receive(county.store, asked(camera_ids={gate.id}), officer)
    assert early.due_at == datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)
    county.clock.turn(days=7)
    assert await requests.overdue(county.store) is None
    county.clock.turn(days=1)
    late = await requests.overdue(county.store)
    assert late is not None
    assert (late.count, late.since) == (1, early.due_at)
    assert [one.overdue for one in await requests.list_requests(county.store, RequestQuery(), chief)] == [True, False]
    await requests.decide(county.store, early.id, NewDecision(decision=Decision.GRANTED), chief)
    assert await requests.overdue(county.store) is None


async def test_numbers_run_through_the_year(county: County) -> None:
    gate, (officer, _) = await county.camera(), await officers(county)
    numbers = [(await requests.receive(county.store, asked(camera_ids={gate.id}), officer)).number for _ in range(3)]
    county.clock.turn(days=60)
    assert numbers == ["2026-0001", "2026-0002", "2026-0003"]
    assert (await requests.receive(county.store, asked(camera_ids={gate.id}), officer)).number == "2027-0001"

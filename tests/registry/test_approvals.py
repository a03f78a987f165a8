"""Approvals: two people, a reason on both sides, an end; every step in the register."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from registry import approvals, audit, cases, users
from registry.approvals import (
    Approval,
    ApprovalState,
    Decision,
    Ending,
    NewApproval,
    ReachAsk,
    ask,
    decide,
    granted,
    list_approvals,
    revoke,
    waiting,
    withdraw,
)
from registry.errors import Conflict, Denied, HubError, Invalid, NotFound
from registry.model import Actor, Role, User
from registry.tables import approvals as rows
from registry.users import CONSOLE
from tests.registry.county import NOON, County

YES, NO = "按规定同意", "理由不足"


@pytest.fixture
async def officer(county: County) -> User:
    return await county.user("officer", grants=("220882100",))


@pytest.fixture
async def chief(county: County) -> User:
    return await county.user("chief", Role.APPROVER)


def by(user: User) -> Actor:
    return Actor(user, "10.1.1.1", "session")


async def wanted(county: County, officer: User, **given: Any) -> NewApproval:
    case = given.pop("case", None) or await county.open_case(officer)
    values = {
        "kind": "reach", "case_id": case.id, "places": ("220882101200",), "starts_at": NOON - timedelta(days=3),
        "ends_at": NOON, "hours": 24, **given,
    }  # fmt: skip
    return NewApproval(asked=ReachAsk(**values), reason="羊可能被卖到邻镇")


async def asked(county: County, officer: User, **given: Any) -> Approval:
    return await ask(county.store, await wanted(county, officer, **given), by(officer))


def deciding(one: Approval, yes: bool = True) -> Decision:
    return Decision(granted=yes, reason=YES if yes else NO, expected_revision=one.revision)


async def test_one_asks_and_another_grants(county: County, officer: User, chief: User) -> None:
    one = await asked(county, officer)
    assert (one.state, one.requester, one.waits_until) == (ApprovalState.ASKED, "officer", NOON + timedelta(hours=72))
    listed = await list_approvals(county.store, by(chief))
    assert [(each.id, each.decidable) for each in listed.approvals] == [(one.id, True)]
    assert listed.waiting == await waiting(county.store, by(chief)) == 1
    own = await list_approvals(county.store, by(officer))
    assert [(each.id, each.decidable) for each in own.approvals] == [(one.id, False)]
    assert await waiting(county.store, by(officer)) == 0
    county.clock.turn(hours=1)
    kept = await decide(county.store, one.id, deciding(one), by(chief))
    assert (kept.state, kept.decided_by, kept.decision, kept.revision) == (ApprovalState.GRANTED, "chief", YES, 2)
    assert kept.ends_at == NOON + timedelta(hours=25)
    async with county.store.read() as conn:
        grant = await granted(conn, one.id, ReachAsk, officer, county.clock())
    assert (grant.asked.places, grant.ends_at) == (("220882101200",), kept.ends_at)
    written = [row for row in await audit.list_rows(county.store, CONSOLE) if row.action.startswith("approval.")]
    assert [row.action for row in written] == ["approval.granted", "approval.asked"]
    assert (written[0].user, written[0].span_from) == ("chief", NOON - timedelta(days=3))
    told = json.loads(written[0].detail)
    assert (told["requester"], told["places"], told["reason"]) == ("officer", ["220882101200"], YES)


async def test_nobody_decides_what_he_asked_for(county: County, chief: User) -> None:
    one = await asked(county, chief)
    assert await waiting(county.store, by(chief)) == 0
    with pytest.raises(Denied) as own:
        await decide(county.store, one.id, deciding(one), by(chief))
    assert own.value.code == "approval_own"
    with pytest.raises(Conflict):
        async with county.store.write() as conn:
            await conn.execute(sa.update(rows).values(state="granted", decided_by_no=chief.no))
    assert (await approvals.get(county.store, one.id, by(chief))).state is ApprovalState.ASKED


async def test_only_who_may_approve_and_sees_all_of_it_decides(county: County, officer: User) -> None:
    one = await asked(county, officer, places=("220882100200", "220882101200"))
    for name, role in (("peer", Role.OFFICER), ("boss", Role.ASSISTANT), ("books", Role.AUDITOR)):
        with pytest.raises(Denied):
            await decide(county.store, one.id, deciding(one), by(await county.user(name, role)))
    near = await county.user("near", Role.APPROVER, grants=("220882100",))
    assert (await list_approvals(county.store, by(near))).approvals == ()
    with pytest.raises(NotFound):
        await decide(county.store, one.id, deciding(one), by(near))
    with pytest.raises(NotFound):
        await approvals.get(county.store, one.id, by(near))


async def test_a_refusal_has_its_reason_and_grants_nothing(county: County, officer: User, chief: User) -> None:
    one = await asked(county, officer)
    kept = await decide(county.store, one.id, deciding(one, yes=False), by(chief))
    assert (kept.state, kept.decision, kept.ends_at) == (ApprovalState.REFUSED, NO, None)
    async with county.store.read() as conn:
        with pytest.raises(Denied) as denied:
            await granted(conn, one.id, ReachAsk, officer, county.clock())
    assert denied.value.code == "approval_not_granted"
    for wrong in ("", "   ", "x" * 201):
        with pytest.raises(ValueError, match="reason"):
            Decision(granted=True, reason=wrong, expected_revision=1)


async def test_of_two_who_decide_at_once_the_later_is_told(county: County, officer: User, chief: User) -> None:
    other = await county.user("other", Role.APPROVER)
    one = await asked(county, officer)
    told = await asyncio.gather(
        decide(county.store, one.id, deciding(one), by(chief)),
        decide(county.store, one.id, deciding(one, yes=False), by(other)),
        return_exceptions=True,
    )
    late = [each for each in told if isinstance(each, HubError)]
    assert [each.code for each in late] == ["approval_stale"], told
    steps = [row.action for row in await audit.list_rows(county.store, CONSOLE) if row.action.startswith("approval.")]
    assert len(steps) == 2


async def test_what_nobody_decides_and_what_was_granted_runs_out(county: County, officer: User, chief: User) -> None:
    one, late = await asked(county, officer), await asked(county, officer)
    kept = await decide(county.store, one.id, deciding(one), by(chief))
    county.clock.turn(hours=24)
    assert (await approvals.get(county.store, one.id, by(officer))).state is ApprovalState.EXPIRED
    async with county.store.read() as conn:
        with pytest.raises(Denied):
            await granted(conn, one.id, ReachAsk, officer, county.clock())
    with pytest.raises(Conflict) as over:
        await revoke(county.store, one.id, Ending(reason="x", expected_revision=kept.revision), by(chief))
    assert over.value.params["state"] == "expired"
    county.clock.turn(hours=48)
    with pytest.raises(Conflict):
        await decide(county.store, late.id, deciding(late), by(chief))
    assert await waiting(county.store, by(chief)) == 0


async def test_it_is_taken_back_given_back_and_taken_away(county: County, officer: User, chief: User) -> None:
    early, back, away = [await asked(county, officer) for _ in range(3)]
    why = Ending(reason="找到了", expected_revision=1)
    with pytest.raises(NotFound):
        await withdraw(county.store, early.id, why, by(chief))
    assert (await withdraw(county.store, early.id, why, by(officer))).state is ApprovalState.WITHDRAWN
    for one in (back, away):
        await decide(county.store, one.id, deciding(one), by(chief))
    with pytest.raises(Conflict):
        await withdraw(county.store, back.id, why, by(officer))
    why = Ending(reason="找到了", expected_revision=2)
    given = await withdraw(county.store, back.id, why, by(officer))
    assert (given.state, given.ended_by, given.ending) == (ApprovalState.WITHDRAWN, "officer", "找到了")
    with pytest.raises(Denied):
        await revoke(county.store, away.id, why, by(officer))
    taken = await revoke(county.store, away.id, why, by(chief))
    assert (taken.state, taken.ended_by) == (ApprovalState.REVOKED, "chief")
    for one in (early, back, away):
        async with county.store.read() as conn:
            with pytest.raises(Denied):
                await granted(conn, one.id, ReachAsk, officer, county.clock())


async def test_what_is_asked_must_make_sense(county: County, officer: User, chief: User) -> None:
    with pytest.raises(Invalid, match=r"^asked\.places\.0: no place"):
        await asked(county, officer, places=("220882999",))
    with pytest.raises(Invalid, match=r"^asked\.hours: .* 72 hours"):
        await asked(county, officer, hours=73)
    for wrong in (
        {"places": ()},
        {"places": tuple(f"220882100{n:03d}" for n in range(21))},
        {"places": ("22",)},
        {"hours": 0},
        {"ends_at": NOON - timedelta(days=3)},
        {"kind": "unlimited"},
        {"more": 1},
    ):
        with pytest.raises(ValueError, match="validation error"):
            await wanted(county, officer, **wrong)
    with pytest.raises(NotFound):
        await ask(county.store, await wanted(county, officer, case_id=uuid4()), by(officer))
    with pytest.raises(Denied):
        await ask(county.store, await wanted(county, officer), by(await county.user("monitor", Role.MONITOR)))
    closed = await county.open_case(officer)
    one = await asked(county, officer, case=closed)
    await cases.close(county.store, closed.id, by(officer))
    with pytest.raises(Conflict, match="closed"):
        await asked(county, officer, case=closed)
    with pytest.raises(Conflict, match="closed"):
        await decide(county.store, one.id, deciding(one), by(chief))


async def test_nothing_is_granted_to_who_may_not_sign_in(county: County, officer: User, chief: User) -> None:
    one = await asked(county, officer)
    await users.change(county.store, officer.id, users.UserChange(active=False), CONSOLE)
    with pytest.raises(Conflict) as gone:
        await decide(county.store, one.id, deciding(one), by(chief))
    assert gone.value.code == "approval_requester"

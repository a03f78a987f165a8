"""Cases: what they must tell, who sees them, who changes them, and when they end."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from registry import audit, cases, purposes
from registry.cases import Case, CaseChange, CaseState, NewCase, Offence
from registry.errors import Conflict, Denied, HubError, Invalid, NotFound
from registry.model import Actor, PurposeKind, Role, User
from registry.policy import preset
from registry.purposes import OpenPurpose
from registry.users import CONSOLE
from tests.registry.county import NOON, County

NEAR, NEXT, FAR = "220882100200", "220882100201", "220882101200"
DAY = timedelta(days=1)


def by(user: User) -> Actor:
    return Actor(user, "10.1.1.1", "session")


def new(**given: Any) -> NewCase:
    told = {"number": "A-1", "title": "丢羊", "places": (NEAR,), "starts_at": NOON - DAY, "ends_at": NOON}
    return NewCase(**{**told, **given})


async def changed(county: County, case: Case, who: User, **given: Any) -> Case:
    return await cases.change(
        county.store, case.id, CaseChange(expected_revision=given.pop("revision", case.revision), **given), by(who)
    )


async def looks(county: County, case: Case, who: User) -> None:
    await purposes.open(county.store, OpenPurpose(kind=PurposeKind.CASE, case_id=case.id), by(who))


async def test_a_case_tells_where_when_and_who(county: County) -> None:
    officer, helper = await county.user(), await county.user("helper", Role.ASSISTANT)
    case = await cases.create(
        county.store, new(offence=Offence.LIVESTOCK, places=(NEXT, NEAR), member_ids={helper.id}), by(officer)
    )
    assert (case.places, case.offence, case.state) == ((NEAR, NEXT), Offence.LIVESTOCK, CaseState.OPEN)
    assert (case.responsible or case.members[0]).name == "officer"
    assert [one.name for one in case.members] == ["helper", "officer"]
    assert case.expires_at == NOON + timedelta(days=preset("cn").cases.expires_days)
    assert (case.member, case.editable, case.revision) == (True, True, 1)
    seen = await cases.get(county.store, case.id, by(helper))
    assert (seen.member, seen.editable) == (True, False)
    (row,) = [one for one in await audit.list_rows(county.store, CONSOLE) if one.action == "case.create"]
    assert (row.span_from, row.span_to) == (NOON - DAY, NOON)
    assert json.loads(row.detail)["members"] == ["helper", "officer"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"places": ()}, "places"),
        ({"places": ("220882999",)}, "places.0"),
        ({"starts_at": None}, "starts_at"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": NOON - DAY}, "ends_at"),
        ({"starts_at": NOON - 32 * DAY}, "ends_at"),
        ({"expires_at": NOON}, "expires_at"),
        ({"expires_at": NOON + 91 * DAY}, "expires_at"),
        ({"responsible_id": uuid4()}, "responsible_id"),
        ({"member_ids": {uuid4()}}, "member_ids"),
    ],
)
async def test_what_the_policy_asks_is_asked(county: County, given: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as wrong:
        await cases.create(county.store, new(**given), by(await county.user()))
    assert [one.path for one in wrong.value.fields] == [path]


async def test_only_who_may_look_under_a_case_works_on_one(county: County) -> None:
    officer, helper = await county.user(), await county.user("helper", Role.ASSISTANT)
    for who in ({"member_ids": {(await county.user("monitor", Role.MONITOR)).id}}, {"responsible_id": helper.id}):
        with pytest.raises(Invalid):
            await cases.create(county.store, new(**who), by(officer))
    with pytest.raises(Invalid, match="responsible"):
        await cases.create(county.store, new(), CONSOLE)
    here = await county.user("here", grants=("220882100",))
    with pytest.raises(Denied) as outside:
        await cases.create(county.store, new(places=(NEAR, FAR)), by(here))
    assert outside.value.code == "out_of_scope"
    await cases.create(county.store, new(), by(officer))
    with pytest.raises(Conflict) as twice:
        await cases.create(county.store, new(), by(officer))
    assert twice.value.code == "case_exists"


async def test_a_case_of_another_unit_is_not_there(county: County) -> None:
    officer, chief = await county.user(), await county.user("chief", Role.APPROVER)
    others = [await county.user("peer"), await county.user("near", Role.APPROVER, grants=("220882100",))]
    case = await cases.create(county.store, new(places=(NEAR, FAR)), by(officer))
    for other in others:
        assert await cases.list_cases(county.store, by(other)) == ()
        with pytest.raises(NotFound):
            await cases.get(county.store, case.id, by(other))
        with pytest.raises(NotFound) as unknown:
            await looks(county, case, other)
        assert unknown.value.code == "case_unknown"
        with pytest.raises(NotFound):
            await changed(county, case, other, title="x")
    assert [one.id for one in await cases.list_cases(county.store, by(chief))] == [case.id]
    with pytest.raises(Denied) as stranger:
        await looks(county, case, chief)
    assert stranger.value.code == "case_not_member", "he oversees it, and works on it once he says so"
    await changed(county, case, chief, member_ids={officer.id, chief.id})
    await looks(county, case, chief)


async def test_the_later_of_two_who_change_is_told(county: County) -> None:
    officer, chief = await county.user(), await county.user("chief", Role.APPROVER)
    case = await cases.create(county.store, new(), by(officer))
    told = await asyncio.gather(
        changed(county, case, officer, title="两只羊"),
        changed(county, case, chief, title="三只羊"),
        return_exceptions=True,
    )
    late = [one for one in told if isinstance(one, HubError)]
    assert [one.code for one in late] == ["case_stale"], told
    assert (await cases.get(county.store, case.id, by(officer))).revision == 2


async def test_a_change_is_on_record_with_what_was_before(county: County) -> None:
    officer, helper = await county.user(), await county.user("helper", Role.ASSISTANT)
    case = await cases.create(county.store, new(), by(officer))
    with pytest.raises(NotFound):
        await changed(county, case, helper, title="x")
    case = await changed(county, case, officer, places=(NEAR, NEXT), member_ids={helper.id}, ends_at=NOON + DAY)
    assert (case.places, case.ends_at) == ((NEAR, NEXT), NOON + DAY)
    assert [one.name for one in case.members] == ["helper", "officer"], "who is responsible works on it"
    with pytest.raises(Denied) as other:
        await changed(county, case, helper, title="x")
    assert other.value.code == "case_others"
    (row, *_) = [one for one in await audit.list_rows(county.store, CONSOLE) if one.action == "case.change"]
    told = json.loads(row.detail)["changed"]
    assert told == {"places": [[NEAR], [NEAR, NEXT]], "members": [["officer"], ["helper", "officer"]]}
    for wrong in (
        {"title": ""},
        {"title": None},
        {"starts_at": NOON + 2 * DAY},
        {"places": ()},
        {"places": ("220882999",)},
    ):
        with pytest.raises((Invalid, Denied)):
            await changed(county, case, officer, **wrong)


async def test_a_place_that_was_there_stays_although_out_of_scope(county: County) -> None:
    officer = await county.user(grants=("220882100",))
    case = await cases.create(county.store, new(places=(FAR,), responsible_id=officer.id), CONSOLE)
    assert (await changed(county, case, officer, places=(FAR, NEAR))).places == (NEAR, FAR)
    with pytest.raises(Denied):
        await changed(county, case, officer, revision=2, places=(FAR, "220882101"))


async def test_an_expired_case_is_as_closed_until_it_is_prolonged(county: County) -> None:
    officer = await county.user()
    case = await cases.create(county.store, new(expires_at=NOON + DAY), by(officer))
    await looks(county, case, officer)
    county.clock.turn(days=1)
    assert (await cases.get(county.store, case.id, by(officer))).state is CaseState.EXPIRED
    assert await cases.list_cases(county.store, by(officer), open_only=True) == ()
    assert await purposes.list_open(county.store, officer) == ()
    with pytest.raises(Conflict) as over:
        await looks(county, case, officer)
    assert over.value.code == "case_expired"
    case = await changed(county, case, officer, expires_at=NOON + 2 * DAY)
    assert case.state is CaseState.OPEN
    await looks(county, case, officer)
    closed = await cases.close(county.store, case.id, by(officer))
    assert (closed.state, await cases.close(county.store, case.id, by(officer))) == (CaseState.CLOSED, closed)
    with pytest.raises(Conflict) as shut:
        await changed(county, closed, officer, expires_at=NOON + 3 * DAY)
    assert shut.value.code == "case_closed"


async def test_who_is_no_member_any_more_looks_no_more(county: County) -> None:
    officer, helper = await county.user(), await county.user("helper", Role.ASSISTANT)
    case = await cases.create(county.store, new(member_ids={helper.id}), by(officer))
    await looks(county, case, helper)
    assert len(await purposes.list_open(county.store, helper)) == 1
    await changed(county, case, officer, member_ids=set())
    assert await purposes.list_open(county.store, helper) == ()
    with pytest.raises(NotFound):
        await looks(county, case, helper)

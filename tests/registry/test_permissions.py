"""The matrix of permissions, what must be held to look, and what a token leaves of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from registry import live, permissions, users
from registry.errors import Denied, Invalid
from registry.events import EventQuery, search
from registry.model import Actor, Carried, Duty, Role, User
from registry.permissions import LOOKS, Permission, allow, may
from registry.policy import Policy, preset
from registry.store import Store
from registry.users import CONSOLE, UserChange
from tests.registry.county import County


def test_the_documented_matrix_is_the_enforced_one() -> None:
    text = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert permissions.table() in text


def test_every_right_of_the_field_stands_apart() -> None:
    """Live, search, recorded media, export, registering, configuring and audit: a role may have any without the rest."""
    apart = (
        Permission.WATCH_LIVE, Permission.SEE_EVENTS, Permission.SEE_RECORDINGS, Permission.EXPORT, Permission.REGISTER,
        Permission.CONFIGURE, Permission.READ_AUDIT,
    )  # fmt: skip
    assert len(set(apart)) == 7
    assert permissions.ROLES[Role.AUDITOR].isdisjoint(LOOKS)
    assert Permission.CONFIGURE not in permissions.ROLES[Role.APPROVER]


async def bare(county: County, role: Role) -> User:
    """A user of whom nothing is on record."""
    user = await county.user(role.value, role)
    return await users.change(county.store, user.id, UserChange(trained_at=None, pledged_at=None), CONSOLE)


@pytest.mark.parametrize("role", list(Role))
async def test_what_shows_people_needs_training_and_the_pledge(county: County, role: Role) -> None:
    user = await bare(county, role)
    demanded = role in (Role.MONITOR, Role.ASSISTANT)
    for one in permissions.ROLES[role]:
        assert may(user, one) is not (demanded and one in LOOKS), one
    assert [held.duty for held in user.duties] == (list(Duty) if demanded else [])
    assert not any(held.holds for held in user.duties)


async def test_they_end_and_say_so_before(county: County) -> None:
    store, clock = county.store, county.clock
    user = await county.user("wang", Role.MONITOR)
    access = await county.access(user, hours=24 * 400)
    (training, pledge) = user.duties
    assert training.until == clock() + timedelta(days=364)
    assert (training.soon, pledge.soon) == (False, False)

    clock.turn(days=340)
    user = await users.get(store, user.id)
    assert [(held.holds, held.soon) for held in user.duties] == [(True, True)] * 2
    clock.turn(days=24)
    user = await users.get(store, user.id)
    assert not any(held.holds for held in user.duties)
    stale = access.actor.user
    access = await county.access(await county.user("hu", Role.OFFICER))
    again = Actor(user, "10.1.1.1")
    for refused in (
        search(store, type(access)(again, access.purpose), EventQuery()),
        live.standing(store, type(access)(again, access.purpose), []),
    ):
        with pytest.raises(Denied) as why:
            await refused
        assert why.value.code == "training_expired"
    user = await users.change(store, user.id, UserChange(trained_at=clock()), CONSOLE)
    with pytest.raises(Denied) as why:
        allow(user, Permission.WATCH_LIVE)
    assert why.value.code == "pledge_expired"
    allow(user, Permission.SEE_CAMERAS)
    user = await users.change(store, user.id, UserChange(pledged_at=clock()), CONSOLE)
    allow(user, Permission.WATCH_LIVE)
    assert may(stale, Permission.WATCH_LIVE), "who was read before knows nothing of it: long looks read anew"


async def test_a_day_to_come_is_refused(county: County) -> None:
    user = await county.user("wang", Role.MONITOR)
    tomorrow = county.clock() + timedelta(days=1)
    with pytest.raises(Invalid) as wrong:
        await users.change(county.store, user.id, UserChange(pledged_at=tomorrow), CONSOLE)
    assert [field.path for field in wrong.value.fields] == ["pledged_at"]


async def test_what_is_demanded_is_policy(county: County, url: str) -> None:
    law = preset("cn").model_dump()
    law["people"]["training"] = {"roles": ["officer"], "valid_days": 1}
    law["people"]["totp_required_roles"] = ["technician"]
    officer, technician = await county.user("li"), await county.user("zhao", Role.TECHNICIAN)
    store = await Store.open(url, clock=county.clock, law=Policy.model_validate(law))
    with pytest.raises(Denied) as why:
        allow(await users.get(store, officer.id), Permission.SEE_EVENTS)
    assert why.value.code == "training_expired"
    with pytest.raises(Denied) as why:
        allow(await users.get(store, technician.id), Permission.SEE_CAMERAS)
    assert why.value.code == "two_factors_required"
    await store.close()


async def test_a_token_carries_no_more_than_it_was_given(county: County) -> None:
    user = await county.user("li")
    less = Carried(frozenset({Permission.SEE_EVENTS, Permission.READ_AUDIT}), None)
    token = type(user)(**{**{name: getattr(user, name) for name in user.__slots__}, "carried": less})
    assert may(token, Permission.SEE_EVENTS)
    assert not may(token, Permission.READ_AUDIT), "its owner has not got it"
    with pytest.raises(Denied) as why:
        allow(token, Permission.WATCH_LIVE)
    assert why.value.code == "token"

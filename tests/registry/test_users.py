"""Users, sessions, tokens, permissions, purposes and cases."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from registry import cases, purposes, sessions, signin, tokens, users
from registry.errors import Conflict, Denied, Invalid, NotFound, NotSignedIn
from registry.inputs import parse
from registry.model import Actor, PurposeKind, Role
from registry.permissions import ROLES, Permission, allow
from registry.purposes import OpenPurpose
from registry.scope import of
from registry.signin import Tried
from registry.tables import audit as audit_rows
from registry.tables import sessions as session_rows
from registry.tables import tokens as token_rows
from registry.users import CONSOLE, NewUser, UserChange
from tests.registry.county import County


async def test_sign_in(county: County) -> None:
    user = await county.user("Li.Wei")
    assert user.name == "li.wei"
    assert await signin.verify(county.store, county.vault, Tried(" LI.WEI ", "a good password")) == user
    for name, password in (
        ("li.wei", "wrong"),
        ("nobody", "a good password"),
        ("li\x00wei", "x"),
        ("' OR 1=1 --", "x"),
    ):
        with pytest.raises(NotSignedIn) as err:
            await signin.verify(county.store, county.vault, Tried(name, password))
        assert str(err.value) == "wrong name or password"
    async with county.store.read() as conn:
        refused = sa.select(audit_rows.c.detail).where(audit_rows.c.action == "session.refused")
        said = list(await conn.scalars(refused))
    assert len([one for one in said if "li.wei" in one]) == 1
    assert not [one for one in said if "nobody" in one]
    await users.change(county.store, user.id, UserChange(active=False), CONSOLE)
    with pytest.raises(NotSignedIn):
        await signin.verify(county.store, county.vault, Tried("li.wei", "a good password"))


async def test_session_lives_and_dies(county: County) -> None:
    store = county.store
    user = await county.user()
    token, csrf = await sessions.open_session(store, user, "10.0.0.1", hours=1)
    session = await sessions.session_by_token(store, token)
    assert session is not None
    assert (session.user, session.purpose, session.csrf) == (user, None, csrf)
    assert csrf not in repr(session)
    async with store.read() as conn:
        rows = str((await conn.execute(sa.select(session_rows))).all())
    assert token not in rows
    purpose = (await county.access(user)).purpose
    await sessions.set_purpose(store, session, purpose)
    kept = await sessions.session_by_token(store, token)
    assert kept is not None
    assert kept.purpose == purpose
    other = (await county.access(await county.user("other"))).purpose
    with pytest.raises(NotFound):
        await sessions.set_purpose(store, session, other)
    assert await sessions.session_by_token(store, token[:-1]) is None
    assert await sessions.session_by_token(store, "\ud800") is None
    county.clock.turn(minutes=59)
    assert await sessions.session_by_token(store, token) is not None
    county.clock.turn(minutes=1)
    assert await sessions.session_by_token(store, token) is None
    token, _ = await sessions.open_session(store, user, "", hours=1)
    await users.set_password(store, user.id, SecretStr("another password"), CONSOLE)
    assert await sessions.session_by_token(store, token) is None
    token, _ = await sessions.open_session(store, user, "", hours=1)
    session = await sessions.session_by_token(store, token)
    assert session is not None
    await sessions.close_session(store, session)
    await sessions.close_session(store, session)
    assert await sessions.session_by_token(store, token) is None


async def test_tokens(county: County) -> None:
    store, user = county.store, await county.user()
    later = county.clock.now + timedelta(days=1)
    made, secret = await tokens.create_token(store, user, "reports", later)
    assert await tokens.user_by_token(store, secret) == user
    assert await tokens.user_by_token(store, secret + "x") is None
    async with store.read() as conn:
        assert secret not in str((await conn.execute(sa.select(token_rows))).all())
    with pytest.raises(NotFound):
        await tokens.revoke(store, made.id, await county.user("other"))
    assert (await tokens.revoke(store, made.id, user)).revoked_at == county.clock.now
    assert await tokens.user_by_token(store, secret) is None
    _, secret = await tokens.create_token(store, user, "next", later)
    await users.change(store, user.id, UserChange(active=False), CONSOLE)
    await users.change(store, user.id, UserChange(active=True), CONSOLE)
    assert await tokens.user_by_token(store, secret) is None
    _, secret = await tokens.create_token(store, user, "again", later)
    assert await tokens.user_by_token(store, secret) == user
    county.clock.turn(days=1)
    assert await tokens.user_by_token(store, secret) is None
    with pytest.raises(Invalid):
        await tokens.create_token(store, user, "late", later)
    assert [one.name for one in await tokens.list_tokens(store, user)] == ["again", "next", "reports"]


async def test_grants_are_data(county: County) -> None:
    store = county.store
    admin = await county.user("boss", Role.ADMIN, grants=())
    assert not of(admin).covers("220882100200")
    with pytest.raises(Denied):
        await users.set_grants(store, admin.id, ["220882"], Actor(admin, ""))
    changed = await users.set_grants(store, admin.id, ["220882100", "220882100"], CONSOLE)
    assert changed.grants == ("220882100",)
    assert of(changed).covers("220882100200")
    assert not of(changed).covers("220882101200")
    for wrong in ("22", "2208821", "２２０８８２", "%"):
        with pytest.raises(Invalid):
            await users.set_grants(store, admin.id, [wrong], CONSOLE)


async def test_last_administrator_stays(county: County) -> None:
    store = county.store
    first = await county.user("one", Role.ADMIN)
    for wanted in (UserChange(active=False), UserChange(role=Role.OFFICER)):
        with pytest.raises(Conflict):
            await users.change(store, first.id, wanted, CONSOLE)
    await county.user("two", Role.ADMIN)
    assert (await users.change(store, first.id, UserChange(role=Role.OFFICER), CONSOLE)).role is Role.OFFICER
    with pytest.raises(Conflict):
        await county.user("two")
    assert [one.name for one in await users.list_users(store)] == ["one", "two"]


def test_every_role_has_its_row_and_the_inactive_nothing() -> None:
    assert set(ROLES) == set(Role)
    assert Permission.MANAGE_USERS not in ROLES[Role.OFFICER]
    assert Permission.READ_AUDIT not in ROLES[Role.TECHNICIAN]
    allow(CONSOLE.user, Permission.MANAGE_USERS)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"name": "a"}, "name"),
        ({"name": "a b"}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"role": "god"}, "role"),
        ({"grants": ["22088"]}, "grants.0"),
        ({"is_admin": True}, "is_admin"),
    ],
)
def test_wrong_fields_are_named_and_no_password_is_told(data: dict[str, object], path: str) -> None:
    whole = {"name": "li", "password": "a good password", "role": "officer"}
    with pytest.raises(Invalid) as err:
        parse(NewUser, {**whole, **data})
    assert [one.path for one in err.value.fields] == [path]
    assert "short" not in str(err.value)
    assert "a good password" not in repr(parse(NewUser, whole))


async def test_purposes_open_run_out_and_close(county: County) -> None:
    store, user = county.store, await county.user()
    actor = Actor(user, "")
    case = await county.open_case(user, number="2026-1")
    purpose = await purposes.open(store, OpenPurpose(kind=PurposeKind.CASE, case_id=case.id), actor, hours=2)
    assert (purpose.case_number, purpose.expires_at) == ("2026-1", county.clock.now + timedelta(hours=2))
    assert await purposes.list_open(store, user) == (purpose,)
    assert await purposes.get_open(store, purpose.id, user) == purpose
    with pytest.raises(NotFound):
        await purposes.get_open(store, purpose.id, await county.user("other"))
    with pytest.raises(Denied) as err:
        await purposes.open(store, OpenPurpose(kind=PurposeKind.MAINTENANCE, reason="x", camera_ids={uuid4()}), actor)
    assert err.value.code == "role"
    with pytest.raises(Denied) as required:
        purposes.require(None, county.clock.now)
    assert required.value.code == "purpose_required"
    county.clock.turn(hours=2)
    with pytest.raises(Denied) as closed:
        await purposes.get_open(store, purpose.id, user)
    assert closed.value.code == "purpose_closed"
    assert await purposes.list_open(store, user) == ()


async def test_closed_case_closes_its_purposes(county: County) -> None:
    store, user = county.store, await county.user()
    actor = Actor(user, "")
    case = await county.open_case(user)
    purpose = await purposes.open(store, OpenPurpose(kind=PurposeKind.CASE, case_id=case.id), actor)
    closed = await cases.close(store, case.id, actor)
    assert closed.closed_at == county.clock.now
    assert (await cases.close(store, case.id, actor)) == closed
    with pytest.raises(Denied):
        await purposes.get_open(store, purpose.id, user)
    with pytest.raises(Conflict):
        await purposes.open(store, OpenPurpose(kind=PurposeKind.CASE, case_id=case.id), actor)
    assert await cases.list_cases(store, CONSOLE, open_only=True) == ()
    patrol = await purposes.open(store, OpenPurpose(kind=PurposeKind.PATROL, reason="night"), actor)
    first = await purposes.close(store, patrol.id, actor)
    assert await purposes.close(store, patrol.id, actor) == first


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "case"},
        {"kind": "patrol"},
        {"kind": "patrol", "reason": "  "},
        {"kind": "patrol", "reason": "x", "case_id": str(uuid4())},
        {"kind": "curiosity", "reason": "x"},
        {"kind": "patrol", "reason": "x", "camera_ids": [str(uuid4())]},
        {"kind": "patrol", "reason": "x", "approval_id": str(uuid4())},
        {"kind": "maintenance", "reason": "x"},
        {"kind": "maintenance", "reason": "x", "camera_ids": [str(uuid4()) for _ in range(21)]},
    ],
)
def test_purpose_without_a_ground(data: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        parse(OpenPurpose, data)

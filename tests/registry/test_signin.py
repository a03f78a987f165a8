"""Signing in: the wait after wrong tries, the second factor and its codes, what a new password must be like."""

from __future__ import annotations

from base64 import b32decode
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from pydantic import SecretStr

from registry import audit, keys, sessions, signin, tokens, twofactors, users
from registry.errors import Conflict, Denied, Invalid, NotFound, NotSignedIn, TooMany
from registry.model import Actor, Carried, Role, User
from registry.permissions import Permission, may
from registry.policy import LockoutPolicy
from registry.scope import of
from registry.signin import Tried, wait_after
from registry.tables import recovery_codes
from registry.tables import users as user_rows
from registry.users import CONSOLE
from registry.vault import Vault
from tests.registry.county import County

PASSWORD = "a good password"


def code_at(secret: str, at: datetime) -> str:
    """What an app shows at that moment (RFC 6238)."""
    return TOTP(b32decode(secret), 6, SHA1(), 30).generate(int(at.timestamp())).decode()


async def attempt(county: County, password: str = PASSWORD, code: str | None = None) -> User:
    return await signin.verify(county.store, county.vault, Tried("wang", password, code), "10.1.1.1")


async def enrolled(county: County) -> tuple[User, str, tuple[str, ...]]:
    """A user with a second factor, its secret, its recovery codes."""
    actor = Actor(await county.user("wang"), "10.1.1.1")
    made = await twofactors.begin(county.store, county.vault, actor, "hub")
    codes = await twofactors.confirm(county.store, county.vault, actor, code_at(made.secret, county.clock()))
    county.clock.turn(seconds=60)
    return await users.get(county.store, actor.user.id), made.secret, codes


def test_the_wait_doubles_up_to_the_longest() -> None:
    law = LockoutPolicy(tries=5, first_minutes=1, longest_minutes=60)
    assert [wait_after(n, law).total_seconds() / 60 for n in (0, 4, 5, 6, 7, 10, 11, 100_000)] == [
        0, 0, 1, 2, 4, 32, 60, 60
    ]  # fmt: skip


async def test_wrong_tries_lock_a_name_for_longer_and_longer(county: County) -> None:
    user = await county.user("wang")
    token, _ = await sessions.open_session(county.store, user, "", hours=1)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await attempt(county, "wrong one")
    for password in (PASSWORD, "wrong one"):
        with pytest.raises(TooMany) as locked:
            await attempt(county, password)
        assert (locked.value.code, locked.value.retry_after_s) == ("locked", 60)
    assert (await users.get(county.store, user.id)).locked_until == county.clock() + timedelta(minutes=1)
    assert await sessions.session_by_token(county.store, token) is not None, "who is signed in goes on"
    county.clock.turn(seconds=60)
    with pytest.raises(NotSignedIn):
        await attempt(county, "wrong one")
    with pytest.raises(TooMany) as locked:
        await attempt(county)
    assert locked.value.retry_after_s == 120
    county.clock.turn(seconds=120)
    assert (await attempt(county)).locked_until is None
    with pytest.raises(NotSignedIn):
        await attempt(county, "wrong one")
    assert (await attempt(county)).name == "wang", "the count began anew"
    said = [row.action for row in await audit.list_rows(county.store, CONSOLE)]
    assert said.count("session.locked") == 3
    assert said.count("session.refused") == 7


async def test_a_lock_is_lifted_on_record(county: County) -> None:
    user = await county.user("wang")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await attempt(county, "wrong one")
    assert (await signin.unlock(county.store, user.id, CONSOLE)).locked_until is None
    assert (await attempt(county)).id == user.id
    assert "user.unlock" in [row.action for row in await audit.list_rows(county.store, CONSOLE)]
    with pytest.raises(NotFound):
        await signin.unlock(county.store, county.device_id, CONSOLE)


async def test_a_name_nobody_has_is_never_locked_nor_kept(county: County) -> None:
    for _ in range(8):
        with pytest.raises(NotSignedIn):
            await signin.verify(county.store, county.vault, Tried("nobody", "x"))


async def test_a_code_is_asked_for_and_good_once(county: County) -> None:
    user, secret, _ = await enrolled(county)
    assert user.two_factors
    with pytest.raises(NotSignedIn) as asked:
        await attempt(county)
    assert asked.value.code == "code_required"
    code = code_at(secret, county.clock())
    with pytest.raises(NotSignedIn) as wrong:
        await attempt(county, "wrong one", code)
    assert wrong.value.code == "sign_in", "the code of a wrong password is not looked at"
    assert (await attempt(county, code=code)).id == user.id
    for used in (code, code_at(secret, county.clock() - timedelta(seconds=30))):
        with pytest.raises(NotSignedIn) as replayed:
            await attempt(county, code=used)
        assert replayed.value.code == "code_wrong"
    assert await attempt(county, code=code_at(secret, county.clock() + timedelta(seconds=30)))
    county.clock.turn(minutes=5)
    for bad in (
        "000000",
        "",
        " ",
        "12345",
        "六位数字啊啊",
        "1" * 64,
        code_at(secret, county.clock() - timedelta(minutes=2)),
    ):
        with pytest.raises((NotSignedIn, TooMany)):
            await attempt(county, code=bad)


async def test_wrong_codes_lock_the_name(county: County) -> None:
    await enrolled(county)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await attempt(county, code="abcdef")
    with pytest.raises(TooMany):
        await attempt(county, code="abcdef")


async def test_a_recovery_code_is_good_once(county: County) -> None:
    _, _, codes = await enrolled(county)
    assert len(set(codes)) == twofactors.RECOVERY_CODES
    assert await attempt(county, code=codes[0].lower())
    with pytest.raises(NotSignedIn):
        await attempt(county, code=codes[0])
    assert await attempt(county, code=f" {codes[1]} ")
    async with county.store.read() as conn:
        kept = str((await conn.execute(sa.select(recovery_codes))).all())
        sealed = await conn.scalar(sa.select(user_rows.c.totp_sealed))
    assert codes[2] not in kept
    assert sealed is not None
    assert sealed.startswith("v1:")


async def test_setting_up_is_proved_and_can_begin_anew(county: County) -> None:
    store, vault = county.store, county.vault
    actor = Actor(await county.user("wang"), "")
    with pytest.raises(Conflict, match="begin"):
        await twofactors.confirm(store, vault, actor, "123456")
    first = await twofactors.begin(store, vault, actor, "hub")
    assert first.uri.startswith("otpauth://totp/hub:wang?")
    assert first.qr_svg.startswith("<svg")
    second = await twofactors.begin(store, vault, actor, "hub")
    with pytest.raises(Denied) as wrong:
        await twofactors.confirm(store, vault, actor, code_at(first.secret, county.clock()))
    assert wrong.value.code == "code_wrong"
    assert await attempt(county), "until it is proved, the password is enough"
    await twofactors.confirm(store, vault, actor, code_at(second.secret, county.clock()))
    with pytest.raises(Conflict, match="already"):
        await twofactors.begin(store, vault, actor, "hub")


async def test_it_is_taken_away_by_a_code_or_an_administrator(county: County) -> None:
    user, secret, _ = await enrolled(county)
    store, vault, actor = county.store, county.vault, Actor(user, "")
    with pytest.raises(Denied):
        await twofactors.remove_own(store, vault, actor, "000000")
    await twofactors.remove_own(store, vault, actor, code_at(secret, county.clock()))
    assert await attempt(county)
    with pytest.raises(Conflict):
        await twofactors.remove_own(store, vault, actor, "000000")
    made = await twofactors.begin(store, vault, actor, "hub")
    await twofactors.confirm(store, vault, actor, code_at(made.secret, county.clock()))
    token, _ = await sessions.open_session(store, user, "", hours=1)
    await twofactors.reset(store, user.id, CONSOLE)
    assert await sessions.session_by_token(store, token) is None
    assert await attempt(county)
    with pytest.raises(NotFound):
        await twofactors.reset(store, county.device_id, CONSOLE)


async def test_another_key_opens_no_secret_and_a_rotated_one_does(county: County) -> None:
    _, secret, _ = await enrolled(county)
    new = Vault(bytes(range(1, 33)))
    await keys.rotate(county.store, county.vault, new, CONSOLE)
    tried = Tried("wang", PASSWORD, code_at(secret, county.clock()))
    assert await signin.verify(county.store, new, tried)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_length"),
        ("p" * 129, "password_length"),
        ("my-WANG-2026", "password_name"),
        ("Password123", "password_common"),
        (PASSWORD, "password_same"),
    ],
)
async def test_a_poor_password_is_refused(county: County, password: str, code: str) -> None:
    user = await county.user("wang")
    with pytest.raises(Invalid) as poor:
        await users.set_password(county.store, user.id, SecretStr(password), CONSOLE)
    assert [(one.path, one.code) for one in poor.value.fields] == [("password", code)]
    assert password not in poor.value.hint


async def test_former_passwords_are_remembered_as_long_as_the_policy_says(county: County) -> None:
    user = await county.user("wang")
    for number in range(5):
        await users.set_password(county.store, user.id, SecretStr(f"another one {number}"), CONSOLE)
    for used in (PASSWORD, "another one 0", "another one 4"):
        with pytest.raises(Invalid) as same:
            await users.set_password(county.store, user.id, SecretStr(used), CONSOLE)
        assert same.value.fields[0].code == "password_same"
    await users.set_password(county.store, user.id, SecretStr("another one 5"), CONSOLE)
    await users.set_password(county.store, user.id, SecretStr(PASSWORD), CONSOLE)
    assert await attempt(county)


async def test_a_token_carries_part_of_what_its_owner_has(county: County) -> None:
    store, clock = county.store, county.clock
    user = await county.user("wang", Role.OFFICER, ("220882100", "220882101200"))
    later = clock() + timedelta(days=10)
    less = Carried(frozenset({Permission.SEE_EVENTS}), ("220882100200",))
    made, secret = await tokens.create_token(store, user, "reports", later, carried=less)
    assert (made.permissions, made.places) == (("see_events",), ("220882100200",))
    program = await tokens.user_by_token(store, secret)
    assert program is not None
    assert (may(program, Permission.SEE_EVENTS), may(program, Permission.WATCH_LIVE)) == (True, False)
    assert of(program).prefixes == ("220882100200",)
    await users.set_grants(store, user.id, ("220882101200",), CONSOLE)
    program = await tokens.user_by_token(store, secret)
    assert program is not None
    assert of(program).prefixes == (), "what its owner lost, it lost"
    async with store.read() as conn:
        again = await users.again(conn, program, store)
    assert again is not None
    assert again.carried == less, "what lasts is asked again for no more"


async def test_a_token_beyond_its_owner_is_refused(county: County) -> None:
    store, clock = county.store, county.clock
    user, later = await county.user("wang", grants=("220882100",)), clock() + timedelta(days=1)
    for carried in (
        Carried(frozenset({Permission.MANAGE_USERS}), None),
        Carried(frozenset({Permission.READ_AUDIT}), None),
    ):
        with pytest.raises(Invalid) as beyond:
            await tokens.create_token(store, user, "x", later, carried=carried)
        assert beyond.value.fields[0].code == "permission_beyond"
    for place in ("220882", "220882101200"):
        with pytest.raises(Denied, match="outside"):
            await tokens.create_token(store, user, "x", later, carried=Carried(None, (place,)))
    with pytest.raises(Invalid) as late:
        await tokens.create_token(store, user, "x", clock() + timedelta(days=367))
    assert late.value.fields[0].code == "token_days"


async def test_somebody_is_signed_out_from_afar(county: County) -> None:
    store = county.store
    user, other = await county.user("wang"), await county.user("li")
    one, two, theirs = [
        (await sessions.open_session(store, who, "10.0.0.7", hours=1))[0] for who in (user, user, other)
    ]
    listed = await sessions.list_of(store, user.id)
    assert [(seen.address, seen.current) for seen in listed] == [("10.0.0.7", False)] * 2
    assert await sessions.end_of(store, user.id, CONSOLE, listed[0].id) == 1
    assert await sessions.session_by_token(store, two) is None
    assert await sessions.session_by_token(store, one) is not None
    with pytest.raises(NotFound):
        await sessions.end_of(store, other.id, CONSOLE, listed[1].id)
    assert await sessions.end_of(store, user.id, CONSOLE) == 1
    assert await sessions.session_by_token(store, one) is None
    assert await sessions.session_by_token(store, theirs) is not None
    assert [row.action for row in await audit.list_rows(store, CONSOLE)].count("session.end") == 2

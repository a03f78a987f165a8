"""Over HTTP: units and what they let be seen, training that ends a stream, the second factor, tokens, sign-ins ended."""

from __future__ import annotations

from base64 import b32decode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from api import sockets
from api.sessions import THROTTLE
from registry import users
from registry.model import PurposeKind, Role
from registry.users import CONSOLE, UserChange
from tests.api.conftest import COUNTY, ELSEWHERE, PASSWORD, VILLAGE, Client, Serving, World
from tests.api.watching import closed

API = "/api/v1"


async def user_of(world: World, role: Role) -> str:
    return str((await users.by_name(world.hub.store, role.value)).id)


async def sign_in(world: World, role: Role, status: int = 200, **more: str) -> tuple[Client, Any]:
    client = world.anonymous()
    answer = await client.ask("POST", f"{API}/session", json={"name": role.value, "password": PASSWORD, **more})
    assert answer.status == status, answer
    if status == 200:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        client.headers = {"Cookie": cookie, "X-CSRF-Token": answer.body["csrf"]}
    return client, answer.body


def code_of(secret: str, steps: int = 0) -> str:
    totp = TOTP(b32decode(secret), 6, SHA1(), 30)
    return totp.generate(int(datetime.now(UTC).timestamp()) + 30 * steps).decode()


async def test_a_village_that_joins_a_squadron_is_seen_at_once(world: World) -> None:
    await users.set_grants(world.hub.store, (await users.by_name(world.hub.store, "admin")).id, (COUNTY,), CONSOLE)
    admin, monitor = await world.client(Role.ADMIN), await world.client(Role.MONITOR)
    squadron = await admin.post(f"{API}/units", {"kind": "squadron", "name": "二中队"})
    group = await admin.post(f"{API}/units", {"kind": "group", "name": "三小组", "parent_id": squadron["id"]})
    path = f"{API}/users/{await user_of(world, Role.MONITOR)}"
    given = await admin.ask("PUT", f"{path}/grants", json={"grants": [VILLAGE], "units": [squadron["id"]]})
    assert (given.body["grants"], given.body["units"]) == ([VILLAGE], [squadron["id"]])
    far = f"{API}/cameras/{world.county.cameras['far']}"
    assert (await monitor.ask("GET", far)).status == 404
    changed = await admin.ask("PATCH", f"{API}/units/{group['id']}", json={"villages": [ELSEWHERE]})
    assert changed.body["villages"] == [ELSEWHERE]
    assert (await monitor.ask("GET", far)).status == 200
    assert (await admin.ask("DELETE", f"{API}/units/{group['id']}")).code == (409, "unit_in_use")
    kept = await admin.ask("PUT", f"{path}/grants", json={"grants": [VILLAGE]})
    assert kept.body["units"] == [squadron["id"]], "who does not know of units takes none away"
    assert len((await monitor.get(f"{API}/units"))["units"]) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "group"}, "body.name"),
        ({"kind": "station", "name": "所", "parent_id": "x"}, "body.parent_id"),
        ({"kind": "station", "name": "所", "villages": ["220882"]}, "body.villages.0"),
        ({"kind": "station", "name": "所", "villages": ["220882100999"]}, None),
        ({"kind": "station", "name": "所", "colour": "red"}, "body.colour"),
    ],
)
async def test_a_wrong_unit_is_named(world: World, body: dict[str, Any], field: str | None) -> None:
    admin = await world.client(Role.ADMIN)
    answer = await admin.ask("POST", f"{API}/units", json=body)
    assert answer.status in (403, 422)
    if field is not None:
        assert field in [one["path"] for one in answer.body["fields"]]


def quick(app: web.Application) -> None:
    app[sockets.PACE] = sockets.Pace(recheck=0.05)


async def test_training_that_ends_stops_what_shows_people(serving: Serving) -> None:
    world = await serving(quick)
    store, monitor = world.hub.store, await world.client(Role.MONITOR, PurposeKind.PATROL)
    stream = await monitor.stream()
    user = await users.by_name(store, Role.MONITOR.value)
    old = UserChange(trained_at=store.clock() - timedelta(days=366))
    await users.change(store, user.id, old, CONSOLE)
    assert await closed(stream) == sockets.PURPOSE_ENDED
    for path in ("/events", f"/cameras/{world.county.cameras['gate']}/picture"):
        assert (await monitor.ask("GET", API + path)).code == (403, "training_expired")
    said = await monitor.get(f"{API}/session")
    assert "see_cameras" in said["permissions"]
    assert "watch_live" not in said["permissions"]
    assert [(one["duty"], one["holds"], one["soon"]) for one in said["user"]["duties"]] == [
        ("training", False, True), ("pledge", True, False)
    ]  # fmt: skip
    refused = await monitor.ask("POST", f"{API}/purposes", json={"kind": "patrol", "reason": "x"})
    assert refused.code == (403, "training_expired")


async def test_who_is_deactivated_while_signed_in_is_out_at_once(serving: Serving) -> None:
    world = await serving(quick)
    store, monitor = world.hub.store, await world.client(Role.MONITOR, PurposeKind.PATROL)
    stream = await monitor.stream()
    user = await users.by_name(store, Role.MONITOR.value)
    await users.change(store, user.id, UserChange(active=False), CONSOLE)
    assert await closed(stream) == sockets.SESSION_ENDED
    assert (await monitor.ask("GET", f"{API}/session")).status == 401


async def test_the_second_factor_from_the_first_day_to_the_last(world: World) -> None:
    officer, _ = await sign_in(world, Role.OFFICER)
    mine = f"{API}/users/me/two-factors"
    made = await officer.post(mine, None)
    assert made["qr_svg"].startswith("<svg")
    wrong = await officer.ask("PUT", mine, json={"code": "000000"})
    assert wrong.code == (403, "code_wrong")
    codes = (await officer.ask("PUT", mine, json={"code": code_of(made["secret"])})).body["codes"]
    assert (await officer.ask("POST", mine)).code == (409, "two_factors_exist")
    _, asked = await sign_in(world, Role.OFFICER, 401)
    assert asked["code"] == "code_required"
    _, replayed = await sign_in(world, Role.OFFICER, 401, code=code_of(made["secret"]))
    assert replayed["code"] == "code_wrong", "the code that set it up is used"
    _, said = await sign_in(world, Role.OFFICER, code=codes[0])
    assert said["user"]["two_factors"] is True
    assert "totp" not in str(said)
    admin = await world.client(Role.ADMIN)
    assert (await admin.ask("DELETE", f"{API}/users/{said['user']['id']}/two-factors")).status == 204
    assert (await officer.ask("GET", f"{API}/session")).status == 401
    await sign_in(world, Role.OFFICER)


async def test_a_locked_name_is_shown_and_freed(world: World) -> None:
    admin, wrong = await world.client(Role.ADMIN), {"name": "officer", "password": "wrong"}
    for at in range(5):
        assert (await world.anonymous().ask("POST", f"{API}/session", json=wrong)).status == 401, at
    world.server.app[THROTTLE].succeeded("officer", "127.0.0.1")  # as if the tries had come from elsewhere
    _, locked = await sign_in(world, Role.OFFICER, 429)
    assert locked["code"] == "locked"
    assert 0 < locked["params"]["retry_after_s"] <= 60
    path = f"{API}/users/{await user_of(world, Role.OFFICER)}"
    assert (await admin.get(path))["locked_until"] is not None
    assert (await admin.post(f"{path}/unlock", None, 200))["locked_until"] is None
    await sign_in(world, Role.OFFICER)


async def test_a_token_carries_what_it_was_given_and_no_more(world: World) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    new = {"name": "统计", "days": 30, "permissions": ["see_cameras"], "places": [VILLAGE]}
    made = await officer.post(f"{API}/tokens", new)
    assert (made["permissions"], made["places"]) == (["see_cameras"], [VILLAGE])
    program = world.anonymous(Authorization=f"Bearer {made['secret']}")
    assert (await program.ask("GET", f"{API}/cameras")).status == 200
    for path in ("/events", "/health/online", "/recordings/usage"):
        assert (await program.ask("GET", API + path)).code in ((403, "token"), (404, "http_404")), path
    assert (await program.ask("POST", f"{API}/tokens", json=new)).code == (401, "no_session")
    for wrong, status in (
        ({"permissions": ["manage_users"]}, 422),
        ({"permissions": ["fly"]}, 422),
        ({"places": [ELSEWHERE]}, 403),
        ({"places": ["22"]}, 422),
        ({"days": 367}, 422),
        ({"days": 0}, 422),
        ({"name": ""}, 422),
    ):
        assert (await officer.ask("POST", f"{API}/tokens", json={**new, **wrong})).status == status, wrong
    whole = await officer.post(f"{API}/tokens", {"name": "all"})
    assert (whole["permissions"], whole["places"]) == (None, None)


async def test_sign_ins_are_ended_from_afar(world: World) -> None:
    admin = await world.client(Role.ADMIN)
    here, there = await world.client(Role.OFFICER), await world.client(Role.OFFICER)
    path = f"{API}/users/{await user_of(world, Role.OFFICER)}/sessions"
    listed = (await admin.get(path))["sessions"]
    assert len(listed) == 2
    assert (await admin.ask("DELETE", f"{path}/{listed[0]['id']}")).status == 204
    assert (await there.ask("GET", f"{API}/session")).status == 401
    assert (await here.ask("GET", f"{API}/session")).status == 200
    assert (await admin.ask("DELETE", f"{path}/{listed[0]['id']}")).code == (404, "session_unknown")
    assert (await admin.ask("DELETE", path)).status == 204
    assert (await here.ask("GET", f"{API}/session")).status == 401
    assert (await here.ask("GET", path)).status == 401

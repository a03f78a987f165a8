"""Gates: every route of the application, tried by nobody (by each role: test_matrix); sessions, origin, tokens, throttle."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from api import all_routes, auth
from api.routing import Door, Needs, Route
from registry.model import PurposeKind, Role
from registry.permissions import Permission

from .conftest import PASSWORD, Serving, World, both_engines

NO_ID = "0199f7b0-0000-7000-8000-000000000001"
OPEN_PATHS = {"/openapi.json", "/docs", "/docs/{file}", "/forms/paper.css", "/forms/report.css", "/{path}"}


def path_of(route: Route) -> str:
    return re.sub(r"{\w+}", NO_ID, route.path)


def test_nothing_is_served_that_was_not_declared_with_a_gate(world: World) -> None:
    declared = {(route.method, route.path) for route in all_routes()}
    for served in world.server.app.router.routes():
        path = served.resource.canonical if served.resource else ""
        method = "GET" if served.method == "HEAD" else served.method
        assert (method, path) in declared or (method == "GET" and path in OPEN_PATHS), (method, path)


def test_only_these_routes_are_open() -> None:
    assert {(route.method, route.path) for route in all_routes() if route.gate is Door.OPEN} == {
        ("POST", "/api/v1/session"),
        ("GET", "/healthz"),
        ("GET", "/metrics"),
        ("GET", "/api/v1/notices/{camera_id}"),  # what hangs on the pole anyway
        # An owner has no account: the link's secret is his proof, asked for by each of them (test_owner).
        ("GET", "/api/v1/owner"),
        ("POST", "/api/v1/owner/steps"),
        ("POST", "/api/v1/owner/withdraw"),
        ("GET", "/api/v1/owner/receipt"),
        ("GET", "/api/v1/owner/paper"),
        ("GET", "/api/v1/owner/receipt/paper"),
        # Nor has who sends a clip: the link he was given is his proof, asked for by each of them (test_giving).
        ("GET", "/api/v1/giving"),
        ("POST", "/api/v1/giving/files"),
        ("PATCH", "/api/v1/giving/files/{sent_id}"),
        ("DELETE", "/api/v1/giving/files/{sent_id}"),
        ("PUT", "/api/v1/giving/files/{sent_id}/clock"),
        ("POST", "/api/v1/giving/files/{sent_id}/finish"),
    }


def test_every_read_of_events_pictures_and_live_video_needs_a_purpose() -> None:
    gates = {
        "/events/export": Permission.EXPORT,
        "/live": Permission.WATCH_LIVE,
        "/{started_ms}/picture": Permission.SEE_RECORDINGS,
        "/incidents/stream": Permission.WORK_INCIDENTS,
        "/marks": Permission.OPEN_PATROL,
        "/picture": Permission.WATCH_LIVE,
        "/alerts/deliveries": Permission.MANAGE_ALERTS,
    }
    told = ("/alerts", "/alerts/stream")
    met = set()
    for route in all_routes():
        path = route.path.removeprefix("/api/v1")
        by_end = next((end for end in gates if path.endswith(end)), None)
        if by_end or path in told or "/events" in path:
            met.add(by_end or path)
            assert route.gate is gates.get(by_end or "", Permission.SEE_EVENTS), path
            assert route.needs is not Needs.NOTHING, path
    assert met >= {*gates, *told}


async def test_nobody_gets_through_a_gate(world: World) -> None:
    client = world.anonymous()
    for route in all_routes():
        if route.gate is not Door.OPEN:
            answer = await client.ask(route.method, path_of(route))
            assert answer.code == (401, "not_signed_in"), route.path
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@both_engines
async def test_signing_in_looking_and_signing_out(world: World) -> None:
    client = world.anonymous()
    answer = await client.ask("POST", "/api/v1/session", json={"name": "officer", "password": PASSWORD})
    assert answer.status == 200
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert answer.body["user"]["grants"] == ["220882100201"]
    assert "no" not in answer.body["user"]
    assert "see_events" in answer.body["permissions"]
    assert answer.body["purpose"] is None
    # aiohttp's client keeps no cookie of an IP address by itself
    client.headers = {"Cookie": cookie.split(";")[0], "X-CSRF-Token": answer.body["csrf"]}
    assert (await client.get("/api/v1/session"))["csrf"] == answer.body["csrf"]
    opened = await client.post("/api/v1/purposes", {"kind": "patrol", "reason": "夜间巡查"})
    document = await client.ask("PUT", "/api/v1/session/purpose", json={"purpose_id": opened["id"]})
    assert document.body["purpose"]["id"] == opened["id"]
    assert (await client.get("/api/v1/events"))["events"] == []
    assert (await client.ask("POST", f"/api/v1/purposes/{opened['id']}/close")).status == 200
    assert (await client.ask("GET", "/api/v1/events")).code == (403, "purpose_closed")
    assert (await client.ask("PUT", "/api/v1/session/purpose", json={"purpose_id": None})).body["purpose"] is None
    gone = await client.ask("DELETE", "/api/v1/session")
    assert gone.status == 204
    assert "hub_session=" in gone.headers["Set-Cookie"]
    assert (await client.ask("GET", "/api/v1/session")).code == (401, "not_signed_in")


async def test_a_proxy_with_tls_gets_secure_cookies_and_no_open_metrics(serving: Serving) -> None:
    world = await serving(secure_cookies=True)
    client = world.anonymous()
    answer = await client.ask("POST", "/api/v1/session", json={"name": "officer", "password": PASSWORD})
    assert "Secure" in answer.headers["Set-Cookie"]
    assert (await client.ask("GET", "/metrics")).code == (401, "not_signed_in")
    assert (await (await world.client(Role.MONITOR)).ask("GET", "/metrics")).code == (403, "role")
    assert (await (await world.client(Role.TECHNICIAN)).ask("GET", "/metrics")).status == 200


async def test_wrong_passwords_are_throttled_for_a_name_from_an_address(world: World) -> None:
    client = world.anonymous()
    for _ in range(5):
        answer = await client.ask("POST", "/api/v1/session", json={"name": "officer", "password": "wrong"})
        assert answer.status == 401
    answer = await client.ask("POST", "/api/v1/session", json={"name": "officer", "password": PASSWORD})
    assert answer.code == (429, "too_many")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    other = await client.ask("POST", "/api/v1/session", json={"name": "monitor", "password": PASSWORD})
    assert other.status == 200


async def test_ways_to_write_a_name_are_one_name_to_the_throttle(world: World) -> None:
    client = world.anonymous()
    for name in ("officer", "OFFICER", " officer", "Officer ", "offi\u200bcer"):
        await client.ask("POST", "/api/v1/session", json={"name": name, "password": "wrong"})
    answer = await client.ask("POST", "/api/v1/session", json={"name": "oFFicer", "password": "wrong"})
    assert answer.code == (429, "too_many")


async def test_success_forgets_the_tries(world: World) -> None:
    client = world.anonymous()
    for password in ["wrong", "wrong", "wrong", "wrong", PASSWORD, "wrong", "wrong", PASSWORD]:
        answer = await client.ask("POST", "/api/v1/session", json={"name": "officer", "password": password})
        assert answer.status == (200 if password == PASSWORD else 401)


@pytest.mark.parametrize("csrf", [None, "", "x" * 43, "不"])
async def test_a_cookie_without_its_csrf_changes_nothing(world: World, csrf: str | None) -> None:
    client = await world.client(Role.OFFICER)
    client.headers.pop("X-CSRF-Token")
    if csrf is not None:
        client.headers["X-CSRF-Token"] = csrf
    answer = await client.ask("POST", "/api/v1/purposes", json={"kind": "patrol", "reason": "x"})
    assert answer.code == (403, "csrf")
    assert (await client.ask("GET", "/api/v1/purposes")).body == {"purposes": []}


async def test_another_sites_page_cannot_use_the_cookie(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    elsewhere = {"Origin": "https://example.org"}
    answer = await client.ask("POST", "/api/v1/purposes", json={"kind": "patrol", "reason": "x"}, headers=elsewhere)
    assert answer.code == (403, "origin")
    sign_in = {"name": "officer", "password": PASSWORD}
    assert (await client.ask("POST", "/api/v1/session", json=sign_in, headers=elsewhere)).code == (403, "origin")
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    assert (await client.ask("GET", "/api/v1/events/stream", headers={**elsewhere, **upgrade})).code == (403, "origin")
    own = {"Origin": str(world.url("/")).rstrip("/")}
    answer = await client.ask("POST", "/api/v1/purposes", json={"kind": "patrol", "reason": "x"}, headers=own)
    assert answer.status == 201


async def test_a_token_names_its_purpose_and_ends_when_revoked(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    made = await officer.post("/api/v1/tokens", {"name": "统计脚本"})
    listed = (await officer.get("/api/v1/tokens"))["tokens"]
    assert [token["id"] for token in listed] == [made["id"]]
    assert "secret" not in listed[0]
    program = world.anonymous(Authorization=f"Bearer {made['secret']}")
    assert (await program.ask("GET", "/api/v1/events")).code == (403, "purpose_required")
    purpose = await program.post("/api/v1/purposes", {"kind": "patrol", "reason": "统计"})
    program.headers["X-Purpose"] = purpose["id"]
    assert (await program.get("/api/v1/events"))["next_cursor"] is None
    assert (await program.ask("GET", "/api/v1/session")).code == (401, "no_session")
    program.headers["X-Purpose"] = "not an id"
    assert (await program.ask("GET", "/api/v1/events")).code == (422, "invalid")
    program.headers["X-Purpose"] = NO_ID
    assert (await program.ask("GET", "/api/v1/events")).status in (403, 404)
    assert (await officer.ask("DELETE", f"/api/v1/tokens/{made['id']}")).status == 204
    assert (await program.ask("GET", "/api/v1/events")).code == (401, "not_signed_in")


async def test_a_session_may_name_its_purpose_by_header(world: World) -> None:
    officer, monitor = await world.client(Role.OFFICER), await world.client(Role.MONITOR, PurposeKind.PATROL)
    purpose = await officer.post("/api/v1/purposes", {"kind": "patrol", "reason": "x"})
    header = {"X-Purpose": purpose["id"]}
    assert (await officer.ask("GET", "/api/v1/events", headers=header)).status == 200
    assert (await officer.ask("GET", "/api/v1/events")).code == (403, "purpose_required")
    assert (await monitor.ask("GET", "/api/v1/events", headers=header)).code == (404, "purpose_unknown")


async def test_nobody_uses_anothers_purpose_or_token(world: World) -> None:
    officer, monitor = await world.client(Role.OFFICER), await world.client(Role.MONITOR)
    purpose = await officer.post("/api/v1/purposes", {"kind": "patrol", "reason": "x"})
    taken = await monitor.ask("PUT", "/api/v1/session/purpose", json={"purpose_id": purpose["id"]})
    assert taken.status in (403, 404)
    assert (await monitor.ask("POST", f"/api/v1/purposes/{purpose['id']}/close")).status in (403, 404)
    token = await officer.post("/api/v1/tokens", {"name": "x"})
    assert (await monitor.ask("DELETE", f"/api/v1/tokens/{token['id']}")).status == 404


async def test_a_role_opens_its_own_kinds_of_purpose_only(world: World) -> None:
    monitor = await world.client(Role.MONITOR)
    answer = await monitor.ask(
        "POST", "/api/v1/purposes", json={"kind": "maintenance", "reason": "x", "camera_ids": [str(uuid4())]}
    )
    assert answer.code == (403, "role")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer a b"},
        {"Authorization": "Basic b2ZmaWNlcjp4"},
        {"Authorization": "Bearer 不不不不不不不不不不不不不不不不不不不不不不不不不"},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Cookie": "hub_session=" + "x" * 43},
        {"Cookie": "hub_session=\udcff"},
    ],
)
async def test_broken_proofs_are_not_signed_in(world: World, headers: dict[str, str]) -> None:
    client = world.anonymous()
    encoded = {name: value for name, value in headers.items() if value.isascii() or "不" in value}
    answer = await client.ask("GET", "/api/v1/cameras", headers=encoded)
    assert answer.code == (401, "not_signed_in")


class Asked:
    """Only what `client_address` reads of a request."""

    def __init__(self, remote: str, forwarded: list[str], trusted: tuple[str, ...]) -> None:
        from types import SimpleNamespace

        from multidict import CIMultiDict

        from api.visitor import HUB

        self.remote = remote
        self.headers = CIMultiDict([("X-Forwarded-For", line) for line in forwarded])
        self.app = {HUB: SimpleNamespace(settings=SimpleNamespace(trusted_proxies=trusted))}


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("127.0.0.1", ["<script>"], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_the_address_is_what_trusted_proxies_report(remote: str, forwarded: list[str], address: str) -> None:
    asked = Asked(remote, forwarded, ("127.0.0.1", "10.0.0.2"))
    assert auth.client_address(asked) == address  # type: ignore[arg-type]


async def test_headers_that_protect_are_on_every_answer(world: World) -> None:
    client = await world.client(Role.OFFICER)
    for path in ("/api/v1/cameras", "/api/v1/nothing", "/", "/docs", "/openapi.json", "/healthz"):
        headers = (await client.ask("GET", path)).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "aiohttp" not in headers["Server"]
    assert (await client.ask("GET", "/api/v1/cameras")).headers["Cache-Control"] == "no-store"


async def test_a_token_makes_no_tokens_and_ends_with_the_password(world: World) -> None:
    admin, officer = await world.client(Role.ADMIN), await world.client(Role.OFFICER)
    secret = (await officer.post("/api/v1/tokens", {"name": "report"}))["secret"]
    program = world.anonymous(Authorization=f"Bearer {secret}")
    assert (await program.ask("POST", "/api/v1/tokens", json={"name": "another"})).code == (401, "no_session")
    assert (await program.ask("GET", "/api/v1/purposes")).status == 200
    user = next(one for one in (await admin.get("/api/v1/users"))["users"] if one["name"] == "officer")
    path = f"/api/v1/users/{user['id']}/password"
    assert (await admin.ask("PUT", path, json={"password": "another long one"})).status == 204
    assert (await program.ask("GET", "/api/v1/purposes")).code == (401, "not_signed_in")

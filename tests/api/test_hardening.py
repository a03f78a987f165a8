"""What a browser is told and what another site's page may not do, on every route; and the hub's own TLS."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
import pytest

from api import all_routes
from api.hardening import CONTENT_POLICY
from api.routing import UNSAFE, Door
from camera_hub.cli.serve import listening
from camera_hub.hub import Hub
from registry.errors import Invalid
from registry.model import PurposeKind, Role
from tests.camera_hub.test_certificate import issue

from .conftest import PASSWORD, Serving, World, settings_for
from .test_auth import path_of

SIGN_IN = {"name": "officer", "password": PASSWORD}
ELSEWHERE = {"Origin": "https://example.org"}
OVER_TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}


async def test_no_unsafe_route_takes_a_cookie_without_its_csrf(world: World) -> None:
    client = await world.client(Role.ADMIN, PurposeKind.CASE)
    client.headers.pop("X-CSRF-Token")
    for route in all_routes():
        if route.method in UNSAFE and route.gate is not Door.OPEN:
            answer = await client.ask(route.method, path_of(route), raw=route.line is not None)
            assert answer.status == 403, (route.method, route.path, answer)
            assert "csrf" in str(answer.body), (route.method, route.path, answer)


async def test_no_route_lets_another_sites_page_read_or_ask(world: World) -> None:
    client = await world.client(Role.ADMIN, PurposeKind.CASE)
    for path in {route.path: path_of(route) for route in all_routes()}.values():
        wanted = {
            **ELSEWHERE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-csrf-token",
        }
        preflight = await client.ask("OPTIONS", path, headers=wanted)
        assert preflight.status in (404, 405), path
        plain = await client.ask("GET", path, headers=ELSEWHERE, raw=True)
        for answer in (preflight, plain):
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")], path


async def test_the_pages_policy_lets_nothing_inline_run(world: World) -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in CONTENT_POLICY.split(";"))
    assert rules["script-src"] == rules["style-src"] == rules["default-src"] == "'self'"
    assert "unsafe" not in CONTENT_POLICY
    client = world.anonymous()
    for path in ("/", "/docs", "/api/v1/nothing"):
        answer = await client.ask("GET", path, headers={"Accept": "text/html"}, raw=True)
        assert answer.headers["Content-Security-Policy"] == CONTENT_POLICY
        assert not re.search(rb"<script(?![^>]*\bsrc=)|<style|\son\w+=|javascript:", answer.body), path


@pytest.mark.parametrize("trusted", [True, False])
async def test_tls_at_a_proxy_is_believed_of_trusted_ones_only(serving: Serving, trusted: bool) -> None:
    world = await serving(trusted_proxies=("127.0.0.1",) if trusted else ())
    client = world.anonymous()
    for path in ("/", "/healthz", "/api/v1/nothing", "/api/v1/cameras"):
        told = await client.ask("GET", path, headers=OVER_TLS, raw=True)
        assert ("Strict-Transport-Security" in told.headers) is trusted
        plain = await client.ask("GET", path, raw=True)
        assert "Strict-Transport-Security" not in plain.headers
    host = world.url("/").authority
    for origin, status in ((f"http://{host}", 403 if trusted else 200), (f"https://{host}", 200)):
        answer = await client.ask("POST", "/api/v1/session", json=SIGN_IN, headers={**OVER_TLS, "Origin": origin})
        assert answer.status == status, origin


async def test_over_tls_the_cookie_is_for_this_host_alone(serving: Serving) -> None:
    world = await serving(secure_cookies=True)
    client = world.anonymous()
    answer = await client.ask("POST", "/api/v1/session", json=SIGN_IN)
    ((name, cookie),) = SimpleCookie(answer.headers["Set-Cookie"]).items()
    assert name == "__Host-hub_session"
    assert (cookie["path"], cookie["domain"], cookie["secure"], cookie["httponly"]) == ("/", "", True, True)
    assert cookie["samesite"] == "Strict"
    client.headers = {"Cookie": f"{name}={cookie.value}", "X-CSRF-Token": answer.body["csrf"]}
    assert (await client.ask("GET", "/api/v1/session")).status == 200
    client.headers["Cookie"] = f"hub_session={cookie.value}"  # what a neighbour under the same domain could set
    assert (await client.ask("GET", "/api/v1/session")).status == 401
    client.headers["Cookie"] = f"{name}={cookie.value}"
    gone = (await client.ask("DELETE", "/api/v1/session")).headers["Set-Cookie"]
    assert gone.startswith(f"{name}=")
    assert "Secure" in gone  # without it a browser does not let a __Host- cookie be touched


async def test_the_hub_speaks_tls_itself(tmp_path: Path, template: tuple[Path, object]) -> None:
    import shutil

    cert, key = issue(tmp_path)
    shutil.copytree(template[0], tmp_path / "data")
    settings = settings_for(tmp_path / "data", tls_cert=cert, tls_key=key, port=0)
    async with (
        Hub.running(settings, watch=False) as hub,
        listening(hub) as address,
        aiohttp.ClientSession() as browser,
        browser.post(f"{address}/api/v1/session", json=SIGN_IN, ssl=False) as answer,
    ):
        assert address.startswith("https://")
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.headers["Set-Cookie"].startswith("__Host-hub_session=")
        with pytest.raises(aiohttp.ClientError):
            await browser.get(address.replace("https", "http"))


async def test_a_certificate_that_cannot_be_served_stops_the_start(tmp_path: Path) -> None:
    cert, _ = issue(tmp_path)
    settings = settings_for(tmp_path / "data", tls_cert=cert, tls_key=tmp_path / "none", port=0)
    async with Hub.running(settings, watch=False) as hub:
        with pytest.raises(Invalid, match="cannot be served"):
            async with listening(hub):
                pass

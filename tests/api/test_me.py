"""One's own: the name, the password, the sign-ins; and the settings as the administrator reads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import api
from camera_hub.effective import effective
from camera_hub.settings import Settings, SmtpSettings
from registry import sessions
from registry.model import Role
from registry.permissions import Permission

from .conftest import PASSWORD, Client, Serving, World, both_engines

WEB = Path(api.__file__).parent / "web" / "src"
NEW = "another long password"


async def signed_in(world: World, role: Role, agent: str = "", password: str = PASSWORD) -> Client:
    """Another sign-in of the role's user, through the door."""
    client = world.anonymous(**{"User-Agent": agent})
    answer = await client.ask("POST", "/api/v1/session", json={"name": role.value, "password": password})
    assert answer.status == 200, answer
    client.headers |= {"Cookie": answer.headers["Set-Cookie"].partition(";")[0], "X-CSRF-Token": answer.body["csrf"]}
    return client


@both_engines
async def test_one_sees_and_ends_ones_own_sign_ins(world: World) -> None:
    here = await signed_in(world, Role.OFFICER, "Mozilla/5.0 (X11) Chrome/140 " + "x" * 500)
    there = await signed_in(world, Role.OFFICER, "curl/8")
    other = await signed_in(world, Role.TECHNICIAN)
    listed = (await here.get("/api/v1/sessions/mine"))["sessions"]
    assert [(one["agent"][:12], one["current"]) for one in listed] == [("curl/8", False), ("Mozilla/5.0 ", True)]
    assert len(listed[1]["agent"]) == 200
    assert "csrf" not in json.dumps(listed)
    (not_mine,) = (await other.get("/api/v1/sessions/mine"))["sessions"]
    refused = await here.ask("DELETE", f"/api/v1/sessions/{not_mine['id']}")
    assert refused.code == (404, "session_unknown")
    assert (await here.ask("DELETE", f"/api/v1/sessions/{listed[0]['id']}")).status == 204
    assert (await there.ask("GET", "/api/v1/session")).status == 401
    assert (await here.ask("DELETE", f"/api/v1/sessions/{listed[0]['id']}")).code == (404, "session_unknown")
    for _ in range(3):
        await signed_in(world, Role.OFFICER)
    assert (await here.ask("DELETE", "/api/v1/sessions/others")).body == {"ended": 3}
    assert (await here.ask("DELETE", "/api/v1/sessions/others")).body == {"ended": 0}
    assert (await here.ask("GET", "/api/v1/session")).status == 200
    assert (await other.ask("GET", "/api/v1/session")).status == 200


async def test_the_list_of_sign_ins_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_LISTED", 2)
    for agent in ("first", "second", "third"):
        client = await signed_in(world, Role.OFFICER, agent)
    listed = (await client.get("/api/v1/sessions/mine"))["sessions"]
    assert [one["agent"] for one in listed] == ["third", "second"]


async def test_what_a_browser_calls_itself_is_bounded_and_printable(world: World) -> None:
    client = await signed_in(world, Role.OFFICER, "a\tb\u202e<script>alert(1)</script>")
    (own,) = (await client.get("/api/v1/sessions/mine"))["sessions"]
    assert own["agent"].isprintable()
    assert own["agent"].startswith("ab")


@both_engines
async def test_a_password_is_changed_by_who_knows_the_old_one(world: World) -> None:
    here, there = await signed_in(world, Role.OFFICER), await signed_in(world, Role.OFFICER)
    token = await here.post("/api/v1/tokens", {"name": "script"})
    program = world.anonymous(Authorization=f"Bearer {token['secret']}")
    change = "/api/v1/users/me/password"
    assert (await program.ask("PUT", change, json={"old": PASSWORD, "new": NEW})).code == (401, "no_session")
    for wrong, code in (
        ({"old": "wrong", "new": NEW}, (403, "password_wrong")),
        ({"old": PASSWORD, "new": "short"}, (422, "invalid")),
        ({"old": PASSWORD, "new": PASSWORD}, (422, "invalid")),
    ):
        answer = await here.ask("PUT", change, json=wrong)
        assert answer.code == code
        assert wrong["new"] not in str(answer.body)
    assert (await there.ask("GET", "/api/v1/session")).status == 200
    assert (await here.ask("PUT", change, json={"old": PASSWORD, "new": NEW})).status == 204
    assert (await here.ask("GET", "/api/v1/session")).status == 200
    assert (await there.ask("GET", "/api/v1/session")).status == 401
    assert (await program.ask("GET", "/api/v1/session")).status == 401
    await signed_in(world, Role.OFFICER, password=NEW)
    admin = await world.client(Role.ADMIN)
    said = await admin.get("/api/v1/audit?limit=20")
    actions = [row["action"] for row in said["rows"]]
    assert {"user.password", "user.password_refused"} <= set(actions)
    assert NEW not in json.dumps(said)


async def test_an_open_desk_is_no_way_to_guess_a_password(world: World) -> None:
    here = await signed_in(world, Role.OFFICER)
    tries = [
        (await here.ask("PUT", "/api/v1/users/me/password", json={"old": f"guess {n}", "new": NEW})).status
        for n in range(6)
    ]
    assert tries == [403] * 5 + [429]


async def test_the_name_one_is_shown_by(world: World) -> None:
    here = await signed_in(world, Role.OFFICER)
    for name in ("李警官 👮", "", "<script>", "\u200fשלום"):
        answer = await here.ask("PATCH", "/api/v1/users/me", json={"display_name": name})
        assert (answer.status, answer.body["display_name"]) == (200, name)
        assert (await here.get("/api/v1/session"))["user"]["display_name"] == name
    for wrong in ("x" * 65, "a\nb", None, 7):
        assert (await here.ask("PATCH", "/api/v1/users/me", json={"display_name": wrong})).status == 422
    assert (await here.ask("PATCH", "/api/v1/users/me", json={"role": "admin"})).status == 422


async def test_the_administrator_reads_the_settings_and_no_secret(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await serving(trusted_proxies=("10.0.0.1",), redis_url=None, public_url="https://hub.example")
    for role in Role:
        client = await world.client(role)
        answer = await client.ask("GET", "/api/v1/settings")
        assert answer.status == (200 if role is Role.ADMIN else 403)
    admin = await world.client(Role.ADMIN)
    settings = {one["name"]: one for one in (await admin.get("/api/v1/settings"))["settings"]}
    assert settings["trusted_proxies"]["value"] == '["10.0.0.1"]'
    assert settings["media_quota_gb"] == {
        "name": "media_quota_gb",
        "value": "20.0",
        "secret": False,
        "is_set": True,
        "origin": "default",
        "doc": "Oldest snapshots are deleted beyond this many gigabytes.",
    }
    assert settings["database_url"]["secret"]
    assert (settings["key"]["secret"], settings["key"]["value"]) == (True, None)
    assert all(one["doc"] for one in settings.values()), [name for name, one in settings.items() if not one["doc"]]


async def test_the_online_rate_is_for_those_who_watch_health(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    told = await officer.get("/api/v1/health/online")
    assert {"rate", "villages", "cameras", "hub_down"} <= set(told)
    for wrong in (
        "since=yesterday",
        "since=2026-01-01T00:00:00Z&until=2025-01-01T00:00:00Z",
        "since=2001-01-01T00:00:00Z",
        "prefix=abc",
        "prefix=%27%20OR%201",
        "until=1700000000",
    ):
        assert (await officer.ask("GET", f"/api/v1/health/online?{wrong}")).status == 422, wrong
    outside = await officer.get("/api/v1/health/online?prefix=110101")
    assert outside["cameras"] == []
    assert Permission.WATCH_HEALTH


def test_the_page_says_what_each_setting_means() -> None:
    words = (WEB / "i18n/words/upkeep.ts").read_text()
    named = set(re.findall(r'"settingDoc\.([\w.]+)":', words))
    mail = SmtpSettings(host="mail", sender="a@b.example")
    known = {one.name for smtp in (None, mail) for one in effective(Settings(smtp=smtp))}
    assert named == known


def test_every_field_the_page_reads_is_in_the_description() -> None:
    schemas = api.description()["components"]["schemas"]
    source = (WEB / "api/upkeep.ts").read_text()
    interfaces = dict(re.findall(r"export interface (\w+) \{\n(.*?)\n\}", source, re.DOTALL))
    told = {"Online", "CameraOnline", "VillageOnline", "SignedIn", "Token", "NewToken", "Enrolment", "Setting"}
    assert told == set(interfaces)
    for name, body in interfaces.items():
        assert set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) <= set(schemas[name]["properties"]), name

"""Each noun's routes, used as the page uses them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from registry.model import PurposeKind, Role
from registry.permissions import ROLES, Permission

from .conftest import COUNTY, ELSEWHERE, PASSWORD, TOWNSHIP, VILLAGE, World, both_engines

API = "/api/v1"


async def test_places_are_listed_added_changed_and_removed(world: World) -> None:
    admin = await world.client(Role.ADMIN)
    assert {place["code"] for place in (await admin.get(f"{API}/places"))["places"]} == {
        COUNTY,
        TOWNSHIP,
        VILLAGE,
        ELSEWHERE,
    }
    villages = (await admin.get(f"{API}/places?level=village&prefix={TOWNSHIP}"))["places"]
    assert [place["name"] for place in villages] == ["汉书村", "先锋村"]
    new = await admin.post(f"{API}/places", {"code": "220882100203", "name": "新村", "lat": 45.1, "lon": 124.0})
    assert (new["level"], "no" in new) == ("village", False)
    changed = await admin.ask("PATCH", f"{API}/places/220882100203", json={"name": "新民村"})
    assert changed.body["name"] == "新民村"
    assert (await admin.get(f"{API}/places/220882100203"))["lat"] == 45.1
    assert (await admin.ask("POST", f"{API}/places", json={"code": VILLAGE, "name": "x"})).status == 409
    wrong = await admin.ask("POST", f"{API}/places", json={"code": "999999100", "name": "x"})
    assert (wrong.status, wrong.body["fields"][0]["path"]) == (422, "body.code")
    assert (await admin.ask("DELETE", f"{API}/places/220882100203")).status == 204
    assert (await admin.ask("GET", f"{API}/places/220882100203")).status == 404
    assert (await admin.ask("DELETE", f"{API}/places/{VILLAGE}")).status == 409
    assert (await admin.ask("GET", f"{API}/places/22")).code == (422, "invalid")


async def test_a_device_never_shows_its_password(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    secret = "hunter2hunter2"
    device = await officer.post(
        f"{API}/devices", {"name": "NVR", "type": "nvr", "host": "192.0.2.20", "username": "admin", "password": secret}
    )
    assert device["has_password"] is True
    assert secret not in json.dumps(device)
    assert secret not in json.dumps(await officer.get(f"{API}/devices"))
    moved = await officer.ask("PATCH", f"{API}/devices/{device['id']}", json={"host": "192.0.2.21"})
    assert moved.body["has_password"] is False
    assert (await officer.ask("DELETE", f"{API}/devices/{device['id']}")).status == 204
    assert (await officer.ask("GET", f"{API}/devices/{device['id']}")).status == 404
    wrong = await officer.ask("POST", f"{API}/devices", json={"name": "x", "host": "a b", "password": [secret]})
    assert wrong.status == 422
    assert secret not in json.dumps(wrong.body)


async def test_cameras_are_those_of_ones_villages(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    listed = (await officer.get(f"{API}/cameras"))["cameras"]
    assert {camera["name"] for camera in listed} == {"gate", "yard", "shut"}
    assert listed[0]["status"]["state"] == "idle"
    assert not {"no", "device_no", "village_no"} & set(listed[0])
    assert len((await officer.get(f"{API}/cameras?kind=civilian&prefix={VILLAGE}&state=idle"))["cameras"]) == 2
    far = world.county.cameras["far"]
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/scene"),
        ("GET", "/consents"),
        ("GET", "/history"),
    ):
        body: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
        answer = await officer.ask(method, f"{API}/cameras/{far}{path}", **body)
        assert answer.status == 404, (method, path, answer)


async def test_a_camera_is_registered_changed_and_removed(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    device = await officer.post(f"{API}/devices", {"name": "村口", "host": "192.0.2.10"})
    new = {
        "device_id": device["id"],
        "name": "村口东",
        "kind": "public",
        "village_code": VILLAGE,
        "main_url": "rtsp://u:pw@192.0.2.10/main",
        "manager_unit": "派出所",
    }
    camera = await officer.post(f"{API}/cameras", new)
    assert camera["main_url"] == "rtsp://192.0.2.10/main"
    path = f"{API}/cameras/{camera['id']}"
    changed = await officer.ask("PATCH", path, json={"enabled": False})
    assert changed.body["enabled"] is False
    assert (await officer.get(path + "/history"))["history"] == []
    assert (await officer.ask("DELETE", path)).status == 204
    assert (await officer.ask("GET", path)).status == 404
    for url in (
        "file:///etc/passwd",
        "rtsp://127.0.0.1/x",
        "rtsp://192.0.2.10/a\r\nb",
        "gopher://192.0.2.10/",
        "rtsp://192.0.2.10/$(id)\x01",
    ):
        refused = await officer.ask("POST", f"{API}/cameras", json={**new, "main_url": url})
        assert refused.status == 422, url
        assert refused.body["fields"][0]["path"] == "body.main_url", refused
    outside = await officer.ask("POST", f"{API}/cameras", json={**new, "village_code": ELSEWHERE})
    assert outside.status in (403, 422)


async def test_a_scene_is_replaced_by_revision(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    path = f"{API}/cameras/{world.county.cameras['gate']}/scene"
    first = await officer.get(path)
    assert first["revision"] == 0
    scene = first["scene"]
    scene["masks"] = [[[0, 0], [0.5, 0], [0.5, 0.5]]]
    put = await officer.ask("PUT", path, json={"scene": scene, "expected_revision": 0})
    assert (put.status, put.body["revision"]) == (200, 1)
    assert (await officer.get(path))["scene"]["masks"] == scene["masks"]
    assert (await officer.ask("PUT", path, json={"scene": scene, "expected_revision": 0})).code == (409, "scene_stale")
    for mask, field in (
        ([[0, 0], [1, 1], [1, 0], [0, 1]], "body.scene.masks.0"),
        ([[0, 0], [2, 0], [1, 1]], "body.scene.masks.0.1.0"),
        ([[0, 0], [1, 1]], "body.scene.masks.0"),
    ):
        wrong = await officer.ask("PUT", path, json={"scene": {**scene, "masks": [mask]}})
        assert (wrong.status, wrong.body["fields"][0]["path"]) == (422, field)


@both_engines
async def test_consents_are_recorded_and_withdrawn(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    yard = f"{API}/cameras/{world.county.cameras['yard']}/consents"
    made = await officer.post(yard, {"owner_name": "王", "scopes": ["events", "clip"], "text_version": "1"})
    assert sorted(made["scopes"]) == ["clip", "events"]
    withdrawn = await officer.post(f"{API}/consents/{made['id']}/withdraw", None, 200)
    assert (withdrawn["consent_id"], withdrawn["by_owner"]) == (made["id"], False)
    again = await officer.post(f"{API}/consents/{made['id']}/withdraw", None, 200)
    assert again["number"] == withdrawn["number"], "twice, and the receipt is the same"
    assert len((await officer.get(yard))["consents"]) == 2
    assert (await officer.ask("POST", f"{API}/consents/{uuid4()}/withdraw")).status == 404
    assert (await officer.ask("POST", yard, json={"owner_name": "王", "scopes": [], "text_version": "1"})).status == 422


@both_engines
async def test_cases_are_opened_looked_under_and_closed(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    now = datetime.now(UTC)
    times = {"starts_at": (now - timedelta(days=2)).isoformat(), "ends_at": now.isoformat()}
    new = {"number": "A-2026-2", "title": "电动车被盗", "offence": "vehicle", "places": [VILLAGE], **times}
    case = await officer.post(f"{API}/cases", new)
    assert (case["opened_by"], case["responsible"]["name"], case["state"]) == ("officer", "officer", "open")
    assert (await officer.ask("POST", f"{API}/cases", json={**new, "number": "A-3", "places": []})).status == 422
    assert (await officer.ask("POST", f"{API}/cases", json={**new, "number": "A-3", "ends_at": None})).status == 422
    assert {one["name"] for one in (await officer.get(f"{API}/cases/people"))["people"]} >= {"officer", "assistant"}
    changed = await officer.ask(
        "PATCH", f"{API}/cases/{case['id']}", json={"expected_revision": 1, "title": "电动三轮车被盗"}
    )
    assert (changed.body["title"], changed.body["revision"]) == ("电动三轮车被盗", 2)
    stale = await officer.ask("PATCH", f"{API}/cases/{case['id']}", json={"expected_revision": 1, "title": "x"})
    assert stale.code == (409, "case_stale")
    assert case["id"] in {one["id"] for one in (await officer.get(f"{API}/cases"))["cases"]}
    assert (await officer.get(f"{API}/cases/{case['id']}"))["title"] == "电动三轮车被盗"
    purpose = await officer.post(f"{API}/purposes", {"kind": "case", "case_id": case["id"], "reason": "x"})
    assert purpose["case_number"] == "A-2026-2"
    assert [one["id"] for one in (await officer.get(f"{API}/purposes"))["purposes"]] == [purpose["id"]]
    closed = await officer.post(f"{API}/cases/{case['id']}/close", None, 200)
    assert closed["closed_at"] is not None
    under_closed = await officer.ask(
        "POST", f"{API}/purposes", json={"kind": "case", "case_id": case["id"], "reason": "x"}
    )
    assert under_closed.status in (403, 409)


@both_engines
async def test_users_are_made_changed_and_signed_out(world: World) -> None:
    admin = await world.client(Role.ADMIN)
    new = {"name": "zhao", "password": PASSWORD, "role": "monitor", "display_name": "赵", "grants": [VILLAGE]}
    user = await admin.post(f"{API}/users", new)
    assert user["grants"] == [VILLAGE]
    assert PASSWORD not in json.dumps(user)
    path = f"{API}/users/{user['id']}"
    assert (await admin.ask("POST", f"{API}/users", json=new)).code == (409, "user_exists")
    assert (await admin.ask("PUT", path + "/grants", json={"grants": []})).body["grants"] == []
    assert (await admin.ask("PUT", path + "/password", json={"password": "another long one"})).status == 204
    assert (await admin.ask("PUT", path + "/password", json={"password": "short"})).status == 422
    assert (await admin.ask("PATCH", path, json={"active": False})).body["active"] is False
    assert (await admin.get(path))["active"] is False
    assert len((await admin.get(f"{API}/users"))["users"]) == len(Role) + 1
    refused = await world.anonymous().ask(
        "POST", f"{API}/session", json={"name": "zhao", "password": "another long one"}
    )
    assert refused.status == 401


async def test_health_metrics_and_liveness(world: World) -> None:
    monitor = await world.client(Role.MONITOR)
    health = await monitor.get(f"{API}/health")
    assert health["database"]["kind"] == "sqlite"
    assert health["disk"]["free_bytes"] > 0
    assert (await world.anonymous().get("/healthz")) == {"status": "ok"}
    await world.anonymous().ask("GET", f"/api/v1/cameras/{uuid4()}")
    metrics = (await world.anonymous().ask("GET", "/metrics")).body.decode()
    assert (
        'hub_http_request_seconds_count{method="GET",route="/api/v1/cameras/{camera_id}",status="401"} 1.0' in metrics
    )
    rebound = await world.anonymous().ask("GET", "/metrics", headers={"Host": "example.org"})
    assert rebound.code == (401, "not_signed_in")
    forwarded = await world.anonymous().ask("GET", "/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert forwarded.code == (401, "not_signed_in")


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE events; --", "../../etc/passwd", "%00", "\\x00", "😀" * 10, "<script>"]
)
async def test_metacharacters_are_only_text(world: World, text: str) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.PATROL)
    device = await officer.ask("POST", f"{API}/devices", json={"name": text, "host": "192.0.2.30"})
    assert (device.status, device.body["name"]) == (201, text)
    assert (await officer.ask("GET", f"{API}/events", params={"label": text})).status == 200
    assert (await officer.ask("GET", f"{API}/cameras", params={"text": text})).body == {"cameras": []}
    assert (await officer.ask("GET", f"{API}/events/..%2f..%2fetc%2fpasswd/snapshot")).status in (404, 422)


@pytest.mark.parametrize("role", Role)
async def test_how_to_reach_a_householder_is_for_those_who_look_after_cameras(world: World, role: Role) -> None:
    client = await world.client(role)
    yard = str(world.county.cameras["yard"])
    listed = next(one for one in (await client.get(f"{API}/cameras"))["cameras"] if one["id"] == yard)
    wanted = "13800000000" if Permission.REGISTER in ROLES[role] else ""
    assert listed["owner_contact"] == wanted
    assert (await client.get(f"{API}/cameras/{yard}"))["owner_contact"] == wanted


async def test_an_owner_withdraws_after_his_camera_was_removed(world: World) -> None:
    event_id = await world.event("yard")
    officer = await world.client(Role.OFFICER, PurposeKind.PATROL)
    yard = f"{API}/cameras/{world.county.cameras['yard']}"
    assert (await officer.ask("DELETE", yard)).status == 204
    assert (await officer.ask("GET", f"{API}/events/{event_id}")).status == 200
    (consent,) = (await officer.get(f"{yard}/consents"))["consents"]
    again = {"owner_name": "王", "scopes": ["events"], "text_version": "1"}
    assert (await officer.ask("POST", f"{yard}/consents", json=again)).code == (404, "camera_unknown")
    await officer.post(f"{API}/consents/{consent['id']}/withdraw", None, 200)
    assert (await officer.ask("GET", f"{API}/events/{event_id}")).status == 404

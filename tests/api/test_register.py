"""Cameras brought in and changed over HTTP: two people at one camera, positions, GB ids, changes, replaced boxes."""

from __future__ import annotations

import asyncio
import json

import pytest

from registry import places
from registry.datum import to_gcj02
from registry.model import Role
from registry.places import PlaceChange
from registry.users import CONSOLE

from .conftest import ELSEWHERE, VILLAGE, Client, World, both_engines

API = "/api/v1"
DAAN = (45.507, 124.292)


def gate(world: World) -> str:
    return f"{API}/cameras/{world.county.cameras['gate']}"


@both_engines
async def test_of_two_who_change_a_camera_the_second_is_told(world: World) -> None:
    officer, technician = await world.client(Role.OFFICER), await world.client(Role.TECHNICIAN)
    seen = await officer.get(gate(world))
    mine = {"note": "换了镜头", "expected_revision": seen["revision"]}
    assert (await technician.ask("PATCH", gate(world), json=mine)).body["revision"] == seen["revision"] + 1
    late = await officer.ask("PATCH", gate(world), json={"note": "x", "expected_revision": seen["revision"]})
    assert late.code == (409, "camera_stale")
    params = late.body["params"]
    assert (params["revision"], params["by"], params["at"][:2]) == (seen["revision"] + 1, "technician", "20")
    assert (await officer.get(gate(world)))["note"] == "换了镜头"
    current = {"note": "x", "expected_revision": params["revision"]}
    answers = await asyncio.gather(*(one.ask("PATCH", gate(world), json=current) for one in (officer, technician)))
    assert sorted(one.status for one in answers) == [200, 409]


@both_engines
async def test_of_two_who_change_a_device_the_second_is_told(world: World) -> None:
    admin = await world.client(Role.ADMIN)
    device = await admin.post(f"{API}/devices", {"name": "盒", "host": "192.0.2.30"})
    path = f"{API}/devices/{device['id']}"
    changed = {"vendor": "dahua", "expected_revision": device["revision"]}
    assert (await admin.ask("PATCH", path, json=changed)).status == 200
    late = await admin.ask("PATCH", path, json=changed)
    assert (late.code, late.body["params"]["by"]) == ((409, "device_stale"), "admin")


@both_engines
async def test_what_was_changed_is_told_to_whoever_sees_the_camera(world: World) -> None:
    officer, monitor = await world.client(Role.OFFICER), await world.client(Role.MONITOR)
    yard = f"{API}/cameras/{world.county.cameras['yard']}"
    edit = {"pole": "12号", "owner_contact": "13912345678"}
    assert (await officer.ask("PATCH", yard, json=edit)).status == 200
    told = (await monitor.get(f"{yard}/changes"))["changes"]
    assert [one["action"] for one in told] == ["camera.change", "consent.create", "camera.create"]
    assert (told[0]["by"], told[0]["role"]) == ("officer", "officer")
    assert {one["field"]: (one["old"], one["new"]) for one in told[0]["changed"]} == {
        "pole": ("", "12号"),
        "owner_contact": (None, None),
    }
    assert "13912345678" not in json.dumps(told)
    assert {"address", "reason", "detail"}.isdisjoint(told[0])
    far = await monitor.ask("GET", f"{API}/cameras/{world.county.cameras['far']}/changes")
    assert far.code == (404, "camera_unknown")


@both_engines
async def test_a_box_is_replaced(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    device = await officer.post(f"{API}/devices", {"name": "旧", "host": "192.0.2.40", "type": "nvr"})
    new = {"device_id": device["id"], "name": "新门", "kind": "public", "village_code": VILLAGE, "manager_unit": "所"}
    camera = await officer.post(f"{API}/cameras", new)
    path = f"{API}/cameras/{camera['id']}/replace"
    box = {"host": "192.0.2.41", "username": "admin", "password": "hunter2hunter2", "sub_url": "rtsp://192.0.2.41/2"}
    assert (await officer.ask("POST", path, json={**box, "expected_revision": 0})).code == (409, "camera_stale")
    wrong = await officer.ask("POST", path, json={**box, "sub_url": "rtsp://192.0.2.99/2"})
    assert [one["path"] for one in wrong.body["fields"]] == ["body.sub_url"]
    answer = await officer.ask("POST", path, json={**box, "expected_revision": camera["revision"]})
    assert (answer.status, answer.body["sub_url"]) == (200, "rtsp://192.0.2.41/2")
    assert "hunter2" not in json.dumps(answer.body)
    fresh = await officer.get(f"{API}/devices/{answer.body['device_id']}")
    assert (fresh["name"], fresh["type"], fresh["has_password"]) == ("旧", "nvr", True)
    assert (await officer.ask("GET", f"{API}/devices/{device['id']}")).code == (404, "device_unknown")
    monitor = await world.client(Role.MONITOR)
    assert (await monitor.ask("POST", path, json=box)).code == (403, "role")
    far = f"{API}/cameras/{world.county.cameras['far']}/replace"
    assert (await officer.ask("POST", far, json=box)).code == (404, "camera_unknown")


async def change(client: Client, world: World, **fields: object):
    return await client.ask("PATCH", gate(world), json=fields)


@both_engines
async def test_positions_are_kept_in_wgs84_and_exchanged_ones_refused(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    lat, lon = to_gcj02(*DAAN)
    kept = (await change(officer, world, lat=lat, lon=lon, datum="gcj02")).body
    assert (round(kept["lat"], 6), round(kept["lon"], 6), kept["coord_source"]) == (*DAAN, "gcj02")
    for fields, path, code in (
        ({"lat": DAAN[1], "lon": DAAN[0]}, "body.lat", "swapped"),
        ({"lat": 45.5}, "body.lat", "position"),
        ({"lat": 45.5, "lon": None}, "body.lat", "position"),
        ({"datum": "gcj02"}, "body.datum", "position"),
        ({"lat": 45.5, "lon": 124.2, "datum": "cgcs2000"}, "body.datum", "enum"),
    ):
        refused = await change(officer, world, **fields)
        assert refused.status == 422
        assert [(one["path"], one["code"]) for one in refused.body["fields"]] == [(path, code)]
    await places.change(world.hub.store, VILLAGE, PlaceChange(lat=39.47, lon=75.99), CONSOLE)
    swapped = await change(officer, world, lat=75.9, lon=39.4)
    assert [(one["path"], one["code"]) for one in swapped.body["fields"]] == [("body.lat", "swapped")]
    assert (await officer.get(gate(world)))["warnings"] == ["far_from_village"]
    assert (await change(officer, world, lat=39.47, lon=75.98)).body["warnings"] == []


@both_engines
async def test_gb_ids_are_proposed_and_kept(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    wanted = {"village_code": VILLAGE, "kind": "public"}
    proposed = (await officer.post(f"{API}/gb-ids", wanted, 200))["gb_id"]
    assert proposed == "22088200001320000001"
    assert (await change(officer, world, gb_id=proposed)).body["gb_id"] == proposed
    assert (await officer.post(f"{API}/gb-ids", wanted, 200))["gb_id"] == "22088200001320000002"
    new = {"device_id": str(world.county.device), "name": "n", "manager_unit": "所", "gb_id": proposed, **wanted}
    assert (await officer.ask("POST", f"{API}/cameras", json=new)).code == (409, "gb_id_taken")
    old_rule = await change(officer, world, gb_id="220882000013200000")
    assert [one["code"] for one in old_rule.body["fields"]] == ["gb_rule_b"]
    elsewhere = await officer.ask("POST", f"{API}/gb-ids", json={**wanted, "village_code": ELSEWHERE})
    assert elsewhere.code == (403, "out_of_scope")


@pytest.mark.parametrize("name", ["羊圈🐑", "باب المدرسة", "\u202eabc", "<script>alert(1)</script>", "a" * 64])
async def test_names_come_back_as_they_were_given(world: World, name: str) -> None:
    officer = await world.client(Role.OFFICER)
    assert (await change(officer, world, name=name)).body["name"] == name
    (told,) = (await officer.get(f"{gate(world)}/changes"))["changes"][0]["changed"]
    assert (told["field"], told["new"]) == ("name", name)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "长" * 300), ("name", ""), ("name", "a\u0007b"), ("address", "x" * 201), ("pole", "x" * 33)],
)
async def test_fields_are_bounded(world: World, field: str, value: str) -> None:
    officer = await world.client(Role.OFFICER)
    refused = await change(officer, world, **{field: value})
    assert (refused.status, refused.body["fields"][0]["path"]) == (422, f"body.{field}")
    assert value not in json.dumps(refused.body) or value == ""


async def test_credentials_in_an_address_are_sealed(world: World) -> None:
    officer, admin = await world.client(Role.OFFICER), await world.client(Role.ADMIN)
    device = await officer.post(f"{API}/devices", {"name": "盒", "host": "192.0.2.50"})
    new = {"device_id": device["id"], "name": "n", "kind": "public", "village_code": VILLAGE, "manager_unit": "所"}
    made = await officer.post(f"{API}/cameras", {**new, "sub_url": "rtsp://root:p%40ss@192.0.2.50/1"})
    assert made["sub_url"] == "rtsp://192.0.2.50/1"
    shown = json.dumps([await officer.get(f"{API}/devices"), await admin.get(f"{API}/audit?limit=20")])
    assert "p%40ss" not in shown
    assert "p@ss" not in shown
    assert (await officer.get(f"{API}/devices/{device['id']}"))["has_password"] is True

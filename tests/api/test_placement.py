"""Placement over HTTP: who may tell and see it, the sign's photo, the list of filings and its sheet."""

from __future__ import annotations

from io import BytesIO

import numpy as np

from camera_hub.media import encode_jpeg
from camera_hub.signs import MOST_BYTES
from registry.model import Role

from .conftest import World, both_engines

API = "/api/v1"
PHOTO = encode_jpeg(np.full((40, 60, 3), 120, np.uint8))
RAW = {"Content-Type": "application/octet-stream"}


@both_engines
async def test_a_technician_completes_a_camera_and_others_see_what_is_missing(world: World) -> None:
    technician, monitor = await world.client(Role.TECHNICIAN), await world.client(Role.MONITOR)
    body = {
        "device_id": str(world.county.device), "name": "校门口", "kind": "public", "village_code": "220882100201",
        "sub_url": "rtsp://192.0.2.10/school", "manager_unit": "派出所",
    }  # fmt: skip
    camera = (await technician.post(f"{API}/cameras", body))["id"]
    at = f"{API}/cameras/{camera}"
    asked = await monitor.get(f"{at}/placement")
    assert asked["lacks"] == ["checklist", "basis", "purpose", "sign"]
    told = {"basis": "government", "purpose": "治安防控", "near_minors": True}
    told |= {"answers": dict.fromkeys(asked["forbidden"], False), "expected_revision": asked["revision"]}
    assert (await monitor.ask("PATCH", f"{at}/placement", json=told)).code == (403, "role")
    changed = await technician.ask("PATCH", f"{at}/placement", json=told)
    assert (changed.status, changed.body["lacks"]) == (200, ["sign"])
    assert (await technician.ask("PATCH", f"{at}/placement", json=told)).code == (409, "placement_stale")
    assert (await technician.ask("GET", f"{at}/sign")).code == (404, "sign_none")
    assert (await technician.ask("PUT", f"{at}/sign", data=b"GIF89a", headers=RAW)).code == (422, "sign_jpeg")
    assert (await technician.ask("PUT", f"{at}/sign", data=BytesIO(bytes(MOST_BYTES + 1)), headers=RAW)).status == 413
    done = await technician.ask("PUT", f"{at}/sign", data=PHOTO, headers=RAW)
    assert (done.status, done.body["lacks"], done.body["has_sign"]) == (200, [], True)
    shown = await monitor.ask("GET", f"{at}/sign", raw=True)
    assert (shown.status, shown.headers["Content-Type"], shown.body[:2]) == (200, "image/jpeg", b"\xff\xd8")
    yes = {"answers": {"toilet": True}}
    assert (await technician.ask("PATCH", f"{at}/placement", json=yes)).body["lacks"] == ["forbidden"]
    no = {"answers": {"toilet": False}}
    assert (await technician.ask("PATCH", f"{at}/placement", json=no)).code == (409, "placement_forbidden")


async def test_filings_are_listed_within_the_scope_and_leave_as_a_sheet(world: World) -> None:
    technician = await world.client(Role.TECHNICIAN)
    far = world.county.cameras["far"]
    for method, path in (("GET", "placement"), ("PATCH", "placement"), ("GET", "sign")):
        extra = {"json": {}} if method == "PATCH" else {}
        assert (await technician.ask(method, f"{API}/cameras/{far}/{path}", **extra)).code == (404, "camera_unknown")
    assert (await technician.ask("PUT", f"{API}/cameras/{far}/sign", data=PHOTO, headers=RAW)).status == 404
    listed = (await technician.get(f"{API}/filings"))["filings"]
    assert {one["name"]: one["placement"]["filing"] for one in listed} == {
        "gate": "due", "yard": "not_needed", "shut": "not_needed",
    }  # fmt: skip
    unfiled = await technician.get(f"{API}/filings?wanting=unfiled")
    assert [one["name"] for one in unfiled["filings"]] == ["gate"]
    assert (await technician.get(f"{API}/filings?wanting=overdue"))["filings"] == []
    sheet = await technician.ask("GET", f"{API}/filings/sheet?wanting=unfiled", raw=True)
    text = sheet.body.decode("utf-8-sig")
    assert "待备案" in text
    assert text.count("\r\n") == 2
    assert (await (await world.client(Role.MONITOR)).ask("GET", f"{API}/filings/sheet")).code == (403, "role")


async def test_a_sign_is_printed_and_its_notice_told_to_anybody_but_of_no_householder(world: World) -> None:
    gate, yard = world.county.cameras["gate"], world.county.cameras["yard"]
    monitor, anybody = await world.client(Role.MONITOR), world.anonymous()
    sheet = await monitor.ask("GET", f"{API}/cameras/{gate}/notice", raw=True)
    assert (sheet.status, sheet.headers["Content-Type"].split(";")[0]) == (200, "image/svg+xml")
    assert "style" not in sheet.body.decode(), "the page's policy forbids it"
    assert (await anybody.ask("GET", f"{API}/cameras/{gate}/notice")).status == 401
    told = await anybody.ask("GET", f"{API}/notices/{gate}", raw=True)
    assert told.status == 200
    assert "派出所" in told.body.decode()
    assert "30 日" in told.body.decode()
    assert (await anybody.ask("GET", f"{API}/notices/{yard}")).code == (404, "camera_unknown")

"""Requests to see recordings, impact assessments and lifted masks over HTTP: who may do what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from registry.model import Role

from .conftest import VILLAGE, World, both_engines

API = "/api/v1"
LEFT = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]


def asked(world: World) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "asker": "李秀英",
        "relation": "self",
        "id_kind": "resident",
        "id_last4": "123X",
        "camera_ids": [str(world.county.cameras["gate"])],
        "from": (now - timedelta(hours=2)).isoformat(),
        "to": now.isoformat(),
        "grounds": "电动车被撞",
    }


@both_engines
async def test_a_request_goes_from_one_to_another(world: World) -> None:
    officer, chief = await world.client(Role.OFFICER), await world.client(Role.APPROVER)
    made = await officer.post(f"{API}/requests", asked(world))
    assert (made["state"], made["overdue"], made["cameras"][0]["name"]) == ("received", False, "gate")
    path = f"{API}/requests/{made['id']}"
    refused = await officer.ask("POST", f"{path}/decide", json={"decision": "granted"})
    assert refused.status == 403
    wrong = await chief.ask("POST", f"{path}/decide", json={"decision": "refused"})
    assert wrong.status == 422
    assert (await officer.ask("POST", f"{path}/show", json={"how": "office"})).code == (409, "request_state")
    decided = await chief.ask("POST", f"{path}/decide", json={"decision": "granted", "text": "请携带证件"})
    assert (decided.status, decided.body["decided_by"]) == (200, "approver")
    shown = await officer.ask("POST", f"{path}/show", json={"how": "office"})
    assert shown.body["state"] == "shown"
    closed = await officer.ask("POST", f"{path}/close", json={})
    assert closed.body["state"] == "closed"
    assert [one["id"] for one in (await chief.get(f"{API}/requests"))["requests"]] == [made["id"]]
    assert (await chief.get(f"{API}/requests?open=true"))["requests"] == []
    for role in (Role.MONITOR, Role.ASSISTANT, Role.TECHNICIAN, Role.AUDITOR):
        stranger = await world.client(role)
        assert (await stranger.ask("GET", f"{API}/requests")).status == 403
        assert (await stranger.ask("GET", path)).status == 403


async def test_a_request_may_be_taken_back(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    made = await officer.post(f"{API}/requests", {**asked(world), "camera_ids": [], "village_code": VILLAGE})
    back = await officer.ask("POST", f"{API}/requests/{made['id']}/withdraw")
    assert (back.status, back.body["decision"]) == (200, "withdrawn")
    assert (
        await officer.ask("POST", f"{API}/requests", json={**asked(world), "id_last4": "220882199001011234"})
    ).status == 422


async def test_assessments_are_kept_by_the_administrator(world: World) -> None:
    admin, officer = await world.client(Role.ADMIN), await world.client(Role.OFFICER)
    new = {
        "about": "deployment",
        "title": "大安市村屯视频系统",
        "document_number": "大公评〔2026〕3号",
        "approved_by": "王局",
        "assessed_at": datetime.now(UTC).isoformat(),
    }
    assert (await officer.ask("POST", f"{API}/assessments", json=new)).status == 403
    made = await admin.post(f"{API}/assessments", new)
    listed = await officer.get(f"{API}/assessments")
    assert ([one["id"] for one in listed["assessments"]], listed["review_days"]) == ([made["id"]], 365)
    again = {name: new[name] for name in ("document_number", "approved_by")} | {
        "assessed_at": datetime.now(UTC).isoformat()
    }
    assert (await admin.ask("POST", f"{API}/assessments/{made['id']}/review", json=again)).status == 200
    ended = await admin.ask("POST", f"{API}/assessments/{made['id']}/end")
    assert ended.body["ended_at"] is not None
    assert (await admin.ask("POST", f"{API}/assessments/{made['id']}/end")).code == (409, "assessment_ended")


async def test_to_hide_less_needs_a_second_person(world: World) -> None:
    technician, chief = await world.client(Role.TECHNICIAN), await world.client(Role.APPROVER)
    gate = world.county.cameras["gate"]
    path = f"{API}/cameras/{gate}/scene"
    scene = (await technician.get(path))["scene"]
    masked = {**scene, "masks": [LEFT]}
    assert (await technician.ask("PUT", path, json={"scene": masked})).status == 200
    refused = await technician.ask("PUT", path, json={"scene": scene})
    assert refused.code == (403, "unmask_needs_approval")
    ask = {"kind": "unmask", "camera_id": str(gate), "old_masks": [LEFT], "masks": [], "hours": 24, "lasts_hours": None}
    made = await technician.post(f"{API}/approvals", {"asked": ask, "reason": "遮挡了道路"})
    (waiting,) = (await chief.get(f"{API}/approvals"))["approvals"]
    assert waiting["asked"]["old_masks"] == [LEFT]
    yes = {"granted": True, "reason": "同意", "expected_revision": 1}
    assert (await chief.ask("POST", f"{API}/approvals/{made['id']}/decide", json=yes)).status == 200
    put = await technician.ask("PUT", path, json={"scene": scene, "approval_id": made["id"]})
    assert (put.status, put.body["revision"]) == (200, 2)

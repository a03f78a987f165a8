"""Approvals over HTTP: asked by one, decided by another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from registry.model import Role

from .conftest import VILLAGE, World, both_engines

API = "/api/v1"


def body(world: World, **given: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    asked = {
        "kind": "reach", "case_id": str(world.county.case), "places": [VILLAGE], "hours": 8,
        "starts_at": (now - timedelta(days=25)).isoformat(), "ends_at": now.isoformat(),
    }  # fmt: skip
    return {"asked": {**asked, **given}, "reason": "查以前是否来过"}


@both_engines
async def test_it_is_asked_decided_and_revoked(world: World) -> None:
    officer, approver = await world.client(Role.OFFICER), await world.client(Role.APPROVER)
    made = await officer.post(f"{API}/approvals", body(world))
    assert (made["state"], made["asked"]["places"], made["case_number"]) == ("asked", [VILLAGE], "A-2026-1")
    assert (await approver.get(f"{API}/approvals/waiting"))["waiting"] == 1
    path = f"{API}/approvals/{made['id']}"
    yes = {"granted": True, "reason": "同意", "expected_revision": 1}
    assert (await officer.ask("POST", f"{path}/decide", json=yes)).code == (403, "role")
    granted = await approver.post(f"{path}/decide", yes, status=200)
    assert (granted["state"], granted["decided_by"], granted["revision"]) == ("granted", "approver", 2)
    assert (await approver.ask("POST", f"{path}/decide", json=yes)).code == (409, "approval_stale")
    listed = await officer.get(f"{API}/approvals")
    assert (listed["waiting"], listed["approvals"][0]["state"]) == (0, "granted")
    gone = await approver.post(f"{path}/revoke", {"reason": "已破案", "expected_revision": 2}, status=200)
    assert (gone["state"], gone["ended_by"]) == ("revoked", "approver")
    assert (await officer.get(path))["ending"] == "已破案"


async def test_one_cannot_decide_ones_own(world: World) -> None:
    approver = await world.client(Role.APPROVER)
    made = await approver.post(f"{API}/approvals", body(world))
    assert made["decidable"] is False
    yes = {"granted": True, "reason": "同意", "expected_revision": 1}
    path = f"{API}/approvals/{made['id']}"
    assert (await approver.ask("POST", f"{path}/decide", json=yes)).code == (403, "approval_own")
    back = await approver.post(f"{path}/withdraw", {"reason": "不需要了", "expected_revision": 1}, status=200)
    assert back["state"] == "withdrawn"


async def test_what_is_wrong_is_named(world: World) -> None:
    officer, monitor = await world.client(Role.OFFICER), await world.client(Role.MONITOR)
    for wrong in ({"places": []}, {"hours": 0}, {"hours": 1000}, {"kind": "more"}, {"case_id": "x"}, {"extra": 1}):
        assert (await officer.ask("POST", f"{API}/approvals", json=body(world, **wrong))).status == 422, wrong
    assert (await officer.ask("POST", f"{API}/approvals", json={**body(world), "reason": " "})).status == 422
    assert (await monitor.ask("POST", f"{API}/approvals", json=body(world))).code == (403, "role")
    assert (await monitor.ask("GET", f"{API}/approvals/{uuid4()}")).code == (404, "approval_unknown")
    assert (await monitor.get(f"{API}/approvals")) == {"approvals": [], "waiting": 0}

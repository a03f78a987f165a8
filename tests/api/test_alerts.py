"""Alerts over HTTP and a real WebSocket."""

from __future__ import annotations

import asyncio

from registry import alerts
from registry.model import PurposeKind, Role

from .conftest import ELSEWHERE, World, both_engines
from .test_stream import next_of

RULE = {"name": "夜间羊圈", "reason": "月亮泡丢羊案防范"}


async def _raise(world: World, camera: str) -> None:
    await world.event(camera)
    assert world.last is not None
    for standing in await alerts.standing(world.hub.store):
        alert = await alerts.raise_alert(world.hub.store, standing, world.last)
        if alert is not None:
            world.hub.alerts.publish([alert])


@both_engines
async def test_an_alert_reaches_who_looks_under_a_purpose_and_may_see_the_village(world: World) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.PATROL)
    monitor = await world.client(Role.MONITOR, PurposeKind.PATROL)
    await officer.post("/api/v1/alerts/rules", {**RULE, "sound": True})
    async with await monitor.stream(path="/api/v1/alerts/stream") as socket:
        async with asyncio.timeout(10):
            while not world.hub.alerts._subscriptions:
                await asyncio.sleep(0)
        await _raise(world, "gate")
        message = await next_of(socket, "alert")
    alert = message["alert"]
    assert (alert["rule_name"], alert["sound"], alert["event"]["camera_name"]) == ("夜间羊圈", True, "gate")
    listed = await monitor.get("/api/v1/alerts")
    assert [one["id"] for one in listed["alerts"]] == [alert["id"]]
    admin = await world.client(Role.ADMIN)
    actions = {row["action"] for row in (await admin.get("/api/v1/audit?limit=50"))["rows"]}
    assert {"alert.raise", "alerts.stream", "alerts.read"} <= actions


async def test_without_a_purpose_nothing_is_told(world: World) -> None:
    monitor = await world.client(Role.MONITOR)
    assert (await monitor.ask("GET", "/api/v1/alerts")).body["code"] == "purpose_required"
    assert (await monitor.ask("GET", "/api/v1/alerts/stream")).body["code"] == "purpose_required"


async def test_who_may_make_rules_and_who_may_make_targets(world: World) -> None:
    officer, admin = await world.client(Role.OFFICER), await world.client(Role.ADMIN)
    monitor = await world.client(Role.MONITOR)
    target = {"name": "所里", "kind": "webhook", "address": "https://hook.example/in"}
    assert (await monitor.ask("POST", "/api/v1/alerts/rules", json=RULE)).status == 403
    assert (await officer.ask("POST", "/api/v1/alerts/targets", json=target)).status == 403
    made = await admin.post("/api/v1/alerts/targets", target)
    assert len(made["secret"]) > 40
    shown = (await officer.get("/api/v1/alerts/targets"))["targets"]
    assert [(one["address"], "secret" in one) for one in shown] == [("hook.example", False)]
    rule = await officer.post("/api/v1/alerts/rules", {**RULE, "targets": [made["id"]]})
    changed = {**RULE, "name": "改名", "expected_revision": rule["revision"]}
    assert (await officer.ask("PUT", f"/api/v1/alerts/rules/{rule['id']}", json=changed)).body["name"] == "改名"
    assert (await officer.ask("PUT", f"/api/v1/alerts/rules/{rule['id']}", json=changed)).body["code"] == (
        "alert_rule_stale"
    )
    outside = await officer.ask("POST", "/api/v1/alerts/rules", json={**RULE, "watch": {"place": [ELSEWHERE]}})
    assert outside.body["code"] == "out_of_scope"
    assert (await officer.ask("DELETE", f"/api/v1/alerts/rules/{rule['id']}")).status == 204
    assert (await admin.ask("DELETE", f"/api/v1/alerts/targets/{made['id']}")).status == 204
    assert (await officer.ask("GET", "/api/v1/alerts/deliveries")).body["code"] == "purpose_required"
    looking = await world.client(Role.OFFICER, PurposeKind.PATROL)
    assert (await looking.get("/api/v1/alerts/deliveries")) == {"deliveries": []}

"""Alerts: the rules, where they are sent, the log of it, and what the page shows of them."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import TypeAdapter

from api.cameras import url_policy
from api.events import ShownEvent, shown
from api.routing import Needs, Routes
from api.sockets import QUEUE, open_socket, require_websocket
from api.visitor import Call, Look
from camera_hub.feed import Subscription
from camera_hub.hub import Hub
from registry import alerts, events
from registry.alerts import Alert, Delivery, rules, targets
from registry.alerts.rules import AlertRule, AlertRuleChange, NewAlertRule
from registry.alerts.targets import AlertTarget, AlertTargetChange, MadeTarget, NewAlertTarget
from registry.inputs import Input
from registry.permissions import Permission

TRY_SECONDS = 30.0
routes = Routes("alerts")


@dataclass(frozen=True, slots=True)
class Rules:
    """Alert rules by name."""

    rules: tuple[AlertRule, ...]


@dataclass(frozen=True, slots=True)
class Targets:
    """Alert targets by name."""

    targets: tuple[AlertTarget, ...]


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Lines of the log, newest first."""

    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert: the first event of its camera and minute, and how many there were. `sound`: the rule asks for one."""

    id: UUID
    rule_name: str
    sound: bool
    events: int
    at: datetime
    event: ShownEvent


@dataclass(frozen=True, slots=True)
class Alerts:
    """The last day's alerts, newest first."""

    alerts: tuple[ShownAlert, ...]


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """An alert was raised."""

    type: Literal["alert"]
    alert: ShownAlert


@dataclass(frozen=True, slots=True)
class Trial:
    """How a test message went. `error` says why not; `status` is the HTTP status."""

    ok: bool
    error: str
    status: int | None


class Before(Input):
    """Where a page of the log goes on: the last line's id."""

    before: UUID | None = None


_MESSAGE = TypeAdapter(AlertMessage)


@routes.get("/alerts/rules", Permission.MANAGE_ALERTS)
async def list_rules(call: Call) -> Rules:
    """One's own alert rules; an administrator's list holds everybody's."""
    return Rules(await rules.list_rules(call.hub.store, call.actor))


@routes.post("/alerts/rules", Permission.MANAGE_ALERTS)
async def create_rule(call: Call, body: NewAlertRule) -> AlertRule:
    """Keep a rule: from now on every new event is held against it."""
    return await rules.create(call.hub.store, body, call.actor)


@routes.put("/alerts/rules/{rule_id}", Permission.MANAGE_ALERTS)
async def change_rule(call: Call, rule_id: UUID, body: AlertRuleChange) -> AlertRule:
    """Replace a rule; 409 when somebody changed it since it was read."""
    return await rules.change(call.hub.store, rule_id, body, call.actor)


@routes.delete("/alerts/rules/{rule_id}", Permission.MANAGE_ALERTS)
async def remove_rule(call: Call, rule_id: UUID) -> None:
    """Take a rule away; what it told stays in the log."""
    await rules.remove(call.hub.store, rule_id, call.actor)


@routes.get("/alerts/targets", Permission.MANAGE_ALERTS)
async def list_targets(call: Call) -> Targets:
    """Where alerts can be sent; the whole address is the administrator's to see."""
    return Targets(await targets.list_targets(call.hub.store, call.actor))


@routes.post("/alerts/targets", Permission.MANAGE_TARGETS)
async def create_target(call: Call, body: NewAlertTarget) -> MadeTarget:
    """Make a target. A webhook's secret is in this answer and never shown again."""
    return await targets.create(call.hub.store, call.hub.vault, body, call.actor, policy=url_policy(call))


@routes.patch("/alerts/targets/{target_id}", Permission.MANAGE_TARGETS)
async def change_target(call: Call, target_id: UUID, body: AlertTargetChange) -> AlertTarget:
    """Rename a target, or switch it off or on."""
    return await targets.change(call.hub.store, target_id, body, call.actor)


@routes.delete("/alerts/targets/{target_id}", Permission.MANAGE_TARGETS)
async def remove_target(call: Call, target_id: UUID) -> None:
    """Take a target away and destroy its secret."""
    await targets.remove(call.hub.store, target_id, call.actor)


@routes.post("/alerts/targets/{target_id}/test", Permission.MANAGE_TARGETS, status=200, seconds=TRY_SECONDS)
async def test_target(call: Call, target_id: UUID) -> Trial:
    """Send a test message now; it holds no event. What goes wrong is in the answer, with 200."""
    target, sealed = await targets.to_try(call.hub.store, target_id, call.actor)
    tried = await asyncio.to_thread(call.hub.sender.try_target, sealed, target.name, target.kind)
    return Trial(tried.ok, tried.error, tried.status)


@routes.get("/alerts/deliveries", Permission.MANAGE_ALERTS, needs=Needs.PURPOSE)
async def list_deliveries(look: Look, query: Before) -> Deliveries:
    """What one's rules told, to whom and how it went, newest first, 200 a page."""
    return Deliveries(await alerts.list_deliveries(look.hub.store, look.access, query.before))


@routes.get("/alerts", Permission.SEE_EVENTS, needs=Needs.PURPOSE)
async def list_alerts(look: Look) -> Alerts:
    """The last day's alerts of one's villages, newest first, at most 200."""
    return Alerts(tuple(_shown(one) for one in await alerts.list_alerts(look.hub.store, look.access)))


@routes.get(
    "/alerts/stream",
    Permission.SEE_EVENTS,
    needs=Needs.PURPOSE,
    raw="websocket",
    status=101,
    seconds=None,
    errors=(426, 429),
)
async def watch(look: Look) -> web.StreamResponse:
    """Alerts as they are raised, over a WebSocket.

    The server sends {"type":"alert","alert":…}, {"type":"lost","count":…} and {"type":"ping"}, and closes as the stream
    of events does.
    """
    require_websocket(look.request)
    return await open_socket(look, _Alerts(look.hub))


def _shown(alert: Alert) -> ShownAlert:
    return ShownAlert(alert.id, alert.rule_name, alert.sound, alert.events, alert.at, shown(alert.event))


class _Alerts:
    """Alerts that a listener may have: he could read their events, too."""

    permission = Permission.SEE_EVENTS

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._audit_no = 0

    async def begin(self, look: Look) -> None:
        self._audit_no = await alerts.watching(self._hub.store, look.access)

    def listen(self) -> AbstractContextManager[Subscription[Alert]]:
        return self._hub.alerts.subscribe(QUEUE)

    async def message(self, look: Look, item: Alert) -> tuple[str, UUID] | None:
        if not await events.visible(self._hub.store, look.access, item.event):
            return None
        text = _MESSAGE.dump_json(AlertMessage("alert", _shown(item)), warnings="error").decode()
        return text, item.event.camera_id

    async def count(self, look: Look, cameras: list[UUID], count: int) -> None:
        await events.watched(self._hub.store, look.access, self._audit_no, cameras, count)

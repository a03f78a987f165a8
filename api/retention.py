"""Retention: what was purged and why, and what open cases are about to lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from api.routing import Routes
from api.visitor import Call
from registry import cases, purges
from registry.inputs import Input
from registry.permissions import Permission
from registry.purges import MOST, Purge
from registry.recordings.expiring import Expiring, expiring

routes = Routes("retention")


class PurgeQuery(Input):
    """How many purges, and older than which (`audit_no`)."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = 100
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None


@dataclass(frozen=True, slots=True)
class Purges:
    """Purges, newest first."""

    purges: tuple[Purge, ...]


@dataclass(frozen=True, slots=True)
class ExpiringCases:
    """Open cases whose footage goes soon, the most urgent first."""

    cases: tuple[Expiring, ...]


@routes.get("/purges", Permission.WATCH_HEALTH)
async def list_purges(call: Call, query: PurgeQuery) -> Purges:
    """What was deleted by age, by the quota or for a withdrawal: how many, how much, when. Nothing of it is shown."""
    return Purges(await purges.list_purges(call.hub.store, before=query.before, limit=query.limit))


@routes.get("/recordings/expiring", Permission.WORK_CASES)
async def list_expiring(call: Call) -> ExpiringCases:
    """Open cases whose place and time point at footage that goes within the policy's days, and of which cameras."""
    hub = call.hub
    those = await cases.list_cases(hub.store, call.actor, open_only=True)
    return ExpiringCases(await expiring(hub.store, hub.settings.record_policy, those, call.scope))

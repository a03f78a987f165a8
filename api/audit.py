"""The register of look-ups, for those who watch over it. Reading it is itself written to it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from api.routing import Routes
from api.visitor import Call
from registry import audit
from registry.inputs import Input, Moment, Short
from registry.model import AuditRow
from registry.permissions import Permission

routes = Routes("audit")


class AuditQuery(Input):
    """Which rows, newest first; `cursor` is the `next_cursor` of the page before."""

    since: Moment | None = None
    until: Moment | None = None
    user: Short | None = None
    action: Short | None = None
    cursor: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(100, ge=1, le=1000)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows, newest first; `next_cursor` is null at the first row ever written."""

    rows: tuple[AuditRow, ...]
    next_cursor: str | None


@routes.get("/audit", Permission.READ_AUDIT)
async def list_rows(call: Call, query: AuditQuery) -> Rows:
    """Who looked at what, when and why, and who changed what."""
    found = await audit.list_rows(
        call.hub.store,
        call.actor,
        since=query.since,
        until=query.until,
        user=query.user,
        action=query.action,
        before_no=query.cursor,
        limit=query.limit,
    )
    return Rows(found, str(found[-1].no) if len(found) == query.limit else None)

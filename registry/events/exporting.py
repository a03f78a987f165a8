"""Exporting: all events of a search at once, bounded, under one audit row of its own."""

from __future__ import annotations

from dataclasses import dataclass

from registry import audit
from registry.events.finding import page, refused
from registry.events.query import EventQuery
from registry.model import Access, Event
from registry.permissions import Permission, allow
from registry.store import Store

MOST = 10_000
"""Events in one export: more is no reading matter, and a file that desks' spreadsheets open at once."""
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Exported:
    """The events in the query's order; `cut` when there were more than MOST."""

    events: tuple[Event, ...]
    cut: bool


async def export(store: Store, access: Access, query: EventQuery, form: str) -> Exported:
    """Every event of a search, at most MOST; the audit row says in which `form` (csv, xlsx) they leave.

    Raises Denied (permission, purpose), Invalid (span).
    """
    found: list[Event] = []
    asked = query.model_copy(update={"cursor": None, "limit": _PAGE})
    async with refused(store, access, "event.export", query):
        allow(access.actor.user, Permission.EXPORT)
        while True:
            one = await page(store, access, asked)
            found += one.events
            if one.more is None or len(found) >= MOST:
                break
            asked = asked.model_copy(update={"cursor": one.more})
    kept = tuple(found[:MOST])
    cut = one.more is not None or len(found) > MOST
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "event.export",
            now=store.clock(),
            cameras=tuple(dict.fromkeys(event.camera_id for event in kept)),
            span=one.span,
            purpose=access.purpose,
            detail=audit.describe(
                **query.filters(), within=one.within, left_out=one.left_out, format=form, cut=cut or None
            ),
            count=len(kept),
        )
    return Exported(kept, cut)

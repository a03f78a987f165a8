"""Saved searches: the filters of a search, run again by a press."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import searches
from registry.inputs import Input
from registry.permissions import Permission
from registry.searches import NewSearch, SavedSearch

routes = Routes("searches")


class SearchesQuery(Input):
    """Whose: a case's, or one's own."""

    case: UUID | None = None


@dataclass(frozen=True, slots=True)
class Searches:
    """Saved searches, by name."""

    searches: tuple[SavedSearch, ...]


@routes.get("/searches", Permission.SEE_EVENTS, errors=(404,))
async def list_searches(call: Call, query: SearchesQuery) -> Searches:
    """The searches saved for a case, or one's own of no case. Nothing that was found is in them."""
    return Searches(await searches.list_searches(call.hub.store, query.case, call.actor))


@routes.post("/searches", Permission.SEE_EVENTS)
async def save(call: Call, body: NewSearch) -> SavedSearch:
    """Save a search's filters under a name, for a case one works on or for oneself."""
    return await searches.save(call.hub.store, body, call.actor)


@routes.delete("/searches/{search_id}", Permission.SEE_EVENTS)
async def remove(call: Call, search_id: UUID) -> None:
    """Remove a search one saved oneself."""
    await searches.remove(call.hub.store, search_id, call.actor)

"""Saved searches over HTTP: a case's and one's own, removed by who saved them; only filters are kept."""

from __future__ import annotations

from uuid import uuid4

from registry import audit
from registry.model import Role
from registry.users import CONSOLE
from tests.api.conftest import World, both_engines

PATH = "/api/v1/searches"


@both_engines
async def test_a_search_is_saved_for_a_case_or_for_oneself_and_run_by_who_may(world: World) -> None:
    officer, assistant = await world.client(Role.OFFICER), await world.client(Role.ASSISTANT)
    case = str(world.county.case)
    own = await officer.post(PATH, {"name": "我的", "query": "group=animal&night=22:00-04:30"})
    shared = await officer.post(PATH, {"name": "北门", "query": "label=sheep&direction=out", "case_id": case})
    assert [one["id"] for one in (await officer.get(PATH))["searches"]] == [own["id"]]
    assert (await assistant.get(PATH))["searches"] == []
    (seen,) = (await assistant.get(f"{PATH}?case={case}"))["searches"]
    assert (seen["id"], seen["author"], seen["mine"]) == (shared["id"], "officer", False)
    assert (await assistant.ask("DELETE", f"{PATH}/{shared['id']}")).code == (404, "search_unknown")
    assert (await officer.ask("DELETE", f"{PATH}/{shared['id']}")).status == 204
    assert (await officer.get(f"{PATH}?case={case}"))["searches"] == []
    assert (await officer.ask("GET", f"{PATH}?case={uuid4()}")).code == (404, "case_unknown")
    rows = await audit.list_rows(world.hub.store, CONSOLE)
    assert [row.action for row in rows if row.action.startswith("search.")] == [
        "search.remove", "search.save", "search.save",
    ]  # fmt: skip


async def test_only_filters_are_taken(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    for wrong in ("", "color=red", "label", "label=羊", "x" * 2001, "label=a b", "javascript:alert(1)"):
        answer = await officer.ask("POST", PATH, json={"name": "x", "query": wrong})
        assert answer.status == 422, wrong
    assert (await officer.ask("POST", PATH, json={"name": "", "query": "label=sheep"})).status == 422
    for number in range(100):
        await officer.post(PATH, {"name": f"n{number}", "query": "label=sheep"})
    full = await officer.ask("POST", PATH, json={"name": "more", "query": "label=sheep"})
    assert full.code == (409, "searches_many")

"""The candidate strip: nothing is left out uncounted, and what officers decide of passers stays on record."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from api import all_routes
from registry import audit, entrances, events, pursuit, scenes
from registry.cases import Case
from registry.entrances import NewEntrance
from registry.errors import Conflict, Denied, HubError, Invalid, NotFound
from registry.model import Access, Camera, ConsentScope, EventKind, Kind, LabelGroup, Role, State
from registry.pursuit import Decision, NewDecision, StripQuery
from registry.pursuit.candidates import _sorted_out
from registry.pursuit.things import Thing, bookmark, event, read
from registry.scenes import Line, Rule, Scene
from registry.tables import events as event_rows
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change, unwatched
from tests.registry.patrol import lit

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


async def passes(county: County, camera: Camera, minutes: float, **given: Any) -> str:
    """Somebody passes so many minutes before noon, by default for five seconds; the thing."""
    at = NOON - minutes * MINUTE
    told = {"started_at": at, "updated_at": at + timedelta(seconds=5), "ended_at": at + timedelta(seconds=5), **given}
    made = change(camera, **told)
    await events.record(county.store, [made])
    return event(made.id)


async def decided(county: County, look: Access, thing: str, decision: Decision, revision: int = 0) -> pursuit.Decided:
    assert look.purpose.case_id is not None
    new = NewDecision(thing=thing, decision=decision, expected_revision=revision)
    return await pursuit.decide(county.store, look, look.purpose.case_id, new, index=unwatched(county.store))


async def shown(county: County, look: Access, camera: Camera, **given: Any) -> pursuit.Strip:
    assert look.purpose.case_id is not None
    return await pursuit.strip(
        county.store, look, look.purpose.case_id, camera.id, StripQuery(**given), index=unwatched(county.store)
    )


async def refusal(doing: Any) -> str:
    with pytest.raises(HubError) as refused:
        await doing
    return refused.value.code


async def test_a_strip_tells_of_each_passer_when_which_way_and_how_long(county: County) -> None:
    camera, look = await county.camera(), await county.case()
    line = Line(id="gate", name="村口", a=(0.1, 0.5), b=(0.9, 0.5), in_name="进村", out_name="出村")
    rule = Rule(id="gate", name="村口", kind=EventKind.LINE_CROSSED, line="gate")
    at = await scenes.put(county.store, camera.id, Scene(lines=(line,), rules=(rule,)), CONSOLE)
    crossed = {"rule_id": "gate", "kind": EventKind.LINE_CROSSED, "scene_revision": at.revision}
    first = await passes(county, camera, 50, direction="out", **crossed)
    second = await passes(county, camera, 40, label="sheep", group=LabelGroup.ANIMAL)
    found = await shown(county, look, camera)
    assert [one.thing for one in found.candidates] == [first, second]
    assert [(one.way, one.direction) for one in found.candidates] == [("out", "出村"), (None, None)]
    assert [(one.stay_s, one.label) for one in found.candidates] == [(5.0, "person"), (5.0, "sheep")]
    assert (found.total, found.hidden, found.cut, found.next_skip) == (2, {}, False, None)
    (row,) = [one for one in await audit.list_rows(county.store, CONSOLE) if one.action == "case.candidates"]
    assert (row.cameras, row.result_count, row.case_number) == ((str(camera.id),), 2, look.purpose.case_number)


async def test_what_a_filter_hides_is_counted_under_it(county: County) -> None:
    camera, look = await county.camera(), await county.case()
    walker = await passes(county, camera, 50)
    await passes(county, camera, 49, label="dog", group=LabelGroup.ANIMAL)
    await passes(county, camera, 48, ended_at=NOON - 48 * MINUTE + timedelta(seconds=1))
    away = await passes(county, camera, 47)
    await decided(county, look, away, Decision.DROP)
    only = {"group": (LabelGroup.PERSON,), "min_s": 2.0, "decision": (Decision.OPEN,)}
    found = await shown(county, look, camera, **only)
    assert [one.thing for one in found.candidates] == [walker]
    assert found.hidden == {"group": 1, "short": 1, "decision": 1}
    assert found.total == len(found.candidates) + sum(found.hidden.values())
    assert found.decided == {Decision.OPEN: 3, Decision.KEEP: 0, Decision.DROP: 1, Decision.STAR: 0}


queries = st.builds(
    StripQuery,
    group=st.sets(st.sampled_from(LabelGroup), max_size=3).map(tuple),
    label=st.sets(st.sampled_from(["person", "sheep"]), max_size=1).map(tuple),
    direction=st.sampled_from([None, "in", "out"]),
    min_s=st.sampled_from([0.0, 2.0, 60.0]),
    decision=st.sets(st.sampled_from(Decision), max_size=3).map(tuple),
)
passers = st.lists(
    st.builds(
        pursuit.Passer,
        thing=st.just("event:x"), event_id=st.uuids(), at=st.just(NOON), ended_at=st.none(),
        stay_s=st.floats(0, 100), label=st.sampled_from(["person", "sheep", "car"]), group=st.sampled_from(LabelGroup),
        score=st.just(0.5), direction=st.none(), way=st.sampled_from([None, "in", "out"]), has_snapshot=st.booleans(),
        decision=st.sampled_from(Decision), revision=st.just(0), decided_by=st.just(""), decided_at=st.none(),
    )
)  # fmt: skip


@given(query=queries, all_of_them=passers)
@settings(max_examples=200)
def test_shown_and_hidden_are_always_all(query: StripQuery, all_of_them: list[pursuit.Passer]) -> None:
    left, hidden = _sorted_out(all_of_them, query)
    assert len(left) + sum(hidden.values()) == len(all_of_them)


async def test_a_long_strip_comes_in_pages_that_leave_nothing_out(county: County) -> None:
    camera, look = await county.camera(), await county.case()
    made = [change(camera, started_at=NOON - at * timedelta(seconds=20), ended_at=NOON) for at in range(450, 0, -1)]
    await events.record(county.store, made)
    seen: list[str] = []
    skip: int | None = 0
    while skip is not None:
        page = await shown(county, look, camera, skip=skip)
        assert page.total == 450
        seen += [one.thing for one in page.candidates]
        skip = page.next_skip
    assert seen == [event(one.id) for one in made]


async def test_a_decision_is_superseded_and_never_erased(county: County) -> None:
    camera, look = await county.camera(), await county.case()
    thing = await passes(county, camera, 30)
    first = await decided(county, look, thing, Decision.DROP)
    county.clock.turn(minutes=3)
    undone = await decided(county, look, thing, Decision.OPEN, first.revision)
    starred = await decided(county, look, thing, Decision.STAR, undone.revision)
    assert (starred.revision, starred.decided_by, starred.decided_at) == (3, "officer", county.clock())
    (candidate,) = (await shown(county, look, camera)).candidates
    assert (candidate.decision, candidate.revision, candidate.decided_by) == (Decision.STAR, 3, "officer")
    assert look.purpose.case_id is not None
    log = await pursuit.log(county.store, look, look.purpose.case_id)
    assert [one.decision for one in log] == [Decision.STAR, Decision.OPEN, Decision.DROP]
    rows = [
        json.loads(one.detail) for one in await audit.list_rows(county.store, CONSOLE) if one.action == "case.decide"
    ]
    assert [(one["before"], one["decision"]) for one in rows[::-1]] == [
        ("open", "drop"),
        ("drop", "open"),
        ("open", "star"),
    ]
    assert all(one["thing"] == thing for one in rows)


async def test_a_dropped_passer_stays_in_the_log_when_its_event_is_gone(county: County) -> None:
    camera, look = await county.camera(), await county.case()
    thing = await passes(county, camera, 30)
    await decided(county, look, thing, Decision.DROP)
    async with county.store.write() as conn:
        await conn.execute(sa.delete(event_rows))
    assert (await shown(county, look, camera)).candidates == ()
    assert look.purpose.case_id is not None
    (left,) = await pursuit.log(county.store, look, look.purpose.case_id)
    assert (left.decision, left.camera_name, left.seen_at) == (Decision.DROP, camera.name, NOON - 30 * MINUTE)


async def test_of_two_officers_who_decide_at_once_one_is_told_what_the_other_said(county: County) -> None:
    camera, li, wang = await county.camera(), await county.user("li"), await county.user("wang")
    look = await county.case(li, member_ids={li.id, wang.id})
    other = await joined(county, look, wang)
    thing = await passes(county, camera, 30)
    both = await asyncio.gather(
        decided(county, look, thing, Decision.KEEP),
        decided(county, other, thing, Decision.DROP),
        return_exceptions=True,
    )
    (won,) = [one for one in both if isinstance(one, pursuit.Decided)]
    (lost,) = [one for one in both if isinstance(one, Conflict)]
    assert (lost.code, lost.params) == (
        "decision_stale", {"by": won.decided_by, "decision": won.decision.value, "revision": 1}
    )  # fmt: skip
    assert len(await pursuit.log(county.store, look, case_of(look))) == 1


def case_of(look: Access) -> Any:
    assert look.purpose.case_id is not None
    return look.purpose.case_id


async def joined(county: County, look: Access, user: Any) -> Access:
    """A look of another member of the same case."""
    from registry import purposes
    from registry.model import Actor, PurposeKind

    actor = Actor(user, "10.1.1.2", "other")
    new = purposes.OpenPurpose(kind=PurposeKind.CASE, case_id=case_of(look))
    return Access(actor, await purposes.open(county.store, new, actor))


async def test_only_what_the_case_reaches_is_shown_and_decided(county: County) -> None:
    near, far = await county.camera(), await county.camera("220882101200")
    officer = await county.user(grants=("220882",))
    look = await county.case(officer, places=("220882100",), starts_at=NOON - DAY, ends_at=NOON)
    beyond = await passes(county, far, 30)
    early = await passes(county, near, 60 * 24 * 9)
    assert await refusal(shown(county, look, far)) == "beyond_case"
    assert await refusal(decided(county, look, beyond, Decision.KEEP)) == "beyond_case"
    assert await refusal(decided(county, look, early, Decision.KEEP)) == "beyond_case"
    assert await refusal(shown(county, look, near, since=NOON - 9 * DAY, until=NOON - 8 * DAY)) == "beyond_case"
    other, index = await county.case(officer), unwatched(county.store)
    for wrong, case in ((look, other), (await county.access(officer), look)):
        asked = pursuit.strip(county.store, wrong, case_of(case), near.id, StripQuery(), index=index)
        assert await refusal(asked) == "case_purpose"


async def test_what_an_owner_does_not_agree_to_is_no_passer(county: County) -> None:
    home, look = await county.camera(kind=Kind.CIVILIAN), await county.case()
    await county.consent(home, scopes={ConsentScope.EVENTS}, valid_to=NOON + 30 * MINUTE)
    thing = await passes(county, home, -5)
    assert (await shown(county, look, home)).total == 1
    county.clock.turn(hours=1)
    assert (await shown(county, look, home)).total == 0
    assert await refusal(decided(county, look, thing, Decision.KEEP)) == "event_unknown"


async def test_who_works_no_cases_decides_nothing(county: County) -> None:
    camera, helper = await county.camera(), await county.user("helper", Role.ASSISTANT)
    look = await county.case(helper)
    thing = await passes(county, camera, 30)
    assert (await decided(county, look, thing, Decision.KEEP)).decided_by == "helper"
    monitor = await county.access(await county.user("monitor", Role.MONITOR))
    new = NewDecision(thing=thing, decision=Decision.DROP, expected_revision=1)
    refused = refusal(pursuit.decide(county.store, monitor, case_of(look), new, index=unwatched(county.store)))
    assert await refused == "role"


@pytest.mark.parametrize("thing", ["", "event:1", "person:0199f7b0-0000-7000-8000-000000000001", "event:" + "x" * 36])
def test_what_names_no_thing_is_refused(thing: str) -> None:
    with pytest.raises(ValueError, match="thing"):
        NewDecision(thing=thing, decision=Decision.KEEP, expected_revision=0)


async def test_a_bookmark_is_no_passer_and_an_unknown_event_neither(county: County) -> None:
    look = await county.case()
    some: Thing = "bookmark:0199f7b0-0000-7000-8000-000000000001"
    with pytest.raises(Invalid):
        await decided(county, look, some, Decision.KEEP)
    with pytest.raises(NotFound):
        await decided(county, look, "event:0199f7b0-0000-7000-8000-000000000001", Decision.KEEP)


async def test_a_closed_case_is_decided_no_more(county: County) -> None:
    from registry import cases

    camera, officer = await county.camera(), await county.user()
    look = await county.case(officer)
    thing = await passes(county, camera, 30)
    closed: Case = await cases.close(county.store, case_of(look), look.actor)
    assert closed.closed_at is not None
    with pytest.raises((Denied, Conflict)):
        await decided(county, look, thing, Decision.KEEP)


async def test_gates_come_first_and_times_without_a_watch_are_told(county: County) -> None:
    road, gate = await county.camera(name="road"), await county.camera(name="gate")
    new = NewEntrance(
        place_code="220882100200", name="北门", lat=45.5, lon=124.1, bearing_deg=180, camera_ids=(gate.id,)
    )
    await entrances.create(county.store, new, CONSOLE)
    look = await county.case(starts_at=NOON - 60 * MINUTE, ends_at=NOON)
    county.clock.now = NOON - 30 * MINUTE
    await lit(county, gate)
    county.clock.now = NOON - 10 * MINUTE
    await lit(county, gate, state=State.STALLED)
    county.clock.now = NOON
    await passes(county, road, 20)
    await passes(county, road, 15)
    first, second = await pursuit.gates(county.store, look, case_of(look), StripQuery(), index=unwatched(county.store))
    assert (first.camera_name, first.entrances, first.passers) == ("gate", ("北门",), 0)
    assert (second.camera_name, second.passers) == ("road", 2)
    assert (first.span_s, first.unwatched_s, second.unwatched_s) == (3600, 2400, 3600)
    strip = await shown(county, look, gate)
    assert [(one.since, one.until) for one in strip.unwatched] == [
        (NOON - 60 * MINUTE, NOON - 30 * MINUTE),
        (NOON - 10 * MINUTE, NOON),
    ]


def test_a_thing_is_taken_apart_as_it_was_put_together() -> None:
    identity = change(type("C", (), {"id": None})(), camera_id=None).id
    assert read(event(identity)).id == identity
    assert (read(bookmark(identity)).kind, read(bookmark(identity)).id) == ("bookmark", identity)


def named(schema: Any) -> list[str]:
    """The names of all fields of a JSON schema."""
    if isinstance(schema, list):
        return [name for one in schema for name in named(one)]
    if not isinstance(schema, dict):
        return []
    own = list(schema["properties"]) if isinstance(schema.get("properties"), dict) else []
    return own + [name for one in schema.values() for name in named(one)]


def test_nobody_is_searched_by_how_he_looks() -> None:
    words = ("face", "similar", "person_id", "reid", "gait", "embedding", "ethnic", "likeness", "alike", "looks_like")
    said: list[str] = []
    for route in all_routes():
        said += [route.path, *(route.query.model_fields if route.query else ())]
        for described in (route.body, route.answer, route.line):
            said += named(described.json_schema()) if described is not None and not route.upload else []
    assert len(said) > 1000
    assert not [one for one in said if any(word in one.lower() for word in words)]

"""Marks and exports: what people say of events, on both engines, lawfully, and what leaves as a table."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registry import audit, consents, events
from registry.ages import Overdue
from registry.errors import Denied, Invalid, NotFound
from registry.events import EventQuery, NewMark, exporting
from registry.inputs import parse
from registry.model import Kind, Role, Verdict
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change

USEFUL, FALSE = NewMark(verdict=Verdict.USEFUL, note="灰色面包车"), NewMark(verdict=Verdict.FALSE)


async def _found(county: County, access: object, **query: object) -> set[UUID]:
    page = await events.search(county.store, access, EventQuery.model_validate(query))  # type: ignore[arg-type]
    return {one.id for one in page.events}


async def test_a_mark_stands_beside_its_event_whatever_revision_follows(county: County) -> None:
    camera, access = await county.camera(), await county.access()
    first = change(camera)
    await events.record(county.store, [first])
    marked = await events.mark(county.store, access, first.id, USEFUL)
    assert marked.mark is not None
    assert (marked.mark.verdict, marked.mark.note, marked.mark.marked_by) == (Verdict.USEFUL, "灰色面包车", "officer")
    assert marked.mark.marked_at == NOON

    (kept,) = await events.record(county.store, [change(camera, id=first.id, revision=1, score=0.9)])
    assert kept.event is not None
    assert kept.event.mark == marked.mark
    again = await events.mark(county.store, access, first.id, FALSE)
    assert again.mark is not None
    assert (again.mark.verdict, again.mark.note) == (Verdict.FALSE, "")
    assert (await events.mark(county.store, access, first.id, NewMark())).mark is None
    rows = [row for row in await audit.list_rows(county.store, CONSOLE) if row.action == "event.mark"]
    assert len(rows) == 3
    assert all(row.reason == "night shift" and row.cameras == (str(camera.id),) for row in rows)
    assert "灰色面包车" in rows[-1].detail


async def test_a_mark_is_made_within_scope_consent_and_purpose(county: County) -> None:
    yard, gate = await county.camera(kind=Kind.CIVILIAN), await county.camera("220882101200")
    consent = await county.consent(yard, valid_from=NOON - timedelta(days=1), signed_at=NOON - timedelta(days=1))
    seen, far = change(yard), change(gate)
    await events.record(county.store, [seen, far])
    access = await county.access(await county.user(grants=("220882100",)))
    for unknown in (far.id, uuid4()):
        with pytest.raises(NotFound):
            await events.mark(county.store, access, unknown, USEFUL)
    await events.mark(county.store, access, seen.id, USEFUL)
    await consents.withdraw(county.store, consent.id, CONSOLE)
    with pytest.raises(NotFound):
        await events.mark(county.store, access, seen.id, FALSE)
    county.clock.turn(hours=13)
    with pytest.raises(Denied) as denied:
        await events.mark(county.store, access, seen.id, FALSE)
    assert denied.value.code == "purpose_closed"


async def test_events_are_found_by_what_was_said_and_by_their_ids(county: County) -> None:
    camera, access = await county.camera(), await county.access()
    good, bad, noted, plain = made = [
        change(camera, started_at=NOON - timedelta(minutes=minute)) for minute in range(4)
    ]
    await events.record(county.store, made)
    await events.mark(county.store, access, good.id, USEFUL)
    await events.mark(county.store, access, bad.id, FALSE)
    await events.mark(county.store, access, noted.id, NewMark(note="再看"))
    for verdict, expected in (
        ("useful", {good.id}),
        ("false", {bad.id}),
        ("none", {noted.id, plain.id}),
        ("useful,none", {good.id, noted.id, plain.id}),
        ("useful,false,none", {one.id for one in made}),
    ):
        assert await _found(county, access, verdict=verdict) == expected, verdict
    buckets = await events.histogram(county.store, access, EventQuery(verdict=(Verdict.USEFUL,)), "hour")
    assert sum(one.count for one in buckets) == 1
    assert await _found(county, access, id=f"{bad.id},{plain.id}") == {bad.id, plain.id}
    assert await _found(county, access, id=str(bad.id), verdict="useful") == set()
    pages = EventQuery(verdict=("none",), limit=1)
    first = await events.search(county.store, access, pages)
    second = await events.search(county.store, access, pages.model_copy(update={"cursor": first.next_cursor}))
    assert [one.id for one in (*first.events, *second.events)] == [noted.id, plain.id]


@pytest.mark.parametrize("wrong", [{"verdict": "maybe"}, {"note": "x" * 501}, {"note": "a\x07b"}, {"who": "li"}])
def test_a_mark_is_bounded(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        parse(NewMark, wrong)
    assert parse(NewMark, {"note": " 两行\n也行 "}).note == "两行\n也行"


async def test_an_event_that_expires_takes_its_mark_along(county: County) -> None:
    camera, access = await county.camera(), await county.unlimited()
    old = change(camera, started_at=NOON - timedelta(days=40))
    await events.record(county.store, [old])
    await events.mark(county.store, access, old.id, USEFUL)
    assert (await events.expire(county.store, Overdue(NOON - timedelta(days=30), (camera.no,)))).rows == 1
    await events.record(county.store, [old])
    assert (await events.get(county.store, access, old.id)).mark is None


async def test_an_export_is_the_whole_search_under_one_row(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 7)
    here, far = await county.camera(), await county.camera("220882101200")
    made = [change(here, started_at=NOON - timedelta(minutes=minute)) for minute in range(20)]
    await events.record(county.store, [*made, change(far)])
    access = await county.access(await county.user(grants=("220882100",)))
    exported = await events.export(county.store, access, EventQuery(), "csv")
    assert [one.id for one in exported.events] == [one.id for one in made]
    assert not exported.cut
    rows = await audit.list_rows(county.store, CONSOLE)
    assert [row.action for row in rows if row.action.startswith("event")] == ["event.export"]
    (row,) = (row for row in rows if row.action == "event.export")
    assert (row.result_count, row.cameras, row.reason) == (20, (str(here.id),), "night shift")
    assert '"format":"csv"' in row.detail

    monkeypatch.setattr(exporting, "MOST", 10)
    some = await events.export(county.store, access, EventQuery(order="oldest"), "xlsx")
    assert [one.id for one in some.events] == [one.id for one in made[:9:-1]]
    assert some.cut


async def test_an_export_needs_its_right_and_a_purpose(county: County) -> None:
    assistant = await county.access(await county.user("wang", Role.ASSISTANT))
    with pytest.raises(Denied):
        await events.export(county.store, assistant, EventQuery(), "csv")
    officer = await county.access()
    county.clock.turn(hours=13)
    with pytest.raises(Denied) as denied:
        await events.export(county.store, officer, EventQuery(), "csv")
    assert denied.value.code == "purpose_closed"

"""Looks that are refused are on record; lists say what they leave out, and the register where was looked (L7, L9, L18)."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from registry import audit, events, incidents, live, patrols, placement, recordings
from registry.errors import Denied
from registry.events import EventQuery
from registry.incidents.opening import Headline
from registry.live import Wanted
from registry.model import Access, AuditRow, Camera
from registry.patrols import MarkPicture, PatrolVerdict
from registry.placement import PlacementChange
from registry.recordings.timeline import TimelineQuery
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change
from tests.registry.patrol import lit, over
from tests.registry.recordings_of import POLICY

NEAR, NEXT, FAR = "220882100200", "220882100201", "220882101200"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def looking(county: County, **case: Any) -> Access:
    officer = await county.user("officer", grants=("220882100",))
    return await county.case(officer, **{"places": (NEAR,), **case})


async def last(county: County) -> AuditRow:
    (row,) = await audit.list_rows(county.store, CONSOLE, audit.AuditQuery(limit=1))
    return row


def told(row: AuditRow) -> dict[str, Any]:
    detail: dict[str, Any] = json.loads(row.detail)
    return detail


async def refused(county: County, asked: Awaitable[object], action: str, code: str = "beyond_case") -> AuditRow:
    with pytest.raises(Denied) as why:
        await asked
    row = await last(county)
    assert (why.value.code, row.action, told(row)["refused"], row.result_count) == (code, action, code, 0)
    assert (row.user, row.purpose_kind is not None, row.case_number is not None) == ("officer", True, True)
    return row


async def near_minors(county: County, camera: Camera) -> None:
    asked = await placement.get(county.store, camera.id, EVERYTHING)
    told = PlacementChange(expected_revision=asked.revision, near_minors=True)
    await placement.change(county.store, camera.id, told, CONSOLE)


async def test_a_refused_search_is_on_record_with_what_was_asked(county: County) -> None:
    next_, far = await county.camera(NEXT), await county.camera(FAR)
    look, store = await looking(county), county.store
    by_place = await refused(county, events.search(store, look, EventQuery(place=(NEXT,))), "events.search")
    assert (told(by_place)["place"], by_place.cameras) == ([NEXT], ())
    both = EventQuery(camera=(next_.id, far.id))
    for asked, action in (
        (events.search(store, look, both), "events.search"),
        (events.histogram(store, look, both, "day"), "events.histogram"),
        (events.export(store, look, both, "csv"), "event.export"),
        (events.watching(store, look, both), "events.stream"),
    ):
        row = await refused(county, asked, action)
        assert row.cameras == (str(next_.id),), "of a camera beyond one's villages the detail alone says its id"
        assert str(far.id) in row.detail
    times = EventQuery(since=NOON + 2 * DAY, until=NOON + 3 * DAY)
    row = await refused(county, events.search(store, look, times), "events.search")
    assert (row.span_from, row.span_to) == (NOON + 2 * DAY, NOON + 3 * DAY)


async def test_refused_looks_at_one_event_live_pictures_and_recordings_are_on_record(county: County) -> None:
    near, next_ = await county.camera(NEAR), await county.camera(NEXT)
    (kept,) = await events.record(county.store, [change(next_, started_at=NOON - HOUR)])
    assert kept.event is not None
    look, store = await looking(county, starts_at=NOON - 5 * DAY, ends_at=NOON - 3 * DAY), county.store
    for asked, action in (
        (events.get(store, look, kept.event.id), "events.get"),
        (events.snapshot_of(store, look, kept.event.id), "events.snapshot"),
        (events.mark(store, look, kept.event.id, events.NewMark(note="x")), "event.mark"),
    ):
        await refused(county, asked, action)
    row = await refused(county, live.open(store, look, [Wanted(near.id, "sub", "video")]), "live.open")
    assert row.cameras == (str(near.id),)
    span = NOON - HOUR, NOON
    query = TimelineQuery.model_validate({"from": span[0], "to": span[1]})
    whole = (NOON - 5 * DAY, NOON)
    for asked, action, cameras, when in (
        (recordings.timeline(store, look, POLICY, near.id, query), "recording.list", (near,), span),
        (recordings.play(store, look, (near.id, next_.id), span, stream="sub"), "recording.play", (near, next_), span),
        (recordings.export(store, look, near.id, whole, "sub"), "recording.export", (near,), whole),
    ):
        row = await refused(county, asked, action)
        assert row.cameras == tuple(str(one.id) for one in cameras)
        assert (row.span_from, row.span_to) == when
    cut = recordings.fetch(store, look, near.id, [span], cut_no=1, digest="0" * 64, size=1)
    await refused(county, cut, "recording.fetch")


async def test_a_search_says_what_it_leaves_out_and_the_register_where_was_looked(county: County) -> None:
    near, next_ = await county.camera(NEAR), await county.camera(NEXT)
    await events.record(county.store, [change(one, started_at=NOON - HOUR) for one in (near, next_)])
    look, store = await looking(county, starts_at=NOON - 3 * DAY, ends_at=NOON - DAY), county.store

    async def left_out(**query: Any) -> tuple[str, ...]:
        page = await events.search(store, look, EventQuery(**query))
        assert (page.since, page.until) == (NOON - 4 * DAY, NOON)
        return page.left_out

    assert await left_out() == ()
    assert told(await last(county)) == {"within": ["220882100:200"]}
    assert await left_out(place=(NEAR, NEXT)) == ("places",)
    assert told(await last(county))["left_out"] == ["places"]
    assert await left_out(place=("220882100",)) == ("places",)
    assert await left_out(place=(NEAR, FAR)) == (), "of what he may not know of nothing is said"
    assert await left_out(camera=(near.id, next_.id)) == ("cameras",)
    assert await left_out(since=NOON - 9 * DAY) == ("times",)
    await events.histogram(store, look, EventQuery(camera=(near.id,)), "day")
    row = await last(county)
    assert (row.cameras, told(row)["within"]) == ((str(near.id),), ["220882100:200"])
    await events.watching(store, look, EventQuery(camera=(near.id,)))
    row = await last(county)
    assert (row.cameras, told(row)["within"]) == ((str(near.id),), ["220882100:200"])
    vain = EventQuery(camera=(near.id,), min_score=1.0)
    assert (await events.search(store, look, vain)).events == ()
    assert (await last(county)).cameras == (str(near.id),), "a vain search tells which camera it was about"


async def test_events_near_minors_need_a_reason_in_words(county: County) -> None:
    near, other = await county.camera(NEAR), await county.camera(NEAR)
    await near_minors(county, near)
    kept = await events.record(county.store, [change(one, started_at=NOON - HOUR) for one in (near, other)])
    (school, _) = [one.event for one in kept if one.event is not None]
    look, store = await looking(county), county.store
    short = Access(look.actor, replace(look.purpose, reason="看看"))

    async def seen(under: Access, **query: Any) -> tuple[set[object], tuple[str, ...]]:
        page = await events.search(store, under, EventQuery(**query))
        return {one.camera_id for one in page.events}, page.left_out

    assert await seen(look) == ({near.id, other.id}, ())
    assert await seen(short) == ({other.id}, ("minors",))
    assert await seen(short, camera=(near.id, other.id)) == ({other.id}, ("minors",))
    assert await seen(short, camera=(other.id,)) == ({other.id}, ())
    assert sum(one.count for one in await events.histogram(store, short, EventQuery(), "day")) == 1
    assert len((await events.export(store, short, EventQuery(), "csv")).events) == 1
    for asked, action in (
        (events.search(store, short, EventQuery(camera=(near.id,))), "events.search"),
        (events.get(store, short, school.id), "events.get"),
        (events.snapshot_of(store, short, school.id), "events.snapshot"),
        (events.snapshot_of(store, short, school.id, picture="still"), "events.still"),
        (events.mark(store, short, school.id, events.NewMark(note="x")), "event.mark"),
    ):
        await refused(county, asked, action, "minors_reason")
    assert (await events.get(store, look, school.id)).id == school.id


async def test_pictures_of_marks_and_incidents_near_minors_need_a_reason_in_words(county: County) -> None:
    school, store = await county.camera(NEAR), county.store
    await near_minors(county, school)
    await lit(county, school)
    walk = await over(county, await county.user("officer", grants=("220882100",)), school)
    picture = MarkPicture("hub", f"marks/2026-11-23/{uuid7()}.jpg", 9)
    opens = {"verdict": PatrolVerdict.SUSPICIOUS, "incident": Headline(title="翻墙")}
    mark = await walk.mark(school, picture=picture, **opens)
    assert mark.incident_id is not None
    (listed,) = (await patrols.list_marks(store, walk.access, walk.patrol.id)).marks
    assert listed.has_snapshot, "what somebody wrote is told; what the camera saw asks for words"
    said = Access(walk.access.actor, replace(walk.access.purpose, reason="学校门口有人翻墙"))
    for asked, action in (
        (lambda look: patrols.picture_of(store, look, walk.patrol.id, mark.id), "patrol.picture"),
        (lambda look: incidents.picture_of(store, look, mark.incident_id), "incident.picture"),
    ):
        with pytest.raises(Denied) as why:
            await asked(walk.access)
        row = await last(county)
        assert (why.value.code, row.action, told(row)["refused"]) == ("minors_reason", action, "minors_reason")
        assert row.result_count == 0
        assert await asked(said) == ("hub", picture.key)
        assert (await last(county)).result_count == 1

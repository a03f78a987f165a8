"""Events: written once whatever the order, read only lawfully."""

from __future__ import annotations

from datetime import timedelta

from registry import events
from registry.events import EventQuery
from registry.model import LabelGroup
from tests.registry.county import NOON, County, change


async def test_event_comes_back_as_it_went_in(county: County) -> None:
    camera = await county.camera()
    made = change(camera, snapshot="snapshots/2026-11-23/a-0.jpg", snapshot_bytes=10, snapshot_at=NOON)
    (done,) = await events.record(county.store, [made])
    assert done.refused is None
    assert done.event is not None
    access = await county.access()
    page = await events.search(county.store, access, EventQuery())
    assert page.events == (done.event,)
    shown = page.events[0]
    assert shown.village_code == "220882100200"
    assert shown.label == "person"
    assert shown.group is LabelGroup.PERSON
    assert shown.box == made.box
    assert shown.path == made.path
    assert shown.has_snapshot
    assert await events.get(county.store, access, made.id) == shown
    assert await events.snapshot_of(county.store, access.actor, made.id, access=access) == ("hub", made.snapshot)
    assert await events.snapshot_of(county.store, access.actor, made.id, audit_no=page.audit_no) == (
        "hub",
        made.snapshot,
    )


async def test_pages_meet_without_gap_or_double(county: County) -> None:
    cams = [await county.camera(), await county.camera("220882101200")]
    made = [change(cams[n % 2], started_at=NOON - timedelta(minutes=n // 3)) for n in range(25)]
    await events.record(county.store, made)
    access = await county.access()
    for order in ("newest", "oldest"):
        for filters in (
            {},
            {"camera": [str(c.id) for c in cams]},
            {"place": "220882100,220882101"},
            {"group": "person"},
        ):
            seen, cursor = [], None
            while True:
                page = await events.search(
                    county.store, access, EventQuery(order=order, limit=4, cursor=cursor, **filters)
                )
                seen += [event.id for event in page.events]
                cursor = page.next_cursor
                if cursor is None:
                    break
            wanted = sorted(made, key=lambda c: (c.started_at, c.id), reverse=order == "newest")
            assert seen == [one.id for one in wanted]

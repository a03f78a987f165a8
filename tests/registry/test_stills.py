"""Full-size pictures of events: kept beside the snapshot, read under the same rules, gone with the event."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registry import audit, check, events
from registry.ages import Overdue
from registry.errors import NotFound
from registry.events import EventQuery
from registry.events.named import named
from registry.model import Kind, StillChange
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change

NODE = "node-a"


def still(event_id: UUID, node: str = NODE, key: str | None = None) -> StillChange:
    return StillChange(
        event_id, key or f"snapshots/2026-11-23/{event_id}-still.jpg", 90_000, NOON + timedelta(seconds=3), node
    )


def snapshot(event_id: UUID, revision: int) -> str:
    return f"snapshots/2026-11-23/{event_id}-{revision}.jpg"


async def test_a_still_is_told_by_itself_and_later_word_of_the_event_leaves_it(county: County) -> None:
    camera, access = await county.camera(), await county.access()
    event = change(camera, node=NODE, revision=1)
    await events.record(county.store, [event])
    (told,), discard = await events.record_stills(county.store, [still(event.id)])
    assert (told.id, told.has_still, told.still_at, discard) == (event.id, True, NOON + timedelta(seconds=3), ())
    later = change(camera, id=event.id, node=NODE, revision=2, snapshot=snapshot(event.id, 2), snapshot_bytes=9)
    await events.record(county.store, [later])
    seen = await events.get(county.store, access, event.id)
    assert (seen.revision, seen.has_snapshot, seen.has_still) == (2, True, True)
    wanted = NODE, still(event.id).still
    assert await events.snapshot_of(county.store, access, event.id, picture="still") == wanted
    (row, *_) = await audit.list_rows(county.store, CONSOLE)
    assert (row.action, row.cameras, row.result_count) == ("events.still", (str(camera.id),), 1)
    page = await events.search(county.store, access, EventQuery(since=NOON - timedelta(hours=1)))
    covered = await events.snapshot_of(county.store, access, event.id, picture="still", audit_no=page.audit_no)
    assert covered == wanted


async def test_a_still_nobody_names_is_deleted(county: County) -> None:
    civilian = await county.camera(kind=Kind.CIVILIAN)
    refused = change(civilian, node=NODE)
    (told,) = await events.record(county.store, [refused])
    assert told.refused == "no_consent"
    elsewhere = change(await county.camera(), node="node-b")
    await events.record(county.store, [elsewhere])
    vain = [still(refused.id), still(uuid4()), still(elsewhere.id)]
    shown, discard = await events.record_stills(county.store, vain)
    assert shown == ()
    assert discard == tuple((NODE, one.still) for one in vain)


@pytest.mark.parametrize("key", ["../../etc/passwd", "snapshots/2026-11-23/x-still.jpg", "a" * 200, ""])
async def test_a_still_must_be_the_events_own(county: County, key: str) -> None:
    event = change(await county.camera(), node=NODE)
    await events.record(county.store, [event])
    assert await events.record_stills(county.store, [still(event.id, key=key or "/")]) == ((), ())
    access = await county.access()
    with pytest.raises(NotFound):
        await events.snapshot_of(county.store, access, event.id, picture="still")


async def test_sweep_check_quota_and_age_know_stills(county: County) -> None:
    camera = await county.camera()
    event = change(camera, node=NODE, revision=1)
    event = change(camera, id=event.id, node=NODE, snapshot=snapshot(event.id, 0), snapshot_bytes=10)
    await events.record(county.store, [event])
    await events.record_stills(county.store, [still(event.id)])
    keys = {snapshot(event.id, 0), still(event.id).still}
    assert await named(county.store, NODE, [*keys, snapshot(event.id, 7)]) == keys
    assert (await check.compare(county.store, keys, NODE)).missing == ()
    report = await check.compare(county.store, {snapshot(event.id, 0)}, NODE)
    assert report.missing == (still(event.id).still,)
    released = await events.release(county.store, 1)
    assert set(released.files) == {(NODE, key) for key in keys}
    await events.record_stills(county.store, [still(event.id)])
    gone = await events.expire(county.store, Overdue(NOON + timedelta(days=1), (camera.no,)))
    assert gone.files == ((NODE, still(event.id).still),)

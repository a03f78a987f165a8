"""Events: written once whatever the order, read only lawfully."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from registry import audit, cameras, check, events, places, purposes, users
from registry.ages import Overdue
from registry.errors import Denied, NotFound
from registry.events import EventQuery
from registry.model import Access, Box, Camera, EventChange, EventKind, LabelGroup, Role
from registry.places import PlaceChange
from registry.store import Store
from registry.tables import events as rows
from registry.users import CONSOLE, UserChange
from tests import lawful
from tests.registry.county import NOON, County, change


def _key(change_id: object, revision: int) -> str:
    return f"snapshots/2026-11-23/{change_id}-{revision}.jpg"


def _life(camera: Camera) -> list[EventChange]:
    """Five revisions of one event; three bring pictures, the label settles late."""
    own = uuid7()
    labels = ("unknown", "unknown", "dog", "dog", "sheep")
    return [
        change(
            camera,
            id=own,
            revision=number,
            label=label,
            group=LabelGroup.UNKNOWN if label == "unknown" else LabelGroup.ANIMAL,
            score=0.5 + number / 10,
            updated_at=NOON + timedelta(seconds=number),
            ended_at=NOON + timedelta(seconds=9) if number == 4 else None,
            snapshot=_key(own, number) if number in (0, 2, 3) else None,
            snapshot_bytes=1000 + number,
            snapshot_at=NOON + timedelta(seconds=number),
        )
        for number, label in enumerate(labels)
    ]


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
    assert (shown.label, shown.group) == ("person", LabelGroup.PERSON)
    assert (shown.box, shown.path) == (made.box, made.path)
    assert shown.has_snapshot
    assert await events.get(county.store, access, made.id) == shown


async def test_any_order_and_repetition_end_the_same(county: County) -> None:
    camera = await county.camera()
    access = await county.access()
    rng = random.Random(1)
    for order in rng.sample(list(permutations(range(5))), 12):
        life = _life(camera)
        sent = [life[number] for number in order]
        sent += rng.sample(sent, 3)
        files = {(one.node, one.snapshot) for one in life if one.snapshot}
        thrown: set[tuple[str, str]] = set()
        at = 0
        while at < len(sent):
            size = rng.randint(1, 4)
            for one in await events.record(county.store, sent[at : at + size]):
                assert one.refused is None
                thrown |= set(one.discard)
            at += size
        seen = await events.get(county.store, access, life[0].id)
        assert (seen.revision, seen.label, seen.score, seen.ended_at) == (4, "sheep", 0.9, life[4].ended_at)
        assert seen.snapshot_at == life[3].snapshot_at
        kept = await events.snapshot_of(county.store, access, seen.id)
        assert kept == ("hub", life[3].snapshot)
        assert thrown == files - {kept}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
async def test_what_is_recognised_later_is_found_as_what_it_is_and_no_more_as_unknown(
    county: County, order: tuple[int, ...]
) -> None:
    camera, access, own = await county.camera(), await county.access(), uuid7()
    unknown = {
        "kind": EventKind.UNKNOWN_MOVING,
        "rule_id": "moving",
        "rule_name": "unknown moving thing",
        "label": "unknown",
        "group": LabelGroup.UNKNOWN,
        "score": 0.0,
    }
    named = {"rule_id": "things", "rule_name": "things"}
    life = (
        change(camera, id=own, revision=1, **unknown),
        change(camera, id=own, revision=2, **named, label="person", group=LabelGroup.PERSON, score=0.4),
        change(camera, id=own, revision=3, **named, label="bicycle", group=LabelGroup.TWO_WHEELER, score=0.6),
    )
    for number in order:
        await events.record(county.store, [life[number]])

    async def found(**asked: Any) -> list[str]:
        page = await events.search(county.store, access, EventQuery(**asked))
        return [one.label for one in page.events]

    assert await found() == ["bicycle"]
    asked_now: list[dict[str, Any]] = [
        {"label": ["bicycle"]},
        {"group": ["two_wheeler"]},
        {"kind": ["object"]},
        {"rule": ["things"]},
        {"min_score": 0.5},
        {"label": ["bicycle"], "kind": ["object"], "place": ["220882"]},
    ]
    for asked in asked_now:
        assert await found(**asked) == ["bicycle"], asked
    asked_before: list[dict[str, Any]] = [
        {"label": ["unknown", "person"]},
        {"group": ["unknown", "person"]},
        {"kind": ["unknown_moving"]},
        {"rule": ["moving"]},
    ]
    for asked in asked_before:
        assert await found(**asked) == [], asked
    buckets = await events.histogram(county.store, access, EventQuery(), "day")
    assert [dict(bucket.by_group) for bucket in buckets if bucket.count] == [{LabelGroup.TWO_WHEELER: 1}]


async def test_two_writers_of_the_same_events_end_the_same(url: str, county: County) -> None:
    camera, ids = await county.camera(), [uuid7() for _ in range(30)]
    other = await Store.open(url, clock=county.clock)
    rng = random.Random(3)
    made = [change(camera, id=one, revision=revision, score=revision / 10) for one in ids for revision in range(4)]
    batches = [
        (store, shuffled[start : start + 40])
        for store in (county.store, other)
        for shuffled in [rng.sample(made, len(made))]
        for start in range(0, len(made), 40)
    ]
    await asyncio.gather(*(events.record(store, batch) for store, batch in batches))
    await other.close()
    page = await events.search(county.store, await county.access(), EventQuery())
    assert sorted((one.id, one.revision, one.score) for one in page.events) == [(one, 3, 0.3) for one in sorted(ids)]


async def test_only_what_changed_is_handed_on(county: County) -> None:
    camera = await county.camera()
    life = _life(camera)
    done = await events.record(county.store, life[:3])
    assert [one.event is not None for one in done] == [False, False, True]
    again = await events.record(county.store, life[:3])
    assert [(one.event, one.refused) for one in again] == [(None, None)] * 3
    assert again[2].discard == ()


async def test_what_no_worker_sends_is_refused_and_holds_nobody_up(county: County) -> None:
    camera, other = await county.camera(), await county.camera("220882101200")
    good = change(camera)
    await events.record(county.store, [good])
    wrong: list[tuple[EventChange, str]] = [
        (change(camera, camera_id=uuid4()), "camera_unknown"),
        (change(other, id=good.id, revision=5), "other_camera"),
        *(
            (replace(change(camera), **given), "invalid")
            for given in (
                {"revision": -1},
                {"revision": 2**31},
                {"label": "x" * 65},
                {"label": "nul\x00"},
                {"rule_name": "\ud800"},
                {"score": float("nan")},
                {"box": Box(0, float("inf"), 1, 1)},
                {"path": ((0.5, 0.5),) * 65},
                {"started_at": NOON.replace(tzinfo=None)},
                {"started_at": NOON.replace(year=1970)},
                {"snapshot": "../../etc/passwd"},
                {"snapshot": "/etc/passwd"},
            )
        ),
    ]
    done = await events.record(county.store, [one for one, _ in wrong] + [change(camera)])
    assert [one.refused for one in done] == [why for _, why in wrong] + [None]
    assert done[-1].event is not None
    assert all(one.discard == () for one in done)


async def test_removed_camera_takes_no_events_and_keeps_its_old_ones(county: County) -> None:
    camera = await county.camera()
    await events.record(county.store, [change(camera)])
    await cameras.remove(county.store, camera.id, CONSOLE)
    (late,) = await events.record(county.store, [change(camera)])
    assert late.refused == "camera_unknown"
    assert len((await events.search(county.store, await county.access(), EventQuery())).events) == 1


async def test_village_of_its_time(county: County) -> None:
    camera = await county.camera("220882100201")
    await events.record(county.store, [change(camera)])
    moved = cameras.CameraChange(village_code="220882101200")
    await cameras.change(county.store, county.vault, camera.id, moved, CONSOLE)
    await places.change(county.store, "220882100201", PlaceChange(code="220882100299"), CONSOLE)
    access = await county.access()
    (event,) = (await events.search(county.store, access, EventQuery(place=["220882100299"]))).events
    assert event.village_code == "220882100299"
    assert (await events.search(county.store, access, EventQuery(place=["220882101"]))).events == ()


async def test_nothing_is_read_without_a_lawful_look(county: County) -> None:
    camera = await county.camera()
    made = change(camera)
    (done,) = await events.record(county.store, [made])
    assert done.event is not None
    store, user = county.store, await county.user()
    lawful = await county.access(user)
    outside = await county.access(await county.user("outside", grants=("220882101",)))
    nobody = await county.access(await county.user("nobody", Role.ADMIN, grants=()))
    for access in (outside, nobody):
        assert (await events.search(store, access, EventQuery())).events == ()
        assert await events.histogram(store, access, EventQuery(), "day") == ()
        with pytest.raises(NotFound):
            await events.get(store, access, made.id)
        assert not await events.visible(store, access, done.event)
    borrowed = Access(outside.actor, lawful.purpose)
    inactive = Access(replace(lawful.actor, user=replace(user, active=False)), lawful.purpose)
    closed = Access(lawful.actor, await purposes.close(store, lawful.purpose.id, lawful.actor))
    for access in (borrowed, inactive, closed):
        for read in (
            events.search(store, access, EventQuery()),
            events.histogram(store, access, EventQuery(), "day"),
            events.get(store, access, made.id),
            events.snapshot_of(store, access, made.id),
            events.watching(store, access, EventQuery()),
        ):
            with pytest.raises(Denied):
                await read
    assert not await events.visible(store, lawful, done.event)


async def test_stream_stops_when_the_ground_goes(county: County) -> None:
    camera = await county.camera()
    (done,) = await events.record(county.store, [change(camera)])
    event = done.event
    assert event is not None
    store, user = county.store, await county.user()
    access = await county.access(user)
    assert await events.visible(store, access, event)
    assert await events.visible(store, access, event, EventQuery(place=["220882100"], group=["person"]))
    assert not await events.visible(store, access, event, EventQuery(place=["220882101"]))
    assert not await events.visible(store, access, event, EventQuery(night_from="22:00", night_to="04:30"))
    await users.set_grants(store, user.id, ["220882101"], CONSOLE)
    assert not await events.visible(store, access, event)
    await users.set_grants(store, user.id, ["220882"], CONSOLE)
    await users.change(store, user.id, UserChange(active=False), CONSOLE)
    assert not await events.visible(store, access, event)
    await users.change(store, user.id, UserChange(active=True), CONSOLE)
    county.clock.turn(hours=12)
    assert not await events.visible(store, access, event)


async def test_lists_cover_their_pictures_for_five_minutes(county: County) -> None:
    camera = await county.camera()
    made = change(camera, snapshot="snapshots/x/a-0.jpg", snapshot_bytes=1, snapshot_at=NOON)
    bare = change(camera)
    await events.record(county.store, [made, bare])
    access = await county.access()
    page = await events.search(county.store, access, EventQuery())
    wanted = ("hub", made.snapshot)
    before = len(await audit.list_rows(county.store, CONSOLE))
    assert await events.snapshot_of(county.store, access, made.id, audit_no=page.audit_no) == wanted
    assert len(await audit.list_rows(county.store, CONSOLE)) == before + 1
    with pytest.raises(NotFound) as none:
        await events.snapshot_of(county.store, access, bare.id, audit_no=page.audit_no)
    assert none.value.code == "snapshot_none"
    other = await county.access(await county.user("other"))
    for look, number in ((other, page.audit_no), (access, page.audit_no - 1), (access, 10**9)):
        with pytest.raises(Denied) as err:
            await events.snapshot_of(county.store, look, made.id, audit_no=number)
        assert err.value.code == "ticket"
    county.clock.turn(minutes=5)
    with pytest.raises(Denied):
        await events.snapshot_of(county.store, access, made.id, audit_no=page.audit_no)
    assert await events.snapshot_of(county.store, access, made.id) == wanted


async def test_expiry_in_batches_leaves_the_young_and_tells_the_files(county: County) -> None:
    camera = await county.camera()
    made = [
        change(camera, started_at=NOON - timedelta(days=day), snapshot=f"snapshots/x/{day}.jpg", snapshot_bytes=100)
        for day in range(10)
    ]
    await events.record(county.store, [*made, change(camera, started_at=NOON - timedelta(days=20))])
    gone = [
        await events.expire(county.store, Overdue(NOON - timedelta(days=5), (camera.no,)), limit=3) for _ in range(3)
    ]
    assert [one.rows for one in gone] == [3, 2, 0]
    assert {key for one in gone for _, key in one.files} == {f"snapshots/x/{day}.jpg" for day in range(6, 10)}
    freed = await events.release(county.store, 150, limit=10)
    assert freed.files == (("hub", "snapshots/x/5.jpg"), ("hub", "snapshots/x/4.jpg"))
    assert (await events.release(county.store, 10**9, limit=1)).rows == 1
    page = await events.search(county.store, await county.case(), EventQuery())
    assert [event.has_snapshot for event in page.events] == [True] * 3 + [False] * 3
    (late,) = await events.record(county.store, [made[5]])
    assert (late.event, late.discard) == (None, (("hub", "snapshots/x/5.jpg"),))


async def test_check_finds_what_does_not_fit(county: County) -> None:
    camera = await county.camera()
    keys = [f"snapshots/x/{number}.jpg" for number in range(4)]
    await events.record(
        county.store, [change(camera, snapshot=key, snapshot_bytes=1, snapshot_at=NOON) for key in keys]
    )
    files = [*keys, lawful.SIGN.key]
    assert (await check.compare(county.store, files, "hub")).clean
    report = await check.compare(county.store, [*files[1:], "snapshots/x/orphan.jpg"], "hub")
    assert (report.missing, report.orphans, report.clean) == ((keys[0],), ("snapshots/x/orphan.jpg",), False)
    assert (report.events, report.files) == (4, 5)
    assert (await check.compare(county.store, keys, "hub")).missing == (lawful.SIGN.key,)
    from registry.tables import cameras as camera_rows

    async with county.store.write() as conn:
        await conn.execute(sa.update(camera_rows).values(scene_revision=7))
    faults = (await check.compare(county.store, files, "hub")).faults
    assert len(faults) == 1
    assert str(camera.id) in faults[0]


async def test_killed_between_statements_keeps_nothing_half(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = await county.camera()

    async def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("registry.events.recording._events", dies)
    with pytest.raises(KeyboardInterrupt):
        await events.record(county.store, [change(camera)])
    async with county.store.read() as conn:
        assert await conn.scalar(sa.select(sa.func.count()).select_from(rows)) == 0


async def test_clock_put_back_hides_nothing(county: County) -> None:
    camera = await county.camera()
    await events.record(county.store, [change(camera, kind=EventKind.UNKNOWN_MOVING)])
    access = await county.access()
    county.clock.turn(hours=-1)
    assert len((await events.search(county.store, access, EventQuery())).events) == 1

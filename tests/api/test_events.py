"""Events over HTTP: purpose, scope, consent, filters, pages, pictures and their tickets, and the audit of all that."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.tickets import SECONDS, Tickets
from camera_hub import media
from camera_hub.recall.stills.sheet import What
from registry import consents, events, purposes
from registry.errors import Denied
from registry.model import EventKind, LabelGroup, PurposeKind, Role
from registry.users import CONSOLE

from .conftest import JPEG, World, both_engines


@both_engines
async def test_a_search_finds_what_the_user_may_see_with_pictures(world: World) -> None:
    seen = {str(await world.event("gate")), str(await world.event("yard"))}
    await world.event("far")
    client = await world.client(Role.OFFICER, PurposeKind.CASE)
    page = await client.get("/api/v1/events")
    assert {event["id"] for event in page["events"]} == seen
    event = page["events"][0]
    assert "no" not in event
    assert event["started_at"].endswith("Z")
    assert event["box"] == {"x0": 0.1, "y0": 0.1, "x1": 0.2, "y1": 0.5}
    picture = await client.ask("GET", event["snapshot_url"], raw=True)
    assert (picture.status, picture.body) == (200, JPEG)
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Cache-Control"] == "no-store"


async def test_an_event_without_a_picture_has_no_address_for_one(world: World) -> None:
    event_id = await world.event(picture=False)
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    (event,) = (await client.get("/api/v1/events"))["events"]
    assert event["snapshot_url"] is None
    assert (await client.ask("GET", f"/api/v1/events/{event_id}/snapshot")).status == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("?label=person", 2),
        ("?group=animal&group=vehicle", 1),
        ("?kind=unknown_moving", 1),
        ("?min_score=0.9", 0),
        ("?place=220882", 3),
        ("?place=220882100202", 0),
        ("?camera={gate}", 2),
        ("?camera={gate}&camera={yard}", 3),
        ("?night_from=22:00&night_to=04:30&min_score=0.99", 0),
        ("?near=45.5,124.1&radius_m=100", 3),
        ("?near=46.5,124.1&radius_m=100", 0),
        ("?order=oldest&limit=2", 2),
    ],
)
async def test_filters(world: World, query: str, found: int) -> None:
    await world.event("gate")
    await world.event("yard", label="dog", group=LabelGroup.ANIMAL, kind=EventKind.UNKNOWN_MOVING)
    await world.event("gate")
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    named = query.format(**world.county.cameras)
    assert len((await client.get(f"/api/v1/events{named}"))["events"]) == found


@both_engines
async def test_pages_follow_each_other_and_belong_to_their_query(world: World) -> None:
    all_ids = [str(await world.event(started_at=datetime.now(UTC) - timedelta(minutes=n))) for n in range(5)]
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    found, cursor = [], ""
    while True:
        page = await client.get("/api/v1/events", params={"limit": "2", **({"cursor": cursor} if cursor else {})})
        found += [event["id"] for event in page["events"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        other = await client.ask("GET", "/api/v1/events", params={"cursor": cursor, "label": "dog"})
        assert other.code == (422, "cursor")
    assert found == all_ids


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("since=2026-11-01T00:00:00", "query.since"),
        ("limit=201", "query.limit"),
        ("place=22", "query.place"),
        ("camera=1", "query.camera"),
        ("night_from=22:00", "query"),
        ("near=91,2", "query"),
        ("near=here", "query.near"),
        ("min_score=nan", "query.min_score"),
        ("since=0001-01-01T00:00:00%2B14:00", "query"),
        ("until=9999-12-31T23:59:59-12:00", "query"),
        ("since=2020-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", "query"),
        ("cursor=x';drop table events--", "query.cursor"),
    ],
)
async def test_wrong_searches_name_the_field(world: World, query: str, path: str) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    answer = await client.ask("GET", f"/api/v1/events?{query}")
    assert answer.status == 422, answer
    assert all(field["path"].startswith(path) for field in answer.body["fields"]), answer
    assert answer.body["fields"], answer


@both_engines
async def test_one_event_and_its_histogram(world: World) -> None:
    event_id, far = await world.event("gate"), await world.event("far")
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    event = await client.get(f"/api/v1/events/{event_id}")
    assert event["village_name"] == "汉书村"
    assert (await client.ask("GET", event["snapshot_url"], raw=True)).body == JPEG
    assert (await client.ask("GET", f"/api/v1/events/{far}")).status == 404
    for bucket in ("hour", "day"):
        (one,) = (await client.get(f"/api/v1/events/histogram?bucket={bucket}"))["buckets"]
        assert (one["count"], one["by_group"]) == (1, {"person": 1})
    for paging in ("limit=5", "order=oldest", "cursor=x"):
        refused = await client.ask("GET", f"/api/v1/events/histogram?{paging}")
        assert refused.body["fields"][0]["code"] == "extra_forbidden"


@both_engines
async def test_a_ticket_is_for_one_picture_one_session_and_five_minutes(world: World) -> None:
    await world.event("gate")
    other_id = await world.event("gate")
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    listed = (await client.get("/api/v1/events"))["events"]
    by_id = {event["id"]: event["snapshot_url"] for event in listed}
    url = by_id[str(other_id)]
    stranger = await world.client(Role.OFFICER, PurposeKind.PATROL)
    assert (await stranger.ask("GET", url)).code == (403, "ticket")
    assert (await world.anonymous().ask("GET", url)).code == (401, "not_signed_in")
    wrong = next(other for event_id, other in by_id.items() if event_id != str(other_id))
    swapped = url.partition("?")[0] + "?" + wrong.partition("?")[2]
    assert (await client.ask("GET", swapped)).code == (403, "ticket")
    assert (await client.ask("GET", url[:-1] + ("A" if url[-1] != "A" else "B"))).code == (403, "ticket")
    assert (await client.ask("GET", url.partition("?")[0] + "?ticket=..%2f..%2fetc")).code == (403, "ticket")
    assert (await client.ask("GET", url, raw=True)).status == 200
    # the ticket says that the look is written down; what one may look at is asked all the same
    await client.ask("PUT", "/api/v1/session/purpose", json={"purpose_id": None})
    for address in (url, url.partition("?")[0]):
        assert (await client.ask("GET", address)).code == (403, "purpose_required")


def test_a_ticket_expires() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    clock = [now]
    tickets, event_id = Tickets(b"k" * 32, lambda: clock[0]), uuid4()
    ticket = tickets.make(17, event_id, "session")
    clock[0] = now + timedelta(seconds=SECONDS - 1)
    assert tickets.check(ticket, event_id, "session") == 17
    clock[0] = now + timedelta(seconds=SECONDS + 1)
    with pytest.raises(Denied, match="expired"):
        tickets.check(ticket, event_id, "session")
    with pytest.raises(Denied):
        Tickets(b"l" * 32, lambda: now).check(ticket, event_id, "session")


async def test_a_withdrawn_consent_hides_events_and_pictures_at_once(world: World) -> None:
    event_id = await world.event("yard")
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    (event,) = (await client.get("/api/v1/events"))["events"]
    assert world.county.consent is not None
    await consents.withdraw(world.hub.store, world.county.consent, CONSOLE)
    assert (await client.get("/api/v1/events"))["events"] == []
    assert (await client.ask("GET", event["snapshot_url"])).status == 404
    assert (await client.ask("GET", f"/api/v1/events/{event_id}")).status == 404


@both_engines
async def test_pictures_of_many_events_come_as_one_sheet_and_one_row(world: World) -> None:
    gate, yard, bare = await world.event("gate"), await world.event("yard"), await world.event("gate", picture=False)
    started = world.hub.store.clock() - timedelta(hours=1)
    gone = await world.event("gate", started_at=started)
    world.hub.media.delete([media.snapshot_key(gone, 1, started)])
    asked = [gate, yard, await world.event("far"), bare, gone, uuid4()]
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)

    async def sheet() -> list[tuple[int, int, bytes]]:
        body = {"event_ids": [str(one) for one in asked]}
        data = (await client.ask("POST", "/api/v1/events/pictures", json=body, raw=True)).body
        cells = []
        while data:
            place, *_, what, size = struct.unpack_from(">qqHHBxxxI", data)
            cells.append((place, what, data[28 : 28 + size]))
            data = data[28 + size :]
        return cells

    none, unread = (What.NONE, b""), (What.UNREAD, b"")
    shown = [(What.PICTURE, JPEG), (What.PICTURE, JPEG), none, none, unread, none]
    assert await sheet() == [(place, *one) for place, one in enumerate(shown)]
    admin = await world.client(Role.ADMIN)
    (row,) = (await admin.get("/api/v1/audit?action=events.pictures"))["rows"]
    assert (len(row["cameras"]), row["result_count"], row["purpose_kind"]) == (2, 3, "patrol")
    assert world.county.consent is not None
    await consents.withdraw(world.hub.store, world.county.consent, CONSOLE)
    assert (await sheet())[1][1:] == none
    for count in (0, 201):
        body = {"event_ids": [str(uuid4()) for _ in range(count)]}
        assert (await client.ask("POST", "/api/v1/events/pictures", json=body)).status == 422


async def test_a_picture_that_is_gone_from_the_disk_is_not_found(world: World) -> None:
    event_id = await world.event("gate")
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    (event,) = (await client.get("/api/v1/events"))["events"]
    started = datetime.fromisoformat(event["started_at"])
    world.hub.media.delete([media.snapshot_key(event_id, 1, started)])
    assert (await client.ask("GET", event["snapshot_url"])).code == (404, "snapshot_missing")


@both_engines
async def test_every_read_is_in_the_audit_with_its_purpose(world: World) -> None:
    await world.event("gate")
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    (event,) = (await officer.get("/api/v1/events"))["events"]
    await officer.get(f"/api/v1/events/{event['id']}")
    await officer.get("/api/v1/events/histogram")
    admin = await world.client(Role.ADMIN)
    rows = (await admin.get("/api/v1/audit?user=officer"))["rows"]
    reads = [row for row in rows if row["action"].startswith("event")]
    assert len(reads) == 3
    assert {row["case_number"] for row in reads} == {"A-2026-1"}
    assert all(row["address"] == "127.0.0.1" and row["purpose_kind"] == "case" for row in reads)
    first = await admin.get("/api/v1/audit?limit=2")
    assert len(first["rows"]) == 2
    second = await admin.get(f"/api/v1/audit?limit=2&cursor={first['next_cursor']}")
    assert second["rows"][0]["hash"] not in {row["hash"] for row in first["rows"]}


async def test_an_expired_purpose_is_closed(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    purpose = (await client.get("/api/v1/session"))["purpose"]
    assert purpose is not None
    store, now = world.hub.store, world.hub.store.clock
    store.clock = lambda: now() + timedelta(hours=13)  # type: ignore[method-assign]
    assert (await client.ask("GET", "/api/v1/events")).status in (401, 403)
    store.clock = now  # type: ignore[method-assign]
    assert (await client.ask("GET", "/api/v1/events")).status == 200
    assert await purposes.list_open(store, CONSOLE.user) == ()


@pytest.mark.parametrize("ticket", [True, False])
async def test_a_picture_replaced_while_it_is_fetched_is_the_new_one(
    world: World, monkeypatch: pytest.MonkeyPatch, ticket: bool
) -> None:
    event_id = await world.event("gate")
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    (event,) = (await client.get("/api/v1/events"))["events"]
    started, read = datetime.fromisoformat(event["started_at"]), events.snapshot_of

    async def moving_on(*args: object, **given: object) -> tuple[str, str]:
        """The row is read; before its file is opened a better picture takes its place, as the keeper does it."""
        found = await read(*args, **given)  # type: ignore[arg-type]
        if world.last is not None and world.last.revision == 1:
            await world.event("gate", id=event_id, revision=2, started_at=started)
            world.hub.media.delete([found[1]])
        return found

    monkeypatch.setattr(events, "snapshot_of", moving_on)
    url = event["snapshot_url"] if ticket else event["snapshot_url"].partition("?")[0]
    picture = await client.ask("GET", url, raw=True)
    assert (picture.status, picture.body) == (200, JPEG)

"""Bookmarks over HTTP: the frame that was seen, versions, what a case reaches, and what is held."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import av
import cv2
import numpy as np
import pytest

from camera_hub.recording.decoder import pixels_digest
from registry import consents
from registry.consents import NewConsent
from registry.model import ConsentScope, PurposeKind, Role
from registry.recordings import holds
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.api.conftest import Client, World, both_engines
from tests.api.test_recordings import SECOND, hour_ago, record, stamp
from tests.camera_hub.recording.footage import Take, number_in


def path(world: World, *more: str) -> str:
    return "/".join((f"/api/v1/cases/{world.county.case}/bookmarks", *more))


def of(world: World, at: datetime, camera: str = "gate", **more: Any) -> dict[str, Any]:
    return {"camera_id": str(world.county.cameras[camera]), "at": stamp(at), "kind": "sighting", **more}


async def picture(client: Client, url: str) -> np.ndarray[Any, Any]:
    answer = await client.ask("GET", url, raw=True)
    assert answer.status == 200, answer.body
    return cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    "take", [Take(frames=60, gop=15), Take(frames=60, gop=15, bframes=2), Take(codec="hevc", frames=60, gop=15)]
)
async def test_the_still_is_the_frame_shown_at_that_moment(world: World, take: Take) -> None:
    begin = hour_ago()
    file = await record(world, begin, take=take)
    with av.open(str(file)) as container:
        frames = {
            round(float(one.pts * one.time_base) * 1_000_000): pixels_digest(one) for one in container.decode(video=0)
        }
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    for ms in (0, 950, 1000, 2345, 3999):
        made = await officer.post(path(world), of(world, begin + timedelta(milliseconds=ms)))
        shown = max((one for one in frames if one <= ms * 1000), default=min(frames))
        assert (made["frame_pts"], made["frame_digest"]) == (shown, frames[shown]), ms
        assert (made["width"], made["height"], made["stream"]) == (take.width, take.height, "sub")
        assert made["segment_at"] == stamp(begin)
        assert made["clock_offset_ms"] == 120, "the camera's own clock as it was then"
        answer = await officer.ask("GET", made["still_url"], raw=True)
        assert hashlib.sha256(answer.body).hexdigest() == made["still_digest"]
        assert number_in(await picture(officer, made["still_url"])) == sorted(frames).index(shown)


@both_engines
async def test_a_bookmark_is_never_edited_only_superseded_and_one_of_two_is_told(world: World) -> None:
    begin = hour_ago()
    await record(world, begin)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    assistant = await world.client(Role.ASSISTANT, PurposeKind.CASE)
    first = await officer.post(path(world), of(world, begin + SECOND, note="白色三轮"))
    assert (first["version"], first["author"], first["confidence"]) == (1, "officer", "unknown")
    new = {"kind": "lead", "confidence": "likely", "note": "红色三轮"}
    both = await asyncio.gather(
        *(one.ask("POST", path(world, first["id"], "supersede"), json=new) for one in (officer, assistant))
    )
    assert sorted(one.status for one in both) == [201, 409]
    assert [one.body["code"] for one in both if one.status == 409] == ["bookmark_superseded"]
    (second,) = [one.body for one in both if one.status == 201]
    same = ("at", "camera_id", "still_digest", "frame_digest", "clock_offset_ms")
    assert [second[name] for name in same] == [first[name] for name in same]
    assert (second["version"], second["supersedes"], second["note"]) == (2, first["id"], "红色三轮")
    listed = (await officer.get(path(world)))["bookmarks"]
    assert [one["id"] for one in listed] == [second["id"]]
    every = (await officer.get(path(world) + "?superseded=true"))["bookmarks"]
    assert [(one["note"], one["superseded_by"]) for one in every] == [("白色三轮", second["id"]), ("红色三轮", None)]
    gone = {**new, "retracted": True}
    assert (await officer.ask("POST", path(world, second["id"], "supersede"), json={**gone, "note": ""})).status == 422
    await officer.post(path(world, second["id"], "supersede"), gone)
    assert (await officer.get(path(world)))["bookmarks"] == []
    assert len((await officer.get(path(world) + "?superseded=true"))["bookmarks"]) == 3
    assert (await officer.ask("PATCH", path(world, first["id"]), json=new)).status in (404, 405)


@both_engines
async def test_what_it_marks_is_held_for_the_case_once(world: World) -> None:
    begin = hour_ago()
    await record(world, begin)
    assistant = await world.client(Role.ASSISTANT, PurposeKind.CASE)
    for after in (1, 1.5):
        await assistant.post(path(world), of(world, begin + after * SECOND))
    listed = await holds.list_holds(world.hub.store, EVERYTHING, case_id=world.county.case)
    assert [(one.since, one.until, one.active) for one in listed] == [
        (begin + (after - 300) * SECOND, begin + (after + 300) * SECOND, True) for after in (1.5, 1)
    ]
    await assistant.post(path(world), of(world, begin + SECOND))
    assert len(await holds.list_holds(world.hub.store, EVERYTHING, case_id=world.county.case)) == 2


async def test_what_is_beyond_the_case_or_under_another_purpose_is_refused(world: World) -> None:
    begin = hour_ago()
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    ask = lambda client, body: client.ask("POST", path(world), json=body)  # noqa: E731 - read in a line each
    assert (await ask(officer, of(world, begin, "far"))).code[0] == 404
    assert (await ask(officer, of(world, begin - timedelta(days=400)))).code == (403, "beyond_case")
    assert (await ask(officer, of(world, datetime.now(UTC) + timedelta(minutes=1)))).status == 422
    patrol = await world.client(Role.OFFICER, PurposeKind.PATROL)
    assert (await ask(patrol, of(world, begin))).code == (403, "case_purpose")
    assert (await patrol.ask("GET", path(world))).code == (403, "case_purpose")
    assert (await ask(await world.client(Role.OFFICER), of(world, begin))).code == (403, "purpose_required")
    assert (await ask(await world.client(Role.MONITOR, PurposeKind.PATROL), of(world, begin))).code == (403, "role")
    other = f"/api/v1/cases/{uuid4()}/bookmarks"
    assert (await officer.ask("POST", other, json=of(world, begin))).code == (404, "case_unknown")
    for wrong in (
        {"event_id": str(uuid4())},
        {"at": None},
        {"kind": "face"},
        {"note": "字" * 2001},
        {"confidence": 0.7},
    ):
        assert (await ask(officer, of(world, begin) | wrong)).status == 422, wrong


async def test_without_a_picture_it_is_kept_and_says_why(world: World) -> None:
    begin = hour_ago()
    file = await record(world, begin)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    made = await officer.post(path(world), of(world, begin - timedelta(minutes=30), kind="negative"))
    assert (made["still_url"], made["still_why"], made["frame_digest"]) == (None, "segment_unknown", None)
    file.unlink()
    lost = await officer.post(path(world), of(world, begin + SECOND))
    assert (lost["still_url"], lost["still_why"]) == (None, "segment_missing")
    wanted_none = await officer.post(path(world), of(world, begin + SECOND, still=False))
    assert (wanted_none["still_url"], wanted_none["still_why"]) == (None, "")
    address = path(world, made["id"], "still")
    assert (await officer.ask("GET", address)).code == (404, "snapshot_none")


@both_engines
async def test_an_event_found_useful_becomes_a_bookmark_with_its_picture(world: World) -> None:
    event_id = await world.event()
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    made = await officer.post(path(world), {"event_id": str(event_id), "kind": "sighting", "note": "三轮车"})
    event = world.last
    assert event is not None
    assert (made["event_id"], made["camera_id"], made["source"]) == (str(event_id), str(event.camera_id), "event")
    assert (made["clock_offset_ms"], made["frame_digest"]) == (0, None)
    own = await officer.ask("GET", f"/api/v1/events/{event_id}/snapshot", raw=True)
    (listed,) = (await officer.get(path(world)))["bookmarks"]
    kept = await officer.ask("GET", listed["still_url"], raw=True)
    assert kept.body == own.body
    assert (await officer.ask("POST", path(world), json={"event_id": str(uuid4()), "kind": "lead"})).status == 404


async def test_the_still_goes_with_the_owners_consent_and_the_ticket_with_its_session(world: World) -> None:
    begin = hour_ago()
    await record(world, begin, "yard")
    signed = NewConsent(
        owner_name="户主",
        scopes=frozenset({ConsentScope.EVENTS, ConsentScope.CLIP}),
        text_version="cn-2026-1",
        valid_from=begin - timedelta(days=1),
        signed_at=begin - timedelta(days=1),
    )
    given = await consents.create(world.hub.store, world.county.cameras["yard"], signed, CONSOLE)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    made = await officer.post(path(world), of(world, begin + SECOND, "yard"))
    assert made["still_url"] is not None, made["still_why"]
    (listed,) = (await officer.get(path(world)))["bookmarks"]
    assert (await officer.ask("GET", listed["still_url"], raw=True)).status == 200
    assistant = await world.client(Role.ASSISTANT, PurposeKind.CASE)
    assert (await assistant.ask("GET", listed["still_url"])).code == (403, "ticket")
    await consents.withdraw(world.hub.store, given.id, CONSOLE)
    assert (await officer.ask("GET", listed["still_url"])).code == (403, "recording_no_consent")

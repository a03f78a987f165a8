"""Recordings over HTTP: the timeline, what may be played, its bytes, and all that ends the right to see them."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import av
import cv2
import numpy as np
import pytest

from camera_hub.recording.files import Name, path_of
from registry import audit, placement
from registry.model import PurposeKind, Role
from registry.placement import PlacementChange
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.api.conftest import Client, World, both_engines
from tests.camera_hub.recording.footage import Take, number_in, numbers, put

SECOND = timedelta(seconds=1)


def hour_ago() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def span(begin: datetime, seconds: float = 60) -> dict[str, str]:
    return {"from": stamp(begin), "to": stamp(begin + seconds * SECOND)}


async def record(world: World, begin: datetime, camera: str = "gate", **more: Any) -> Any:
    hub = world.hub
    return await put(hub.store, hub.settings.data_dir, world.county.cameras[camera], begin, **more)


async def played(client: Client, begin: datetime, seconds: float = 60, camera: str = "gate") -> Any:
    body = {"cameras": [str(client.world.county.cameras[camera])], **span(begin, seconds)}
    return (await client.post("/api/v1/playbacks", body))["cameras"][0]


@both_engines
async def test_what_was_recorded_is_seen_on_the_timeline_and_played(world: World) -> None:
    begin = hour_ago()
    for number in range(3):
        await record(world, begin + 2 * number * SECOND, take=Take(first=30 * number))
    await record(world, begin + 20 * SECOND)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    gate = world.county.cameras["gate"]
    line = await officer.get(f"/api/v1/cameras/{gate}/recordings", params=span(begin))
    assert [(one["from"], one["to"], one["playable"], one["why"]) for one in line["spans"]] == [
        (stamp(begin), stamp(begin + 6 * SECOND), True, "continuous"),
        (stamp(begin + 20 * SECOND), stamp(begin + 22 * SECOND), True, "continuous"),
    ]
    assert (line["stream"], line["streams"], line["mode"], line["days"]) == ("sub", ["sub"], "continuous", 30)
    assert (line["oldest"], line["clock_offset_ms"]) == (stamp(begin), 120)
    assert line["earliest"] < stamp(begin) < line["latest"], "the case's times, with their margin"
    one = await played(officer, begin)
    assert one["refused"] is None
    assert [part["started_at"] for part in one["segments"]] == [stamp(begin + n * SECOND) for n in (0, 2, 4, 20)]
    first = one["segments"][1]
    assert first["mime"].startswith('video/mp4; codecs="avc1.42')
    answer = await officer.ask("GET", first["url"], raw=True)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "video/mp4")
    assert int(answer.headers["Content-Length"]) == len(answer.body) == first["bytes"]
    assert [number for _, number in numbers(answer.body)] == list(range(30, 60))


async def test_reading_begins_with_the_keyframe_before_the_moment_asked_for(world: World) -> None:
    begin = hour_ago()
    await record(world, begin, take=Take(frames=60, gop=15))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    (one,) = (await played(officer, begin))["segments"]
    ms = round(begin.timestamp() * 1000)
    for at, first in ((0, 0), (ms + 999, 0), (ms + 1000, 15), (ms + 2500, 30), (ms + 9_000, 45), (2**53, 45)):
        answer = await officer.ask("GET", f"{one['url']}&at={at}", raw=True)
        got = numbers(answer.body)
        assert [number for _, number in got] == list(range(first, 60)), at
        assert got[0][0] == pytest.approx(first / 15), "times keep their place"
    fast = numbers((await officer.ask("GET", f"{one['url']}&only=keyframes&at={ms + 1200}", raw=True)).body)
    assert fast == [(1.0, 15), (2.0, 30), (3.0, 45)]
    for wrong in ("at=-1", f"at={2**53 + 1}", "only=all", "at=x"):
        assert (await officer.ask("GET", f"{one['url']}&{wrong}")).status == 422
    assert path_of(world.hub.settings.data_dir, Name(world.county.cameras["gate"], "sub", begin)).is_file()


def lines(body: bytes) -> list[Any]:
    return [json.loads(line) for line in body.splitlines()]


async def cut(client: Client, begin: datetime, seconds: float = 60, camera: str = "gate", **more: Any) -> Any:
    body = {"camera_id": str(client.world.county.cameras[camera]), **span(begin, seconds), **more}
    answer = await client.ask("POST", "/api/v1/clips", json=body, raw=True)
    return answer.status, lines(answer.body)


async def test_pictures_of_keyframes_are_made_for_scrubbing(world: World) -> None:
    begin = hour_ago()
    await record(world, begin, take=Take(frames=60, gop=15))
    await record(world, begin + 4 * SECOND, take=Take(codec="hevc", first=100))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    plain, other = (await played(officer, begin))["segments"]
    assert other["mime"] is None, "no browser is relied on to play H.265"
    ms = round(begin.timestamp() * 1000)
    for one, at, width, number, wide in (
        (plain, 0, "", 0, 160),
        (plain, ms + 2100, "&width=160", 30, 160),
        (plain, 2**53, "&width=1920", 45, 160),
        (other, ms + 5200, "&width=full", 115, 160),
    ):
        answer = await officer.ask("GET", f"{one['picture_url']}&at={at}{width}", raw=True)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"].startswith("private")
        picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
        assert (number_in(picture), picture.shape[1]) == (number, wide)
    assert (await officer.ask("GET", f"{plain['picture_url']}&width=159")).status == 422


async def test_a_clip_is_cut_across_segments_with_progress(world: World) -> None:
    begin = hour_ago()
    for number in range(3):
        await record(world, begin + 2 * number * SECOND, take=Take(first=30 * number, gop=15))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    status, told = await cut(officer, begin + 1.5 * SECOND, 3)
    assert status == 201
    assert told[:-1] == [{"done": 1, "total": 3}, {"done": 2, "total": 3}, {"done": 3, "total": 3}]
    clip = told[-1]["clip"]
    assert (clip["segments"], clip["damaged"], clip["gaps"]) == (3, 0, [])
    assert clip["from"] == stamp(begin + SECOND), "the keyframe before what was asked for"
    assert clip["to"] == stamp(begin + 4533 * SECOND / 1000)
    answer = await officer.ask("GET", clip["url"], raw=True)
    assert answer.status == 200
    assert hashlib.sha256(answer.body).hexdigest() == clip["digest"]
    assert "attachment" in answer.headers["Content-Disposition"]
    got = numbers(answer.body)
    assert [number for _, number in got] == list(range(15, 68))
    assert [at for at, _ in got] == pytest.approx([number / 15 for number in range(53)], abs=0.002)
    with av.open(io.BytesIO(answer.body)) as container:
        assert container.metadata["title"] == "gate"
        assert container.metadata["creation_time"].startswith(clip["from"][:19])


@pytest.mark.parametrize("midnight", [0, 16])
async def test_midnight_is_a_moment_like_any_other(world: World, midnight: int) -> None:
    """Of UTC, where the folder changes, and of the village, where the day does."""
    day = datetime.now(UTC).replace(hour=midnight, minute=0, second=0, microsecond=0) - timedelta(days=2)
    begin = day - 3 * SECOND
    for number in range(3):
        await record(world, begin + 2 * number * SECOND, take=Take(first=30 * number))
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    gate = world.county.cameras["gate"]
    shown = (await officer.get(f"/api/v1/cameras/{gate}/recordings", params=span(begin, 9)))["spans"]
    assert [(one["from"], one["to"]) for one in shown] == [(stamp(begin), stamp(begin + 6 * SECOND))]
    listed = (await played(officer, day - SECOND, 2))["segments"]
    assert [one["started_at"] for one in listed] == [stamp(begin + 2 * SECOND)]
    _, told = await cut(officer, begin, 6)
    got = numbers((await officer.ask("GET", told[-1]["clip"]["url"], raw=True)).body)
    assert [number for _, number in got] == list(range(90))


async def test_every_look_is_on_record_before_it_is_shown(world: World) -> None:
    begin = hour_ago()
    await record(world, begin)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    gate = world.county.cameras["gate"]
    await officer.get(f"/api/v1/cameras/{gate}/recordings", params=span(begin))
    one = (await played(officer, begin + 0.5 * SECOND, 1))["segments"][0]
    await officer.ask("GET", one["url"], raw=True)
    _, told = await cut(officer, begin, 2)
    clip = told[-1]["clip"]
    await officer.ask("GET", clip["url"], raw=True)
    rows = [row for row in await audit.list_rows(world.hub.store, CONSOLE) if row.action.startswith("recording.")]
    fetched, cut_row, play, listed = rows
    assert [row.action for row in rows] == ["recording.fetch", "recording.export", "recording.play", "recording.list"]
    assert json.loads(fetched.detail) == {"bytes": clip["bytes"], "cut": cut_row.no, "sha256": clip["digest"]}
    assert (fetched.cameras, fetched.case_number, listed.user) == ((str(gate),), "A-2026-1", "officer")
    assert (play.cameras, play.case_number, play.user) == ((str(gate),), "A-2026-1", "officer")
    assert (play.span_from, play.span_to) == (begin, begin + 2 * SECOND), "the span of the file that is shown"
    assert await audit.verify(world.hub.store) is None


async def test_a_refused_read_of_a_segment_is_on_record_once_for_its_ticket_and_reason(world: World) -> None:
    begin, store, gate = hour_ago(), world.hub.store, world.county.cameras["gate"]
    await record(world, begin)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    (one,) = (await played(officer, begin))["segments"]
    (again,) = (await played(officer, begin))["segments"]
    forged = one["url"].replace("?ticket=", "?ticket=1")

    async def rows() -> list[Any]:
        return [row for row in await audit.list_rows(store, CONSOLE) if row.action == "recording.read"]

    assert (await officer.ask("GET", one["url"], raw=True)).status == 200
    for url in (forged, forged, forged.replace("?ticket=1", "?ticket=12")):
        assert (await officer.ask("GET", url)).code == (403, "ticket")
    (row,) = await rows()
    assert (row.user, row.cameras, row.result_count, row.span_from) == ("officer", (str(gate),), 0, begin)
    assert json.loads(row.detail)["refused"] == "ticket"
    asked = await placement.get(store, gate, EVERYTHING)
    near = PlacementChange(expected_revision=asked.revision, near_minors=True)
    await placement.change(store, gate, near, CONSOLE)
    for url in (one["url"], one["picture_url"], again["url"], one["url"]):
        assert (await officer.ask("GET", url)).code == (403, "minors_reason"), "four letters are no reason"
    by_reason = [json.loads(row.detail)["refused"] for row in await rows()]
    assert by_reason == ["minors_reason", "minors_reason", "ticket"], "two tickets, each once"

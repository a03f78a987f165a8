"""Triage of what was sent in: hostile files are seen by a decoder alone, the rest is taken or goes with a receipt."""

from __future__ import annotations

import errno
import io
import os
import shutil
import struct
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import av
import numpy as np
import pytest

from camera_hub.recording.decoder import pixels_digest
from camera_hub.recording.decoders import Decoders
from camera_hub.uploads import faults_of
from registry import uploads
from registry.audit.reading import AuditQuery, list_rows
from registry.model import PurposeKind, Role
from registry.purges import What, list_purges
from registry.tables import cases as case_rows
from registry.users import CONSOLE
from tests.camera_hub.recording.footage import Take, shot

from .conftest import Client, Serving, World, both_engines
from .test_giving import API, BINARY, Link, actions, iso, linked, original
from .test_owner import picture

PLAIN = Take(frames=90, width=640, height=360)


@cache
def mp4(take: Take = PLAIN, *, first: bool = True) -> bytes:
    """A film as a recorder exports it: its index first, or, as cheap ones write it, last."""
    options = {"movflags": "faststart"} if first else {}
    with TemporaryDirectory() as folder:
        made = Path(folder) / "film.mp4"
        with av.open(io.BytesIO(shot(take))) as source, av.open(str(made), "w", options=options) as out:
            stream = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
        return made.read_bytes()


def bomb(size: int = 30_000, *, told: int = 8) -> bytes:
    """A film of one PNG that unfolds to `size` × `size` pixels, in a container that says `told` × `told`."""
    made = io.BytesIO()
    with av.open(made, "w", format="mov") as out:
        stream = out.add_stream("png", rate=Fraction(1))
        stream.width, stream.height, stream.pix_fmt = 8, 8, "rgb24"
        frame = av.VideoFrame.from_ndarray(np.zeros((8, 8, 3), np.uint8), format="rgb24")
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    small = b"IHDR" + struct.pack(">II", 8, 8)
    assert small in made.getvalue()
    data = made.getvalue().replace(small, b"IHDR" + struct.pack(">II", size, size))
    return data.replace(struct.pack(">HH", 8, 8), struct.pack(">HH", told, told))


class Desk:
    """An officer at the case, and a link in somebody's hand."""

    def __init__(self, world: World, officer: Client, link: Link) -> None:
        self.world, self.officer, self.link = world, officer, link
        self.path = f"{API}/cases/{link.case}/uploads"

    @classmethod
    async def of(cls, world: World) -> Desk:
        officer = await world.client(Role.OFFICER, PurposeKind.CASE)
        return cls(world, officer, await linked(world, officer))

    async def look(self, upload: dict[str, Any]) -> dict[str, Any]:
        opened: dict[str, Any] = await self.officer.post(f"{self.path}/{upload['id']}/look", None, 200)
        return opened

    async def step(self, upload: dict[str, Any], step: str, **body: Any) -> Any:
        return await self.officer.ask("POST", f"{self.path}/{upload['id']}/{step}", json=body)


@pytest.fixture
async def desk(world: World) -> Desk:
    return await Desk.of(world)


HOSTILE = {
    "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "script": b"<html><script>alert(1)</script></html>",
    "picture": picture("jpeg"),
    "zip": b"PK\x03\x04" + bytes(200),
    "program": b"\x7fELF" + bytes(200),
    "nothing": b"\x00",
    "text of a session": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_video_is_said_to_be_none_and_never_taken(desk: Desk, name: str) -> None:
    upload = await desk.link.send(HOSTILE[name], "x.mp4")
    opened = await desk.look(upload)
    assert (opened["upload"]["verdict"], opened["pictures"], opened["video"]) == ("not_video", [], None)
    assert (await desk.step(upload, "accept", despite=True)).code == (409, "upload_not_video")


@pytest.mark.parametrize(
    ("make", "verdict", "reason"),
    [
        (bomb, "unreadable", None),
        (lambda: bomb(10_000), "unreadable", None),
        (lambda: bomb(15_000, told=15_000), "unreadable", "picture_too_large"),
        (lambda: mp4()[:-9000], "damaged", "truncated"),
        (lambda: mp4(first=False)[:-9000], "unreadable", "truncated"),
        (lambda: b"\x00\x00\x00\x20ftypisom" + os.urandom(5000), "unreadable", "truncated"),
        (lambda: mp4()[:3000] + os.urandom(len(mp4()) - 3000), None, None),
        (lambda: b"DHAV" + os.urandom(5000), "unreadable", None),
        (lambda: b"IMKH" + bytes(36) + os.urandom(5000), "unreadable", None),
    ],
    ids=[
        "bomb",
        "smaller bomb",
        "claims",
        "cut",
        "index cut off",
        "junk behind a head",
        "overwritten",
        "Dahua junk",
        "Hikvision junk",
    ],
)
async def test_what_is_broken_or_meant_to_break_harms_nobody(
    desk: Desk, make: Any, verdict: str | None, reason: str | None
) -> None:
    upload = await desk.link.send(make(), "x.mp4")
    told = (await desk.look(upload))["upload"]
    if verdict is not None:
        assert told["verdict"] == verdict, told
    assert reason in (None, told["examined"]["reason"])
    if verdict == "unreadable":
        assert (await desk.step(upload, "accept")).code == (409, "upload_unreadable")
        assert (await desk.step(upload, "accept", despite=True)).status == 200
    second = await Desk.of(desk.world)
    assert (await second.look(await second.link.send(mp4())))["upload"]["verdict"] == "video", "the next one is read"


async def test_five_gigabytes_are_looked_at_without_being_read(tmp_path: Path) -> None:
    file = tmp_path / "original"
    file.write_bytes(b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + struct.pack(">I4sQ", 1, b"mdat", 5_000_000_000))
    os.truncate(file, 5_000_000_016)
    decoders = Decoders()
    try:
        seen = await decoders.examine(file)
        file.write_bytes(mp4())
        stuck = await decoders.examine(file, seconds=0.0)
    finally:
        await decoders.close()
    assert (seen.verdict, seen.pictures) == ("unreadable", ())
    assert (stuck.verdict, stuck.found["reason"]) == ("unreadable", "decoder_failed")


@both_engines
async def test_what_is_taken_is_the_cases_footage_with_its_clock(world: World) -> None:
    desk, case_id = await Desk.of(world), world.county.case
    data = mp4()
    await desk.link.begin(data)
    await desk.link.piece(data, 0)
    photo = await desk.link.ask(
        "PUT", f"/files/{desk.link.sending}/clock", data=picture("jpeg") + b"<script>", headers=BINARY
    )
    assert photo.body["giving"]["uploads"][0]["has_clock_photo"]
    assert (await desk.link.ask("PUT", f"/files/{desk.link.sending}/clock", data=b"x", headers=BINARY)).code == (
        409,
        "picture_unreadable",
    )
    await desk.link.finish(data)
    (upload,) = (await desk.officer.get(desk.path))["uploads"]
    assert (await desk.step(upload, "accept")).code == (409, "upload_not_examined")
    opened = await desk.look(upload)
    assert opened["video"] is None, "the file itself is not sent before it is taken"
    for url in (*(one["url"] for one in opened["pictures"]), opened["clock_photo"]):
        got = await desk.officer.ask("GET", url, raw=True)
        assert got.body.startswith(b"\xff\xd8\xff")
        assert b"<script>" not in got.body
    assert len(opened["pictures"]) > 3

    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24)
    clock = {"method": "photo", "camera_time": iso(begins + timedelta(seconds=37)), "true_time": iso(begins)}
    path = f"{desk.path}/{upload['id']}/clock"
    assert (await desk.officer.ask("PUT", path, json=clock)).status == 422, "how sure it is belongs to it"
    clock |= {"uncertainty_s": 2.0, "shown_at": iso(begins - timedelta(days=9))}
    told = (await desk.officer.ask("PUT", path, json=clock)).body
    assert told["clock_offset_ms"] == 37_000
    assert (await desk.step(upload, "accept")).code == (409, "upload_other_window")
    clock["shown_at"] = iso(begins + timedelta(seconds=37))
    told = (await desk.officer.ask("PUT", path, json=clock)).body
    assert told["begins_at"] == iso(begins)
    assistant = await world.client(Role.ASSISTANT, PurposeKind.CASE)
    assert (await assistant.ask("POST", f"{desk.path}/{upload['id']}/accept", json={})).code == (403, "role")
    assert (await desk.step(upload, "accept")).body["state"] == "accepted"
    assert (await desk.step(upload, "accept")).code == (409, "upload_state")

    url = (await desk.look(upload))["video"]
    whole = await desk.officer.ask("GET", url, raw=True)
    assert (whole.body, whole.headers["Content-Type"]) == (data, "video/mp4")
    assert whole.headers["Content-Disposition"].startswith("attachment")
    part = await desk.officer.ask("GET", url, raw=True, headers={"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, data[100:200])
    assert (await assistant.ask("GET", url)).code == (403, "ticket")
    assert (await world.anonymous().ask("GET", url)).status == 401

    async with world.hub.store.read() as conn:
        number = await conn.scalar(
            case_rows.select().with_only_columns(case_rows.c.no).where(case_rows.c.id == case_id)
        )
        (taken,) = await uploads.accepted(conn, number)
    assert (world.hub.settings.data_dir / taken.path).read_bytes() == data
    assert (taken.sha256, taken.clock.offset_ms, taken.certificate.giver) == (upload["sha256"], 37_000, "店主")
    entry = (await desk.officer.get(f"{API}/cases/{desk.link.case}/canvass"))["entries"][0]
    assert (entry["state"], entry["requests"][0]["files"]) == ("got", 1)
    (receipt,) = await desk.link.uploads()
    assert (receipt["state"], receipt["purged_at"]) == ("accepted", None)


async def dated(desk: Desk, upload: dict[str, Any], begins: datetime, offset_s: float) -> Any:
    """Read the clock: the file begins then, by a clock that is so far ahead."""
    ahead = timedelta(seconds=offset_s)
    told = {"method": "photo", "camera_time": iso(begins + ahead), "true_time": iso(begins), "uncertainty_s": 2.0}
    path = f"{desk.path}/{upload['id']}/clock"
    return await desk.officer.ask("PUT", path, json=told | {"shown_at": iso(begins + ahead)})


@both_engines
async def test_what_is_seen_in_a_clip_is_a_sighting_at_its_true_time_and_its_givers_place(world: World) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    desk = Desk(world, officer, await linked(world, officer, lat=45.51, lon=124.12))
    data = mp4()
    upload = await desk.link.send(data)
    await desk.look(upload)
    case = f"{API}/cases/{desk.link.case}"
    new = {"upload_id": upload["id"], "clip_ms": 2345, "kind": "sighting", "note": "红色三轮"}

    async def mark(who: Client = officer, **more: Any) -> Any:
        return await who.ask("POST", f"{case}/bookmarks", json=new | more)

    assert (await mark()).code == (409, "upload_state"), "it is not the case's yet"
    assert (await desk.step(upload, "accept")).status == 200
    assert (await mark()).code == (409, "upload_no_clock"), "nobody knows when it was"
    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24)
    assert (await dated(desk, upload, begins, 37)).status == 200
    assert (await mark(clip_ms=9_000_000)).status == 422
    assert (await mark(camera_id=str(world.county.cameras["gate"]))).status == 422
    patrol = await world.client(Role.OFFICER, PurposeKind.PATROL)
    assert (await mark(patrol)).code == (403, "case_purpose")

    made = (await mark()).body
    with av.open(io.BytesIO(data)) as container:
        frames = {round(float(one.time or 0) * 1_000_000): pixels_digest(one) for one in container.decode(video=0)}
    shown = max(one for one in frames if one <= 2_345_000)
    assert (made["frame_pts"], made["frame_digest"]) == (shown, frames[shown])
    seen_at = begins + timedelta(milliseconds=2345)
    assert (made["at"], made["camera_id"], made["clock_offset_ms"]) == (iso(seen_at), None, 37_000)
    assert made["upload"]["sha256"] == upload["sha256"]
    still = await officer.ask("GET", made["still_url"], raw=True)
    assert still.body.startswith(b"\xff\xd8\xff")

    async def sighted() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await officer.get(f"{case}/cluemap"))["sightings"]
        return found

    (one,) = await sighted()
    assert (one["no"], one["thing"], one["at"]) == (1, f"bookmark:{made['id']}", made["at"])
    assert (one["lat"], one["lon"], one["camera_id"], one["camera_name"]) == (45.51, 124.12, None, "王家小卖部")
    assert (one["upload"]["giver"], one["upload"]["clock_offset_ms"]) == ("店主", 37_000)
    hops = await officer.get(f"{case}/hops?sighting={one['thing']}&way=foot&minutes=180")
    assert hops["sighting"] == one, "it is linked from like any other"
    kept = (await officer.post(f"{case}/cluemaps", {}))["map"]

    # The clock is read better: what was seen moves with it, as a version of its own.
    assert (await dated(desk, upload, begins - timedelta(seconds=5), 42)).status == 200
    (moved,) = await sighted()
    assert (moved["thing"], moved["at"]) == (one["thing"], iso(seen_at - timedelta(seconds=5)))
    every = (await officer.get(f"{case}/bookmarks?superseded=true"))["bookmarks"]
    assert [(each["version"], each["clock_offset_ms"]) for each in every] == [(2, 42_000), (1, 37_000)]
    unread = await officer.ask("PUT", f"{desk.path}/{upload['id']}/clock", json={"method": "unknown"})
    assert unread.code == (409, "upload_marked")
    (listed,) = (await officer.get(f"{case}/cluemaps"))["maps"]
    assert (await officer.get(f"{case}/cluemaps/{listed['id']}"))["map"] == kept, "a map is kept as it was"

    paper = (await officer.ask("GET", f"{case}/paper", raw=True)).body.decode()
    for said in ("他人提供的录像 1：王家小卖部（店主，门口 海康）", "第 2.345 秒", "+42.0 秒", upload["sha256"]):
        assert said in paper
    rows = [
        row for row in await list_rows(world.hub.store, CONSOLE, AuditQuery(limit=1000)) if row.action == "upload.mark"
    ]
    assert upload["sha256"] in rows[0].detail


async def test_a_camera_clock_that_is_hours_off_is_reckoned_with(desk: Desk) -> None:
    upload = await desk.link.send(mp4())
    await desk.look(upload)
    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=23, minutes=30)
    ahead = timedelta(hours=5)
    path = f"{desk.path}/{upload['id']}/clock"
    word = {"method": "photo", "camera_time": iso(begins), "true_time": iso(begins), "uncertainty_s": 2.0}
    trusted = await desk.officer.ask("PUT", path, json={**word, "shown_at": iso(begins + ahead)})
    assert (trusted.status, trusted.body["clock_offset_ms"]) == (200, 0)
    assert (await desk.step(upload, "accept")).code == (409, "upload_other_window"), (
        "at its own word it is another time"
    )
    compared = {
        "method": "photo", "camera_time": iso(begins + ahead + timedelta(hours=20)), "uncertainty_s": 2.0,
        "true_time": iso(begins + timedelta(hours=20)), "shown_at": iso(begins + ahead),
    }  # fmt: skip
    told = (await desk.officer.ask("PUT", path, json=compared)).body
    assert (told["clock_offset_ms"], told["begins_at"]) == (5 * 3_600_000, iso(begins))
    assert (await desk.step(upload, "accept")).body["state"] == "accepted"


async def test_what_is_declined_goes_at_once_and_its_giver_has_the_receipt(desk: Desk) -> None:
    upload = await desk.link.send(mp4())
    file = original(desk.world, upload)
    assert file.is_file()
    declined = await desk.step(upload, "decline", why="not_needed", note="另有更清楚的")
    assert declined.body["state"] == "declined"
    assert not file.parent.exists()
    (receipt,) = await desk.link.uploads()
    assert (receipt["state"], receipt["refusal"], receipt["sha256"]) == ("declined", "not_needed", upload["sha256"])
    assert receipt["purged_at"] is not None
    assert "另有" not in str(receipt), "what the officer notes is not told"
    assert (await desk.officer.ask("POST", f"{desk.path}/{upload['id']}/look")).code == (409, "upload_state")
    (proof,) = [one for one in await list_purges(desk.world.hub.store) if one.what is What.UPLOADS]
    assert (proof.count, proof.bytes) == (1, upload["bytes"])
    assert "upload.purge" in await actions(desk.world)


async def test_it_is_looked_at_under_its_own_case(desk: Desk) -> None:
    upload = await desk.link.send(mp4())
    opened = await desk.look(upload)
    url = opened["pictures"][0]["url"]
    bare = await desk.world.client(Role.OFFICER)
    assert (await bare.ask("POST", f"{desk.path}/{upload['id']}/look")).code == (403, "purpose_required")
    patrol = await desk.world.client(Role.OFFICER, PurposeKind.PATROL)
    assert (await patrol.ask("POST", f"{desk.path}/{upload['id']}/look")).code == (403, "purpose_other_case")
    (row,) = await list_rows(desk.world.hub.store, CONSOLE, AuditQuery(limit=1))
    assert (row.action, row.result_count, upload["id"] in row.detail) == ("upload.look", 0, True), "on record"
    assert (await patrol.ask("GET", url)).code == (403, "ticket")
    forged = url.replace("pictures/0", "pictures/1")
    assert (await desk.officer.ask("GET", forged)).code == (403, "ticket")
    assert (await desk.officer.ask("GET", url.replace("/pictures/0", "/video"))).code == (403, "ticket")


async def test_it_stays_with_its_case_and_goes_after_it(serving: Serving) -> None:
    world = await serving()
    desk = await Desk.of(world)
    upload = await desk.link.send(mp4())
    await desk.look(upload)
    await desk.step(upload, "accept")
    store, intake = world.hub.store, world.hub.intake
    async with store.write() as conn:
        await conn.execute(case_rows.update().values(closed_at=store.clock()))
    await intake.round()
    assert original(world, upload).is_file()
    now = store.clock
    store.clock = lambda: now() + timedelta(days=store.policy.uploads.keep_days + 1)
    await intake.round()
    assert not original(world, upload).parent.exists()
    assert (await actions(world))[-1] == "upload.expire"
    (receipt,) = await desk.link.uploads()
    assert receipt["purged_at"] is not None


async def test_a_file_that_is_not_what_came_is_found(desk: Desk) -> None:
    upload = await desk.link.send(mp4())
    store, files, node = desk.world.hub.store, desk.world.hub.intake.files, desk.world.hub.node
    assert await faults_of(store, files, node, deep=True) == (1, [])
    file = original(desk.world, upload)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert await faults_of(store, files, node, deep=False) == (1, [])
    assert await faults_of(store, files, node, deep=True) == (
        1,
        [f"the upload {upload['id']} is not what was received"],
    )
    file.unlink()
    assert await faults_of(store, files, node, deep=False) == (1, [f"the upload {upload['id']} is missing"])
    assert (await desk.officer.ask("POST", f"{desk.path}/{upload['id']}/look")).code == (404, "upload_missing")


async def test_files_that_belong_to_no_upload_go(world: World) -> None:
    stray = world.hub.settings.data_dir / "uploads" / "0199f7b0-0000-7000-8000-000000000001"
    stray.mkdir()
    (stray / "original").write_bytes(b"x")
    await world.hub.intake.round()
    assert not stray.exists()


async def test_files_that_cannot_be_removed_are_a_fault_until_they_are_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, upload = desk.world, await desk.link.send(mp4())
    stray = world.hub.settings.data_dir / "uploads" / str(uuid4())
    stray.mkdir()
    faults = lambda: [(one.code, one.params) for one in world.hub.faults.now()]  # noqa: E731
    stuck, rmtree = {original(world, upload).parent, stray}, shutil.rmtree

    def fails(folder: Path, *given: Any, **more: Any) -> None:
        if folder in stuck:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rmtree(folder, *given, **more)

    monkeypatch.setattr(shutil, "rmtree", fails)
    assert (await desk.step(upload, "decline", why="not_needed")).status == 200
    told = [("uploads_not_deleted", {"hint": os.strerror(errno.EIO)})]
    assert faults() == told, "at once"
    (receipt,) = await desk.link.uploads()
    assert receipt["purged_at"] is None, "it is not said to be gone"
    for one in tuple(stuck):
        await world.hub.intake.round()
        assert faults() == told, "one of them is still there"
        stuck.remove(one)
    await world.hub.intake.round()
    assert faults() == []
    assert not original(world, upload).parent.exists()
    assert not stray.exists()

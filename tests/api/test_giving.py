"""Clips that are sent in: by a link, in pieces, through breaks; what is hostile is seen by a decoder alone."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from aiohttp import web

from api import taking
from camera_hub.uploads import Quarantine
from registry import uploads
from registry.audit.reading import AuditQuery, list_rows
from registry.errors import Conflict, Invalid
from registry.model import Role
from registry.tables import clip_requests
from registry.uploads import MOST_FILES, giving
from registry.users import CONSOLE

from .conftest import Answer, Client, Serving, World, both_engines

API = "/api/v1"
BINARY = {"Content-Type": "application/octet-stream"}
WORDS = {"giver": "店主", "contact": "13800000000", "device": "门口 海康", "agreed": True, "unaltered": True}


@dataclass
class Link:
    """A link in the hand of whoever was asked, and the file he sends."""

    client: Client
    case: str
    entry: str
    request: str
    token: str
    sending: str = ""
    """The file that is being sent."""

    async def ask(self, method: str, path: str = "", **more: Any) -> Answer:
        headers = {"X-Clip-Link": self.token, **more.pop("headers", {})}
        return await self.client.ask(method, f"{API}/giving{path}", headers=headers, **more)

    async def begin(self, data: bytes, name: str = "大门.mp4", **more: Any) -> Answer:
        begun = await self.ask("POST", "/files", json={"name": name, "bytes": len(data), **WORDS, **more})
        self.sending = begun.body["id"] if begun.status == 200 else self.sending
        return begun

    async def piece(self, data: bytes | io.BytesIO, offset: int) -> Answer:
        return await self.ask("PATCH", f"/files/{self.sending}?offset={offset}", data=data, headers=BINARY)

    async def finish(self, data: bytes) -> Answer:
        told = {"sha256": hashlib.sha256(data).hexdigest()}
        return await self.ask("POST", f"/files/{self.sending}/finish", json=told)

    async def uploads(self) -> list[dict[str, Any]]:
        """What was sent so far, as the giver sees it."""
        found: list[dict[str, Any]] = (await self.ask("GET")).body["giving"]["uploads"]
        return found

    async def send(self, data: bytes, name: str = "大门.mp4") -> dict[str, Any]:
        """All of it, in one go; the upload as its giver sees it."""
        assert (await self.begin(data, name)).status == 200
        for at in range(0, len(data), 400_000):
            assert (await self.piece(data[at : at + 400_000], at)).status == 200
        done = await self.finish(data)
        assert done.status == 200, done
        (upload,) = [one for one in done.body["giving"]["uploads"] if one["id"] == self.sending]
        return dict(upload)


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def linked(world: World, officer: Client | None = None, **more: Any) -> Link:
    """A shop that was asked for an hour of the day before."""
    officer = officer or await world.client(Role.OFFICER)
    case, now = str(world.county.case), datetime.now(UTC)
    entry = await officer.post(f"{API}/cases/{case}/canvass", {"name": "王家小卖部", **more})
    span = {"from": iso(now - timedelta(days=1)), "to": iso(now - timedelta(hours=23))}
    made = await officer.post(f"{API}/cases/{case}/canvass/{entry['id']}/requests", span)
    return Link(world.anonymous(), case, entry["id"], made["request"]["id"], made["token"])


def original(world: World, upload: dict[str, Any]) -> Path:
    return world.hub.intake.files.path(UUID(upload["id"]))


async def actions(world: World) -> list[str]:
    rows = await list_rows(world.hub.store, CONSOLE, AuditQuery(limit=1000))
    return [row.action for row in rows][::-1]


async def test_a_file_broken_off_thrice_arrives_byte_for_byte(world: World) -> None:
    link, data = await linked(world), os.urandom(1_300_000)
    assert (await link.begin(data)).body["offset"] == 0
    at = 0
    for broken in (1, 2, 3):
        at = (await link.piece(data[at : at + 300_000], at)).body["offset"]
        # The answer was lost: the piece is sent again, and the hub says where the file ends.
        again = await link.piece(data[at - 300_000 : at], at - 300_000)
        assert (again.code, again.body["params"]["offset"]) == ((409, "upload_offset"), at)
        if broken == 2:  # the page was closed: it asks, and begins with the same file
            assert (await link.ask("GET")).body["offsets"] == {link.sending: at}
            assert (await link.begin(data)).body["offset"] == at
        early = await link.finish(data)
        assert (early.code, early.body["params"]["offset"]) == ((409, "upload_incomplete"), at)
    assert (await link.piece(data[at:], at)).body["offset"] == len(data)
    done = await link.finish(data)
    (upload,) = done.body["giving"]["uploads"]
    assert (upload["state"], upload["sha256"]) == ("received", hashlib.sha256(data).hexdigest())
    assert original(world, upload).read_bytes() == data
    assert done.body["giving"]["request"]["state"] == "open", "there may be more"
    for late in (await link.piece(b"x", len(data)), await link.finish(data)):
        assert late.code == (409, "upload_came")
    assert [one for one in await actions(world) if one.startswith(("clip.", "upload."))] == [
        "clip.ask", "upload.begin", "clip.open", "upload.receive",
    ]  # fmt: skip


async def test_a_hub_that_ends_in_the_middle_goes_on_where_the_file_ends(serving: Serving, tmp_path: Path) -> None:
    world = await serving()
    link, data = await linked(world), os.urandom(700_000)
    await link.begin(data)
    await link.piece(data[:500_000], 0)
    (upload,) = await link.uploads()
    # What a process leaves that is killed in the middle of a piece: more than was answered.
    with original(world, upload).open("ab") as torn:
        torn.write(data[500_000:600_000])
    fresh = Quarantine(world.hub.settings.data_dir, 0)
    world.hub.intake.files = fresh
    at = (await link.ask("GET")).body["offsets"][link.sending]
    assert at == 600_000
    await link.piece(data[at:], at)
    assert (await link.finish(data)).status == 200
    assert original(world, upload).read_bytes() == data


async def test_a_line_that_breaks_in_the_middle_of_a_piece_is_no_error_of_the_hub() -> None:
    class Gone:
        async def read(self) -> bytes:
            raise ConnectionResetError("Connection lost")

    with pytest.raises(Invalid):
        await taking._raw(cast("web.Request", Gone()), 1.0)


async def test_another_file_of_the_same_name_and_size_is_found_out_and_sent_anew(world: World) -> None:
    link, data = await linked(world), os.urandom(5000)
    await link.begin(data)
    await link.piece(bytes(5000), 0)
    assert (await link.finish(data)).code == (409, "upload_digest")
    assert (await link.ask("GET")).body["offsets"] == {link.sending: 0}
    await link.piece(data, 0)
    assert (await link.finish(data)).status == 200


async def test_two_at_once_on_one_link_do_not_mix(world: World) -> None:
    link = await linked(world)
    data = os.urandom(400_000)
    await link.begin(data)
    answers = await asyncio.gather(*(link.piece(data[:200_000], 0) for _ in range(5)))
    assert sorted(one.status for one in answers) == [200, 409, 409, 409, 409]
    assert (await link.ask("DELETE", f"/files/{link.sending}")).body["giving"]["uploads"] == []
    assert (await link.begin(b"another", "别的.mp4")).body["offset"] == 0
    await link.piece(b"another", 0)
    both = await asyncio.gather(link.finish(b"another"), link.finish(b"another"))
    assert sorted(one.status for one in both) == [200, 409]


@both_engines
async def test_one_link_takes_several_files_each_goes_on_by_itself_and_no_more_than_it_says(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    link = await linked(world, officer)
    files = {f"{at:02d}.mp4": os.urandom(900 + at) for at in range(MOST_FILES)}
    first, second, *rest = files
    await link.begin(files[first], first, device="大门")
    one = link.sending
    await link.piece(files[first][:500], 0)
    await link.send(files[second], second)
    assert (await link.ask("GET")).body["offsets"] == {one: 500}, "the other came, this one goes on where it was"
    assert (await link.begin(files[first], first, device="大门")).body == {"id": one, "offset": 500}
    await link.piece(files[first][500:], 500)
    assert (await link.finish(files[first])).status == 200
    assert [(each["name"], each["device"], each["state"]) for each in await link.uploads()] == [
        (first, "大门", "received"),
        (second, "门口 海康", "received"),
    ]
    await link.begin(files[second], "同一个.mp4")
    await link.piece(files[second], 0)
    assert (await link.finish(files[second])).code == (409, "upload_twice")
    assert (await link.ask("DELETE", f"/files/{link.sending}")).status == 200

    requests = f"{API}/cases/{link.case}/clip-requests/{link.request}"
    link.token = (await officer.post(f"{requests}/renew", {"days": 3}, 200))["token"]
    assert len(await link.uploads()) == 2, "a new link knows what came on the old one"
    for name in rest:
        asked = (await officer.get(f"{API}/cases/{link.case}/canvass"))["entries"][0]["requests"][0]
        assert (asked["state"], asked["files"]) == ("open", len(await link.uploads()))
        await link.send(files[name], name)
    told = (await link.ask("GET")).body["giving"]
    assert (told["request"]["state"], len(told["uploads"]), told["most_files"]) == ("used", MOST_FILES, MOST_FILES)
    assert (await link.begin(b"one more", "more.mp4")).code == (409, "clip_link_used")
    assert (await officer.ask("POST", f"{requests}/revoke")).code == (409, "clip_link_used")


@both_engines
async def test_what_a_giver_says_anew_when_he_goes_on_is_on_record_by_name_alone(world: World) -> None:
    link, data = await linked(world), os.urandom(900)
    for _ in range(2):
        await link.begin(data)
    anew = {"contact": "13911112222", "note": "换了个人来传", "unaltered": False}
    for _ in range(2):
        assert (await link.begin(data, **anew)).status == 200
    await link.begin(data, **anew, giver="店主的儿子")
    rows = [
        row for row in await list_rows(world.hub.store, CONSOLE, AuditQuery(limit=1000)) if row.action[:7] == "upload."
    ][::-1]
    assert [row.action for row in rows] == ["upload.begin", "upload.change", "upload.change"]
    first, *later = (json.loads(row.detail) for row in rows)
    assert [one.pop("changed") for one in later] == [["giver_contact", "giver_note", "unaltered"], ["giver"]]
    assert later == [first, first | {"giver": "店主的儿子"}], "no more than the first row holds"


async def at_once(monkeypatch: pytest.MonkeyPatch, *asked: Awaitable[Answer]) -> list[int]:
    """The statuses of two questions; whichever comes first is not over before the other, if that need not wait."""
    note, other, first = giving._note, asyncio.Event(), True

    async def slow(*given: Any, **more: Any) -> None:
        nonlocal first
        mine, first = first, False
        if mine:
            with suppress(TimeoutError):
                await asyncio.wait_for(other.wait(), 1)
        other.set()
        await note(*given, **more)

    monkeypatch.setattr(giving, "_note", slow)
    answers = await asyncio.gather(*asked)
    monkeypatch.setattr(giving, "_note", note)
    return sorted(one.status for one in answers)


@both_engines
async def test_two_who_begin_or_end_at_once_count_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    link = await linked(world)
    for at in range(MOST_FILES - 2):
        await link.send(os.urandom(50 + at), f"{at}.mp4")
    two, data = [replace(link), replace(link)], [b"one", b"two"]
    assert (await two[0].begin(data[0], "a.mp4")).status == 200
    begun = two[1].begin(data[1], "b.mp4"), replace(link).begin(b"one too many", "c.mp4")
    assert await at_once(monkeypatch, *begun) == [200, 409]
    *_, last = await link.uploads()
    data[1] = bytes(last["bytes"])  # whichever was first
    two[1].sending = last["id"]
    for one, of in zip(two, data, strict=True):
        assert (await one.piece(of, 0)).status == 200
    ended = [one.finish(of) for one, of in zip(two, data, strict=True)]
    assert await at_once(monkeypatch, *ended) == [200, 200]
    told = (await link.ask("GET")).body["giving"]
    assert (told["request"]["state"], len(told["uploads"])) == ("used", MOST_FILES)


async def test_a_link_that_was_revoked_still_shows_the_receipts(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    link, data = await linked(world, officer), os.urandom(900)
    await link.send(data)
    for at in range(MOST_FILES - 1):
        assert (await link.begin(bytes(100 + at), f"{at}.mp4")).status == 200
    assert (await link.begin(b"one more", "more.mp4")).code == (409, "upload_many")
    await officer.post(f"{API}/cases/{link.case}/clip-requests/{link.request}/revoke", None, 200)
    assert (await link.piece(b"x", 0)).code == (409, "clip_link_expired")
    assert (await link.begin(b"one more", "more.mp4")).code == (409, "clip_link_expired")
    await world.hub.intake.round()
    assert [one["sha256"] for one in await link.uploads()] == [hashlib.sha256(data).hexdigest()]


async def test_a_link_reaches_its_own_request_alone_and_ends(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    link, other = await linked(world, officer), await linked(world, officer)
    data = os.urandom(2000)
    await link.begin(data)
    seen = await other.ask("GET")
    assert seen.body["giving"]["uploads"] == [], "another's file is not told of"
    other.sending = link.sending
    assert (await other.piece(data, 0)).code == (404, "upload_none")
    assert "丢羊" not in str(seen.body), "why is the case's number, and no more"

    for forged in ("", "x" * 32, link.token[:-1], link.token[:-1] + ("A" if link.token[-1] != "A" else "B"), "../etc"):
        answer = await link.client.ask("GET", f"{API}/giving", headers={"X-Clip-Link": forged})
        assert answer.code == (404, "clip_link")
    store = world.hub.store
    async with store.read() as conn:
        kept = (await conn.execute(clip_requests.select())).all()
    assert not any(link.token in str(row) for row in kept), "a hash is kept, and nothing else"

    requests = f"{API}/cases/{link.case}/clip-requests"
    fresh = await officer.post(f"{requests}/{link.request}/renew", {"days": 3}, 200)
    assert (await link.ask("GET")).code == (404, "clip_link")
    link.token = fresh["token"]
    assert (await link.piece(data[:1000], 0)).body["offset"] == 1000, "what was half sent goes on"
    assert (await officer.post(f"{requests}/{link.request}/revoke", None, 200))["state"] == "revoked"
    assert (await link.piece(data[1000:], 1000)).code == (404, "clip_link")
    await world.hub.intake.round()
    assert world.hub.intake.files.ids() == [], "what nobody can finish goes"

    now = store.clock
    store.clock = lambda: now() + timedelta(days=8)
    assert (await other.ask("GET")).body["giving"]["request"]["state"] == "expired"
    assert (await other.begin(data)).code == (409, "clip_link_expired")


async def test_only_what_the_case_is_about_is_asked_for(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    case, now = str(world.county.case), datetime.now(UTC)
    entry = await officer.post(f"{API}/cases/{case}/canvass", {"name": "王家"})
    path = f"{API}/cases/{case}/canvass/{entry['id']}/requests"
    for since, until, more in (
        (now - timedelta(days=60), now - timedelta(days=59), {}),
        (now - timedelta(days=9), now - timedelta(days=1), {}),
        (now - timedelta(days=1), now - timedelta(days=2), {}),
        (now - timedelta(days=1), now, {"days": 15}),
    ):
        answer = await officer.ask("POST", path, json={"from": iso(since), "to": iso(until), **more})
        assert answer.status == 422, answer


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Windows\\System32\\evil.mp4", "evil.mp4"),
        ("..", "?"),
        ("a\x00b\n.mp4", None),
        ("\u202egpj.exe", "gpj.exe"),
        ("长" * 300 + ".mp4", "长" * 116 + ".mp4"),
    ],
)
async def test_no_file_is_called_by_its_senders_name(world: World, name: str, shown: str | None) -> None:
    link = await linked(world)
    answer = await link.begin(b"data", name)
    if shown is None:
        assert answer.status == 422
        return
    assert [one["name"] for one in await link.uploads()] == [shown]
    await link.piece(b"data", 0)
    files = [path for path in (world.hub.settings.data_dir / "uploads").rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["original"]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert files[0].parent.stat().st_mode & 0o777 == 0o700


async def test_what_is_too_large_is_not_begun_and_more_than_was_told_is_not_taken(serving: Serving) -> None:
    world = await serving(upload_max_gb=0.000001)
    link = await linked(world)
    large = await link.begin(bytes(1001))
    assert (large.code, large.body["params"]["most_bytes"]) == ((422, "upload_too_large"), 1000)
    assert (await link.begin(bytes(1000))).status == 200
    assert (await link.piece(bytes(1001), 0)).status == 422
    assert (await link.piece(io.BytesIO(bytes(2**20 + 1)), 0)).status == 413
    assert (await link.ask("POST", "/files", json={"name": "a", "bytes": 5, **WORDS, "agreed": False})).status == 422


async def test_a_full_disk_refuses_and_leaves_the_file_as_it_was(world: World) -> None:
    free = [10_000]
    world.hub.intake.files = Quarantine(world.hub.settings.data_dir, 1000, free=lambda _: free[0])
    link, second = await linked(world), await linked(world)
    data = os.urandom(6000)
    assert (await link.begin(data)).status == 200
    assert (await second.begin(data)).code == (503, "disk_full"), "the room is promised to the first"
    await link.piece(data[:2000], 0)
    free[0] = 1500
    assert (await link.piece(data[2000:], 2000)).code == (503, "disk_full")
    assert (await link.ask("GET")).body["offsets"] == {link.sending: 2000}
    free[0] = 10_000
    await link.piece(data[2000:], 2000)
    assert (await link.finish(data)).status == 200


async def test_a_file_that_goes_on_asks_for_the_room_it_still_needs(world: World) -> None:
    free, link, data = [10_000], await linked(world), os.urandom(6000)
    world.hub.intake.files = Quarantine(world.hub.settings.data_dir, 1000, free=lambda _: free[0])
    await link.begin(data)
    await link.piece(data[:5000], 0)
    free[0] = 2500
    assert (await link.begin(data)).body == {"id": link.sending, "offset": 5000}, "a thousand bytes are left to send"
    forged = Link(link.client, link.case, link.entry, link.request, "x" * 32)
    free[0] = 0
    assert (await forged.begin(data)).code == (404, "clip_link"), "how full the disk is, is no stranger's business"
    assert (await link.begin(data)).code == (503, "disk_full")


async def test_where_a_file_lies_is_on_the_disk_before_anything_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way round a kill in between would leave a file that goes on, in a folder that no power cut spares."""
    done: list[tuple[str, str]] = []

    def noting(name: str) -> None:
        work = getattr(os, name)

        def noted(handle: int) -> None:
            done.append((name, Path(f"/proc/self/fd/{handle}").readlink().name))
            work(handle)

        monkeypatch.setattr(os, name, noted)

    noting("fsync")
    noting("fdatasync")
    files, one = Quarantine(tmp_path, 0), uuid4()
    files.write(one, 0, b"film")
    assert done == [("fsync", str(one)), ("fsync", "uploads"), ("fdatasync", "original")]
    files.write(one, 4, b"more")
    assert done[3:] == [("fdatasync", "original")]


async def test_two_who_keep_one_picture_at_once_both_keep_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, one, sync = Quarantine(tmp_path, 0), uuid4(), os.fsync

    def other(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        files.put(one, "key-0.jpg", b"the other's")
        sync(handle)

    monkeypatch.setattr(os, "fsync", other)
    files.put(one, "key-0.jpg", b"mine")
    assert files.path(one, "key-0.jpg").read_bytes() == b"mine"
    assert [file.name for file in files.path(one).parent.iterdir()] == ["key-0.jpg"]


async def test_a_photograph_that_is_late_is_not_put_beside_what_came(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, data, intake = await linked(world), os.urandom(900), world.hub.intake
    await link.begin(data)
    await link.piece(data, 0)
    arrived, late = uploads.arrived, list[asyncio.Task[Any]]()

    async def while_it_arrives(*given: Any) -> Any:
        late.append(asyncio.create_task(intake.photo(link.token, UUID(link.sending), b"another clock", "")))
        await asyncio.sleep(0.2)
        return await arrived(*given)

    monkeypatch.setattr(uploads, "arrived", while_it_arrives)
    assert (await link.finish(data)).status == 200
    with pytest.raises(Conflict, match="came already"):
        await late[0]
    assert not intake.files.path(UUID(link.sending), uploads.CLOCK_PHOTO).exists()


async def test_guessing_is_slowed_down(world: World) -> None:
    stranger = world.anonymous()
    codes = [(await stranger.ask("GET", f"{API}/giving", headers={"X-Clip-Link": "x" * 32})).status for _ in range(65)]
    assert (set(codes[:60]), set(codes[60:])) == ({404}, {429})
    elsewhere = {"X-Clip-Link": "x" * 32, "Origin": "https://elsewhere.example"}
    assert (await stranger.ask("DELETE", f"{API}/giving/files/{uuid4()}", headers=elsewhere)).code == (403, "origin")


async def test_an_owner_finds_the_request_on_his_own_page(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    token = (await officer.post(f"{API}/consents/{world.county.consent}/link", {}))["address"].partition("#")[2]
    await linked(world, officer, camera_id=str(world.county.cameras["yard"]))
    seen = await world.anonymous(**{"X-Owner-Link": token}).get(f"{API}/owner")
    (asked,) = seen["asked"]
    assert (asked["case_number"], asked["state"]) == ("A-2026-1", "open")


async def test_the_paper_and_the_message_tell_no_more_than_they_must(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    link = await linked(world, officer)
    path = f"{API}/cases/{link.case}/clip-requests/{link.request}/paper"
    paper = await officer.ask("POST", path, json={"token": link.token}, raw=True)
    text = paper.body.decode()
    for part in ("录像调取请求书", "王家小卖部", "A-2026-1", "<svg", "/forms/paper.css", "自愿"):
        assert part in text
    assert "丢羊" not in text
    assert (await officer.ask("POST", path, json={"token": "x" * 32})).code == (409, "clip_link_replaced")


@both_engines
async def test_the_list_is_in_the_order_of_what_is_overwritten_next(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    path = f"{API}/cases/{world.county.case}/canvass"
    for name, days in (("没问", None), ("七天", 31), ("三十天", 60), ("已没", 3)):
        await officer.post(path, {"name": name, "kept_days": days})
    told = await officer.get(path)
    assert [one["name"] for one in told["entries"]] == ["七天", "三十天", "没问", "已没"]
    assert {one["name"]: one["asks"] for one in told["candidates"]} == {"yard": "ask", "shut": "ask"}
    first = told["entries"][0]
    changed = {"expected_revision": 1, "state": "declined", "kept_days": None, "note": "不愿意"}
    put = await officer.ask("PATCH", f"{path}/{first['id']}", json=changed)
    assert (put.body["state"], put.body["overwritten_at"], put.body["revision"]) == ("declined", None, 2)
    assert (await officer.ask("PATCH", f"{path}/{first['id']}", json=changed)).code == (409, "canvass_stale")
    yard = {"camera_id": str(world.county.cameras["yard"])}
    assert (await officer.post(path, yard))["contact"] == "13800000000"
    assert (await officer.ask("POST", path, json=yard)).code == (409, "canvass_listed")
    gate = {"camera_id": str(world.county.cameras["gate"])}
    assert (await officer.ask("POST", path, json=gate)).status == 422
    assert (await officer.ask("POST", path, json={"name": " "})).status == 422
    assert (await officer.ask("POST", path, json={"name": "a", "lat": 45.0})).status == 422
    place = {"expected_revision": 2, "lat": 45.51, "lon": 124.12}
    put = await officer.ask("PATCH", f"{path}/{first['id']}", json=place)
    assert (put.body["lat"], put.body["lon"], put.body["state"]) == (45.51, 124.12, "declined")
    assert (
        await officer.ask("PATCH", f"{path}/{first['id']}", json={"expected_revision": 3, "lat": 45.0})
    ).status == 422

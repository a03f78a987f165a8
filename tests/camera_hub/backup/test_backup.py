"""A backup is whole or none, and a restore brings all of it back, on either engine."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from camera_hub.backup import Archive, Made, archive, make, restore, tars
from camera_hub.backup.archive import CHANGES, SUMS, read_lines, writing
from camera_hub.faults import Faults
from camera_hub.hub import Hub
from camera_hub.lock import RESTORING, locked
from camera_hub.media import Media, mark_key, snapshot_key, still_key
from camera_hub.settings import Settings
from camera_hub.uploads import Intake, Quarantine, faults_of
from registry import canvass, check, consents, dump, events, migrate, patrols, purposes, users
from registry.canvass.asking import NewClipRequest
from registry.canvass.entries import NewEntry
from registry.consents import scans
from registry.errors import Conflict, Corrupt, HubError, Invalid, NotFound, Unavailable
from registry.inputs import parse
from registry.model import Access, Actor, ConsentScope, Kind, Role, StillChange
from registry.store import Store
from registry.uploads import NewUpload
from registry.users import CONSOLE
from registry.vault import Vault, load_key
from tests.camera_hub.watch.county import add_camera, found, officer, place_village, settings_in
from tools.bench.producer import change

EVENTS = 12


def quiet(step: str, done: int, total: int) -> None:
    """Progress nobody watches."""


class Site:
    """A hub's folder with a county, a password, and events with pictures."""

    def __init__(self, settings: Settings, store: Store, camera: UUID) -> None:
        self.settings = settings
        self.store = store
        self.camera = camera
        self.media = Media(settings.data_dir, 0, 10**12)
        self.key = (settings.data_dir / "key").read_text(encoding="ascii")
        self.vault = Vault(load_key(None, settings.data_dir))

    @classmethod
    async def in_folder(cls, folder: Path, url: str | None = None) -> Site:
        settings = settings_in(folder, **({"database_url": url} if url else {}))
        folder.mkdir()
        store = await Store.open(settings.database, upgrade=True)
        vault = Vault(load_key(None, folder))
        await place_village(store)
        camera = await add_camera(store, vault, "rtsp://admin:secret@127.0.0.1/s", password="secret")
        site = cls(settings, store, camera.id)
        for number in range(EVENTS):
            await site.event(bytes([number]) * 3000)
        return site

    async def event(self, picture: bytes) -> str:
        event_id = uuid7()
        key = snapshot_key(event_id, 1, datetime.now(UTC))
        self.media.put(key, picture)
        await events.record(self.store, [change(self.camera, event_id, 1, key, len(picture), ended=True)])
        return key

    async def upload(self, data: bytes) -> UUID:
        """A clip that somebody sent in for a case, whole, with a photograph of its camera's clock."""
        access = await officer(self.store)
        assert access.purpose.case_id is not None
        entry = await canvass.add(self.store, access.purpose.case_id, NewEntry(name="小卖部"), access.actor)
        now = self.store.clock()
        new = parse(NewClipRequest, {"from": now - timedelta(hours=2), "to": now - timedelta(hours=1)})
        link = (await canvass.ask(self.store, access.purpose.case_id, entry.id, new, access.actor)).token
        files = Quarantine(self.settings.data_dir, 0)
        intake = Intake(self.store, files, node="local", most_bytes=10**9, faults=Faults())
        told = {
            "name": "a.mp4",
            "bytes": len(data),
            "giver": "老王",
            "device": "门口",
            "agreed": True,
            "unaltered": True,
        }
        identity, _ = await intake.begin(link, parse(NewUpload, told), "")
        await intake.write(link, identity, 0, data)
        await intake.photo(link, identity, b"a clock", "")
        await intake.finish(link, identity, hashlib.sha256(data).hexdigest(), "")
        return identity

    async def back_up(self, place: Path, **given: Any) -> Made:
        usual: dict[str, Any] = {
            "actor": CONSOLE,
            "key": self.key.encode(),
            "node": "local",
            "program": "test",
            "with_key": False,
            "progress": quiet,
        }
        return await make(self.settings, self.store, self.vault, place, **{**usual, **given})


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    url = request.getfixturevalue("postgres").fresh_url() if request.param == "postgresql" else None
    made = await Site.in_folder(tmp_path / "hub", url)
    yield made
    await made.store.close()


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Site]:
    made = await Site.in_folder(tmp_path / "hub")
    yield made
    await made.store.close()


async def put_back(
    folder: Path, archive: Path, key: str | None, url: str | None = None, **given: Any
) -> tuple[Settings, Any]:
    settings = settings_in(folder, **({"database_url": url} if url else {}))
    usual: dict[str, Any] = {"key": key, "without_key": False, "progress": quiet}
    return settings, await restore(settings, Archive.open(archive), CONSOLE, **{**usual, **given})


async def clean(settings: Settings) -> check.Report:
    store = await Store.open(settings.database)
    report = await check.compare(store, Media(settings.data_dir, 0, 10**12).keys(), "local")
    await store.close()
    assert report.clean, report
    assert report.orphans == ()
    return report


async def test_what_people_sent_in_comes_back_as_it_was_received(small: Site, tmp_path: Path) -> None:
    sent = await small.upload(os.urandom(3_000_000))
    root = small.settings.data_dir / "uploads"
    (root / str(sent) / "key-0.jpg").write_bytes(b"what a decoder saw")
    (root / str(uuid7())).mkdir()
    made = await small.back_up(tmp_path / "one")
    assert (made.uploads, made.uploads_lost) == (1, 0)
    subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=tmp_path / "one", check=True)
    settings, done = await put_back(tmp_path / "new", tmp_path / "one", small.key)
    assert (done.uploads, done.uploads_lost) == (1, 0)
    back = settings.data_dir / "uploads" / str(sent)
    assert {file.name: file.read_bytes() for file in back.iterdir()} == {
        file.name: file.read_bytes() for file in (root / str(sent)).iterdir()
    }
    assert {file.name for file in back.iterdir()} == {"original", "clock.jpg", "key-0.jpg"}
    assert (back.stat().st_mode & 0o777, (back / "original").stat().st_mode & 0o777) == (0o700, 0o600)
    store = await Store.open(settings.database)
    assert await faults_of(store, Quarantine(settings.data_dir, 0), "local", deep=True) == (1, [])
    await store.close()


def test_a_large_file_is_in_a_tar_file_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film of some gigabytes behind others would be more than a stick takes as one file."""
    monkeypatch.setattr(tars, "TAR_BYTES", 20_000)
    with writing(tmp_path / "b") as writer, tars.Tars(writer, "uploads") as made:
        for name, size in (("a", 4000), ("b", 4000), ("film", 25_000), ("c", 4000)):
            (tmp_path / name).write_bytes(bytes(size))
            made.add(name, tmp_path / name)
    held = []
    for file in sorted((tmp_path / "b.partial" / "uploads").iterdir()):
        with tarfile.open(file) as opened:
            held.append(opened.getnames())
    assert held == [["a", "b"], ["film"], ["c"]]


async def test_uploads_that_are_left_out_or_damaged_are_told_and_a_forged_one_is_refused(
    small: Site, tmp_path: Path
) -> None:
    sent = await small.upload(b"a clip of the night" * 1000)
    out = await small.back_up(tmp_path / "out", with_uploads=False)
    assert (out.uploads, out.uploads_lost) == (0, 1)
    settings, done = await put_back(tmp_path / "without", tmp_path / "out", small.key)
    assert (done.uploads, done.uploads_lost) == (0, 1)
    store = await Store.open(settings.database)
    (fault,) = (await faults_of(store, Quarantine(settings.data_dir, 0), "local", deep=False))[1]
    assert fault == f"the upload {sent} is missing"
    await store.close()

    file = small.settings.data_dir / "uploads" / str(sent) / "original"
    whole = file.read_bytes()
    await small.back_up(tmp_path / "whole")
    forge(tmp_path / "whole", f"{sent}/original", whole[:-1] + b"x")
    with pytest.raises(Corrupt, match="sent in"):
        await put_back(tmp_path / "forged", tmp_path / "whole", small.key)
    assert not list((tmp_path / "forged").rglob("original"))
    for strange in ("../original", f"{sent}/../original", f"{sent}/run.sh"):
        shutil.rmtree(tmp_path / "whole")
        await small.back_up(tmp_path / "whole")
        forge(tmp_path / "whole", strange, whole)
        with pytest.raises(Corrupt):
            await put_back(tmp_path / "strange", tmp_path / "whole", small.key)
    file.write_bytes(whole[:-1])
    assert (await small.back_up(tmp_path / "worn")).uploads_lost == 1
    assert (await put_back(tmp_path / "worn-new", tmp_path / "worn", small.key))[1].uploads_lost == 1


def forge(archive: Path, name: str, data: bytes) -> None:
    """Put another file in the place of what was sent in, with sums that fit: what only its writer could do."""
    (tar,) = (archive / "uploads").iterdir()
    with tarfile.open(tar, "w:", format=tarfile.GNU_FORMAT) as out:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        out.addfile(entry, io.BytesIO(data))
    lines = (archive / SUMS).read_text(encoding="ascii").splitlines()
    fresh = hashlib.sha256(tar.read_bytes()).hexdigest()
    told = [f"{fresh}  {line[66:]}" if line[66:] == f"uploads/{tar.name}" else line for line in lines]
    (archive / SUMS).write_text("\n".join(told) + "\n", encoding="ascii")


def rows_of(archive: Path) -> dict[str, list[Any]]:
    tables = {file.name[3:-3]: list(read_lines(file)) for file in sorted((archive / "tables").iterdir())}
    return {name: lines for name, lines in tables.items() if not name.startswith("audit")}


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_everything_comes_back_on_either_engine(
    site: Site, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = await site.back_up(tmp_path / "one")
    assert (made.events, made.pictures, made.missing) == (EVENTS, EVENTS, 0)
    url = request.getfixturevalue("postgres_url") if target == "postgresql" else None
    settings, done = await put_back(tmp_path / "new", tmp_path / "one", site.key, url)
    assert done.events == EVENTS
    assert (await clean(settings)).events == EVENTS
    assert not (settings.data_dir / RESTORING).exists()
    keys = list(site.media.keys())
    assert (settings.data_dir / "key").stat().st_mode & 0o777 == 0o600
    assert {key: site.media.path(key).read_bytes() for key in keys} == {
        key: (settings.data_dir / key).read_bytes() for key in keys
    }

    again = await Store.open(settings.database)
    moved = Site(settings, again, site.camera)
    await moved.back_up(tmp_path / "two")
    assert rows_of(tmp_path / "two") == rows_of(tmp_path / "one")
    await moved.event(b"the next row has a number of its own")
    await officer(again)
    async with again.read() as conn:
        shape = next(one for one in dump.shapes() if one.name == "audit")
        rows = [row async for batch in dump.read_rows(conn, shape) for row in batch]
    mine = next(row for row in rows if row[shape.at("action")] == "backup.restore")
    assert made.made_at.isoformat() in str(mine[shape.at("detail")])
    await again.close()


async def test_a_backup_is_on_record_before_it_is_made(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")
    lines = read_lines(next((tmp_path / "b" / "tables").glob("*-audit.gz")))
    assert "backup.make" in [row[7] for row in list(lines)[1:]]


async def test_sign_ins_stay_out(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")
    assert "sessions" not in rows_of(tmp_path / "b")


async def test_alerts_that_waited_are_not_sent_again(small: Site, tmp_path: Path) -> None:
    columns = "id, rule_no, camera_no, event_id, minute, events, state, created_at"
    waiting = f"insert into alert_deliveries ({columns}) values (?, 1, 1, ?, 0, 1, 'pending', 0)"
    with sqlite3.connect(small.settings.data_dir / "hub.db") as hub:
        hub.execute(waiting, (uuid7().bytes, uuid7().bytes))
    hub.close()
    await small.back_up(tmp_path / "b")
    settings, _ = await put_back(tmp_path / "new", tmp_path / "b", small.key)
    with sqlite3.connect(settings.data_dir / "hub.db") as hub:
        told = hub.execute("select state, error, next_at from alert_deliveries").fetchall()
    hub.close()
    assert told == [("failed", "restored from a backup", None)]


async def test_what_happens_to_pictures_meanwhile(small: Site, tmp_path: Path) -> None:
    """A picture replaced by a better one, one deleted by the quota, one whose event expired, one that was lost before."""
    replaced, released, expired, lost = sorted(small.media.keys())[:4]
    better = replaced.replace("-1.jpg", "-2.jpg")
    small.media.path(lost).unlink()

    def meanwhile(step: str, done: int, total: int) -> None:
        if step != "reading" or done != total:
            return
        with sqlite3.connect(small.settings.data_dir / "hub.db", isolation_level=None) as hub:
            hub.execute("update events set snapshot = ?, snapshot_revision = 2 where snapshot = ?", (better, replaced))
            hub.execute("update events set snapshot = null, snapshot_bytes = 0 where snapshot = ?", (released,))
            hub.execute("delete from events where snapshot = ?", (expired,))
        hub.close()
        small.media.put(better, b"a better picture")
        small.media.delete([replaced, released, expired])

    made = await small.back_up(tmp_path / "b", progress=meanwhile)
    assert (made.events, made.pictures, made.missing) == (EVENTS, EVENTS - 3, 1)
    assert len(list(read_lines(tmp_path / "b" / CHANGES))) == 3
    settings, done = await put_back(tmp_path / "new", tmp_path / "b", small.key)
    assert done.missing == 1
    store = await Store.open(settings.database)
    report = await check.compare(store, Media(settings.data_dir, 0, 10**12).keys(), "local")
    assert (report.missing, report.orphans, report.broken) == ((lost,), (), None)
    assert (settings.data_dir / better).read_bytes() == b"a better picture"
    assert sum(event.has_snapshot for event in await found(store, await officer(store))) == EVENTS - 2
    await store.close()


async def test_pictures_of_marks_come_back_and_are_missed(small: Site, tmp_path: Path) -> None:
    now = small.store.clock()
    user = await users.create(
        small.store,
        users.NewUser(
            name="li",
            role=Role.MONITOR,
            grants=("990101",),
            password=SecretStr("a good password"),
            trained_at=now,
            pledged_at=now,
        ),
        CONSOLE,
    )
    actor = Actor(user, "")
    new = patrols.NewPatrol(camera_ids=(small.camera,), reason="夜班")
    walk = await patrols.begin(small.store, new, actor, None, 12)
    look = Access(actor, await purposes.get_open(small.store, walk.purpose_id, user))
    keys = []
    for number in range(2):
        mark_id, at = uuid7(), datetime.now(UTC)
        keys.append(mark_key(mark_id, at))
        small.media.put(keys[-1], bytes([number]) * 500)
        told = patrols.NewPatrolMark(camera_id=small.camera, verdict=patrols.PatrolVerdict.FAULT)
        picture = patrols.MarkPicture("local", keys[-1], 500)
        await patrols.mark(small.store, look, walk.id, told, mark_id=mark_id, at=at, picture=picture)
    made = await small.back_up(tmp_path / "whole")
    assert (made.pictures, made.missing) == (EVENTS + 2, 0)
    settings, _ = await put_back(tmp_path / "there", made.folder, small.key)
    assert (await clean(settings)).files == EVENTS + 2
    assert (settings.data_dir / keys[1]).read_bytes() == bytes([1]) * 500

    small.media.delete(keys[:1])
    report = await check.compare(small.store, small.media.keys(), "local")
    assert (report.missing, report.orphans) == ((keys[0],), ())
    assert (await small.back_up(tmp_path / "less")).missing == 1


async def test_scans_of_consents_come_back_and_do_not_fill_the_memory(
    site: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    house = await add_camera(
        site.store, site.vault, None, name="House", kind=Kind.CIVILIAN, owner_name="Wang", owner_contact="13800000000"
    )
    new = consents.NewConsent(owner_name="Wang", scopes=frozenset({ConsentScope.REGISTER}))
    signed = {}
    for number in range(25):
        consent = await consents.create(site.store, house.id, new, CONSOLE)
        signed[consent.id] = bytes([number]) * scans.MOST_BYTES
        await scans.put(site.store, consent.id, signed[consent.id], CONSOLE)
    shape = next(one for one in dump.shapes() if one.name == "consent_scans")
    async with site.store.read() as conn:
        read = [len(batch) async for batch in dump.read_rows(conn, shape)]
    assert sum(read) == len(signed)
    assert max(read) * scans.MOST_BYTES <= 32 << 20

    await site.back_up(tmp_path / "b")
    on_postgres = site.settings.database_url is not None
    url = request.getfixturevalue("postgres").fresh_url() if on_postgres else None
    settings, _ = await put_back(tmp_path / "new", tmp_path / "b", site.key, url)
    store = await Store.open(settings.database)
    assert {consent: await scans.get(store, consent, CONSOLE) for consent in signed} == signed
    await store.close()


async def test_full_size_pictures_of_events_come_back_and_those_that_go_meanwhile_are_not_named(
    small: Site, tmp_path: Path
) -> None:
    stills = []
    for snapshot in sorted(small.media.keys())[:3]:
        event_id, at = UUID(Path(snapshot).name[:36]), datetime.now(UTC)
        stills.append(still_key(event_id, at))
        small.media.put(stills[-1], b"large")
        await events.record_stills(small.store, [StillChange(event_id, stills[-1], 5, at, "local")])
    beside = stills[1].replace("-still", "-1")

    def meanwhile(step: str, done: int, total: int) -> None:
        if step != "reading" or done != total:
            return
        with sqlite3.connect(small.settings.data_dir / "hub.db", isolation_level=None) as hub:
            hub.execute(
                "update events set still = null, still_bytes = 0, snapshot = null, snapshot_bytes = 0 where still = ?",
                (stills[1],),
            )
        hub.close()
        small.media.delete([stills[1], beside])

    made = await small.back_up(tmp_path / "b", progress=meanwhile)
    assert (made.pictures, made.missing) == (EVENTS + 1, 0)
    settings, _ = await put_back(tmp_path / "new", tmp_path / "b", small.key)
    assert (await clean(settings)).files == EVENTS + 1
    assert (settings.data_dir / stills[0]).read_bytes() == b"large"
    store = await Store.open(settings.database)
    assert sum(event.has_still for event in await found(store, await officer(store))) == 2
    await store.close()


async def test_every_flipped_byte_is_found(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b", with_key=True)
    files = [path for path in (tmp_path / "b").rglob("*") if path.is_file()]
    assert {"backup.json", "SHA256SUMS", "key", "changes.gz", "000001.tar"} <= {path.name for path in files}
    for file in files:
        whole = file.read_bytes()
        for at in {*range(0, len(whole), max(1, len(whole) // 30)), len(whole) - 1}:
            flipped = bytearray(whole)
            flipped[at] ^= 1 << (at % 8)
            file.write_bytes(flipped)
            with pytest.raises((Corrupt, NotFound)):
                Archive.open(tmp_path / "b").verify(quiet)
        for cut in (whole[:-1], whole[: len(whole) // 2], whole + b"\n"):
            file.write_bytes(cut)
            with pytest.raises((Corrupt, NotFound)):
                Archive.open(tmp_path / "b").verify(quiet)
        file.unlink()
        with pytest.raises((Corrupt, NotFound)):
            Archive.open(tmp_path / "b").verify(quiet)
        file.write_bytes(whole)
    Archive.open(tmp_path / "b").verify(quiet)
    sums = (tmp_path / "b" / SUMS).read_text(encoding="ascii").splitlines(keepends=True)
    for left_out in range(len(sums)):
        (tmp_path / "b" / SUMS).write_text("".join(sums[:left_out] + sums[left_out + 1 :]), encoding="ascii")
        with pytest.raises(Corrupt):
            Archive.open(tmp_path / "b").verify(quiet)


async def test_a_damaged_backup_touches_nothing(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")
    tar = tmp_path / "b" / "pictures" / "000001.tar"
    tar.write_bytes(tar.read_bytes()[:-1] + b"x")
    with pytest.raises(Corrupt, match="damaged"):
        await put_back(tmp_path / "new", tmp_path / "b", small.key)
    assert {path.name for path in (tmp_path / "new").iterdir()} <= {"hub.lock"}


async def test_sha256sum_reads_it_too(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", SUMS], cwd=tmp_path / "b", check=True)


async def test_too_little_room_is_told_first(small: Site, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="GB free") as err:
        await small.back_up(tmp_path / "b", free=lambda _: 1000)
    assert err.value.code == "disk_full"
    assert not list(tmp_path.glob("b*"))
    await small.back_up(tmp_path / "b")
    with pytest.raises(Unavailable, match="GB free"):
        await put_back(tmp_path / "new", tmp_path / "b", small.key, free=lambda _: 1000)
    assert {path.name for path in (tmp_path / "new").iterdir()} <= {"hub.lock"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
async def test_a_disk_that_fills_up(small: Site, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("this container may not mount")
    try:
        with pytest.raises(Unavailable) as err:
            await small.back_up(disk / "b", free=lambda _: 10**12)
        assert err.value.code == "disk_full"
        assert list(disk.iterdir()) == []
        await small.back_up(tmp_path / "b")
        with pytest.raises(Unavailable) as err:
            await put_back(disk / "new", tmp_path / "b", small.key, free=lambda _: 10**12)
        assert err.value.code == "disk_full"
        assert {path.name for path in (disk / "new").iterdir()} == {"hub.lock"}
    finally:
        subprocess.run(["umount", disk], check=True)


async def test_what_stopped_half_way_bears_another_name(small: Site, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(step: str, done: int, total: int) -> None:
        if step == "copying pictures":
            raise Stop

    with pytest.raises(Stop):
        await small.back_up(tmp_path / "b", progress=stop)
    assert not list(tmp_path.glob("b*"))
    killed = tmp_path / "b.partial"  # a kill -9 leaves this
    (killed / "tables").mkdir(parents=True)
    (killed / "tables" / "01-x.gz").write_bytes(b"half")
    with pytest.raises(NotFound, match="no finished backup"):
        Archive.open(killed)
    await small.back_up(tmp_path / "b")
    assert not killed.exists()
    Archive.open(tmp_path / "b").verify(quiet)


async def test_places_that_are_taken(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")
    with pytest.raises(Conflict, match="there already"):
        await small.back_up(tmp_path / "b")
    with pytest.raises(Conflict, match="inside the data directory"):
        await small.back_up(small.settings.data_dir / "b")
    with writing(tmp_path / "c"), pytest.raises(Conflict, match="another backup"):
        await small.back_up(tmp_path / "c")
    with pytest.raises(Conflict, match="not empty") as err:
        await restore(
            small.settings, Archive.open(tmp_path / "b"), CONSOLE, key=None, without_key=False, progress=quiet
        )
    assert err.value.code == "restore_not_empty"
    with locked(tmp_path / "running"), pytest.raises(Conflict) as err:
        await put_back(tmp_path / "running", tmp_path / "b", small.key)
    assert err.value.code == "hub_running"


@pytest.mark.postgres
async def test_a_database_that_is_not_empty_is_refused(site: Site, tmp_path: Path, postgres_url: str) -> None:
    other = await Store.open(postgres_url, upgrade=True)
    await other.close()
    await site.back_up(tmp_path / "b")
    with pytest.raises(Conflict, match="not empty"):
        await put_back(tmp_path / "new", tmp_path / "b", site.key, postgres_url)


async def test_the_key(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")
    assert not (tmp_path / "b" / "key").exists()
    assert all(
        small.key.strip().encode() not in path.read_bytes() for path in (tmp_path / "b").rglob("*") if path.is_file()
    )
    with pytest.raises(Invalid, match="sealing key is needed"):
        await put_back(tmp_path / "new", tmp_path / "b", None)
    other = load_key(None, tmp_path / "other")
    assert other
    with pytest.raises(Invalid, match="not the key"):
        await put_back(tmp_path / "new", tmp_path / "b", (tmp_path / "other" / "key").read_text(encoding="ascii"))
    _, done = await put_back(tmp_path / "new", tmp_path / "b", None, without_key=True)
    assert not done.has_key
    await small.back_up(tmp_path / "with", with_key=True)
    assert (tmp_path / "with" / "key").stat().st_mode & 0o777 == 0o600
    settings, _ = await put_back(tmp_path / "third", tmp_path / "with", None)
    assert (settings.data_dir / "key").read_text(encoding="ascii") == small.key


async def test_a_key_is_laid_whole_or_not_at_all(small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a key would be taken for the hub's own, and the next restore would not lay another."""
    await small.back_up(tmp_path / "b")
    sync, new = os.fsync, tmp_path / "new"

    def full(handle: int) -> None:
        if str(Path(f"/proc/self/fd/{handle}").readlink()).startswith(str(new / "key")):
            raise OSError(errno.ENOSPC, "no space")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="disk is full"):
        await put_back(new, tmp_path / "b", small.key)
    assert not (new / "key").exists()
    monkeypatch.undo()
    settings, _ = await put_back(new, tmp_path / "b", small.key)
    assert (settings.data_dir / "key").read_text(encoding="ascii") == small.key


async def test_what_people_sent_in_is_found_after_a_power_cut(
    small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is synced in a folder nobody synced the name of is lost with it."""
    upload = await small.upload(b"film")
    await small.back_up(tmp_path / "b")
    synced: list[tuple[str, bool]] = []
    sync, there = os.fsync, tmp_path / "new" / "uploads"

    def noted(handle: int) -> None:
        synced.append((str(Path(f"/proc/self/fd/{handle}").readlink()), (there / str(upload)).is_dir()))
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    await put_back(tmp_path / "new", tmp_path / "b", small.key)
    assert (str(there), True) in synced


def sealed_again(archive: Path, place: Path, edit: Callable[[Path, dict[str, Any]], None]) -> None:
    """A copy of a backup, edited and sealed anew, as another program would have made it."""
    about = json.loads((archive / "backup.json").read_text(encoding="utf-8"))
    with writing(place) as writer:
        for part in ("tables", "pictures"):
            if (archive / part).is_dir():
                shutil.copytree(archive / part, writer.partial / part)
        shutil.copy(archive / CHANGES, writer.partial / CHANGES)
        edit(writer.partial, about)
        about["files"] = len(writer.files())
        writer.finish(
            Archive.open(archive).about.model_copy(update={**about, "made_at": datetime.now(UTC)}), place, quiet
        )


def rewrite(file: Path, edit: Callable[[list[Any]], list[Any]]) -> None:
    lines = edit(list(read_lines(file)))
    with gzip.open(file, "wb") as out:
        out.writelines(json.dumps(line).encode() + b"\n" for line in lines)


@cache
def columns_of(revision: str) -> dict[str, set[str]]:
    """The columns of every table that a revision of the schema has."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        migrate.build(connection, revision)
        look = sa.inspect(connection)
        found = {name: {column["name"] for column in look.get_columns(name)} for name in look.get_table_names()}
    engine.dispose()
    return found


def as_of_0001(folder: Path, about: dict[str, Any]) -> None:
    about["schema_revision"] = "0001"
    then = columns_of("0001")
    for file in (folder / "tables").iterdir():
        name = file.name[3:-3]
        if name not in then:
            file.unlink()
            del about["rows"][name]
            continue

        def without(lines: list[Any], known: set[str] = then[name]) -> list[Any]:
            head, *rows = lines
            keep = [at for at, (column, _) in enumerate(head["columns"]) if column in known]
            return [
                {**head, "columns": [head["columns"][at] for at in keep]},
                *([row[at] for at in keep] for row in rows),
            ]

        rewrite(file, without)


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_a_backup_of_the_version_before(
    small: Site, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    await small.back_up(tmp_path / "b")
    sealed_again(tmp_path / "b", tmp_path / "old", as_of_0001)
    url = request.getfixturevalue("postgres_url") if target == "postgresql" else None
    settings, done = await put_back(tmp_path / "new", tmp_path / "old", small.key, url)
    assert done.upgraded_from == "0001"
    assert (await clean(settings)).events == EVENTS


async def test_a_backup_of_a_newer_program_is_refused(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")
    sealed_again(tmp_path / "b", tmp_path / "new", lambda _, about: about.update(schema_revision="9999"))
    with pytest.raises(Corrupt) as err:
        await put_back(tmp_path / "target", tmp_path / "new", small.key)
    assert err.value.code == "schema_newer"


async def test_an_edited_register_is_refused(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b")

    def edit(folder: Path, about: dict[str, Any]) -> None:
        def somebody_else(lines: list[Any]) -> list[Any]:
            lines[1][3] = "somebody else"
            return lines

        rewrite(next((folder / "tables").glob("*-audit.gz")), somebody_else)

    sealed_again(tmp_path / "b", tmp_path / "edited", edit)
    with pytest.raises(Corrupt) as err:
        await put_back(tmp_path / "target", tmp_path / "edited", small.key)
    assert err.value.code == "audit_broken"
    assert {path.name for path in (tmp_path / "target").iterdir()} == {"hub.lock"}


@pytest.mark.parametrize("row", [[], ["not a number"] * 30, {"no": 1}, None])
async def test_rows_that_do_not_fit(small: Site, tmp_path: Path, row: Any) -> None:
    await small.back_up(tmp_path / "b")

    def edit(folder: Path, about: dict[str, Any]) -> None:
        rewrite(next((folder / "tables").glob("*-events.gz")), lambda lines: [lines[0], row, *lines[2:]])

    sealed_again(tmp_path / "b", tmp_path / "edited", edit)
    with pytest.raises(HubError):
        await put_back(tmp_path / "target", tmp_path / "edited", small.key)
    assert {path.name for path in (tmp_path / "target").iterdir()} == {"hub.lock"}


async def test_a_hub_refuses_what_was_half_restored(small: Site, tmp_path: Path) -> None:
    target = settings_in(tmp_path / "half")
    target.data_dir.mkdir()
    (target.data_dir / RESTORING).write_text("{", encoding="ascii")
    with pytest.raises(Corrupt, match="restore again") as err:
        async with Hub.running(target, watch=False):
            pass
    assert err.value.code == "restore_unfinished"
    await small.back_up(tmp_path / "b")
    settings, _ = await put_back(target.data_dir, tmp_path / "b", small.key)
    assert (await clean(settings)).events == EVENTS


def forged(edit: Callable[[Path], None]) -> Callable[[Path, dict[str, Any]], None]:
    return lambda folder, _about: edit(folder)


def changes_of(*lines: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / CHANGES).write_bytes(gzip.compress(b"\n".join(lines)))


def first_line(table: str, head: object) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        rewrite(next((folder / "tables").glob(f"*-{table}.gz")), lambda lines: [head, *lines[1:]])

    return edit


def tar_of(**about: Any) -> Callable[[Path], None]:
    """A file of pictures with one entry that is not what an entry should be."""

    def edit(folder: Path) -> None:
        entry = tarfile.TarInfo(snapshot_key(uuid7(), 1, datetime.now(UTC)))
        for name, value in about.items():
            setattr(entry, name, value)
        (folder / "pictures" / "000001.tar").write_bytes(entry.tobuf(tarfile.USTAR_FORMAT) + bytes(10_240))

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        changes_of(b"[1]"),
        changes_of(b'["x",{}]'),
        changes_of(b"[1,[]]"),
        changes_of(b'[1,{"snapshott":null}]'),
        changes_of(b"[" * 100_000),
        first_line("events", {"table": "events", "columns": [["no", "pickle"]]}),
        first_line("events", {"table": "events", "columns": [["snapshot", "text"]]}),
        first_line("events", {"table": "sqlite_master", "columns": [["no", "int"]]}),
        first_line("events", []),
        first_line("users", {"table": "cases", "columns": []}),
        tar_of(name="../../../etc/cron.d/x"),
        tar_of(type=tarfile.LNKTYPE, linkname="nowhere"),
        tar_of(type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        tar_of(type=tarfile.DIRTYPE),
        tar_of(size=1 << 32),
    ],
)
async def test_a_forged_backup_is_refused_in_words(small: Site, tmp_path: Path, edit: Callable[[Path], None]) -> None:
    await small.back_up(tmp_path / "b")
    sealed_again(tmp_path / "b", tmp_path / "forged", forged(edit))
    with pytest.raises(HubError):
        await put_back(tmp_path / "target", tmp_path / "forged", small.key)
    assert {path.name for path in (tmp_path / "target").iterdir()} == {"hub.lock"}


async def test_a_line_without_an_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MAX_LINE", 1000)
    for length in (1000, 1001):
        (tmp_path / "lines.gz").write_bytes(gzip.compress(b'"' + b"x" * (length - 2) + b'"'))
        if length > 1000:
            with pytest.raises(Corrupt):
                list(read_lines(tmp_path / "lines.gz"))
        else:
            assert len(list(read_lines(tmp_path / "lines.gz"))) == 1


async def test_a_key_that_got_lost_from_the_backup_is_told(small: Site, tmp_path: Path) -> None:
    await small.back_up(tmp_path / "b", with_key=True)
    (tmp_path / "b" / "key").unlink()
    with pytest.raises(Corrupt) as err:
        await put_back(tmp_path / "target", tmp_path / "b", None)
    assert err.value.code == "backup_damaged"


async def test_the_folder_one_stands_in(small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b").mkdir()
    monkeypatch.chdir(tmp_path / "b")
    await small.back_up(Path())
    Archive.open(tmp_path / "b").verify(quiet)
    (tmp_path / "link").symlink_to(small.settings.data_dir)
    with pytest.raises(Conflict, match="inside the data directory"):
        await small.back_up(tmp_path / "link" / "b")

import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import camera_hub.media
from camera_hub.media import Media, encode_jpeg, smaller, snapshot_key
from registry.errors import NotFound, Unavailable

AT = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def key(at: datetime = AT, revision: int = 1) -> str:
    return snapshot_key(uuid.uuid4(), revision, at)


def test_what_is_put_is_there_whole_under_its_utc_day(tmp_path: Path) -> None:
    media = Media(tmp_path, 0, 10**9)
    shanghai = datetime(2026, 11, 24, 4, 0, tzinfo=timezone(timedelta(hours=8)))
    one = key(shanghai)
    media.put(one, b"picture")
    assert one.startswith("snapshots/2026-11-23/")
    assert media.path(one).read_bytes() == b"picture"
    assert list(media.keys()) == [one]
    assert [p.name for p in media.path(one).parent.iterdir()] == [media.path(one).name], "no temporary file stays"


ONE = "snapshots/2026-11-23/0199f7b0-0000-7000-8000-000000000001-1.jpg"


@pytest.mark.parametrize(
    "bad",
    [
        "../hub.db",
        "snapshots/../../etc/passwd",
        "/etc/passwd",
        "snapshots/2026-11-23/../2026-11-22/x.jpg",
        "snapshots/2026-11-23/" + "0" * 36 + "-1.jpg",
        ONE + "\n",
        ONE.replace("snapshots", "SNAPSHOTS"),
        ONE.replace(".jpg", ".jpg\x00.png"),
        "",
    ],
)
def test_a_key_never_leads_outside(tmp_path: Path, bad: str) -> None:
    media = Media(tmp_path, 0, 10**9)
    with pytest.raises(NotFound):
        media.path(bad)
    with pytest.raises(NotFound):
        media.put(bad, b"x")


@given(st.text(max_size=120))
def test_no_text_leads_outside(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    media = Media(tmp_path_factory.getbasetemp() / "keys", 0, 10**9)
    try:
        path = media.path(text)
    except NotFound:
        return
    assert path.parent.parent == tmp_path_factory.getbasetemp() / "keys" / "snapshots"


def test_below_the_minimum_of_free_disk_no_picture_is_written(tmp_path: Path) -> None:
    free = [1000]
    media = Media(tmp_path, 500, 10**9, free=lambda _: free[0])
    media.put(key(), b"x" * 400)
    free[0] = 600
    with pytest.raises(Unavailable) as caught:
        media.put(key(), b"x" * 400)
    assert caught.value.code == "disk_full"
    assert len(list(media.keys())) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_meanwhile_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media = Media(tmp_path, 0, 10**9)
    real = os.open

    def opens(path: str, flags: int, mode: int = 0o777) -> int:
        descriptor = real(path, flags, mode)
        if flags & os.O_CREAT:
            full = real("/dev/full", os.O_WRONLY)
            os.dup2(full, descriptor)
            os.close(full)
        return descriptor

    monkeypatch.setattr(os, "open", opens)
    with pytest.raises(Unavailable) as caught:
        media.put(key(), b"x" * 10_000)
    assert caught.value.code == "disk_full"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_many_threads_put_and_delete(tmp_path: Path) -> None:
    media = Media(tmp_path, 0, 10**9)
    keys = [key(revision=n) for n in range(200)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda one: media.put(one, b"x" * 100), keys))
    assert media.used_bytes() == 20_000
    assert media.delete([*keys[:50], keys[0], key()]) == 50
    assert media.used_bytes() == 15_000
    assert set(media.keys()) == set(keys[50:])


def test_the_sweep_takes_orphans_and_unfinished_files_and_nothing_else(tmp_path: Path) -> None:
    media = Media(tmp_path, 0, 10**9)
    known, orphan, young = key(), key(), key()
    for one in (known, orphan, young):
        media.put(one, b"x")
    unfinished = media.path(known).with_name(".half.123.0")
    unfinished.write_bytes(b"ha")
    for path in (media.path(known), media.path(orphan), unfinished):
        os.utime(path, (1000, 1000))
    foreign = media.path(known).with_name("README")
    foreign.write_text("not ours")
    assert media.sweep(lambda keys: {known} & set(keys), before=2000) == 2
    assert set(media.keys()) == {known, young}
    assert foreign.exists()
    assert not unfinished.exists()


def test_the_sweep_asks_in_bounded_lots_and_removes_empty_days(tmp_path: Path) -> None:
    media = Media(tmp_path, 0, 10**9)
    for n in range(1100):
        path = media.path(key(revision=n))
        path.parent.mkdir(exist_ok=True)
        path.touch()
    lots: list[int] = []

    def known(keys: list[str]) -> set[str]:
        lots.append(len(keys))
        return set()

    assert media.sweep(known, before=4e9) == 1100
    assert lots == [500, 500, 100]
    assert media.days() == []
    media.put(key(), b"again")


def test_encode_jpeg_keeps_colours(tmp_path: Path) -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[:, :, 0] = 200
    back = cv2.imdecode(np.frombuffer(encode_jpeg(red), np.uint8), cv2.IMREAD_COLOR)
    blue, green, shown_red = (int(back[32, 32, n]) for n in range(3))
    assert shown_red > 180
    assert max(blue, green) < 30


def test_threads_that_write_at_once_share_the_folders_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Media(tmp_path, 0, 10**9)
    store.put(key(), b"the day's folder")
    waiting, go = threading.Semaphore(0), threading.Event()
    syncs: list[int] = []
    real, renamed = camera_hub.media.sync_folder, Path.replace

    def slow(folder: Path) -> None:
        syncs.append(len(list(store.keys())))
        assert go.wait(20)
        real(folder)

    def counted(self: Path, target: Path) -> Path:
        done = renamed(self, target)
        waiting.release()
        return done

    monkeypatch.setattr(camera_hub.media, "sync_folder", slow)
    monkeypatch.setattr(Path, "replace", counted)
    with ThreadPoolExecutor(8) as pool:
        puts = [pool.submit(store.put, key(), b"x") for _ in range(8)]
        for _ in puts:
            assert waiting.acquire(timeout=20)
        go.set()
        for put in puts:
            put.result(20)
    assert len(syncs) < len(puts), "one sync serves all that renamed before it began"
    assert syncs[-1] == 9, "the last to rename was synced after its rename"


def test_a_smaller_copy_keeps_its_shape_and_colours() -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[:, :320], picture[:, 320:] = (200, 30, 30), (30, 30, 200)
    small = cv2.imdecode(np.frombuffer(smaller(encode_jpeg(picture), 160), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert small is not None
    assert small.shape == (90, 160, 3)
    assert abs(small[45, 30].astype(int) - (200, 30, 30)).max() < 12
    assert abs(small[45, 130].astype(int) - (30, 30, 200)).max() < 12


@pytest.mark.parametrize("as_it_is", [b"", b"no picture", encode_jpeg(np.zeros((20, 30, 3), np.uint8))])
def test_what_cannot_be_made_smaller_stays_as_it_is(as_it_is: bytes) -> None:
    assert smaller(as_it_is, 160) == as_it_is

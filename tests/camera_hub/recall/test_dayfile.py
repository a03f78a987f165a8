"""A day's file of small pictures: what was appended is read, whatever was cut or damaged since."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from camera_hub.recall.stills.dayfile import MAGIC, Album, Still, day_of, parse

CAMERA = UUID(int=7)
NOON = int(datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp() * 1000)
DAY = "2026-11-29"


def still(minute: int, data: bytes = b"webp", *, masked: bool = False) -> Still:
    return Still(NOON + minute * 60_000, 320, 180, masked, data)


def written(*stills: Still) -> bytes:
    return b"".join(one.encoded() for one in stills)


def test_what_is_appended_is_read_in_order_of_time(tmp_path: Path) -> None:
    album = Album(tmp_path)
    for minute in (10, 0, 20):
        album.append(CAMERA, still(minute, masked=minute == 20))
    read = album.read(DAY, CAMERA)
    assert [(one.at - NOON) // 60_000 for one in read.stills] == [0, 10, 20]
    assert [one.masked for one in read.stills] == [False, False, True]
    assert read.lost == 0
    assert album.days() == [DAY]
    (file,) = album.files(DAY)
    assert (file.camera_id, file.size) == (CAMERA, 3 * (32 + 4))
    assert album.read("2026-11-28", CAMERA).stills == ()
    assert album.read("../../etc", CAMERA).stills == ()


pictures = st.lists(st.binary(max_size=40).map(lambda data: data + MAGIC), min_size=1, max_size=6)


@given(pictures, st.data())
def test_a_cut_at_any_byte_loses_the_last_picture_at_most(data: list[bytes], draw: st.DataObject) -> None:
    stills = [still(number, one) for number, one in enumerate(data)]
    whole = written(*stills)
    cut = draw.draw(st.integers(len(whole) - len(stills[-1].encoded()), len(whole)))
    read = parse(whole[:cut])
    assert read.stills[: len(stills) - 1] == tuple(stills[:-1])
    # What is appended behind a torn end is found again.
    assert parse(whole[:cut] + still(99).encoded()).stills[-1] == still(99)


@given(pictures, st.data())
def test_a_flipped_byte_loses_one_picture(data: list[bytes], draw: st.DataObject) -> None:
    stills = [still(number, one) for number, one in enumerate(data)]
    whole = bytearray(written(*stills))
    whole[draw.draw(st.integers(0, len(whole) - 1))] ^= draw.draw(st.integers(1, 255))
    read = parse(bytes(whole))
    assert set(read.stills) <= set(stills)
    assert len(read.stills) >= len(stills) - 1
    assert (read.lost > 0) == (len(read.stills) < len(stills))


@given(st.binary(max_size=300))
def test_anything_can_be_read(data: bytes) -> None:
    assert parse(data).lost <= len(data)


def test_what_is_left_out_goes_and_the_file_with_its_last_picture(tmp_path: Path) -> None:
    album = Album(tmp_path)
    for minute in range(3):
        album.append(CAMERA, still(minute))
    album.leave_out(DAY, CAMERA, lambda one: one.at == still(1).at)
    assert album.read(DAY, CAMERA).stills == (still(0), still(2))
    album.leave_out(DAY, CAMERA, lambda _: True)
    assert list(album.files(DAY)) == []
    album.leave_out(DAY, CAMERA, lambda _: True)
    album.tidy(0)
    assert album.days() == []
    album.append(CAMERA, still(5))
    assert album.read(DAY, CAMERA).stills == (still(5),)


def test_nothing_is_lost_that_is_appended_while_others_go(tmp_path: Path) -> None:
    album, count = Album(tmp_path), 40
    album.append(CAMERA, still(0, b"old"))

    def delete() -> None:
        for _ in range(count):
            album.leave_out(DAY, CAMERA, lambda one: one.data == b"old")

    thread = threading.Thread(target=delete)
    thread.start()
    for minute in range(1, count):
        album.append(CAMERA, still(minute, b"new" if minute % 2 else b"old"))
    thread.join()
    delete()
    assert [one.data for one in album.read(DAY, CAMERA).stills] == [b"new"] * (count // 2)


def test_a_day_is_utc() -> None:
    assert day_of(NOON + 12 * 3_600_000) == "2026-11-30"

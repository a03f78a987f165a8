"""Days on disk: written, cut off anywhere, sealed twice, damaged, read while they are written."""

from __future__ import annotations

import itertools
import os
import threading
from datetime import UTC, date, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_hub.recall.motion.block import Block, seal
from camera_hub.recall.motion.days import Day, bounds, joined, of_log
from camera_hub.recall.motion.log import Log
from camera_hub.recall.motion.record import SIZE, Motion, Seen, Span, View, pack
from camera_hub.recall.motion.shelf import Shelf
from registry.errors import Corrupt
from tests import fuse
from tests.camera_hub.recall.sheets import lit, write

DAY = date(2026, 11, 23)
CAMERA = UUID(int=7)
TZ = ZoneInfo("Asia/Shanghai")
BEGIN, END = bounds(DAY, TZ)

ROWS = st.lists(st.integers(0, 2**32 - 1), min_size=18, max_size=18).map(lambda rows: np.array(rows, np.uint32))
MOTIONS = st.builds(Motion, st.integers(BEGIN - 5, END + 5), ROWS)
SPANS = st.tuples(st.integers(BEGIN - 50, END), st.integers(1, 4000)).flatmap(
    lambda at: st.builds(
        Span,
        st.just(at[0]),
        st.just(at[0] + at[1]),
        st.sampled_from(list(Seen)[1:]),
        st.integers(0, 3),
        st.integers(0, 2),
    )
)
VIEWS = st.builds(View, st.integers(BEGIN, END - 1), ROWS)
LOGS = st.lists(st.one_of(MOTIONS, SPANS, VIEWS), max_size=30)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, TZ)


def told(records: list[Motion | Span | View]) -> Day:
    return of_log(b"".join(map(pack, records)), BEGIN, END - BEGIN)


@given(LOGS)
def test_a_day_is_what_its_records_say(records):
    day = told(records)
    seen = np.zeros(END - BEGIN, np.uint8)
    grid = np.zeros((END - BEGIN, 18), np.uint32)
    for one in records:
        if isinstance(one, Span):
            part = seen[max(one.since - BEGIN, 0) : max(one.until - BEGIN, 0)]
            part[:] = np.maximum(part, one.seen)
    for one in records:
        if isinstance(one, Motion) and BEGIN <= one.second < END:
            grid[one.second - BEGIN] |= one.rows
            if one.rows.any() and seen[one.second - BEGIN] <= Seen.GAP:
                seen[one.second - BEGIN] = Seen.FULL
    assert np.array_equal(day.seconds, np.flatnonzero(grid.any(axis=1)))
    assert np.array_equal(day.rows, grid[day.seconds])
    ours = np.zeros(END - BEGIN, np.uint8)
    last = 0
    for span in day.spans:
        assert last <= span.since < span.until
        last = span.until
        ours[span.since : span.until] = span.seen
    assert np.array_equal(ours, seen)


@given(LOGS, LOGS)
def test_a_block_holds_the_day_and_is_always_the_same(first, second):
    day = told(first)
    block = seal(day, BEGIN)
    assert Block(block).day() == day
    assert seal(Block(block).day(), BEGIN) == block
    assert np.array_equal(Block(block).minutes(), day.minutes())
    assert np.array_equal(Block(block).hours(), day.hours())
    assert seal(joined(day, day), BEGIN) == block
    whole = told([*first, *second])
    assert np.array_equal(joined(day, told(second)).rows, whole.rows)


@settings(deadline=None)
@given(LOGS.filter(bool), st.data())
def test_a_flipped_byte_of_a_block_is_found(records, data):
    block = bytearray(seal(told(records), BEGIN))
    at = data.draw(st.integers(0, len(block) - 1))
    block[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Corrupt):
        Block(bytes(block)).day()


@settings(deadline=None)
@given(st.data())
def test_a_flipped_byte_is_told_by_whoever_reads_what_it_is_in(data):
    moved = {second: lit((second % 18, second % 32)) for second in range(0, 3600, 7)}
    day = told([Span(BEGIN, END, Seen.FULL), *(Motion(BEGIN + at, rows) for at, rows in moved.items())])
    whole = seal(day, BEGIN)
    block = bytearray(whole)
    at = data.draw(st.integers(0, len(block) - 33))  # the digest is for who checks all of it
    block[at] ^= 1 << data.draw(st.integers(0, 7))

    def read(octets: bytes) -> str:
        one = Block(octets)
        rows = [[part.tolist() for part in one.row(n)] for n in range(18)]
        views = [(view.second, view.hidden.tolist()) for view in one.views]
        return repr((one.spans, views, one.minutes().tolist(), one.hours().tolist(), rows))

    # A stream's last byte has bits that mean nothing (RFC 1951, 3.1.1): without them it says the same.
    try:
        told_by = read(bytes(block))
    except Corrupt:
        return
    assert told_by == read(whole)


def test_a_log_cut_anywhere_loses_one_record_at_most(shelf: Shelf, tmp_path: Path) -> None:
    write(shelf, CAMERA, DAY, moved={at: lit((at, at)) for at in range(3)})
    path = tmp_path / "motion" / str(CAMERA) / f"{DAY}.log"
    data = path.read_bytes()
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        held = shelf.read(CAMERA, DAY)
        assert isinstance(held, Day)
        records = cut // SIZE
        assert len(held.seconds) == min(max(records - 1, 0), 3)
        # whoever writes on cuts the torn one off, and what he writes is found
        shelf.append(CAMERA, DAY, pack(Motion(BEGIN + 100, lit((5, 5)))))
        held = shelf.read(CAMERA, DAY)
        assert isinstance(held, Day)
        assert held.seconds[-1] == 100
        assert len(held.seconds) == min(max(records - 1, 0), 3) + 1


def test_a_record_that_is_damaged_is_passed_over(shelf: Shelf, tmp_path: Path) -> None:
    write(shelf, CAMERA, DAY, moved={at: lit((at, at)) for at in range(5)})
    path = tmp_path / "motion" / str(CAMERA) / f"{DAY}.log"
    data = bytearray(path.read_bytes())
    data[2 * SIZE + 11] ^= 4
    path.write_bytes(data)
    held = shelf.read(CAMERA, DAY)
    assert isinstance(held, Day)
    assert held.seconds.tolist() == [0, 2, 3, 4]


def test_sealing_twice_is_sealing_once(shelf: Shelf, tmp_path: Path) -> None:
    write(shelf, CAMERA, DAY, moved={5: lit((1, 1))})
    log = (tmp_path / "motion" / str(CAMERA) / f"{DAY}.log").read_bytes()
    assert shelf.seal(CAMERA, DAY)
    sealed = tmp_path / "motion" / str(CAMERA) / f"{DAY}.vmi"
    once = sealed.read_bytes()
    assert not shelf.seal(CAMERA, DAY)
    # a hub that was killed after the block was there and before the log was gone
    sealed.with_suffix(".log").write_bytes(log)
    held = shelf.read(CAMERA, DAY)
    assert isinstance(held, Day)
    assert held.seconds.tolist() == [5]
    assert shelf.seal(CAMERA, DAY)
    assert sealed.read_bytes() == once
    # what a worker says late is added
    shelf.append(CAMERA, DAY, pack(Motion(BEGIN + 9, lit((2, 2)))))
    assert shelf.seal(CAMERA, DAY)
    late = shelf.read(CAMERA, DAY)
    assert isinstance(late, Block)
    assert late.day().seconds.tolist() == [5, 9]
    assert [file.name for file in sealed.parent.iterdir()] == [sealed.name]


def test_a_hub_killed_anywhere_while_it_seals_loses_nothing(tmp_path: Path) -> None:
    """In a process of its own, before each thing it does to the disk."""
    for at in itertools.count(1):
        shelf = Shelf(tmp_path / str(at), TZ)
        write(shelf, CAMERA, DAY, moved={5: lit((1, 1)), 700: lit((3, 9))})
        folder = tmp_path / str(at) / "motion" / str(CAMERA)
        before = shelf.read(CAMERA, DAY)
        pid = os.fork()
        if pid == 0:
            fuse.light(at)
            shelf.seal(CAMERA, DAY)
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(pid, 0)[1])
        held = shelf.read(CAMERA, DAY)
        assert (held.day() if isinstance(held, Block) else held) == before, at
        shelf.tidy(CAMERA)
        shelf.append(CAMERA, DAY, pack(Motion(BEGIN + 900, lit((2, 2)))))
        assert shelf.seal(CAMERA, DAY)
        after = shelf.read(CAMERA, DAY)
        assert isinstance(after, Block)
        assert after.day().seconds.tolist() == [5, 700, 900], at
        assert [one.name for one in folder.iterdir()] == [f"{DAY}.vmi"]
        if not killed:
            break
    assert at > 4, "it syncs, renames, syncs the folder and takes the log away"


def test_a_damaged_block_is_not_sealed_over(shelf: Shelf, tmp_path: Path) -> None:
    write(shelf, CAMERA, DAY, moved={5: lit((1, 1))}, sealed=True)
    sealed = tmp_path / "motion" / str(CAMERA) / f"{DAY}.vmi"
    data = bytearray(sealed.read_bytes())
    data[-40] ^= 1
    sealed.write_bytes(data)
    shelf.append(CAMERA, DAY, pack(Motion(BEGIN + 9, lit((2, 2)))))
    with pytest.raises(Corrupt):
        shelf.seal(CAMERA, DAY)
    assert sealed.read_bytes() == data
    assert sealed.with_suffix(".log").exists()


def test_a_day_is_read_sealed_and_written_at_once(shelf: Shelf) -> None:
    """Nothing that was appended is lost to a seal, and every reader finds a prefix of what was appended."""
    many, done = 400, threading.Event()

    def writing() -> None:
        for at in range(many):
            shelf.append(CAMERA, DAY, pack(Motion(BEGIN + at, lit((0, 0)))))
        done.set()

    writer = threading.Thread(target=writing)
    writer.start()
    seen = 0
    while not done.is_set():
        shelf.seal(CAMERA, DAY)
        held = shelf.read(CAMERA, DAY)
        if held is not None:
            seconds = held.row(0)[0]
            assert seconds.tolist() == list(range(len(seconds)))
            assert len(seconds) >= seen
            seen = len(seconds)
    writer.join()
    shelf.seal(CAMERA, DAY)
    held = shelf.read(CAMERA, DAY)
    assert isinstance(held, Block)
    assert len(held.row(0)[0]) == many


def test_what_the_disk_does_not_take_is_told(shelf: Shelf) -> None:
    room = [True]
    log = Log(shelf, lambda: room[0])
    log.offer(CAMERA, DAY, Motion(BEGIN + 1, lit((0, 0))))
    log.turn()
    room[0] = False
    log.offer(CAMERA, DAY, Motion(BEGIN + 5, lit((0, 0))))
    log.offer(CAMERA, DAY, Motion(BEGIN + 7, lit((0, 0))))
    log.turn()
    room[0] = True
    log.offer(CAMERA, DAY, Span(BEGIN, BEGIN + 20, Seen.FULL))
    log.turn()
    held = shelf.read(CAMERA, DAY)
    assert isinstance(held, Day)
    assert [(one.since, one.until, one.seen) for one in held.spans] == [
        (0, 5, Seen.FULL), (5, 8, Seen.LOST), (8, 20, Seen.FULL)
    ]  # fmt: skip


def test_what_is_too_much_to_wait_is_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camera_hub.recall.motion.log.MOST_WAITING", 2)
    log = Log(shelf, lambda: True)
    for at in range(5):
        log.offer(CAMERA, DAY, Motion(BEGIN + at, lit((0, 0))))
    log.turn()
    held = shelf.read(CAMERA, DAY)
    assert isinstance(held, Day)
    assert [(one.since, one.until, one.seen) for one in held.spans] == [(0, 2, Seen.FULL), (2, 5, Seen.LOST)]


def test_a_day_is_deleted_with_its_folder(shelf: Shelf, tmp_path: Path) -> None:
    write(shelf, CAMERA, DAY, sealed=True)
    write(shelf, CAMERA, DAY + timedelta(days=1))
    assert (shelf.cameras(), shelf.days(CAMERA)) == ([CAMERA], [DAY, DAY + timedelta(days=1)])
    shelf.delete(CAMERA, DAY)
    shelf.delete(CAMERA, DAY)
    assert shelf.days(CAMERA) == [DAY + timedelta(days=1)]
    shelf.delete(CAMERA, DAY + timedelta(days=1))
    assert list((tmp_path / "motion").iterdir()) == []
    assert shelf.read(CAMERA, DAY) is None


def test_a_day_is_cut_to_what_may_stay(shelf: Shelf) -> None:
    moved = {at: lit((0, 0)) for at in (10, 100, 200)}
    for sealed in (False, True):
        write(shelf, CAMERA, DAY, moved=moved, sealed=sealed)
        shelf.cut(CAMERA, DAY, [(BEGIN + 50, BEGIN + 150)])
        held = shelf.read(CAMERA, DAY)
        assert isinstance(held, Block)
        assert (held.row(0)[0].tolist(), [(one.since, one.until) for one in held.spans]) == ([100], [(50, 150)])
        shelf.cut(CAMERA, DAY, [])
        assert shelf.days(CAMERA) == []


def test_days_have_their_lengths() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    lengths = [end - begin for begin, end in (bounds(day, berlin) for day in (date(2026, 3, 29), date(2026, 10, 25)))]
    assert lengths == [23 * 3600, 25 * 3600]
    day = of_log(
        pack(Motion(bounds(date(2026, 10, 25), berlin)[1] - 1, lit((0, 0)))),
        bounds(date(2026, 10, 25), berlin)[0],
        90_000,
    )
    assert Block(seal(day, 0)).day() == day
    assert bounds(DAY, UTC)[1] - bounds(DAY, UTC)[0] == 86_400
    assert not Day.empty(86_400).cut([(0, 10)])

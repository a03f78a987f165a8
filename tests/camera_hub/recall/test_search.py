"""The answer against dense truth: every second of every cell, looked at one by one."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_hub.recall.motion.days import bounds
from camera_hub.recall.motion.density import density, step_of
from camera_hub.recall.motion.record import Seen, Span
from camera_hub.recall.motion.search import GAP_S, Asked, Found, Hit, search
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.motion.window import days_within, in_hours
from detectors.cells import Rows, count
from registry.motion import Unwatched
from registry.spans import common, length
from tests.camera_hub.recall.sheets import DARK, lit, write

TZ = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 11, 20)
DAYS = 3
CAMERA = UUID(int=7)
BEGIN = bounds(FIRST, TZ)[0]
LENGTH = DAYS * 86_400
EVERY = np.full(18, 2**32 - 1, np.uint32)

CELL = st.tuples(st.integers(0, 17), st.integers(0, 31))
AT = st.integers(0, LENGTH - 1)
SPAN = st.tuples(AT, AT).filter(lambda span: span[0] != span[1]).map(lambda span: tuple(sorted(span)))
BURSTS = st.lists(st.tuples(AT, st.integers(1, 40), st.lists(CELL, min_size=1, max_size=5)), max_size=12)
SEEN = st.lists(
    st.tuples(SPAN, st.sampled_from([Seen.FULL, Seen.KEYFRAMES, Seen.GAP, Seen.FLASH, Seen.LOST])), max_size=6
)


def told(found: Found) -> list[Hit]:
    return found.hits.first("time", len(found.hits))


def kept(shelf: Shelf, grid: dict[int, list[tuple[int, int]]], seen: list, sealed: int) -> None:
    """Write the days; the first `sealed` of them sealed."""
    for number in range(DAYS):
        offset = number * 86_400
        moved = {at - offset: lit(*cells) for at, cells in grid.items() if offset <= at < offset + 86_400}
        watched = [
            Span(max(begin - offset, 0), min(end - offset, 86_400), how)
            for (begin, end), how in seen
            if begin < offset + 86_400 and offset < end
        ]
        if moved or watched:
            write(shelf, CAMERA, FIRST + timedelta(days=number), moved=moved, watched=watched, sealed=number < sealed)


@settings(deadline=None, max_examples=60)
@given(
    bursts=BURSTS, seen=SEEN, spans=st.lists(SPAN, min_size=1, max_size=3), region=st.lists(CELL, min_size=1, max_size=30),
    least=st.integers(1, 3), sealed=st.integers(0, DAYS),
)  # fmt: skip
def test_the_answer_is_that_of_a_dense_look(*, bursts, seen, spans, region, least, sealed):
    grid: dict[int, list[tuple[int, int]]] = {}
    for begin, seconds, cells in bursts:
        for at in range(begin, min(begin + seconds, LENGTH)):
            grid.setdefault(at, []).extend(cells)
    wanted = common([(BEGIN + a, BEGIN + b) for a, b in spans], [(BEGIN, BEGIN + LENGTH)])
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), TZ)
        kept(shelf, grid, seen, sealed)
        rows = lit(*region)
        found = search(shelf, Asked(CAMERA, rows, wanted, DARK, 0), least=least, noisy=True)
        window = wanted[0][0], wanted[-1][1]
        step = step_of(window, 500)
        line = density(shelf, CAMERA, window, wanted, step)
    inside = np.zeros(LENGTH, np.bool_)
    for begin, end in wanted:
        inside[begin - BEGIN : end - BEGIN] = True
    on = sorted(at for at, cells in grid.items() if len({*cells} & {*region}) >= least and inside[at])
    hits: list[list[int]] = []
    for at in on:
        if hits and at - hits[-1][-1] <= GAP_S:
            hits[-1].append(at)
        else:
            hits.append([at])
    ours = [(one.since - BEGIN, one.until - BEGIN, one.seconds) for one in told(found)]
    assert ours == [(some[0], some[-1] + 1, len(some)) for some in hits]
    assert found.cells == len(set(region))

    watched = np.zeros(LENGTH, np.uint8)
    for (begin, end), how in seen:
        watched[begin:end] = np.maximum(watched[begin:end], how)
    moved = np.zeros(LENGTH, np.bool_)
    moved[list(grid)] = True
    watched[moved & (watched <= Seen.GAP)] = Seen.FULL
    seen_s = np.isin(watched, [Seen.FULL, Seen.KEYFRAMES])
    coverage = found.coverage
    assert coverage.watched == int((seen_s & inside).sum())
    assert length(coverage.thin) == int(((watched == Seen.KEYFRAMES) & inside).sum())
    accounted = coverage.watched + sum(end - begin for (begin, end), _ in coverage.why)
    assert accounted == int(((watched > 0) & inside).sum()), (
        "what is watched, and what is not with a reason, is disjoint"
    )

    assert sum(line.watched) == coverage.watched
    assert all(0 <= one <= step for one in line.watched)
    assert all(some <= all_ for some, all_ in zip(line.moved, line.watched, strict=True))
    if step == 1:
        assert sum(line.moved) == int((moved & inside & seen_s).sum())


def test_a_day_of_another_hour_is_looked_through_by_its_own_hours(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, ZoneInfo("Europe/Berlin"))
    day = date(2026, 10, 25)
    begin = write(shelf, CAMERA, day, moved={89_990: lit((1, 1))}, sealed=True)
    found = search(shelf, Asked(CAMERA, EVERY, [(begin, begin + 90_000)], DARK, 0), least=1, noisy=False)
    assert [(one.since - begin, one.until - begin) for one in told(found)] == [(89_990, 89_991)]
    assert found.coverage.watched == 90_000


def test_hours_of_the_day_go_over_midnight() -> None:
    window = BEGIN + 6 * 3600, BEGIN + 2 * 86_400
    night = in_hours(window, (20 * 60, 6 * 60), TZ)
    assert [(a - BEGIN, b - BEGIN) for a, b in night] == [(72_000, 108_000), (158_400, 172_800)]
    day = in_hours(window, (6 * 60, 7 * 60), TZ)
    assert [(a - BEGIN, b - BEGIN) for a, b in day] == [(21_600, 25_200), (108_000, 111_600)]
    assert in_hours(window, None, TZ) == [window]
    assert days_within(window, TZ) == [FIRST, FIRST + timedelta(days=1)]


def test_what_is_usual_at_an_hour_and_what_is_noise(tmp_path: Path) -> None:
    """A cell that moved half of the time at that hour of the week before says little; one that never did is rare."""
    shelf = Shelf(tmp_path, TZ)
    leaf, gate = (2, 3), (10, 10)
    hour = 14 * 3600
    for number in range(8):
        moved = {hour + at: lit(leaf) for at in range(0, 3600, 2)}
        if number == 7:
            moved[hour + 100] = lit(leaf, gate)
            moved[hour + 7200] = lit(leaf)
        write(shelf, CAMERA, FIRST + timedelta(days=number), moved=moved, sealed=number % 2 == 0)
    begin = bounds(FIRST + timedelta(days=7), TZ)[0]
    asked = Asked(CAMERA, lit(leaf, gate), [(begin, begin + 86_400)], DARK, 0)
    quiet = search(shelf, asked, least=1, noisy=False)
    assert np.array_equal(quiet.noisy, lit(leaf))
    assert [(one.since - begin - hour, one.usual) for one in told(quiet)] == [(100, 0.5), (7200, 0.0)]
    loud = search(shelf, asked, least=1, noisy=True)
    assert (count(loud.noisy), told(loud)[0].seconds) == (0, 1800)
    first = search(shelf, Asked(CAMERA, EVERY, [(BEGIN, BEGIN + 86_400)], DARK, 0), least=1, noisy=False)
    assert told(first)[0].usual is None


def test_masks_are_told_and_what_one_hides_later_is_left_out(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    bed, gate = (2, 3), (10, 10)
    write(shelf, CAMERA, FIRST, moved={10: lit(bed), 100: lit(gate)}, hidden=lit((0, 0)), sealed=True)
    window = [(BEGIN, BEGIN + 86_400)]
    open_ = search(shelf, Asked(CAMERA, EVERY, window, DARK, 0), least=1, noisy=False)
    assert ([one.since - BEGIN for one in told(open_)], count(open_.dark)) == ([10, 100], 1)
    masked = search(shelf, Asked(CAMERA, EVERY, window, lit(bed), BEGIN + 50_000), least=1, noisy=False)
    assert ([one.since - BEGIN for one in told(masked)], count(masked.dark)) == ([100], 2)


def test_another_scene_and_another_view_are_told(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    watched = [Span(0, 100, Seen.FULL, 1), Span(100, 200, Seen.FULL, 2), Span(300, 400, Seen.FULL, 2, BEGIN + 250)]
    write(shelf, CAMERA, FIRST, watched=watched)
    found = search(shelf, Asked(CAMERA, EVERY, [(BEGIN, BEGIN + 1000)], DARK, 0), least=1, noisy=False)
    assert [(one.at - BEGIN, one.what) for one in found.coverage.turns] == [(100, "scene"), (250, "view")]
    later = search(shelf, Asked(CAMERA, EVERY, [(BEGIN + 150, BEGIN + 240)], DARK, 0), least=1, noisy=False)
    assert later.coverage.turns == []


def test_seconds_that_the_disk_did_not_take_are_no_other_scene(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    watched = [
        Span(0, 100, Seen.FULL, 2, BEGIN + 20),
        Span(100, 200, Seen.LOST),
        Span(200, 300, Seen.FULL, 2, BEGIN + 20),
    ]
    write(shelf, CAMERA, FIRST, watched=watched)
    found = search(shelf, Asked(CAMERA, EVERY, [(BEGIN, BEGIN + 1000)], DARK, 0), least=1, noisy=False)
    assert found.coverage.turns == []
    assert found.coverage.why == [((BEGIN + 100, BEGIN + 200), Unwatched.LOST)]


def test_a_day_that_was_sealed_in_another_time_zone_is_told_as_damaged(tmp_path: Path) -> None:
    """Its seconds are counted from another midnight: read as if from this one, all would be hours off."""
    write(Shelf(tmp_path, ZoneInfo("Asia/Urumqi")), CAMERA, FIRST, moved={100: lit((1, 1))}, sealed=True)
    found = search(Shelf(tmp_path, TZ), Asked(CAMERA, EVERY, [(BEGIN, BEGIN + 86_400)], DARK, 0), least=1, noisy=False)
    assert told(found) == []
    assert found.coverage.why == [((BEGIN, BEGIN + 86_400), Unwatched.DAMAGED)]


def test_a_damaged_day_is_told_and_the_others_are_searched(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    for number in range(2):
        write(shelf, CAMERA, FIRST + timedelta(days=number), moved={100: lit((1, 1))}, sealed=True)
    path = tmp_path / "motion" / str(CAMERA) / f"{FIRST}.vmi"
    data = bytearray(path.read_bytes())
    for at in range(0, len(data), 7):
        data[at] ^= 1
    path.write_bytes(data)
    found = search(shelf, Asked(CAMERA, EVERY, [(BEGIN, BEGIN + 2 * 86_400)], DARK, 0), least=1, noisy=False)
    assert [one.since - BEGIN for one in told(found)] == [86_500]
    assert found.coverage.why == [((BEGIN, BEGIN + 86_400), Unwatched.DAMAGED)]
    assert found.coverage.watched == 86_400


def test_a_row_that_is_damaged_makes_its_day_unread(tmp_path: Path) -> None:
    """Its spans were read before: they do not claim what cannot be searched."""
    shelf = Shelf(tmp_path, TZ)
    write(shelf, CAMERA, FIRST, moved={100: lit((17, 1))}, sealed=True)
    path = tmp_path / "motion" / str(CAMERA) / f"{FIRST}.vmi"
    data = bytearray(path.read_bytes())
    data[-36] ^= 1  # the last row's stream
    path.write_bytes(data)
    found = search(shelf, Asked(CAMERA, EVERY, [(BEGIN, BEGIN + 86_400)], DARK, 0), least=1, noisy=False)
    assert (told(found), found.coverage.watched) == ([], 0)
    assert found.coverage.why == [((BEGIN, BEGIN + 86_400), Unwatched.DAMAGED)]


def test_a_window_of_gaps_alone(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    write(shelf, CAMERA, FIRST, watched=[Span(0, 86_400, Seen.GAP)])
    found = search(shelf, Asked(CAMERA, EVERY, [(BEGIN, BEGIN + 3600)], DARK, 0), least=1, noisy=False)
    assert (told(found), found.coverage.watched) == ([], 0)
    assert found.coverage.why == [((BEGIN, BEGIN + 3600), Unwatched.GAP)]
    assert density(shelf, CAMERA, (BEGIN, BEGIN + 3600), [(BEGIN, BEGIN + 3600)], 600).watched == (0,) * 6


def test_a_theft_under_a_tree_in_the_wind_is_among_the_first_ten(tmp_path: Path) -> None:
    """A week of gusts over the region; one night somebody is there for 20 s, and more moves at once than leaves do."""
    shelf, rng = Shelf(tmp_path, TZ), np.random.default_rng(1)
    tree = [(row, column) for row in range(4, 10) for column in range(8, 18)]
    for number in range(8):
        moved: dict[int, Rows] = {}
        for begin, long in zip(rng.integers(0, 21_000, 120), rng.integers(10, 60, 120), strict=True):
            for at in range(begin, begin + long):
                some = rng.choice(len(tree), rng.integers(1, 5), replace=False)
                moved[int(at)] = lit(*(tree[one] for one in some))
        if number == 7:
            for at in range(7500, 7520):
                moved[at] = lit(*[(row, column) for row in range(5, 8) for column in range(9, 12)])
        write(shelf, CAMERA, FIRST + timedelta(days=number), moved=moved, sealed=True)
    begin = bounds(FIRST + timedelta(days=7), TZ)[0]
    night = [(begin, begin + 6 * 3600)]
    found = search(shelf, Asked(CAMERA, lit(*tree), night, DARK, 0), least=1, noisy=False)
    assert len(found.hits) > 50
    first = found.hits.first("rare", 10)
    assert any(one.since <= begin + 7510 < one.until for one in first)
    few = search(shelf, Asked(CAMERA, lit(*tree), night, DARK, 0), least=6, noisy=False)
    assert [(one.since - begin, one.until - begin) for one in told(few)] == [(7500, 7520)]

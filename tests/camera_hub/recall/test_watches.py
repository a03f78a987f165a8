"""When cameras were watched: the same as their days say, while they are written, sealed, added to late, cut and damaged."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from camera_hub.recall.motion.block import Block
from camera_hub.recall.motion.days import bounds
from camera_hub.recall.motion.record import SIZE, WATCHED, Motion, Seen, Span, View, pack
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.motion.watches import Watching
from camera_hub.recall.motion.window import NOT_WATCHED
from registry.motion import Unwatched, Watch
from tests.camera_hub.recall.sheets import DARK, lit, write

TZ = ZoneInfo("Asia/Shanghai")
CAMERA = UUID(int=7)
FIRST = date(2026, 11, 22)
BEGIN = bounds(FIRST, TZ)[0]
DAYS, DAY_S = 3, 86_400
WINDOW = (BEGIN, BEGIN + DAYS * DAY_S)
_AT = st.integers(0, DAY_S - 1)
_SPAN = st.builds(
    lambda at, many, seen: Span(at, min(at + many, DAY_S), seen), _AT, st.integers(1, 40_000), st.sampled_from(Seen)
)
_STEP = st.tuples(st.sampled_from(["tell", "move", "seal", "tear"]), st.integers(0, DAYS - 1), _SPAN)


_WHY = list(Unwatched)


def by_days(shelf: Shelf) -> NDArray[np.int8]:
    """Second by second, from the first word on: why nobody watched (-1: somebody did), by the days themselves."""
    found = np.full(DAYS * DAY_S, -1, np.int8)
    heard = False
    for number in range(DAYS):
        held = shelf.read(CAMERA, FIRST + timedelta(days=number))
        spans = () if held is None else held.spans
        begin = number * DAY_S
        first = 0 if heard or not spans else spans[0].since
        heard |= held is not None
        if heard:
            found[begin + first : begin + DAY_S] = _WHY.index(Unwatched.NOT_ANALYSED)
        for one in spans:
            why = -1 if one.seen in WATCHED else _WHY.index(NOT_WATCHED[one.seen])
            found[begin + one.since : begin + one.until] = why
    return found


def by_second(watch: Watch) -> NDArray[np.int8]:
    found = np.full(DAYS * DAY_S, -1, np.int8)
    for (since, until), why in watch.holes:
        assert (found[since - BEGIN : until - BEGIN] == -1).all(), "no second is told of twice"
        found[since - BEGIN : until - BEGIN] = _WHY.index(why)
    return found


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(_STEP, min_size=1, max_size=8))
def test_it_is_what_the_days_say_whatever_happens_to_them(steps: list[tuple[str, int, Span]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), TZ)
        watching = Watching(shelf)
        for what, number, span in steps:
            day = FIRST + timedelta(days=number)
            begin = bounds(day, TZ)[0]
            if what == "tell":
                write(shelf, CAMERA, day, watched=[span])
            elif what == "move":
                # Its worker was killed before it could say that it watched.
                shelf.append(CAMERA, day, pack(Motion(begin + span.since, lit((2, 3)))))
            elif what == "seal":
                shelf.seal(CAMERA, day)
            elif (path := Path(folder) / "motion" / str(CAMERA) / f"{day}.log").exists():
                with path.open("ab") as file:
                    file.write(pack(Span(begin, begin + DAY_S, Seen.FULL))[: SIZE // 2])
            watch = watching.of(CAMERA, WINDOW, 0)
            assert np.array_equal(by_second(watch), by_days(shelf))
            assert watch == Watching(shelf).of(CAMERA, WINDOW, 0), "what is kept in memory says no other thing"
            assert watch.gone == ()


def test_of_a_log_that_grew_only_what_was_added_is_read(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    write(shelf, CAMERA, FIRST, watched=[(0, 100)])
    watching = Watching(shelf)
    assert watching.of(CAMERA, (BEGIN, BEGIN + 300), 0).holes == (((BEGIN + 100, BEGIN + 300), Unwatched.NOT_ANALYSED),)
    read: list[int] = []
    log = shelf.log

    def counted(camera_id: UUID, day: date, after: int = 0) -> bytes:
        found = log(camera_id, day, after)
        read.append(len(found))
        return found

    shelf.log = counted  # type: ignore[method-assign]
    for until in (200, 300):
        shelf.append(CAMERA, FIRST, pack(Span(BEGIN + until - 100, BEGIN + until, Seen.KEYFRAMES)))
        for _ in range(3):
            watch = watching.of(CAMERA, (BEGIN, BEGIN + 300), 0)
    assert watch.holes == ()
    assert read == [SIZE, SIZE]


def test_a_torn_or_false_record_watched_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    write(shelf, CAMERA, FIRST, watched=[(0, 10)])
    false = bytearray(pack(Span(BEGIN + 10, BEGIN + 50, Seen.FULL)))
    false[4] ^= 1
    moved = bytearray(pack(Motion(BEGIN + 60, lit((2, 3)))))
    moved[8] ^= 1
    shelf.append(CAMERA, FIRST, bytes(false + moved) + pack(View(BEGIN + 70, DARK)))
    watch = Watching(shelf).of(CAMERA, (BEGIN, BEGIN + 100), 0)
    assert watch.holes == (((BEGIN + 10, BEGIN + 100), Unwatched.NOT_ANALYSED),)


def test_days_without_a_file_were_not_watched_or_are_gone(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, TZ)
    assert Watching(shelf).of(CAMERA, WINDOW, 0) == Watch(), "of a camera it never heard of it says nothing"
    last = FIRST + timedelta(days=2)
    write(shelf, CAMERA, FIRST, watched=[(3600, DAY_S)])
    write(shelf, CAMERA, last, sealed=True)
    middle = (BEGIN + DAY_S, BEGIN + 2 * DAY_S)
    watch = Watching(shelf).of(CAMERA, WINDOW, middle[0])
    assert (watch.told, watch.gone) == (((BEGIN + 3600, WINDOW[1]),), ())
    assert watch.holes == ((middle, Unwatched.NOT_ANALYSED),)
    # Days go by their age; one that is held stays.
    old = Watching(shelf).of(CAMERA, WINDOW, middle[1])
    assert (old.told, old.gone, old.holes) == (((BEGIN + 3600, middle[0]), (middle[1], WINDOW[1])), (middle,), ())
    path = tmp_path / "motion" / str(CAMERA) / f"{last}.vmi"
    raw = bytearray(path.read_bytes())
    assert Block(bytes(raw)).spans
    raw[0] ^= 1
    path.write_bytes(raw)
    assert Watching(shelf).of(CAMERA, (middle[1], WINDOW[1]), 0).holes == (((middle[1], WINDOW[1]), Unwatched.DAMAGED),)

"""A segment's file as it can be played: whole, damaged, growing; fast; and clips cut across several."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from camera_hub.demo.clip import Shape
from camera_hub.recording.boxes import walk
from camera_hub.recording.cutting import Order, Source, cut
from camera_hub.recording.reading import Extract, Footage, Piece, mime_of
from registry.columns import to_ms
from registry.errors import Conflict, NotFound
from tests.camera_hub.recording.desk import SMALL, SMALL_HEVC, START, Desk, begun, packets, taken
from tests.camera_hub.recording.footage import Take, numbers, shot

TAKE = Take(frames=60, gop=15)
DATA = shot(TAKE)
ALL = [(0.0, 10.0**6)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sub-1.mp4"
    path.write_bytes(DATA)
    return path


def whole(footage: Footage, *windows: tuple[float, float], at: float | None = None) -> list[int]:
    extract = footage.whole(footage.chosen(windows or ALL, at))
    try:
        return [number for _, number in numbers(extract.all())]
    finally:
        extract.close()


def start_of(path: Path, number: int) -> int:
    return walk(path).fragments[number].offset


def test_a_window_begins_with_its_first_keyframe_and_ends_before_its_end(file: Path) -> None:
    footage = Footage(file)
    assert not footage.damaged
    assert whole(footage) == list(range(60))
    assert whole(footage, (0, 1000)) == list(range(15))
    assert whole(footage, (1, 2500)) == list(range(15, 38)), "nothing before the window is shown"
    assert whole(footage, (0, 500), (2000, 3000)) == [*range(8), *range(30, 45)]
    assert whole(footage, (0, 4000), at=2999) == list(range(30, 60))
    assert whole(footage, (0, 4000), at=-1) == list(range(60))
    assert whole(footage, (0, 4000), at=2.0**53) == list(range(45, 60))
    assert footage.chosen([(5000, 6000)]) == []


@pytest.mark.parametrize("take", [TAKE, Take(frames=60, bframes=2), Take(frames=60, codec="hevc", bframes=2)])
def test_keyframes_alone_last_until_the_next(tmp_path: Path, take: Take) -> None:
    file = tmp_path / "x.mp4"
    file.write_bytes(shot(take))
    footage = Footage(file)
    fast = footage.keyframes(footage.chosen(ALL, 1200))
    path = tmp_path / "fast.mp4"
    path.write_bytes(fast.all())
    fast.close()
    found = walk(path)
    assert found.whole
    assert [(one.at, one.keyframe) for one in found.fragments] == [(n * 90_000, True) for n in (1, 2, 3)]
    for one, after in zip(found.fragments, found.fragments[1:], strict=False):
        assert one.at + one.duration == after.at, "no hole between them"
    assert found.seconds == pytest.approx(4.0)
    assert [number for _, number in numbers(path.read_bytes())] == [15, 30, 45]


@pytest.mark.parametrize(("begin", "size"), [(20, 4000), (33, 1), (14, 40)])
@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"oofm"])
def test_damage_in_the_middle_costs_the_pictures_up_to_the_next_keyframe(
    file: Path, begin: int, size: int, fill: bytes
) -> None:
    at = start_of(file, begin) + 4  # the fragment's own name and on
    end = min(at + size, start_of(file, 44))
    data = DATA[:at] + (fill * size)[: end - at] + DATA[end:]
    file.write_bytes(data)
    footage = Footage(file)
    assert footage.damaged
    first = next(
        n for n, one in enumerate(walk_of(DATA, file.with_name("good.mp4"))) if one[0] + one[1] > end and one[2]
    )
    got = whole(footage)
    assert got[: begin - 1] == list(range(begin - 1))
    assert got[-(60 - max(first, begin)) :][-15:] == list(range(45, 60))
    assert all(number < begin or number >= first for number in got)


def walk_of(data: bytes, file: Path) -> list[tuple[int, int, bool]]:
    file.write_bytes(data)
    return [(one.offset, one.size, one.keyframe) for one in walk(file).fragments]


def test_a_frame_whose_units_do_not_add_up_is_left_out(file: Path) -> None:
    """A browser gives the whole stream up at one."""
    one = walk(file).fragments[20]
    data = bytearray(DATA)
    data[one.offset + 112 : one.offset + 116] = (10**6).to_bytes(4, "big")
    file.write_bytes(data)
    footage = Footage(file)
    assert footage.damaged
    assert set(range(60)) - set(whole(footage)) >= set(range(20, 30))
    assert set(whole(footage)) >= {*range(19), *range(30, 60)}


@pytest.mark.parametrize("cut_at", [len(DATA) - 1, len(DATA) // 2, len(DATA) // 3])
def test_a_file_still_written_gives_what_is_whole(file: Path, cut_at: int) -> None:
    file.write_bytes(DATA[:cut_at])
    footage = Footage(file)
    assert not footage.damaged, "an end that is not there yet is no damage"
    got = whole(footage)
    assert got == list(range(len(got)))
    assert got


def test_nothing_to_play_is_told_apart_from_nothing_there(file: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as missing:
        Footage(tmp_path / "none.mp4")
    assert missing.value.code == "segment_missing"
    for data in (b"", b"junk" * 1000, DATA[:300], bytes(10_000), DATA[: start_of(file, 0)]):
        file.write_bytes(data)
        with pytest.raises(NotFound) as damaged:
            Footage(file)
        assert damaged.value.code == "segment_damaged"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(DATA) - 1), st.binary(min_size=1, max_size=64))
def test_whatever_is_written_over_a_file_reading_ends_well(file: Path, at: int, junk: bytes) -> None:
    file.write_bytes((DATA[:at] + junk + DATA[at + len(junk) :])[: len(DATA)])
    try:
        footage = Footage(file)
    except NotFound:
        return
    offsets = [one.offset for one in footage.fragments]
    assert offsets == sorted(set(offsets))
    assert footage.fragments[0].keyframe
    extract = footage.keyframes(footage.chosen(ALL))
    assert len(extract.all()) == extract.size
    extract.close()


def test_an_extract_is_read_anywhere_and_says_when_its_file_was_cut(file: Path) -> None:
    extract = Extract(file, [Piece(10, 20), Piece(100, 50, b"abc"), Piece(30, 5)])
    want = DATA[10:30] + b"abc" + DATA[103:150] + DATA[30:35]
    assert extract.all() == want
    assert extract.size == len(want)
    for at in range(len(want)):
        part = extract.read(at, 7)
        assert part
        assert want[at:].startswith(part)
    assert extract.read(len(want), 9) == b""
    file.write_bytes(DATA[:40])
    with pytest.raises(EOFError):
        extract.all()
    extract.close()


@pytest.mark.parametrize(
    ("take", "mime"),
    [(TAKE, "avc1."), (Take(codec="hevc"), None), (Take(pixels="yuv422p"), None), (Take(bframes=2), "avc1.")],
)
def test_the_type_is_told_only_where_browsers_play_it(file: Path, take: Take, mime: str | None) -> None:
    file.write_bytes(shot(take))
    found = mime_of(Footage(file).init)
    assert found is None if mime is None else found is not None and found.startswith(f'video/mp4; codecs="{mime}')


def sources(folder: Path, *parts: tuple[int, Take]) -> tuple[Source, ...]:
    made = []
    for begin, take in parts:
        path = folder / f"{begin}.mp4"
        path.write_bytes(shot(take))
        made.append(Source(str(path), begin, ((0.0, take.seconds * 1000),)))
    return tuple(made)


def clip(
    folder: Path, parts: tuple[Source, ...], begin: int, end: int
) -> tuple[dict[str, object], list[tuple[float, int]]]:
    to = folder / "clip.mp4"
    *_, made = cut(Order(parts, begin, end, "村口"), to)
    assert isinstance(made, dict)
    assert made["bytes"] == to.stat().st_size
    return made, numbers(to.read_bytes())


@pytest.mark.parametrize("shape", [{}, {"bframes": 2}, {"codec": "hevc"}, {"codec": "hevc", "bframes": 2}])
def test_a_clip_goes_across_segments_at_the_hubs_time(tmp_path: Path, shape: dict[str, object]) -> None:
    """With B-frames too; a break of three seconds stays one."""
    parts = sources(tmp_path, *((n * 2000 + (n > 1) * 3000, Take(first=30 * n, **shape)) for n in range(4)))  # type: ignore[arg-type]
    made, got = clip(tmp_path, parts, 0, 20_000)
    assert [number for _, number in got] == list(range(120))
    want = [number / 15 + (number >= 60) * 3 for number in range(120)]
    first = got[0][0]
    assert [at - first for at, _ in got] == pytest.approx(want, abs=0.002)
    assert (made["segments"], made["damaged"]) == (4, 0)
    assert first < 0.2


def test_overlapping_segments_show_nothing_twice(tmp_path: Path) -> None:
    """The hub's clock was set back by a second and a half."""
    parts = sources(tmp_path, (0, Take(frames=45, gop=15)), (1500, Take(frames=60, first=100, gop=15)))
    made, got = clip(tmp_path, parts, 0, 20_000)
    assert [number for _, number in got] == [*range(45), *range(130, 160)]
    times = [at for at, _ in got]
    assert times == sorted(set(times))
    assert made["to_ms"] == 5500


def test_a_clip_leaves_out_what_is_damaged_or_gone_and_says_so(tmp_path: Path) -> None:
    parts = sources(tmp_path, (0, Take()), (2000, Take(first=30)), (4000, Take(first=60)), (6000, Take(first=90)))
    Path(parts[1].file).write_bytes(b"junk" * 500)
    Path(parts[2].file).unlink()
    made, got = clip(tmp_path, parts, 0, 20_000)
    assert [number for _, number in got] == [*range(30), *range(90, 120)]
    assert (made["segments"], made["damaged"]) == (2, 2)


def test_a_clip_shows_only_what_may_be_seen(tmp_path: Path) -> None:
    (one,) = sources(tmp_path, (0, Take(frames=60, gop=15)))
    _, got = clip(tmp_path, (Source(one.file, 0, ((1500.0, 3000.0),)),), 0, 20_000)
    assert [number for _, number in got] == list(range(30, 45))


def test_a_change_of_size_or_codec_says_where_to_split(tmp_path: Path) -> None:
    for other in (Take(width=320, height=180), Take(codec="hevc")):
        parts = sources(tmp_path, (0, Take()), (2000, other))
        with pytest.raises(Conflict) as split:
            clip(tmp_path, parts, 0, 4000)
        assert (split.value.code, split.value.params["at"]) == ("clip_splits", "1970-01-01T00:00:02.000Z")
    with pytest.raises(NotFound) as nothing:
        clip(tmp_path, sources(tmp_path, (0, Take())), 50_000, 60_000)
    assert nothing.value.code == "recording_none"


@pytest.mark.parametrize("shape", [SMALL, SMALL_HEVC])
def test_what_the_recorder_wrote_is_read_and_cut(tmp_path: Path, shape: Shape) -> None:
    desk = Desk(tmp_path)
    desk.reel.roll([begun(shape.codec), *taken(packets(shape, 60))])
    desk.reel.end()
    assert len(desk.whole) > 1
    parts = []
    for one in desk.whole:
        file = desk.file(one)
        footage = Footage(file)
        assert (footage.damaged, len(footage.fragments), footage.init.codec) == (False, one.frames, one.codec)
        assert one.ended_at is not None
        lasts = (one.ended_at - one.started_at).total_seconds() * 1000
        assert footage.ends_ms == pytest.approx(lasts, abs=70)
        parts.append(Source(str(file), to_ms(one.started_at), ((0.0, lasts),)))
    made, got = clip(tmp_path, tuple(parts), to_ms(START), to_ms(START) + 60_000)
    assert [at for at, _ in got] == pytest.approx([number / 15 for number in range(60)], abs=0.003)
    assert (made["from_ms"], made["damaged"]) == (to_ms(START), 0)

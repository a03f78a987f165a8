"""Gaps: what should have been recorded and was not, with its cause, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from registry import cameras, consents, events, recordings, runs, status
from registry.cameras import CameraChange
from registry.errors import Invalid, NotFound
from registry.model import Camera, ConsentScope, Kind, Reason, RecordFault, State
from registry.recordings import missing, segments
from registry.recordings.completeness import Lasting
from registry.recordings.missing import GapQuery
from registry.recordings.model import GapCause, RecordMode
from registry.scope import EVERYTHING, Scope
from registry.tables import recording_due, recording_gaps
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change
from tests.registry.recordings_of import round_of, say, segment

Told = list[tuple[float, float, str]]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def gaps_of(county: County, camera: Camera, stream: str = "sub") -> Told:
    """A camera's gaps as seconds after noon, with their cause."""
    own = recording_gaps.c.camera_no == camera.no
    wanted = (
        sa.select(recording_gaps).where(own, recording_gaps.c.stream == stream).order_by(recording_gaps.c.started_at)
    )
    async with county.store.read() as conn:
        rows = (await conn.execute(wanted)).all()
    told = [((r.started_at - NOON).total_seconds(), (r.ended_at - NOON).total_seconds(), r.cause) for r in rows]
    assert all(a[1] <= b[0] and (a[1] < b[0] or a[2] != b[2]) for a, b in pairwise(told)), told
    return told


async def until(county: County, seconds: float, **given: Any) -> Any:
    """Rounds each minute up to a moment after noon; the last one's answer."""
    found = None
    while county.clock.now < at(seconds):
        county.clock.now = min(county.clock.now + timedelta(seconds=60), at(seconds))
        found = await round_of(county.store, **given)
    return found


async def recorded(county: County, camera: Camera, *spans: tuple[float, float], **given: Any) -> None:
    await recordings.record(county.store, [segment(camera, at(a), b - a, **given) for a, b in spans])


async def live(county: County, **given: Any) -> Camera:
    """A camera that is to be recorded since noon and is live."""
    camera = await county.camera(**given)
    await round_of(county.store)
    await say(county.store, camera, at(0), State.LIVE)
    return camera


async def test_what_is_recorded_without_a_break_has_no_gap(county: County) -> None:
    camera = await live(county)
    await recorded(county, camera, (0, 60), (60.5, 120), (121.9, 180), (180, 240))
    found = await until(county, 240)
    assert (found.due, found.open) == (1, ())
    assert await gaps_of(county, camera) == []


async def test_a_file_that_is_written_counts_as_far_as_it_is_known_to_reach(county: County) -> None:
    camera = await live(county)
    await recordings.record(county.store, [segment(camera, at(0), None)])
    assert (await until(county, 120)).open == ()
    (one,) = await segments.open_segments(county.store, "local")
    reach = {one.no: round(at(60).timestamp() * 1000)}
    found = await until(county, 180, reach=reach)
    assert [(gap.cause, gap.since) for gap in found.open] == [(GapCause.LOST, reach[one.no])]
    assert await gaps_of(county, camera) == [(60, 170, "lost")]


async def test_a_gap_has_the_cause_that_was_told_then_though_it_was_noticed_later(county: County) -> None:
    camera = await live(county)
    await recorded(county, camera, (0, 60))
    await until(county, 70)
    await say(county.store, camera, at(65), State.STALLED, Reason.STALLED)
    found = await until(county, 130)
    assert await gaps_of(county, camera) == [(60, 120, "stalled")]
    assert [gap.cause for gap in found.open] == [GapCause.STALLED]
    await say(county.store, camera, at(200), State.BACKING_OFF, Reason.UNREACHABLE)
    await until(county, 250)
    await say(county.store, camera, at(300), State.LIVE)
    await recorded(county, camera, (303, 360), (360, 420))
    found = await until(county, 420)
    assert await gaps_of(county, camera) == [(60, 200, "stalled"), (200, 303, "unreachable")]
    assert found.open == ()


@pytest.mark.parametrize("fault", list(RecordFault))
async def test_a_camera_whose_packets_come_is_not_recorded_for_its_recordings_fault(
    county: County, fault: RecordFault
) -> None:
    camera = await live(county)
    await recorded(county, camera, (0, 60))
    county.clock.now = at(62)
    await say(county.store, camera, at(0), State.LIVE, recording=fault)
    await until(county, 170)
    county.clock.now = at(180)
    await say(county.store, camera, at(0), State.LIVE)
    await recorded(county, camera, (180, 240), (240, 300), (300, 360), (360, 420))
    await until(county, 420)
    assert await gaps_of(county, camera) == [(60, 180, fault.value)]
    shown = await cameras.get(county.store, camera.id, EVERYTHING)
    assert shown.status.recording is None
    history = await status.status_history(county.store, camera.id, EVERYTHING)
    assert [one.recording for one in history] == [None, fault, None]


async def test_a_hub_that_was_down_is_the_cause_and_what_follows_is_the_start(county: County) -> None:
    run, _ = await runs.begin(county.store, "local")
    camera = await live(county)
    await recorded(county, camera, (0, 60))
    county.clock.now = at(60)
    await runs.beat(county.store, run)
    await round_of(county.store)
    county.clock.now = at(600)
    run, seen = await runs.begin(county.store, "local")
    await status.forget_states(county.store, seen)
    await round_of(county.store)
    await say(county.store, camera, at(606), State.LIVE)
    await recorded(county, camera, (606, 660), (660, 720))
    county.clock.now = at(660)
    await runs.beat(county.store, run)
    await until(county, 720)
    assert await gaps_of(county, camera) == [(60, 600, "hub_down"), (600, 606, "starting")]


async def test_a_segment_that_comes_late_takes_its_part_out_of_the_gap(county: County) -> None:
    camera = await live(county)
    await until(county, 600)
    assert await gaps_of(county, camera) == [(0, 590, "lost")]
    await recorded(county, camera, (100, 160), (160, 200), (300, 360))
    assert await gaps_of(county, camera) == [(0, 100, "lost"), (200, 300, "lost"), (360, 590, "lost")]
    await recorded(county, camera, (0, 99), (200, 299), (360, 660))
    await until(county, 660)
    assert await gaps_of(county, camera) == []


async def test_what_is_not_to_be_recorded_has_no_gap(county: County) -> None:
    none = await county.camera(record_mode=RecordMode.NONE)
    off = await county.camera(enabled=False)
    probe = await county.camera(kind=Kind.WIFI_PROBE)
    unasked = await county.camera(kind=Kind.CIVILIAN, record_mode=RecordMode.CONTINUOUS)
    events_only = await county.camera(kind=Kind.CIVILIAN, record_mode=RecordMode.CONTINUOUS)
    await county.consent(events_only)
    found = await until(county, 300)
    assert found.open == ()
    for camera in (none, off, probe, unasked, events_only):
        assert await gaps_of(county, camera) == []


async def test_a_camera_that_is_switched_off_or_changed_has_gaps_up_to_then(county: County) -> None:
    camera = await live(county)
    await until(county, 120)
    change_to = CameraChange(enabled=False)
    await cameras.change(county.store, county.vault, camera.id, change_to, CONSOLE)
    assert (await until(county, 300)).open == ()
    assert await gaps_of(county, camera) == [(0, 110, "lost")]
    await cameras.change(county.store, county.vault, camera.id, CameraChange(enabled=True), CONSOLE)
    await until(county, 600)
    assert [gap[:2] for gap in await gaps_of(county, camera)] == [(0, 110), (360, 590)]
    async with county.store.read() as conn:
        due = (await conn.execute(sa.select(recording_due).order_by(recording_due.c.no))).all()
    assert [(row.since, row.until) for row in due] == [(at(0), at(110)), (at(360), None)]


async def test_both_streams_are_looked_after_each_by_itself(county: County) -> None:
    camera = await live(county, main_url="rtsp://10.0.0.5/main", record_stream="both")
    await recorded(county, camera, (0, 60), (60, 120))
    found = await until(county, 120)
    assert (found.due, [gap.stream for gap in found.open]) == (2, ["main"])
    assert (await gaps_of(county, camera), await gaps_of(county, camera, "main")) == ([], [(0, 110, "lost")])


async def test_a_consents_hours_and_interval_bound_what_is_due(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN, record_mode=RecordMode.CONTINUOUS)
    scopes = {ConsentScope.EVENTS, ConsentScope.CLIP}
    await county.consent(camera, scopes=scopes, from_minute=12 * 60 + 5, to_minute=12 * 60 + 10)
    await round_of(county.store)
    await say(county.store, camera, at(0), State.LIVE)
    await until(county, 900)
    assert await gaps_of(county, camera) == [(300, 600, "lost")]


async def test_a_withdrawn_consent_ends_what_is_due(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN, record_mode=RecordMode.CONTINUOUS)
    given = await county.consent(camera, scopes={ConsentScope.LIVE, ConsentScope.CLIP})
    await round_of(county.store)
    await until(county, 300)
    await consents.withdraw(county.store, given.id, CONSOLE)
    found = await until(county, 900)
    assert found.open == ()
    (gap,) = await gaps_of(county, camera)
    assert gap[0] == 0
    assert gap[1] <= 300


async def test_an_event_without_footage_is_a_gap_and_what_lies_between_is_none(county: County) -> None:
    camera = await county.camera(record_mode=RecordMode.ON_EVENT)
    await round_of(county.store)
    await say(county.store, camera, at(0), State.LIVE)
    kept = change(camera, started_at=at(100), updated_at=at(110), ended_at=at(110))
    lost = change(camera, started_at=at(200), updated_at=at(200), ended_at=at(200))
    await events.record(county.store, [kept, lost])
    await recorded(county, camera, (94, 121))
    found = await until(county, 420)
    assert found.open == ()
    assert await gaps_of(county, camera) == [(195, 210, "lost")]
    lasting = change(camera, started_at=at(430), updated_at=at(500))
    await events.record(county.store, [lasting])
    found = await until(county, 510)
    assert [gap.cause for gap in found.open] == [GapCause.LOST]
    assert await gaps_of(county, camera) == [(195, 210, "lost"), (425, 500, "lost")]


async def test_a_clock_set_back_makes_no_gap_run_backwards(county: County) -> None:
    camera = await live(county)
    await recorded(county, camera, (0, 60))
    await until(county, 3600)
    assert await gaps_of(county, camera) == [(60, 3590, "lost")]
    county.clock.now = at(1800)
    found = await round_of(county.store)
    assert [(gap.since, gap.cause) for gap in found.open] == [(round(at(60).timestamp() * 1000), GapCause.LOST)]
    await recorded(county, camera, (1800, 1860), (1860, 1920), (1920, 1980))
    await until(county, 1980)
    told = await gaps_of(county, camera)
    assert told == [(60, 1800, "lost")]
    async with county.store.read() as conn:
        rows = (await conn.execute(sa.select(recording_due))).all()
    assert all(row.since <= row.checked_to <= county.clock.now for row in rows)


async def test_a_clock_set_ahead_skips_time_that_never_was(county: County) -> None:
    camera = await live(county)
    await recorded(county, camera, (0, 60), (60, 100), (3700, 3760), (3760, 3820))
    await until(county, 100)
    county.clock.now = at(3700)
    span = round(at(100).timestamp() * 1000), round(at(3700).timestamp() * 1000)
    await until(county, 3820, skipped=[span])
    assert await gaps_of(county, camera) == [(100, 3700, "clock_set")]


async def test_segments_come_in_any_order_and_any_number_of_times(county: County) -> None:
    camera = await county.camera()
    begun, whole = segment(camera, at(0), None), segment(camera, at(0), 60)
    other = segment(camera, at(60), 60, bytes=7)
    stranger = segment(camera, at(0), 60, camera_id=county.device_id)
    for batch in ([whole], [begun], [begun, whole, begun, other, stranger], [other, whole], [begun]):
        await recordings.record(county.store, batch)
    assert await segments.open_segments(county.store, "local") == ()
    many = [segment(camera, at(1000 + n), None if n % 2 else 1) for n in range(700)]
    await recordings.record(county.store, many[::-1])
    assert len(await segments.open_segments(county.store, "local")) == 350
    assert await segments.open_segments(county.store, "elsewhere") == ()
    await recordings.record(county.store, [segment(camera, at(1000 + n), 1) for n in range(700)])
    assert await segments.open_segments(county.store, "local") == ()


@pytest.mark.parametrize(
    "bad",
    [
        {"bytes": -1},
        {"node": "\x00"},
        {"codec": "x" * 17},
        {"ended_at": NOON - timedelta(seconds=1)},
        {"started_at": NOON.replace(tzinfo=None)},
        {"started_at": NOON.replace(year=1970)},
        {"frames": 2**40},
        {"digest": None},
    ],
)
async def test_what_no_worker_would_say_is_left_out_and_the_rest_is_kept(county: County, bad: dict[str, Any]) -> None:
    camera = await county.camera()
    await recordings.record(county.store, [replace(segment(camera, at(0), 60), **bad), segment(camera, at(60), None)])
    assert [one.started_at for one in await segments.open_segments(county.store, "local")] == [at(60)]


async def test_the_report_sums_up_what_is_there_and_what_is_not(county: County) -> None:
    good, bad = [await county.camera(name=name) for name in ("a", "b")]
    other = await county.camera("220882101200", name="c")
    asked = await county.camera(name="d", kind=Kind.CIVILIAN)
    await county.consent(asked, scopes={ConsentScope.EVENTS, ConsentScope.CLIP})
    await round_of(county.store)
    for one in (good, bad, other, asked):
        await say(county.store, one, at(0), State.LIVE)
    seen = change(asked, started_at=at(100), updated_at=at(110), ended_at=at(110))
    await events.record(county.store, [seen])
    await recorded(county, asked, (95, 110))
    for one in (good, bad, other):
        await recorded(county, one, *((n * 60, n * 60 + 60) for n in range(5)))
    await recorded(county, good, (300, 610))
    await recorded(county, other, (330, 610))
    await until(county, 400)
    await say(county.store, bad, at(305), State.BACKING_OFF, Reason.REJECTED)
    await until(county, 610)
    told = await missing.report(county.store, EVERYTHING, GapQuery(since=at(0)))
    shown = [(c.name, c.due_s, c.recorded_s, c.rate, c.gaps, c.longest_s) for c in told.cameras]
    assert shown == [
        ("b", 600, 300, 0.5, 1, 300),
        ("c", 600, 570, 0.95, 1, 30),
        ("d", 25, 15, 0.6, 1, 10),
        ("a", 600, 600, 1.0, 0, 0),
    ]
    assert told.cameras[0].open == Lasting(at(300), GapCause.REJECTED)
    assert told.causes == {GapCause.REJECTED: 300, GapCause.LOST: 40}
    assert (told.totals.streams, told.totals.due_s, told.totals.recorded_s, told.totals.open) == (4, 1825, 1485, 1)
    only = await missing.report(county.store, EVERYTHING, GapQuery(camera=other.id))
    assert [(gap.since, gap.until, gap.cause, gap.lasts) for gap in only.listed] == [
        (at(300), at(330), GapCause.LOST, False)
    ]
    part = await missing.report(county.store, EVERYTHING, GapQuery(since=at(310), until=at(320), prefix="220882101"))
    assert [(c.name, c.due_s, c.recorded_s) for c in part.cameras] == [("c", 10, 0)]
    rejected = await missing.report(county.store, EVERYTHING, GapQuery(cause=GapCause.REJECTED))
    assert [c.name for c in rejected.cameras] == ["b"]
    pages = await missing.report(county.store, EVERYTHING, GapQuery(limit=3))
    assert (len(pages.cameras), pages.next_cursor) == (3, 3)
    rest = await missing.report(county.store, EVERYTHING, GapQuery(limit=3, cursor=3))
    assert ([c.name for c in rest.cameras], rest.next_cursor) == (["a"], None)
    narrow = Scope(("220882101",))
    assert [c.name for c in (await missing.report(county.store, narrow, GapQuery())).cameras] == ["c"]
    with pytest.raises(NotFound):
        await missing.report(county.store, narrow, GapQuery(camera=good.id))
    for wrong in ({"since": at(700)}, {"since": at(-86400 * 500)}, {"since": at(10), "until": at(5)}):
        with pytest.raises(Invalid):
            await missing.report(county.store, EVERYTHING, GapQuery(**wrong))

"""The online rate: interval arithmetic against a count second by second, and on a real county."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from registry import cameras, runs, status
from registry.errors import Invalid
from registry.model import PictureFault, Reason, State, StatusChange
from registry.online import GAPS, Online, OnlineQuery, Standing, Tally, online, tally
from registry.scope import EVERYTHING, Scope
from registry.store import Store
from registry.tables import hub_runs
from registry.tables import status_history as history
from tests.registry.county import NOON, County

TOLD = st.lists(st.tuples(st.integers(-20, 80), st.sampled_from(list(Standing))), max_size=12)
SPAN = st.tuples(st.integers(-10, 60), st.integers(1, 40))


def at(**after: float) -> datetime:
    return NOON + timedelta(**after)


def by_the_second(told: list[tuple[int, Standing]], since: int, until: int) -> Tally:
    """What holds in a second is what was told last of those that begin at or before it."""
    held = []
    for second in range(since, until):
        words = [standing for begin, standing in told if begin <= second]
        held.append(words[-1] if words else None)
    stretches: list[int] = []
    for before, now in zip([None, *held], held, strict=False):
        if now is not Standing.DOWN:
            continue
        if before is Standing.DOWN:
            stretches[-1] += 1
        else:
            stretches.append(1)
    due = sum(one in (Standing.LIVE, Standing.DOWN) for one in held)
    return Tally(due, held.count(Standing.LIVE), len(stretches), max(stretches, default=0))


@given(TOLD, SPAN)
def test_the_sum_of_intervals_is_the_count_of_seconds(told: list[tuple[int, Standing]], span: tuple[int, int]) -> None:
    since, until = span[0], span[0] + span[1]
    assert tally(told, since, until) == by_the_second(told, since, until)


@given(TOLD, SPAN, st.integers(0, 40))
def test_two_spans_side_by_side_are_one(told: list[tuple[int, Standing]], span: tuple[int, int], cut: int) -> None:
    since, until = span[0], span[0] + span[1]
    middle = min(until, since + cut)
    first, second, whole = tally(told, since, middle), tally(told, middle, until), tally(told, since, until)
    assert (first.due + second.due, first.online + second.online) == (whole.due, whole.online)


async def say(
    store: Store, camera: UUID, since: datetime, state: State, reason: Reason | None = None, **given: Any
) -> None:
    values = {"codec": None, "width": None, "height": None, "fps": None, "last_frame_at": None, **given}
    change = StatusChange(camera_id=camera, state=state, reason=reason, detail="", since=since, **values)
    await cameras.record_status(store, [change])


async def asked(county: County, **query: Any) -> Online:
    return await online(county.store, EVERYTHING, OnlineQuery(**query))


async def test_rate_of_cameras_and_villages(county: County) -> None:
    good, bad, off = [(await county.camera(name=name)).id for name in ("a", "b", "c")]
    other = (await county.camera("220882101200", name="d")).id
    for one in (good, bad, other):
        await say(county.store, one, at(), State.LIVE)
    await say(county.store, off, at(), State.IDLE, Reason.DISABLED)
    await say(county.store, bad, at(minutes=15), State.BACKING_OFF, Reason.UNREACHABLE)
    for minute in range(16, 30):  # tries to come up: the same outage, and no rows
        await say(county.store, bad, at(minutes=minute), State.CONNECTING)
        await say(county.store, bad, at(minutes=minute, seconds=1), State.BACKING_OFF, Reason.UNREACHABLE)
    await say(county.store, bad, at(minutes=30), State.LIVE)
    await say(county.store, bad, at(minutes=50), State.STALLED, Reason.STALLED)
    assert len(await status.status_history(county.store, bad, EVERYTHING)) == 4
    county.clock.turn(hours=1)
    told = await asked(county, since=at(), until=at(hours=9))
    assert (told.since, told.until) == (at(), at(hours=1))
    by_name = {one.name: one for one in told.cameras}
    assert [by_name[name].rate for name in "abcd"] == [1.0, 0.5833, None, 1.0]
    assert (by_name["b"].due_s, by_name["b"].online_s) == (3600, 2100)
    assert (by_name["b"].outages, by_name["b"].longest_s) == (2, 900)
    assert (by_name["b"].down_since, by_name["b"].reason) == (at(minutes=50), Reason.STALLED)
    assert [by_name[name].down_since for name in "acd"] == [None, None, None]
    assert [(one.village_code, one.rate, one.cameras, one.due_now, one.online_now) for one in told.villages] == [
        ("220882100200", 0.7916, 3, 2, 1),
        ("220882101200", 1.0, 1, 1, 1),
    ]
    assert (told.rate, told.due_now, told.online_now) == (0.8611, 3, 2)
    assert [one.name for one in (await asked(county, prefix="220882101")).cameras] == ["d"]
    seen = await online(county.store, Scope(("220882101",)), OnlineQuery())
    assert [one.name for one in seen.cameras] == ["d"]
    nothing = await online(county.store, Scope(()), OnlineQuery())
    assert (nothing.cameras, nothing.rate, nothing.due_now) == ((), None, 0)


async def test_a_part_of_the_past_knows_what_held_before_it(county: County) -> None:
    one = (await county.camera()).id
    await say(county.store, one, at(), State.LIVE)
    await say(county.store, one, at(hours=2), State.BACKING_OFF, Reason.REJECTED)
    await say(county.store, one, at(hours=5), State.LIVE)
    county.clock.turn(hours=9)
    (camera,) = (await asked(county, since=at(hours=1), until=at(hours=4))).cameras
    assert (camera.due_s, camera.online_s, camera.outages, camera.longest_s) == (10_800, 3600, 1, 7200)
    assert camera.down_since is None  # that is about now
    before = await asked(county, since=at(days=-3), until=at(days=-2))
    assert (before.rate, before.cameras[0].due_s) == (None, 0)
    longer = await asked(county, since=at(days=-3))
    assert longer.cameras[0].due_s == 9 * 3600  # not before the camera existed


async def test_down_since_may_lie_long_before_the_span(county: County) -> None:
    one = (await county.camera()).id
    await say(county.store, one, at(), State.LIVE)
    await say(county.store, one, at(hours=1), State.BACKING_OFF, Reason.UNREACHABLE)
    await say(county.store, one, at(days=5), State.BACKING_OFF, Reason.REJECTED)
    never = (await county.camera(name="never told of")).id
    off = (await county.camera(name="off, never told of", enabled=False)).id
    county.clock.turn(days=20)
    by_id = {one.camera_id: one for one in (await asked(county)).cameras}
    assert (by_id[one].down_since, by_id[one].rate, by_id[one].outages) == (at(hours=1), 0.0, 1)
    assert (by_id[never].down_since, by_id[never].rate) == (NOON, None)
    assert (by_id[off].down_since, by_id[off].reason) == (None, Reason.DISABLED)


async def test_a_picture_that_shows_nothing_is_told_and_kept(county: County) -> None:
    one = (await county.camera()).id
    await say(county.store, one, at(), State.LIVE)
    await say(county.store, one, at(), State.LIVE, picture=PictureFault.COVERED, picture_since=at(minutes=3))
    county.clock.turn(hours=1)
    (camera,) = (await asked(county)).cameras
    assert (camera.picture, camera.picture_since, camera.rate) == (PictureFault.COVERED, at(minutes=3), 1.0)
    seen = (await cameras.get(county.store, one, EVERYTHING)).status
    assert (seen.picture, seen.picture_since) == (PictureFault.COVERED, at(minutes=3))
    await say(county.store, one, at(), State.LIVE, picture_since=at(minutes=9))
    told = await status.status_history(county.store, one, EVERYTHING)
    assert [(row.picture, row.since) for row in told] == [
        (None, at(minutes=9)),
        (PictureFault.COVERED, at(minutes=3)),
        (None, at()),
    ]
    assert (await cameras.get(county.store, one, EVERYTHING)).status.picture_since is None


async def test_a_killed_hub_lets_no_camera_count_as_live(county: County) -> None:
    one, off = (await county.camera(name="a")).id, (await county.camera(name="b")).id
    number, before = await runs.begin(county.store, "local")
    assert before is None
    await say(county.store, one, at(), State.LIVE)
    await say(county.store, off, at(), State.IDLE, Reason.DISABLED)
    county.clock.turn(minutes=60)
    await runs.beat(county.store, number)
    county.clock.turn(minutes=60)  # killed right after that beat; started again an hour later
    _, before = await runs.begin(county.store, "local")
    assert before == at(minutes=60)
    await status.forget_states(county.store, before)
    county.clock.turn(seconds=10)
    await say(county.store, one, at(minutes=120, seconds=10), State.LIVE)
    county.clock.turn(minutes=60)
    told = await asked(county, since=at())
    first, second = told.cameras
    assert (first.due_s, first.online_s) == (10_810, 7200)
    assert (second.due_s, second.rate) == (0, None)  # what is off stays off
    assert [(gap.since, gap.until) for gap in told.hub_down] == [
        (at(minutes=60), at(minutes=120)),
        (at(minutes=120), at(minutes=180, seconds=10)),  # this run never said again that it runs
    ]
    assert told.hub_down_s == 7210


async def test_a_hub_that_runs_is_not_down_between_its_beats(county: County) -> None:
    number, _ = await runs.begin(county.store, "local")
    county.clock.turn(minutes=10)
    await runs.beat(county.store, number)
    county.clock.turn(seconds=29)
    assert (await asked(county, since=at(minutes=-5))).hub_down == ()
    county.clock.turn(minutes=10)
    (gap,) = (await asked(county, since=at(minutes=-5))).hub_down
    assert (gap.since, gap.until) == (at(minutes=10), at(minutes=20, seconds=29))


async def test_a_clock_set_back_takes_no_word_for_later_than_it_was(county: County) -> None:
    one = (await county.camera()).id
    number, _ = await runs.begin(county.store, "local")
    await say(county.store, one, at(), State.LIVE)
    county.clock.turn(hours=2)
    await runs.beat(county.store, number)
    county.clock.turn(hours=-1)  # set back by an hour; then the camera falls
    await runs.beat(county.store, number)
    await say(county.store, one, at(hours=1, minutes=10), State.BACKING_OFF, Reason.UNREACHABLE)
    county.clock.turn(hours=2)
    await runs.beat(county.store, number)
    told = await asked(county, since=at())
    assert (told.cameras[0].due_s, told.cameras[0].online_s) == (3 * 3600, 70 * 60)
    assert told.cameras[0].down_since == at(hours=1, minutes=10)
    assert told.hub_down == ()
    later = await asked(county, since=at(hours=1, minutes=30))  # the word of before begins within this span
    await say(county.store, one, at(hours=1, minutes=20), State.BACKING_OFF, Reason.REJECTED)
    await say(county.store, one, at(hours=2, minutes=30), State.LIVE)
    await say(county.store, one, at(hours=1, minutes=25), State.STALLED, Reason.STALLED)
    again = await asked(county, since=at(hours=1, minutes=30))
    assert [(one.due_s, one.online_s) for one in later.cameras + again.cameras] == [(5400, 0)] * 2
    county.clock.turn(days=-2)  # behind the run's start, and a new start there
    await runs.beat(county.store, number)
    county.clock.turn(days=-1)
    _, before = await runs.begin(county.store, "local")
    assert before is None or before <= county.clock()
    async with county.store.read() as conn:
        rows = (await conn.execute(sa.select(hub_runs))).all()
    assert all(row.started_at <= row.seen_at <= county.clock() for row in rows)


async def test_a_hub_that_starts_again_and_again_is_told_in_bounds(county: County) -> None:
    for _ in range(GAPS + 20):
        await runs.begin(county.store, "local")
        county.clock.turn(minutes=5)
    await runs.begin(county.store, "local")
    told = await asked(county, since=at())
    assert (len(told.hub_down), told.hub_down_s) == (GAPS, (GAPS + 20) * 300)
    await runs.expire(county.store, county.clock())
    async with county.store.read() as conn:
        assert await conn.scalar(sa.select(sa.func.count()).select_from(hub_runs)) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"since": at(hours=1)},
        {"since": at(hours=-1), "until": at(hours=-1)},
        {"since": at(hours=-1), "until": at(hours=-2)},
        {"since": at(days=-401)},
    ],
)
async def test_spans_that_cannot_be(county: County, query: dict[str, datetime]) -> None:
    with pytest.raises(Invalid) as err:
        await asked(county, **query)
    assert err.value.fields[0].path == "since"


async def test_history_is_kept_for_a_year_and_no_more(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    steady, flapping = (await county.camera(name="a")).id, (await county.camera(name="b")).id
    await say(county.store, steady, at(), State.LIVE)
    for day in range(10):
        await say(county.store, flapping, at(days=day), State.LIVE)
        await say(county.store, flapping, at(days=day, hours=12), State.STALLED, Reason.STALLED)
    before = await asked(county, since=at(days=-1))
    county.clock.now = at(days=status.KEPT_DAYS + 5)
    since = at(days=6)
    whole = await asked(county, since=since, until=at(days=10))
    while await status.expire_history(county.store, limit=3):
        pass
    assert len(await status.status_history(county.store, steady, EVERYTHING)) == 1
    # of the days before the fifth one row is left: what held when the fifth began
    assert len(await status.status_history(county.store, flapping, EVERYTHING)) == 10
    assert (await asked(county, since=since, until=at(days=10))).cameras == whole.cameras
    assert before.cameras[0].due_s == 0
    monkeypatch.setattr(status, "MOST_KEPT", 4)
    while await status.expire_history(county.store, limit=3):
        pass
    async with county.store.read() as conn:
        assert await conn.scalar(sa.select(sa.func.count()).select_from(history)) == 5
    left = await status.status_history(county.store, flapping, EVERYTHING)
    assert left[0].since == at(days=9, hours=12)

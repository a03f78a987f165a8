"""What moved and was no event: on the strip, an event's, or counted as hidden; and where nobody watched, unknown."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_hub.evidence.report import _Given, _sightings
from camera_hub.recall.motion.days import day_of
from camera_hub.recall.motion.passing import Passing, _episodes
from camera_hub.recall.motion.search import GAP_S, Asked
from camera_hub.recall.motion.shelf import Shelf
from registry import audit, events, pursuit
from registry.errors import HubError
from registry.model import Access, Camera, Kind, LabelGroup, Role
from registry.pursuit import Decision, HopQuery, MapQuery, NewDecision, Passage, StripQuery
from registry.pursuit.candidates import _sorted_out
from registry.pursuit.motion_only import passers
from registry.pursuit.passer import Passer
from registry.pursuit.sightings import Sighting
from registry.travel import Mode
from registry.users import CONSOLE
from tests.camera_hub.recall import test_search as dense
from tests.camera_hub.recall.sheets import DARK, lit, write
from tests.registry.county import NOON, County, change
from tests.registry.patrol import lit as goes_live

MINUTE = timedelta(minutes=1)
DAYS = dict.fromkeys(Kind, 90)
SPAN = datetime.fromtimestamp(dense.BEGIN, UTC), datetime.fromtimestamp(dense.BEGIN + dense.LENGTH, UTC)


@settings(max_examples=40, deadline=None)
@given(
    bursts=dense.BURSTS,
    sealed=st.integers(0, dense.DAYS),
    happened=st.lists(st.tuples(dense.AT, st.integers(1, 5000)), max_size=6),
    query=st.builds(
        StripQuery,
        motion=st.sampled_from(["quiet", "all", "none"]),
        min_s=st.sampled_from([0.0, 8.0]),
        group=st.sampled_from([(), (LabelGroup.PERSON,)]),
    ),
)
def test_every_episode_is_on_the_strip_or_an_event_or_counted_as_hidden(
    bursts: list, sealed: int, happened: list[tuple[int, int]], query: StripQuery
) -> None:
    grid = {at + more: cells for at, many, cells in bursts for more in range(many) if at + more < dense.LENGTH}
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), dense.TZ)
        dense.kept(shelf, grid, [((0, dense.LENGTH), dense.Seen.FULL)], sealed)
        whole = [(dense.BEGIN, dense.BEGIN + dense.LENGTH)]
        episodes = _episodes(shelf, Asked(dense.CAMERA, dense.EVERY, whole, DARK, 0))
    stretches = [(dense.BEGIN + at, dense.BEGIN + at + many) for at, many in happened]
    alone, overlapped = passers(dense.CAMERA, SPAN, episodes, stretches, {})
    shown, hidden = _sorted_out(alone, query)
    assert len(shown) + sum(hidden.values()) == len(alone) == len(episodes) - overlapped
    moved = np.array(sorted(grid)) + dense.BEGIN
    parts = np.split(moved, np.flatnonzero(np.diff(moved) > GAP_S) + 1) if len(moved) else []
    long = [(int(one[0]), int(one[-1]) + 1) for one in parts if one[-1] - one[0] >= 1]
    told = [*stretches, *((int(one.at.timestamp()), int(one.ended_at.timestamp())) for one in alone if one.ended_at)]
    for since, until in long:
        assert any(begin < until and since < end for begin, end in told)
    for one in alone:
        assert not any(begin * 1000 < one.at.timestamp() * 1000 < end * 1000 for begin, end in stretches)


def test_what_moves_at_that_hour_anyway_is_counted_apart(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, dense.TZ)
    leaves, gate = (3, 3), (9, 9)
    for number in range(7):
        day = dense.FIRST - timedelta(days=7 - number)
        write(shelf, dense.CAMERA, day, moved={at: lit(leaves) for at in range(0, 3600, 3)}, sealed=True)
    moved = {at: lit(leaves) for at in range(100, 160)} | {at: lit(leaves) for at in range(1000, 1060)}
    moved |= {at: lit(leaves, gate) for at in range(1020, 1024)}
    write(shelf, dense.CAMERA, dense.FIRST, moved=moved)
    asked = Asked(dense.CAMERA, dense.EVERY, [(dense.BEGIN, dense.BEGIN + 3600)], DARK, 0)
    found = [(one.since - dense.BEGIN, one.until - dense.BEGIN, one.noisy) for one in _episodes(shelf, asked)]
    assert found == [(100, 160, True), (1020, 1024, False)]
    alone, _ = passers(dense.CAMERA, SPAN, _episodes(shelf, asked), [], {})
    assert _sorted_out(alone, StripQuery())[1] == {"noisy": 1}
    assert _sorted_out(alone, StripQuery(motion="all"))[1] == {}
    assert _sorted_out(alone, StripQuery(motion="none"))[1] == {"motion": 2}


class Gate:
    """A camera with an index of the hour before noon, and an officer who looks at it."""

    def __init__(self, county: County, look: Access, camera: Camera, folder: Path) -> None:
        self.county, self.look, self.camera = county, look, camera
        self.shelf = Shelf(folder, county.store.tz)
        self.index = Passing(county.store, self.shelf, DAYS)

    @property
    def case(self) -> UUID:
        assert self.look.purpose.case_id is not None
        return self.look.purpose.case_id

    def moves(self, *minutes: float, watched: tuple[tuple[float, float], ...] = ((-600, 60),), many: int = 6) -> None:
        """Something moves so many minutes before noon; watched from and up to so many minutes before it."""
        day = day_of(int(NOON.timestamp()), self.shelf.tz)
        noon = 12 * 3600
        moved = {noon - round(one * 60) + more: lit((5, 5)) for one in minutes for more in range(many)}
        spans = [(noon + round(a * 60), noon + round(b * 60)) for a, b in watched]
        write(self.shelf, self.camera.id, day, moved=moved, watched=spans)

    def thing(self, minutes: float) -> str:
        return f"motion:{self.camera.id}:{int((NOON - minutes * MINUTE).timestamp())}"

    async def strip(self, **given: object) -> pursuit.Strip:
        query = StripQuery(**{"since": NOON - 60 * MINUTE, "until": NOON, **given})
        return await pursuit.strip(self.county.store, self.look, self.case, self.camera.id, query, index=self.index)

    async def decides(self, thing: str, decision: Decision, revision: int = 0) -> pursuit.Decided:
        new = NewDecision(thing=thing, decision=decision, expected_revision=revision)
        return await pursuit.decide(self.county.store, self.look, self.case, new, index=self.index)


@pytest.fixture
async def gate(county: County, tmp_path: Path) -> Gate:
    camera, look = await county.camera(lat=45.5, lon=124.1), await county.case()
    now, county.clock.now = county.clock.now, NOON - timedelta(days=2)
    await goes_live(county, camera)
    county.clock.now = now
    return Gate(county, look, camera, tmp_path)


def alone(strip: pursuit.Strip) -> list[Passer]:
    return [one for one in strip.candidates if one.event_id is None]


async def test_motion_without_an_event_is_on_the_strip_and_the_row_counts_it(gate: Gate) -> None:
    gate.moves(50, 40, 30)
    at = NOON - 40 * MINUTE
    told = {"started_at": at, "updated_at": at + 3 * MINUTE / 60, "ended_at": at + 3 * MINUTE / 60}
    await events.record(gate.county.store, [change(gate.camera, **told)])
    found = await gate.strip()
    assert [one.thing for one in alone(found)] == [gate.thing(50), gate.thing(30)]
    assert [(one.stay_s, one.label, one.group) for one in alone(found)] == [(6.0, "", None)] * 2
    assert (found.total, found.moved, found.motion_more, found.hidden) == (3, 1, 0, {})
    (row,) = [one for one in await audit.list_rows(gate.county.store, CONSOLE) if one.action == "case.candidates"]
    assert row.result_count == 3
    assert '"motion_only": 2' in row.detail or '"motion_only":2' in row.detail
    assert (await gate.strip(motion="none")).hidden == {"motion": 2}


async def test_a_decision_on_motion_stays(gate: Gate) -> None:
    gate.moves(50, 40)
    await gate.decides(gate.thing(50), Decision.STAR)
    (first, second) = alone(await gate.strip())
    assert (first.decision, first.revision, second.decision) == (Decision.STAR, 1, Decision.OPEN)
    # It is one with motion that began earlier: still the thing that was decided on.
    gate.moves(50 + 4 / 60)
    (first, _) = alone(await gate.strip())
    assert (first.thing, first.decision, first.stay_s) == (gate.thing(50), Decision.STAR, 10.0)
    # An event comes to overlap it, and later the day of the index goes: it stands by itself.
    at = NOON - 50 * MINUTE
    await events.record(gate.county.store, [change(gate.camera, started_at=at, updated_at=at, ended_at=at)])
    left = alone(await gate.strip())
    assert (left[0].thing, left[0].decision) == (gate.thing(50), Decision.STAR)
    gate.shelf.delete(gate.camera.id, day_of(int(NOON.timestamp()), gate.shelf.tz))
    assert [one.thing for one in alone(await gate.strip())] == [gate.thing(50)]
    assert (await gate.decides(gate.thing(50), Decision.KEEP, 1)).revision == 2
    found = await pursuit.clue_map(gate.county.store, gate.look, gate.case, MapQuery(way=Mode.FOOT), index=gate.index)
    assert found.sightings == ()


def test_the_report_names_starred_motion() -> None:
    thing = f"motion:{dense.CAMERA}:{dense.BEGIN}"
    one = Sighting(1, thing, dense.CAMERA, "北门", SPAN[0], None, None, label="", note="", said_by="li")
    assert "<td>卡口标星：仅有画面变动</td>" in _sightings([one], dense.TZ, _Given(()))


async def test_where_nothing_moved_nothing_is_decided(gate: Gate) -> None:
    gate.moves(50)
    other = f"motion:{UUID(int=9)}:{int(NOON.timestamp())}"
    for thing in (gate.thing(45), gate.thing(50 + 1 / 60), other):
        with pytest.raises(HubError) as refused:
            await gate.decides(thing, Decision.KEEP)
        assert refused.value.code == "motion_unknown"


async def test_without_a_right_nothing_is_told(gate: Gate) -> None:
    gate.moves(50)
    monitor = await gate.county.access(await gate.county.user("watch", Role.MONITOR))
    with pytest.raises(HubError):
        await pursuit.strip(gate.county.store, monitor, gate.case, gate.camera.id, StripQuery(), index=gate.index)


async def test_a_stretch_that_the_index_did_not_watch_is_unknown(gate: Gate) -> None:
    other = await gate.county.camera(lat=45.501, lon=124.1)
    now, gate.county.clock.now = gate.county.clock.now, NOON - timedelta(days=2)
    await goes_live(gate.county, other)
    gate.county.clock.now = now
    gate.moves(50)
    seen = gate.thing(50)
    await gate.decides(seen, Decision.STAR)
    query = HopQuery(sighting=seen, way=Mode.FOOT, minutes=5)

    async def hop() -> pursuit.Hop:
        (one,) = (await pursuit.hops(gate.county.store, gate.look, gate.case, query, index=gate.index)).hops
        return one

    assert (await hop()).verdict is Passage.NONE
    day = day_of(int(NOON.timestamp()), gate.shelf.tz)
    write(gate.shelf, other.id, day, watched=[(0, 11 * 3600 + 11 * 60), (11 * 3600 + 12 * 60, 12 * 3600)])
    found = await hop()
    assert (found.verdict, found.unwatched_s) == (Passage.UNKNOWN, 60)
    strip = await pursuit.strip(
        gate.county.store,
        gate.look,
        gate.case,
        other.id,
        StripQuery(since=NOON - 60 * MINUTE, until=NOON - 10 * MINUTE),
        index=gate.index,
    )
    assert [(one.since, one.until) for one in strip.unwatched] == [(NOON - 49 * MINUTE, NOON - 48 * MINUTE)]
    (gates,) = [
        one
        for one in await pursuit.gates(
            gate.county.store,
            gate.look,
            gate.case,
            StripQuery(since=NOON - 60 * MINUTE, until=NOON - 10 * MINUTE),
            index=gate.index,
        )
        if one.camera_id == other.id
    ]
    assert gates.unwatched_s == 60

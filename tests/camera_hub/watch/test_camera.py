"""The life of a camera, in virtual time: a day of failures takes milliseconds."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_hub.watch.camera import CameraWatch, Gate, Ways
from camera_hub.watch.pull import Gauge, Opened, Picture, Said
from registry.errors import Invalid, Rejected, Stalled, StreamError, Unreachable, Unsupported
from registry.model import EventChange, PictureFault, Reason, RecordFault, State, StatusChange
from registry.orders import WatchOrder
from registry.recordings.model import RecordOrder
from tests.camera_hub.watch.virtual import run

ORDER = WatchOrder(
    camera_no=1,
    camera_id=uuid.UUID(int=1),
    name="Gate",
    url="rtsp://camera/1",
    username="",
    password="",
    tier="auto",
    halt=None,
    scene_revision=0,
    scene={},
    clock_offset_ms=None,
    stream="sub",
    main_url=None,
    record=RecordOrder(),
)
EPOCH = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass
class Step:
    """What the camera does at one try: answer the door or not, then play for a while, then fail."""

    knock: Exception | None = None
    opens_after: float = 0.1
    picture_after: float | None = 1.0
    plays: float = 10.0
    silent: float = 0.0
    blind: tuple[float, float] | None = None
    """From and until when, in seconds of play, the picture shows nothing."""
    error: Exception | None = field(default_factory=lambda: Stalled("silent"))


def fresh(error: Exception) -> Exception:
    """A new exception of the same kind: one that is raised again and again drags ever more traceback along."""
    return type(error)(str(error))


class Stage:
    """A camera that follows a script; the last step repeats."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self.tries: list[float] = []
        self.pulls: list[float] = []
        self.told: list[tuple[float, StatusChange]] = []
        self.fault: RecordFault | None = None
        self.open_now = 0
        self.open_most = 0

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now())

    @property
    def step(self) -> Step:
        return self.steps[min(len(self.tries), len(self.steps)) - 1]

    async def knock(self, _url: str) -> None:
        self.tries.append(self.now())
        if self.step.knock is not None:
            raise fresh(self.step.knock)

    async def pull(self, _order: WatchOrder, gauge: Gauge, hear: Callable[[Said], None]) -> None:
        self.pulls.append(self.now())
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            step = self.step
            await asyncio.sleep(step.opens_after)
            if step.picture_after is None:
                if step.error is not None:
                    raise fresh(step.error)
                return
            hear(Opened())
            await asyncio.sleep(step.picture_after)
            gauge.received = self.now()
            hear(Picture("h264", 640, 360))
            played = 0.0
            while played < step.plays:
                await asyncio.sleep(1)
                played += 1
                gauge.received = self.now()
                gauge.seen_at = self.wall()
                blind = step.blind is not None and step.blind[0] <= played < step.blind[1]
                gauge.picture = PictureFault.COVERED if blind else None
            await asyncio.sleep(step.silent)
            if step.error is not None:
                raise fresh(step.error)
        finally:
            self.open_now -= 1

    def tell(self, message: EventChange | StatusChange) -> None:
        assert isinstance(message, StatusChange)
        self.told.append((self.now(), message))

    def ways(self, jitter: float = 0.0) -> Ways:
        return Ways(
            knock=self.knock,
            pull=self.pull,
            tell=self.tell,
            monotonic=self.now,
            wall=self.wall,
            jitter=lambda: jitter,
            recording=lambda _: self.fault,
        )

    @property
    def states(self) -> list[tuple[State, Reason | None]]:
        """States in order; a live camera that is told again counts once."""
        told = [(change.state, change.reason) for _, change in self.told]
        return [state for state, _ in itertools.groupby(told)]


async def watch_for(stage: Stage, seconds: float, *, jitter: float = 0.0, gate: Gate | None = None) -> CameraWatch:
    watch = CameraWatch(ORDER, stage.ways(jitter), gate or Gate())
    task = asyncio.ensure_future(watch.run())
    await asyncio.wait([task], timeout=seconds)
    if not task.done():
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return watch


def test_a_healthy_camera_goes_through_every_state_once() -> None:
    stage = Stage([Step(plays=1e6)])
    run(watch_for(stage, 30))
    assert stage.states == [
        (State.IDLE, None),
        (State.CONNECTING, None),
        (State.WAITING_KEYFRAME, None),
        (State.LIVE, None),
    ]
    live = stage.told[-1][1]
    assert (live.codec, live.width, live.height) == ("h264", 640, 360)
    assert live.since == EPOCH + timedelta(seconds=1.1)


def test_a_live_camera_is_told_again_each_minute_with_its_last_picture() -> None:
    stage = Stage([Step(plays=1e6)])
    run(watch_for(stage, 200))
    again = [change for _, change in stage.told if change.state is State.LIVE]
    assert len(again) == 5, "when it came up, once its frame rate is known, and each of three minutes"
    assert again[-1].last_frame_at is not None
    assert again[-1].last_frame_at > EPOCH + timedelta(seconds=170)
    assert {change.since for change in again} == {again[0].since}


def test_a_picture_that_shows_nothing_is_told_at_once_and_so_is_its_end() -> None:
    stage = Stage([Step(plays=30, blind=(10, 20)), Step(plays=1e6, blind=(5, 1e6))])
    run(watch_for(stage, 60))
    told = [(change.state, change.picture) for _, change in stage.told]
    assert [one for one, _ in itertools.groupby(told)] == [
        *((state, None) for state in (State.IDLE, State.CONNECTING, State.WAITING_KEYFRAME, State.LIVE)),
        (State.LIVE, PictureFault.COVERED),
        (State.LIVE, None),
        *((state, None) for state in (State.BACKING_OFF, State.CONNECTING, State.WAITING_KEYFRAME, State.LIVE)),
        (State.LIVE, PictureFault.COVERED),
    ]
    covered, clear = [change for _, change in stage.told if change.state is State.LIVE and change.picture_since][2:4]
    assert {change.since for _, change in stage.told if change.picture} >= {covered.since}
    assert covered.picture_since is not None
    assert clear.picture_since is not None
    assert clear.picture_since - covered.picture_since == timedelta(seconds=10)


def test_a_live_camera_that_is_not_recorded_is_told_at_once_and_so_is_its_end() -> None:
    async def watch() -> None:
        task = asyncio.ensure_future(watch_for(stage, 60))
        for at, fault in ((10, RecordFault.DISK_FULL), (20, RecordFault.DISK_SLOW), (30, None)):
            await asyncio.sleep(at - stage.now())
            stage.fault = fault
        await task

    stage = Stage([Step(plays=40, silent=8), Step(knock=Unreachable("gone"))])
    run(watch())
    told = [(change.state, change.recording) for _, change in stage.told]
    assert [one for one, _ in itertools.groupby(told)][:7] == [
        *((state, None) for state in (State.IDLE, State.CONNECTING, State.WAITING_KEYFRAME, State.LIVE)),
        (State.LIVE, RecordFault.DISK_FULL),
        (State.LIVE, RecordFault.DISK_SLOW),
        (State.LIVE, None),
    ]
    stage = Stage([Step(knock=Unreachable("gone"))])
    stage.fault = RecordFault.DISK_FULL
    run(watch_for(stage, 30))
    assert {change.recording for _, change in stage.told} == {None}, "no packets: no fault of the disk"


def test_an_absent_camera_is_tried_ever_more_seldom_without_a_thread_or_history() -> None:
    stage = Stage([Step(knock=Unreachable("nobody"))])
    run(watch_for(stage, 3600))
    assert stage.pulls == []
    gaps = [b - a for a, b in zip(stage.tries, stage.tries[1:], strict=False)]
    assert gaps[:6] == pytest.approx([2, 5, 10, 20, 40, 60])
    assert set(map(round, gaps[5:])) == {60}
    assert stage.states == [
        (State.IDLE, None),
        (State.CONNECTING, None),
        (State.BACKING_OFF, Reason.UNREACHABLE),
    ]


def test_a_wrong_password_is_not_hammered() -> None:
    stage = Stage([Step(picture_after=None, error=Rejected("401"))])
    run(watch_for(stage, 24 * 3600))
    third = stage.tries[2]
    late = [at for at in stage.tries if at > third]
    assert len(late) <= (24 * 3600 - third) / 600
    assert all(b - a >= 600 for a, b in zip([third, *late], late, strict=False))
    assert stage.states[-1] == (State.BACKING_OFF, Reason.REJECTED)


@pytest.mark.parametrize(
    ("error", "reason"), [(Unsupported("vp8"), Reason.UNSUPPORTED), (Invalid("loopback"), Reason.ERROR)]
)
def test_what_only_another_order_can_help_stops(error: Exception, reason: Reason) -> None:
    stage = Stage([Step(picture_after=None, error=error)])
    run(watch_for(stage, 24 * 3600))
    assert len(stage.tries) == 1
    assert stage.states[-1] == (State.STOPPED, reason)


def test_silence_shows_as_stalled_and_ends_when_packets_come_back() -> None:
    stage = Stage([Step(plays=5, silent=8, error=Stalled("silent")), Step(plays=1e6)])
    run(watch_for(stage, 60))
    assert stage.states[3:] == [
        (State.LIVE, None),
        (State.STALLED, Reason.STALLED),
        (State.BACKING_OFF, Reason.STALLED),
        (State.CONNECTING, None),
        (State.WAITING_KEYFRAME, None),
        (State.LIVE, None),
    ]


def test_a_camera_that_comes_up_for_seconds_keeps_backing_off_and_minutes_of_health_forget() -> None:
    flapping = Stage([Step(plays=10)])
    run(watch_for(flapping, 1000))
    assert flapping.pulls[-1] - flapping.pulls[-2] >= 60
    healthy = Stage([*[Step(plays=10)] * 6, Step(plays=200), Step(plays=10)])
    run(watch_for(healthy, 1500))
    assert healthy.pulls[7] - healthy.pulls[6] < 205


def test_a_bug_in_one_camera_stays_its_own_and_is_tried_again() -> None:
    stage = Stage([Step(picture_after=None, error=ZeroDivisionError("bug"))])
    run(watch_for(stage, 100))
    assert stage.states[-1] == (State.BACKING_OFF, Reason.ERROR)
    assert len(stage.tries) >= 3


def test_the_end_of_a_file_is_no_failure() -> None:
    stage = Stage([Step(plays=3, error=None)])
    run(watch_for(stage, 100))
    assert len(stage.tries) == 1
    assert stage.states[-1] == (State.IDLE, None)


def test_threads_that_open_are_bounded_and_live_ones_do_not_count() -> None:
    async def many() -> tuple[Stage, int]:
        gate = Gate(knocks=100, opens=4)
        slow = Stage([Step(opens_after=10, picture_after=None, error=Unreachable("slow"))])
        watches = [CameraWatch(replace(ORDER, camera_no=n), slow.ways(), gate) for n in range(40)]
        tasks = [asyncio.ensure_future(w.run()) for w in watches]
        await asyncio.sleep(30)
        opened = slow.open_most
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return slow, opened

    stage, most = run(many())
    assert most == 4
    assert stage.open_now == 0, "cancelling leaves no pull behind"


def test_nine_hundred_dead_cameras_do_not_hold_up_forty_live_ones() -> None:
    async def mixed() -> list[float]:
        gate = Gate()
        live_at: dict[Stage, float] = {}

        class Dead(Stage):
            async def knock(self, url: str) -> None:
                self.tries.append(self.now())
                await asyncio.sleep(4)  # a black hole: the knock's own limit ends it
                raise Unreachable("timed out")

        class Live(Stage):
            def tell(self, message: EventChange | StatusChange) -> None:
                if isinstance(message, StatusChange) and message.state is State.LIVE:
                    live_at.setdefault(self, self.now())

        stages: list[Stage] = [Dead([Step()]) if n % 25 else Live([Step(plays=1e6)]) for n in range(1000)]
        tasks = [asyncio.ensure_future(CameraWatch(ORDER, s.ways(), gate).run(n * 0.003)) for n, s in enumerate(stages)]
        await asyncio.sleep(40)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return list(live_at.values())

    live_at = run(mixed())
    assert len(live_at) == 40
    assert max(live_at) < 20


ERRORS: list[Exception | None] = [Unreachable("u"), Rejected("r"), Stalled("s"), StreamError("?"), ValueError("bug")]
STEPS = st.builds(
    Step,
    knock=st.sampled_from([None, None, Unreachable("nobody")]),
    opens_after=st.floats(0, 12),
    picture_after=st.sampled_from([None, 0.5, 20.0]),
    plays=st.sampled_from([0.0, 5.0, 100.0, 400.0]),
    silent=st.sampled_from([0.0, 8.0]),
    error=st.sampled_from(ERRORS),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, min_size=1, max_size=8), jitter=st.floats(0, 1))
def test_whatever_a_camera_does_its_state_is_told_truly_and_it_is_never_hammered(
    steps: list[Step], jitter: float
) -> None:
    stage = Stage(steps)
    run(watch_for(stage, 1800, jitter=jitter))
    allowed = {
        State.IDLE: {State.CONNECTING},
        State.CONNECTING: {State.WAITING_KEYFRAME, State.BACKING_OFF},
        State.WAITING_KEYFRAME: {State.LIVE, State.BACKING_OFF},
        State.LIVE: {State.STALLED, State.BACKING_OFF, State.LIVE},
        State.STALLED: {State.LIVE, State.BACKING_OFF},
        State.BACKING_OFF: {State.CONNECTING, State.BACKING_OFF},
    }
    states = [state for state, _ in stage.states]
    for before, after in itertools.pairwise(states):
        assert after in allowed[before], (before, after)
    for _, change in stage.told:
        assert (change.reason is not None) == (change.state in {State.STALLED, State.BACKING_OFF})
        assert change.since.tzinfo is not None
    gaps = [b - a for a, b in zip(stage.tries, stage.tries[1:], strict=False)]
    assert all(gap >= 1 for gap in gaps)
    assert stage.open_most <= 1, "one pull per camera"
    assert stage.open_now == 0

"""What a recorder takes of its camera's tap: always, around events, by orders that change, and never from before a mask."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from camera_hub.live.tap import Tap
from camera_hub.recording.crew import Crew
from camera_hub.recording.disk import Disk
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.preroll import MOST_BYTES, PreRoll
from camera_hub.recording.recorder import LATE_S
from camera_hub.recording.reel import Taken
from camera_hub.recording.writer import Writer
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.wall import WallTime
from registry.model import Box, EventChange, EventKind, LabelGroup, Reason, RecordFault, Stream
from registry.orders import WatchOrder
from registry.recordings.model import RecordMode, RecordOrder, SegmentChange, Why

from .desk import FPS, START, TICKS, begun, frames_of, packets, units

CAMERA = UUID(int=9)
CONTINUOUS = RecordOrder(RecordMode.CONTINUOUS, frozenset({"sub"}), 2.0, 3.0, 600.0)
ON_EVENT = replace(CONTINUOUS, mode=RecordMode.ON_EVENT)


def order(record: RecordOrder, halt: Reason | None = None) -> WatchOrder:
    return WatchOrder(
        camera_no=1,
        camera_id=CAMERA,
        name="Gate",
        url="rtsp://camera/1",
        username="",
        password="",
        tier="auto",
        halt=halt,
        scene_revision=0,
        scene={},
        clock_offset_ms=-250,
        stream="sub",
        main_url="rtsp://camera/0",
        record=record,
    )


def event(event_id: UUID, *, ended: bool) -> EventChange:
    return EventChange(
        id=event_id,
        revision=1,
        camera_id=CAMERA,
        kind=EventKind.OBJECT,
        rule_id="objects",
        rule_name="objects",
        scene_revision=0,
        label="person",
        group=LabelGroup.PERSON,
        score=0.9,
        box=Box(0.1, 0.1, 0.3, 0.6),
        path=(),
        direction=None,
        started_at=START,
        updated_at=START,
        ended_at=START if ended else None,
        snapshot=None,
        snapshot_bytes=0,
        snapshot_at=None,
        node="local",
        model="m",
        clock_offset_ms=None,
    )


@dataclass
class Camera:
    """A camera whose clock stands still until it sends the next frame."""

    folder: Path
    now: float = 0.0
    sent: int = 0
    told: list[SegmentChange] = field(default_factory=list)
    taps: dict[Stream, Tap] = field(default_factory=lambda: {"sub": Tap(), "main": Tap()})

    def __post_init__(self) -> None:
        self.writer = Writer(Disk(self.folder, 0), "local", self.told.append)
        self.crew = Crew(self.writer, lambda _, stream: self.taps[stream], monotonic=lambda: self.now)

    def connects(self, codec: str = "h264", *, masked: bool = False, stream: Stream = "sub") -> None:
        wall = WallTime(lambda: START + timedelta(seconds=self.now), lambda: self.now)
        self.taps[stream].begin(StreamParams(codec, None, begun().params.time_base, 0, 0), masked=masked, wall=wall)

    def plays(self, seconds: float, *, stream: Stream = "sub") -> None:
        """Frames, a keyframe a second; the frame of second t is sent at t."""
        for _ in range(round(seconds * FPS)):
            key, data = units(count=300)[self.sent % 300]
            step = TICKS // FPS
            self.now = self.sent / FPS
            self.taps[stream].packet(Packet(data, self.sent * step, self.sent * step, key, self.now))
            self.sent += 1
        self.now = self.sent / FPS

    def recorded(self) -> list[tuple[SegmentChange, float, float]]:
        """Every segment with the seconds from which to which its frames are."""
        self.writer.start()
        self.writer.end(30)
        found = []
        for one in self.told:
            if one.ended_at is None:
                continue
            frames = frames_of(path_of(self.folder, Name(CAMERA, one.stream, one.started_at)))
            assert len(frames) == one.frames
            begin = (one.started_at - START).total_seconds()
            found.append((one, begin, begin + frames[-1][0] + 1 / FPS))
        return sorted(found, key=lambda one: one[0].started_at)


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    return Camera(tmp_path)


def spans(recorded: Sequence[tuple[SegmentChange, float, float]]) -> list[tuple[Why, float, float]]:
    return [(one.why, round(begin, 2), round(end, 2)) for one, begin, end in recorded]


def test_a_continuous_recording_holds_all_of_a_pull(camera: Camera) -> None:
    camera.crew.follow(order(CONTINUOUS))
    camera.connects()
    camera.plays(5)
    camera.taps["sub"].end()
    found = camera.recorded()
    assert spans(found) == [(Why.CONTINUOUS, 0.0, 5.0)]
    assert found[0][0].clock_offset_ms == -250


def test_nothing_is_recorded_where_nothing_is_to_be(camera: Camera) -> None:
    for record, halt in ((RecordOrder(), None), (CONTINUOUS, Reason.NO_CONSENT)):
        camera.crew.follow(order(record, halt))
        assert not any(tap.joined for tap in camera.taps.values()), "nobody draws, nobody pays"
    camera.connects()
    camera.plays(3)
    assert camera.recorded() == []


def test_an_event_is_recorded_with_what_led_to_it_and_what_followed(camera: Camera) -> None:
    camera.crew.follow(order(ON_EVENT))
    camera.connects()
    camera.plays(20)
    thing = uuid4()
    camera.crew.happened(event(thing, ended=False))
    camera.plays(4)
    camera.crew.happened(event(thing, ended=True))
    camera.plays(20)
    ((why, begin, end),) = spans(camera.recorded())
    assert why is Why.EVENT
    assert 20 - 2 - LATE_S - 1.01 <= begin <= 20 - 2 - LATE_S, "back to a keyframe"
    assert 24 + 3 <= end <= 24 + 3 + 1.01, "up to a keyframe"


def test_events_that_overlap_make_one_recording_and_later_ones_another(camera: Camera) -> None:
    camera.crew.follow(order(ON_EVENT))
    camera.connects()
    camera.plays(10)
    one, other = uuid4(), uuid4()
    for thing, ended in ((one, False), (other, False), (one, True)):
        camera.crew.happened(event(thing, ended=ended))
        camera.plays(2)
    camera.plays(10)
    camera.crew.happened(event(other, ended=True))
    camera.plays(20)
    camera.crew.happened(event(uuid4(), ended=True))
    camera.plays(10)
    found = spans(camera.recorded())
    assert len(found) == 2
    assert found[0][2] >= 29
    assert found[1][1] >= found[0][2], "nothing is recorded twice"


def test_an_event_soon_after_another_leaves_no_hole(camera: Camera) -> None:
    camera.crew.follow(order(ON_EVENT))
    camera.connects()
    camera.plays(10.4)
    camera.crew.happened(event(uuid4(), ended=True))
    camera.plays(5.2)
    camera.crew.happened(event(uuid4(), ended=True))
    camera.plays(9)
    found = spans(camera.recorded())
    assert [two[1] - one[2] for one, two in itertools.pairwise(found)] == pytest.approx([0.0] * (len(found) - 1))
    assert found[-1][2] >= 18.5


def test_a_pull_that_ends_with_an_open_event_does_not_record_for_ever(camera: Camera) -> None:
    camera.crew.follow(order(ON_EVENT))
    camera.connects()
    camera.plays(10)
    camera.crew.happened(event(uuid4(), ended=False))
    camera.plays(2)
    camera.taps["sub"].end()
    camera.crew.quiet(CAMERA)
    camera.connects()
    camera.plays(30)
    assert spans(camera.recorded())[-1][2] <= 17


def test_the_mode_changes_without_another_pull(camera: Camera) -> None:
    camera.crew.follow(order(ON_EVENT))
    camera.connects()
    camera.plays(10)
    camera.crew.follow(order(CONTINUOUS))
    camera.plays(5)
    camera.crew.follow(order(ON_EVENT))
    camera.plays(10)
    camera.crew.follow(order(RecordOrder()))
    camera.plays(5)
    found = spans(camera.recorded())
    assert found[0][1] <= 5, "what was in memory anyway"
    assert 15 <= found[-1][2] <= 16
    assert not camera.taps["sub"].joined


def test_recording_that_begins_within_a_pull_begins_with_the_pictures_there_are(camera: Camera) -> None:
    camera.connects()
    camera.plays(4.4)
    camera.crew.follow(order(CONTINUOUS))
    camera.plays(3)
    assert spans(camera.recorded()) == [(Why.CONTINUOUS, 4.0, 7.4)]


def test_both_streams_are_recorded_side_by_side(camera: Camera) -> None:
    camera.crew.follow(order(replace(CONTINUOUS, streams=frozenset({"sub", "main"}))))
    assert camera.taps["main"].joined, "which is what has it pulled"
    for stream in ("sub", "main"):
        camera.connects(stream=stream)
        camera.plays(3, stream=stream)
    assert [one.stream for one, *_ in camera.recorded()] == ["sub", "main"]
    camera.crew.follow(order(CONTINUOUS))
    assert not camera.taps["main"].joined


def test_nothing_from_before_a_mask_is_recorded_after_it(camera: Camera) -> None:
    camera.crew.follow(order(ON_EVENT))
    camera.connects()
    camera.plays(10)
    camera.taps["sub"].end()
    camera.connects(masked=True)
    camera.crew.happened(event(uuid4(), ended=False))
    camera.plays(3)
    found = camera.recorded()
    assert [(one.masked, begin) for one, begin, _ in found] == [(True, 10.0)]


def test_a_codec_that_cannot_be_recorded_is_said(camera: Camera) -> None:
    camera.crew.follow(order(CONTINUOUS))
    camera.connects("mjpeg")
    camera.taps["sub"].packet(Packet(b"\xff\xd8", 0, 0, keyframe=True, received=0.0))
    assert camera.crew.fault(CAMERA) is RecordFault.CODEC
    camera.taps["sub"].end()
    camera.connects()
    assert camera.crew.fault(CAMERA) is None
    camera.crew.forget(CAMERA)
    assert camera.crew.fault(CAMERA) is None


def test_a_cameras_recorder_ends_with_its_order(camera: Camera) -> None:
    camera.crew.follow(order(CONTINUOUS))
    camera.connects()
    camera.plays(2)
    camera.crew.forget(CAMERA)
    camera.plays(2)
    assert spans(camera.recorded()) == [(Why.CONTINUOUS, 0.0, 2.0)]
    assert camera.writer.counts.frames == 30
    assert not camera.taps["sub"].joined


def test_what_is_kept_in_memory_is_bounded() -> None:
    kept = PreRoll()
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def add(size: int, at: float, *, key: bool) -> None:
        kept.add(Taken(Packet(bytes(size), 0, 0, key, at), now, Why.EVENT), 600.0)

    for number in range(30):
        add(1 << 20, float(number), key=number % 2 == 0)
    held = kept.take()
    assert sum(len(one.packet.data) for one in held) <= MOST_BYTES
    assert held[0].packet.keyframe
    assert held[-1].packet.received == 29.0
    assert kept.take() == []
    for number in range(20):
        add(1 << 20, float(number), key=number == 0)
    assert kept.take() == [], "one group without end"


def test_packets_are_dated_as_events_are(tmp_path: Path) -> None:
    """The pipeline's first frame may come later than the first packet: both are dated by one clock."""
    now = [100.0]
    wall = WallTime(lambda: START + timedelta(seconds=now[0]), lambda: now[0])
    given = packets(count=30)
    first = wall.date(given[0].pts / TICKS, 100.0)
    now[0] = 100.9
    seen, moved = wall.of(given[3].pts / TICKS, 100.8)
    assert not moved
    assert seen - first == timedelta(seconds=3 / FPS)

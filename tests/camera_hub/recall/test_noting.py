"""What a pull tells the index."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from camera_hub.recall.motion.days import Day, bounds, of_log
from camera_hub.recall.motion.noting import Noting
from camera_hub.recall.motion.record import Record, Seen, Span, View, pack
from detectors.facts import Box, Motion
from detectors.motion import MotionDetector
from tests.camera_hub.recall.sheets import DARK, lit

TZ = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 24, tzinfo=TZ)
CLIPS = Path(os.environ.get("HUB_FOOTAGE", "no footage"))


class Camera:
    """A pull that tells, and what it told by day."""

    def __init__(self, *, hidden=DARK, scene=1) -> None:
        self.told: dict[date, list[Record]] = {}
        self.noting = Noting(
            lambda day, record: self.told.setdefault(day, []).append(record), TZ, hidden=hidden, scene=scene
        )

    def see(self, at: datetime, *, moved: bool = False, flash: bool = False, thin: bool = False) -> None:
        mask = np.zeros((90, 160), np.bool_)
        mask[:5, :5] = moved
        boxes = (Box(0, 0, 0.05, 0.05),) if moved else ()
        self.noting.saw(Motion(boxes, mask, 0.0, flash), at, thin=thin)

    def watch(self, begin: datetime, seconds: float, *, apart: float = 0.2, **how: bool) -> None:
        for step in range(round(seconds / apart)):
            self.see(begin + timedelta(seconds=step * apart), **how)

    def day(self, day: date) -> Day:
        begin, end = bounds(day, TZ)
        return of_log(b"".join(map(pack, self.told[day])), begin, end - begin)


def spans(day: Day) -> list[tuple[int, int, Seen]]:
    return [(one.since, one.until, one.seen) for one in day.spans]


def test_a_quiet_hour_is_a_stretch_told_every_half_minute() -> None:
    camera = Camera()
    camera.watch(MIDNIGHT, 3600)
    camera.noting.end()
    told = camera.told[date(2026, 11, 24)]
    assert [type(one) for one in told] == [View, *[Span] * 120]
    assert spans(camera.day(date(2026, 11, 24))) == [(0, 3600, Seen.FULL)]


def test_motion_is_a_record_a_second_and_midnight_parts_the_days() -> None:
    camera = Camera()
    camera.watch(MIDNIGHT - timedelta(seconds=10), 20, moved=True)
    camera.noting.end()
    before, after = camera.day(date(2026, 11, 23)), camera.day(date(2026, 11, 24))
    assert before.seconds.tolist() == list(range(86_390, 86_400))
    assert after.seconds.tolist() == list(range(10))
    assert spans(before) == [(86_390, 86_400, Seen.FULL)]
    assert spans(after) == [(0, 10, Seen.FULL)]
    assert all(np.array_equal(rows, lit((0, 0))) for rows in after.rows)
    assert [one.hidden.sum() for one in (*before.views, *after.views)] == [0, 0]


def test_gaps_flashes_keyframes_and_a_clock_that_was_set() -> None:
    camera = Camera()
    camera.watch(MIDNIGHT, 10)
    camera.see(MIDNIGHT + timedelta(seconds=10), flash=True)
    camera.watch(MIDNIGHT + timedelta(seconds=11), 5)
    camera.watch(MIDNIGHT + timedelta(seconds=60), 10, apart=1.0, thin=True)
    camera.noting.end()
    camera.watch(MIDNIGHT + timedelta(seconds=100), 5)
    camera.see(MIDNIGHT + timedelta(seconds=90))  # set back: what was told of stays
    camera.noting.end()
    assert spans(camera.day(date(2026, 11, 24))) == [
        (0, 10, Seen.FULL),
        (10, 11, Seen.FLASH),
        (11, 16, Seen.FULL),
        (16, 60, Seen.GAP),
        (60, 70, Seen.KEYFRAMES),
        (90, 91, Seen.FULL),
        (100, 105, Seen.FULL),
    ]


def test_pictures_two_seconds_apart_leave_no_gap() -> None:
    camera = Camera()
    camera.watch(MIDNIGHT, 40, apart=2.0, thin=True)
    camera.noting.end()
    assert spans(camera.day(date(2026, 11, 24))) == [(0, 39, Seen.KEYFRAMES)]


def test_a_camera_that_was_turned_is_told_from_then_on() -> None:
    camera = Camera()
    camera.watch(MIDNIGHT, 10)
    camera.noting.turned(MIDNIGHT + timedelta(seconds=4))
    camera.watch(MIDNIGHT + timedelta(seconds=10), 5)
    camera.noting.end()
    day = camera.day(date(2026, 11, 24))
    turned = int((MIDNIGHT + timedelta(seconds=4)).timestamp())
    assert [(one.since, one.until, one.view) for one in day.spans] == [(0, 10, 0), (10, 15, turned)]


def test_masked_cells_are_told_and_stay_dark() -> None:
    camera = Camera(hidden=lit((0, 0)), scene=7)
    camera.watch(MIDNIGHT, 5, moved=True)
    camera.noting.end()
    day = camera.day(date(2026, 11, 24))
    assert len(day.seconds) == 0
    assert np.array_equal(day.views[0].hidden, lit((0, 0)))
    assert [one.scene for one in day.spans] == [7]


@pytest.mark.footage
@pytest.mark.parametrize("name", ["intel_person_bicycle_car.mp4", "intel_car_detection.mp4"])
def test_every_labelled_passage_is_in_the_index(name: str) -> None:
    """Real recordings, labelled by hand to half a second: each passage is hit, and quiet stretches hardly are."""
    if not (CLIPS / name).is_file():
        pytest.skip("needs footage: labelled recordings; HUB_FOOTAGE names a folder of them with a labels.json")
    import av

    labels = json.loads((CLIPS / "labels.json").read_text(encoding="utf-8"))[name]
    camera, detector, last = Camera(), MotionDetector(), -1.0
    with av.open(str(CLIPS / name)) as container:
        for picture in container.decode(video=0):
            at = float(picture.time or 0)
            if at - last >= 0.19:
                last = at
                motion = detector.look(picture.to_ndarray(format="gray"), at)
                camera.noting.saw(motion, MIDNIGHT + timedelta(seconds=at), thin=False)
    camera.noting.end()
    seconds = set(camera.day(date(2026, 11, 24)).seconds.tolist())
    passages = [one["t"] for one in labels["intervals_s"]]
    missed = [span for span in passages if not any(span[0] - 1 <= at <= span[1] + 1 for at in seconds)]
    assert missed == []
    quiet = {at for begin, end in labels.get("empty_s", ()) for at in range(int(begin) + 2, int(end) - 1)}
    assert len(seconds & quiet) <= 0.25 * len(quiet)

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from camera_hub.demo.clip import read
from camera_hub.demo.sample_server import Mount
from camera_hub.stream.measure import Arrival, Measured, advice_on, measure
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.probe import Walk, probe, watched
from camera_hub.stream.reach import Limits
from registry.errors import Invalid, Stalled
from tests.camera_hub.stream.conftest import StartServer
from tests.camera_hub.stream.faulty_camera import FaultyCamera

SHORT = Limits(stall_s=2, keyframe_s=2)
RTP = Fraction(1, 90_000)
PARAMS = StreamParams("h264", None, RTP, 0, 0)


@pytest.mark.rtsp
def test_a_good_camera_is_measured(rtsp_server: StartServer, clip: Path) -> None:
    url = rtsp_server([Mount("/yard", clip)]).urls["/yard"]
    report = probe(url, seconds=5, limits=SHORT, allow_loopback=True)
    assert report.ok
    assert [(step.name, step.ok) for step in report.steps] == [
        ("reach", True),
        ("sign_in", True),
        ("picture", True),
        ("measure", True),
        ("clock", None),
    ]
    assert report.url == url
    assert report.stream is not None
    assert (report.stream.codec, report.stream.width, report.stream.height) == ("h264", 320, 180)
    assert report.stream.fps == pytest.approx(15, abs=0.5)
    assert report.stream.gop_s == pytest.approx(1, abs=0.1)
    assert report.stream.kbits == pytest.approx(150, rel=0.6)
    assert report.advice == ()


@pytest.mark.rtsp
def test_a_wrong_password_fails_at_signing_in(rtsp_server: StartServer, clip: Path) -> None:
    url = rtsp_server([Mount("/yard", clip, "digest", "admin", "right")]).urls["/yard"]
    report = probe(url, "admin", "wrong", limits=SHORT, allow_loopback=True)
    assert not report.ok
    assert [(step.name, step.ok, step.code) for step in report.steps] == [
        ("reach", True, None),
        ("sign_in", False, "rejected"),
        ("picture", None, None),
        ("measure", None, None),
        ("clock", None, None),
    ]


def test_each_failure_stands_at_its_step() -> None:
    closed = probe("rtsp://127.0.0.1:1/x", limits=SHORT, allow_loopback=True)
    assert [step.ok for step in closed.steps] == [False, None, None, None, None]
    with FaultyCamera() as camera:
        silent = probe(camera.url, limits=SHORT, allow_loopback=True)
    assert [(step.ok, step.code) for step in silent.steps[:3]] == [(True, None), (True, None), (False, "stalled")]
    with FaultyCamera(statuses={"DESCRIBE": "404 Not Found"}) as camera:
        missing = probe(camera.url, limits=SHORT, allow_loopback=True)
    assert missing.steps[2].code == "no_such_stream"
    with FaultyCamera(rtpmap="VP8/90000") as camera:
        other = probe(camera.url, limits=SHORT, allow_loopback=True)
    assert other.steps[2].code == "codec"
    assert all(step.hint for report in (closed, silent, missing, other) for step in report.steps if step.ok is False)
    with pytest.raises(Invalid):
        probe("rtsp://127.0.0.1/x")


class Played:
    """A source that plays units and then stalls."""

    params = PARAMS

    def __init__(self, units: list[tuple[bool, bytes]]) -> None:
        self._units = units

    def packets(self) -> Iterator[Packet]:
        for number, (keyframe, unit) in enumerate(self._units):
            yield Packet(unit, number * 6000, number * 6000, keyframe, number / 15)
        raise Stalled("over")

    def close(self) -> None:
        pass


def test_a_stream_that_breaks_off_late_is_still_measured(clip: Path) -> None:
    units = list(read(clip))
    assert watched(Played(units), 1e9, Walk()).fps == pytest.approx(15)
    with pytest.raises(Stalled):
        watched(Played(units[:20]), 1e9, Walk())


def test_a_long_gop_is_seen_before_it_ends() -> None:
    twelve_s = [Arrival(n / 15, 1000, n == 0) for n in range(12 * 15)]
    stream = measure(PARAMS, (640, 360), twelve_s)
    assert stream.gop_s == pytest.approx(11.93, abs=0.01)
    assert {"keyframe_interval", "smart_codec"} <= {advice.code for advice in advice_on(stream)}
    uneven = measure(PARAMS, (640, 360), [Arrival(n / 15, 1000, n in {0, 15, 90}) for n in range(150)])
    assert not uneven.gop_even
    assert "smart_codec" in {advice.code for advice in advice_on(uneven)}
    assert measure(PARAMS, (0, 0), []).fps == 0


def test_advice_follows_what_was_measured() -> None:
    def codes(**changes: object) -> set[str]:
        good: dict[str, object] = {
            "codec": "h264", "width": 640, "height": 360, "fps": 15.0, "gop_s": 2.0, "gop_even": True, "kbits": 300.0,
        }  # fmt: skip
        return {advice.code for advice in advice_on(Measured(**(good | changes)))}  # type: ignore[arg-type]

    assert codes() == set()
    assert codes(codec="hevc") == {"use_h264"}
    assert codes(codec="mjpeg", gop_s=None, fps=1.0) == {"use_rtsp"}
    assert codes(width=2560, height=1440, kbits=4096.0, fps=25.0) == {"use_sub_stream", "lower_bitrate", "lower_fps"}
    assert codes(fps=3.0) == {"raise_fps"}

"""RTSP against real servers that behave, and against a real socket that does not."""

from __future__ import annotations

import itertools
import random
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from camera_hub.demo.clip import encode, read
from camera_hub.demo.sample_server import Auth, Mount
from camera_hub.demo.scenes import SCENES, render
from camera_hub.stream.decode import Decoder
from camera_hub.stream.packet import Frame, Packet, Source
from camera_hub.stream.reach import USUAL, Limits
from camera_hub.stream.source import open_source
from registry.errors import HubError, Invalid, Rejected, Stalled, StreamError, Unreachable, Unsupported
from tests.camera_hub.stream.conftest import SMALL, StartServer
from tests.camera_hub.stream.faulty_camera import FaultyCamera, Line, now_ntp, parameter_sets, play_units

SHORT = Limits(stall_s=2, keyframe_s=2)
AT_ONCE = Limits(connect_s=1, open_s=2)


def taken(source: Source, count: int) -> list[Packet]:
    try:
        return list(itertools.islice(source.packets(), count))
    finally:
        source.close()


def opened(url: str, username: str = "", password: str = "", limits: Limits = SHORT) -> Source:
    return open_source(url, username, password, limits=limits, allow_loopback=True)


def read_until_error(camera: FaultyCamera, limits: Limits = SHORT) -> tuple[StreamError, list[Packet], float]:
    source = opened(camera.url, limits=limits)
    packets: list[Packet] = []
    begun = time.monotonic()
    with pytest.raises(StreamError) as ended:
        packets.extend(source.packets())
    source.close()
    return ended.value, packets, time.monotonic() - begun


@pytest.mark.rtsp
@pytest.mark.parametrize("auth", ["none", "basic", "digest"])
def test_a_stream_opens_with_each_way_to_sign_in(rtsp_server: StartServer, clip: Path, auth: Auth) -> None:
    mount = Mount("/yard", clip, auth, "admin", "p@ss:/ %+#&") if auth != "none" else Mount("/yard", clip)
    server = rtsp_server([mount])
    begun = time.monotonic()
    source = opened(server.urls["/yard"], mount.username, mount.password)
    assert time.monotonic() - begun < 5, "FFmpeg's own time to analyse a stream"
    packets = taken(source, 40)
    assert source.params.codec == "h264"
    assert packets[0].keyframe
    assert [p.keyframe for p in packets].count(True) == 3
    assert all(b.dts > a.dts and b.received >= a.received for a, b in itertools.pairwise(packets))
    decoder = Decoder(source.params)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert len(frames) == 40
    assert frames[-1].luma.shape == (180, 320)
    assert frames[-1].at - frames[0].at == pytest.approx(39 / 15, abs=0.1)


@pytest.mark.rtsp
def test_h265_decodes(rtsp_server: StartServer, clip_h265: Path) -> None:
    source = opened(rtsp_server([Mount("/gate", clip_h265)]).urls["/gate"])
    packets = taken(source, 20)
    decoder = Decoder(source.params)
    assert source.params.codec == "hevc"
    assert len([frame for packet in packets for frame in decoder.decode(packet)]) == 20


@pytest.mark.rtsp
def test_timestamps_go_on_where_the_clip_starts_anew(rtsp_server: StartServer, clip_h265: Path) -> None:
    source = opened(rtsp_server([Mount("/gate", clip_h265)]).urls["/gate"])
    packets = taken(source, 55)  # the clip has 45
    steps = [b.dts - a.dts for a, b in itertools.pairwise(packets[1:])]
    assert max(steps) - min(steps) <= 2


@pytest.mark.rtsp
@pytest.mark.parametrize(
    ("auth", "credentials", "code"),
    [
        ("digest", ("admin", "wrong"), "rejected"),
        ("basic", ("admin", "wrong"), "rejected"),
        ("digest", ("", ""), "wants_password"),
    ],
)
def test_a_wrong_password_is_rejected_and_not_told(
    rtsp_server: StartServer, clip: Path, auth: Auth, credentials: tuple[str, str], code: str
) -> None:
    server = rtsp_server([Mount("/yard", clip, auth, "admin", "right")])
    with pytest.raises(Rejected) as refused:
        opened(server.urls["/yard"], *credentials)
    assert refused.value.code == code
    assert "wrong" not in str(refused.value).replace("wrong user", "")
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.rtsp
def test_a_path_without_stream_and_a_server_that_dies(rtsp_server: StartServer, clip: Path) -> None:
    server = rtsp_server([Mount("/yard", clip)])
    with pytest.raises(Unreachable) as missing:
        opened(server.urls["/yard"] + "x")
    assert missing.value.code == "no_such_stream"
    source = opened(server.urls["/yard"])
    packets = source.packets()
    assert next(packets).keyframe
    server.kill()
    with pytest.raises(Unreachable) as gone:
        list(packets)
    assert gone.value.code == "went_away"
    source.close()
    source.close()


def test_unknown_host_and_closed_port() -> None:
    with pytest.raises(Unreachable) as unknown:
        opened("rtsp://no-such-camera.invalid/stream")
    assert unknown.value.code == "unknown_host"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable) as closed:
        opened(f"rtsp://127.0.0.1:{port}/stream")
    assert (closed.value.code, closed.value.params["port"]) == ("port_closed", port)


def test_loopback_is_refused_also_behind_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid):
        open_source("rtsp://127.0.0.1/stream")
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 554))]
    )
    for url in ("rtsp://camera.example/stream", "http://camera.example/x.mjpg", "snapshot+http://camera.example/x.jpg"):
        with pytest.raises(Invalid) as refused:
            open_source(url)
        assert refused.value.fields[0].code == "loopback"


def test_silent_tcp_is_unreachable_not_unsupported() -> None:
    with FaultyCamera(mute=True) as camera:
        begun = time.monotonic()
        with pytest.raises(Unreachable) as silent:
            opened(camera.url, limits=AT_ONCE)
    assert silent.value.code == "silent"
    assert time.monotonic() - begun < USUAL.open_s


def test_a_port_that_speaks_something_else() -> None:
    with FaultyCamera(banner=b"SSH-2.0-OpenSSH_9.2\r\n", mute=True) as camera, pytest.raises(Unreachable) as other:
        opened(camera.url, limits=AT_ONCE)
    assert other.value.code == "silent"


def test_play_without_rtp_stalls() -> None:
    with FaultyCamera() as camera:
        error, packets, waited = read_until_error(camera)
    assert isinstance(error, Stalled)
    assert packets == []
    assert waited < USUAL.stall_s


def test_a_stall_after_pictures(clip: Path) -> None:
    units = list(read(clip))[:10]
    with FaultyCamera(
        play_units(units), fmtp=f"packetization-mode=1;sprop-parameter-sets={parameter_sets(units[0][1])}"
    ) as camera:
        error, packets, waited = read_until_error(camera)
    assert isinstance(error, Stalled)
    assert error.code == "stalled"
    assert len(packets) >= 9
    assert waited < USUAL.stall_s


def test_garbage_rtp_gives_no_picture_and_is_told() -> None:
    # Some of it looks like parts of keyframes: FFmpeg hands them out as such.
    def play(line: Line) -> None:
        number = 0
        while not line.wait(0.01):
            line.rtp(bytes((number * 37 + k) % 256 for k in range(300)), number * 3000, marker=number % 3 == 0)
            number += 1

    with FaultyCamera(play) as camera:
        source = opened(camera.url)
        decoder = Decoder(source.params, patience_s=1)
        begun = time.monotonic()
        frames: list[Frame] = []
        with pytest.raises(Stalled) as told:
            for packet in source.packets():
                frames.extend(decoder.decode(packet))
        source.close()
    assert told.value.code == "garbage"
    assert frames == []
    assert time.monotonic() - begun < USUAL.stall_s


def test_random_rtp_stalls() -> None:
    noise = random.Random(1)

    def play(line: Line) -> None:
        while not line.wait(0.01):
            # Reserved NAL unit types: FFmpeg makes no packet of them, while bytes keep coming.
            line.rtp(
                bytes([30 | noise.randrange(4) << 5]) + noise.randbytes(200), noise.randrange(1 << 32), marker=True
            )

    with FaultyCamera(play) as camera:
        error, packets, waited = read_until_error(camera)
    assert isinstance(error, Stalled)
    assert packets == []
    assert waited < USUAL.stall_s


def test_bytes_that_are_no_rtp_at_all() -> None:
    def play(line: Line) -> None:
        while not line.wait(0.05):
            line.sock.sendall(b"\x00garbage without any frame" * 20)

    with FaultyCamera(play) as camera:
        error, packets, _ = read_until_error(camera)
    assert isinstance(error, Stalled | Unreachable)
    assert packets == []


def test_a_late_keyframe_is_waited_for_apart_from_the_stall_limit(clip: Path) -> None:
    # A GOP of 10 s joined in its middle: 2 s of packets without keyframe, twice the stall limit, then one.
    units = list(read(clip))
    late = units[1:15] * 2 + units[:10]
    patient = Limits(stall_s=1, keyframe_s=10)
    with FaultyCamera(
        play_units(late), fmtp=f"packetization-mode=1;sprop-parameter-sets={parameter_sets(units[0][1])}"
    ) as camera:
        source = opened(camera.url, limits=patient)
        packets = taken(source, 5)
        assert packets[0].keyframe
        error, none, _ = read_until_error(camera, replace(SHORT, keyframe_s=1))
    assert (error.code, none) == ("no_keyframe", [])


def test_a_dead_connection_mid_stream(clip: Path) -> None:
    units = list(read(clip))[:8]

    def play(line: Line) -> None:
        for number, (_, unit) in enumerate(units):
            line.unit(unit, number * 6000)

    with FaultyCamera(play) as camera:
        error, packets, _ = read_until_error(camera)
    assert isinstance(error, Unreachable)
    assert error.code == "went_away"
    assert len(packets) >= 6


@pytest.mark.parametrize(("rtpmap", "media", "code"), [
    ("VP8/90000", "video", "codec"),
    ("THEORA/90000", "video", "codec"),
    ("PCMU/8000", "audio", "no_video"),
])  # fmt: skip
def test_an_unsupported_codec_says_so(rtpmap: str, media: str, code: str) -> None:
    with FaultyCamera(rtpmap=rtpmap, media=media) as camera, pytest.raises(Unsupported) as refused:
        opened(camera.url)
    assert refused.value.code == code
    assert "H.264" in refused.value.hint or "path" in refused.value.hint


@pytest.mark.parametrize(
    ("method", "status", "kind"),
    [
        ("DESCRIBE", "401 Unauthorized", Rejected),
        ("DESCRIBE", "403 Forbidden", Rejected),
        ("DESCRIBE", "404 Not Found", Unreachable),
        ("DESCRIBE", "503 Service Unavailable", Unreachable),
        ("SETUP", "453 Not Enough Bandwidth", Unreachable),
        ("SETUP", "461 Unsupported Transport", StreamError),
        ("PLAY", "503 Service Unavailable", Unreachable),
        ("DESCRIBE", "hang", Unreachable),
    ],
)
def test_each_refusal_has_its_kind(method: str, status: str, kind: type[HubError]) -> None:
    with FaultyCamera(statuses={method: status}) as camera, pytest.raises(kind) as refused:
        opened(camera.url, limits=AT_ONCE if status == "hang" else SHORT)
    assert refused.value.code not in {"stream", "error"}


def test_resolution_change_mid_stream(clip: Path) -> None:
    larger = replace(SMALL, width=640, height=360)
    pictures = itertools.islice(render(SCENES["yard"], width=640, height=360, fps=15), 10)
    units = list(read(clip))[:15] + list(encode(pictures, larger))
    with FaultyCamera(play_units(units, faster=4)) as camera:
        source = opened(camera.url)
        decoder = Decoder(source.params)
        shapes = []
        for packet in source.packets():
            shapes += [frame.luma.shape for frame in decoder.decode(packet)]
            if len(shapes) >= 23:
                break
        source.close()
    assert shapes[:15] == [(180, 320)] * 15
    assert shapes[15:] == [(360, 640)] * 8
    assert decoder.damaged == 0


def test_a_camera_clock_in_1970_that_is_then_set(clip: Path) -> None:
    units = list(read(clip))

    def play(line: Line) -> None:
        line.sender_report(2_208_988_800 + 30, 0)  # 1970-01-01 00:00:30
        for number, (_, unit) in enumerate(units[:60]):
            # At the 30th unit the clock is set by NTP: the report jumps 56 years, the RTP time by two minutes.
            jump = 0 if number < 30 else 120 * 90_000
            if number == 30:
                line.sender_report(now_ntp(), jump + number * 6000)
            line.unit(unit, number * 6000 + jump)
            if line.wait(1 / 30):
                return
        line.gone.wait()

    with FaultyCamera(play) as camera:
        packets = taken(opened(camera.url), 58)
    steps = [(b.dts - a.dts) / 90_000 for a, b in itertools.pairwise(packets)]
    assert min(steps) > 0
    assert max(steps) < 0.5
    assert sum(steps) == pytest.approx(57 / 15, abs=0.5)


def test_credentials_go_where_the_address_marks_them_quoted() -> None:
    with FaultyCamera(statuses={"DESCRIBE": "404 Not Found"}) as camera:
        marked = f"rtsp://127.0.0.1:{camera.port}/user={{username}}&password={{password}}&channel=1"
        with pytest.raises(Unreachable):
            opened(marked, "admin", "p&s/ s")
        assert f"rtsp://127.0.0.1:{camera.port}/user=admin&password=p%26s%2F%20s&channel=1" in camera.asked_for


def test_credentials_longer_than_ffmpeg_keeps_are_refused_not_cut() -> None:
    with FaultyCamera() as camera, pytest.raises(Invalid) as refused:
        opened(camera.url, "admin", "密" * 20)
    assert refused.value.fields[0].path == "password"


def test_one_pull_leaves_no_thread_or_socket_behind(clip: Path) -> None:
    before = set(threading.enumerate())
    with FaultyCamera(play_units(list(read(clip)))) as camera:
        taken(opened(camera.url), 3)
        assert len(set(threading.enumerate()) - before) <= 3  # the camera's own
    assert set(threading.enumerate()) <= before

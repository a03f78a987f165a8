"""MJPEG and snapshots from a real HTTP server, good and bad; and recordings from disk."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_hub.demo.toolkit_server import remux
from camera_hub.stream.decode import Decoder
from camera_hub.stream.mjpeg import Parts
from camera_hub.stream.reach import Limits
from camera_hub.stream.source import open_source
from registry.errors import Invalid, Rejected, Stalled, StreamError, Unreachable, Unsupported

SHORT = Limits(stall_s=2, keyframe_s=2)
Handle = Callable[[BaseHTTPRequestHandler], None]


def jpeg(level: int = 120, width: int = 64, height: int = 48) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), level, np.uint8))[1].tobytes()


@contextmanager
def web_server(handle: Handle) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                handle(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, content_type: str, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def mjpeg(
    pictures: list[bytes], *, dashes: str = "--", length: bool = True, then: Callable[[], None] | None = None
) -> Handle:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        send(
            handler,
            b"",
            'multipart/x-mixed-replace; boundary="frame"' if dashes else "multipart/x-mixed-replace;boundary=--frame",
        )
        for picture in pictures:
            size = f"Content-Length: {len(picture)}\r\n" if length else ""
            handler.wfile.write(f"--frame\r\nContent-Type: image/jpeg\r\n{size}\r\n".encode() + picture + b"\r\n")
            handler.wfile.flush()
        if not length:
            handler.wfile.write(b"--frame\r\n")
        if then is not None:
            then()

    return handle


@pytest.mark.parametrize("dashes", ["--", ""])
@pytest.mark.parametrize("length", [True, False])
def test_mjpeg_gives_every_picture(dashes: str, length: bool) -> None:
    shown = [jpeg(level) for level in range(20, 220, 20)]
    with web_server(mjpeg(shown, dashes=dashes, length=length)) as at:
        source = open_source(f"http://{at}/video.mjpg", limits=SHORT, allow_loopback=True)
        packets = list(itertools.islice(source.packets(), len(shown)))
        source.close()
    assert [packet.data for packet in packets] == shown
    assert all(b.dts > a.dts for a, b in itertools.pairwise(packets))
    decoder = Decoder(source.params)
    levels = [int(frame.luma[10, 10]) for packet in packets for frame in decoder.decode(packet)]
    assert levels == pytest.approx(range(20, 220, 20), abs=3)


def test_mjpeg_that_ends_stalls_or_sends_no_picture() -> None:
    def read(handle: Handle) -> StreamError:
        with web_server(handle) as at:
            source = open_source(f"http://{at}/v", limits=SHORT, allow_loopback=True)
            with pytest.raises(StreamError) as ended:
                list(source.packets())
            source.close()
        return ended.value

    stop = threading.Event()
    gone = read(mjpeg([jpeg()]))
    assert (type(gone), gone.code) == (Unreachable, "went_away")
    assert isinstance(read(mjpeg([jpeg()], then=stop.wait)), Stalled)

    def dribble(handler: BaseHTTPRequestHandler) -> None:
        send(handler, b"", "multipart/x-mixed-replace; boundary=frame")
        while not stop.wait(0.1):
            handler.wfile.write(b"x")

    assert read(dribble).code == "no_keyframe"
    stop.set()
    huge = read(
        lambda h: send(h, b"--frame\r\nContent-Length: 999999999\r\n\r\n", "multipart/x-mixed-replace; boundary=frame")
    )
    assert isinstance(huge, Unsupported)


@given(st.lists(st.binary(max_size=60).map(lambda b: b"\xff\xd8" + b.replace(b"--frame", b"")), max_size=6), st.data())
def test_parts_come_out_whole_however_they_are_cut(bodies: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(b"--frame\r\nContent-Length: %d\r\n\r\n" % len(body) + body + b"\r\n" for body in bodies)
    parts, found = Parts("--frame"), []
    while whole:
        size = data.draw(st.integers(1, len(whole)))
        found += list(parts.feed(whole[:size]))
        whole = whole[size:]
    assert found == bodies


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_parts_of_nonsense_never_crash(blocks: list[bytes]) -> None:
    parts = Parts("frame")
    for block in blocks:
        list(parts.feed(block))


def signed(handler: BaseHTTPRequestHandler, scheme: str) -> bool:
    given_header = handler.headers.get("Authorization", "")
    if scheme == "basic":
        return given_header == "Basic " + base64.b64encode(b"admin:p w:d").decode()
    fields = dict(re.findall(r'(\w+)="?([^",]*)"?', given_header))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    secret, request = md5("admin:cam:p w:d"), md5(f"GET:{handler.path}")
    expected = md5(f"{secret}:n0nce:{fields.get('nc')}:{fields.get('cnonce')}:auth:{request}")
    return fields.get("response") == expected and fields.get("uri") == handler.path


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_snapshots_with_each_way_to_sign_in(scheme: str) -> None:
    asked: list[str] = []

    def handle(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        if signed(handler, scheme):
            send(handler, jpeg(), "image/jpeg")
        else:
            challenge = "Basic realm=cam" if scheme == "basic" else 'Digest realm="cam", nonce="n0nce", qop="auth"'
            send(handler, b"", "text/plain", 401, WWW_Authenticate=challenge)

    with web_server(handle) as at:
        url = f"snapshot+http://{at}/picture?channel=1&every=0.2"
        source = open_source(url, "admin", "p w:d", limits=SHORT, allow_loopback=True)
        begun = time.monotonic()
        packets = list(itertools.islice(source.packets(), 8))
        assert 1.3 < time.monotonic() - begun < 14, "not the usual two seconds between each two"
        source.close()
        for username, password, code in (("admin", "wrong", "rejected"), ("", "", "wants_password")):
            with pytest.raises(Rejected) as refused:
                open_source(url, username, password, limits=SHORT, allow_loopback=True)
            assert refused.value.code == code
    assert len(packets) == 8
    assert set(asked) == {"/picture?channel=1"}


def test_close_wakes_a_snapshot_reader_that_waits() -> None:
    with web_server(lambda handler: send(handler, jpeg(), "image/jpeg")) as at:
        source = open_source(f"snapshot+http://{at}/p?every=3600", limits=SHORT, allow_loopback=True)
        threading.Timer(0.2, source.close).start()
        assert len(list(source.packets())) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((b"<html>", "text/html", 200), Unsupported, None),
        ((b"", "text/plain", 404), Unreachable, "no_such_stream"),
        ((b"", "text/plain", 500), Unreachable, "refused"),
        ((b"", "text/plain", 302), Unreachable, "moved"),
        ((b"", "text/plain", 403), Rejected, None),
    ],
)
@pytest.mark.parametrize("prefix", ["", "snapshot+"])
def test_each_bad_answer_has_its_kind(
    prefix: str, answer: tuple[bytes, str, int], kind: type[StreamError], code: str | None
) -> None:
    def handle(handler: BaseHTTPRequestHandler) -> None:
        send(handler, *answer, Location="http://169.254.169.254/latest")

    with web_server(handle) as at, pytest.raises(kind) as bad:
        open_source(f"{prefix}http://{at}/x", limits=SHORT, allow_loopback=True)
    assert code is None or bad.value.code == code


def test_a_silent_web_server_stalls_and_a_wrong_one_is_told() -> None:
    stop = threading.Event()
    with web_server(lambda _: stop.wait()) as at, pytest.raises(Stalled):  # type: ignore[arg-type,return-value]
        open_source(f"http://{at}/x", limits=SHORT, allow_loopback=True)
    stop.set()
    with web_server(lambda h: h.wfile.write(b"RTSP/1.0 200 OK\r\n\r\n")) as at, pytest.raises(Unreachable) as other:  # type: ignore[arg-type,return-value]
        open_source(f"http://{at}/x", limits=SHORT, allow_loopback=True)
    assert other.value.code == "not_http"
    with web_server(lambda h: send(h, b"", "text/plain")) as at, pytest.raises(Unreachable) as plain:
        open_source(f"https://{at}/x", limits=SHORT, allow_loopback=True)
    assert plain.value.code == "no_tls"


def test_files_are_paced_or_not_and_end(clip: Path, tmp_path: Path) -> None:
    movie = tmp_path / "夜 1.mp4"
    remux(clip, movie)
    url = f"file://{movie}".replace(" ", "%20")
    with pytest.raises(Invalid):
        open_source(url)
    source = open_source(url, allow_file=True, paced=False)
    packets = list(source.packets())
    assert len(packets) == 90
    decoder = Decoder(source.params)
    frames = [frame for packet in packets for frame in decoder.decode(packet)] + list(decoder.finish())
    assert len(frames) == 90
    source.close()
    paced = open_source(url, allow_file=True)
    begun = time.monotonic()
    assert len(list(itertools.islice(paced.packets(), 16))) == 16
    assert time.monotonic() - begun > 0.9
    threading.Timer(0.2, paced.close).start()
    assert len(list(paced.packets())) < 20


def test_files_that_are_none(tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    for path, kind in (
        (playlist, Unsupported),
        (tmp_path / "none.mp4", Unreachable),
        (Path("/etc/passwd"), Unsupported),
    ):
        with pytest.raises(kind):
            open_source(f"file://{path}", allow_file=True)

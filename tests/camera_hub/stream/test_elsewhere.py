"""The address that was checked is the address that is connected to: names that change, redirects, SDP, networks."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from camera_hub.alerts.webhook import post
from camera_hub.demo.clip import read
from camera_hub.stream import onvif, reach
from camera_hub.stream.reach import Limits, connect, resolve
from camera_hub.stream.source import open_source
from camera_hub.watch.knock import knock
from registry.errors import Invalid, Unreachable
from tests.camera_hub.stream.faulty_camera import FaultyCamera, parameter_sets, play_units
from tests.camera_hub.stream.test_web_sources import send, web_server

SHORT = Limits(stall_s=2, keyframe_s=2)
GOOD = "192.0.2.7"


@contextmanager
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port, and what it was sent by whoever connected."""
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.settimeout(1)
                try:
                    heard.append(client.recv(500))
                except OSError:
                    heard.append(b"")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


class Rebinding:
    """A resolver that names a good address first, and this machine ever after; and what was connected to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.connected: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)
        monkeypatch.setattr(socket, "create_connection", self._connect)

    def _resolve(self, host: str, port: Any, *_: Any, **__: Any) -> list[Any]:
        self.asked += 1
        try:
            address = str(ipaddress.ip_address(host))
        except ValueError:
            address = GOOD if self.asked == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(port or 0)))]

    def _connect(self, address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        self.connected.append(address[0])
        raise ConnectionRefusedError


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps", "http", "https", "snapshot+http", "snapshot+https"])
def test_a_name_that_comes_to_mean_this_machine_is_not_followed(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Rebinding(monkeypatch)
    with pytest.raises(Unreachable):
        open_source(f"{scheme}://camera.example:8554/x", limits=SHORT)
    assert names.connected == [GOOD]
    with pytest.raises(Invalid):  # and when it is asked again, what it has become is seen
        open_source(f"{scheme}://camera.example:8554/x", limits=SHORT)
    assert names.connected == [GOOD]


async def test_nor_by_onvif_or_a_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Rebinding(monkeypatch)
    with pytest.raises(Unreachable):
        await onvif.look("camera.example", 80)
    assert names.connected == [GOOD]
    names.asked, names.connected = 0, []
    tried = post("http://hook.example/in", b"{}", "secret", delivery="1", unix_s=0, allow_loopback=False)
    assert (tried.ok, names.connected) == (False, [GOOD])
    tried = post("http://hook.example/in", b"{}", "secret", delivery="1", unix_s=0, allow_loopback=False)
    assert (tried.final, names.connected) == (True, [GOOD])


async def test_nor_when_a_knock_comes_before(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Rebinding(monkeypatch)
    names.asked = 1
    with pytest.raises(Invalid) as refused:
        await knock("rtsp://camera.example/x", allow_loopback=False)
    assert refused.value.fields[0].code == "loopback"


class Redirecting(FaultyCamera):
    """A camera that sends elsewhere from one of its answers."""

    def __init__(self, method: str, to: int, **more: Any) -> None:
        super().__init__(statuses={method: "302 Moved"}, **more)
        self._to = to

    def _answer(self, method: str, cseq: str, status: str) -> bytes:
        answer = super()._answer(method, cseq, status)
        moved = f"\r\nLocation: rtsp://127.0.0.1:{self._to}/elsewhere\r\n".encode()
        return answer.replace(b"\r\n", moved, 1) if status.startswith("302") else answer


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE"])
def test_a_redirect_to_something_else_is_told_and_gives_nothing(method: str) -> None:
    with listener() as (port, heard), Redirecting(method, port) as camera, pytest.raises(Unreachable) as moved:
        open_source(camera.url, "admin", "the password", limits=SHORT, allow_loopback=True)
    assert moved.value.code == "moved"
    assert not any(b"Authorization" in said for said in heard)


def test_a_redirect_to_another_camera_never_shows_its_pictures(clip: Path) -> None:
    units = list(read(clip))
    fmtp = f"packetization-mode=1;sprop-parameter-sets={parameter_sets(units[0][1])}"
    with (
        FaultyCamera(play_units(units), fmtp=fmtp) as other,
        Redirecting("DESCRIBE", other.port) as camera,
        pytest.raises(Unreachable) as moved,
    ):
        open_source(camera.url, limits=SHORT, allow_loopback=True)
    assert moved.value.code == "moved"


def test_an_sdp_that_points_elsewhere_is_read_from_the_camera_itself(clip: Path) -> None:
    units = list(read(clip))
    fmtp = f"packetization-mode=1;sprop-parameter-sets={parameter_sets(units[0][1])}"

    class Pointing(FaultyCamera):
        def _answer(self, method: str, cseq: str, status: str) -> bytes:
            answer = super()._answer(method, cseq, status)
            if method != "DESCRIBE":
                return answer
            head, body = answer.split(b"\r\n\r\n", 1)
            to = f"rtsp://127.0.0.1:{port}/elsewhere".encode()
            body = body.replace(b"a=control:track1", b"a=control:" + to).replace(
                b"t=0 0", b"c=IN IP4 127.0.0.1\r\nt=0 0"
            )
            body = body.replace(b"m=video 0", f"m=video {port}".encode())
            lines = [line for line in head.split(b"\r\n") if not line.startswith((b"Content-Length", b"Content-Base"))]
            lines += [b"Content-Base: " + to + b"/", f"Content-Length: {len(body)}".encode()]
            return b"\r\n".join(lines) + b"\r\n\r\n" + body

    with listener() as (port, heard), Pointing(play_units(units), fmtp=fmtp) as camera:
        source = open_source(camera.url, limits=SHORT, allow_loopback=True)
        assert next(source.packets()).keyframe
        source.close()
    assert heard == []


@pytest.mark.parametrize("prefix", ["", "snapshot+"])
def test_a_web_cameras_redirect_is_not_followed(prefix: str) -> None:
    with listener() as (port, heard):
        to = f"http://127.0.0.1:{port}/latest/meta-data"
        with (
            web_server(lambda handler: send(handler, b"", "text/plain", 302, Location=to)) as at,
            pytest.raises(Unreachable) as moved,
        ):
            open_source(f"{prefix}http://{at}/x", "admin", "pw", limits=SHORT, allow_loopback=True)
    assert moved.value.code == "moved"
    assert heard == []


@pytest.fixture
def confined() -> Iterator[Callable[..., None]]:
    """Confine this process for one test."""
    yield lambda *networks: reach.confine(ipaddress.ip_network(one) for one in networks)
    reach.confine(())


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("10.8.3.4", None),
        ("::ffff:10.8.3.4", None),
        ("fd00::7", None),
        ("10.9.0.1", "network"),
        ("8.8.8.8", "network"),
        ("::ffff:8.8.8.8", "network"),
        ("fd01::7", "network"),
        ("127.0.0.1", "loopback"),
        ("169.254.169.254", "loopback"),
    ],
)
async def test_beyond_the_allowed_networks_nothing_is_reached(
    confined: Callable[..., None], address: str, why: str | None
) -> None:
    confined("10.8.0.0/16", "fd00::/64")
    assert reach.refused(address, allow_loopback=False) == why
    if why is None:
        assert resolve(address, 554, allow_loopback=False) == [address]
        return
    shown = f"[{address}]" if ":" in address else address
    for ask in (
        lambda: connect(address, 554, timeout_s=1, allow_loopback=False),
        lambda: open_source(f"rtsp://{shown}/x", limits=SHORT),
    ):
        with pytest.raises(Invalid):
            ask()
    with pytest.raises(Invalid) as refused:
        await knock(f"rtsp://{shown}/x", allow_loopback=False)
    assert refused.value.fields[0].code == why


def test_of_a_names_addresses_only_the_allowed_are_tried(
    confined: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    confined("10.8.0.0/16")
    several = ["8.8.8.8", "127.0.0.1", "10.8.0.9", "10.8.0.9"]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 554)) for one in several],
    )
    assert resolve("camera.example", 554, allow_loopback=False) == ["10.8.0.9"]


def test_without_networks_public_and_private_are_reached_and_this_machine_is_not() -> None:
    for address in ("10.0.0.1", "192.168.1.1", "8.8.8.8", "fd00::1"):
        assert reach.refused(address, allow_loopback=False) is None
    for address in ("127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "fe80::1%eth0", "64:ff9b::7f00:1"):
        assert reach.refused(address, allow_loopback=False) == "loopback"

"""A camera that misbehaves on purpose, on a real socket: RTSP over TCP with interleaved RTP, in one thread a client."""

from __future__ import annotations

import base64
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Self

Play = Callable[["Line"], None]
NAL = re.compile(rb"\x00\x00\x00?\x01")


def nals(unit: bytes) -> list[bytes]:
    return [nal.rstrip(b"\x00") if nal.endswith(b"\x00") else nal for nal in NAL.split(unit) if nal]


def parameter_sets(unit: bytes) -> str:
    wanted = [nal for nal in nals(unit) if nal[0] & 31 in {7, 8}]
    return ",".join(base64.b64encode(nal).decode() for nal in wanted)


class Line:
    """One client's connection after PLAY."""

    def __init__(self, sock: socket.socket, gone: threading.Event) -> None:
        self.sock, self.gone = sock, gone
        self.sequence = 0

    def wait(self, seconds: float) -> bool:
        """Wait; True when the camera is being switched off."""
        return self.gone.wait(seconds)

    def interleaved(self, channel: int, body: bytes) -> None:
        self.sock.sendall(b"$" + struct.pack(">BH", channel, len(body)) + body)

    def rtp(self, payload: bytes, timestamp: int, *, marker: bool) -> None:
        head = struct.pack(">BBHII", 0x80, 96 | (marker << 7), self.sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 0x1234)
        self.sequence += 1
        self.interleaved(0, head + payload)

    def unit(self, unit: bytes, timestamp: int) -> None:
        """Send an H.264 access unit (RFC 6184: single NAL units and FU-A)."""
        parts = nals(unit)
        for number, nal in enumerate(parts):
            last = number == len(parts) - 1
            if len(nal) <= 1400:
                self.rtp(nal, timestamp, marker=last)
                continue
            body = nal[1:]
            for begin in range(0, len(body), 1400):
                end = begin + 1400
                flags = (0x80 if begin == 0 else 0) | (0x40 if end >= len(body) else 0)
                head = bytes([(nal[0] & 0x60) | 28, flags | (nal[0] & 31)])
                self.rtp(head + body[begin:end], timestamp, marker=last and end >= len(body))

    def sender_report(self, ntp_seconds: int, timestamp: int) -> None:
        """RTCP SR (RFC 3550, 6.4.1): the camera's wall clock, in seconds since 1900."""
        self.interleaved(
            1, struct.pack(">BBHIIIIII", 0x80, 200, 6, 0x1234, ntp_seconds, 0, timestamp & 0xFFFFFFFF, 1, 1)
        )


def play_units(units: Iterable[tuple[bool, bytes]], *, fps: int = 15, start: int = 0, faster: float = 1.0) -> Play:
    """Play access units at their pace, then keep the line open in silence."""
    kept = list(units)

    def play(line: Line) -> None:
        for number, (_, unit) in enumerate(kept):
            line.unit(unit, start + number * 90_000 // fps)
            if line.wait(1 / fps / faster):
                return
        line.gone.wait()

    return play


def silence(line: Line) -> None:
    line.gone.wait()


class FaultyCamera:
    """Serves one stream at any path. `statuses` maps a method to the status it answers with instead of 200."""

    def __init__(
        self,
        play: Play = silence,
        *,
        rtpmap: str = "H264/90000",
        fmtp: str = "packetization-mode=1",
        media: str = "video",
        statuses: dict[str, str] | None = None,
        mute: bool = False,
        banner: bytes | None = None,
    ) -> None:
        self._play, self._rtpmap, self._fmtp, self._media = play, rtpmap, fmtp, media
        self._statuses, self._mute, self._banner = statuses or {}, mute, banner
        self.gone = threading.Event()
        self.requests: list[str] = []
        self.asked_for: set[str] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"rtsp://127.0.0.1:{self.port}/stream"
        self._clients: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.gone.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        # Whoever was let in at the last moment is among the clients once the door is shut.
        self._threads[0].join(5)
        for client in self._clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()
        for thread in self._threads[1:]:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while not self.gone.is_set():
                client, _ = self._listener.accept()
                self._clients.append(client)
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):
            if self._banner is not None:
                client.sendall(self._banner)
            if self._mute:
                while client.recv(4096):
                    pass
                return
            for method, cseq in self._asked(client):
                self.requests.append(method)
                status = self._statuses.get(method, "200 OK")
                if status == "hang":
                    continue
                client.sendall(self._answer(method, cseq, status))
                if method == "PLAY" and status.startswith("200"):
                    self._play(Line(client, self.gone))
                    client.shutdown(socket.SHUT_RDWR)
                    return

    def _asked(self, client: socket.socket) -> Iterator[tuple[str, str]]:
        held = b""
        while data := client.recv(4096):
            held += data
            while b"\r\n\r\n" in held:
                request, held = held.split(b"\r\n\r\n", 1)
                text = request.decode("latin-1")
                found = re.search(r"(?im)^CSeq: *(\d+)", text)
                self.asked_for.add(text.split(" ", 2)[1])
                yield text.split(" ", 1)[0], found[1] if found else "1"

    def _answer(self, method: str, cseq: str, status: str) -> bytes:
        lines, body = [f"RTSP/1.0 {status}", f"CSeq: {cseq}"], ""
        if method == "DESCRIBE" and status.startswith("200"):
            body = (
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=control:*\r\n"
                f"m={self._media} 0 RTP/AVP 96\r\na=rtpmap:96 {self._rtpmap}\r\n"
                f"a=fmtp:96 {self._fmtp}\r\na=control:track1\r\n"
            )
            lines += ["Content-Type: application/sdp", f"Content-Base: {self.url}/", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            lines += ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1;timeout=60"]
        elif method in {"PLAY", "OPTIONS"}:
            lines += ["Session: 1", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def now_ntp() -> int:
    return int(time.time()) + 2_208_988_800

"""RTSP over TCP, by FFmpeg's client through PyAV: H.264, H.265, MJPEG; digest and basic; audio is not asked for.

FFmpeg's errors say little (a silent device is "invalid data"), so a camera is reached with a plain socket first, and a
failure after that is asked about with a plain OPTIONS and DESCRIBE. FFmpeg's own messages hold the URL with the
password: they are never chained to ours.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any
from urllib.parse import quote, urlsplit

import av
import av.error
import av.logging
import psutil
from av.video.stream import VideoStream

from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.reach import Limits, connect
from camera_hub.stream.timing import Mender
from camera_hub.stream.web import rejected
from registry.address import fill_credentials
from registry.errors import FieldError, Invalid, Stalled, StreamError, Unreachable, Unsupported

# First thing, and for good: with PyAV's Python log callback, FFmpeg's threads can deadlock on the GIL.
av.logging.set_level(None)

CODECS = frozenset({"h264", "hevc", "mjpeg"})
PORTS = {"rtsp": 554, "rtsps": 322}
_LONGEST_USERINFO = 127  # FFmpeg cuts what is longer, and the camera then says "wrong password"
_OPTIONS = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls",
    # Open on the SDP alone: parameter sets come with the first keyframe. "0" would mean FFmpeg's default of 5 s.
    "analyzeduration": "1",
    "probesize": "32",
    "fpsprobesize": "0",
}
_RTP_VIDEO = Fraction(1, 90_000)
_NEARLY = 0.9
_MULTIPLE_CHOICES, _BAD_REQUEST = 300, 400
_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})")


class RtspSource:
    """One RTSP video stream, open and playing. Read by one thread, which alone closes it while it reads.

    The first packet is a keyframe; there may be none for `limits.keyframe_s`, and none at all: a camera is up only
    after its first packet. Raises Unreachable, Rejected, Unsupported, Stalled; Invalid for a refused address.
    """

    def __init__(self, url: str, username: str, password: str, *, limits: Limits, allow_loopback: bool) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        self._secure = parts.scheme == "rtsps"
        self._limits, self._allow_loopback = limits, allow_loopback
        self._address = address = self._reach()
        netloc = f"[{address}]" if ":" in address else address
        # By address, not by name: the name could resolve to somewhere else by now.
        plain = parts._replace(netloc=f"{netloc}:{self._port}", fragment="")
        self._plain = plain.geturl()
        if username and "{username}" not in url:
            userinfo = f"{quote(username, safe='')}:{quote(password, safe='')}"
            if len(userinfo) > _LONGEST_USERINFO:
                hint = "user name and password are too long together; take shorter ones on the camera"
                raise Invalid(hint, FieldError("password", "too_long", hint))
            plain = plain._replace(netloc=f"{userinfo}@{plain.netloc}")
        self._container = self._open(fill_credentials(plain.geturl(), username, password), bool(username))
        try:
            self._stream = self._video()
        except BaseException:
            self._container.close()
            raise
        codec = self._stream.codec_context
        time_base = self._stream.time_base or _RTP_VIDEO
        self.params = StreamParams(codec.name, codec.extradata, time_base, codec.width or 0, codec.height or 0)

    def packets(self) -> Iterator[Packet]:
        """Yield packets from the first keyframe on. Ends only by an error: Stalled, Unreachable."""
        mender, size = Mender(self.params.time_base), 0
        waiting_until = time.monotonic() + self._limits.keyframe_s
        waiting, received = True, time.monotonic()
        demuxed = self._container.demux(self._stream)
        while True:
            try:
                packet = next(demuxed)
            except (av.error.FFmpegError, StopIteration):
                raise self._ended(silent_s=time.monotonic() - received) from None
            received, size = time.monotonic(), packet.size
            if waiting:
                if size and packet.is_keyframe:
                    waiting = False
                elif received > waiting_until:
                    raise Stalled(
                        f"{self._host} sends, but no keyframe came within {self._limits.keyframe_s:.0f} s; switch the "
                        "smart codec off and set the keyframe interval to 1 to 2 s",
                        code="no_keyframe",
                        host=self._host,
                    )
            if waiting or not size:
                continue
            mended = mender.mend(packet.pts, packet.dts, received)
            if mended is not None:
                yield Packet(bytes(packet), *mended, packet.is_keyframe, received)

    def close(self) -> None:
        """Release the connection."""
        self._container.close()

    def _reach(self) -> str:
        with connect(
            self._host, self._port, timeout_s=self._limits.connect_s, allow_loopback=self._allow_loopback
        ) as sock:
            return str(sock.getpeername()[0])

    def _open(self, url: str, signed: bool) -> av.container.InputContainer:
        open_s = self._limits.open_s
        options = _OPTIONS | {"timeout": str(int(open_s * 1e6))}
        begun = time.monotonic()
        before = _connected(self._address, self._port)
        try:
            # PyAV's own limit comes a little later than FFmpeg's: the latter tells more.
            container = av.open(url, options=options, timeout=(open_s + 1, self._limits.stall_s))
        except (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError):
            raise rejected(self._host, signed=signed) from None
        except av.error.FFmpegError as err:
            raise self._why_not_open(err, time.monotonic() - begun) from None
        # FFmpeg follows a redirect, wherever it leads, and has no option not to. What comes from another address than
        # the one that was checked is not looked at.
        if not _connected(self._address, self._port) - before:
            container.close()
            raise self._moved()
        return container

    def _moved(self) -> Unreachable:
        hint = f"{self._host} sends elsewhere, which is not followed; enter the address it sends to"
        return Unreachable(hint, code="moved", host=self._host, port=self._port)

    def _why_not_open(self, err: av.error.FFmpegError, took_s: float) -> StreamError:
        where: dict[str, Any] = {"host": self._host, "port": self._port}
        if isinstance(err, av.error.HTTPNotFoundError):
            hint = f"{self._host} has no stream at this path (404); check the path and the channel number"
            return Unreachable(hint, code="no_such_stream", **where)
        if isinstance(err, av.error.HTTPError):
            hint = f"{self._host} refused to play ({err.strerror}); it may be at its limit of sessions"
            return Unreachable(hint, code="refused", **where)
        # Behind TLS a plain OPTIONS says nothing.
        if not self._secure and (told := self._spoken()) is not None:
            return told
        if took_s >= self._limits.open_s * _NEARLY:
            hint = f"{self._host} speaks RTSP but did not open the stream within {self._limits.open_s:.0f} s; try again"
            return Unreachable(hint, code="timed_out", **where)
        if isinstance(err, av.error.InvalidDataError | av.error.DecoderNotFoundError | av.error.PatchWelcomeError):
            hint = f"{self._host} describes its stream in a way the hub does not read; use H.264 or H.265 over RTSP/TCP"
            return Unsupported(hint, code="no_video", **where)
        return Unreachable(
            f"{self._host} broke off while opening ({err.strerror}); try again", code="broke_off", **where
        )

    def _spoken(self) -> Unreachable | None:
        """What is wrong with its answers to plain requests: none come, or they send elsewhere."""
        said = self._status("OPTIONS")
        if said is None:
            hint = f"{self._host}:{self._port} accepts connections but does not speak RTSP; check the port"
            return Unreachable(hint, code="silent", host=self._host, port=self._port)
        return self._moved() if _redirects(said) or _redirects(self._status("DESCRIBE")) else None

    def _status(self, method: str) -> int | None:
        """The status a plain request gets, or None: whether there is an RTSP server at all, and what it says of us."""
        wait_s = self._limits.connect_s
        with (
            suppress(OSError, Unreachable),
            connect(self._host, self._port, timeout_s=wait_s, allow_loopback=self._allow_loopback) as sock,
        ):
            sock.settimeout(wait_s)
            sock.sendall(f"{method} {self._plain} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
            if found := _STATUS.match(sock.recv(64)):
                return int(found[1])
        return None

    def _video(self) -> VideoStream:
        for stream in self._container.streams.video:
            name = stream.codec_context.name if stream.codec_context is not None else "unknown"
            if name in CODECS:
                return stream
            raise Unsupported(
                f"{self._host} sends {name}, which the hub does not read; set the camera's stream to H.264",
                code="codec",
                codec=name,
            )
        raise Unsupported(f"{self._host} sends no video at this path; check the path", code="no_video")

    def _ended(self, silent_s: float) -> StreamError:
        # By the clock: FFmpeg calls the same silence a time-out, an I/O error or the end of the file.
        if silent_s >= self._limits.stall_s * _NEARLY:
            return Stalled(
                f"{self._host} is connected but sent nothing for {self._limits.stall_s:.0f} s; "
                "if it happens again, restart the camera and look at its network",
                host=self._host,
            )
        return Unreachable(f"{self._host} ended the stream; it may have restarted", code="went_away", host=self._host)


def _redirects(status: int | None) -> bool:
    return status is not None and _MULTIPLE_CHOICES <= status < _BAD_REQUEST


def _connected(address: str, port: int) -> set[int]:
    """The local ports of this process's connections to an address."""
    wanted = ipaddress.ip_address(address.split("%", 1)[0])
    return {
        one.laddr.port
        for one in psutil.Process().net_connections("tcp")
        if one.raddr and one.raddr.port == port and ipaddress.ip_address(one.raddr.ip) == wanted
    }

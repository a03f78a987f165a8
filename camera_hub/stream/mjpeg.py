"""MJPEG over HTTP: JPEG pictures one after another in a multipart answer. Every packet is a keyframe."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from fractions import Fraction
from urllib.parse import urlsplit

from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.reach import Limits
from camera_hub.stream.web import broken, get
from registry.address import fill_credentials
from registry.errors import Stalled, Unsupported

TICKS = 90_000
LARGEST = 16 << 20
_JPEG = b"\xff\xd8"
_BOUNDARY = re.compile(r"boundary\s*=\s*\"?([^\";]+)\"?", re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length\s*:\s*(\d+)\s*$", re.IGNORECASE | re.MULTILINE)


class Parts:
    """Cuts a multipart/x-mixed-replace body into its parts, however it arrives. Not thread-safe.

    Cameras differ: boundaries with and without the leading dashes, parts with and without a length. Raises ValueError
    when a part grows beyond `LARGEST`.
    """

    def __init__(self, boundary: str) -> None:
        self._mark = b"--" + boundary.strip().removeprefix("--").encode("latin-1", "replace")
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Add bytes; yield the bodies of the parts they complete."""
        self._held += data
        while (body := self._next()) is not None:
            yield body
        if len(self._held) > LARGEST:
            raise ValueError("a part is too large")

    def _next(self) -> bytes | None:
        held = self._held
        begin = held.find(self._mark)
        if begin < 0:
            del held[: max(0, len(held) - len(self._mark))]
            return None
        head_end = held.find(b"\r\n\r\n", begin)
        skip = 4
        if head_end < 0:
            head_end, skip = held.find(b"\n\n", begin), 2
        if head_end < 0:
            return None
        body = head_end + skip
        if found := _LENGTH.search(bytes(held[begin:head_end]).replace(b"\r", b"")):
            length = int(found[1])
            if length > LARGEST:
                raise ValueError("a part is too large")
            end = body + length
            if len(held) < end:
                return None
        else:
            end = held.find(self._mark, body)
            if end < 0:
                return None
        part = bytes(held[body:end])
        del held[:end]
        return part.rstrip(b"\r\n") if found is None else part


class Stamp:
    """Times pictures by their arrival: steadily rising ticks of 1/90000 s since the first."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._last = -1

    def packet(self, jpeg: bytes) -> Packet:
        """The picture as a packet, received now."""
        received = time.monotonic()
        if self._first is None:
            self._first = received
        self._last = max(self._last + 1, round((received - self._first) * TICKS))
        return Packet(jpeg, self._last, self._last, keyframe=True, received=received)


class MjpegSource:
    """An open MJPEG stream. Read by one thread; `close` after it stopped."""

    def __init__(self, url: str, username: str, password: str, *, limits: Limits, allow_loopback: bool) -> None:
        self._host, self._limits = urlsplit(url).hostname or "", limits
        filled = fill_credentials(url, username, password)
        self._page = get(filled, username, password, limits=limits, allow_loopback=allow_loopback)
        boundary = _BOUNDARY.search(self._page.content_type)
        if boundary is None:
            self._page.close()
            raise Unsupported(
                f"{self._host} sends {self._page.content_type.split(';')[0] or 'something'}, not MJPEG; for single "
                "pictures write snapshot+http:// before the address",
                code="not_mjpeg",
                host=self._host,
            )
        self._parts = Parts(boundary[1])
        self.params = StreamParams("mjpeg", None, Fraction(1, TICKS), 0, 0)

    def packets(self) -> Iterator[Packet]:
        """Yield the pictures as they come. Ends only by an error: Stalled, Unreachable, Unsupported."""
        stamp = Stamp()
        until = time.monotonic() + self._limits.keyframe_s
        while True:
            try:
                data = self._page.read1()
            except (OSError, http.client.HTTPException, ValueError) as err:
                raise broken(self._host, err, self._limits) from None
            if not data:
                raise broken(self._host, ConnectionError(), self._limits)
            try:
                for part in self._parts.feed(data):
                    if part.startswith(_JPEG):
                        packet = stamp.packet(part)
                        until = packet.received + self._limits.keyframe_s
                        yield packet
            except ValueError:
                raise Unsupported(
                    f"{self._host} sends pictures of more than {LARGEST >> 20} MB; set a smaller picture",
                    code="too_large",
                    host=self._host,
                ) from None
            if time.monotonic() > until:
                # Bytes keep coming, so the socket never times out.
                raise Stalled(
                    f"{self._host} sends, but no picture came within {self._limits.keyframe_s:.0f} s; check the path",
                    code="no_keyframe",
                    host=self._host,
                )

    def close(self) -> None:
        """Release the connection."""
        self._page.close()

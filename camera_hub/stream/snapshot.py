"""Snapshot polling: one JPEG over HTTP every few seconds, for cameras that offer nothing better."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from urllib.parse import urlsplit

from camera_hub.stream.mjpeg import LARGEST, TICKS, Stamp
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.reach import Limits
from camera_hub.stream.web import broken, get
from registry.address import fill_credentials, snapshot_interval
from registry.errors import Unsupported


class SnapshotSource:
    """Pictures fetched one by one. The first is fetched on opening; `close` also wakes a reader that waits."""

    def __init__(self, url: str, username: str, password: str, *, limits: Limits, allow_loopback: bool) -> None:
        self._every = snapshot_interval(url)
        plain = fill_credentials(without_interval(url), username, password)
        self._host = urlsplit(plain).hostname or ""
        self._how = (plain, username, password)
        self._limits, self._allow_loopback = limits, allow_loopback
        self._closed = threading.Event()
        self._first = self._fetch()
        self.params = StreamParams("mjpeg", None, Fraction(1, TICKS), 0, 0)

    def packets(self) -> Iterator[Packet]:
        """Yield a picture every interval. Ends by an error of `get`, Unsupported, or after `close`."""
        stamp, due = Stamp(), time.monotonic()
        jpeg = self._first
        while not self._closed.is_set():
            yield stamp.packet(jpeg)
            # Pictures that were missed while the consumer worked are not made up for.
            due = max(due + self._every, time.monotonic())
            if self._closed.wait(due - time.monotonic()):
                return
            jpeg = self._fetch()

    def close(self) -> None:
        """Stop; from any thread."""
        self._closed.set()

    def _fetch(self) -> bytes:
        page = get(*self._how, limits=self._limits, allow_loopback=self._allow_loopback)
        taken = bytearray()
        try:
            while data := page.read1():
                taken += data
                if len(taken) > LARGEST:
                    break
        except (OSError, http.client.HTTPException) as err:
            raise broken(self._host, err, self._limits) from None
        finally:
            page.close()
        if not taken.startswith(b"\xff\xd8") or len(taken) > LARGEST:
            raise Unsupported(
                f"{self._host} sends no JPEG at this path; check the path", code="not_jpeg", host=self._host
            )
        return bytes(taken)


def without_interval(url: str) -> str:
    """The address to ask: `snapshot+` and `every=` are the hub's own."""
    plain = url.removeprefix("snapshot+")
    head, mark, query = plain.partition("?")
    kept = "&".join(field for field in query.split("&") if not field.startswith("every="))
    return head + (mark + kept if kept else "")

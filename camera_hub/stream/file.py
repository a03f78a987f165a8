"""Recordings on disk as cameras: for tests, the demo and scoring. Allowed only by a setting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote, urlsplit

import av
import av.error
import av.logging

from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.timing import Mender
from registry.errors import Unreachable, Unsupported

av.logging.set_level(None)

_OPTIONS = {
    # A "recording" could be a playlist that names other files and hosts.
    "protocol_whitelist": "file",
    "format_whitelist": "mov,matroska,avi,mpegts,h264,hevc,mjpeg",
}


class FileSource:
    """An open recording. `paced` yields packets at the speed they were recorded; `close` also wakes a paced reader."""

    def __init__(self, url: str, *, paced: bool) -> None:
        path = Path(unquote(urlsplit(url).path))
        self._paced, self._closed = paced, threading.Event()
        try:
            self._container = av.open(str(path), options=_OPTIONS)
        except (FileNotFoundError, PermissionError) as err:
            raise Unreachable(f"{path} cannot be read ({err.strerror}); check the path", code="no_such_file") from None
        except av.error.FFmpegError:
            raise Unsupported(f"{path} is no recording the hub reads; use MP4, MKV or AVI", code="no_video") from None
        if not self._container.streams.video:
            self._container.close()
            raise Unsupported(f"{path} holds no video", code="no_video")
        self._stream = self._container.streams.video[0]
        codec = self._stream.codec_context
        time_base = self._stream.time_base or Fraction(1, 1000)
        self.params = StreamParams(codec.name, codec.extradata, time_base, codec.width, codec.height)

    def packets(self) -> Iterator[Packet]:
        """Yield the recording's packets, then return. Never raises for a damaged end: it is the end."""
        mender = Mender(self.params.time_base)
        begin = time.monotonic()
        first: int | None = None
        try:
            for packet in self._container.demux(self._stream):
                if not packet.size:
                    continue
                received = time.monotonic()
                mended = mender.mend(packet.pts, packet.dts, received)
                if mended is None:
                    continue
                first = mended[1] if first is None else first
                if self._paced:
                    due = begin + float((mended[1] - first) * self.params.time_base)
                    if self._closed.wait(max(0.0, due - received)):
                        return
                    received = time.monotonic()
                yield Packet(bytes(packet), *mended, packet.is_keyframe, received)
        except av.error.FFmpegError:
            return

    def close(self) -> None:
        """Stop a paced reader; the file itself goes with the last reference to it."""
        self._closed.set()

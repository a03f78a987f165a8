"""Opening a camera's stream: one function for every protocol, the checks before it, and nothing about trying again."""

from __future__ import annotations

from urllib.parse import urlsplit

from camera_hub.stream.file import FileSource
from camera_hub.stream.mjpeg import MjpegSource
from camera_hub.stream.packet import Source
from camera_hub.stream.reach import USUAL, Limits
from camera_hub.stream.rtsp import RtspSource
from camera_hub.stream.snapshot import SnapshotSource
from registry.address import check_url

_BY_SCHEME: dict[str, type[RtspSource | MjpegSource | SnapshotSource]] = {
    "rtsp": RtspSource,
    "rtsps": RtspSource,
    "http": MjpegSource,
    "https": MjpegSource,
    "snapshot+http": SnapshotSource,
    "snapshot+https": SnapshotSource,
}


def open_source(
    url: str,
    username: str = "",
    password: str = "",
    *,
    limits: Limits = USUAL,
    allow_file: bool = False,
    allow_loopback: bool = False,
    paced: bool = True,
) -> Source:
    """Open the stream at `url`: blocks for `limits.connect_s + limits.open_s` at most, name resolution aside.

    The URL's scheme says how: see registry.address. A file is `paced` to the speed it was recorded at. Raises the kinds
    of StreamError, and Invalid for an address that may not be opened (also when its name resolves to this machine).
    """
    check_url(url, allow_file=allow_file, allow_loopback=allow_loopback)
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return FileSource(url, paced=paced)
    return _BY_SCHEME[scheme](url, username, password, limits=limits, allow_loopback=allow_loopback)

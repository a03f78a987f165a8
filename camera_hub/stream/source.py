"""Opening a camera's stream: one function for every protocol, the checks before it, and nothing about trying again."""

from __future__ import annotations

from camera_hub.stream.packet import Source
from camera_hub.stream.reach import USUAL, Limits
from camera_hub.stream.rtsp import RtspSource
from registry.address import check_url


def open_source(
    url: str,
    username: str = "",
    password: str = "",
    *,
    limits: Limits = USUAL,
    allow_file: bool = False,
    allow_loopback: bool = False,
) -> Source:
    """Open the stream at `url`: blocks for `limits.connect_s + limits.open_s` at most, name resolution aside.

    The URL's scheme says how: see registry.address. Raises the kinds of StreamError, and Invalid for an address that
    may not be opened (also when its name resolves to this machine).
    """
    check_url(url, allow_file=allow_file, allow_loopback=allow_loopback)
    return RtspSource(url, username, password, limits=limits, allow_loopback=allow_loopback)

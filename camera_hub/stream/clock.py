"""How far a box's clock is off, by the one question of ONVIF's core that needs no signing in: GetSystemDateAndTime."""

from __future__ import annotations

import http.client
from datetime import UTC, datetime
from typing import Final

from camera_hub.stream import soap
from camera_hub.stream.reach import Limits
from camera_hub.stream.web import post
from registry.errors import StreamError

PORT: Final = 80
_QUICK = Limits(connect_s=2.0, open_s=3.0, stall_s=3.0)
_QUESTION = (
    b'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    b'<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>'
)
_FIELDS = ("Year", "Month", "Day", "Hour", "Minute", "Second")


def offset_ms(host: str, port: int = PORT, *, allow_loopback: bool) -> int | None:
    """The box's clock minus ours in milliseconds, within half a second; None when it tells none within 3 seconds.

    Blocks. Raises Invalid for an address that is refused.
    """
    at = f"[{host}]" if ":" in host else host
    url = f"http://{at}:{port}/onvif/device_service"
    try:
        told = read(post(url, _QUESTION, limits=_QUICK, allow_loopback=allow_loopback))
    except (StreamError, OSError, http.client.HTTPException, ValueError):
        return None
    # The box tells whole seconds: on average it is half a second further.
    return round((told - datetime.now(UTC)).total_seconds() * 1000) + 500


def read(answer: bytes) -> datetime:
    """The time an answer tells. Raises ValueError when it tells none, or one that does not exist."""
    parts: dict[str, int] = {}
    for name, text in soap.texts(answer):
        if name in _FIELDS:
            parts[name] = int(text)
        elif name == "LocalDateTime":
            parts.clear()
        elif name == "UTCDateTime":
            year, month, day, hour, minute, second = (parts.get(one, -1) for one in _FIELDS)
            return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    raise ValueError("the answer tells no time")

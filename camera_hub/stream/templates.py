"""Stream addresses by maker, for technicians who know the box and not its paths.

The paths are the makers' own, as their manuals and NVR vendors' lists give them; `{channel}` counts from 1. User name
and password are never part of an address: where a maker wants them in the path, the marks `{username}` and `{password}`
stand for them until the request (`registry.address.fill_credentials`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from registry.inputs import invalid

Stream = Literal["main", "sub"]
_NVR_CHANNELS = 256


class Vendor(StrEnum):
    """A maker, or one line of its boxes, with paths of its own."""

    HIKVISION = "hikvision"
    DAHUA = "dahua"
    UNIVIEW = "uniview"
    UNIVIEW_NVR = "uniview_nvr"
    TP_LINK = "tp_link"
    EZVIZ = "ezviz"
    XM = "xm"


class Note(StrEnum):
    """What a technician must know of a maker's boxes before the address works; the page words it."""

    ONVIF_OFF = "onvif_off"
    """ONVIF is off by default and has users of its own."""
    RTSP_OFF = "rtsp_off"
    """RTSP and ONVIF have to be switched on in the app first."""
    CAMERA_ACCOUNT = "camera_account"
    """Consumer models want an account of the camera's own, made in the app."""
    LABEL_CODE = "label_code"
    """User `admin`; the password is the six-letter verification code on the label."""
    ENCRYPTION_OFF = "encryption_off"
    """Picture encryption has to be off."""
    LAN_LIVE = "lan_live"
    """Newer models have live view in the LAN off."""
    BLANK_PASSWORD = "blank_password"  # noqa: S105 - a remark, not a password
    """Often delivered with an empty password: set one."""


@dataclass(frozen=True, slots=True)
class Template:
    """One maker's addresses. `channels` is the highest channel; 1 means that there is none to choose."""

    vendor: Vendor
    main: str
    sub: str
    port: int = 554
    channels: int = 1
    notes: tuple[Note, ...] = ()

    def address(self, host: str, channel: int, stream: Stream, port: int | None = None) -> str:
        """The stream's address, without credentials. Raises Invalid for a channel the template does not have."""
        if channel > self.channels:
            raise invalid("channel", "channel", f"{self.vendor} addresses have channels 1 to {self.channels}")
        path = (self.main if stream == "main" else self.sub).replace("{channel}", str(channel))
        at = f"[{host}]" if ":" in host else host
        return f"rtsp://{at}:{port or self.port}{path}"


TEMPLATES = (
    Template(
        Vendor.HIKVISION,
        "/Streaming/Channels/{channel}01",
        "/Streaming/Channels/{channel}02",
        channels=_NVR_CHANNELS,
        notes=(Note.ONVIF_OFF,),
    ),
    Template(
        Vendor.DAHUA,
        "/cam/realmonitor?channel={channel}&subtype=0",
        "/cam/realmonitor?channel={channel}&subtype=1",
        channels=_NVR_CHANNELS,
    ),
    Template(Vendor.UNIVIEW, "/media/video1", "/media/video2"),
    Template(Vendor.UNIVIEW_NVR, "/unicast/c{channel}/s0/live", "/unicast/c{channel}/s1/live", channels=_NVR_CHANNELS),
    Template(Vendor.TP_LINK, "/stream1", "/stream2", notes=(Note.RTSP_OFF, Note.CAMERA_ACCOUNT)),
    Template(
        Vendor.EZVIZ,
        "/h264/ch{channel}/main/av_stream",
        "/h264/ch{channel}/sub/av_stream",
        channels=_NVR_CHANNELS,
        notes=(Note.LABEL_CODE, Note.ENCRYPTION_OFF, Note.LAN_LIVE),
    ),
    Template(
        Vendor.XM,
        "/user={username}&password={password}&channel={channel}&stream=0.sdp?",
        "/user={username}&password={password}&channel={channel}&stream=1.sdp?",
        channels=_NVR_CHANNELS,
        notes=(Note.BLANK_PASSWORD,),
    ),
)
BY_VENDOR = {template.vendor: template for template in TEMPLATES}

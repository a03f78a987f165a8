"""What a box may be: its type, its host without port or credentials, its password; which addresses are allowed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from registry.address import check_url
from registry.errors import Invalid
from registry.inputs import Input, Name, Short


class DeviceType(StrEnum):
    """What sort of box it is."""

    CAMERA = "camera"
    NVR = "nvr"
    ENCODER = "encoder"
    WIFI_PROBE = "wifi_probe"


_LONGEST_PASSWORD = 128


@dataclass(frozen=True, slots=True)
class UrlPolicy:
    """Which addresses devices and their cameras may have, from the settings."""

    allow_file: bool = False
    allow_loopback: bool = False


STRICT = UrlPolicy()


def _short_secret(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) > _LONGEST_PASSWORD:
        raise ValueError("a password has at most 128 characters")
    return secret


def _bare_host(host: str) -> str:
    """A name or address alone; the rules are those of stream addresses."""
    shown = f"[{host}]" if ":" in host and "[" not in host else host
    try:
        check_url(f"rtsp://{shown}/", allow_loopback=True)
        alone = urlsplit(f"rtsp://{shown}/").hostname == host
    except Invalid as err:
        raise ValueError(err.fields[0].hint) from None
    if not alone:
        raise ValueError("a host name or IP address alone: no port, no scheme, no credentials")
    return host


Host = Annotated[
    str,
    StringConstraints(min_length=1, max_length=253, to_lower=True, strip_whitespace=True),
    AfterValidator(_bare_host),
]
Port = Annotated[int, Field(ge=1, le=65535)]
Password = Annotated[SecretStr, AfterValidator(_short_secret)]


class NewBox(Input):
    """What is told of a box but its name. `host` is a name or address without port, scheme or credentials."""

    type: DeviceType = DeviceType.CAMERA
    host: Host
    vendor: Short = ""
    model: Short = ""
    username: Short = ""
    password: Password | None = None
    onvif_port: Port | None = None


class NewDevice(NewBox):
    """A box to register."""

    name: Name


class DeviceChange(Input):
    """What to change of a box; what is not given stays. Another host drops the password unless a new one is given."""

    expected_revision: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """The revision this change was made from: refused when somebody changed the box since."""
    name: Name | None = None
    type: DeviceType | None = None
    host: Host | None = None
    vendor: Short | None = None
    model: Short | None = None
    username: Short | None = None
    password: Password | None = None
    """Null or empty takes the password away."""
    onvif_port: Port | None = None

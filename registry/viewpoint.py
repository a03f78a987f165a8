"""What a camera may be: the fields each kind needs, and stream addresses at its device's host, without credentials."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from registry import ages, gb_ids
from registry.address import check_url, split_credentials
from registry.datum import Datum
from registry.devices import UrlPolicy
from registry.errors import FieldError, Invalid
from registry.inputs import Input, Latitude, Line, Longitude, Name, Short, Url, VillageCode, invalid
from registry.model import Kind
from registry.policy import RetentionPolicy
from registry.recordings.model import RecordMode, RecordStream


class Tier(StrEnum):
    """How much of a stream is decoded: chosen by its measured keyframe distance, or fixed."""

    AUTO = "auto"
    FULL = "full"
    KEYFRAMES = "keyframes"


def _mac(text: str) -> str:
    return text.lower().replace("-", ":")


Mac = Annotated[
    str,
    StringConstraints(pattern=r"^(|[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5})$", strip_whitespace=True),
    AfterValidator(_mac),
]


def _gb_id(text: object) -> object:
    if isinstance(text, str) and (wrong := gb_ids.fault(text)) is not None:
        raise PydanticCustomError(*wrong)
    return text


GbId = Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$"), BeforeValidator(_gb_id)]
Pole = Annotated[Short, StringConstraints(max_length=32)]
Revision = Annotated[int, Field(ge=0, lt=2**31)]
Degrees = Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False)]
RecordDays = Annotated[int, Field(ge=1, le=3650)]
ViewAngle = Annotated[float, Field(gt=0, le=360, allow_inf_nan=False)]


class NewCamera(Input):
    """A camera to register. Credentials inside a URL are taken out and sealed on the device."""

    device_id: UUID
    name: Name
    kind: Kind
    village_code: VillageCode
    lat: Latitude | None = None
    lon: Longitude | None = None
    datum: Datum = Datum.WGS84
    """What `lat` and `lon` are given in; WGS-84 is what is kept."""
    hamlet: Short = ""
    address: Line = ""
    pole: Pole = ""
    bearing_deg: Degrees | None = None
    view_angle_deg: ViewAngle | None = None
    main_url: Url | None = None
    sub_url: Url | None = None
    tier: Tier = Tier.AUTO
    enabled: bool = True
    gb_id: GbId | None = None
    """GB/T 28181 id of 20 digits, where the camera has one already."""
    manager_unit: Short = ""
    owner_name: Short = ""
    owner_contact: Short = ""
    probe_mac: Mac = ""
    note: Line = ""
    record_mode: RecordMode | None = None
    """When it is recorded, with `record_stream` and `record_days`; null: as the settings have it for its kind."""
    record_stream: RecordStream | None = None
    record_days: RecordDays | None = None
    event_days: RecordDays | None = None
    """For how many days its events are kept; null: as the settings have it for its kind."""


class CameraChange(Input):
    """What to change of a camera; what is not given stays. Its kind stays for ever: consents hang on it."""

    expected_revision: Revision | None = None
    """The revision this change was made from: refused when somebody changed the camera since."""
    device_id: UUID | None = None
    name: Name | None = None
    village_code: VillageCode | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    datum: Datum | None = None
    """What `lat` and `lon`, which go together, are given in; WGS-84 when it is not said."""
    hamlet: Short | None = None
    address: Line | None = None
    pole: Pole | None = None
    bearing_deg: Degrees | None = None
    view_angle_deg: ViewAngle | None = None
    main_url: Url | None = None
    sub_url: Url | None = None
    tier: Tier | None = None
    enabled: bool | None = None
    gb_id: GbId | None = None
    manager_unit: Short | None = None
    owner_name: Short | None = None
    owner_contact: Short | None = None
    probe_mac: Mac | None = None
    note: Line | None = None
    record_mode: RecordMode | None = None
    record_stream: RecordStream | None = None
    record_days: RecordDays | None = None
    event_days: RecordDays | None = None


NULLABLE = {
    "lat", "lon", "bearing_deg", "view_angle_deg", "main_url", "sub_url", "gb_id", "record_mode", "record_stream",
    "record_days",
    "event_days",
}  # fmt: skip
_NEEDS = {
    Kind.PUBLIC: ("manager_unit",),
    Kind.SOCIAL: ("manager_unit",),
    Kind.WIFI_PROBE: ("probe_mac",),
    Kind.CIVILIAN: ("owner_name", "owner_contact"),
}
_URLS = ("main_url", "sub_url")
_OF_VIDEO = (*_URLS, "record_mode", "record_stream", "record_days", "event_days")


def check_kind(kind: Kind, values: dict[str, Any]) -> None:
    """Each kind has fields it cannot be without; a WiFi probe has no picture."""
    wrong = [FieldError(name, "missing", f"a {kind} camera needs it") for name in _NEEDS[kind] if not values.get(name)]
    if kind is Kind.WIFI_PROBE:
        wrong += [FieldError(name, "no_video", "a WiFi probe has no stream") for name in _OF_VIDEO if values.get(name)]
    elif values.get("probe_mac"):
        wrong.append(FieldError("probe_mac", "kind", "only a WiFi probe has it"))
    if (values.get("lat") is None) != (values.get("lon") is None):
        wrong.append(FieldError("lat", "position", "give lat and lon, or neither"))
    if wrong:
        raise Invalid("; ".join(f"{one.path}: {one.hint}" for one in wrong), *wrong)


def check_days(law: RetentionPolicy, kind: Kind, values: Mapping[str, Any]) -> None:
    """Raise Invalid for days said of a camera that the law does not allow: `below_floor`, `above_ceiling`."""
    if wrong := ages.refused(law, kind, values):
        raise Invalid("; ".join(f"{one.path}: {one.hint}" for one in wrong), *wrong)


def clean_urls(given: dict[str, Any], policy: UrlPolicy) -> tuple[str, str]:
    """Take credentials out of the URLs in place and check what is left; returns (user name, password), or empty."""
    username = password = ""
    for name in _URLS:
        if not given.get(name):
            continue
        url, user, secret = split_credentials(given[name])
        check_url(url, allow_file=policy.allow_file, allow_loopback=policy.allow_loopback, field=name)
        if (user or secret) and (username or password) and (user, secret) != (username, password):
            raise invalid(name, "credentials", "both streams of a device sign in with the same user name and password")
        username, password = user or username, secret or password
        given[name] = url
    return username, password


def check_hosts(values: dict[str, Any], host: str) -> None:
    """A sealed password goes to its device's host only, so the streams must be there."""
    for name in _URLS:
        parts = urlsplit(values.get(name) or "file:///")
        if parts.scheme != "file" and (parts.hostname or "").rstrip(".") != host.rstrip("."):
            raise invalid(
                name, "host", f"the stream must be at its device's host {host}; change the device's host first"
            )

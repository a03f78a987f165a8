"""Devices, cameras and what is told of their streams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from registry.model.row import Internal
from registry.model.status import CameraStatus

Stream = Literal["main", "sub"]
"""One of a camera's streams."""


class Kind(StrEnum):
    """The four kinds of camera of a village video wall (公共点, 社会点, WiFi 探头, 民用探头)."""

    PUBLIC = "public"
    SOCIAL = "social"
    WIFI_PROBE = "wifi_probe"
    CIVILIAN = "civilian"


@dataclass(frozen=True, slots=True)
class Device:
    """A box with an address and credentials. The password itself is never here: `has_password` says one is sealed."""

    no: Internal
    id: UUID
    name: str
    type: str
    host: str
    vendor: str
    model: str
    username: str
    has_password: bool
    onvif_port: int | None
    clock_offset_ms: int | None
    revision: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Camera:
    """One viewpoint of a device, in a village. `main_url` and `sub_url` never hold credentials.

    `coord_source` is the datum the position was given in (empty without one). How it is recorded, and for how many days
    that and its events are kept, is None where its kind's setting holds. `revision` rises with every change;
    `warnings` are codes of what is doubtful: `far_from_village`.
    """

    no: Internal
    id: UUID
    device_no: Internal
    device_id: UUID
    name: str
    kind: Kind
    village_no: Internal
    village_code: str
    village_name: str
    lat: float | None
    lon: float | None
    bearing_deg: float | None
    view_angle_deg: float | None
    main_url: str | None
    sub_url: str | None
    tier: str
    enabled: bool
    gb_id: str | None
    manager_unit: str
    owner_name: str
    owner_contact: str
    probe_mac: str
    note: str
    hamlet: str
    address: str
    pole: str
    coord_source: str
    record_mode: str | None
    record_stream: str | None
    record_days: int | None
    event_days: int | None
    revision: int
    warnings: tuple[str, ...]
    created_at: datetime
    status: CameraStatus

"""What the registry hands out: frozen facts. What it takes in stands beside the functions that take it.

Times are timezone-aware UTC datetimes; places WGS-84 degrees; boxes and polygons are in shares of the picture (0–1,
origin top left). `no` is a row's small integer: it never leaves the process (`Internal`). `id` is its public UUIDv7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

Internal = Annotated[int, Field(exclude=True)]
"""A number of a row: any serialisation (API, CLI, evidence) leaves it out."""


Stream = Literal["main", "sub"]
"""One of a camera's streams."""


class Kind(StrEnum):
    """The four kinds of camera of a village video wall (公共点, 社会点, WiFi 探头, 民用探头)."""

    PUBLIC = "public"
    SOCIAL = "social"
    WIFI_PROBE = "wifi_probe"
    CIVILIAN = "civilian"


class Role(StrEnum):
    """What a user is; `registry.permissions` says what each may do."""

    ADMIN = "admin"
    APPROVER = "approver"
    OFFICER = "officer"
    ASSISTANT = "assistant"
    TECHNICIAN = "technician"
    MONITOR = "monitor"
    AUDITOR = "auditor"


class UnitKind(StrEnum):
    """The stations (派出所), and the three levels of teams: brigade (大队), squadron (中队), group (小组)."""

    STATION = "station"
    BRIGADE = "brigade"
    SQUADRON = "squadron"
    GROUP = "group"


class Line(StrEnum):
    """Under whom a village stands: it has one unit of each line, and so has a user."""

    STATION = "station"
    TEAM = "team"


class Duty(StrEnum):
    """What a user must hold to look: training (培训), a signed pledge of confidentiality (保密承诺)."""

    TRAINING = "training"
    PLEDGE = "pledge"


class Level(StrEnum):
    """Level of a place: county 6 digits, township 9, village 12 (GB/T 2260, GB/T 10114)."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class PurposeKind(StrEnum):
    """Why somebody looks. `owner` is an owner's look at his own data, on his page; nobody opens it."""

    CASE = "case"
    PATROL = "patrol"
    MAINTENANCE = "maintenance"
    OWNER = "owner"


class ConsentScope(StrEnum):
    """What an owner agreed to: to be registered alone, or to what is looked at.

    `incident`: live pictures while an incident that somebody was put on names the camera or its village; `live`: live
    pictures at any time. The hours of the consent bound all of them.
    """

    REGISTER = "register"
    CLIP = "clip"
    EVENTS = "events"
    INCIDENT = "incident"
    LIVE = "live"


class ConsentState(StrEnum):
    """Where a consent stands; `registry.consents.machine` says what leads where."""

    INVITED = "invited"
    SIGNED = "signed"
    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class EventKind(StrEnum):
    """Which sort of rule made the event."""

    ZONE_ENTERED = "zone_entered"
    LINE_CROSSED = "line_crossed"
    OBJECT = "object"
    UNKNOWN_MOVING = "unknown_moving"


class LabelGroup(StrEnum):
    """Groups of detector labels people search by; detectors.labels maps labels to them."""

    PERSON = "person"
    TWO_WHEELER = "two_wheeler"
    VEHICLE = "vehicle"
    ANIMAL = "animal"
    UNKNOWN = "unknown"


class State(StrEnum):
    """Where a camera's pull stands; a reason goes with every state but `live`."""

    IDLE = "idle"
    CONNECTING = "connecting"
    WAITING_KEYFRAME = "waiting_keyframe"
    LIVE = "live"
    STALLED = "stalled"
    BACKING_OFF = "backing_off"
    STOPPED = "stopped"


class Reason(StrEnum):
    """Why a camera is not live, machine-readable."""

    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    STALLED = "stalled"
    NO_CONSENT = "no_consent"
    OUTSIDE_HOURS = "outside_hours"
    PLACEMENT = "placement_incomplete"
    """What the policy asks of the place is not there yet: `registry.placement` says what is missing."""
    MASKS_MISSING = "masks_missing"
    DISABLED = "disabled"
    NO_VIDEO = "no_video"
    WORKER_DOWN = "worker_down"
    ERROR = "error"


NOT_DUE = (
    Reason.DISABLED,
    Reason.PLACEMENT,
    Reason.NO_CONSENT,
    Reason.OUTSIDE_HOURS,
    Reason.MASKS_MISSING,
    Reason.NO_VIDEO,
)
"""Reasons for which a camera is meant to be off: such time counts neither for nor against it."""


class PictureFault(StrEnum):
    """What is wrong with the picture of a camera that is live."""

    BLACK = "black"
    COVERED = "covered"
    FROZEN = "frozen"


class RecordFault(StrEnum):
    """Why a camera that should be recorded is not, although its packets come."""

    DISK_FULL = "disk_full"
    DISK_SLOW = "disk_slow"
    DISK_ERROR = "disk_error"
    CODEC = "codec"


@dataclass(frozen=True, slots=True)
class Place:
    """A county, township or village of the administrative tree; `code` is an attribute that may change, `id` is not."""

    no: Internal
    id: UUID
    code: str
    name: str
    level: Level
    lat: float | None
    lon: float | None
    source: str
    revision: int


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
class CameraStatus:
    """A camera's state with its reason, as last reported by its worker."""

    state: State
    reason: Reason | None
    detail: str
    since: datetime
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    last_frame_at: datetime | None
    picture: PictureFault | None
    picture_since: datetime | None
    recording: RecordFault | None


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


Polygon = tuple[tuple[float, float], ...]
"""Corners in shares of the picture."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What an owner agreed to, from when to when, in which local hours (minutes after midnight, over it too).

    `masks` are the least that must be blacked out before the camera is pulled. It ends at `valid_to`, and runs out at
    `reconfirm_by` unless he agrees anew; `stopped_at` is since when it has been paused or expired, `gaps` are the times
    it did not hold before that. `state` is as of the reading; `signed_at` is None of an invitation.
    """

    no: Internal
    id: UUID
    camera_id: UUID
    owner_name: str
    state: ConsentState
    scopes: frozenset[ConsentScope]
    purpose: str
    from_minute: int | None
    to_minute: int | None
    masks: tuple[Polygon, ...]
    valid_from: datetime
    valid_to: datetime | None
    reconfirm_by: datetime | None
    text_version: str
    signed_at: datetime | None
    stopped_at: datetime | None
    withdrawn_at: datetime | None
    gaps: tuple[tuple[datetime, datetime], ...]
    has_scan: bool
    has_link: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """A station or a team. `villages` are the codes of its own, not of the units below it; None of those: `parent_id`.

    Whoever is granted a unit sees its villages and those of the units below it, as they are at each request.
    """

    no: Internal
    id: UUID
    kind: UnitKind
    name: str
    parent_id: UUID | None
    villages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A duty of a user's role: until when he holds it.

    `at` is when he was trained or signed; None: nobody told, and `until` is then the end of an upgrade's grace, or None
    where there is none. `soon`: it ends within the policy's days of warning, or ended.
    """

    duty: Duty
    at: datetime | None
    until: datetime | None
    holds: bool
    soon: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """What of its owner's a token carries: permissions by name, place-code prefixes; None: all of it."""

    permissions: frozenset[str] | None
    places: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in.

    `grants` are the place-code prefixes (6, 9 or 12 digits) he was given, `units` the stations and teams; `through` are
    the codes of the villages that he sees through those. `station` and `team` are where he serves: that alone lets him
    see nothing. `duties` are what his role must hold, as it stands now; `two_factors`: a code is asked for at sign-in,
    `enrol`: he must set that up before he may do anything. `locked_until`: nobody signs in by his name before.
    `carried` is set while a token acts for him.
    """

    no: Internal
    id: UUID
    name: str
    display_name: str
    unit: str
    role: Role
    grants: tuple[str, ...]
    active: bool
    created_at: datetime
    units: tuple[UUID, ...] = ()
    through: Annotated[tuple[str, ...], Field(exclude=True)] = ()
    station: UUID | None = None
    team: UUID | None = None
    trained_at: datetime | None = None
    pledged_at: datetime | None = None
    duties: tuple[Held, ...] = ()
    two_factors: bool = False
    enrol: bool = False
    locked_until: datetime | None = None
    carried: Annotated[Carried | None, Field(exclude=True)] = None


@dataclass(frozen=True, slots=True)
class Person:
    """A user as colleagues see him; `active`: he may still sign in."""

    id: UUID
    name: str
    display_name: str
    unit: str
    active: bool


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a user looks, opened once and kept on the session; every read carries one.

    What it reaches is read with it, so that a case changed or a grant taken away acts at the next check: `places` are
    prefixes (None: the user's own villages), `since` and `until` a case's times with the margin the policy gives,
    `looks_back_hours` how far back a patrol or maintenance sees, `cameras` those that maintenance is about. Under
    `approval_id` the places and times are those that were granted. It ends at `expires_at`: its own end, its case's or
    its grant's, whichever comes first.
    """

    no: Internal
    id: UUID
    kind: PurposeKind
    case_id: UUID | None
    case_number: str | None
    reason: str
    user_no: Internal
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    approval_id: UUID | None = None
    places: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    looks_back_hours: int | None = None
    cameras: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, from where. `session_id` ties tickets to a session or token; the command line has none.

    `owner`: an owner on his page. He is no user and has no role, and his `user` may do nothing else.
    """

    user: User
    address: str
    session_id: str | None = None
    owner: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """A lawful look: an actor with an open purpose. Functions that return events or pictures ask for one."""

    actor: Actor
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in shares of the picture."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class EventChange:
    """A new or changed event, as a worker reports it: `(id, revision)` make it idempotent, a higher revision wins.

    `snapshot` is the key of a file already synced to disk on `node`, or None when this revision brings no new picture.
    `path` are the track's foot points so far (at most 64).
    """

    id: UUID
    revision: int
    camera_id: UUID
    kind: EventKind
    rule_id: str
    rule_name: str
    scene_revision: int
    label: str
    group: LabelGroup
    score: float
    box: Box
    path: tuple[tuple[float, float], ...]
    direction: str | None
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    snapshot: str | None
    snapshot_bytes: int
    snapshot_at: datetime | None
    node: str
    model: str
    clock_offset_ms: int | None


@dataclass(frozen=True, slots=True)
class StillChange:
    """An event's full-size picture, as a worker took it: the key of a file already synced to disk on `node`.

    `still_at` is when it was taken, which may be seconds after the event began.
    """

    event_id: UUID
    still: str
    still_bytes: int
    still_at: datetime
    node: str


class Verdict(StrEnum):
    """What a person said of an event."""

    USEFUL = "useful"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Mark:
    """A verdict, a note, or both; `marked_by` is the user's name."""

    verdict: Verdict | None
    note: str
    marked_by: str
    marked_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A finding kept, as a reader gets it."""

    no: Internal
    id: UUID
    revision: int
    camera_id: UUID
    camera_name: str
    camera_kind: Kind
    village_code: str
    village_name: str
    kind: EventKind
    rule_id: str
    rule_name: str
    scene_revision: int
    label: str
    group: LabelGroup
    score: float
    box: Box
    path: tuple[tuple[float, float], ...]
    direction: str | None
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    received_at: datetime
    has_snapshot: bool
    snapshot_at: datetime | None
    has_still: bool
    still_at: datetime | None
    model: str
    clock_offset_ms: int | None
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of a search; `audit_no` is the audit row that covers its pictures."""

    events: tuple[Event, ...]
    next_cursor: str | None
    audit_no: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A camera's state as its worker reports it.

    `picture` is what is wrong with what it shows, `picture_since` when that, or that nothing is, was found;
    `recording` why what should be recorded of it is not, although its packets come.
    """

    camera_id: UUID
    state: State
    reason: Reason | None
    detail: str
    since: datetime
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    last_frame_at: datetime | None
    picture: PictureFault | None = None
    picture_since: datetime | None = None
    recording: RecordFault | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the register of look-ups (调用登记); `hash` chains it to the row before, `no` is what a proof names.

    `consent_versions` are the texts of the householders' consents in force when their cameras were looked at.
    """

    no: int
    at: datetime
    user: str
    role: Role | None
    unit: str
    address: str
    action: str
    cameras: tuple[str, ...]
    span_from: datetime | None
    span_to: datetime | None
    purpose_kind: PurposeKind | None
    case_number: str | None
    reason: str
    detail: str
    result_count: int | None
    consent_versions: tuple[str, ...]
    prev_hash: str
    hash: str

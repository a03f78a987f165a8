"""What the registry hands out: frozen facts. What it takes in stands beside the functions that take it.

Times are timezone-aware UTC datetimes; places WGS-84 degrees; boxes and polygons are in shares of the picture (0–1,
origin top left). `no` is a row's small integer: it never leaves the process (`Internal`). `id` is its public UUIDv7.
"""

from registry.model.audit import AuditRow
from registry.model.camera import Camera, Device, Kind, Stream
from registry.model.consent import Consent, ConsentScope, ConsentState
from registry.model.event import (
    Event,
    EventChange,
    EventKind,
    EventPage,
    LabelGroup,
    LeftOut,
    Mark,
    StillChange,
    Verdict,
)
from registry.model.place import Level, Line, Place, Unit, UnitKind
from registry.model.purpose import Access, Actor, Purpose, PurposeKind
from registry.model.row import Internal
from registry.model.shape import Box, Polygon
from registry.model.span import From, To
from registry.model.status import NOT_DUE, CameraStatus, PictureFault, Reason, RecordFault, State, StatusChange
from registry.model.user import Carried, Duty, Held, Person, Role, User

__all__ = [
    "NOT_DUE",
    "Access",
    "Actor",
    "AuditRow",
    "Box",
    "Camera",
    "CameraStatus",
    "Carried",
    "Consent",
    "ConsentScope",
    "ConsentState",
    "Device",
    "Duty",
    "Event",
    "EventChange",
    "EventKind",
    "EventPage",
    "From",
    "Held",
    "Internal",
    "Kind",
    "LabelGroup",
    "LeftOut",
    "Level",
    "Line",
    "Mark",
    "Person",
    "PictureFault",
    "Place",
    "Polygon",
    "Purpose",
    "PurposeKind",
    "Reason",
    "RecordFault",
    "Role",
    "State",
    "StatusChange",
    "StillChange",
    "Stream",
    "To",
    "Unit",
    "UnitKind",
    "User",
    "Verdict",
]

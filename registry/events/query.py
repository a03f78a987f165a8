"""What is asked of the events, and the cursor that goes on where a page ended."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import struct
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from registry.columns import from_ms, to_ms
from registry.errors import FieldError, Invalid
from registry.geometry import Position
from registry.inputs import Input, Moment, Name, PlaceCode
from registry.model import EventKind, LabelGroup, Verdict

DEFAULT_SPAN = timedelta(days=30)
LONGEST_SPAN = timedelta(days=400)
AHEAD = timedelta(days=1)
"""How far past now an open-ended search looks: a clock put back must not hide what was stored before."""
DEFAULT_RADIUS_M = 500.0
_CURSOR = struct.Struct(">q16s12s")


def _listed(value: object) -> object:
    """Lists in a query string: repeated, or separated by commas."""
    if isinstance(value, str):
        return [part for part in value.split(",") if part]
    if isinstance(value, list | tuple):
        return [part for one in value for part in (one.split(",") if isinstance(one, str) else [one]) if part != ""]
    return value


Listed = BeforeValidator(_listed)
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Degrees = r"-?[0-9]{1,3}(\.[0-9]{1,12})?"
_Near = Annotated[str, StringConstraints(pattern=rf"^{_Degrees},{_Degrees}$")]


class EventQuery(Input):
    """Filters of a search; all that are given must hold. Lists: any of them."""

    place: Annotated[tuple[PlaceCode, ...], Listed, Field(max_length=50)] = ()
    """County, township or village codes: 6, 9 or 12 digits."""
    camera: Annotated[tuple[UUID, ...], Listed, Field(max_length=100)] = ()
    kind: Annotated[tuple[EventKind, ...], Listed, Field(max_length=10)] = ()
    label: Annotated[tuple[Name, ...], Listed, Field(max_length=50)] = ()
    group: Annotated[tuple[LabelGroup, ...], Listed, Field(max_length=10)] = ()
    rule: Annotated[tuple[Name, ...], Listed, Field(max_length=50)] = ()
    verdict: Annotated[tuple[Verdict | Literal["none"], ...], Listed, Field(max_length=3)] = ()
    """What people said of the event; `none`: nothing yet, or a note alone."""
    id: Annotated[tuple[UUID, ...], Listed, Field(max_length=100)] = ()
    """These events alone."""
    min_score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    stays_s: Annotated[int, Field(ge=1, le=86_400)] | None = None
    """Only what was in sight at least so many seconds."""
    direction: Literal["in", "out"] | None = None
    """Only what crossed a line this way, as the line was drawn."""
    since: Moment | None = None
    """Not told: 30 days before `until`."""
    until: Moment | None = None
    """Not told: now."""
    night_from: Clock | None = None
    """Local time of day, with `night_to`: only events that started between the two, over midnight too."""
    night_to: Clock | None = None
    near: _Near | None = None
    """`latitude,longitude` in WGS-84 degrees: only cameras within `radius_m` of it."""
    radius_m: Annotated[float, Field(gt=0, le=50_000, allow_inf_nan=False)] | None = None
    """Metres; 500 when only `near` is told."""
    order: Literal["newest", "oldest"] = "newest"
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None

    @model_validator(mode="after")
    def _pairs_and_bounds(self) -> Self:
        if (self.night_from is None) != (self.night_to is None):
            raise PydanticCustomError("night", "give night_from and night_to, or neither")
        if self.night_from is not None and self.night_from == self.night_to:
            raise PydanticCustomError("night", "night_from and night_to are equal; leave both out for the whole day")
        if self.radius_m is not None and self.near is None:
            raise PydanticCustomError("near", "radius_m needs near")
        if self.since is not None and self.until is not None:
            if self.until <= self.since:
                raise PydanticCustomError("span", "until must lie after since")
            if self.until - self.since > LONGEST_SPAN:
                raise PydanticCustomError("span", "at most 400 days at once")
        if self.near is not None:
            lon, lat = self.position
            if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # noqa: PLR2004 - degrees of the globe
                raise PydanticCustomError("near", "latitude -90 to 90, longitude -180 to 180")
        return self

    @property
    def position(self) -> Position:
        """Where `near` is. Raises ValueError when it is not told."""
        if self.near is None:
            raise ValueError("near is not told")
        lat, lon = self.near.split(",")
        return float(lon), float(lat)

    @property
    def night(self) -> tuple[int, int] | None:
        """The night window in minutes after local midnight."""
        if self.night_from is None or self.night_to is None:
            return None
        return _minute(self.night_from), _minute(self.night_to)

    def span(
        self, now: datetime, first: datetime | None = None, last: datetime | None = None
    ) -> tuple[datetime, datetime]:
        """[since, until) with the defaults filled in, by what the look reaches where that has a beginning and an end.

        Raises Invalid when `since` alone reaches too far back.
        """
        ahead = now + AHEAD
        until = self.until or (ahead if last is None else min(ahead, last))
        since = self.since or (
            first if first is not None and last is not None else (self.until or min(until, now)) - DEFAULT_SPAN
        )
        if until - since > LONGEST_SPAN + AHEAD:
            hint = "at most 400 days at once; give until as well"
            raise Invalid(f"since: {hint}", FieldError("since", "span", hint))
        return since, until

    def filters(self) -> dict[str, Any]:
        """What is filtered by, as plain JSON values in one order: for the audit and the cursor's hash."""
        told = self.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_defaults=True)
        return {name: sorted(value) if isinstance(value, list) else value for name, value in sorted(told.items())}

    def _seal(self, ms: int, event: bytes) -> bytes:
        text = json.dumps(self.filters(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode() + struct.pack(">q", ms) + event).digest()[:12]

    def cursor_after(self, started_at: datetime, event_id: UUID) -> str:
        """Where a page ended, sealed to these filters (the page's size may change)."""
        ms = to_ms(started_at)
        packed = _CURSOR.pack(ms, event_id.bytes, self._seal(ms, event_id.bytes))
        return base64.urlsafe_b64encode(packed).decode()

    def resume_at(self) -> tuple[datetime, UUID] | None:
        """Where to go on. Raises Invalid (code `cursor`) for a cursor of another query, or an edited one."""
        if self.cursor is None:
            return None
        try:
            ms, event, seal = _CURSOR.unpack(
                base64.b64decode(self.cursor.encode("ascii"), altchars=b"-_", validate=True)
            )
        except (binascii.Error, struct.error, UnicodeEncodeError):
            ms, event, seal = 0, bytes(16), b""
        if seal != self._seal(ms, event):
            hint = "the cursor belongs to another query; start again without it"
            raise Invalid(hint, FieldError("cursor", "cursor", hint), code="cursor")
        return from_ms(ms), UUID(bytes=event)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)

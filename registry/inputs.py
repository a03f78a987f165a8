"""What comes in from outside: bounded text, and validation errors turned into `Invalid` with field paths."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from registry.errors import FieldError, Invalid


def _printable(text: str) -> str:
    """Refuse control and unpaired surrogate characters: they cut log lines and PostgreSQL refuses NUL."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise ValueError("control characters are not allowed")
    return text


def printable_lines(text: str) -> str:
    """As `_printable`, for text of several lines."""
    _printable(text.replace("\n", " ").replace("\t", " "))
    return text


Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), AfterValidator(_printable)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), AfterValidator(_printable)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


def _no_longitude(value: object) -> object:
    """Say it plainly where the two are exchanged: most longitudes of China are no latitude."""
    try:
        degrees = float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return value
    if 90 < abs(degrees) <= 180:  # noqa: PLR2004 - degrees
        raise PydanticCustomError("swapped", "a latitude has at most 90 degrees: latitude and longitude look exchanged")
    return value


Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False), BeforeValidator(_no_longitude)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Minute = Annotated[int, Field(ge=0, lt=1440)]
_RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


def _written_out(value: object) -> object:
    """Refuse numbers: seconds or milliseconds since 1970 would be a guess."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _RFC_3339.match(value):
        # Read here: what a function hands on is no JSON any more, and a strict field takes no text then.
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(value)
        return value
    raise ValueError("write a time as 2026-11-23T08:00:00+08:00 or with Z")


def _of_our_time(value: datetime) -> datetime:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"a time between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_of_our_time)]
"""A time with its zone, RFC 3339."""
PlaceCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$")]
VillageCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class Input(BaseModel):
    """A request body or file row: frozen, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


M = TypeVar("M", bound=BaseModel)


def field_errors(err: ValidationError) -> tuple[FieldError, ...]:
    """One error per wrong field, without the value given: it may be a secret."""
    return tuple(
        FieldError(".".join(map(str, one["loc"])), one["type"], one["msg"])
        for one in err.errors(include_input=False, include_url=False, include_context=False)
    )


def parse(model: type[M], data: object) -> M:
    """Validate `data` as `model`. Raises Invalid with one field error per wrong field."""
    try:
        return model.model_validate(data)
    except ValidationError as err:
        fields = field_errors(err)
    raise Invalid("; ".join(f"{one.path}: {one.hint}" for one in fields), *fields)


def parse_json(model: type[M], text: str | bytes) -> M:
    """Validate a JSON document as `model`. Raises Invalid with one field error per wrong field."""
    try:
        return model.model_validate_json(text)
    except ValidationError as err:
        fields = field_errors(err)
    raise Invalid("; ".join(f"{one.path}: {one.hint}" for one in fields), *fields)


def invalid(path: str, code: str, hint: str) -> Invalid:
    """An Invalid about one field."""
    return Invalid(f"{path}: {hint}", FieldError(path, code, hint))


def bounded(since: datetime, until: datetime, most: timedelta) -> tuple[datetime, datetime]:
    """The span. Raises Invalid where it runs backwards or is longer than `most`."""
    if until <= since:
        raise Invalid("`to` must lie after `from`", FieldError("to", "interval", "lies before `from`"))
    if until - since > most:
        hours = round(most / timedelta(hours=1))
        raise Invalid(
            f"ask for at most {hours} hours at once",
            FieldError("to", "span_too_long", f"more than {hours} hours after `from`"),
            code="span_too_long",
            hours=hours,
        )
    return since, until


def lately(
    since: datetime | None, until: datetime | None, now: datetime, *, usual: timedelta, most: timedelta
) -> tuple[datetime, datetime]:
    """A span up to now, the `usual` one where none is told. Raises Invalid for one that is empty, too long, to come."""
    end = min(until or now, now)
    begin = since or end - usual
    if begin >= end:
        raise invalid("since", "span", "the span must begin before its end, and before now")
    if end - begin > most:
        raise invalid("since", "span_long", f"at most {most.days} days at a time")
    return begin, end

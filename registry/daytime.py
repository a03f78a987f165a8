"""Local time of day: consent hours and the night window, over midnight where the end lies before the start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo

import sqlalchemy as sa

from registry.columns import from_ms, to_ms
from registry.spans import Ms

_DAY = timedelta(days=1)


def second_of_day(at: datetime, tz: tzinfo) -> int:
    """Seconds after local midnight, 0–86399, as a clock on the wall shows them."""
    local = at.astimezone(tz)
    return local.hour * 3600 + local.minute * 60 + local.second


def within(second: int, from_minute: int, to_minute: int) -> bool:
    """Whether a second of the day lies in [from, to); equal ends mean the whole day."""
    if from_minute < to_minute:
        return from_minute * 60 <= second < to_minute * 60
    return from_minute * 60 <= second or second < to_minute * 60


def within_sql(
    second: sa.ColumnElement[int], from_minute: sa.ColumnElement[int], to_minute: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """SQL of `within`."""
    after, before = from_minute * 60 <= second, second < to_minute * 60
    return sa.or_(sa.and_(after, before), sa.and_(from_minute >= to_minute, sa.or_(after, before)))


def each_day(part: Ms, from_minute: int, to_minute: int, tz: tzinfo) -> Iterable[Ms]:
    """The hours [from, to) of every local day that may touch a stretch, in order; not cut to it."""
    day = from_ms(part[0]).astimezone(tz).date() - _DAY  # hours over midnight begin the day before
    while day <= from_ms(part[1]).astimezone(tz).date():
        until = day if from_minute <= to_minute else day + _DAY
        yield to_ms(_at(day, from_minute, tz)), to_ms(_at(until, to_minute, tz))
        day += _DAY


def _at(day: date, minute: int, tz: tzinfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), tz)

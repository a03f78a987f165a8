"""Local time of day: consent hours and the night window, over midnight where the end lies before the start."""

from __future__ import annotations

from datetime import datetime, tzinfo

import sqlalchemy as sa


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

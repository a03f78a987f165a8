"""Working days of an office: neither weekend nor public holiday, with the weekend days that are worked in exchange.

Both lists are the policy's. They are made a year ahead at most (in China by a notice of the State Council in November):
after `known_until` weekends alone are left out, and a day may come out some days off. The doctor says so in time.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from registry.policy import CalendarPolicy

_DAY = timedelta(days=1)


def is_worked(day: date, calendar: CalendarPolicy) -> bool:
    """Whether an office works that day."""
    return day in calendar.workdays or (day.isoweekday() not in calendar.weekend and day not in calendar.holidays)


def after(received: datetime, days: int, calendar: CalendarPolicy, tz: tzinfo) -> datetime:
    """The end of the last of so many working days; the day of receipt is not counted."""
    day = received.astimezone(tz).date()
    while days > 0:
        day += _DAY
        days -= is_worked(day, calendar)
    return datetime.combine(day, time(23, 59, 59), tz).astimezone(received.tzinfo)

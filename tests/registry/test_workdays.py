"""Working days: weekends, holidays and exchanged days of 2026 as the policy has them; beyond it weekends alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.policy import preset
from registry.workdays import after, is_worked

CN = preset("cn").calendar
TZ = ZoneInfo("Asia/Shanghai")


def last_day(received: str, days: int) -> str:
    due = after(datetime.fromisoformat(received).replace(tzinfo=TZ), days, CN, TZ)
    assert due.astimezone(TZ).strftime("%H:%M:%S") == "23:59:59"
    return due.astimezone(TZ).date().isoformat()


@pytest.mark.parametrize(
    ("received", "days", "due"),
    [
        ("2026-11-23T12:00", 15, "2026-12-14"),
        ("2026-11-27T23:59", 1, "2026-11-30"),
        ("2026-11-28T09:00", 1, "2026-11-30"),
        ("2026-09-30T09:00", 1, "2026-10-08"),
        ("2026-10-08T09:00", 2, "2026-10-10"),
        ("2026-02-13T09:00", 2, "2026-02-24"),
        ("2026-02-13T09:00", 15, "2026-03-12"),
        ("2026-12-31T09:00", 1, "2027-01-01"),
    ],
)
def test_holidays_push_the_day_out_and_exchanged_weekends_count(received: str, days: int, due: str) -> None:
    assert last_day(received, days) == due


def test_the_day_is_the_villages_not_the_clocks() -> None:
    late = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert after(late, 1, CN, TZ) == datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC), "in Shanghai it is Monday"


def test_lists_agree_with_the_calendar() -> None:
    assert not CN.holidays & CN.workdays
    assert all(day.isoweekday() in CN.weekend for day in CN.workdays)
    assert CN.known_until == date(2026, 12, 31)
    assert all(day <= CN.known_until for day in CN.holidays | CN.workdays)
    year = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    assert sum(is_worked(day, CN) for day in year) == 248, "the notice's year"


@given(st.integers(0, 17_000), st.integers(1, 60))
def test_it_ends_on_a_worked_day_with_so_many_of_them_since(hours: int, days: int) -> None:
    received = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    due = after(received, days, CN, TZ).astimezone(TZ).date()
    begin = received.astimezone(TZ).date()
    between = [begin + timedelta(days=one) for one in range(1, (due - begin).days + 1)]
    assert is_worked(due, CN)
    assert sum(is_worked(day, CN) for day in between) == days

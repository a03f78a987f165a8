"""What of the policy ages: public holidays are known a year ahead at most."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from camera_hub.doctor.finding import Finding, good, warning
from camera_hub.settings import Settings
from registry.policy import Policy

_AHEAD = timedelta(days=31)
"""A time to answer that begins now reaches about so far."""


async def holidays(settings: Settings) -> Finding:
    """Whether the policy knows the holidays of the next weeks, where anything is counted in working days."""
    return of(settings.law, datetime.now(UTC).date())


def of(law: Policy, today: date) -> Finding:
    """`holidays` as of a day."""
    until = law.calendar.known_until
    if law.requests.answer_in == "days":
        return good("holidays", "nothing is counted in working days")
    if until is None or until < today + _AHEAD:
        said = "no holidays are known" if until is None else f"holidays are known until {until}"
        todo = (
            "write the next ones into a policy of your own: calendar.holidays, workdays, known_until (setting: policy)"
        )
        return warning("holidays", f"{said}; after that weekends alone are left out of working days", todo)
    return good("holidays", f"known until {until}")

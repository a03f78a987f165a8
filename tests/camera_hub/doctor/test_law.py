"""The doctor tells when the policy's list of holidays runs out."""

from __future__ import annotations

from datetime import date

import pytest

from camera_hub.doctor import Verdict
from camera_hub.doctor.law import of
from registry.policy import preset


@pytest.mark.parametrize(
    ("name", "today", "verdict"),
    [
        ("cn", date(2026, 11, 23), Verdict.GOOD),
        ("cn", date(2026, 12, 15), Verdict.WARNING),
        ("cn", date(2027, 6, 1), Verdict.WARNING),
        ("eu", date(2027, 6, 1), Verdict.GOOD),
    ],
)
def test_holidays_that_run_out_are_told_a_month_before(name: str, today: date, verdict: Verdict) -> None:
    found = of(preset(name), today)
    assert found.verdict is verdict
    assert verdict is Verdict.GOOD or "2026-12-31" in found.found

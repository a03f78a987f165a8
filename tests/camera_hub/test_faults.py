"""Faults: each holds from when it was first seen until it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from camera_hub.faults import Fault, Faults


class Clock:
    now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def test_a_fault_keeps_its_beginning_and_tells_its_latest_params() -> None:
    faults = Faults(Clock())
    faults.set("disk_full", free_bytes=2)
    began = faults.now()[0].since
    faults.set("disk_full", free_bytes=1)
    assert [(f.code, f.since, dict(f.params)) for f in faults.now()] == [("disk_full", began, {"free_bytes": 1})]
    faults.clear("disk_full")
    assert faults.now() == ()


def test_exactly_those_named_hold() -> None:
    faults = Faults(Clock())
    faults.set("disk_full")
    faults.hold("camera_clock", {"a": {"offset_ms": 9000}, "b": {"offset_ms": -7000}})
    faults.hold("camera_clock", {"b": {"offset_ms": -8000}})
    assert [(f.code, dict(f.params)) for f in faults.now()] == [
        ("disk_full", {}),
        ("camera_clock", {"offset_ms": -8000}),
    ]


@pytest.mark.parametrize("told", [3, 0.5, "汉书村东口"])
def test_whatever_is_told_of_a_fault_can_be_answered(told: str | float) -> None:
    faults = Faults(Clock())
    faults.set("recording_gap", told=told)
    (shown,) = faults.now()
    assert TypeAdapter(Fault).dump_python(shown, mode="json", warnings="error")["params"] == {"told": told}

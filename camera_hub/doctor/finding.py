"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether something must be done (`fault`), should be known (`warning`), or neither (`good`)."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found and, unless it is good, what to do."""

    check: str
    verdict: Verdict
    found: str
    todo: str = ""


def good(check: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Verdict.GOOD, found)


def warning(check: str, found: str, todo: str) -> Finding:
    """The hub runs, but not as it should."""
    return Finding(check, Verdict.WARNING, found, todo)


def fault(check: str, found: str, todo: str) -> Finding:
    """The hub does not run, or loses something."""
    return Finding(check, Verdict.FAULT, found, todo)

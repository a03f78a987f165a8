"""How many would have passed in any case: the camera's own rate in the same hours of the days before.

Where nobody passes, one who does is a find; on a busy road ten in the window are what is there on any night. So that is
said beside each count. Times in which the camera was not analysed do not count as times in which nobody passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.spans import Ms, joined, length, minus

DAYS = 7
"""The same hours of so many days before."""
LEAST_MS = 3_600_000
"""A window shorter than an hour is widened to one for the rate: some minutes of a night tell nothing."""
ENOUGH_MS = 2 * 3_600_000
"""With less watched than this the rate is unknown."""
_DAY_MS = 86_400_000


def same_hours(window: Ms, days: int = DAYS) -> tuple[Ms, ...]:
    """The spans of the days before whose rate stands for the window's; none of them reaches into it.

    A window of a day and more takes whole days. Days of 24 hours: where the time of the year changes (not in China) the
    hours shift by one.
    """
    lack = max(0, LEAST_MS - (window[1] - window[0]))
    begin, end = window[0] - lack // 2, window[1] + lack - lack // 2
    apart = -(-(end - begin) // _DAY_MS) * _DAY_MS
    return tuple((begin - apart * back, end - apart * back) for back in range(1, days + 1))


@dataclass(frozen=True, slots=True)
class Chance:
    """`expected` in the window by chance, from `seen` passers in `watched_s` seconds; None where too little was."""

    expected: float | None
    seen: int
    watched_s: int


def expected(window: Ms, dark: Sequence[Ms], before: Iterable[Ms], dark_before: Sequence[Ms], seen: int) -> Chance:
    """What to expect in the watched part of a window, from passers `seen` in the watched parts of spans `before` it."""
    watched = length(minus(joined(before), dark_before))
    if watched < ENOUGH_MS:
        return Chance(None, seen, watched // 1000)
    return Chance(seen / watched * length(minus([window], dark)), seen, watched // 1000)

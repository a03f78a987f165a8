"""Arithmetic of spans: (from, up to but not including), in milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Ms = tuple[int, int]


def joined(spans: Iterable[Ms], within: int = 0) -> list[Ms]:
    """The spans in order, those that overlap or lie at most `within` apart made one; empty ones left out."""
    found: list[Ms] = []
    for begin, end in sorted(one for one in spans if one[0] < one[1]):
        if found and begin <= found[-1][1] + within:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def minus(spans: Iterable[Ms], taken: Sequence[Ms]) -> list[Ms]:
    """What of the spans is left without `taken`."""
    away = joined(taken)
    found: list[Ms] = []
    for begin, end in joined(spans):
        at = begin
        for first, last in away:
            if last <= at or first >= end:
                continue
            if first > at:
                found.append((at, first))
            at = max(at, last)
        if at < end:
            found.append((at, end))
    return found


def common(spans: Iterable[Ms], others: Sequence[Ms]) -> list[Ms]:
    """What lies in both."""
    theirs = joined(others)
    both = ((max(a, c), min(b, d)) for a, b in joined(spans) for c, d in theirs)
    return [one for one in both if one[0] < one[1]]


def length(spans: Iterable[Ms]) -> int:
    """Milliseconds of spans that do not overlap."""
    return sum(end - begin for begin, end in spans)

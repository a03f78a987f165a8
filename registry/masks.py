"""What masks hide: whether new ones hide all that old ones did, and how old ones come back.

Compared on fixed rows of the picture, exactly along each: whatever lies on a row and is bared is found, so that no
series of small changes bares what one large change would not be allowed to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from registry.errors import Denied
from registry.store import Store

ROWS = 2160
"""Rows of a 4K picture: what lies wholly between two of them is thinner than any camera's pixel."""
_LEAST = 1e-9
"""Share of the width below which two ends are one: what floating point leaves."""
MOST = 32
"""Masks of one scene."""
SETTLES = timedelta(seconds=5)
"""After a mask is drawn, a worker pulls anew within this: until then what it records is not masked yet."""
EVERYTHING = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

Points = Sequence[Sequence[float]]
Interval = tuple[float, float]


def covers(new: Iterable[Points], old: Iterable[Points]) -> bool:
    """Whether the union of the polygons `new` hides all that the union of `old` does. Shares of the picture.

    Takes seconds in the worst case of 32 outlines of 64 corners each; call it off the loop.
    """
    hiding = [_outline(one) for one in new]
    gone = [one for one in map(_outline, old) if one not in hiding]
    if not gone:
        return True
    wanted = _rows(gone)
    there = _rows(hiding)
    return all(_within(_joined(spans), _joined(there.get(row, []))) for row, spans in wanted.items())


def joined(old: Sequence[Points], new: Sequence[Points]) -> tuple[Points, ...]:
    """`old` masks and those of `new` that hide more; all of the picture where that is more than a scene may have."""
    both = (*old, *(one for one in new if not covers(old, [one])))
    return both if len(both) <= MOST else (EVERYTHING,)


def hidden_until(store: Store, masked_since: datetime | None) -> datetime | None:
    """Up to when what a camera showed may show what is masked now; None where nothing is, or the policy shows it.

    `masked_since` is the camera's: since when all that its scene masks has been masked without a break.
    """
    if masked_since is None or store.policy.masks.earlier_footage == "shown":
        return None
    return masked_since + SETTLES


def hides(store: Store, masked_since: datetime | None, at: datetime) -> bool:
    """Whether a picture taken at a moment may show what is masked now."""
    until = hidden_until(store, masked_since)
    return until is not None and at < until


def bared() -> Denied:
    """What is said of pictures and recordings from before a mask."""
    return Denied(
        "this was recorded before a mask was drawn over part of it; ask for approval to see it",
        code="recorded_unmasked",
    )


def _outline(points: Points) -> tuple[tuple[float, float], ...]:
    return tuple((float(point[0]), float(point[1])) for point in points)


def _rows(outlines: Iterable[Sequence[tuple[float, float]]]) -> dict[int, list[Interval]]:
    """By row, what each outline spans of it (even-odd, as the outlines do not cross themselves)."""
    found: dict[int, list[Interval]] = {}
    for outline in outlines:
        cuts: dict[int, list[float]] = {}
        for (x0, y0), (x1, y1) in pairwise((*outline, outline[0])):
            for row in _crossed(min(y0, y1), max(y0, y1)):
                cuts.setdefault(row, []).append(x0 + (x1 - x0) * (((row + 0.5) / ROWS - y0) / (y1 - y0)))
        for row, ends in cuts.items():
            ends.sort()
            found.setdefault(row, []).extend(zip(ends[::2], ends[1::2], strict=True))
    return found


def _crossed(low: float, high: float) -> Iterator[int]:
    """Rows whose middle lies in [low, high)."""
    row = max(0, int(low * ROWS - 0.5))
    while (row + 0.5) / ROWS < low:
        row += 1
    while row < ROWS and (row + 0.5) / ROWS < high:
        yield row
        row += 1


def _joined(spans: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1] + _LEAST:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return found


def _within(wanted: Iterable[Interval], there: Sequence[Interval]) -> bool:
    return all(
        any(begin <= low + _LEAST and high - _LEAST <= end for begin, end in there)
        for low, high in wanted
        if high - low > _LEAST
    )

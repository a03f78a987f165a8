"""How much of what was due is there: figures of a stream, reckoned from its due stretches and its gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registry.columns import AnyRow, from_ms
from registry.model import Stream
from registry.policy import ConsentPolicy
from registry.recordings.due import Stretch
from registry.recordings.model import GapCause, RecordMode
from registry.spans import Ms, joined, length

MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Lasting:
    """A gap that lasts."""

    since: datetime
    cause: GapCause


@dataclass(frozen=True, slots=True)
class CameraGaps:
    """One stream of a camera over the span. `rate` is None where it was never to be recorded.

    On event, what is due is the time around events: what is there of it, and what is missing.
    """

    camera_id: UUID
    name: str
    village_code: str
    village_name: str
    stream: Stream
    mode: RecordMode
    due_s: int
    recorded_s: int
    rate: float | None
    gaps: int
    longest_s: int
    open: Lasting | None


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap. `lasts` where it is not over."""

    stream: Stream
    since: datetime
    until: datetime
    seconds: int
    cause: GapCause
    lasts: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """All streams of the answer's cameras together, whichever page is shown."""

    streams: int
    due_s: int
    recorded_s: int
    rate: float | None
    gaps: int
    open: int


def camera_of(
    law: ConsentPolicy, stretches: Sequence[AnyRow], missing: Sequence[AnyRow], there: int, window: Ms
) -> CameraGaps:
    """One stream's figures from its stretches and gaps, in order of time; `there` is the footage there is, in ms."""
    last = stretches[-1]
    mode = RecordMode(last.mode)
    stretched = joined(cut(row, window) for row in missing)
    gone = length(stretched)
    if law.needs(last.kind) or any(row.mode == RecordMode.ON_EVENT.value for row in stretches):
        due = there + gone
    else:
        due = max(length(joined(cut(row, window) for row in stretches)), gone)
    due_s, recorded_s = round(due / 1000), round((due - gone) / 1000)
    lasting = [row for row in missing if _lasts(row, last)]
    return CameraGaps(
        camera_id=last.id,
        name=last.name,
        village_code=last.code,
        village_name=last.village_name,
        stream=last.stream,
        mode=mode,
        due_s=due_s,
        recorded_s=recorded_s,
        rate=rate(due_s, recorded_s),
        gaps=len(stretched),
        longest_s=round(max((end - begin for begin, end in stretched), default=0) / 1000),
        open=Lasting(from_ms(lasting[-1].first), GapCause(lasting[-1].cause)) if lasting else None,
    )


def cut(row: AnyRow, window: Ms) -> Ms:
    """What of a stretch or gap lies in the window."""
    return max(row.first, window[0]), min(row.last, window[1])


def _lasts(row: AnyRow, stretch: AnyRow) -> bool:
    return bool(stretch.lasts) and row.last >= stretch.last


def listed(
    cause: GapCause | None, stretches: Mapping[Stretch, Sequence[AnyRow]], missing: Mapping[Stretch, Sequence[AnyRow]]
) -> tuple[Gap, ...]:
    """The gaps themselves, of one cause or all, newest first."""
    found = [
        Gap(
            stream=row.stream,
            since=from_ms(row.first),
            until=from_ms(row.last),
            seconds=round((row.last - row.first) / 1000),
            cause=GapCause(row.cause),
            lasts=one in stretches and _lasts(row, stretches[one][-1]),
        )
        for one, rows in missing.items()
        for row in rows
        if cause is None or row.cause == cause.value
    ]
    return tuple(sorted(found, key=lambda gap: gap.since, reverse=True)[:MOST_LISTED])


def rate(due: int, recorded: int) -> float | None:
    """The share of what was due that is there; None where nothing was due."""
    # Down, not to the nearest: 100 % is said of what has no gap.
    return recorded * 10_000 // due / 10_000 if due else None

"""What was recorded of a camera: its files joined where no break lies between them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow, from_ms, to_ms
from registry.model import From, Stream, To
from registry.recordings.lawful import Span, Visible, within
from registry.recordings.model import Damage, Why
from registry.spans import Ms
from registry.tables import segments, segments_hour

LONGEST_MS = 900_000
"""A segment is no longer than this: what began earlier does not reach into a span."""
JOINED_MS = 2_000
"""A break this short is none: the next file begins with the next keyframe."""
FINEST = 20_000
"""Breaks shorter than this part of the span are closed, too: nobody sees them, and the list stays bounded."""
HOUR_MS = 3_600_000
SUMMED_MS = 12 * HOUR_MS
"""Longer than this, files are summed up by the hour before they are joined: a month of one camera are 43,200."""
MOST_ODD = 200
"""With more hours that may have a break all files are read: then little is saved by summing."""

Told = tuple[int, int | None, str, str, bool]
"""A file, or an hour of them: from and to in milliseconds (None: still being written), why, codec, whether masked."""


@dataclass(frozen=True, slots=True)
class RecordedSpan:
    """A stretch that was recorded without a break, in one way."""

    since: From
    until: To
    why: Why
    codec: str
    masked: bool


async def spans(
    conn: AsyncConnection, stream: Stream, span: Span, seen: Visible, *, now: datetime
) -> tuple[RecordedSpan, ...]:
    """The runs of segments without a break between them, cut to what may be seen."""
    since, until = to_ms(span[0]), to_ms(span[1])
    break_ms = max(JOINED_MS, (until - since) // FINEST)
    of = {"camera_no": seen.camera.no, "stream": stream}
    if until - since > SUMMED_MS:
        rows = await _summed(conn, of, ((since - LONGEST_MS) // HOUR_MS, until // HOUR_MS), break_ms)
    else:
        rows = await _told(conn, of, (since - LONGEST_MS, until))
    # Joined here: SQL's window functions take five times as long over the 43,200 rows of a month.
    runs = await asyncio.to_thread(lambda: list(_runs(rows, to_ms(now), break_ms)))
    return tuple(
        RecordedSpan(begin, end, Why(run.why), run.codec, run.masked)
        for run in runs
        for begin, end in within(seen.spans, (from_ms(run.since), from_ms(run.until)))
    )


async def _told(conn: AsyncConnection, of: Mapping[str, Any], begun: Ms) -> Sequence[AnyRow]:
    """The files that begin in a span, in order."""
    return (await conn.execute(_TOLD, {**of, "since": begun[0], "until": begun[1]})).all()


async def _summed(
    conn: AsyncConnection, of: Mapping[str, Any], hours: tuple[int, int], break_ms: int
) -> Sequence[Told] | Sequence[AnyRow]:
    """All files that begin in these hours as `_told`, but those of an hour with no break in it are a single row.

    What breaks there are between an hour's files is what their lengths leave of it; only in an hour that may have one
    longer than `break_ms` is each file compared with the one before, and files without a break are a single row.
    """
    whole: dict[int, Told] = {}
    odd: set[int] = set()
    told = await conn.execute(_HOURS, {**of, "first": hours[0], "last": hours[1]})
    for hour, since, until, recorded, still_open, why, codec, masked in told:
        if hour in whole or still_open or abs(until - since - recorded) > break_ms:
            odd.add(hour)
        else:
            whole[hour] = since, until, why, codec, masked
    if len(odd) > MOST_ODD:
        return await _told(conn, of, (hours[0] * HOUR_MS - 1, (hours[1] + 1) * HOUR_MS))
    rows = [one for hour, one in whole.items() if hour not in odd]
    if odd:
        joined = await conn.execute(_JOINED, {**of, "hours": sorted(odd), "break_ms": break_ms})
        rows += [tuple(row) for row in joined]
    return sorted(rows)


_STARTED = sa.type_coerce(segments.c.started_at, sa.BigInteger)
_ENDED = sa.type_coerce(segments.c.ended_at, sa.BigInteger)
_KIND = (segments.c.why, segments.c.codec, segments.c.masked)
_OF = (
    segments.c.camera_no == sa.bindparam("camera_no"),
    segments.c.stream == sa.bindparam("stream"),
    segments.c.damage.is_distinct_from(Damage.MISSING.value),
)
_TOLD = (
    sa.select(_STARTED, _ENDED, *_KIND)
    .where(*_OF, sa.bindparam("since") < _STARTED, sa.bindparam("until") > _STARTED)
    .order_by(_STARTED)
)
_HOUR = segments_hour.label("hour")
_HOURS = (
    sa.select(
        _HOUR,
        sa.func.min(_STARTED),
        sa.func.max(_ENDED),
        sa.func.sum(_ENDED - _STARTED),
        sa.func.count() - sa.func.count(_ENDED),
        *_KIND,
    )
    .where(*_OF, segments_hour.between(sa.bindparam("first"), sa.bindparam("last")))
    .group_by(_HOUR, *_KIND)
)


def _joined() -> sa.Select[Any]:
    """Files of some hours, joined where one follows another without a break, of one kind; an open one is by itself."""

    def before(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        # By the hour first: SQLite would read along another index, and the whole month.
        return sa.func.lag(column).over(order_by=(segments_hour, _STARTED))

    near = before(_ENDED) >= _STARTED - sa.bindparam("break_ms")
    follows = sa.and_(near, *(before(one) == one for one in _KIND), _ENDED.is_not(None))
    begins = sa.case((follows, 0), else_=1).label("begins")
    inside = segments_hour.in_(sa.bindparam("hours", expanding=True))
    files = sa.select(_STARTED.label("since"), _ENDED.label("until"), *_KIND, begins).where(*_OF, inside).cte("files")
    run = sa.func.sum(files.c.begins).over(order_by=files.c.since).label("run")
    runs = sa.select(files, run).cte("runs")
    kind = (runs.c.why, runs.c.codec, runs.c.masked)
    return sa.select(sa.func.min(runs.c.since), sa.func.max(runs.c.until), *kind).group_by(runs.c.run, *kind)


_JOINED = _joined()


@dataclass(slots=True)
class _Run:
    """Segments that follow each other, in milliseconds."""

    since: int
    until: int
    why: str
    codec: str
    masked: bool


def _runs(rows: Sequence[AnyRow] | Sequence[Told], now: int, break_ms: int) -> Iterator[_Run]:
    """Rows in order of their start, joined where one follows another that was recorded in the same way.

    A file still being written reaches to now, or to the next file; one whose end nobody told, no further.
    """
    run: _Run | None = None
    nexts = itertools.chain((row[0] for row in rows), (None,))
    next(nexts)
    for (since, ended, why, codec, masked), after in zip(rows, nexts, strict=True):
        until = ended if ended is not None else min(now, since + LONGEST_MS) if after is None else after
        if (
            run is not None
            and since <= run.until + break_ms
            and (run.why, run.codec, run.masked) == (why, codec, masked)
        ):
            run.until = max(run.until, until)
            continue
        if run is not None:
            yield run
        run = _Run(since, until, why, codec, masked)
    if run is not None:
        yield run

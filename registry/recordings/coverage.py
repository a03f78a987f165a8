"""What there is of many cameras' recordings in one span, exactly, without reading their segments.

What was due and is no gap was recorded (an invariant), and it is there unless it went by age or quota, which take the
oldest first. So a stretch begins with its first segment, and within it due minus gaps is what there is. What is held
goes on its own: each held stretch of the span is looked at by itself. Where recording hangs on events, or nothing was
due, segments themselves are few and are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import from_ms, to_ms
from registry.model import Consent
from registry.recordings import due, holds
from registry.recordings.lawful import Span
from registry.recordings.model import Damage, RecordMode
from registry.spans import Ms, common, joined, minus
from registry.store import Store
from registry.tables import cameras, hold_cameras, recording_due, recording_gaps, request_cameras, requests, segments
from registry.tables import holds as hold_rows

NOT_DUE: Final = "not_due"
"""Nothing was to be recorded."""
NO_CONSENT: Final = "no_consent"
NO_EVENT: Final = "no_event"
"""It is recorded on events, and there was none."""
GONE: Final = "gone"
"""It was recorded, and went by its age or the quota."""
_LONGEST_MS = 900_000
_BREAK_MS = 2_000
_MOST = 50_000
_STREAMS = ("sub", "main")
_begin, _end = (sa.type_coerce(segments.c[name], sa.BigInteger) for name in ("started_at", "ended_at"))


@dataclass(frozen=True, slots=True)
class Missing:
    """A stretch of which there is nothing, and why: a cause of gaps, or one of those above."""

    since: int
    until: int
    cause: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What there is of a camera, in milliseconds; with `missing` it adds up to the span, as far as that is past."""

    recorded: tuple[Ms, ...] = ()
    missing: tuple[Missing, ...] = ()
    on_event: bool = False


@dataclass(slots=True)
class _Stream:
    continuous: list[Ms]
    on_event: list[Ms]
    gaps: list[Missing]


async def coverage(
    conn: AsyncConnection, store: Store, numbers: Sequence[int], span: Span, given: Mapping[int, Sequence[Consent]]
) -> dict[int, Coverage]:
    """What there is of each camera, by row number. `given` are the consents of those whose kind needs one."""
    window = to_ms(span[0]), min(to_ms(span[1]), to_ms(store.clock()))
    if window[0] >= window[1]:
        return {one: Coverage() for one in numbers}
    streams = await _streams(conn, numbers, window)
    firsts = await _firsts(conn, store, numbers, window)
    of = {one: [streams[one, name] for name in _STREAMS if (one, name) in streams] for one in numbers}
    sparse = [
        one for one, own in of.items() if not any(each.continuous for each in own) or any(each.on_event for each in own)
    ]
    read = await _segments(conn, sparse, window)
    found = {}
    for one, own in of.items():
        agreed = due.agreed(given[one], window, store.tz) if one in given else [window]
        there = [
            part
            for name in _STREAMS
            if (one, name) in streams
            for part in common(_due(streams[one, name], agreed), firsts.get((one, name), ()))
        ]
        recorded = joined([*there, *read.get(one, ())])
        found[one] = Coverage(
            tuple(recorded), tuple(_missing(window, recorded, own, agreed)), any(each.on_event for each in own)
        )
    return found


def _due(stream: _Stream, agreed: Sequence[Ms]) -> list[Ms]:
    """What was due all the time and is no gap."""
    return minus(common(stream.continuous, agreed), [(one.since, one.until) for one in stream.gaps])


def _missing(window: Ms, recorded: Sequence[Ms], own: Sequence[_Stream], agreed: Sequence[Ms]) -> Iterable[Missing]:
    """What is not recorded, each part with the first cause that explains it."""
    left = [one for one in minus([window], recorded) if one[1] - one[0] > _BREAK_MS]
    causes: list[tuple[str, list[Ms]]] = [
        *((gap.cause, [(gap.since, gap.until)]) for one in own for gap in one.gaps),
        (NO_CONSENT, minus([window], agreed)),
        (GONE, [part for one in own for part in one.continuous]),
        (NO_EVENT, [part for one in own for part in one.on_event]),
        (NOT_DUE, [window]),
    ]
    found = []
    for cause, spans in causes:
        part = common(left, spans)
        found += [Missing(begin, end, cause) for begin, end in part]
        left = minus(left, part)
    return sorted(found, key=lambda one: one.since)


async def _streams(conn: AsyncConnection, numbers: Sequence[int], window: Ms) -> dict[tuple[int, str], _Stream]:
    """What was due of each stream, and what is on record as missing."""
    found: dict[tuple[int, str], _Stream] = defaultdict(lambda: _Stream([], [], []))
    asked = sa.select(recording_due).where(
        recording_due.c.camera_no.in_(numbers),
        recording_due.c.since < from_ms(window[1]),
        sa.or_(recording_due.c.until.is_(None), recording_due.c.until > from_ms(window[0])),
    )
    for row in await conn.execute(asked):
        stream = found[row.camera_no, row.stream]
        part = max(to_ms(row.since), window[0]), window[1] if row.until is None else min(to_ms(row.until), window[1])
        (stream.continuous if row.mode == RecordMode.CONTINUOUS.value else stream.on_event).append(part)
    gaps = sa.select(recording_gaps).where(
        recording_gaps.c.camera_no.in_(numbers),
        recording_gaps.c.started_at < from_ms(window[1]),
        recording_gaps.c.ended_at > from_ms(window[0]),
    )
    for row in await conn.execute(gaps.order_by(recording_gaps.c.started_at)):
        begin, end = max(to_ms(row.started_at), window[0]), min(to_ms(row.ended_at), window[1])
        found[row.camera_no, row.stream].gaps.append(Missing(begin, end, row.cause))
    return found


async def _firsts(
    conn: AsyncConnection, store: Store, numbers: Sequence[int], window: Ms
) -> dict[tuple[int, str], list[Ms]]:
    """The parts of the window that hold segments, by stream: each from its first segment on."""
    pieces: dict[Ms, list[int]] = defaultdict(list)
    held = await _held(conn, store, numbers, window)
    for one in numbers:
        kept = joined(common(held.get(one, ()), [window]))
        for piece in (*kept, *minus([window], kept)):
            pieces[piece].append(one)
    found: dict[tuple[int, str], list[Ms]] = defaultdict(list)
    now = to_ms(store.clock())
    for piece, those in pieces.items():
        for stream in _STREAMS:
            for camera_no, first, reaches in await conn.execute(_first(piece, stream, those, now)):
                begin = piece[0] if reaches is not None and reaches > piece[0] else first
                if begin is not None and begin < piece[1]:
                    found[camera_no, stream].append((begin, piece[1]))
    return found


def _first(piece: Ms, stream: str, numbers: Sequence[int], now: int) -> sa.Select[Any]:
    """Of each camera the start of the first segment in the piece, and the end of the one that reaches into it."""
    own = (segments.c.camera_no == cameras.c.no, segments.c.stream == stream)
    first = (
        sa.select(sa.func.min(_begin))
        .where(*own, segments.c.started_at >= from_ms(piece[0]), segments.c.started_at < from_ms(piece[1]))
        .correlate(cameras)
        .scalar_subquery()
    )
    reaches = (
        sa.select(sa.func.coalesce(_end, now))
        .where(*own, segments.c.started_at < from_ms(piece[0]))
        .where(segments.c.started_at > from_ms(piece[0] - _LONGEST_MS))
        .order_by(segments.c.started_at.desc())
        .limit(1)
        .correlate(cameras)
        .scalar_subquery()
    )
    return sa.select(cameras.c.no, first, reaches).where(cameras.c.no.in_(numbers))


async def _held(conn: AsyncConnection, store: Store, numbers: Sequence[int], window: Ms) -> dict[int, list[Ms]]:
    """What of the window is held, by camera."""
    now = store.clock()
    begin, end = from_ms(window[0]), from_ms(window[1])
    for_case = (
        sa.select(hold_cameras.c.camera_no, hold_rows.c.starts_at, hold_rows.c.ends_at)
        .join(hold_rows, hold_rows.c.no == hold_cameras.c.hold_no)
        .where(hold_cameras.c.camera_no.in_(numbers), holds.active(now))
        .where(hold_rows.c.starts_at < end, hold_rows.c.ends_at > begin)
    )
    for_request = (
        sa.select(request_cameras.c.camera_no, requests.c.starts_at, requests.c.ends_at)
        .join(requests, requests.c.no == request_cameras.c.request_no)
        .where(request_cameras.c.camera_no.in_(numbers), requests.c.held_until > now)
        .where(requests.c.starts_at < end, requests.c.ends_at > begin)
    )
    found: dict[int, list[Ms]] = defaultdict(list)
    for wanted in (for_case, for_request):
        for camera_no, since, until in await conn.execute(wanted):
            found[camera_no].append((to_ms(since), to_ms(until)))
    return found


async def _segments(conn: AsyncConnection, numbers: Sequence[int], window: Ms) -> dict[int, list[Ms]]:
    """The segments of cameras of which few are expected, joined."""
    wanted = (
        sa.select(segments.c.camera_no, _begin, _end)
        .where(
            segments.c.camera_no.in_(numbers),
            segments.c.stream.in_(_STREAMS),
            segments.c.started_at > from_ms(window[0] - _LONGEST_MS),
            segments.c.started_at < from_ms(window[1]),
            segments.c.damage.is_distinct_from(Damage.MISSING.value),
        )
        .limit(_MOST)
    )
    found: dict[int, list[Ms]] = defaultdict(list)
    for camera_no, begin, end in await conn.execute(wanted):
        found[camera_no].append((max(begin, window[0]), min(window[1] if end is None else end, window[1])))
    return {one: joined(parts, within=_BREAK_MS) for one, parts in found.items()}

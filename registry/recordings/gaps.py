"""What should have been recorded, compared with the segments there are: the difference is written as gaps.

Each round looks at the time since the last one and at the two minutes before that anew, since segments, states and
events are told a little later than they happen. Gaps of one stream never overlap; those that touch and have one cause
are one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents, history, runs
from registry.columns import from_ms, to_ms
from registry.model import Consent
from registry.recordings import causes, due, trimming
from registry.recordings.causes import Piece
from registry.recordings.due import Due, Stretch, Wanted
from registry.recordings.model import Damage, GapCause, RecordMode, RecordPolicy
from registry.recordings.trimming import TOLERANCE_MS, begins, ends, gaps
from registry.spans import Ms, common, joined, minus
from registry.store import Store
from registry.tables import cameras, events, recording_due, recording_gaps, segments

LAG_MS = 10_000
"""What happened this lately is looked at next time: it may not be told of yet."""
BACK_MS = 120_000
LONGEST_MS = 900_000
"""No segment is longer."""
_EVENTS_MS = 3_600_000
"""An event that ended within the time looked at began no longer before it than this, or is looked at while open."""
_SHORTEST_MS = 3_000


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap that lasts: of which stream, since when (milliseconds), and why now."""

    camera_no: int
    stream: str
    since: int
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Round:
    """What a round found: how many streams are to be recorded, and the gaps that last."""

    due: int
    open: tuple[OpenGap, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """All that a comparison rests on, read in one transaction; times in milliseconds."""

    upto: int
    tz: tzinfo
    lasting: tuple[Due, ...]
    needing: frozenset[int]
    taken: Mapping[Stretch, Sequence[Ms]]
    events: Mapping[int, Sequence[Ms]]
    given: Mapping[int, Sequence[Consent]]
    others: dict[GapCause, list[Ms]] = field(default_factory=dict)

    def window(self, one: Due) -> Ms:
        """The part of a stretch that is compared."""
        return max(one.since, min(one.checked_to, self.upto) - BACK_MS), self.upto


async def reconcile(
    store: Store, policy: RecordPolicy, asked: Wanted, *, reach: Mapping[int, int], skipped: Sequence[Ms] = ()
) -> Round:
    """Compare, and write the gaps. `asked` is what is to be recorded.

    `reach` says up to when open segments are known to hold footage, by row number; one that is not in it is new and
    holds it up to now. `skipped` are times that never were: the clock was set ahead over them.
    """
    now = to_ms(store.clock())
    async with store.read() as conn:
        standing = await due.current(conn)
        facts = await _facts(conn, store, policy, asked, standing, now=now, reach=reach)
        facts.others[GapCause.CLOCK_SET] = list(skipped)
        holes = await asyncio.to_thread(_holes, facts)
        words = await _words(conn, holes)
    found = {
        stretch: [piece for hole in some for piece in causes.explained(hole, words.get(stretch[0], ()), facts.others)]
        for stretch, some in holes.items()
    }
    async with store.write() as conn:
        await trimming.alone(conn)
        if any(one.checked_to > now for one in standing):
            await _set_back(conn, now)
        lasting = await _write(conn, facts, found)
        await due.follow(conn, await due.current(conn), asked, now)
        # Down as well as up: what was looked at before the clock was set back comes again.
        looked = sa.update(recording_due).where(recording_due.c.until.is_(None), due.since_ms < facts.upto)
        await conn.execute(looked.values(checked_to=from_ms(facts.upto)))
    return Round(len(asked.modes), lasting)


async def _facts(
    conn: AsyncConnection,
    store: Store,
    policy: RecordPolicy,
    asked: Wanted,
    standing: Sequence[Due],
    *,
    now: int,
    reach: Mapping[int, int],
) -> _Facts:
    upto = now - LAG_MS
    lasting = tuple(
        one for one in standing if asked.modes.get((one.camera_no, one.stream)) is one.mode and one.since < upto
    )
    start = min((max(one.since, min(one.checked_to, upto) - BACK_MS) for one in lasting), default=upto)
    armed = {one.camera_no for one in lasting if one.mode is RecordMode.ON_EVENT}
    needing = {one.camera_no for one in lasting if one.camera_no in asked.needing}
    down = await runs.gaps(conn, from_ms(start), from_ms(upto), store.clock()) if start < upto else ()
    return _Facts(
        upto=upto,
        tz=store.tz,
        lasting=lasting,
        needing=asked.needing,
        taken=await _taken(conn, (start, upto), reach),
        events=await _event_spans(conn, policy, (start, upto)) if armed else {},
        given=await consents.of_cameras(conn, needing, store.clock()) if needing else {},
        others={GapCause.HUB_DOWN: [(to_ms(one.since), to_ms(one.until)) for one in down]},
    )


async def _taken(conn: AsyncConnection, span: Ms, reach: Mapping[int, int]) -> dict[Stretch, list[Ms]]:
    """What there is footage of, by stream."""
    first, last = (sa.type_coerce(segments.c[name], sa.BigInteger) for name in ("started_at", "ended_at"))
    wanted = sa.select(segments.c.no, segments.c.camera_no, segments.c.stream, first, last).where(
        first > span[0] - LONGEST_MS,
        first < span[1],
        sa.or_(last.is_(None), last > span[0]),
        segments.c.damage.is_distinct_from(Damage.MISSING.value),
    )
    found: dict[Stretch, list[Ms]] = {}
    # Rows by the ten thousand on a large hub: in parts, so that the loop is not held up.
    result = await conn.stream(wanted)
    async for rows in result.partitions(2000):
        for no, camera_no, stream, begin, end in rows:
            upto = end if end is not None else reach.get(no, span[1])
            found.setdefault((camera_no, stream), []).append((begin, upto))
    return found


async def _event_spans(conn: AsyncConnection, policy: RecordPolicy, span: Ms) -> dict[int, list[Ms]]:
    """What events ask for, by camera: from before them to after them; of one that lasts, up to where it was seen."""
    at = {name: sa.type_coerce(events.c[name], sa.BigInteger) for name in ("started_at", "updated_at", "ended_at")}
    armed = sa.select(recording_due.c.camera_no).where(
        recording_due.c.until.is_(None), recording_due.c.mode == RecordMode.ON_EVENT.value
    )
    mine = sa.select(events.c.camera_no, *at.values()).where(events.c.camera_no.in_(armed))
    pre, post = round(policy.pre_s * 1000), round(policy.post_s * 1000)
    found: dict[int, list[Ms]] = {}
    for wanted in (
        mine.where(at["started_at"] > span[0] - _EVENTS_MS, at["started_at"] < span[1], events.c.ended_at.is_not(None)),
        mine.where(events.c.ended_at.is_(None)),
    ):
        for camera_no, started, updated, ended in await conn.execute(wanted):
            end = updated if ended is None else max(ended + post, started - pre + _SHORTEST_MS)
            found.setdefault(camera_no, []).append((started - pre, end))
    return found


def _holes(facts: _Facts) -> dict[Stretch, list[Ms]]:
    """Where footage is missing, by stream. Of holes too short to count only those at an edge of the window are told."""
    found: dict[Stretch, list[Ms]] = {}
    for one in facts.lasting:
        window = facts.window(one)
        required = (
            [window] if one.mode is RecordMode.CONTINUOUS else common(facts.events.get(one.camera_no, ()), [window])
        )
        if one.camera_no in facts.needing:
            required = common(required, due.agreed(facts.given[one.camera_no], window, facts.tz))
        holes = minus(required, facts.taken.get((one.camera_no, one.stream), ()))
        if some := [hole for hole in holes if hole[1] - hole[0] > TOLERANCE_MS or hole[0] == window[0]]:
            found[one.camera_no, one.stream] = some
    return found


async def _words(conn: AsyncConnection, holes: Mapping[Stretch, Sequence[Ms]]) -> dict[int, list[causes.Word]]:
    if not holes:
        return {}
    span = min(some[0][0] for some in holes.values()), max(some[-1][1] for some in holes.values())
    return await history.told(conn, {camera for camera, _ in holes}, span, causes.cause_of)


async def _write(conn: AsyncConnection, facts: _Facts, found: Mapping[Stretch, Sequence[Piece]]) -> tuple[OpenGap, ...]:
    """Put what was found in place of what stood in each window; returns the gaps that reach its end."""
    windows = {(one.camera_no, one.stream): facts.window(one) for one in facts.lasting}
    start = min((window[0] for window in windows.values()), default=facts.upto)
    before: dict[Stretch, dict[Piece, int]] = {}
    columns = (gaps.no, gaps.camera_no, gaps.stream, begins, ends, gaps.cause)
    for no, camera_no, stream, begin, end, cause in await conn.execute(sa.select(*columns).where(ends >= start)):
        window = windows.get((camera_no, stream))
        if window is not None:  # what lies behind the window too: the clock was set back
            before.setdefault((camera_no, stream), {})[begin, end, GapCause(cause)] = no
    gone: list[int] = []
    fresh = []
    lasting = []
    for stretch in {*before, *found}:
        old = before.get(stretch, {})
        new = _merged(windows[stretch], old, found.get(stretch, ()))
        gone += [no for piece, no in old.items() if piece not in new]
        fresh += [trimming.values(*stretch, piece[:2], piece[2].value) for piece in new if piece not in old]
        if new and new[-1][1] == facts.upto:
            run = _run(new)
            lasting.append(OpenGap(*stretch, run, new[-1][2]))
    for at in range(0, len(gone), 500):
        await conn.execute(sa.delete(recording_gaps).where(gaps.no.in_(gone[at : at + 500])))
    await trimming.insert(conn, fresh)
    return tuple(lasting)


def _merged(window: Ms, old: Mapping[Piece, int], new: Sequence[Piece]) -> list[Piece]:
    """The gaps of a stream from before its window on: what stood before it, then what was found in it."""
    kept = [(begin, min(end, window[0]), cause) for begin, end, cause in sorted(old) if begin < window[0]]
    # A hole at the window's edge that is too short to count goes on from a gap before it, or is none.
    reaches = bool(kept) and kept[-1][1] == window[0]
    counted = [one for one in new if one[1] - one[0] > TOLERANCE_MS or (reaches and one[0] == window[0])]
    found: list[Piece] = []
    for begin, end, cause in [*kept, *counted]:
        if found and found[-1][1] == begin and found[-1][2] is cause:
            found[-1] = found[-1][0], end, cause
        else:
            found.append((begin, end, cause))
    return found


def _run(pieces: Sequence[Piece]) -> int:
    """Since when the last of them lasts, whatever its cause was before."""
    return joined((begin, end) for begin, end, _ in pieces)[-1][0]


async def _set_back(conn: AsyncConnection, now: int) -> None:
    """The clock was set back: nothing is known of times to come."""
    await due.set_back(conn, now)
    await conn.execute(sa.delete(recording_gaps).where(begins >= now))
    await conn.execute(sa.update(recording_gaps).where(ends > now).values(ended_at=from_ms(now)))


async def names_of(store: Store, numbers: Sequence[int]) -> dict[int, str]:
    """The names of cameras, by number."""
    async with store.read() as conn:
        rows = await conn.execute(sa.select(cameras.c.no, cameras.c.name).where(cameras.c.no.in_(numbers)))
        return {row.no: row.name for row in rows}

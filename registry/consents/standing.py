"""What consents allow: every pull and every read of a camera whose kind needs one asks here.

- A pull needs a consent in force now (active, its time runs, local hours, the masks it demands) for events or for live
  pictures.
- Reading an event needs a consent for events that is in force now, and that held at the moment the event started:
  interval, hours, and not paused or expired then. `readable` is that rule in SQL, used by every read path.

Which kinds need one is the policy's (`consent.needed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.consents.machine import GIVEN
from registry.consents.masks import within_masks
from registry.daytime import within, within_sql
from registry.model import Consent, ConsentScope, ConsentState, Polygon, Reason
from registry.store import Store
from registry.tables import cameras, consent_gaps, consent_scans, consents, incidents

PULLS = frozenset({ConsentScope.EVENTS, ConsentScope.LIVE})
"""What a pull is for: a consent to either starts it."""
_FLAGS = {
    ConsentScope.EVENTS: consents.c.for_events,
    ConsentScope.CLIP: consents.c.for_clip,
    ConsentScope.LIVE: consents.c.for_live,
    ConsentScope.INCIDENT: consents.c.for_incident,
}
Gaps = dict[int, list[tuple[datetime, datetime]]]

SELECT = (
    sa.select(
        consents,
        cameras.c.id.label("camera_id"),
        sa.exists().where(consent_scans.c.consent_no == consents.c.no).label("has_scan"),
    )
    .join(cameras, cameras.c.no == consents.c.camera_no)
    .order_by(consents.c.no)
)


def flags(scopes: Iterable[ConsentScope]) -> dict[str, bool]:
    """A row's columns for what was agreed to; to be registered alone is none of them."""
    asked = frozenset(scopes)
    return {column.name: scope in asked for scope, column in _FLAGS.items()}


def scopes_of(row: AnyRow) -> frozenset[ConsentScope]:
    """What a row agrees to."""
    found = frozenset(scope for scope, column in _FLAGS.items() if getattr(row, column.name))
    return found or frozenset({ConsentScope.REGISTER})


def of_row(row: AnyRow, gaps: Gaps, now: datetime) -> Consent:
    """A row of SELECT as a consent that stands as of `now`."""
    end = min((at for at in (row.valid_to, row.reconfirm_by) if at is not None), default=None)
    state = ConsentState(row.state)
    if state in GIVEN and end is not None and now >= end:
        state = ConsentState.EXPIRED
    return Consent(
        no=row.no,
        id=row.id,
        camera_id=row.camera_id,
        owner_name=row.owner_name,
        state=state,
        scopes=scopes_of(row),
        purpose=row.purpose,
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        masks=tuple(tuple((x, y) for x, y in mask) for mask in row.masks or ()),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        reconfirm_by=row.reconfirm_by,
        text_version=row.text_version,
        signed_at=row.signed_at,
        stopped_at=row.stopped_at,
        withdrawn_at=row.withdrawn_at,
        gaps=tuple(gaps.get(row.no, ())),
        has_scan=bool(row.has_scan),
        has_link=row.link_nonce is not None,
    )


async def gaps_of(conn: AsyncConnection, numbers: Iterable[int]) -> Gaps:
    """When consents did not hold, by their number."""
    wanted = sa.select(consent_gaps).where(consent_gaps.c.consent_no.in_(tuple(numbers))).order_by(consent_gaps.c.no)
    found: Gaps = {}
    for row in await conn.execute(wanted):
        found.setdefault(row.consent_no, []).append((row.since, row.until))
    return found


async def read(conn: AsyncConnection, wanted: sa.Select[*tuple[object, ...]], now: datetime) -> tuple[Consent, ...]:
    """The consents of a statement made from SELECT."""
    rows = (await conn.execute(wanted)).all()
    gaps = await gaps_of(conn, (row.no for row in rows)) if rows else {}
    return tuple(of_row(row, gaps, now) for row in rows)


def readable(
    camera_no: sa.ColumnElement[int],
    started_at: sa.ColumnElement[datetime],
    local_second: sa.ColumnElement[int],
    now: sa.ColumnElement[datetime],
    needing: sa.ColumnElement[str],
) -> sa.ColumnElement[bool]:
    """SQL: an event of that camera, started then, may be read `now`, where the kinds `needing` need a consent.

    Needs no join: the cameras of those kinds are a list, and it is named, so that a statement with several parts makes
    it once.
    """
    asked = sa.select(sa.select(cameras.c.no).where(cameras.c.kind.in_(needing)).cte("needing").c.no)
    missed = (
        sa.select(sa.literal(1))
        .where(consent_gaps.c.consent_no == consents.c.no)
        .where(consent_gaps.c.since <= started_at, started_at < consent_gaps.c.until)
        .correlate_except(consent_gaps)
        .exists()
    )
    covering = (
        sa.select(sa.literal(1))
        .where(
            consents.c.camera_no == camera_no,
            consents.c.for_events,
            consents.c.state == ConsentState.ACTIVE.value,
            consents.c.valid_from <= now,
            consents.c.valid_from <= started_at,
            *(
                sa.or_(end.is_(None), sa.and_(end > now, end > started_at))
                for end in (consents.c.valid_to, consents.c.reconfirm_by)
            ),
            sa.or_(
                consents.c.from_minute.is_(None),
                within_sql(local_second, consents.c.from_minute, consents.c.to_minute),
            ),
            ~missed,
        )
        .correlate_except(consents)
        .exists()
    )
    return sa.or_(camera_no.not_in(asked), covering)


def ends_at(one: Consent) -> datetime | None:
    """When a consent runs out, as things stand."""
    return min((at for at in (one.valid_to, one.reconfirm_by) if at is not None), default=None)


def in_force(one: Consent, now: datetime) -> bool:
    """Whether a consent holds now, hours and masks aside."""
    end = ends_at(one)
    return one.state is ConsentState.ACTIVE and one.valid_from <= now and (end is None or now < end)


def held(one: Consent, span: tuple[datetime, datetime]) -> list[tuple[datetime, datetime]]:
    """The parts of a span in which a consent held, hours aside; none of one that was not given, or was withdrawn."""
    if one.state not in GIVEN:
        return []
    end = min(at for at in (span[1], ends_at(one), one.stopped_at) if at is not None)
    left = [(max(span[0], one.valid_from), end)]
    for since, until in one.gaps:
        left = [part for begin, last in left for part in ((begin, min(last, since)), (max(begin, until), last))]
    return [(begin, last) for begin, last in left if begin < last]


def _held_at(one: Consent, at: datetime) -> bool:
    end = ends_at(one)
    return (
        one.state in GIVEN
        and one.valid_from <= at
        and (end is None or at < end)
        and (one.stopped_at is None or at < one.stopped_at)
        and not any(since <= at < until for since, until in one.gaps)
    )


def _hours(one: Consent, second: int) -> bool:
    return one.from_minute is None or one.to_minute is None or within(second, one.from_minute, one.to_minute)


_EVENTS = frozenset({ConsentScope.EVENTS})


def covers(given: Iterable[Consent], at: datetime, second: int, *, scopes: frozenset[ConsentScope] = _EVENTS) -> bool:
    """Whether what a camera showed at `at` (local second of day `second`) may be kept: events, or what `scopes` say."""
    return any(one.scopes & scopes and _held_at(one, at) and _hours(one, second) for one in given)


def still(given: Iterable[Consent], at: datetime, second: int, now: datetime, scope: ConsentScope) -> bool:
    """Whether what a camera showed at `at` (local second of day `second`) may be looked at now."""
    return any(
        scope in one.scopes and _held_at(one, at) and in_force(one, now) and _hours(one, second) for one in given
    )


def halt(
    given: Iterable[Consent],
    now: datetime,
    second: int,
    *,
    scopes: frozenset[ConsentScope] = PULLS,
    masks: Sequence[Polygon] | None = None,
) -> Reason | None:
    """Why a camera must not be pulled now, or not be used for `scopes`.

    No consent, outside its hours, or without a mask that it demands; `masks` are the scene's, None where no picture of
    the scene is asked for.
    """
    standing = [one for one in given if one.scopes & scopes and in_force(one, now)]
    if not standing:
        return Reason.NO_CONSENT
    timely = [one for one in standing if _hours(one, second)]
    if not timely:
        return Reason.OUTSIDE_HOURS
    if masks is not None and not any(within_masks(one.masks, masks) for one in timely):
        return Reason.MASKS_MISSING
    return None


async def asked(conn: AsyncConnection, store: Store, rows: Iterable[AnyRow]) -> dict[int, tuple[Consent, ...]]:
    """What owners agreed to, by camera number, of those of the cameras (`no`, `kind`) whose kind needs a consent.

    A camera that is not in it needs none. Those that were given and not taken back are told; where an incident stands
    declared, `incident` is `live`.
    """
    needing = [row.no for row in rows if store.policy.consent.needs(row.kind)]
    return await of_cameras(conn, needing, store.clock()) if needing else {}


async def of_cameras(conn: AsyncConnection, needing: Iterable[int], now: datetime) -> dict[int, tuple[Consent, ...]]:
    """`asked`, of cameras known to need a consent."""
    numbers = tuple(needing)
    wanted = SELECT.where(consents.c.camera_no.in_(numbers), consents.c.state.in_([one.value for one in GIVEN]))
    rows = (await conn.execute(wanted)).all()
    gaps = await gaps_of(conn, (row.no for row in rows)) if rows else {}
    declared = await _declared(conn, {row.camera_no for row in rows if row.for_incident})
    found: dict[int, tuple[Consent, ...]] = dict.fromkeys(numbers, ())
    for row in rows:
        one = of_row(row, gaps, now)
        if row.for_incident and row.camera_no in declared:
            one = replace(one, scopes=one.scopes | {ConsentScope.LIVE})
        found[row.camera_no] += (one,)
    return found


async def _declared(conn: AsyncConnection, numbers: set[int]) -> set[int]:
    """Cameras that an incident names, or whose village it does: one that goes on, and that somebody was put on."""
    if not numbers:
        return set()
    named = sa.or_(incidents.c.camera_no == cameras.c.no, incidents.c.village_no == cameras.c.village_no)
    wanted = (
        sa.select(cameras.c.no)
        .join(incidents, named)
        .where(cameras.c.no.in_(numbers), incidents.c.closed_at.is_(None), incidents.c.assigned_no.is_not(None))
    )
    return set(await conn.scalars(wanted))

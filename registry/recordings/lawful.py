"""Who may see which recordings: under a case or a patrol, in scope, and as the householder agreed.

What may be seen of a camera is a list of spans, within what the purpose reaches. Where the kind of camera needs its
owner's consent, footage is seen under one for clips that is in force now, held at the time of the footage, and whose
local hours cover it. Every read asks here, and what lasts asks again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, consents, masks, minors, purposes
from registry.approvals.earlier import EarlierAsk
from registry.approvals.grants import in_force
from registry.columns import AnyRow
from registry.errors import Denied, HubError, NotFound
from registry.model import Access, Consent, ConsentScope, PurposeKind
from registry.permissions import Permission, allow
from registry.reach import Reach
from registry.scope import in_scope
from registry.store import Store
from registry.tables import cameras, placements, places

Span = tuple[datetime, datetime]
"""From, and up to but not including."""

_KINDS = frozenset({PurposeKind.CASE, PurposeKind.PATROL})
_DAY = timedelta(days=1)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Visible:
    """A camera's row, and which parts of the span asked for may be seen of it; there is at least one.

    What it showed before `hidden_until` is left out, as it was recorded before a mask was drawn over part of it; what
    an approval lets be seen in this case is there.
    """

    camera: AnyRow
    spans: tuple[Span, ...]
    hidden_until: datetime | None = None

    def refusal(self, until: datetime) -> Denied:
        """Why nothing of what was recorded up to `until` may be seen."""
        return masks.bared() if self.hidden_until is not None and until <= self.hidden_until else not_agreed()


def require(store: Store, access: Access) -> Reach:
    """What a lawful look reaches. Raises Denied without the right or an open case or patrol of one's own."""
    allow(access.actor.user, Permission.SEE_RECORDINGS)
    reach = purposes.reach(store, access)
    if reach.kind not in _KINDS:
        raise Denied("recordings are seen under a case or a patrol; open one", code="purpose_kind")
    return reach


def refused(
    store: Store, access: Access, action: str, camera_ids: Collection[UUID], span: Span
) -> AbstractAsyncContextManager[None]:
    """A look at recordings goes on record when it is refused inside for all of its cameras."""
    return audit.refused(store, access, action, cameras=camera_ids, span=span, detail={"camera": list(camera_ids)})


async def visible(
    conn: AsyncConnection,
    store: Store,
    access: Access,
    camera_ids: Collection[UUID],
    span: Span,
    *,
    reach: timedelta = timedelta(0),
) -> dict[UUID, Visible | HubError]:
    """What may be seen of each camera now, or why nothing. Removed cameras are there too: their footage stays a while.

    It is the span that decides; what is told reaches beyond it by `reach`, for files that do. Raises Denied where it is
    so for all cameras: the right, the purpose, its times.
    """
    look = require(store, access)
    span, wide = look.cut(*span), look.cut(span[0] - reach, span[1] + reach)
    if span[0] >= span[1]:
        raise look.beyond()
    wanted = (
        sa.select(cameras, places.c.code, placements.c.near_minors)
        .join(places, places.c.no == cameras.c.village_no)
        .join(placements, placements.c.camera_no == cameras.c.no)
        .where(cameras.c.id.in_(tuple(camera_ids)), in_scope(places.c.code, look.known))
    )
    rows = {row.id: row for row in await conn.execute(wanted)}
    given = await consents.asked(conn, store, rows.values())
    found: dict[UUID, Visible | HubError] = {}
    for one in camera_ids:
        row = rows.get(one)
        if row is None:
            found[one] = NotFound("no such camera", code="camera_unknown")
            continue
        if not look.covers(row.code, row.id):
            found[one] = look.beyond()
            continue
        if (silent := minors.refusal(store.policy.placement, row, access.purpose)) is not None:
            found[one] = silent
            continue
        seen = agreed(given[row.no], wide, store.clock(), store.tz) if row.no in given else (wide,)
        until = masks.hidden_until(store, row.masked_since)
        if until is None:
            found[one] = Visible(row, seen) if within(seen, span) else not_agreed()
            continue
        shown = [(until, _LAST), *await _approved(conn, store, access, one)]
        kept = joined(part for some in shown for part in within(seen, some))
        refusal = masks.bared() if within(seen, span) else not_agreed()
        found[one] = Visible(row, kept, until) if within(kept, span) else refusal
    return found


async def _approved(conn: AsyncConnection, store: Store, access: Access, camera_id: UUID) -> list[Span]:
    """What of a camera, from before a mask was drawn over part of it, may be seen in the case looked under (L10)."""
    granted = await in_force(conn, EarlierAsk, access.actor.user, store.clock())
    asked = (one.asked for one in granted)
    return [one.span for one in asked if (one.camera_id, one.case_id) == (camera_id, access.purpose.case_id)]


def agreed(
    given: Iterable[Consent], span: Span, now: datetime, tz: tzinfo, *, scope: ConsentScope = ConsentScope.CLIP
) -> tuple[Span, ...]:
    """The parts of a span that a camera's consents let be seen now, in order, without overlap."""
    those = (one for one in given if scope in one.scopes and consents.in_force(one, now))
    found = [part for one in those for part in covered(one, span, tz)]
    return joined(found)


def within(spans: Sequence[Span], wanted: Span) -> tuple[Span, ...]:
    """What of `wanted` lies in the spans."""
    cut = ((max(begin, wanted[0]), min(end, wanted[1])) for begin, end in spans)
    return tuple((begin, end) for begin, end in cut if begin < end)


def not_agreed() -> Denied:
    """What is said where a householder's consent is missing, over, or for other hours."""
    return Denied("the owner has not agreed to recordings of that time; ask for a consent", code="recording_no_consent")


def covered(one: Consent, span: Span, tz: tzinfo) -> Iterable[Span]:
    """The parts of a span in which a consent held and that its local hours cover, whatever it agrees to."""
    return [part for stretch in consents.held(one, span) for part in _hours(one, stretch, tz)]


def _hours(one: Consent, span: Span, tz: tzinfo) -> Iterable[Span]:
    begin, end = span
    if one.from_minute is None or one.to_minute is None:
        return (span,)
    hours: list[Span] = []
    day = begin.astimezone(tz).date() - _DAY  # hours over midnight begin the day before
    while day <= end.astimezone(tz).date():
        until = day if one.from_minute < one.to_minute else day + _DAY
        hours.append(
            (
                datetime.combine(day, _at(one.from_minute), tz).astimezone(begin.tzinfo),
                datetime.combine(until, _at(one.to_minute), tz).astimezone(begin.tzinfo),
            )
        )
        day += _DAY
    return within(hours, (begin, end))


def _at(minute: int) -> time:
    return time(minute // 60, minute % 60)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same times in order, with no span that touches the one before it."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    return tuple(found)

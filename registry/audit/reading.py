"""Reading the register: rows by filters, and how many a day. Who reads is in it himself, before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from registry.audit.appending import append, describe
from registry.columns import AnyRow, from_ms
from registry.errors import FieldError, Invalid
from registry.inputs import Input, Moment, Short
from registry.model import Actor, AuditRow, PurposeKind, Role
from registry.permissions import Permission, allow
from registry.store import Store
from registry.tables import audit

MOST_DAYS = 92
DAYS = 30
"""How far back a count looks that is not told from when on."""
_STEP_MS = 900_000


class Sort(StrEnum):
    """Sorts of look: what somebody does who looks at cameras under a purpose."""

    SEARCH = "search"
    LIVE = "live"
    PLAYBACK = "playback"
    CLIP = "clip"
    PICTURE = "picture"


SORTS: Mapping[Sort, tuple[str, ...]] = {
    Sort.SEARCH: (
        "events.search", "events.histogram", "events.stream", "case.candidates", "case.gates", "case.decisions",
        "case.hops", "case.map",
        "motion.search", "motion.density",
    ),
    Sort.LIVE: ("live.open",),
    Sort.PLAYBACK: (
        "recording.list", "recording.play", "recording.read", "recording.frames", "still.list", "still.compare",
        "upload.look",
    ),
    Sort.CLIP: ("recording.export", "event.export"),
    Sort.PICTURE: (
        "events.get", "events.pictures", "events.snapshot", "events.still", "live.picture", "patrol.marks",
        "patrol.picture", "incident.picture", "bookmark.list", "bookmark.still",
    ),
}  # fmt: skip
"""The actions of each sort; any other action is no look, or says how one ended."""
SORT_OF: Mapping[str, Sort] = {action: sort for sort, actions in SORTS.items() for action in actions}


class AuditFilter(Input):
    """Which rows: of a span of time, by a user (his sign-in name), about a camera, under a case."""

    since: Moment | None = None
    until: Moment | None = None
    user: Short | None = None
    action: Short | None = None
    sort: Sort | None = None
    camera: UUID | None = None
    case: Short | None = None
    purpose: PurposeKind | None = None
    vain: bool = False
    """Only what found nothing, or was refused."""

    def told(self) -> dict[str, object]:
        """The filters but the span, for the row that says who read."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"since", "until", "cursor", "limit"})


class AuditQuery(AuditFilter):
    """Rows, newest first; `cursor` is the `next_cursor` of the page before."""

    cursor: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(100, ge=1, le=1000)


@dataclass(frozen=True, slots=True)
class Day:
    """How many rows a local day has, in all and by sort of look; the day is told by its first moment."""

    start: datetime
    rows: int
    by_sort: dict[Sort, int]


def conditions(query: AuditFilter) -> list[sa.ColumnElement[bool]]:
    """SQL of the filters."""
    found: list[sa.ColumnElement[bool]] = []
    if query.since is not None:
        found.append(audit.c.at >= query.since)
    if query.until is not None:
        found.append(audit.c.at < query.until)
    if query.user is not None:
        found.append(audit.c.user_name == query.user)
    if query.action is not None:
        found.append(audit.c.action == query.action)
    if query.sort is not None:
        found.append(audit.c.action.in_(SORTS[query.sort]))
    if query.camera is not None:
        found.append(sa.cast(audit.c.cameras, sa.Text).contains(str(query.camera)))
    if query.case is not None:
        found.append(audit.c.case_number == query.case)
    if query.purpose is not None:
        found.append(audit.c.purpose_kind == query.purpose.value)
    if query.vain:
        found += [audit.c.purpose_kind.is_not(None), audit.c.result_count == 0]
    return found


async def list_rows(store: Store, actor: Actor, query: AuditQuery | None = None) -> tuple[AuditRow, ...]:
    """Rows, newest first. Reading the register is itself written to it first."""
    allow(actor.user, Permission.READ_AUDIT)
    asked = query or AuditQuery()
    wanted = sa.select(audit).where(*conditions(asked)).order_by(audit.c.no.desc()).limit(asked.limit)
    if asked.cursor is not None:
        wanted = wanted.where(audit.c.no < asked.cursor)
    async with store.read() as conn:
        rows = tuple(_row(row) for row in await conn.execute(wanted))
    await on_record(store, actor, "audit.read", asked, len(rows), before=asked.cursor)
    return rows


async def days(store: Store, actor: Actor, query: AuditFilter) -> tuple[Day, ...]:
    """Counts by local day, oldest first; days without rows are left out. Raises Invalid for more than 92 days."""
    allow(actor.user, Permission.READ_AUDIT)
    asked = spanned(query, store.clock())
    step = (sa.type_coerce(audit.c.at, sa.BigInteger()) // _STEP_MS * _STEP_MS).label("step")
    counted = sa.select(step, audit.c.action, sa.func.count().label("rows")).where(*conditions(asked))
    async with store.read() as conn:
        rows = (await conn.execute(counted.group_by(step, audit.c.action))).all()
    found: dict[datetime, Day] = {}
    for row in rows:
        start = from_ms(row.step).astimezone(store.tz).replace(hour=0, minute=0, second=0, microsecond=0)
        day = found.get(start, Day(start, 0, {}))
        sort = SORT_OF.get(row.action)
        by_sort = day.by_sort if sort is None else {**day.by_sort, sort: day.by_sort.get(sort, 0) + row.rows}
        found[start] = Day(start, day.rows + row.rows, by_sort)
    await on_record(store, actor, "audit.count", asked, sum(day.rows for day in found.values()))
    return tuple(found[start] for start in sorted(found))


def spanned(query: AuditFilter, now: datetime) -> AuditFilter:
    """The filter with both ends of its span. Raises Invalid for one that runs backwards or is longer than 92 days."""
    until = query.until or max(now, query.since or now) + timedelta(seconds=1)
    since = query.since or until - timedelta(days=DAYS)
    if not since < until <= since + timedelta(days=MOST_DAYS):
        hint = f"give a span of at most {MOST_DAYS} days, with `since` before `until`"
        raise Invalid(hint, FieldError("until", "span_too_long", hint), code="audit_span", days=MOST_DAYS)
    return query.model_copy(update={"since": since, "until": until})


async def on_record(store: Store, actor: Actor, action: str, query: AuditFilter, count: int, **more: object) -> int:
    """Write who read what of the register; the row's number."""
    detail = describe(**query.told(), **more)
    cameras: Sequence[UUID] = () if query.camera is None else (query.camera,)
    async with store.write() as conn:
        span = (query.since, query.until)
        return await append(
            conn, actor, action, now=store.clock(), cameras=cameras, span=span, detail=detail, count=count
        )


def _row(row: AnyRow) -> AuditRow:
    return AuditRow(
        no=row.no,
        at=row.at,
        user=row.user_name,
        role=Role(row.role) if row.role else None,
        unit=row.unit,
        address=row.address,
        action=row.action,
        cameras=tuple(row.cameras),
        span_from=row.span_from,
        span_to=row.span_to,
        purpose_kind=PurposeKind(row.purpose_kind) if row.purpose_kind else None,
        case_number=row.case_number,
        reason=row.reason,
        detail=row.detail,
        result_count=row.result_count,
        consent_versions=tuple(row.consent_versions or ()),
        prev_hash=row.prev_hash,
        hash=row.hash,
    )

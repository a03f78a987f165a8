"""What in the register an auditor should ask about (L17): more than the policy's thresholds, of one user on one day.

A finding is no verdict: it names the rows, and somebody asks the person. Who looks at whose neighbour is not in the
data; that one householder's camera is looked at again and again is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from registry.audit.looks import Look, cameras_of, rows_of
from registry.audit.reading import SORT_OF, AuditFilter, Sort, on_record, spanned
from registry.columns import from_ms
from registry.daytime import second_of_day, within
from registry.inputs import Input, Moment, Short
from registry.model import Actor, Kind, PurposeKind
from registry.permissions import Permission, allow
from registry.policy import MisusePolicy
from registry.store import Store
from registry.tables import audit

REFUSED = "session.refused"
_MOST_ROWS = 20


class Sign(StrEnum):
    """What was too much."""

    MANY_LOOKS = "many_looks"
    MANY_CAMERAS = "many_cameras"
    OFF_HOURS = "off_hours"
    VAIN = "vain"
    ONE_HOUSEHOLDER = "one_householder"
    MANY_CLIPS = "many_clips"
    REFUSED_SIGN_IN = "refused_sign_in"
    CLOCK_BACK = "clock_back"


class MisuseQuery(Input):
    """Which span, by default the last 30 days, and whose looks."""

    since: Moment | None = None
    until: Moment | None = None
    user: Short | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to ask about: `count` of it on the local day that `day` begins, where `limit` is the policy's.

    `rows` are numbers of the first rows it rests on. `camera_id` is the householder's, where it is about one.
    """

    sign: Sign
    user: str
    unit: str
    day: datetime
    count: int
    limit: int
    camera_id: UUID | None
    camera_name: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What to ask about, newest first, and out of how many rows; `policy` are the thresholds it went by."""

    since: datetime
    until: datetime
    rows: int
    policy: MisusePolicy
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Day:
    """What one user did on one local day: the rows of each sign, and cameras."""

    unit: str = ""
    rows: dict[tuple[Sign, str], list[int]] = field(default_factory=dict)
    counts: dict[tuple[Sign, str], int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def note(self, sign: Sign, no: int, camera: str = "") -> None:
        key = sign, camera
        self.counts[key] = self.counts.get(key, 0) + 1
        if len(rows := self.rows.setdefault(key, [])) < _MOST_ROWS:
            rows.append(no)


async def misuse(store: Store, actor: Actor, query: MisuseQuery) -> Report:
    """The report; asking for it is itself written to the register. Raises Invalid for too long a span."""
    allow(actor.user, Permission.READ_AUDIT)
    asked, limits = spanned(AuditFilter(**query.model_dump()), store.clock()), store.policy.audit.misuse
    found: dict[tuple[str, date], _Day] = {}
    rows, before = 0, 0
    async for row in rows_of(store, asked, audit.c.action.in_((*SORT_OF, REFUSED))):
        rows += 1
        local = from_ms(row.at).astimezone(store.tz)
        one = found.setdefault((row.user, local.date()), _Day())
        one.unit = row.unit or one.unit
        if before - row.at > limits.clock_back_s * 1000:
            one.note(Sign.CLOCK_BACK, row.no)
        before = row.at
        _judge(one, row, limits, second_of_day(local, store.tz))
    householders = await _householders(store, found)
    findings = [
        Finding(sign, user, one.unit, _first(day, store), count, limit, *_camera(camera, householders), tuple(nos))
        for (user, day), one in found.items()
        for (sign, camera), count, limit, nos in _beyond(one, limits)
        if sign is not Sign.ONE_HOUSEHOLDER or camera in householders
    ]
    findings.sort(key=lambda one: (one.day, one.count / max(one.limit, 1)), reverse=True)
    await on_record(store, actor, "audit.misuse", asked, len(findings))
    since, until = asked.since or store.clock(), asked.until or store.clock()
    return Report(since, until, rows, limits, tuple(findings))


def _judge(one: _Day, row: Look, limits: MisusePolicy, second: int) -> None:
    """Note a row under every sign it counts for."""
    if row.action == REFUSED:
        one.note(Sign.REFUSED_SIGN_IN, row.no)
        return
    sort = SORT_OF[row.action]
    one.note(Sign.MANY_LOOKS, row.no)
    if row.count == 0 and sort is Sort.SEARCH:
        one.note(Sign.VAIN, row.no)
    if sort is Sort.CLIP:
        one.note(Sign.MANY_CLIPS, row.no)
    # A search names the cameras of what it found: that is no look at each of them.
    seen = () if sort is Sort.SEARCH else row.cameras
    for camera in seen:
        one.note(Sign.ONE_HOUSEHOLDER, row.no, camera)
    if row.purpose == PurposeKind.PATROL.value:
        return  # to look at many cameras, and at night, is what a patrol is for
    for camera in set(seen) - one.seen:
        one.seen.add(camera)
        one.note(Sign.MANY_CAMERAS, row.no)
    if within(second, limits.off_from_hour * 60, limits.off_to_hour * 60):
        one.note(Sign.OFF_HOURS, row.no)


def _beyond(one: _Day, limits: MisusePolicy) -> Iterator[tuple[tuple[Sign, str], int, int, list[int]]]:
    most = {
        Sign.MANY_LOOKS: limits.looks,
        Sign.MANY_CAMERAS: limits.cameras,
        Sign.OFF_HOURS: limits.off_hours,
        Sign.VAIN: limits.vain,
        Sign.ONE_HOUSEHOLDER: limits.one_householder,
        Sign.MANY_CLIPS: limits.clips,
        Sign.REFUSED_SIGN_IN: limits.refused_sign_ins,
        Sign.CLOCK_BACK: 0,
    }
    for key, count in one.counts.items():
        if count > most[key[0]]:
            yield key, count, most[key[0]], one.rows[key]


async def _householders(store: Store, found: dict[tuple[str, date], _Day]) -> dict[str, str]:
    """Names of the civilian cameras among those looked at."""
    named = {camera for one in found.values() for sign, camera in one.counts if sign is Sign.ONE_HOUSEHOLDER}
    return {one: row.name for one, row in (await cameras_of(store, named)).items() if row.kind == Kind.CIVILIAN.value}


def _camera(camera: str, names: dict[str, str]) -> tuple[UUID | None, str]:
    return (UUID(camera), names[camera]) if camera else (None, "")


def _first(day: date, store: Store) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=store.tz)

"""What a report tells of a case: what was reported, the cameras that were looked at and those that were not, and why.

Read from the case as it stands; nothing in it is of the moment of reading: the same state gives the same report.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, bookmarks, cases, motion, uploads
from registry.audit import verifying
from registry.bookmarks import Bookmark
from registry.cases import Case
from registry.cases.model import of_rows
from registry.casework import reported
from registry.casework.told import Report
from registry.columns import AnyRow, from_ms
from registry.errors import HubError
from registry.evidence.viewpoints import Viewpoint, viewpoints
from registry.model import Access
from registry.motion import Dark, Watches
from registry.pursuit import sightings
from registry.pursuit.sightings import Sighting
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import audit as audit_rows
from registry.tables import cameras, case_cameras, places, recording_gaps, segments, users
from registry.uploads import AcceptedUpload

READ = "report.read"
MOST_ROWS = 100_000
"""So many rows of the register at most; a case has some hundreds."""
MOST_CAMERAS = 300
"""So many cameras of a case's places are told of; those looked at, chosen or bookmarked always are."""
LOOKS = frozenset(
    {
        "bookmark.add", "case.candidates", "events.get", "events.pictures", "events.snapshot", "events.still",
        "live.open", "live.picture", "motion.search", "recording.export", "recording.frames", "recording.play",
        "still.compare", "still.list",
    }
)  # fmt: skip
"""What of the register shows that somebody saw what a camera saw."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A camera, and how it was looked at: so many looks, by whom, at which times of its own; or `why_not`.

    `dark` are the times of the case's window when nothing would have been seen of who passed, each with its reason:
    unknown, never nobody.
    `why_not`: `no_consent`, `not_recorded` (with the `causes` of its gaps), `not_yet`, `not_chosen` of what there is.
    """

    camera: Viewpoint
    looks: int
    by: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    dark: tuple[Dark, ...]
    chosen: bool
    why_not: str
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """All a report tells. `as_of` is when the newest row was written that it rests on.

    `reported` is what was told last, `amended` what was told before it, the newest first. `sightings` are starred
    passers and bookmarks of sightings, in time; `given` is what people sent in and the case took. `stills` says by
    bookmark where its picture is (node and key), or the code of why it may not be seen.
    """

    case: Case
    as_of: datetime
    reported: Report | None
    amended: tuple[Report, ...]
    cameras: tuple[Looked, ...]
    more: int
    bookmarks: tuple[Bookmark, ...]
    sightings: tuple[Sighting, ...]
    given: tuple[AcceptedUpload, ...]
    stills: Mapping[UUID, tuple[str, str] | str]
    rows: tuple[Mapping[str, Any], ...]
    people: Mapping[str, str]
    """How those are called who stand in it by the name they sign in with."""


async def read(store: Store, access: Access, case_id: UUID, *, index: Watches) -> Story:
    """A case's report as it stands, under the case itself; on record first. Raises NotFound, Denied."""
    async with audit.refused(store, access, READ), store.read() as conn:
        await bookmarks.under(conn, store, access, case_id)
        found = await told(conn, store, access, case_id, until=None, index=index)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            READ,
            now=store.clock(),
            cameras=bookmarks.abouts(found.bookmarks),
            purpose=access.purpose,
            count=len(found.bookmarks),
        )
    return found


async def told(
    conn: AsyncConnection, store: Store, access: Access, case_id: UUID, *, until: datetime | None, index: Watches
) -> Story:
    """The story up to a moment of the register, for a caller who is on record and may know of the case."""
    row = await cases.row_of(conn, case_id, access.actor)
    (case,) = await of_rows(conn, [row], store.clock())
    rows = await _rows(conn, case, until)
    marks = await bookmarks.of_case(conn, case_id)
    stills = await bookmarks.stills_of(conn, store, access, case_id)
    seen = _seen(rows)
    chosen = await _chosen(conn, case.no)
    about = [*seen, *chosen, *(one.camera_id for one in marks if one.camera_id is not None)]
    there, more = await _there(conn, case)
    listed = await viewpoints(conn, store, sorted({*about, *there}))
    without = await _without(conn, case, [one.id for one in listed if one.id not in seen])
    as_of = max((from_ms(one["at"]) for one in rows), default=case.opened_at)
    told_of = await _reported(conn, case.no, until)
    dark = await _dark(conn, case, [one.id for one in listed], as_of, index)
    trail = await sightings.of_case(conn, row)
    given = tuple(one for one in await uploads.accepted(conn, case.no) if until is None or one.accepted_at <= until)
    names = {
        *(one["user_name"] for one in rows),
        *(one.reported_by for one in told_of),
        *(one.author for one in marks),
        *(one.said_by for one in trail),
        *(one.accepted_by for one in given),
    }
    return Story(
        case=case,
        as_of=as_of,
        reported=told_of[0] if told_of else None,
        amended=told_of[1:],
        cameras=tuple(
            _looked(one, seen.get(one.id, []), dark.get(one.id, ()), without, chosen) for one in _in_order(listed)
        ),
        more=more,
        bookmarks=marks,
        sightings=trail,
        given=given,
        stills={key: one.code if isinstance(one, HubError) else one for key, one in stills.items()},
        rows=rows,
        people=await _people(conn, names),
    )


async def _people(conn: AsyncConnection, names: Collection[str]) -> Mapping[str, str]:
    wanted = sa.select(users.c.name, users.c.display_name).where(users.c.name.in_(names), users.c.display_name != "")
    return {row.name: row.display_name for row in await conn.execute(wanted.order_by(users.c.name))}


def _in_order(listed: Iterable[Viewpoint]) -> list[Viewpoint]:
    return sorted(listed, key=lambda one: (one.place_code, one.name, str(one.id)))


async def _rows(conn: AsyncConnection, case: Case, until: datetime | None) -> tuple[Mapping[str, Any], ...]:
    """What the register says of looks under the case; as it is hashed. Reports that were read say nothing new."""
    wanted = sa.select(*verifying.PLAIN).where(
        audit_rows.c.at >= case.opened_at, audit_rows.c.case_number == case.number, audit_rows.c.action != READ
    )
    if until is not None:
        wanted = wanted.where(audit_rows.c.at <= until)
    found = await conn.execute(wanted.order_by(audit_rows.c.no).limit(MOST_ROWS))
    return tuple(dict(row) for row in found.mappings())


def _seen(rows: Sequence[Mapping[str, Any]]) -> dict[UUID, list[Mapping[str, Any]]]:
    found: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["action"] not in LOOKS:
            continue
        refused = _refused(row["detail"])
        if isinstance(refused, str):
            continue
        for one in row["cameras"]:
            if one not in refused:
                found.setdefault(UUID(one), []).append(row)
    return found


def _refused(detail: str) -> str | Mapping[str, Any]:
    """What a row says was refused: a code of all of it, or codes by camera."""
    try:
        told = json.loads(detail).get("refused", {}) if detail else {}
    except ValueError:  # a long one is cut
        return {}
    return told if isinstance(told, str | dict) else {}


async def _reported(conn: AsyncConnection, case_no: int, until: datetime | None) -> tuple[Report, ...]:
    found = await reported.every(conn, case_no)
    return tuple(one for one in found if until is None or one.reported_at <= until)


async def _chosen(conn: AsyncConnection, case_no: int) -> frozenset[UUID]:
    wanted = sa.select(cameras.c.id).join(case_cameras, case_cameras.c.camera_no == cameras.c.no)
    return frozenset(await conn.scalars(wanted.where(case_cameras.c.case_no == case_no)))


async def _there(conn: AsyncConnection, case: Case) -> tuple[list[UUID], int]:
    """The cameras of the case's places, and how many more there are."""
    if not case.places:
        return [], 0
    wanted = (
        sa.select(cameras.c.id)
        .join(places, places.c.no == cameras.c.village_no)
        .where(
            in_scope(places.c.code, Scope(case.places)), cameras.c.removed_at.is_(None), cameras.c.kind != "wifi_probe"
        )
        .order_by(places.c.code, cameras.c.no)
    )
    found = list(await conn.scalars(wanted))
    return found[:MOST_CAMERAS], max(0, len(found) - MOST_CAMERAS)


async def _without(conn: AsyncConnection, case: Case, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Of cameras nobody looked at: those with nothing recorded in the case's window, with the causes of their gaps."""
    if case.starts_at is None or case.ends_at is None or not ids:
        return {}
    some = sa.exists().where(
        segments.c.camera_no == cameras.c.no,
        segments.c.started_at < case.ends_at,
        sa.or_(segments.c.ended_at.is_(None), segments.c.ended_at > case.starts_at),
    )
    found: dict[UUID, tuple[str, ...]] = {}
    rows: list[AnyRow] = list(
        (await conn.execute(sa.select(cameras.c.id, cameras.c.no).where(cameras.c.id.in_(ids), ~some))).all()
    )
    for row in rows:
        causes = (
            sa.select(recording_gaps.c.cause)
            .distinct()
            .where(
                recording_gaps.c.camera_no == row.no,
                recording_gaps.c.started_at < case.ends_at,
                recording_gaps.c.ended_at > case.starts_at,
            )
        )
        found[row.id] = tuple(sorted(await conn.scalars(causes)))
    return found


async def _dark(
    conn: AsyncConnection, case: Case, ids: Sequence[UUID], as_of: datetime, index: Watches
) -> dict[UUID, tuple[Dark, ...]]:
    """When in the case's window, as far as it is past, cameras were not analysed."""
    if case.starts_at is None or case.ends_at is None or case.starts_at >= as_of or not ids:
        return {}
    rows = (await conn.execute(sa.select(cameras.c.id, cameras.c.no).where(cameras.c.id.in_(ids)))).all()
    span = case.starts_at, min(case.ends_at, as_of)
    found = await motion.unwatched(conn, {row.no: row.id for row in rows}, span, as_of, index)
    return {row.id: tuple(found[row.no]) for row in rows}


def _looked(
    one: Viewpoint,
    rows: Sequence[Mapping[str, Any]],
    dark: tuple[Dark, ...],
    without: Mapping[UUID, tuple[str, ...]],
    chosen: frozenset[UUID],
) -> Looked:
    begins = [row["span_from"] for row in rows if row["span_from"] is not None]
    ends = [row["span_to"] for row in rows if row["span_to"] is not None]
    return Looked(
        camera=one,
        looks=len(rows),
        by=tuple(sorted({row["user_name"] for row in rows})),
        since=from_ms(min(begins)) if begins else None,
        until=from_ms(max(ends)) if ends else None,
        dark=dark,
        chosen=one.id in chosen,
        why_not="" if rows else _why_not(one, without, chosen),
        causes=without.get(one.id, ()) if not rows else (),
    )


def _why_not(one: Viewpoint, without: Mapping[UUID, tuple[str, ...]], chosen: frozenset[UUID]) -> str:
    if one.asks and one.consent is None:
        return "no_consent"
    if one.id in without:
        return "not_recorded"
    return "not_yet" if one.id in chosen else "not_chosen"

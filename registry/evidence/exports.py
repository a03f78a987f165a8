"""Exports that were made, and who had them in hand: made, fetched, handed over, purged. A new export is a new record.

Each step is a row of its own, written with its row of the register before anything leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, bookmarks, cases, recordings
from registry.approvals.export import ExportAsk
from registry.approvals.kinds import ASKED
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.evidence import custody
from registry.evidence.custody import Custody, CustodyStep, HandOver
from registry.evidence.gathering import Gathered
from registry.evidence.shown import Shown
from registry.inputs import invalid
from registry.model import Access, Actor
from registry.permissions import Permission, allow
from registry.store import Store
from registry.tables import approvals, exports

AHEAD = timedelta(minutes=5)
"""A hand-over is entered when it happened; clocks differ by so much."""
MOST = 200


@dataclass(frozen=True, slots=True)
class Made:
    """A pack that was written: its file's and its manifest's SHA-256, and the fingerprint of the key that signed."""

    id: UUID
    name: str
    node: str
    files: int
    bytes: int
    digest: str
    manifest: str
    key: str
    left_out: int
    shown: Shown


@dataclass(frozen=True, slots=True)
class Export:
    """A pack that was made: what was asked for, its digests, and its custody, the first step first.

    `left_out` counts stretches that were asked for and are not in it. It is fetched up to `kept_until`; `purged_at`:
    its file is gone.
    """

    id: UUID
    case_id: UUID
    approval_id: UUID
    asked: ExportAsk
    version: int
    name: str
    supersedes: UUID | None
    made_at: datetime
    made_by: str
    files: int
    bytes: int
    digest: str
    manifest: str
    key: str
    left_out: int
    kept_until: datetime
    purged_at: datetime | None
    custody: tuple[Custody, ...]


_SELECT = sa.select(exports, approvals.c.id.label("approval_id"), approvals.c.body).join(
    approvals, approvals.c.no == exports.c.approval_no
)


async def next_version(store: Store, about: Gathered) -> tuple[int, UUID | None]:
    """The number of the case's next export, and the one before it under the same approval."""
    async with store.read() as conn:
        last = await conn.scalar(sa.select(sa.func.max(exports.c.version)).where(exports.c.case_no == about.case.no))
        same = sa.select(exports.c.id).where(exports.c.approval_no == about.approval_no)
        before: UUID | None = await conn.scalar(same.order_by(exports.c.no.desc()).limit(1))
    return int(last or 0) + 1, before


async def record(
    store: Store, actor: Actor, about: Gathered, made: Made, *, version: int, supersedes: UUID | None
) -> Export:
    """Keep that a pack was made, with the first step of its custody."""
    now = store.clock()
    async with store.write() as conn:
        number = await conn.scalar(
            sa.insert(exports)
            .values(
                id=made.id,
                case_no=about.case.no,
                approval_no=about.approval_no,
                version=version,
                name=made.name,
                supersedes=supersedes,
                node=made.node,
                made_at=now,
                made_by=actor.user.name,
                files=made.files,
                bytes=made.bytes,
                digest=made.digest,
                manifest=made.manifest,
                key_name=made.key,
                shown=made.shown.kept(),
                left_out=made.left_out,
                kept_until=now + timedelta(days=store.policy.evidence.keep_days),
            )
            .returning(exports.c.no)
        )
        await custody.step(conn, actor, await _row(conn, exports.c.no == number), CustodyStep.MADE, now)
        return await _read(conn, about.case.id, exports.c.no == number)


async def list_for(store: Store, case_id: UUID, actor: Actor) -> tuple[Export, ...]:
    """A case's exports, the newest first. Raises NotFound for a case the actor may not know of."""
    async with store.read() as conn:
        row = await cases.row_of(conn, case_id, actor)
        wanted = _SELECT.where(exports.c.case_no == row.no).order_by(exports.c.no.desc()).limit(MOST)
        rows = (await conn.execute(wanted)).all()
        steps = await custody.of_exports(conn, [one.no for one in rows])
    return tuple(_export(one, case_id, steps.get(one.no, ())) for one in rows)


async def get(store: Store, export_id: UUID, actor: Actor) -> Export:
    """One export. Raises NotFound (export_unknown), also where the actor may not know of its case."""
    async with store.read() as conn:
        row, asked = await _known(conn, export_id, actor)
        return await _read(conn, asked.case_id, exports.c.no == row.no)


async def fetch(store: Store, access: Access, export_id: UUID) -> Export:
    """That an export's file is taken: in the register, and a step of its custody, before a byte of it.

    Raises as `still`.
    """
    await still(store, access, export_id)
    now = store.clock()
    async with store.write() as conn:
        row, asked = await _known(conn, export_id, access.actor)
        await custody.step(conn, access.actor, row, CustodyStep.FETCHED, now, access=access)
        return await _read(conn, asked.case_id, exports.c.no == row.no)


async def still(store: Store, access: Access, export_id: UUID) -> None:
    """Raise where an export may not be fetched now: unless all that its footage and pictures show may be seen.

    NotFound, Denied (right, another case, recording_no_consent, recorded_unmasked), Conflict (export_purged).
    """
    allow(access.actor.user, Permission.EXPORT)
    async with audit.refused(store, access, "export.fetched"):
        async with store.read() as conn:
            row, asked = await _known(conn, export_id, access.actor)
            if access.purpose.case_id != asked.case_id:
                raise Denied("look under the case it was made for", code="export_case")
            if row.purged_at is not None or row.kept_until <= store.clock():
                raise Conflict("its time here is over; make another", code="export_purged")
            shown = Shown.of(row.shown)
            await bookmarks.stills_still(conn, store, access, asked.case_id, shown.stills)
        for camera_id, spans in shown.spans.items():
            await recordings.still(store, access, camera_id, spans)


async def hand_over(store: Store, export_id: UUID, wanted: HandOver, actor: Actor) -> Export:
    """Enter that an export was handed over (移交登记). Raises NotFound, Denied, Invalid for a time it cannot be."""
    allow(actor.user, Permission.EXPORT)
    now = store.clock()
    async with store.write() as conn:
        row, asked = await _known(conn, export_id, actor)
        if not row.made_at - AHEAD <= wanted.handed_at <= now + AHEAD:
            raise invalid("handed_at", "interval", "it was handed over after it was made, and not in the future")
        values = wanted.model_dump(mode="python")
        await custody.step(conn, actor, row, CustodyStep.HANDED, now, values=values | {"medium": wanted.medium.value})
        return await _read(conn, asked.case_id, exports.c.no == row.no)


async def due(store: Store, node: str, *, limit: int = 50) -> tuple[UUID, ...]:
    """Exports whose file is to go."""
    wanted = sa.select(exports.c.id).where(
        exports.c.purged_at.is_(None), exports.c.kept_until <= store.clock(), exports.c.node == node
    )
    async with store.read() as conn:
        return tuple(await conn.scalars(wanted.order_by(exports.c.no).limit(limit)))


async def purged(store: Store, export_id: UUID, actor: Actor) -> None:
    """Write that an export's file goes, as its proof; before the file does."""
    now = store.clock()
    async with store.write() as conn:
        row = await _row(conn, exports.c.id == export_id)
        if row.purged_at is None:
            await conn.execute(sa.update(exports).where(exports.c.no == row.no).values(purged_at=now))
            await custody.step(conn, actor, row, CustodyStep.PURGED, now)


async def named(store: Store, node: str) -> frozenset[UUID]:
    """The exports whose files belong here."""
    wanted = sa.select(exports.c.id).where(exports.c.purged_at.is_(None), exports.c.node == node)
    async with store.read() as conn:
        return frozenset(await conn.scalars(wanted))


async def _known(conn: AsyncConnection, export_id: UUID, actor: Actor) -> tuple[AnyRow, ExportAsk]:
    row = (await conn.execute(_SELECT.where(exports.c.id == export_id))).one_or_none()
    asked = None if row is None else ASKED.validate_python(row.body)
    if row is None or not isinstance(asked, ExportAsk):
        raise unknown()
    try:
        await cases.row_of(conn, asked.case_id, actor)
    except NotFound as hidden:
        raise unknown() from hidden
    return row, asked


def unknown() -> NotFound:
    """What is said of an export that is not there, or of a case one may not know of."""
    return NotFound("no such export", code="export_unknown")


async def _row(conn: AsyncConnection, *wanted: sa.ColumnElement[bool]) -> AnyRow:
    return (await conn.execute(_SELECT.where(*wanted))).one()


async def _read(conn: AsyncConnection, case_id: UUID, *wanted: sa.ColumnElement[bool]) -> Export:
    row = await _row(conn, *wanted)
    return _export(row, case_id, (await custody.of_exports(conn, [row.no])).get(row.no, ()))


def _export(row: AnyRow, case_id: UUID, steps: tuple[Custody, ...]) -> Export:
    asked = ASKED.validate_python(row.body)
    if not isinstance(asked, ExportAsk):
        raise unknown()
    return Export(
        id=row.id,
        case_id=case_id,
        approval_id=row.approval_id,
        asked=asked,
        version=row.version,
        name=row.name,
        supersedes=row.supersedes,
        made_at=row.made_at,
        made_by=row.made_by,
        files=row.files,
        bytes=row.bytes,
        digest=row.digest,
        manifest=row.manifest,
        key=row.key_name,
        left_out=row.left_out,
        kept_until=row.kept_until,
        purged_at=row.purged_at,
        custody=steps,
    )

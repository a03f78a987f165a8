"""Writing events: an upsert that only a higher revision wins, so that any order and any repetition end the same."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents, forbidden
from registry.daytime import second_of_day
from registry.events.rows import DETAILS, to_event
from registry.model import Event, EventChange
from registry.store import Store
from registry.tables import cameras, events, labels

_CHUNK = 500
_KEY = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/[A-Za-z0-9_.-]*[A-Za-z0-9_-]")
_MAX_REVISION = 2**31 - 1
_MAX_POINTS = 64
_YEARS = range(2000, 2200)
_FIRST_ONLY = {"no", "id", "camera_no", "village_no", "started_at", "local_second", "received_at"}
"""An event keeps the village, the start and the arrival of its first revision."""
_PICTURE = {"snapshot", "snapshot_revision", "snapshot_bytes", "snapshot_at", "node"}
_STILL = {"still", "still_bytes", "still_at"}
"""Told by themselves: `registry.events.stills`."""
"""These follow the highest revision that brought a picture; all other columns the highest revision."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one change.

    `event` is what is stored now when the change altered it, else None. `refused` is camera_unknown, no_consent,
    other_camera, invalid, or forbidden: it names what the hub refuses to know of people (L11). `discard` are files, as
    (node, key), that no row names (any more): delete them.
    """

    id: UUID
    revision: int
    event: Event | None
    refused: str | None
    discard: tuple[tuple[str, str], ...]


def _flaw(change: EventChange) -> bool:
    """Whether a change is not what a worker of ours would send; one bad message must not hold up the others."""
    texts = (
        (change.rule_id, 64),
        (change.rule_name, 64),
        (change.label, 64),
        (change.direction or "", 16),
        (change.node, 64),
        (change.model, 64),
        (change.snapshot or "", 120),
    )
    box = (change.box.x0, change.box.y0, change.box.x1, change.box.y1)
    return (
        not 0 <= change.revision <= _MAX_REVISION
        or any(len(text) > most or "\x00" in text or not _encodes(text) for text, most in texts)
        or not all(math.isfinite(number) for number in (change.score, *box))
        or len(change.path) > _MAX_POINTS
        or not all(math.isfinite(share) for point in change.path for share in point)
        or any(at is not None and (at.tzinfo is None or at.year not in _YEARS) for at in _times(change))
        or (change.snapshot is not None and not _KEY.fullmatch(change.snapshot))
        or not 0 <= change.snapshot_bytes <= _MAX_REVISION
        or not -(2**62) < change.scene_revision < _MAX_REVISION
    )


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _times(change: EventChange) -> tuple[datetime | None, ...]:
    return change.started_at, change.updated_at, change.ended_at, change.snapshot_at


def _upsert(dialect: str) -> Any:
    """INSERT … ON CONFLICT: the two engines spell it alike, SQLAlchemy keeps one construct for each."""
    insert = postgresql.insert(events) if dialect == "postgresql" else sqlite.insert(events)
    new, old = insert.excluded, events.c
    newer, pictured = new.revision > old.revision, new.snapshot_revision > old.snapshot_revision
    changes = {
        column.name: sa.case((pictured if column.name in _PICTURE else newer, new[column.name]), else_=column)
        for column in events.columns
        if column.name not in _FIRST_ONLY | _STILL
    }
    return insert.on_conflict_do_update(index_elements=[old.id], set_=changes, where=sa.or_(newer, pictured))


_UPSERTS = {dialect: _upsert(dialect) for dialect in ("sqlite", "postgresql")}


async def _label_numbers(conn: AsyncConnection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    async def known() -> dict[tuple[str, str], int]:
        return {(row.label, row.label_group): row.no for row in await conn.execute(sa.select(labels))}

    found = await known()
    missing = sorted(wanted - found.keys())
    if not missing:
        return found
    insert = postgresql.insert(labels) if conn.dialect.name == "postgresql" else sqlite.insert(labels)
    rows = [{"label": label, "label_group": group} for label, group in missing]
    await conn.execute(insert.on_conflict_do_nothing(), rows)
    return await known()


async def _stored(conn: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """What is there of these events, locked until the transaction ends."""
    wanted = sa.select(
        events.c.id,
        events.c.camera_no,
        events.c.revision,
        events.c.snapshot_revision,
        events.c.snapshot,
        events.c.node,
    ).where(events.c.id.in_(ids))
    return {row.id: row for row in await conn.execute(wanted.order_by(events.c.id).with_for_update())}


def _values(change: EventChange, camera: Any, label_no: int, second: int, now: datetime) -> dict[str, Any]:
    return {
        "id": change.id,
        "revision": change.revision,
        "camera_no": camera.no,
        "village_no": camera.village_no,
        "label_no": label_no,
        "started_at": change.started_at,
        "local_second": second,
        "score": change.score,
        "kind": change.kind.value,
        "rule_id": change.rule_id,
        "rule_name": change.rule_name,
        "scene_revision": change.scene_revision,
        "x0": change.box.x0,
        "y0": change.box.y0,
        "x1": change.box.x1,
        "y1": change.box.y1,
        "direction": change.direction,
        "updated_at": change.updated_at,
        "ended_at": change.ended_at,
        "received_at": now,
        "snapshot": change.snapshot,
        "snapshot_revision": -1 if change.snapshot is None else change.revision,
        "snapshot_bytes": change.snapshot_bytes if change.snapshot is not None else 0,
        "snapshot_at": change.snapshot_at if change.snapshot is not None else None,
        "node": change.node,
        "model": change.model,
        "clock_offset_ms": change.clock_offset_ms,
        "path": change.path,
    }


async def record(store: Store, changes: Sequence[EventChange]) -> list[Recorded]:
    """Keep changes in one transaction; what was returned is committed. One result per change, in the same order.

    Of several changes of one event in the batch, the last to alter it carries the stored event.
    """
    results: list[Recorded] = []
    async with store.write() as conn:
        for start in range(0, len(changes), _CHUNK):
            results += await _record(conn, store, changes[start : start + _CHUNK])
    return results


async def _record(conn: AsyncConnection, store: Store, chunk: Sequence[EventChange]) -> list[Recorded]:
    now = store.clock()
    sound = [one for one in chunk if not _flaw(one) and forbidden.named((one.label, one.model)) is None]
    wanted = sa.select(cameras.c.id, cameras.c.no, cameras.c.kind, cameras.c.village_no).where(
        cameras.c.id.in_({change.camera_id for change in sound}), cameras.c.removed_at.is_(None)
    )
    known = {row.id: row for row in await conn.execute(wanted)}
    agreed = await consents.asked(conn, store, known.values())
    before = await _stored(conn, [change.id for change in sound])
    numbers = await _label_numbers(conn, {(change.label, change.group.value) for change in sound})

    refused: dict[int, str] = {}
    rows: list[dict[str, Any]] = []
    camera_of = {identity: row.camera_no for identity, row in before.items()}
    for at, change in enumerate(chunk):
        camera = known.get(change.camera_id)
        second = second_of_day(change.started_at, store.tz) if change.started_at.tzinfo else 0
        if _flaw(change):
            refused[at] = "invalid"
        elif forbidden.named((change.label, change.model)) is not None:
            refused[at] = "forbidden"
        elif camera is None:
            refused[at] = "camera_unknown"
        elif camera_of.setdefault(change.id, camera.no) != camera.no:
            refused[at] = "other_camera"
        elif camera.no in agreed and not consents.covers(agreed[camera.no], change.started_at, second):
            refused[at] = "no_consent"
        else:
            rows.append(_values(change, camera, numbers[change.label, change.group.value], second, now))
    if rows:
        # Locked in one order, whoever writes: PostgreSQL would find a deadlock in two batches that cross.
        rows.sort(key=lambda row: row["id"].bytes)
        await conn.execute(_UPSERTS[conn.dialect.name], rows)
    after = await _stored(conn, [row["id"] for row in rows])
    altered = {identity for identity, row in after.items() if _state(before.get(identity)) != _state(row)}
    shown = await _events(conn, altered)
    return _results(chunk, refused, before, after, shown)


def _state(row: Any) -> tuple[int, int] | None:
    return None if row is None else (row.revision, row.snapshot_revision)


async def _events(conn: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Event]:
    wanted = tuple(ids)
    if not wanted:
        return {}
    return {row.id: to_event(row) for row in await conn.execute(DETAILS.where(events.c.id.in_(wanted)))}


def _results(
    chunk: Sequence[EventChange],
    refused: dict[int, str],
    before: dict[UUID, Any],
    after: dict[UUID, Any],
    shown: dict[UUID, Event],
) -> list[Recorded]:
    """One result per change; a file nobody names goes with the change that brought or replaced it."""
    results: list[Recorded] = []
    for at, change in reversed(list(enumerate(chunk))):
        discard: list[tuple[str, str]] = []
        kept = after.get(change.id) or before.get(change.id)
        named = (kept.node, kept.snapshot) if kept is not None else None
        event = shown.pop(change.id, None) if at not in refused else None
        old = before.get(change.id)
        if event is not None and old is not None and old.snapshot is not None and (old.node, old.snapshot) != named:
            discard.append((old.node, old.snapshot))
        if change.snapshot is not None and _KEY.fullmatch(change.snapshot) and (change.node, change.snapshot) != named:
            discard.append((change.node, change.snapshot))
        results.append(Recorded(change.id, change.revision, event, refused.get(at), tuple(discard)))
    return results[::-1]

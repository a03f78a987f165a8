"""What the workers say of their cameras: the present state with its reason, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from registry.columns import Instant
from registry.errors import NotFound
from registry.model import Reason, State, StatusChange
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import camera_status, cameras, places
from registry.tables import status_history as history


@dataclass(frozen=True, slots=True)
class StatusAt:
    """One state of a camera's past, and since when."""

    state: State
    reason: Reason | None
    detail: str
    since: datetime


_MEASURED = ("codec", "width", "height", "fps", "last_frame_at")
"""What a report may leave out: then the last known value stays."""


async def record_status(store: Store, changes: Sequence[StatusChange]) -> None:
    """Keep the states as reported, in the order given; a new state or reason is added to the history.

    Unknown cameras are passed over: they were removed meanwhile.
    """
    if not changes:
        return
    ids = {change.camera_id for change in changes}
    async with store.write() as conn:
        known = sa.select(cameras.c.id, cameras.c.no, camera_status).outerjoin(
            camera_status, camera_status.c.camera_no == cameras.c.no
        )
        now: dict[UUID, dict[str, Any]] = {
            row.id: row._asdict() for row in await conn.execute(known.where(cameras.c.id.in_(ids)))
        }
        past: list[dict[str, Any]] = []
        for change in changes:
            row = now.get(change.camera_id)
            if row is None:
                continue
            state = {
                "state": change.state.value,
                "reason": change.reason.value if change.reason else None,
                "detail": change.detail.replace("\x00", "")[:200],
                "since": change.since,
            }
            if (row["state"], row["reason"]) != (state["state"], state["reason"]):
                past.append({"camera_no": row["no"], **state})
            told = {name: value for name in _MEASURED if (value := getattr(change, name)) is not None}
            row.update(state, **told)
        columns = [column.name for column in camera_status.columns if column.name != "camera_no"]
        told_of = [row for row in now.values() if row["state"] is not None]
        fresh = [
            {"camera_no": row["no"], **{name: row[name] for name in columns}}
            for row in told_of
            if row["camera_no"] is None
        ]
        known_rows = [
            {"about": row["no"], **{name: row[name] for name in columns}}
            for row in told_of
            if row["camera_no"] is not None
        ]
        # One call each, however many cameras: a thousand come up at once when a hub starts.
        if fresh:
            await conn.execute(sa.insert(camera_status), fresh)
        if known_rows:
            by_camera = sa.update(camera_status).where(camera_status.c.camera_no == sa.bindparam("about"))
            await conn.execute(by_camera.values({name: sa.bindparam(name) for name in columns}), known_rows)
        if past:
            await conn.execute(sa.insert(history), past)


async def status_history(store: Store, camera_id: UUID, scope: Scope, *, limit: int = 100) -> tuple[StatusAt, ...]:
    """A camera's last states, newest first. Raises NotFound outside the scope."""
    camera = (
        sa.select(cameras.c.no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id == camera_id, cameras.c.removed_at.is_(None), in_scope(places.c.code, scope))
    )
    async with store.read() as conn:
        number = await conn.scalar(camera)
        if number is None:
            raise NotFound("no such camera", code="camera_unknown")
        wanted = (
            sa.select(history)
            .where(history.c.camera_no == number)
            .order_by(history.c.no.desc())
            .limit(min(limit, 1000))
        )
        return tuple(
            StatusAt(State(row.state), Reason(row.reason) if row.reason else None, row.detail, row.since)
            for row in await conn.execute(wanted)
        )


async def forget_states(store: Store) -> None:
    """Show every camera as idle: a hub starts, and what its predecessor last said of them is no longer so."""
    told = camera_status.c.state != State.IDLE.value
    now = store.clock()
    past = sa.select(
        camera_status.c.camera_no, sa.literal(State.IDLE.value), sa.literal(""), sa.literal(now, Instant)
    ).where(told)
    async with store.write() as conn:
        await conn.execute(sa.insert(history).from_select(["camera_no", "state", "detail", "since"], past))
        await conn.execute(
            sa.update(camera_status).where(told).values(state=State.IDLE.value, reason=None, detail="", since=now)
        )


async def count_states(store: Store) -> dict[tuple[State, Reason | None], int]:
    """How many cameras are in each state, by reason; one that no worker told of yet is idle."""
    state = sa.func.coalesce(camera_status.c.state, State.IDLE.value).label("state")
    counted = (
        sa.select(state, camera_status.c.reason, sa.func.count().label("cameras"))
        .select_from(cameras.outerjoin(camera_status, camera_status.c.camera_no == cameras.c.no))
        .where(cameras.c.removed_at.is_(None))
        .group_by(state, camera_status.c.reason)
    )
    async with store.read() as conn:
        return {
            (State(row.state), Reason(row.reason) if row.reason else None): row.cameras
            for row in await conn.execute(counted)
        }

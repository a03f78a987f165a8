"""What the workers say of their cameras: the present state with its reason, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow, Instant
from registry.errors import NotFound
from registry.model import NOT_DUE, PictureFault, Reason, RecordFault, State, StatusChange
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
    picture: PictureFault | None
    recording: RecordFault | None


_MEASURED = ("codec", "width", "height", "fps", "last_frame_at")
"""What a report may leave out: then the last known value stays."""
KEPT_DAYS = 400
"""How long the history goes back: the online rate of a year, and of the month a year ago."""
MOST_KEPT = 20_000
"""Most rows of history of one camera: one that comes and goes every minute is remembered for a week at least."""
_STEPS = (State.IDLE, State.CONNECTING, State.WAITING_KEYFRAME)
"""States on the way up: while a camera is down they are no news, and the history passes over them."""


async def record_status(store: Store, changes: Sequence[StatusChange]) -> None:
    """Keep the states as reported, in the order given; what is news of it is added to the history.

    News is another state, reason or fault of the picture or the recording; not the steps by which a camera that is down
    tries to come up. Unknown cameras are passed over: they were removed meanwhile.
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
        kept = await _last_kept(conn, [row["no"] for row in now.values()])
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
                "picture": change.picture.value if change.picture else None,
                "recording": change.recording.value if change.recording else None,
            }
            last = kept.get(row["no"])
            if _is_news(last, change):
                kept[row["no"]] = told = change.state, change.reason, change.picture, change.recording
                # The picture's fault comes and goes while the state stays: what is new began with the later of both.
                began = max(change.since, change.picture_since or change.since)
                if last is not None and last[:3] == told[:3]:
                    began = store.clock()  # since when a recording fails nobody says: since now
                past.append({"camera_no": row["no"], **state, "since": began})
            measured = {name: value for name in _MEASURED if (value := getattr(change, name)) is not None}
            row.update(state, picture_since=change.picture_since if change.picture else None, **measured)
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


_Kept = tuple[State, Reason | None, PictureFault | None, RecordFault | None]


def _is_news(last: _Kept | None, change: StatusChange) -> bool:
    if last is None:
        return True
    trying = change.state in _STEPS and change.reason is None
    down = last[0] is not State.LIVE and last[1] not in NOT_DUE
    return not (trying and down) and last != (change.state, change.reason, change.picture, change.recording)


async def _last_kept(conn: AsyncConnection, numbers: Sequence[int]) -> dict[int, _Kept]:
    newest = sa.select(sa.func.max(history.c.no)).where(history.c.camera_no.in_(numbers)).group_by(history.c.camera_no)
    rows = await conn.execute(sa.select(history).where(history.c.no.in_(newest)))
    return {row.camera_no: (State(row.state), _reason(row), _picture(row), _recording(row)) for row in rows}


def _reason(row: AnyRow) -> Reason | None:
    return Reason(row.reason) if row.reason else None


def _picture(row: AnyRow) -> PictureFault | None:
    return PictureFault(row.picture) if row.picture else None


def _recording(row: AnyRow) -> RecordFault | None:
    return RecordFault(row.recording) if row.recording else None


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
            StatusAt(State(row.state), _reason(row), row.detail, row.since, _picture(row), _recording(row))
            for row in await conn.execute(wanted)
        )


async def forget_states(store: Store, since: datetime | None = None) -> None:
    """Show every camera as idle: a hub starts, and what its predecessor last said of them is no longer so.

    It was no longer so `since` then: when a hub was last seen running (now, when nothing is known of one).
    """
    told = camera_status.c.state != State.IDLE.value
    now = since or store.clock()
    past = sa.select(
        camera_status.c.camera_no, sa.literal(State.IDLE.value), sa.literal(""), sa.literal(now, Instant)
    ).where(told)
    async with store.write() as conn:
        await conn.execute(sa.insert(history).from_select(["camera_no", "state", "detail", "since"], past))
        await conn.execute(
            sa.update(camera_status)
            .where(told)
            .values(
                state=State.IDLE.value,
                reason=None,
                detail="",
                since=now,
                picture=None,
                picture_since=None,
                recording=None,
            )
        )


async def expire_history(store: Store, *, limit: int) -> int:
    """Delete up to `limit` rows of history that are too old or too many; returns how many went.

    Of what is too old each camera's last row stays: it says how the time after it began.
    """
    before = store.clock() - timedelta(days=KEPT_DAYS)
    later = history.alias()
    replaced = sa.exists().where(
        later.c.camera_no == history.c.camera_no, later.c.no > history.c.no, later.c.since <= before
    )
    old = sa.select(history.c.no).where(history.c.since <= before, replaced).order_by(history.c.since).limit(limit)
    many = sa.select(history.c.camera_no).group_by(history.c.camera_no).having(sa.func.count() > MOST_KEPT).limit(1)
    async with store.read() as conn:
        gone = list(await conn.scalars(old))
        if not gone and (camera := await conn.scalar(many)) is not None:
            own = history.c.camera_no == camera
            first_kept = sa.select(history.c.no).where(own).order_by(history.c.no.desc()).offset(MOST_KEPT - 1).limit(1)
            beyond = sa.select(history.c.no).where(own, history.c.no < first_kept.scalar_subquery())
            gone = list(await conn.scalars(beyond.order_by(history.c.no).limit(limit)))
    if gone:
        async with store.write() as conn:
            await conn.execute(sa.delete(history).where(history.c.no.in_(gone)))
    return len(gone)


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

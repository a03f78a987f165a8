"""What a worker should do: one order per camera of its share, with the reason where it must not pull."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from registry import consents, devices, placement, scenes
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.errors import Corrupt
from registry.model import Kind, Reason, Stream
from registry.policy import PlacementPolicy
from registry.recordings import policy as recording
from registry.recordings.model import RecordOrder, RecordPolicy
from registry.store import Store
from registry.tables import cameras, placements
from registry.tables import devices as device_rows
from registry.tables import scenes as scene_rows
from registry.vault import Vault


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """All a worker needs to watch one camera: nothing else of the registry reaches it.

    `url` is the stream that is analysed, `stream` says which it is; `main_url` is the main stream where that is another
    one and may be pulled (a masked camera has no unmasked path). URLs hold no credentials. `halt` is the reason not to
    pull now, or None; it and `record` are evaluated when the order is read (disabled, no video, placement, no consent,
    outside hours, masks missing).
    """

    camera_no: int
    camera_id: UUID
    name: str
    url: str
    username: str
    password: str = field(repr=False)
    tier: str
    halt: Reason | None
    scene_revision: int
    scene: dict[str, object]
    clock_offset_ms: int | None
    stream: Stream
    main_url: str | None
    record: RecordOrder


_SELECT = (
    sa.select(
        cameras.c.no,
        cameras.c.id,
        cameras.c.name,
        cameras.c.kind,
        cameras.c.enabled,
        cameras.c.main_url,
        cameras.c.sub_url,
        cameras.c.record_mode,
        cameras.c.record_stream,
        cameras.c.tier,
        cameras.c.scene_revision,
        scene_rows.c.body,
        device_rows.c.id.label("device_id"),
        device_rows.c.host,
        device_rows.c.username,
        device_rows.c.password_sealed,
        device_rows.c.clock_offset_ms,
        *(placements.c[name] for name in placement.RULED),
    )
    .join(device_rows, device_rows.c.no == cameras.c.device_no)
    .join(placements, placements.c.camera_no == cameras.c.no)
    .outerjoin(
        scene_rows,
        sa.and_(scene_rows.c.camera_no == cameras.c.no, scene_rows.c.revision == cameras.c.scene_revision),
    )
    .where(cameras.c.removed_at.is_(None))
    .order_by(cameras.c.no)
)


def _halt(law: PlacementPolicy, row: AnyRow, now: datetime) -> Reason | None:
    """Why it is not pulled, consent aside."""
    if not row.enabled:
        return Reason.DISABLED
    if row.kind == Kind.WIFI_PROBE.value or not (row.sub_url or row.main_url):
        return Reason.NO_VIDEO
    return Reason.PLACEMENT if placement.halted(law, Kind(row.kind), row, now) else None


async def orders(
    store: Store, vault: Vault, share: int, shares: int, *, policy: RecordPolicy, now: datetime | None = None
) -> list[WatchOrder]:
    """The orders of every camera with `no % shares == share`, by number; those with `halt` too.

    The sub-stream is watched where there is one. A password that cannot be unsealed halts its camera with `error`; a
    halted camera's order carries no password.
    """
    at = now or store.clock()
    second = second_of_day(at, store.tz)
    async with store.read() as conn:
        rows = (await conn.execute(_SELECT.where(cameras.c.no % shares == share))).all()
        agreed = await consents.asked(conn, store, rows)
    found = []
    for row in rows:
        scene = row.body if row.body is not None else scenes.DEFAULT_SCENE.as_json()
        masks, given = scenes.masks_of(scene), agreed.get(row.no)
        halt, password = _halt(store.policy.placement, row, at), ""
        if halt is None and given is not None:
            halt = consents.halt(given, at, second, masks=masks)
        if halt is None:
            try:
                password = devices.open_sealed(vault, row)
            except Corrupt:
                halt = Reason.ERROR
        found.append(
            WatchOrder(
                camera_no=row.no,
                camera_id=row.id,
                name=row.name,
                url=row.sub_url or row.main_url or "",
                username=row.username,
                password=password,
                tier=row.tier,
                halt=halt,
                scene_revision=row.scene_revision,
                scene=scene,
                clock_offset_ms=row.clock_offset_ms,
                stream="sub" if row.sub_url else "main",
                main_url=row.main_url if row.sub_url and not masks else None,
                record=recording.order_of(policy, row, masks=masks, given=given, now=at, second=second),
            )
        )
    return found

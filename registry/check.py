"""The fsck of the registry: rows against files, the audit's chain, and what SQL alone cannot promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, scenes
from registry.errors import Invalid
from registry.inputs import parse
from registry.model import Kind
from registry.store import Store
from registry.tables import bookmarks, cameras, events, patrol_marks, placements
from registry.tables import scenes as scene_rows

_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Report:
    """What does not fit. `missing` are keys a row names without a file, `orphans` files no row names; both sorted.

    `broken` is the first row where the audit's chain does not hold. `faults` are sentences about single records.
    """

    events: int
    files: int
    missing: tuple[str, ...]
    orphans: tuple[str, ...]
    broken: audit.Broken | None
    faults: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing lawful is lost: an orphan is swept at the next start and breaks no promise."""
        return not self.missing and self.broken is None and not self.faults


async def compare(store: Store, keys: Iterable[str], node: str) -> Report:
    """Compare the pictures that rows name on `node` with the files there are (`keys`), and check what hangs together.

    Run it while nothing writes, or expect the newest files as orphans.
    """
    async with store.read() as conn:
        return await compare_in(conn, keys, node)


async def compare_in(conn: AsyncConnection, keys: Iterable[str], node: str) -> Report:
    """The same inside a transaction."""
    files = set(keys)
    count = len(files)
    missing: list[str] = []
    last = 0
    faults = [*await _camera_faults(conn), *await _scene_faults(conn)]
    while True:
        batch = (
            sa.select(events.c.no, events.c.snapshot, events.c.still)
            .where(
                events.c.no > last,
                sa.or_(events.c.snapshot.is_not(None), events.c.still.is_not(None)),
                events.c.node == node,
            )
            .order_by(events.c.no)
            .limit(_BATCH)
        )
        rows = (await conn.execute(batch)).all()
        if not rows:
            break
        last = rows[-1].no
        keys = [key for row in rows for key in (row.snapshot, row.still) if key is not None]
        missing += [key for key in keys if key not in files]
        files.difference_update(keys)
    marked = sa.select(patrol_marks.c.snapshot).where(patrol_marks.c.snapshot.is_not(None), patrol_marks.c.node == node)
    signs = sa.select(placements.c.sign).where(placements.c.sign.is_not(None), placements.c.node == node)
    noted = sa.select(bookmarks.c.still).where(bookmarks.c.still.is_not(None), bookmarks.c.node == node)
    kept = {*await conn.scalars(marked), *await conn.scalars(signs), *await conn.scalars(noted)}
    missing += kept - files
    files -= kept
    seen = int(await conn.scalar(sa.select(sa.func.count()).select_from(events)) or 0)
    broken = await audit.verify_in(conn)
    return Report(seen, count, tuple(sorted(missing)), tuple(sorted(files)), broken, tuple(faults))


async def _camera_faults(conn: AsyncConnection) -> list[str]:
    """Cameras whose scene revision is not there, and WiFi probes with a stream."""
    there = sa.and_(scene_rows.c.camera_no == cameras.c.no, scene_rows.c.revision == cameras.c.scene_revision)
    lost = sa.select(cameras.c.id).where(
        cameras.c.scene_revision > 0, ~sa.select(sa.literal(1)).select_from(scene_rows).where(there).exists()
    )
    streaming = sa.select(cameras.c.id).where(
        cameras.c.kind == Kind.WIFI_PROBE.value, sa.or_(cameras.c.main_url.is_not(None), cameras.c.sub_url.is_not(None))
    )
    return [
        *(f"camera {one}: its scene is missing; put it again" for one in await conn.scalars(lost)),
        *(f"camera {one}: a WiFi probe has a stream; take its URLs away" for one in await conn.scalars(streaming)),
    ]


async def _scene_faults(conn: AsyncConnection) -> list[str]:
    """Scenes in use that this program would refuse."""
    used = sa.select(cameras.c.id, scene_rows.c.body).join(
        scene_rows,
        sa.and_(scene_rows.c.camera_no == cameras.c.no, scene_rows.c.revision == cameras.c.scene_revision),
    )
    faults = []
    for row in await conn.execute(used):
        try:
            parse(scenes.Scene, row.body)
        except Invalid as err:
            faults.append(f"camera {row.id}: its scene is refused: {err.hint}")
    return faults

"""Writers at the same moment: on PostgreSQL each waits for the others in one order, so that none stands in a ring."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import cameras, consents, devices, recordings, scenes
from registry.model import Camera, Kind
from registry.recordings import trimming
from registry.scenes import Scene
from registry.store import raise_revision
from registry.tables import cameras as camera_rows
from registry.tables import consents as consent_rows
from registry.tables import devices as device_rows
from registry.tables import segments
from registry.users import CONSOLE
from tests.registry.county import NOON, County
from tests.registry.recordings_of import segment

WAITING = sa.text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database OR pg_locks.database IS NULL"
    " WHERE NOT granted AND datname = current_database()"
)


async def _withdraw(county: County, camera: Camera) -> None:
    (given,) = await consents.list_for(county.store, camera.id, scope=cameras.scope.EVERYTHING)
    await consents.withdraw(county.store, given.id, CONSOLE)


CHANGES: dict[str, Callable[[County, Camera], Awaitable[object]]] = {
    "a clock": lambda county, camera: devices.set_clock_offset(county.store, camera.device_id, 7),
    "a scene": lambda county, camera: scenes.put(county.store, camera.id, Scene(), CONSOLE),
    "a removal": lambda county, camera: cameras.remove(county.store, camera.id, CONSOLE),
    "a consent": _withdraw,
}


async def _waits(conn: AsyncConnection) -> None:
    """Until somebody waits for a lock."""
    async with asyncio.timeout(30):
        while not await conn.scalar(WAITING):
            await asyncio.sleep(0.01)


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("what", CHANGES)
async def test_who_waits_for_the_revision_holds_nothing_another_needs(county: County, what: str) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN)
    await county.consent(camera)
    async with county.store.write() as conn:
        await raise_revision(conn)
        other = asyncio.ensure_future(CHANGES[what](county, camera))
        await _waits(conn)
        for table in (camera_rows, device_rows, consent_rows):
            await conn.execute(sa.select(table.c.no).with_for_update(nowait=True))
    await other


@pytest.mark.postgres
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_who_waits_for_the_gaps_holds_no_segment(county: County) -> None:
    camera = await county.camera()
    await recordings.record(county.store, [segment(camera, NOON, None)])
    async with county.store.write() as conn:
        await trimming.alone(conn)
        other = asyncio.ensure_future(recordings.record(county.store, [segment(camera, NOON, 60)]))
        await _waits(conn)
        await conn.execute(sa.select(segments.c.no).with_for_update(nowait=True))
    await other

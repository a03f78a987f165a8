"""Segments' files against what their rows promise: there, of the right size and, looked at closely, the same bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from camera_hub.recording.files import Name
from camera_hub.recording.shelf import Shelf
from camera_hub.recording.sweep import day_name, day_number
from registry.recordings import damage, inventory
from registry.recordings.inventory import Filed
from registry.recordings.model import Damage
from registry.store import Store


@dataclass(frozen=True, slots=True)
class Checked:
    """One segment: what is wrong with its file now, None where nothing is."""

    row: Filed
    damage: Damage | None


async def verify(
    store: Store, shelf: Shelf, node: str, *, since: datetime | None = None, deep: bool = True
) -> AsyncIterator[tuple[Checked, ...]]:
    """Every closed segment of a node in batches; `deep` reads its bytes and compares their digest. Changes nothing."""
    async for rows in inventory.whole(store, node, since):
        yield await asyncio.to_thread(_all, shelf, rows, deep=deep)


def _all(shelf: Shelf, rows: Sequence[Filed], *, deep: bool) -> tuple[Checked, ...]:
    return tuple(_checked(shelf, row, deep=deep) for row in rows)


def _checked(shelf: Shelf, row: Filed, *, deep: bool) -> Checked:
    name = name_of(row)
    file = shelf.look(name)
    if file is None:
        return Checked(row, Damage.MISSING)
    if file.size != row.bytes:
        return Checked(row, Damage.CORRUPT)
    try:
        differs = deep and shelf.digest(name) != row.digest
    except OSError:  # a bad sector: what cannot be read is not what was written
        differs = True
    return Checked(row, Damage.CORRUPT if differs else None)


async def keep(store: Store, found: tuple[Checked, ...]) -> None:
    """Mark what verifying found: corrupt, gone, or back again. That a file was cut stays said."""
    for wrong in (Damage.CORRUPT, Damage.MISSING, None):
        those = [
            one.row.no
            for one in found
            if one.damage is wrong and one.row.damage is not wrong and (wrong or one.row.damage is not Damage.CUT)
        ]
        await damage.mark(store, those, wrong)


async def orphans(store: Store, shelf: Shelf, node: str) -> AsyncIterator[Name]:
    """Files that no row names."""
    for day in await asyncio.to_thread(shelf.days):
        number = day_number(day)
        if number is None or day != day_name(number):
            continue
        for camera in await asyncio.to_thread(shelf.cameras, day):
            names = await asyncio.to_thread(shelf.names, day, camera)
            rows = await inventory.folder(store, node, UUID(camera), number)
            for name in names:
                if (name.stream, name.milliseconds) not in rows:
                    yield name


def name_of(row: Filed) -> Name:
    """What names a row's file."""
    return Name(row.camera_id, row.stream, row.started_at)

"""Anchors: one a local day, chained, never over a register that does not fit the last one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from camera_hub.anchors import Anchors, kept
from camera_hub.faults import Faults
from registry import audit
from registry.errors import Corrupt
from registry.store import Store
from registry.tables import audit as rows
from registry.tables import audit_head
from registry.users import CONSOLE
from tests.registry.county import Clock
from tests.registry.tamper import unguard


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(registry_url: str, clock: Clock) -> AsyncIterator[Store]:
    opened = await Store.open(registry_url, clock=clock)
    yield opened
    await opened.close()


async def write(store: Store, clock: Clock, count: int = 3) -> None:
    for _ in range(count):
        async with store.write() as conn:
            await audit.append(conn, CONSOLE, "test", now=clock())


async def test_one_a_local_day(store: Store, clock: Clock, tmp_path: Path) -> None:
    folder = tmp_path / "away" / "anchors"
    anchors = Anchors(store, folder, Faults(), clock)
    first = await anchors.round()
    assert first == folder / "2026-11-23.json"
    assert await anchors.round() is None
    await write(store, clock)
    clock.turn(hours=12)  # 24:00 in the villages, still the day before in UTC
    second = await anchors.round()
    assert second == folder / "2026-11-24.json"
    one, two = kept(folder)
    assert (one.no, two.no, two.previous) == (0, 3, one.sha256)
    assert two.at == "2026-11-24T00:00:00+08:00"
    assert [file.name for file in folder.iterdir() if file.suffix != ".json"] == []
    found = await audit.examine(store, kept(folder))
    assert (found.broken, found.anchored, found.beyond) == (None, 3, 0)


async def test_a_clock_set_back_overwrites_none(store: Store, clock: Clock, tmp_path: Path) -> None:
    anchors = Anchors(store, tmp_path / "a", Faults(), clock)
    file = await anchors.round()
    assert file is not None
    told = file.read_bytes()
    await write(store, clock)
    clock.now -= timedelta(hours=3)
    assert await anchors.round() is None
    assert file.read_bytes() == told


@pytest.mark.parametrize("edit", ["cut", "rewritten"])
async def test_a_register_that_does_not_fit_is_a_fault(store: Store, clock: Clock, tmp_path: Path, edit: str) -> None:
    faults = Faults()
    anchors = Anchors(store, tmp_path / "a", faults, clock)
    await write(store, clock)
    await anchors.round()
    async with store.write() as conn:
        await unguard(conn)
        if edit == "cut":
            await conn.execute(sa.delete(rows).where(rows.c.no == 3))
        else:
            await conn.execute(sa.update(rows).where(rows.c.no == 3).values(hash="0" * 64))
    clock.turn(days=1)
    assert await anchors.round() is None
    (fault,) = faults.now()
    assert (fault.code, fault.params["no"]) == ("audit_differs", 3)
    assert len(kept(tmp_path / "a")) == 1


async def test_what_is_no_anchor_is_told(store: Store, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "notes.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"notes\.json"):
        await Anchors(store, tmp_path / "a", Faults(), clock).round()


async def test_without_a_head_none_is_written(store: Store, clock: Clock, tmp_path: Path) -> None:
    async with store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.delete(audit_head))
    with pytest.raises(Corrupt):
        await Anchors(store, tmp_path / "a", Faults(), clock).round()
    assert not (tmp_path / "a").exists()

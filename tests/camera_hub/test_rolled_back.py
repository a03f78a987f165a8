"""A database file that was copied back by hand: the hub starts, says so, and has it on record."""

from __future__ import annotations

import shutil
from pathlib import Path

from camera_hub.hub import Hub
from camera_hub.settings import Settings
from registry import audit, places, reached
from registry.places import NewPlace
from registry.users import CONSOLE


async def test_an_older_database_file_is_recognised(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=1, min_free_gb=0)
    async with Hub.running(settings, watch=False) as hub:
        await places.create(hub.store, NewPlace(code="220882", name="大安市"), CONSOLE)
    shutil.copy(tmp_path / "hub.db", tmp_path / "old.db")
    async with Hub.running(settings, watch=False) as hub:
        assert (await hub.health()).faults == ()
        await places.create(hub.store, NewPlace(code="220882100", name="月亮泡镇"), CONSOLE)
    shutil.copy(tmp_path / "old.db", tmp_path / "hub.db")
    for _ in range(2):  # a restart does not make it unsaid
        async with Hub.running(settings, watch=False) as hub:
            (fault,) = (await hub.health()).faults
            assert (fault.code, fault.params) == ("rolled_back", {"known": 2, "found": 1})
            rows = [row for row in await audit.list_rows(hub.store, CONSOLE) if row.action == reached.ACTION]
            assert len(rows) == 1
            assert '"known":2' in rows[0].detail
            assert await audit.verify(hub.store) is None

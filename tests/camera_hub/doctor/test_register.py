"""What the doctor says of the register."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from camera_hub.anchors import Anchors
from camera_hub.doctor import Verdict
from camera_hub.doctor.register import register
from camera_hub.faults import Faults
from camera_hub.settings import Settings
from registry import audit
from registry.store import Store
from registry.users import CONSOLE
from tests.registry.tamper import unguard_file

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """Three rows in ten days, and an anchor."""
    made = Settings(data_dir=tmp_path)
    store = await Store.open(made.database, upgrade=True)
    for day in (0, 5, 10):
        async with store.write() as conn:
            await audit.append(conn, CONSOLE, "test", now=NOW + timedelta(days=day))
    await Anchors(store, made.anchors, Faults(), lambda: NOW).round()
    await store.close()
    return made


def edit(settings: Settings, *changes: str) -> None:
    with sqlite3.connect(settings.data_dir / "hub.db") as database:
        guards = [row[0] for row in database.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
        unguard_file(database)
        for change in changes:
            database.execute(change)
        for guard in guards:
            database.execute(guard)
    database.close()


async def test_in_order(settings: Settings) -> None:
    found = await register(settings)
    assert (found.verdict, found.found) == (Verdict.GOOD, "3 rows, kept 3 years at least; about 0.00 GB")


async def test_none_yet(tmp_path: Path) -> None:
    assert (await register(Settings(data_dir=tmp_path))).found == "none yet"
    assert list(tmp_path.iterdir()) == []


async def test_without_guards(settings: Settings) -> None:
    with sqlite3.connect(settings.data_dir / "hub.db") as database:
        database.execute("DROP TRIGGER audit_only_grows_delete")
    database.close()
    found = await register(settings)
    assert (found.verdict, "triggers are gone" in found.found) == (Verdict.FAULT, True)


async def test_older_rows_are_gone(settings: Settings) -> None:
    edit(settings, "DELETE FROM audit WHERE no = 1")
    found = await register(settings)
    assert (found.verdict, "begins at row 2" in found.found) == (Verdict.FAULT, True)


async def test_another_register_than_the_anchor_tells(settings: Settings) -> None:
    edit(settings, "DELETE FROM audit WHERE no = 3")
    found = await register(settings)
    assert (found.verdict, "row 3 is not what the anchor" in found.found) == (Verdict.FAULT, True)


async def test_no_room_for_the_years_the_policy_asks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camera_hub.doctor.register.free_bytes", lambda _: 1000)
    found = await register(settings)
    assert (found.verdict, "at this rate" in found.found) == (Verdict.WARNING, True)

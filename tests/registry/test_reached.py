"""A register that ends earlier than it had, or went another way, is seen and put on record. Both engines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry import audit, reached
from registry.tables import audit as audit_rows
from registry.tables import audit_head
from registry.users import CONSOLE
from tests.registry.county import County
from tests.registry.tamper import unguard


async def written(county: County, times: int = 1) -> None:
    for _ in range(times):
        async with county.store.write() as conn:
            await audit.append(conn, CONSOLE, "test", now=county.clock.now)


async def started(county: County, folder: Path) -> reached.RolledBack | None:
    """What a hub does when it starts."""
    told = await reached.compare(county.store, folder, CONSOLE)
    await reached.keep(county.store, folder)
    return told


async def head(county: County) -> tuple[int, str]:
    async with county.store.read() as conn:
        row = (await conn.execute(sa.select(audit_head.c.audit_no, audit_head.c.hash))).one()
    return row.audit_no, row.hash


async def actions(county: County) -> list[str]:
    async with county.store.read() as conn:
        return list(await conn.scalars(sa.select(audit_rows.c.action).order_by(audit_rows.c.no)))


async def test_a_register_that_went_on_is_in_order(county: County, tmp_path: Path) -> None:
    assert await started(county, tmp_path) is None
    await written(county, 3)
    assert await started(county, tmp_path) is None
    kept = json.loads((tmp_path / reached.FILE).read_text())
    assert (kept["no"], kept["hash"]) == await head(county)
    assert reached.ACTION not in await actions(county)


@pytest.mark.parametrize("beyond", [0, -1, 5])
async def test_an_older_or_another_register_is_put_on_record_and_shown_for_a_week(
    county: County, tmp_path: Path, beyond: int
) -> None:
    await written(county, 3)
    number, _ = await head(county)
    known = {"no": number + beyond, "hash": "ab" * 32}
    (tmp_path / reached.FILE).write_text(json.dumps(known))
    told = await started(county, tmp_path)
    assert told == reached.RolledBack(number + beyond, number)
    assert (await actions(county))[-1] == reached.ACTION
    assert await audit.verify(county.store) is None
    assert await started(county, tmp_path) == told
    assert (await actions(county)).count(reached.ACTION) == 1
    county.clock.turn(days=8)
    assert await started(county, tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"no": "x", "hash": 1}', '{"no": 3, "hash": "short"}', "\xff"])
async def test_a_file_that_cannot_be_read_says_nothing(county: County, tmp_path: Path, text: str) -> None:
    (tmp_path / reached.FILE).write_text(text, encoding="latin-1")
    assert await started(county, tmp_path) is None
    assert json.loads((tmp_path / reached.FILE).read_text())["no"] == (await head(county))[0]


async def test_without_a_head_row_nothing_is_said_of_it(county: County, tmp_path: Path) -> None:
    (tmp_path / reached.FILE).write_text(json.dumps({"no": 3, "hash": "ab" * 32}))
    async with county.store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.delete(audit_head))
    assert await started(county, tmp_path) is None
    assert json.loads((tmp_path / reached.FILE).read_text())["no"] == 3

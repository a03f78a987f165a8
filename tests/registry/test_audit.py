"""The register of look-ups: whole, chained, and written before anything is shown."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from registry import audit, events
from registry.audit import AuditQuery
from registry.errors import Conflict, Corrupt, Denied
from registry.events import EventQuery
from registry.model import Actor, Role
from registry.store import Store
from registry.tables import audit as rows
from registry.tables import audit_head
from registry.users import CONSOLE
from tests.registry.county import NOON, County, change
from tests.registry.tamper import unguard


async def _append(store: Store, count: int = 1) -> None:
    for number in range(count):
        async with store.write() as conn:
            await audit.append(conn, CONSOLE, "test", now=store.clock(), detail=f"第 {number}", span=(NOON, None))


async def test_chain_holds_under_concurrent_writers(url: str) -> None:
    one, two = await Store.open(url, upgrade=True), await Store.open(url)
    await asyncio.gather(*(_append(store, 8) for store in (one, two, one, two)))
    assert await audit.verify(one) is None
    numbers = [row.no for row in await audit.list_rows(one, CONSOLE)]
    assert numbers == list(range(32, 0, -1))
    await one.close()
    await two.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET user_name = 'somebody'",
        "UPDATE audit SET no = no + 100",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE no = 2",
        "UPDATE audit_head SET audit_no = 1",
        "UPDATE audit_head SET hash = 'x'",
        "DELETE FROM audit_head",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
        "REPLACE INTO audit_head VALUES (1, 0, 'x')",
        "INSERT INTO audit_head VALUES (1, 9, 'x') ON CONFLICT (no) DO UPDATE SET hash = 'x'",
        "TRUNCATE audit",
        "TRUNCATE audit_head",
        "TRUNCATE users CASCADE",
    ],
)
async def test_the_database_itself_refuses(store: Store, url: str, change: str) -> None:
    """Every way to change a row, by SQL that no program of ours sends (L9)."""
    await _append(store, 3)
    if ("REPLACE" in change) if url.startswith("postgresql") else ("TRUNCATE" in change):
        pytest.skip("no such statement on this engine")
    with pytest.raises(Conflict):
        async with store.write() as conn:
            await conn.execute(sa.text(change))
    assert await audit.verify(store) is None
    await _append(store)
    assert len(await audit.list_rows(store, CONSOLE)) == 4


async def test_a_session_that_calls_itself_a_replica_is_refused_too(store: Store, url: str) -> None:
    if not url.startswith("postgresql"):
        pytest.skip("PostgreSQL's own")
    await _append(store, 2)
    with pytest.raises(Conflict):
        async with store.write() as conn:
            await conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
            await conn.execute(sa.text("DELETE FROM audit"))


@pytest.mark.parametrize("column", [column.name for column in rows.columns if column.name not in {"no", "user_no"}])
async def test_any_edited_column_is_found(store: Store, column: str) -> None:
    await _append(store, 5)
    other = {"at": NOON.replace(year=2025), "cameras": ["x"], "consent_versions": ["x"], "result_count": 7}
    value: object = other.get(column, "x")
    if column.startswith("span"):
        value = NOON.replace(year=2024)
    async with store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.update(rows).where(rows.c.no == 3).values({column: value}))
    broken = await audit.verify(store)
    assert broken is not None
    assert broken.no in (3, 4)


@pytest.mark.parametrize(("gone", "code"), [(1, "row_missing"), (3, "row_missing"), (5, "end_missing")])
async def test_any_deleted_row_is_found(store: Store, gone: int, code: str) -> None:
    await _append(store, 5)
    async with store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.delete(rows).where(rows.c.no == gone))
    assert await audit.verify(store) == audit.Broken(gone, code)


async def test_rolled_back_row_leaves_no_gap(store: Store) -> None:
    await _append(store)
    with pytest.raises(RuntimeError):
        async with store.write() as conn:
            await audit.append(conn, CONSOLE, "lost", now=store.clock())
            raise RuntimeError
    await _append(store)
    assert await audit.verify(store) is None
    assert [row.action for row in await audit.list_rows(store, CONSOLE)] == ["test", "test"]


async def test_clock_put_back_does_not_break_the_chain(county: County) -> None:
    await _append(county.store)
    county.clock.turn(hours=-1)
    await _append(county.store)
    assert await audit.verify(county.store) is None


async def test_reads_are_written_with_who_what_and_why(county: County) -> None:
    camera = await county.camera()
    await events.record(county.store, [change(camera)])
    access = await county.access()
    page = await events.search(
        county.store, access, EventQuery(place=["220882100"], night_from="11:00", night_to="13:00")
    )
    row = next(one for one in await audit.list_rows(county.store, CONSOLE) if one.no == page.audit_no)
    assert (row.user, row.role, row.address, row.action) == ("officer", Role.OFFICER, "10.1.1.1", "events.search")
    assert (row.reason, row.cameras, row.result_count) == ("night shift", (str(camera.id),), 1)
    assert "220882100" in row.detail
    assert "11:00" in row.detail
    assert row.span_from is not None
    before = len(await audit.list_rows(county.store, CONSOLE))
    await events.histogram(county.store, access, EventQuery(), "hour")
    await events.get(county.store, access, page.events[0].id)
    await events.watching(county.store, access, EventQuery())
    actions = [one.action for one in await audit.list_rows(county.store, CONSOLE)]
    assert actions[:4] == ["events.stream", "events.get", "events.histogram", "audit.read"]
    assert len(actions) == before + 4


async def test_no_audit_no_data(county: County) -> None:
    camera = await county.camera()
    made = change(camera, snapshot="snapshots/x/a.jpg", snapshot_bytes=1, snapshot_at=NOON)
    await events.record(county.store, [made])
    access = await county.access()
    async with county.store.write() as conn:
        await unguard(conn)
        await conn.execute(sa.delete(audit_head))
    store, query = county.store, EventQuery()
    for read in (
        events.search(store, access, query),
        events.histogram(store, access, query, "day"),
        events.get(store, access, made.id),
        events.snapshot_of(store, access, made.id),
        events.watching(store, access, query),
        audit.list_rows(store, CONSOLE),
    ):
        with pytest.raises(Corrupt):
            await read


async def test_only_who_may_read_it(county: County) -> None:
    for role in (Role.OFFICER, Role.ASSISTANT, Role.TECHNICIAN, Role.MONITOR):
        with pytest.raises(Denied):
            await audit.list_rows(county.store, Actor(await county.user(role.value, role), ""))
    admin = Actor(await county.user("boss", Role.ADMIN), "10.0.0.1")
    first = await audit.list_rows(county.store, admin, AuditQuery(limit=3))
    more = await audit.list_rows(county.store, admin, AuditQuery(cursor=first[-1].no, limit=3))
    assert [one.no for one in (*first, *more)] == list(range(first[0].no, first[0].no - 6, -1))
    asked = AuditQuery(user="boss", action="audit.read", since=NOON, until=NOON.replace(year=2027))
    found = await audit.list_rows(county.store, admin, asked)
    assert [one.action for one in found] == ["audit.read", "audit.read"]


def test_detail_is_bounded() -> None:
    assert len(audit.describe(text="x" * 10_000)) == audit.MAX_DETAIL

"""The register: a chain of a million rows verified, a camera's looks found in it, and what a row costs a request.

What a lawful look adds to a request is measured as the API does it, in one process: who it is and under which purpose
(a session looked up), then the register's row with its commit. The commit waits for the disk; the same with the wait
left out says how much of it is that.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from registry import audit, permissions, purposes, sessions, users
from registry.audit import AuditFilter, chain
from registry.audit.exporting import export
from registry.audit.looks import LooksQuery, looks
from registry.columns import to_ms
from registry.model import Actor, PurposeKind, Role
from registry.store import Store, utc_now
from registry.users import CONSOLE
from tools.bench.report import Figure, Report, at_most, median

ROWS = int(os.environ.get("BENCH_AUDIT_ROWS", "1000000"))
"""Fewer for a look by hand."""
LOOKS = 600
CAMERAS = 5000
_DAY_MS = 86_400_000


def _rows(count: int) -> Iterator[dict[str, Any]]:
    """A year of a county's looks, chained: searches of some cameras, live, playback."""
    dice = random.Random(1)
    ids = [str(uuid7()) for _ in range(CAMERAS)]
    begin, previous = to_ms(utc_now()) - 365 * _DAY_MS, chain.GENESIS
    for no in range(1, count + 1):
        action = dice.choice(("events.search", "events.get", "live.open", "recording.play"))
        at = begin + no * 365 * _DAY_MS // count
        row: dict[str, Any] = {
            "no": no, "at": at, "user_no": None, "user_name": f"user{dice.randrange(300)}", "role": "officer",
            "unit": "月亮泡派出所", "address": "10.1.2.3", "action": action,
            "cameras": dice.sample(ids, 12 if action == "events.search" else 1),
            "span_from": at - _DAY_MS, "span_to": at,
            "purpose_kind": "case", "case_number": f"月公(治)案〔2026〕{dice.randrange(400)}号", "reason": "盗窃案",
            "detail": '{"group":["vehicle"],"place":["220882100"]}', "result_count": dice.randrange(100),
            "consent_versions": None, "prev_hash": previous,
        }  # fmt: skip
        previous = row["hash"] = chain.digest(row)
        yield row


def _fill(file: Path, count: int) -> None:
    """Put the rows in by the plain driver: the hub's own way would take an hour."""
    with sqlite3.connect(file) as database:
        names, made = list(next(_rows(1))), _rows(count)
        last: dict[str, Any] = {}

        def values() -> Iterator[list[Any]]:
            nonlocal last
            for row in made:
                last = row
                yield [json.dumps(one) if isinstance(one, list) else one for one in row.values()]

        database.executemany(
            f"INSERT INTO audit ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            values(),
        )
        database.execute("UPDATE audit_head SET audit_no = ?, hash = ?", (last["no"], last["hash"]))
    database.close()


async def _chain(report: Report, folder: Path) -> None:
    file = folder / "chain.db"
    store = await Store.open(f"sqlite+aiosqlite:///{file}", upgrade=True)
    await store.close()
    await asyncio.to_thread(_fill, file, ROWS)
    size = file.stat().st_size / ROWS
    store = await Store.open(f"sqlite+aiosqlite:///{file}")
    began = time.monotonic()
    found = await audit.examine(store)
    took = time.monotonic() - began
    assert found.broken is None, found
    assert found.rows == ROWS, found
    note = f"{ROWS:,} rows, {took / ROWS * 1e6:.0f} µs a row, {size:.0f} bytes a row in the file"
    report.add(Figure("verify the chain of a million rows", took / ROWS * 1e6, "s", at_most(60.0), note=note))

    async with store.read() as conn:
        camera = UUID((await conn.scalar(sa.text("SELECT cameras FROM audit WHERE no = 1")))[2:38])
    began = time.monotonic()
    summed = await looks(store, CONSOLE, LooksQuery(camera=camera))
    report.add(
        Figure(
            "who looked at one camera in 30 days",
            time.monotonic() - began,
            "s",
            at_most(5.0),
            note=f"{len(summed)} users, out of {ROWS:,} rows of a year",
        )
    )
    made = await export(store, CONSOLE, AuditFilter(), "jsonl")
    began = time.monotonic()
    whole = io.BytesIO()
    async for part in made.lines():
        whole.write(part)
    exported = time.monotonic() - began
    whole.seek(0)
    began = time.monotonic()
    outcome, fits = await asyncio.to_thread(chain.read_export, whole, [])
    assert outcome.broken is None, outcome
    assert fits
    report.add(
        Figure(
            "the single-file verifier over a million rows",
            (time.monotonic() - began) / outcome.rows * 1e6,
            "s",
            note=f"{whole.getbuffer().nbytes / 1e6:.0f} MB of JSON lines, exported in {exported:.0f} s",
        )
    )
    await store.close()


async def _request(report: Report, folder: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'hub.db'}", upgrade=True)
    password = SecretStr("a long enough password")
    new = users.NewUser(name="li", password=password, role=Role.OFFICER, grants=("990101",))
    user = await users.create(store, new, CONSOLE)
    actor = Actor(user, "10.1.2.3", "bench")
    purpose = await purposes.open(store, purposes.OpenPurpose(kind=PurposeKind.PATROL, reason="night shift"), actor)
    token, _ = await sessions.open_session(store, user, "10.1.2.3", hours=12.0)
    session = await sessions.session_by_token(store, token)
    assert session is not None
    await sessions.set_purpose(store, session, purpose)
    cameras = tuple(uuid7() for _ in range(12))

    async def once() -> tuple[float, float]:
        began = time.perf_counter()
        found = await sessions.session_by_token(store, token)
        assert found is not None
        permissions.allow(found.user, permissions.Permission.SEE_EVENTS)
        purposes.require(found.purpose, store.clock())
        guarded = time.perf_counter()
        async with store.write() as conn:
            await audit.append(
                conn, actor, "events.search", now=store.clock(), cameras=cameras, purpose=purpose, count=12
            )
        return (guarded - began) * 1000, (time.perf_counter() - guarded) * 1000

    for _ in range(20):
        await once()
    synced = [await once() for _ in range(LOOKS)]
    await _unsynced(store)
    unsynced = [await once() for _ in range(LOOKS)]
    await store.close()
    both = _p95([sum(one) for one in synced])
    guard, row = (_p95(list(some)) for some in zip(*synced, strict=True))
    plain = _p95([one for _, one in unsynced])
    note = f"session and purpose {guard:.2f} ms, row and commit {row:.2f} ms ({plain:.2f} ms not waiting for the disk)"
    report.add(Figure("permission, purpose and register in a request, p95", both, "ms", at_most(2.0), note=note))
    report.add(median("the same, median", [sum(one) for one in synced], "ms"))


async def _unsynced(store: Store) -> None:
    """From now on commits do not wait for the disk: PRAGMA synchronous cannot be set inside a transaction."""
    async with store.write() as conn:
        await conn.exec_driver_sql("COMMIT")
        await conn.exec_driver_sql("PRAGMA synchronous=OFF")
        await conn.exec_driver_sql("BEGIN")


def _p95(runs: list[float]) -> float:
    return statistics.quantiles(runs, n=20)[-1]


async def _all(report: Report, folder: Path) -> None:
    await _request(report, folder)
    await _chain(report, folder)


def run(report: Report) -> None:
    """Measure into `report`."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_all(report, Path(folder)))

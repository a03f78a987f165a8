"""How far the register of look-ups had got, kept in a file outside the database: an older database is seen as such.

A backup that is restored says so itself (`backup.restore`). A database file that somebody copied back by hand, or a
server reset to a snapshot, does not: its chain is whole and only ends too early. The file beside it knows better.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.model import Actor
from registry.store import Store
from registry.tables import audit as audit_rows
from registry.tables import audit_head

FILE = "register-head.json"
ACTION = "registry.rolled_back"
SHOWN = timedelta(days=7)
"""So long the hub's health goes on saying so."""
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Head:
    """A row of the register and its hash: all before it hangs on it."""

    no: int
    hash: str


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The register ended at `found` when row `known` had been written before."""

    known: int
    found: int


async def keep(store: Store, data_dir: Path) -> None:
    """Write down how far the register got, synced, in the file's place."""
    async with store.read() as conn:
        head = await _head(conn)
    file = data_dir / FILE
    if head is None or _read(file) == head:
        return
    part = file.with_suffix(".tmp")
    with part.open("w", encoding="ascii") as out:
        out.write(json.dumps({"no": head.no, "hash": head.hash}) + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


async def _head(conn: AsyncConnection) -> Head | None:
    """Where the register ends; None where its head row is gone, which `camera-hub check` tells."""
    row = (await conn.execute(sa.select(audit_head.c.audit_no, audit_head.c.hash))).one_or_none()
    return None if row is None else Head(row.audit_no, row.hash)


def _read(file: Path) -> Head | None:
    """What the file says; None where there is none, or nothing that can be read."""
    try:
        told = json.loads(file.read_text(encoding="ascii"))
        head = Head(int(told["no"]), str(told["hash"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return head if _HASH.fullmatch(head.hash) else None


async def compare(store: Store, data_dir: Path, actor: Actor) -> RolledBack | None:
    """Compare the register with what it had reached; one that fell behind or went another way gets a row that says so.

    Returns that, or what an earlier start found within `SHOWN`. `keep` the register's end afterwards.
    """
    known, found = _read(data_dir / FILE), None
    async with store.write() as conn:
        head = await _head(conn)
        if known is not None and known.no > 0 and head is not None:
            there = await conn.scalar(sa.select(audit_rows.c.hash).where(audit_rows.c.no == known.no))
            if there != known.hash:
                found = RolledBack(known.no, head.no)
                detail = audit.describe(known=known.no, known_hash=known.hash, found=head.no, found_hash=head.hash)
                await audit.append(conn, actor, ACTION, now=store.clock(), detail=detail)
    return found or await _lately(store, store.clock() - SHOWN)


async def _lately(store: Store, since: datetime) -> RolledBack | None:
    wanted = (
        sa.select(audit_rows.c.detail)
        .where(audit_rows.c.action == ACTION, audit_rows.c.at > since)
        .order_by(audit_rows.c.no.desc())
        .limit(1)
    )
    async with store.read() as conn:
        detail = await conn.scalar(wanted)
    if detail is None:
        return None
    told = json.loads(detail)
    return RolledBack(int(told["known"]), int(told["found"]))

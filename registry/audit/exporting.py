"""The register as a file: JSON lines that `registry.audit.chain` proves, in the form its `read_export` reads.

The first line says what it is, the last where the chain ends, whether it holds, and the SHA-256 of all lines before.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from registry.audit.chain import FORMAT, Walk
from registry.audit.reading import AuditFilter, conditions, on_record
from registry.audit.verifying import batch
from registry.model import Actor
from registry.permissions import Permission, allow
from registry.store import Store
from registry.tables import audit


@dataclass(frozen=True, slots=True)
class Export:
    """An export on record. `rows` yields what it holds, oldest first, up to the row `last` that says who exported."""

    store: Store
    query: AuditFilter
    made_at: datetime
    last: int

    @property
    def selection(self) -> bool:
        """Whether rows are left out."""
        return bool(conditions(self.query))

    async def rows(self) -> AsyncIterator[list[dict[str, Any]]]:
        """Batches of rows as they are hashed. No transaction is open between them: rows never change."""
        where = (*conditions(self.query), audit.c.no <= self.last)
        after = 0
        while True:
            async with self.store.read() as conn:
                rows = await batch(conn, after, *where)
            if not rows:
                return
            yield rows
            after = rows[-1]["no"]

    async def lines(self) -> AsyncIterator[bytes]:
        """The file, batch by batch; the chain is proved on the way."""
        about = {"export": FORMAT, "made_at": self.made_at.isoformat(), "selection": self.selection}
        head = _line({**about, "filters": self.query.model_dump(mode="json", exclude_defaults=True)})
        whole, walk = hashlib.sha256(head), Walk(selection=self.selection)
        yield head
        end: dict[str, Any] = {}
        async for rows in self.rows():
            told = await asyncio.to_thread(_told, walk, rows)
            whole.update(told)
            end = rows[-1]
            yield told
        walk.end((end["no"], end["hash"]) if end else None)
        found = walk.outcome()
        yield _line(
            {
                "head": {"no": end["no"], "hash": end["hash"]} if end else None,
                "rows": found.rows,
                "broken": asdict(found.broken) if found.broken else None,
                "sha256": whole.hexdigest(),
            }
        )


async def export(store: Store, actor: Actor, query: AuditFilter, form: str) -> Export:
    """Begin an export: that it is made, of what, and how many rows it has, is on record first."""
    allow(actor.user, Permission.READ_AUDIT)
    counted = sa.select(sa.func.count()).select_from(audit).where(*conditions(query))
    async with store.read() as conn:
        count = int(await conn.scalar(counted) or 0)
    number = await on_record(store, actor, "audit.export", query, count, form=form)
    return Export(store, query, store.clock().astimezone(store.tz), number)


def _told(walk: Walk, rows: Sequence[dict[str, Any]]) -> bytes:
    for row in rows:
        walk.feed(row)
    return b"".join(map(_line, rows))


def _line(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n").encode()

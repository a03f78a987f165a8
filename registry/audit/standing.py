"""How the register stands, asked from outside a running hub: whether it is guarded, and since when it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from registry.store import Store
from registry.tables import audit
from registry.tables.trail import GUARDS

_SQLITE = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit', 'audit_head')")
_POSTGRESQL = sa.text(
    "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND tgenabled <> 'D' AND relname IN ('audit', 'audit_head')"
)
_TRIGGERS = {"sqlite": 6, "postgresql": 5}


@dataclass(frozen=True, slots=True)
class Standing:
    """`guarded`: the database still refuses to change rows. `first` and `last` are numbers; None, 0: no rows."""

    guarded: bool
    first: int | None
    first_at: datetime | None
    last: int
    last_at: datetime | None


async def standing(url: str) -> Standing:
    """Look at the register of the database at `url`. Raises Unavailable or Corrupt where it cannot be opened."""
    store = await Store.open(url)
    try:
        async with store.read() as conn:
            engine = conn.dialect.name
            names = list(await conn.scalars(_POSTGRESQL if engine == "postgresql" else _SQLITE))
            ends = [
                (await conn.execute(sa.select(audit.c.no, audit.c.at).order_by(order).limit(1))).one_or_none()
                for order in (audit.c.no.asc(), audit.c.no.desc())
            ]
    finally:
        await store.close()
    guards = sum(name.startswith(tuple(GUARDS)) for name in names)
    first, last = ends
    return Standing(
        guarded=guards == _TRIGGERS[engine],
        first=first.no if first else None,
        first_at=first.at if first else None,
        last=last.no if last else 0,
        last_at=last.at if last else None,
    )

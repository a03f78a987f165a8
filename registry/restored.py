"""What a restore asks of the database it filled: whether it committed, and which rights stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import migrate
from registry.alerts.deliveries import DeliveryState
from registry.errors import Conflict, Unavailable
from registry.model import ConsentState
from registry.recordings.model import Damage
from registry.store import Store
from registry.tables import alert_deliveries, audit, consents, segments, tokens, users


@dataclass(frozen=True, slots=True)
class Standing:
    """Rights a backup brings back as they were when it was made: somebody may have ended some since."""

    consents: int
    users: int
    tokens: int


async def committed(url: str, restore: str) -> bool:
    """Whether the restore named `restore` put its row into the database. An empty one says no.

    Raises Conflict when the database holds anything else.
    """
    if await migrate.empty(url):
        return False
    try:
        store = await Store.open(url)
    except Unavailable as err:
        if err.code != "schema_older":
            raise
        raise _taken() from err
    try:
        async with store.read() as conn:
            mark = audit.c.detail.contains(restore, autoescape=True)
            found = await conn.scalar(
                sa.select(sa.func.count()).select_from(audit).where(audit.c.action == "backup.restore", mark)
            )
    finally:
        await store.close()
    if not found:
        raise _taken()
    return True


def _taken() -> Conflict:
    return Conflict(
        "the database is not empty; a restore needs an empty one, so that nothing is overwritten",
        code="restore_not_empty",
    )


async def settle(conn: AsyncConnection, now: datetime) -> None:
    """Let what was true when the backup was made, and is not any more, not be done or said.

    An alert that waited is not sent: its news is old, and it may have gone out since. Files of recordings are in no
    backup: their rows say that they are missing, until a sweep finds one again.
    """
    waiting = alert_deliveries.c.state == DeliveryState.PENDING.value
    done = {"state": DeliveryState.FAILED.value, "next_at": None, "done_at": now, "error": "restored from a backup"}
    await conn.execute(sa.update(alert_deliveries).where(waiting).values(done))
    await conn.execute(sa.update(segments).where(segments.c.ended_at.is_not(None)).values(damage=Damage.MISSING.value))


async def standing(url: str) -> Standing:
    """Consents, users and tokens in force now."""
    store = await Store.open(url)
    now = store.clock()
    wanted = (
        sa.select(sa.func.count()).select_from(consents).where(
            consents.c.state == ConsentState.ACTIVE.value,
            sa.or_(consents.c.valid_to.is_(None), consents.c.valid_to > now),
            sa.or_(consents.c.reconfirm_by.is_(None), consents.c.reconfirm_by > now),
        ),
        sa.select(sa.func.count()).select_from(users).where(users.c.active),
        sa.select(sa.func.count()).select_from(tokens).where(tokens.c.revoked_at.is_(None), tokens.c.expires_at > now),
    )  # fmt: skip
    try:
        async with store.read() as conn:
            return Standing(*[int(await conn.scalar(one) or 0) for one in wanted])
    finally:
        await store.close()


def upgraded_from(revision: str) -> str | None:
    """The backup's schema where it was older than the program's."""
    return None if revision == migrate.head() else revision

"""Changing the key that seals secrets: all is opened with the old key and sealed with the new, in one transaction.

The new key first stands beside the old one (`vault.STAGED`). The transaction's own audit row says which key the
database is sealed with, so whatever kills the program, `settle` knows which of the two files is right: before the
commit the old, after it the new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from registry import audit, devices, twofactors
from registry.alerts import targets
from registry.columns import AnyRow
from registry.errors import Corrupt
from registry.evidence import keys as evidence
from registry.model import Actor
from registry.store import Store
from registry.tables import alert_targets, evidence_keys
from registry.tables import audit as audit_rows
from registry.tables import devices as device_rows
from registry.tables import users as user_rows
from registry.vault import STAGED, Vault, discard_staged, key_from_text, promote_staged

ACTION = "key.rotate"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed texts, and what each is bound to."""

    column: sa.Column[str]
    bound_to: Callable[[AnyRow], str]


SEALED = (
    Sealed(device_rows.c.password_sealed, lambda row: devices.binding(row.id, row.host)),
    Sealed(alert_targets.c.secret_sealed, lambda row: targets.binding(row.id, row.address)),
    Sealed(user_rows.c.totp_sealed, lambda row: twofactors.binding(row.id)),
    Sealed(evidence_keys.c.secret_sealed, lambda row: evidence.binding(row.key)),
)
"""Every column the vault seals."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many secrets have the new key; whose the old did not open are as they were, to be entered again."""

    resealed: int
    unreadable: tuple[str, ...]


async def rotate(store: Store, old: Vault, new: Vault, actor: Actor) -> Rotated:
    """Seal everything anew, on record. All or nothing."""
    resealed, unreadable = 0, []
    async with store.write() as conn:
        for sealed in SEALED:
            table = sealed.column.table
            for row in (await conn.execute(sa.select(table).where(sealed.column.is_not(None)))).all():
                bound = sealed.bound_to(row)
                try:
                    again = new.seal(old.unseal(getattr(row, sealed.column.name), bound), bound)
                except Corrupt:
                    unreadable.append(str(row.name))
                    continue
                await conn.execute(sa.update(table).where(table.c.no == row.no).values({sealed.column.name: again}))
                resealed += 1
        detail = audit.describe(key=new.key_id, before=old.key_id, resealed=resealed, unreadable=unreadable)
        await audit.append(conn, actor, ACTION, now=store.clock(), detail=detail, count=resealed)
    return Rotated(resealed, tuple(unreadable))


async def settle(store: Store, data_dir: Path) -> None:
    """End a change of key that something cut off: with the new key where it was committed, else with the old.

    Only who holds the data directory's lock may; then no change is on its way.
    """
    try:
        staged = key_from_text((data_dir / STAGED).read_text(encoding="ascii"))
    except FileNotFoundError:
        return
    said = audit.describe(key=Vault(staged).key_id)[1:-1]
    committed = sa.select(sa.literal(1)).where(
        audit_rows.c.action == ACTION, audit_rows.c.detail.contains(said, autoescape=True)
    )
    async with store.read() as conn:
        done = await conn.scalar(committed.limit(1))
    (promote_staged if done else discard_staged)(data_dir)

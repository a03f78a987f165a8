"""What is missing or late, camera by camera: checklists, signs, filings (L1–L3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from registry import audit
from registry.columns import AnyRow
from registry.model import Actor, Kind
from registry.placement.keeping import SELECT
from registry.placement.standing import FilingState, Lack, Placement, of_row
from registry.scope import Scope, in_scope, of_actor, under
from registry.store import Store
from registry.tables import cameras, places


class Wanting(StrEnum):
    """Which cameras of the list."""

    INCOMPLETE = "incomplete"
    """Something the policy demands is missing; in grace or not."""
    OVERDUE = "overdue"
    """The day by which it must be filed, or filed again, is past."""
    UNFILED = "unfiled"
    """It must be filed, or filed again; late or not."""
    UNSIGNED = "unsigned"
    """Nobody has shown that a sign hangs there."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A camera and how its placement stands."""

    camera_id: UUID
    name: str
    kind: Kind
    village_code: str
    village_name: str
    manager_unit: str
    enabled: bool
    placement: Placement


_LISTED = SELECT.add_columns(
    cameras.c.name, cameras.c.enabled, cameras.c.manager_unit, places.c.code, places.c.name.label("village_name")
).order_by(places.c.code, cameras.c.name, cameras.c.no)


async def list_filings(
    store: Store, seen: Scope, *, wanting: Wanting | None = None, village_prefix: str | None = None
) -> tuple[Filed, ...]:
    """How the placements of the cameras in a scope stand, by village and name; with `wanting` only those."""
    wanted = _LISTED.where(in_scope(places.c.code, seen))
    if village_prefix is not None:
        wanted = wanted.where(under(places.c.code, village_prefix))
    async with store.read() as conn:
        rows = (await conn.execute(wanted)).all()
    found = (_filed(store, row, store.clock()) for row in rows)
    return tuple(one for one in found if wanting is None or _is(one, wanting))


def _filed(store: Store, row: AnyRow, now: datetime) -> Filed:
    return Filed(
        camera_id=row.camera_id,
        name=row.name,
        kind=Kind(row.kind),
        village_code=row.code,
        village_name=row.village_name,
        manager_unit=row.manager_unit,
        enabled=row.enabled,
        placement=of_row(store.policy.placement, row, now),
    )


def _is(one: Filed, wanting: Wanting) -> bool:
    stands = one.placement
    match wanting:
        case Wanting.INCOMPLETE:
            return bool(stands.lacks)
        case Wanting.OVERDUE:
            return stands.overdue
        case Wanting.UNFILED:
            return stands.filing in (FilingState.DUE, FilingState.REFILE)
        case Wanting.UNSIGNED:
            return Lack.SIGN in stands.lacks


async def exported(store: Store, actor: Actor, *, wanting: Wanting | None = None) -> tuple[Filed, ...]:
    """The list, to be handed out as a file: its row is in the register before."""
    found = await list_filings(store, of_actor(actor), wanting=wanting)
    async with store.write() as conn:
        detail = audit.describe(wanting=wanting)
        await audit.append(conn, actor, "placement.export", now=store.clock(), detail=detail, count=len(found))
    return found

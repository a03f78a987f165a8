"""A camera's placement: begun with the camera, changed as a whole or in part, each change in the register."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Annotated, Any, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import BeforeValidator, Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, changes
from registry.audit import Entry
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Line, Short, invalid
from registry.model import Actor, Kind
from registry.placement.standing import Placement, lacking, of_row
from registry.policy import Basis, PlacementPolicy
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store, raise_revision
from registry.tables import cameras, placements, places

_SIGN_ID = re.compile(r"^signs/")


def _day(value: object) -> object:
    """A day as it is written in JSON: a strict field takes no text."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("day", "write a day as 2026-11-23") from None
    return value


Day = Annotated[date, BeforeValidator(_day), Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class PlacementChange(Input):
    """What to change of a camera's placement; what is not given stays."""

    expected_revision: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    """The revision this change was made from: refused when somebody changed the placement since."""
    basis: Basis | None = None
    """On which basis it stands; null: not said yet."""
    purpose: Line | None = None
    """What it is for, as the sign and the filing say it."""
    answers: Annotated[dict[Short, StrictBool], Field(max_length=50)] | None = None
    """Of each place where nobody may be watched: whether it looks there. A yes is for ever."""
    near_sensitive: bool | None = None
    """It stands near a state organ, a military zone or another secret unit: that unit's agreement is needed."""
    agreement: Annotated[Line, StringConstraints(max_length=100)] | None = None
    """Number or title of that agreement."""
    near_minors: bool | None = None
    """It sees a school or another place of minors: what it shows needs a reason in words."""
    filing_no: Short | None = None
    filed_on: Day | None = None
    """The day of the filing; it goes with `filing_no`."""
    sign_text: Line | None = None
    """What the sign says."""

    @model_validator(mode="after")
    def _empties_what_may_be(self) -> Self:
        empty = {name for name in self.model_fields_set if getattr(self, name) is None} - _NULLABLE
        if empty:
            raise PydanticCustomError("missing", "only basis and filed_on can be null")
        return self


@dataclass(frozen=True, slots=True)
class SignFile:
    """The photo of a sign: the machine whose disk it lies on, its key there, its size."""

    node: str
    key: str
    bytes: int


_NULLABLE = {"basis", "filed_on", "expected_revision"}
SELECT = (
    sa.select(placements, cameras.c.id.label("camera_id"), cameras.c.kind)
    .join(cameras, cameras.c.no == placements.c.camera_no)
    .join(places, places.c.no == cameras.c.village_no)
    .where(cameras.c.removed_at.is_(None))
)


async def begin(conn: AsyncConnection, numbers: Iterable[int]) -> None:
    """A placement of which nothing is known yet, for each of some new cameras."""
    rows = [{"camera_no": number, "answers": {}} for number in numbers]
    if rows:
        await conn.execute(sa.insert(placements), rows)


async def _row(conn: AsyncConnection, camera_id: UUID, seen: Scope) -> AnyRow:
    found = (await conn.execute(SELECT.where(cameras.c.id == camera_id, in_scope(places.c.code, seen)))).one_or_none()
    if found is None:
        raise NotFound("no such camera", code="camera_unknown")
    return found


async def get(store: Store, camera_id: UUID, seen: Scope) -> Placement:
    """What is known of a camera's place. Raises NotFound outside the scope."""
    async with store.read() as conn:
        return of_row(store.policy.placement, await _row(conn, camera_id, seen), store.clock())


async def change(store: Store, camera_id: UUID, wanted: PlacementChange, actor: Actor) -> Placement:
    """Change a placement; the camera starts or stops by it within seconds.

    Raises NotFound outside the scope, Invalid for a basis or a place the policy does not know and for half a filing,
    Conflict when somebody changed it since, or for a yes that is taken back (`placement_forbidden`).
    """
    async with store.write() as conn:
        await raise_revision(conn)
        return await change_in(conn, store.policy.placement, camera_id, wanted, actor, now=store.clock())


async def change_in(
    conn: AsyncConnection,
    law: PlacementPolicy,
    camera_id: UUID,
    wanted: PlacementChange,
    actor: Actor,
    *,
    now: datetime,
) -> Placement:
    """`change` in a transaction that began with `raise_revision`."""
    row = await _row(conn, camera_id, of_actor(actor))
    if wanted.expected_revision not in (None, row.revision):
        raise Conflict(
            "the placement was changed meanwhile; read it again", code="placement_stale", revision=row.revision
        )
    old = row._asdict()
    values = _noted(old, _values(law, Kind(row.kind), old, wanted), actor, now)
    said = changes.told(old, {name: value for name, value in values.items() if name not in _OF_THE_ROW})
    return await _write(conn, law, row, _Change(values, "placement.change", said), actor, now=now)


_OF_THE_ROW = ("answered_at", "answered_by", "refile_since")


TOLD = (
    "basis", "purpose", "answers", "near_sensitive", "agreement", "near_minors", "filing_no", "filed_on", "sign_text"
)  # fmt: skip
"""The columns that people tell in words."""
BLANK: Mapping[str, Any] = {
    **dict.fromkeys(TOLD, ""), "answers": {}, "near_sensitive": False, "near_minors": False, "sign": False,
}  # fmt: skip
"""What is known of a new camera's place; `sign`: whether there is a photo of one."""


def settled(
    law: PlacementPolicy, kind: Kind, standing: Mapping[str, Any], wanted: PlacementChange
) -> Mapping[str, Any]:
    """`TOLD`, as `change` would leave it. Raises as it does."""
    return {**standing, **_values(law, kind, standing, wanted)}


async def write_all(
    conn: AsyncConnection, law: PlacementPolicy, wanted: Mapping[UUID, Mapping[str, Any]], actor: Actor, now: datetime
) -> list[Entry]:
    """Write what was settled of many cameras' places, in a transaction that holds the registry's revision.

    Returns the rows the register wants.
    """
    entries: list[Entry] = []
    made: list[dict[str, Any]] = []
    to: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in (*TOLD, *_OF_THE_ROW, "active_since")}
    by_number = sa.update(placements).where(placements.c.camera_no == sa.bindparam("at_no"))
    for row in await conn.execute(SELECT.where(cameras.c.id.in_(tuple(wanted)))):
        old = row._asdict()
        told = {name: wanted[row.camera_id][name] for name in TOLD}
        said = changes.told(old, told)
        differing = {name: value for name, value in told.items() if value != old[name]}
        new = {**old, **_noted(old, differing, actor, now)}
        if row.active_since is None and not lacking(law, Kind(row.kind), SimpleNamespace(**new)):
            new["active_since"] = now
        made.append({"at_no": row.camera_no, **{f"to_{name}": new[name] for name in to}})
        entries.append(Entry("placement.change", (row.camera_id,), audit.describe(**said, source="book")))
    if made:
        await conn.execute(by_number.values(**to, revision=placements.c.revision + 1), made)
    return entries


def _noted(old: Mapping[str, Any], values: dict[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
    """The values with what follows from them: who answered when, and a filing that is made again."""
    if "answers" in values:
        values |= {"answered_at": now, "answered_by": actor.user.name}
    if values.get("filed_on", old["filed_on"]) != old["filed_on"]:
        values["refile_since"] = None
    return values


def _values(law: PlacementPolicy, kind: Kind, standing: Mapping[str, Any], wanted: PlacementChange) -> dict[str, Any]:
    values = wanted.model_dump(mode="json", exclude_unset=True, exclude={"expected_revision"})
    for name in ("basis", "filed_on"):
        if name in values:
            values[name] = values[name] or ""
    if values.get("basis") and Basis(values["basis"]) not in law.bases.of(kind):
        allowed = ", ".join(law.bases.of(kind))
        raise invalid("basis", "basis", f"a {kind} camera stands on: {allowed}")
    if "answers" in values:
        values["answers"] = _answers(law, standing["answers"], values["answers"])
    filing = {**standing, **values}
    if bool(filing["filing_no"]) != bool(filing["filed_on"]):
        raise invalid("filed_on", "filing", "give the filing's number and its day, or neither")
    return values


def _answers(law: PlacementPolicy, old: Mapping[str, bool], given: Mapping[str, bool]) -> dict[str, bool]:
    if unknown := sorted(given.keys() - set(law.forbidden)):
        raise invalid(
            "answers", "place", f"{unknown[0][:32]} is not asked about; there are: {', '.join(law.forbidden)}"
        )
    if any(old.get(place) and not looks for place, looks in given.items()):
        raise Conflict(
            "it looks where nobody may be watched, as was said; hang it elsewhere and register it anew",
            code="placement_forbidden",
        )
    return {**old, **given}


@dataclass(frozen=True, slots=True)
class _Change:
    """What of a row changes, what the register calls that, and what it says of it."""

    values: Mapping[str, Any]
    action: str
    said: Mapping[str, Any]


async def _write(
    conn: AsyncConnection, law: PlacementPolicy, row: AnyRow, change: _Change, actor: Actor, *, now: datetime
) -> Placement:
    by_number = sa.update(placements).where(placements.c.camera_no == row.camera_no)
    await conn.execute(by_number.values(**change.values, revision=placements.c.revision + 1))
    again = SELECT.where(placements.c.camera_no == row.camera_no)
    new = (await conn.execute(again)).one()
    if new.active_since is None and not lacking(law, Kind(new.kind), new):
        await conn.execute(by_number.values(active_since=now))
        new = (await conn.execute(again)).one()
    detail = audit.describe(**change.said)
    await audit.append(conn, actor, change.action, now=now, cameras=[row.camera_id], detail=detail)
    return of_row(law, new, now)


async def moved(conn: AsyncConnection, numbers: Iterable[int], now: datetime) -> None:
    """Note that cameras moved or turned: those that were filed must be filed again (Decree 799 art. 14)."""
    filed = sa.update(placements).where(placements.c.filing_no != "", placements.c.refile_since.is_(None))
    if those := tuple(numbers):
        await conn.execute(filed.where(placements.c.camera_no.in_(those)).values(refile_since=now))


async def keep_sign(store: Store, camera_id: UUID, sign: SignFile, actor: Actor) -> tuple[Placement, SignFile | None]:
    """Keep a photo of the sign that hangs at a camera: its file is on disk already.

    Returns the placement, and the file that no row names any more. Raises NotFound.
    """
    now = store.clock()
    async with store.write() as conn:
        await raise_revision(conn)
        row = await _row(conn, camera_id, of_actor(actor))
        values = {
            "sign": sign.key, "sign_bytes": sign.bytes, "sign_at": now, "sign_by": actor.user.name, "node": sign.node,
        }  # fmt: skip
        change = _Change(values, "placement.sign", {"bytes": sign.bytes})
        made = await _write(conn, store.policy.placement, row, change, actor, now=now)
    return made, _sign(row)


def _sign(row: AnyRow) -> SignFile | None:
    return None if row.sign is None else SignFile(row.node, row.sign, row.sign_bytes)


async def sign_of(store: Store, camera_id: UUID, seen: Scope) -> SignFile:
    """The photo of a camera's sign. Raises NotFound outside the scope, or where there is none."""
    async with store.read() as conn:
        found = _sign(await _row(conn, camera_id, seen))
    if found is None:
        raise NotFound("no photo of a sign yet", code="sign_none")
    return found


async def named(store: Store, node: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that a placement names on `node`: what a sweep of orphans must leave alone."""
    wanted = {key for key in keys if _SIGN_ID.match(key)}
    if not wanted:
        return set()
    query = sa.select(placements.c.sign).where(placements.c.sign.in_(wanted), placements.c.node == node)
    async with store.read() as conn:
        return set(await conn.scalars(query))

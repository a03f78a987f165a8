"""Camera codes of GB/T 28181 (annex on the unified coding rules), rule A: twenty digits.

`CCCCCCCC II TTT N SSSSSS`: centre (county of GB/T 2260 and two digits of a local unit, 00 for none), industry, type,
network, serial number. An id that a camera has is kept for ever: upper platforms know the camera by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.errors import Conflict, Invalid
from registry.inputs import Input, VillageCode, invalid
from registry.model import Actor, Kind
from registry.places import village_no
from registry.scope import require
from registry.store import Store
from registry.tables import cameras

_DIGITS, _RULE_B_DIGITS = 20, 18
INDUSTRIES = frozenset({*(f"{one:02}" for one in range(15)), *(f"{one}" for one in range(40, 46))})
"""00–03 public security (road, community, inside, other), 04–07 traffic, 08–14 public bodies, 40–45 trades (2022)."""
_BY_REGION = {"1": 5, "2": 3, "3": 7, "4": 6, "5": 4, "6": 5}
PROVINCES = frozenset(
    {f"{region}{one}" for region, last in _BY_REGION.items() for one in range(1, last + 1)} | {"50", "71", "81", "82"}
)
"""GB/T 2260: 11 to 15, 21 to 23, and so on; Chongqing is 50."""
FIRST_TYPE, LAST_TYPE = 111, 191
"""Front-end equipment: 111 DVR, 118 NVR, 131 camera, 132 network camera, 139 other; 2xx and above are platforms."""
_PER_RANGE = 99_999


@dataclass(frozen=True, slots=True)
class GbId:
    """The parts of an id."""

    centre: str
    industry: str
    type: str
    network: str
    serial: str

    def __str__(self) -> str:
        return self.centre + self.industry + self.type + self.network + self.serial


@dataclass(frozen=True, slots=True)
class _Numbering:
    """How cameras of a kind are numbered. The ranges of serial numbers are ours, so that an id tells the kind."""

    industry: str
    type: str
    network: str
    first: int


NUMBERING = {
    Kind.PUBLIC: _Numbering("00", "132", "0", 1),
    Kind.SOCIAL: _Numbering("03", "132", "7", 100_001),
    # No type exists for WiFi probes: 139 is "other".
    Kind.WIFI_PROBE: _Numbering("03", "139", "7", 200_001),
    Kind.CIVILIAN: _Numbering("01", "132", "7", 300_001),
}


def split(text: str) -> GbId:
    """The parts of twenty digits, whatever they say."""
    return GbId(text[:8], text[8:10], text[10:13], text[13], text[14:])


def fault(text: str) -> tuple[str, str] | None:
    """(code, hint) of what keeps `text` from being a camera's id, or None."""
    digits = len(text) if text.isascii() and text.isdigit() else 0
    if digits == _RULE_B_DIGITS:
        return "gb_rule_b", "18 digits are the old coding rule B; ask the platform for the camera's id of 20 digits"
    if digits != _DIGITS:
        return "gb_digits", "a GB/T 28181 id is 20 digits and nothing else"
    return _fault_in(split(text))


def _fault_in(parts: GbId) -> tuple[str, str] | None:
    if parts.centre[:2] not in PROVINCES:
        return "gb_centre", f"digits 1 to 8 are the centre: no province has the code {parts.centre[:2]}"
    if parts.industry not in INDUSTRIES:
        return "gb_industry", f"digits 9 and 10 are the industry: there is no {parts.industry}"
    if not FIRST_TYPE <= int(parts.type) <= LAST_TYPE:
        return "gb_type", f"digits 11 to 13 are the type, 131 or 132 for a camera: {parts.type} is no camera's"
    # Every network digit is given away or reserved (8 by the edition of 2016), so none can be wrong.
    return None


def parse(text: str) -> GbId:
    """The parts of a camera's id. Raises Invalid on `gb_id`, telling which part is wrong."""
    wrong = fault(text)
    if wrong is not None:
        raise invalid("gb_id", *wrong)
    return split(text)


class Wanted(Input):
    """For which camera an id is wanted."""

    village_code: VillageCode
    kind: Kind
    industry: str | None = None
    """Two digits; what the kind usually has when it is not given (a shop 45, a school 11, a farm 40)."""
    unit: str = "00"
    """Two digits of a local unit (a station, a township), allotted by the county; 00 for none."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """An id that no camera has now. It is not reserved: whoever saves it first has it."""

    gb_id: str


async def propose(store: Store, wanted: Wanted, actor: Actor) -> Proposed:
    """The next free id for a camera of a kind. Raises Invalid, Denied outside the actor's scope, Conflict when full."""
    async with store.read() as conn:
        await village_no(conn, wanted.village_code)
        require(actor, wanted.village_code)
        return Proposed(
            await next_free(conn, wanted.village_code, wanted.kind, industry=wanted.industry, unit=wanted.unit)
        )


async def next_free(
    conn: AsyncConnection, village_code: str, kind: Kind, *, industry: str | None = None, unit: str = "00"
) -> str:
    """The id after the highest of its county, unit and kind: one that was given up is not given anew soon.

    Raises Invalid on `unit` or `industry`, Conflict when the kind's range is full.
    """
    own = NUMBERING[kind]
    chosen = own.industry if industry is None else industry
    if chosen not in INDUSTRIES:
        raise invalid("industry", "gb_industry", "two digits of the standard's table: 00 to 14, 40 to 45")
    if not (len(unit) == 2 and unit.isascii() and unit.isdigit()):  # noqa: PLR2004 - the standard's two digits
        raise invalid("unit", "gb_unit", "two digits, 00 for none")
    head = village_code[:6] + unit + chosen + own.type + own.network
    if fault(f"{head}{own.first:06}") is not None:
        raise Invalid("the village's county is none of GB/T 2260, so its cameras have no such id", code="gb_centre")
    last = own.first + _PER_RANGE - 1
    newest = await conn.scalar(
        sa.select(sa.func.max(cameras.c.gb_id)).where(
            cameras.c.gb_id.between(f"{head}{own.first:06}", f"{head}{last:06}")
        )
    )
    serial = own.first if newest is None else int(newest[-6:]) + 1
    if serial > last:
        raise Conflict(f"all ids {head}… of this kind are given; choose another unit or industry", code="gb_ids_full")
    return f"{head}{serial:06}"

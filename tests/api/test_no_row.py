"""No audit, no access, over HTTP: with a register that cannot be written, no route that asks for a purpose answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from api.routing import Needs
from registry.model import Role
from registry.permissions import ROLES
from tests.api.conftest import VILLAGE, World
from tests.api.test_matrix import QUERIES, ROUTES, ask, mounted
from tests.api.things import iso, of_hub, of_person, of_place

LOOKS_AT_LEAST = 35
SHOW_NOBODY = {
    "GET /cases/{case_id}/cluemaps": "notes and names of maps; reading one is a look",
    "GET /walls/refused": "which cameras one's wall may not show",
    "POST /exports/{export_id}/url": "an address; the fetch is a look",
}


async def test_a_register_that_cannot_be_written_lets_nothing_be_seen(world: World) -> None:
    keeper, now = await world.client(Role.ADMIN), datetime.now(UTC)
    inside = await of_place(world, keeper, VILLAGE)  # leaves the keeper looking under the case of all these things
    inside.ids |= await of_hub(keeper, world) | await of_person(keeper, await world.client(Role.ADMIN), inside)
    async with world.hub.store.write() as conn:
        await conn.execute(sa.text("CREATE TRIGGER quiet BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"))
    told: dict[str, Any] = {}
    for route in ROUTES:
        if route.needs is Needs.NOTHING or route.gate not in ROLES[Role.ADMIN]:
            continue
        key = f"{route.method} {mounted(route.path)}"
        query = QUERIES.get(key, "").format(hour_ago=iso(now - timedelta(hours=1)), now=iso(now))
        told[key] = await ask(keeper, route, inside.path(route) + query, inside)
    let = {key for key, one in told.items() if one.status < 400}
    assert let == SHOW_NOBODY.keys(), "each of these would have shown something of which no row was written"
    refused = [key for key, one in told.items() if one.code == (503, "audit_unwritable")]
    assert len(refused) >= LOOKS_AT_LEAST, {key: one.code for key, one in told.items() if key not in refused}

"""Whether a camera's position can be where its village is: what people mistype most is its order and its datum."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.datum import Datum, to_wgs84
from registry.geometry import distance
from registry.inputs import invalid
from registry.scope import under
from registry.tables import cameras, places

FAR_M: Final = 50_000.0
"""No village is as wide: a camera farther from its village's point stands wrong, or the point does."""
NEAR_M: Final = 200_000.0
"""No county is as wide."""
FAR: Final = "far_from_village"


def keep(values: dict[str, Any]) -> None:
    """Turn a position given in another datum to WGS-84 in place, and keep as `coord_source` what it was given in.

    `values` are a camera's fields as given; `datum` leaves them. Raises Invalid for half a position.
    """
    given = values.pop("datum", None)
    if "lat" not in values and "lon" not in values:
        if given is not None:
            raise invalid("datum", "position", "give lat and lon with it: what is kept is WGS-84")
        return
    lat, lon = values.get("lat"), values.get("lon")
    if (lat is None) != (lon is None):
        raise invalid("lat", "position", "give lat and lon, or neither")
    datum = Datum(given or Datum.WGS84)
    values["coord_source"] = ""
    if lat is not None and lon is not None:
        values["coord_source"] = datum.value
        values["lat"], values["lon"] = (round(degrees, 7) for degrees in to_wgs84(lat, lon, datum))


async def check(conn: AsyncConnection, values: dict[str, Any], village_code: str) -> None:
    """Raise Invalid when latitude and longitude are plainly exchanged: so they would lie in the village's county.

    A position that is merely far off is kept, with a warning on the camera for as long as it is: the village's own
    point may be the wrong one, and whoever stands at the pole cannot mend that.
    """
    lat, lon = values.get("lat"), values.get("lon")
    if lat is None or lon is None:
        return
    known = await _known(conn, village_code)
    if known is not None and distance((lon, lat), known) > NEAR_M and distance((lat, lon), known) <= NEAR_M:
        raise invalid(
            "lat", "swapped", "latitude and longitude look exchanged: so they would lie in the village's county"
        )


def warnings(lat: float | None, lon: float | None, of_village: tuple[float | None, float | None]) -> tuple[str, ...]:
    """What is doubtful about a position, as codes; `of_village` is the village's own latitude and longitude."""
    village_lat, village_lon = of_village
    if lat is None or lon is None or village_lat is None or village_lon is None:
        return ()
    return (FAR,) if distance((lon, lat), (village_lon, village_lat)) > FAR_M else ()


async def _known(conn: AsyncConnection, village_code: str) -> tuple[float, float] | None:
    """Longitude and latitude of the village, else of its township or county, else amid the county's cameras."""
    codes = [village_code, village_code[:9], village_code[:6]]
    told = (
        sa.select(places.c.lon, places.c.lat)
        .where(places.c.code.in_(codes), places.c.lat.is_not(None), places.c.lon.is_not(None))
        .order_by(sa.func.length(places.c.code).desc())
        .limit(1)
    )
    row = (await conn.execute(told)).one_or_none()
    if row is None:
        amid = (
            sa.select(sa.func.avg(cameras.c.lon), sa.func.avg(cameras.c.lat))
            .join(places, places.c.no == cameras.c.village_no)
            .where(under(places.c.code, village_code[:6]), cameras.c.lat.is_not(None), cameras.c.removed_at.is_(None))
        )
        row = (await conn.execute(amid)).one()
    return None if row[0] is None else (float(row[0]), float(row[1]))

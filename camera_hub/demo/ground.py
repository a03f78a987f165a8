"""The sample county's ground: outlines, roads and entrances of its three villages, all of them made up.

They lie around the sample cameras, so that the map shows something; no map of the place was looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from registry import entrances, geography, roads
from registry.entrances import NewEntrance
from registry.geography import NewBoundary
from registry.inputs import parse
from registry.roads import NewRoad
from registry.store import Store
from registry.users import CONSOLE

TOWNSHIP = "220882100"
HANSHU, XIANJIN, ZHIFA = "220882100200", "220882100201", "220882100202"

_OUTLINES = {
    HANSHU: [
        (123.9340, 45.7285), (123.9395, 45.7279), (123.9425, 45.7295),
        (123.9428, 45.7322), (123.9390, 45.7330), (123.9345, 45.7318),
    ],
    XIANJIN: [
        (123.9550, 45.7425), (123.9590, 45.7421), (123.9625, 45.7434),
        (123.9622, 45.7460), (123.9580, 45.7463), (123.9552, 45.7452),
    ],
    ZHIFA: [
        (123.9130, 45.7198), (123.9165, 45.7182), (123.9188, 45.7190),
        (123.9180, 45.7212), (123.9150, 45.7221), (123.9128, 45.7214),
    ],
}  # fmt: skip
_ROADS = (
    (TOWNSHIP, "乡道", [(123.9455, 45.7314), (123.9520, 45.7380), (123.9602, 45.7449), (123.9660, 45.7470)]),
    (HANSHU, "汉书村路", [(123.9455, 45.7314), (123.9411, 45.7311), (123.9380, 45.7306), (123.9338, 45.7301)]),
    (XIANJIN, "先进村路", [(123.9535, 45.7440), (123.9570, 45.7441), (123.9602, 45.7449)]),
    (ZHIFA, "志发村路", [(123.9200, 45.7186), (123.9170, 45.7191), (123.9155, 45.7202), (123.9120, 45.7220)]),
)
_ENTRANCES: tuple[tuple[str, str, float, float, float, list[str]], ...] = (
    (HANSHU, "东口", 123.9427, 45.7312, 265, ["hanshu-gate"]),
    (HANSHU, "西口", 123.9341, 45.7301, 80, []),
    (XIANJIN, "公路口", 123.9621, 45.7456, 245, ["xianjin-road"]),
    (XIANJIN, "西口", 123.9551, 45.7441, 88, ["xianjin-h265"]),
    (ZHIFA, "桥头", 123.9179, 45.7189, 290, ["zhifa-bridge", "zhifa-night"]),
    (ZHIFA, "北口", 123.9130, 45.7216, 130, ["zhifa-mill"]),
)
"""Village, name, longitude, latitude, direction of entry, the cameras that see it. One is seen by none."""


async def draw(store: Store, made: Mapping[str, str]) -> None:
    """Draw the villages; `made` are the cameras' ids by slug, and one that was not made sees no entrance."""
    for code, outline in _OUTLINES.items():
        await geography.set_boundary(store, code, parse(NewBoundary, {"boundary": outline}), CONSOLE)
    for code, name, path in _ROADS:
        await roads.create(store, parse(NewRoad, {"place_code": code, "name": name, "path": path}), CONSOLE)
    for code, name, lon, lat, bearing, slugs in _ENTRANCES:
        seen = [UUID(made[slug]) for slug in slugs if slug in made]
        new = {"place_code": code, "name": name, "lon": lon, "lat": lat, "bearing_deg": bearing, "camera_ids": seen}
        await entrances.create(store, parse(NewEntrance, new), CONSOLE)

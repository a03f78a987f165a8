"""The ground over HTTP: who may draw, how large a file may be, and that a stale change is refused."""

from __future__ import annotations

import io
import json
from typing import Any

from api.geography import MOST_BYTES
from registry.model import Role

from .conftest import COUNTY, ELSEWHERE, VILLAGE, World

API = "/api/v1"
RING = [[123.93, 45.72], [123.95, 45.72], [123.95, 45.74], [123.93, 45.74]]


def file(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def outline(code: str, ring: list[list[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {"code": code},
    }


async def test_a_technician_draws_and_a_monitor_only_looks(world: World) -> None:
    technician, monitor = await world.client(Role.TECHNICIAN), await world.client(Role.MONITOR)
    drawn = await technician.ask("PUT", f"{API}/places/{VILLAGE}/boundary", json={"boundary": RING})
    assert (drawn.status, drawn.body["revision"]) == (200, 2)
    road = await technician.post(f"{API}/roads", {"place_code": VILLAGE, "name": "村路", "path": RING[:2]})
    gate = {"place_code": VILLAGE, "name": "东口", "lat": 45.73, "lon": 123.95, "bearing_deg": 270}
    entrance = await technician.post(f"{API}/entrances", {**gate, "camera_ids": [str(world.county.cameras["gate"])]})
    stale = await technician.ask(
        "PUT", f"{API}/places/{VILLAGE}/boundary", json={"boundary": None, "expected_revision": 1}
    )
    assert stale.code == (409, "ground_stale")

    ground = await monitor.get(f"{API}/places/{COUNTY}/map")
    assert ground["areas"][0]["boundary"] == RING
    assert [one["id"] for one in ground["roads"]] == [road["id"]]
    assert ground["entrances"][0]["camera_ids"] == [str(world.county.cameras["gate"])]
    exported = await monitor.get(f"{API}/places/{COUNTY}/geojson")
    assert len(exported["features"]) == 3
    for method, path, body in (
        ("PUT", f"places/{VILLAGE}/boundary", {"boundary": None}),
        ("POST", "roads", {"place_code": VILLAGE, "path": RING[:2]}),
        ("DELETE", f"roads/{road['id']}", None),
        ("PATCH", f"entrances/{entrance['id']}", {"name": "x"}),
        ("POST", f"places/{VILLAGE}/geojson", exported),
    ):
        refused = await monitor.ask(method, f"{API}/{path}", json=body)
        assert refused.code == (403, "role"), path
    assert (await technician.ask("GET", f"{API}/places/{ELSEWHERE}/map")).code == (403, "out_of_scope")
    assert (await technician.ask("PATCH", f"{API}/roads/{road['id']}", json={"name": "新路"})).body["revision"] == 2
    assert (await technician.ask("DELETE", f"{API}/roads/{road['id']}")).status == 204
    assert (await technician.ask("DELETE", f"{API}/entrances/{entrance['id']}")).status == 204


async def test_a_file_is_tried_and_drawn_up_to_its_size(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    bow = [RING[0], RING[2], RING[1], RING[3]]
    given = file(outline(VILLAGE, RING), outline(VILLAGE, bow), outline(ELSEWHERE, RING))
    path = f"{API}/places/{VILLAGE}/geojson"
    tried = await officer.ask("POST", path, json=given)
    assert [step["reason"] for step in tried.body["steps"]] == [None, "self_intersection", "outside_place"]
    assert (await officer.get(f"{API}/places/{VILLAGE}/map"))["areas"][0]["boundary"] is None
    done = await officer.ask("POST", f"{path}?apply=true&datum=wgs84", json=given)
    assert (done.body["applied"], done.body["added"], done.body["refused"]) == (True, 1, 2)

    def large(body: dict[str, Any]) -> dict[str, Any]:
        return {"data": io.BytesIO(json.dumps(body).encode()), "headers": {"Content-Type": "application/json"}}

    padded = await officer.ask("POST", path, **large({**given, "name": "x" * 2 * 2**20}))
    assert padded.body["unchanged"] == 1
    assert (await officer.ask("POST", path, **large({"x": "x" * MOST_BYTES}))).code == (413, "too_large")
    assert (await officer.ask("POST", path, json={"type": "Nonsense"})).code == (422, "not_geojson")
    assert (await officer.ask("POST", f"{path}?datum=mars", json=given)).status == 422
    deep = await officer.ask("POST", path, data="[" * 100_000, headers={"Content-Type": "application/json"})
    assert deep.status == 422
    assert (await officer.ask("POST", path, json=json.loads("[]"))).status == 422

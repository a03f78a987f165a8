"""The page's files and the documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.page import EACH_TIME, FOR_EVER, inside
from api.routing import Door

from .conftest import Serving, World


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>hub</title>")
    (folder / "assets" / "index-Dk3f.js").write_text("1")
    (folder / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret").write_text("secret")
    (folder / "out").symlink_to(tmp_path / "secret")
    return folder


async def test_the_page_and_its_own_routes_get_the_index_and_assets_are_kept(serving: Serving, static: Path) -> None:
    client = (await serving(static=static)).anonymous()
    for path in ("/", "/events", "/cameras/some-id"):
        answer = await client.ask("GET", path, headers={"Accept": "text/html"})
        assert (answer.status, answer.headers["Cache-Control"]) == (200, EACH_TIME), path
        assert b"<title>hub</title>" in answer.body
    asset = await client.ask("GET", "/assets/index-Dk3f.js")
    assert (asset.status, asset.headers["Cache-Control"]) == (200, FOR_EVER)
    assert "javascript" in asset.headers["Content-Type"]
    assert (await client.ask("GET", "/icon.svg")).headers["Cache-Control"] == EACH_TIME


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone.js",
        "/api/v1/nothing",
        "/api/",
        "/..%2fsecret",
        "/out",
        "/%00",
        "/a%00.js",
        "/" + "a" * 3000 + ".js",
        "/assets",
    ],
)
async def test_what_is_not_there_is_not_found(serving: Serving, static: Path, path: str) -> None:
    client = (await serving(static=static)).anonymous()
    answer = await client.ask("GET", path, headers={"Accept": "*/*"})
    assert answer.code == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
async def test_an_api_that_is_not_there_is_not_found_whatever_the_method(world: World, method: str) -> None:
    answer = await world.anonymous().ask(method, "/api/v1/nothing", headers={"Accept": "text/html"})
    assert answer.code == (404, "not_found")


def test_no_path_leads_out_of_the_folder(static: Path) -> None:
    for path in ("../secret", "out", "assets/../../secret", "/etc/passwd", "\0", "a" * 5000, ""):
        assert inside(static, path) is None, path


async def test_a_page_that_was_not_built_says_what_to_do(serving: Serving, tmp_path: Path) -> None:
    client = (await serving(static=tmp_path / "nothing")).anonymous()
    answer = await client.ask("GET", "/")
    assert answer.status == 503
    assert b"make web" in answer.body


async def test_the_documentation_needs_nothing_from_elsewhere(world: World) -> None:
    client = world.anonymous()
    page = (await client.ask("GET", "/docs")).body.decode()
    assert "http" not in page.replace("http-equiv", "")
    for name in ("reference.css", "reference.js"):
        assert f"/docs/{name}" in page
        answer = await client.ask("GET", f"/docs/{name}")
        assert answer.status == 200
    assert (await client.ask("GET", "/docs/..%2froutes.py")).status == 404
    assert (await client.ask("GET", "/docs/gone.js")).status == 404


async def test_the_description_is_whole(world: World) -> None:
    document = await world.anonymous().get("/openapi.json")
    assert document["openapi"] == "3.1.0"
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (path, method)
            assert operation["security"] or operation["x-gate"] == Door.OPEN.value
    text = json.dumps(document)
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references <= set(document["components"]["schemas"])
    # A row's number never leaves the hub, but for the register's own: it is what its proof counts by.
    told = {("Anchored", "no"), ("AuditRow", "no"), ("Chain", "no"), ("Proof", "broken_no"), ("Purge", "audit_no")}
    told |= {("Custody", "audit_no"), ("Sighting", "no")}  # the latter counts them on their map
    told |= {("Placement", "filing_no"), ("PlacementChange", "filing_no")}  # the police authority's
    for name, schema in document["components"]["schemas"].items():
        numbers = {(name, key) for key in schema.get("properties", {}) if key == "no" or key.endswith("_no")}
        assert numbers <= told, name

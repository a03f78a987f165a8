"""The page's own types say no more than the API's description: a field that the hub renames breaks here, not at a desk."""

from __future__ import annotations

import re
from pathlib import Path

import api

WEB = Path(api.__file__).parent / "web" / "src"
AS = {
    "User": "User",
    "Purpose": "Purpose",
    "Session": "Document",
    "Case": "Case",
    "Place": "Place",
    "CameraStatus": "CameraStatus",
    "Camera": "Camera",
    "Box": "Box",
    "Mark": "Mark",
    "HubEvent": "ShownEvent",
    "EventPage": "Page",
    "Bucket": "Bucket",
    "Fault": "Fault",
    "WorkerHealth": "WorkerHealth",
    "Health": "Health",
}
"""Interface of api/types.ts → schema of the OpenAPI document."""


def test_every_field_the_page_reads_is_in_the_description() -> None:
    schemas = api.description()["components"]["schemas"]
    interfaces = dict(
        re.findall(r"export interface (\w+) \{\n(.*?)\n\}", (WEB / "api/types.ts").read_text(), re.DOTALL)
    )
    assert set(interfaces) == set(AS)
    for name, body in interfaces.items():
        fields = set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE))
        assert fields
        assert fields <= set(schemas[AS[name]]["properties"]), name


def test_every_filter_the_page_sends_is_a_parameter_of_the_search() -> None:
    source = (WEB / "store/filters.ts").read_text()
    sent = set(re.findall(r'(?:set|query\.set)\("(\w+)", ', source.split("export function toQuery")[1]))
    assert {"place", "group", "min_score", "since", "night_from"} <= sent
    known = {one["name"] for one in api.description()["paths"]["/api/v1/events"]["get"]["parameters"]}
    assert sent <= known


def test_every_permission_the_page_asks_for_exists() -> None:
    asked = {
        one
        for file in WEB.rglob("*.tsx")
        for one in re.findall(
            r'(?:may\(|needs: |events: \[|cameras: \[|health: \[|admin: \[|case: |patrol: |maintenance: )"(\w+_\w+)"',
            file.read_text(),
        )
    }
    assert {"see_events", "manage_cases", "open_patrol"} <= asked
    assert asked | {"register"} <= set(api.description()["components"]["schemas"]["Permission"]["enum"])

"""The page's own types say no more than the API's description: a field that the hub renames breaks here, not at a desk."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import api

described = cache(api.description)
WEB = Path(api.__file__).parent / "web" / "src"
AS = {
    "User": "User",
    "Held": "Held",
    "Purpose": "Purpose",
    "Session": "Document",
    "Person": "Person",
    "Case": "Case",
    "Place": "Place",
    "CameraStatus": "CameraStatus",
    "Camera": "Camera",
    "Box": "Box",
    "Mark": "Mark",
    "HubEvent": "ShownEvent",
    "EventPage": "Page",
    "Watched": "Watched",
    "Bucket": "Bucket",
    "Fault": "Fault",
    "WorkerHealth": "WorkerHealth",
    "Health": "Health",
}
"""Interface of api/types.ts → schema of the OpenAPI document."""


OTHERS = {
    "ActivityPlan": "Activity",
    "Approvals": "Listed",
    "Around": None,
    "BadCell": "Bad",
    "Bookmark": "ShownBookmark",
    "CaseBody": "NewCase",
    "ClipOrder": None,
    "Consent": "Consent-Output",
    "ConsentHistory": "api__consents__History",
    "EntranceBody": "NewEntrance",
    "EventFile": None,
    "EvidenceExport": "Export",
    "evidence.Moment": "ShownBookmark",
    "FieldProblem": "FieldError",
    "FoundBox": "FoundDevice",
    "Passer": "ShownPasser",
    "Gap": "registry__recordings__completeness__Gap",
    "GapFilter": None,
    "GroundArea": "Area",
    "GroundEntrance": "Entrance",
    "GroundRoad": "Road",
    "Hop": "ShownHop",
    "HopAsk": None,
    "Hops": "ShownHops",
    "HubAlert": "ShownAlert",
    "Incident": "ShownIncident",
    "Lane": "ShownLane",
    "Listener": None,
    "MapAsk": None,
    "NewPurpose": "OpenPurpose",
    "PatrolMark": "ShownMark",
    "Plan": "PlanSummary",
    "RecordedSpan": "ShownSpan",
    "RecordingGap": "MissingSpan",
    "RecordingUsage": "Usage",
    "Pushed": None,
    "Report": "ProbeReport",
    "RoadBody": "NewRoad",
    "Saying": "NewVersion",
    "RotationPlan": "Rotation",
    "SceneThen": "Scene",
    "pursuit.Strip": "ShownStrip",
    "StripFilter": None,
    "SurveyStep": "registry__survey__Step",
    "Tile": None,
    "Told": "Amendment",
    "TileState": None,
    "TrialOrder": "NewTrial",
    "UserBody": "NewUser",
    "WallScreen": "ShownScreen",
    "Viewings": "ViewingPage",
    "Wanted": None,
    "audit.Report": "registry__audit__misuse__Report",
    "cases.Report": "registry__casework__told__Report",
    "cases.Handover": "registry__casework__handover__Handover",
    "patrols.Handover": "registry__patrols__model__Handover",
    "stills.Part": None,
    "stills.Cell": None,
    "book.Step": "camera_hub__book__progress__Step",
    "register.Step": "ProbeStep",
}
"""Interfaces of the other files whose schema bears another name; None: the page's own, or told over a WebSocket."""


def interfaces(file: Path) -> dict[str, set[str]]:
    """Fields of each exported interface of a file, without those it extends."""
    found = re.findall(r"export interface (\w+)[^{]*\{\n(.*?)\n\}", file.read_text(), re.DOTALL)
    return {name: set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE)) for name, body in found}


def test_every_field_the_page_reads_is_in_the_description() -> None:
    schemas = described()["components"]["schemas"]
    read = interfaces(WEB / "api/types.ts")
    assert set(read) == set(AS)
    for name, fields in read.items():
        assert fields
        assert fields <= set(schemas[AS[name]]["properties"]), name


@pytest.mark.parametrize("file", sorted(one.name for one in (WEB / "api").glob("*.ts") if one.name != "types.ts"))
def test_every_field_a_part_of_the_page_reads_or_sends_is_in_the_description(file: str) -> None:
    schemas = described()["components"]["schemas"]
    part = file.removesuffix(".ts")
    for name, fields in interfaces(WEB / "api" / file).items():
        schema = OTHERS.get(f"{part}.{name}", OTHERS.get(name, name))
        if schema is not None:
            assert fields <= set(schemas[schema]["properties"]), name


def test_every_filter_the_page_sends_is_a_parameter_of_the_search() -> None:
    source = (WEB / "store/filters.ts").read_text()
    sent = set(re.findall(r'(?:set|query\.set)\("(\w+)", ', source.split("export function toQuery")[1]))
    assert {"place", "group", "min_score", "since", "night_from"} <= sent
    known = {one["name"] for one in described()["paths"]["/api/v1/events"]["get"]["parameters"]}
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
    assert asked | {"register"} <= set(described()["components"]["schemas"]["Permission"]["enum"])

"""Bringing cameras in from the command line: trials, templates, positions, changes, replaced boxes, GB ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry.datum import to_gcj02
from tests.camera_hub.cli.conftest import Hub
from tests.services.process import free_port

VILLAGE = "220882100200"
PUBLIC = ("--village", VILLAGE, "--kind", "public", "--manager-unit", "镇政府")


@pytest.fixture
def box(county: Hub) -> dict[str, Any]:
    said = county("device", "add", "门口", "--url", "rtsp://admin:pw@10.0.0.5/1", *PUBLIC, "--json")
    assert said.status == 0, said.err
    return said.json


def test_templates_are_listed(hub: Hub) -> None:
    vendors = {one["vendor"] for one in hub("device", "templates", "--json").json}
    assert {"hikvision", "dahua", "uniview", "tp_link", "ezviz", "xm"} <= vendors
    assert "/Streaming/Channels/{channel}01" in hub("device", "templates").out


def test_an_address_is_tried_without_being_registered(county: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ALLOW_LOOPBACK", "true")
    port = free_port()
    said = county("device", "try", f"rtsp://admin:hunter2hunter2@127.0.0.1:{port}/s", "--json")
    assert said.status == 1
    assert (said.json["steps"][0]["code"], said.json["url"]) == ("port_closed", f"rtsp://127.0.0.1:{port}/s")
    assert "hunter2" not in said.out + said.err
    assert "reach: failed" in said.err
    filled = county(
        "device", "try", "--vendor", "dahua", "--host", "127.0.0.1", "--port", port, "--channel", 2, "--json"
    )
    assert filled.json["url"] == f"rtsp://127.0.0.1:{port}/cam/realmonitor?channel=2&subtype=1"
    assert county("device", "list", "--json").json == []


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("rtsp://10.0.0.1/1", "--vendor", "dahua", "--host", "10.0.0.1"),
        ("--vendor", "acme", "--host", "10.0.0.1"),
        ("--vendor", "tp_link", "--host", "10.0.0.1", "--channel", "2"),
        ("--vendor", "dahua", "--host", "a b"),
        ("rtsp://127.0.0.1/1",),
        ("file:///etc/passwd",),
    ],
)
def test_what_cannot_be_tried_is_refused(county: Hub, words: tuple[str, ...]) -> None:
    assert county("device", "try", *words).status == 2


def test_a_search_says_from_where_it_looked(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camera_hub.stream.discovery.own_addresses", lambda **_: [])
    said = hub("device", "find", "--seconds", "1", "--json")
    assert (said.status, said.json) == (0, {"found": [], "searched": []})


def test_a_householders_camera_is_not_tried_without_his_consent(county: Hub) -> None:
    own = ("--village", VILLAGE, "--kind", "civilian", "--owner-name", "老李", "--owner-contact", "139")
    made = county("device", "add", "院", "--url", "rtsp://10.0.0.5/1", *own, "--json").json
    for words in (("test", made["device"]["id"]), ("try", "rtsp://10.0.0.5/2")):
        said = county("device", *words, "--json")
        assert (said.status, said.problem["code"]) == (4, "no_consent")


def test_a_position_is_told_in_the_datum_of_a_phone(county: Hub, box: dict[str, Any]) -> None:
    camera = box["cameras"][0]["id"]
    lat, lon = to_gcj02(45.507, 124.292)
    said = county(
        "camera",
        "change",
        camera,
        "--lat",
        lat,
        "--lon",
        lon,
        "--datum",
        "gcj02",
        "--hamlet",
        "东屯",
        "--pole",
        "7",
        "--json",
    )
    assert said.status == 0, said.err
    kept = said.json
    assert (round(kept["lat"], 6), round(kept["lon"], 6), kept["coord_source"]) == (45.507, 124.292, "gcj02")
    assert (kept["hamlet"], kept["pole"], kept["revision"]) == ("东屯", "7", 2)
    swapped = county("camera", "change", camera, "--lat", "124.292", "--lon", "45.507", "--json")
    assert (swapped.status, swapped.problem["fields"][0]["code"]) == (2, "swapped")
    half = county("camera", "change", camera, "--lat", "45.5", "--json")
    assert (half.status, half.problem["fields"][0]["code"]) == (2, "position")


def test_a_box_is_replaced_and_the_register_tells(county: Hub, box: dict[str, Any], tmp_path: Path) -> None:
    camera = box["cameras"][0]["id"]
    secret = tmp_path / "password"
    secret.write_text("new secret\n")
    said = county(
        "camera", "replace", camera, "10.0.0.8", "--sub-url", "rtsp://10.0.0.8/2", "--username", "admin",
        "--password-file", secret,
    )  # fmt: skip
    assert said.status == 0, said.err
    (device,) = county("device", "list", "--json").json
    assert (device["name"], device["host"], device["has_password"]) == ("门口", "10.0.0.8", True)
    told = county("camera", "changes", camera, "--json").json
    assert [one["action"] for one in told] == ["camera.replace", "camera.create"]
    fields = {one["field"]: (one["old"], one["new"]) for one in told[0]["changed"]}
    assert fields["sub_url"] == (None, "rtsp://10.0.0.8/2")
    assert fields["main_url"] == ("rtsp://10.0.0.5/1", None)
    assert "rtsp://10.0.0.8/2" in county("camera", "changes", camera).out


def test_gb_ids_are_told_and_checked(county: Hub, box: dict[str, Any]) -> None:
    camera = box["cameras"][0]["id"]
    free = county("camera", "gb-id", VILLAGE, "public")
    assert free.out.strip() == "22088200001320000001"
    assert county("camera", "change", camera, "--gb-id", free.out.strip()).status == 0
    assert county("camera", "gb-id", VILLAGE, "public", "--json").json == {"gb_id": "22088200001320000002"}
    assert county("camera", "gb-id", VILLAGE, "social", "--industry", "45", "--unit", "03").out.startswith("2208820345")
    wrong = county("camera", "change", camera, "--gb-id", "220882000013200000", "--json")
    assert (wrong.status, wrong.problem["fields"][0]["code"]) == (2, "gb_rule_b")

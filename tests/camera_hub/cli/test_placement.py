"""Placement from the command line: told, signed, listed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from camera_hub.media import encode_jpeg
from tests.camera_hub.cli.conftest import Hub

PUBLIC = ("--village", "220882100200", "--kind", "public", "--manager-unit", "镇政府")


def test_a_camera_is_made_whole_and_its_filing_is_listed(county: Hub, tmp_path: Path) -> None:
    county("device", "add", "门口", "--url", "rtsp://admin:pw@10.0.0.5/1", *PUBLIC)
    camera = county("camera", "list", "--json").json[0]["id"]
    assert county("camera", "placement", "show", camera, "--json").json["lacks"] == [
        "checklist",
        "basis",
        "purpose",
        "sign",
    ]
    listed = county("camera", "filings", "--wanting", "incomplete", "--json").json
    assert [one["camera_id"] for one in listed] == [camera]
    told = county(
        "camera", "placement", "set", camera, "--basis", "government", "--purpose", "治安防控", "--no", "all", "--json"
    )
    assert told.json["lacks"] == ["sign"]
    photo = tmp_path / "sign.jpg"
    photo.write_bytes(b"GIF89a")
    assert county("camera", "placement", "sign", camera, photo, "--json").problem["code"] == "sign_jpeg"
    assert county("camera", "placement", "sign", camera, tmp_path / "none.jpg").status != 0
    photo.write_bytes(encode_jpeg(np.full((40, 60, 3), 90, np.uint8)))
    assert county("camera", "placement", "sign", camera, photo, "--json").json["lacks"] == []
    half = county("camera", "placement", "set", camera, "--filing-no", "吉公备1", "--json")
    assert half.problem["fields"][0]["path"] == "filed_on"
    filed = county("camera", "placement", "set", camera, "--filing-no", "吉公备1", "--filed-on", "2026-11-23", "--json")
    assert filed.json["filing"] == "filed"
    assert county("check", "--json").status == 0

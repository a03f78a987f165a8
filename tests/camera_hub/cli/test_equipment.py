"""`camera-hub device` and `camera-hub camera`: boxes, viewpoints, scenes and consents."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from camera_hub.cli.consent import minutes
from registry.errors import Invalid

from .conftest import Hub

VILLAGE = "220882100200"
PUBLIC = ("--village", VILLAGE, "--kind", "public", "--manager-unit", "派出所")


@pytest.fixture
def box(county: Hub) -> dict[str, Any]:
    return county("device", "add", "东口", "--host", "192.0.2.7", "--json").json["device"]


def test_a_pasted_address_loses_its_password_and_opens_later(county: Hub, tmp_path: Path) -> None:
    said = county("device", "add", "东口", "--url", "rtsp://admin:p%40ss@192.0.2.7:554/stream1", *PUBLIC, "--json")
    assert said.status == 0, said.err
    assert said.json["device"]["username"] == "admin"
    assert said.json["device"]["has_password"] is True
    assert said.json["cameras"][0]["main_url"] == "rtsp://192.0.2.7:554/stream1"
    assert "p@ss" not in said.out
    assert "p%40ss" not in said.out
    kept = sqlite3.connect(tmp_path / "data" / "hub.db").execute("select * from devices").fetchall()
    assert "p@ss" not in str(kept)
    assert county("check").status == 0


def test_what_is_wrong_with_a_camera_leaves_no_device_behind(county: Hub) -> None:
    said = county(
        "device", "add", "东口", "--url", "rtsp://192.0.2.7/s", "--village", VILLAGE, "--kind", "civilian", "--json"
    )
    assert said.status == 2
    assert {field["path"] for field in said.problem["fields"]} == {"owner_name", "owner_contact"}
    assert county("device", "list", "--json").json == []


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://127.0.0.1/s",
        "rtsp://localhost/s",
        "file:///etc/passwd",
        "rtsp://h/`id`",
        "rtsp://h/a\r\nX: y",
        "gopher://h/",
    ],
)
def test_addresses_the_settings_do_not_allow_are_refused(county: Hub, url: str) -> None:
    said = county("device", "add", "x", "--url", url, *PUBLIC)
    assert said.status == 2, said.out
    assert county("device", "list", "--json").json == []


def test_a_new_host_drops_the_password(county: Hub) -> None:
    county(
        "device", "add", "东口", "--host", "192.0.2.7", "--username", "admin", "--password-stdin", stdin="secret-one\n"
    )
    device = county("device", "list", "--json").json[0]
    assert device["has_password"]
    moved = county("device", "change", device["id"], "--host", "192.0.2.8")
    assert "give it again" in moved.out
    again = county("device", "change", device["id"], "--password-stdin", "--json", stdin="secret-two\n").json
    assert (again["host"], again["has_password"]) == ("192.0.2.8", True)


def test_onvif_says_why_nobody_answers(county: Hub) -> None:
    said = county("device", "add", "x", "--onvif", "127.0.0.1:9", "--json")
    assert said.status == 2, "loopback is not allowed here"
    assert county("device", "list", "--json").json == []


def test_life_of_a_camera(county: Hub, box: dict[str, Any]) -> None:
    made = county(
        "camera",
        "add",
        box["id"],
        "东口",
        *PUBLIC,
        "--sub-url",
        "rtsp://192.0.2.7/sub",
        "--lat",
        45.7,
        "--lon",
        123.9,
        "--json",
    )
    assert made.status == 0, made.err
    camera = made.json["id"]
    assert county("camera", "disable", camera, "--json").json["enabled"] is False
    assert county("camera", "enable", camera, "--json").json["enabled"] is True
    assert county("camera", "change", camera, "--name", "东大门", "--json").json["name"] == "东大门"
    assert "东大门" in county("camera", "show", camera).out
    assert [one["id"] for one in county("camera", "list", "--village", "220882100", "--json").json] == [camera]
    assert county("camera", "list", "--village", "220882101", "--json").json == []
    assert county("device", "remove", box["id"]).status == 4
    assert county("camera", "remove", camera).status == 0
    assert county("device", "remove", box["id"]).status == 0
    assert county("camera", "show", camera).status == 3


def test_every_wrong_field_of_a_camera_is_named(county: Hub, box: dict[str, Any]) -> None:
    said = county(
        "camera",
        "add",
        box["id"],
        "x",
        "--village",
        "22",
        "--kind",
        "public",
        "--lat",
        "north",
        "--bearing",
        "400",
        "--tier",
        "half",
        "--gb-id",
        "12",
        "--json",
    )
    assert said.status == 2
    assert {field["path"] for field in said.problem["fields"]} == {
        "village_code",
        "lat",
        "bearing_deg",
        "tier",
        "gb_id",
    }


def test_a_scene_is_set_from_a_file_and_refused_when_it_crosses_itself(
    county: Hub, box: dict[str, Any], tmp_path: Path
) -> None:
    camera = county("camera", "add", box["id"], "东口", *PUBLIC, "--json").json["id"]
    scene = json.loads(county("camera", "scene", "show", camera).out)
    scene["masks"] = [[[0, 0], [0.5, 0], [0.5, 0.5]]]
    file = tmp_path / "scene.json"
    file.write_text(json.dumps(scene), encoding="utf-8")
    assert county("camera", "scene", "set", camera, file, "--expected", 0, "--json").json["revision"] == 1
    stale = county("camera", "scene", "set", camera, file, "--expected", 0, "--json")
    assert (stale.status, stale.problem["code"]) == (4, "scene_stale")
    scene["masks"] = [[[0, 0], [1, 1], [1, 0], [0, 1]]]
    scene["rules"][0]["zone"] = "nowhere"
    said = county("camera", "scene", "set", camera, "-", "--json", stdin=json.dumps(scene))
    assert said.status == 2
    assert said.problem["fields"][0]["path"].startswith("masks.0")


def test_consent_from_signature_to_withdrawal(county: Hub, box: dict[str, Any]) -> None:
    owner = ("--owner-name", "李某", "--owner-contact", "1")
    camera = county(
        "camera", "add", box["id"], "院外", "--village", VILLAGE, "--kind", "civilian", *owner, "--json"
    ).json["id"]
    said = county(
        "camera",
        "consent",
        "add",
        camera,
        "--owner",
        "李某",
        "--scope",
        "events",
        "--text-version",
        "1",
        "--hours",
        "22:00-04:30",
        "--json",
    )
    assert said.status == 0, said.err
    assert (said.json["from_minute"], said.json["to_minute"]) == (22 * 60, 4 * 60 + 30)
    assert "22:00-04:30" in county("camera", "consent", "list", camera).out
    assert county("camera", "consent", "withdraw", said.json["id"], "--json").json["number"]
    wrong = county(
        "camera",
        "consent",
        "add",
        camera,
        "--owner",
        "李某",
        "--scope",
        "events",
        "--text-version",
        "1",
        "--hours",
        "25:00-1",
    )
    assert wrong.status == 2


@pytest.mark.parametrize("hours", ["22:99-04:30", "22:00-04:60", "24:00-04:30", "22-4", "22:00", "22:00-04:30-05:00"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(Invalid, match="write 22:00-04:30"):
        minutes(hours)
    assert minutes("4:05-23:59") == (4 * 60 + 5, 23 * 60 + 59)


def test_a_port_that_is_no_number_is_part_of_a_name(county: Hub) -> None:
    assert county("device", "add", "东口", "--onvif", "camera.invalid:²").status in {1, 2, 5}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "camera.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for shade in range(60):
            frame = av.VideoFrame.from_ndarray(np.full((180, 320, 3), shade * 4, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_a_stream_is_tried_and_measured(county: Hub, recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ALLOW_FILE_SOURCES", "true")
    made = county("device", "add", "录像", "--host", "192.0.2.7", "--url", f"file://{recording}", *PUBLIC, "--json")
    assert made.status == 0, made.err
    said = county("device", "test", made.json["device"]["id"], "--json")
    assert said.status == 0, said.out
    seen = said.json[0]["report"]["stream"]
    assert (seen["codec"], seen["width"], seen["height"]) == ("h264", 320, 180)
    assert "h264 320x180" in county("device", "test", made.json["device"]["id"]).out


def test_a_dead_stream_says_what_to_do(county: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.services.process import free_port

    monkeypatch.setenv("HUB_ALLOW_LOOPBACK", "true")
    made = county("device", "add", "x", "--url", f"rtsp://127.0.0.1:{free_port()}/s", *PUBLIC, "--json").json
    said = county("device", "test", made["device"]["id"], "--json")
    assert said.status == 1
    assert said.json[0]["report"]["steps"][0]["ok"] is False
    assert "failed" in county("device", "test", made["device"]["id"]).out


EXAMPLE = Path(__file__).parents[3] / "configs" / "cameras.example.csv"


def test_the_example_file_is_imported_and_again_changes_nothing(county: Hub) -> None:
    told = county("camera", "import", EXAMPLE, "--json").json
    assert (told["applied"], told["added"], told["bad"]) == (False, 5, [])
    assert county("camera", "list", "--json").json == []
    said = county("camera", "import", EXAMPLE, "--apply", "--json")
    assert (said.json["applied"], said.json["added"]) == (True, 5)
    assert len(county("device", "list", "--json").json) == 4, "two channels share one recorder"
    everything = county("camera", "list", "--json").out + county("device", "list", "--json").out
    assert "p%40ss" not in everything
    assert "abc123" not in everything
    assert county("camera", "import", EXAMPLE, "--apply", "--json").json["unchanged"] == 5
    assert county("check").status == 0


def test_bad_rows_of_a_book_are_told_and_nothing_is_written_unless_they_are_left_out(
    county: Hub, tmp_path: Path
) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text(
        "# ours\nname,kind,village_code,main_url,manager_unit,lat,lon\n"
        f"好的,public,{VILLAGE},rtsp://192.0.2.9/s,所,,\n"
        f"无单位,public,{VILLAGE},rtsp://192.0.2.10/s,,,\n"
        "无此村,public,999999999999,rtsp://192.0.2.11/s,所,,\n"
        f"本机,public,{VILLAGE},rtsp://u:secret@127.0.0.1/s,所,,\n"
        f"无址,public,{VILLAGE},,所,x,1\n",
        encoding="gb18030",
    )
    said = county("camera", "import", file, "--apply", "--json")
    assert said.status == 1
    assert said.json["applied"] is False
    assert {row["row"]: row["code"] for row in said.json["bad"]} == {
        4: "missing",
        5: "village_unknown",
        6: "loopback",
        7: "number",
    }
    assert "secret" not in said.out
    assert county("device", "list", "--json").json == []
    table = county("camera", "import", file).out
    assert "manager_unit" in table
    said = county("camera", "import", file, "--apply", "--skip-bad", "--json")
    assert said.status == 1
    assert [one["name"] for one in county("camera", "list", "--json").json] == ["好的"]


def test_a_book_with_columns_missing_is_refused_and_unknown_ones_are_told(county: Hub, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text("name,kind,colour\nx,public,red\n", encoding="utf-8")
    said = county("camera", "import", file, "--json")
    assert said.status == 2
    assert [field["path"] for field in said.problem["fields"]] == ["village_code"]
    file.write_text(f"name,kind,village_code,colour\nx,public,{VILLAGE},red\n", encoding="utf-8")
    assert county("camera", "import", file, "--json").json["unknown_columns"] == ["colour"]


@pytest.mark.parametrize("name", ["book.xlsx", "book.csv"])
def test_a_book_goes_out_without_passwords_and_comes_back_unchanged(county: Hub, tmp_path: Path, name: str) -> None:
    county("camera", "import", EXAMPLE, "--apply")
    file = tmp_path / name
    assert county("camera", "export", file, "--json").json["cameras"] == 5
    assert b"abc123" not in file.read_bytes()
    again = county("camera", "import", file, "--json").json
    assert (again["unchanged"], again["added"], again["changed"], again["bad"]) == (5, 0, 0, [])
    assert county("camera", "export", tmp_path / "book.pdf").status == 2
    assert county("camera", "export", "--template", tmp_path / f"empty-{name}").status == 0
    assert county("camera", "import", tmp_path / f"empty-{name}").status == 2

"""`camera-hub check`, `db` and `serve`: what an operator does when something is wrong."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from camera_hub.recall.motion.shelf import Shelf
from registry import migrate
from tests.camera_hub.recall.sheets import lit, write
from tests.registry.tamper import unguard_file

from .conftest import Hub


def database(tmp_path: Path) -> sqlite3.Connection:
    return sqlite3.connect(tmp_path / "data" / "hub.db", isolation_level=None)


def test_a_fresh_registry_is_clean(county: Hub) -> None:
    said = county("check", "--json")
    assert (said.status, said.json["clean"]) == (0, True)


def test_an_edited_audit_row_is_found(county: Hub, tmp_path: Path) -> None:
    edited = database(tmp_path)
    unguard_file(edited)
    edited.execute("update audit set user_name = 'somebody' where no = 1")
    said = county("check", "--json")
    assert (said.status, said.json["broken"]["no"], said.json["clean"]) == (1, 1, False)
    assert "audit" in county("check").out


def test_another_key_is_found(county: Hub, tmp_path: Path) -> None:
    county("device", "add", "东口", "--url", "rtsp://a:b@192.0.2.7/s")
    assert county("check").status == 0
    (tmp_path / "data" / "key").unlink()
    said = county("check", "--json")
    assert said.status == 1
    assert "does not open" in said.json["unopened"][0]


def test_an_orphan_is_told_and_no_fault(county: Hub, tmp_path: Path) -> None:
    day = tmp_path / "data" / "snapshots" / "2026-11-23"
    day.mkdir(parents=True)
    (day / "01a20998-07ff-72ae-96dc-6c55f67c81fa-1.jpg").write_bytes(b"x")
    said = county("check", "--json")
    assert said.status == 0
    assert len(said.json["orphans"]) == 1


def test_a_damaged_day_of_the_motion_index_is_named(county: Hub, tmp_path: Path) -> None:
    shelf, camera, day = Shelf(tmp_path / "data", ZoneInfo("Asia/Shanghai")), UUID(int=7), date(2026, 11, 23)
    write(shelf, camera, day, moved={5: lit((1, 1))}, sealed=True)
    said = county("check", "--json")
    assert (said.status, said.json["motion"]["days"], said.json["motion"]["faults"]) == (0, 1, [])
    path = tmp_path / "data" / "motion" / str(camera) / f"{day}.vmi"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    said = county("check", "--json")
    assert said.status == 1
    assert f"motion/{camera}/{day}.vmi" in said.json["motion"]["faults"][0]


def test_what_cannot_be_read_is_named_and_the_rest_is_looked_through(county: Hub, tmp_path: Path) -> None:
    shelf, camera, day = Shelf(tmp_path / "data", ZoneInfo("Asia/Shanghai")), UUID(int=7), date(2026, 11, 23)
    write(shelf, camera, day, moved={5: lit((1, 1))}, sealed=True)
    # A folder is in the way of reading for whoever looks, root too; a bad sector and missing rights say the same.
    (tmp_path / "data" / "motion" / str(camera) / "2026-11-22.log").mkdir()
    (tmp_path / "data" / "stills" / "2026-11-22" / f"{camera}.stills").mkdir(parents=True)
    said = county("check", "--json")
    assert said.status == 1
    assert said.json["motion"]["days"] == 2
    assert said.json["motion"]["faults"] == [
        f"the motion index motion/{camera}/2026-11-22.log cannot be read: Is a directory"
    ]
    assert said.json["stills"]["faults"] == [f"{camera}.stills of 2026-11-22: pictures cannot be read: Is a directory"]


def test_schema_newer_than_the_program_is_refused_everywhere(county: Hub, tmp_path: Path) -> None:
    database(tmp_path).execute("update alembic_version set version_num = '9999'")
    said = county("village", "list", "--json")
    assert (said.status, said.problem["code"]) == (1, "schema_newer")
    assert county("db", "upgrade").status == 1
    assert county("db", "current").status == 1


def test_current_and_upgrade_on_an_empty_directory(hub: Hub) -> None:
    assert hub("db", "current").status == 1
    assert hub("db", "upgrade", "--json").json == {"before": None, "now": migrate.head()}
    assert hub("db", "current").status == 0
    assert "up to date" in hub("db", "upgrade").out


@pytest.mark.postgres
def test_postgresql_is_upgraded_on_command_only(hub: Hub, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", postgres_url)
    early = hub("village", "list", "--json")
    assert (early.status, early.problem["code"]) == (5, "schema_older")
    assert "db upgrade" in early.problem["hint"]
    assert hub("db", "upgrade").status == 0
    assert hub("village", "list", "--json").json == []


def test_a_database_that_is_away_is_exit_code_5(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.services.process import free_port

    monkeypatch.setenv("HUB_DATABASE_URL", f"postgresql://hub:s3cret@127.0.0.1:{free_port()}/hub")
    for words in (("village", "list"), ("db", "current"), ("db", "upgrade")):
        said = hub(*words)
        assert said.status == 5
        assert "s3cret" not in said.err


def start(tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    program = Path(sys.executable).with_name("camera-hub")
    return subprocess.Popen(
        [program, "--data-dir", tmp_path / "data", "serve", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = start(tmp_path, "--port", "0", "--no-watch")
    line = process.stdout.readline()
    assert line.startswith("hub is up: http://127.0.0.1:"), process.communicate()
    yield process, line.split()[-1]
    process.kill()
    process.communicate()


def test_serve_answers_and_ends_when_told(serving: tuple[subprocess.Popen[str], str]) -> None:
    process, address = serving
    with urllib.request.urlopen(f"{address}/healthz") as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_a_second_hub_on_the_directory_is_refused(serving: tuple[subprocess.Popen[str], str], tmp_path: Path) -> None:
    second = start(tmp_path, "--port", "0", "--no-watch")
    _, err = second.communicate()
    assert second.returncode == 4
    assert str(serving[0].pid) in err


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(tmp_path, "--port", str(port), "--no-watch")
        _, err = process.communicate()
    assert process.returncode == 4
    assert f"port {port}" in err

"""`camera-hub key rotate`: a new key that opens everything, killed at any moment too."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from camera_hub.cli.backup import _lay_key
from camera_hub.lock import locked
from registry.vault import KEY_FILE, STAGED

from .conftest import Hub

KILLED = """
import os, signal, sys
from camera_hub.cli import app, key
from registry import audit, keys

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

moment = sys.argv.pop(1)
if moment == "staged":
    key.keys.rotate = die
elif moment == "in the transaction":
    keys.audit.append = die
else:
    key.promote_staged = die
app()
"""


def add(hub: Hub) -> None:
    assert hub("device", "add", "东口", "--url", "rtsp://admin:secret@192.0.2.7/s").status == 0


def opens(hub: Hub) -> bool:
    """Whether every sealed password opens: `check` says."""
    said = hub("check", "--json")
    return said.status == 0 and said.json["unopened"] == []


def test_a_new_key_opens_everything_and_is_on_record(county: Hub, tmp_path: Path) -> None:
    add(county)
    before = (tmp_path / "data" / KEY_FILE).read_text()
    said = county("key", "rotate", "--json")
    assert (said.status, said.json["resealed"], said.json["unreadable"]) == (0, 1, [])
    assert (tmp_path / "data" / KEY_FILE).read_text() != before
    assert (tmp_path / "data" / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert opens(county)
    assert "backups made before need the old key" in county("key", "rotate").out
    assert opens(county)


def test_it_waits_for_the_hub_to_stop(county: Hub, tmp_path: Path) -> None:
    add(county)
    before = (tmp_path / "data" / KEY_FILE).read_text()
    with locked(tmp_path / "data"):
        said = county("key", "rotate", "--json")
    assert (said.status, said.problem["code"]) == (4, "hub_running")
    assert (tmp_path / "data" / KEY_FILE).read_text() == before


@pytest.mark.parametrize("moment", ["staged", "in the transaction", "committed"])
def test_killed_in_the_middle_everything_opens(county: Hub, tmp_path: Path, moment: str) -> None:
    add(county)
    data, before = tmp_path / "data", (tmp_path / "data" / KEY_FILE).read_text()
    environment = {**os.environ, "HUB_DATA_DIR": str(data)}
    done = subprocess.run([sys.executable, "-c", KILLED, moment, "key", "rotate"], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (data / STAGED).exists()
    refused = county("device", "list", "--json")
    assert (refused.status, refused.problem["code"]) == (4, "key_changing")
    assert county("key", "rotate", "--json").status == 0  # as the hub's start does, it first ends what was cut off
    assert not (data / STAGED).exists()
    assert (data / KEY_FILE).read_text() != before
    assert opens(county)


def test_a_key_of_the_settings_is_changed_to_one_in_a_file(
    county: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    file = tmp_path / "new"
    monkeypatch.setenv("HUB_KEY", old)
    add(county)
    assert county("key", "rotate").status == 2
    assert county("key", "rotate", "--key-file", file).status == 2
    file.write_text("no key")
    assert county("key", "rotate", "--key-file", file).status == 2
    assert opens(county)
    file.write_text(new)
    said = county("key", "rotate", "--key-file", file)
    assert said.status == 0
    assert str(file) in said.out.replace("\n", "")
    assert new not in said.out
    assert not opens(county)
    monkeypatch.setenv("HUB_KEY", new)
    assert opens(county)
    monkeypatch.delenv("HUB_KEY")
    assert county("key", "rotate", "--key-file", file).status == 2


def test_a_key_kept_apart_is_found_after_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(Path(f"/proc/self/fd/{handle}").readlink()))
    _lay_key(bytes(32), tmp_path / "key", tmp_path / "backup")
    assert synced == [tmp_path / "key", tmp_path]

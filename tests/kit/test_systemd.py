"""The systemd unit: accepted by systemd, hardened, and naming only what the hub has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from camera_hub.settings import Settings

UNIT = Path(__file__).parents[2] / "configs" / "systemd" / "camera-hub.service"
EXPOSED_AT_MOST = 2.0


def lines() -> list[tuple[str, str]]:
    text = UNIT.read_text(encoding="utf-8")
    return [tuple(line.split("=", 1)) for line in text.splitlines() if "=" in line and not line.startswith("#")]  # type: ignore[misc]


def installed(tmp_path: Path) -> Path:
    """The unit as it would be where the hub is installed here."""
    copy = tmp_path / UNIT.name
    program = Path(sys.executable).with_name("camera-hub")
    copy.write_text(
        UNIT.read_text(encoding="utf-8").replace("/opt/camera-hub/bin/camera-hub", str(program)), encoding="utf-8"
    )
    return copy


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("needs systemd-analyze: apt-get install systemd")
    return found


def test_systemd_takes_it(analyze: str, tmp_path: Path) -> None:
    said = subprocess.run([analyze, "verify", installed(tmp_path)], capture_output=True, text=True, check=False)
    about_it = [line for line in said.stderr.splitlines() if "camera-hub" in line]
    assert (said.returncode, about_it) == (0, [])


def test_it_is_hardened(analyze: str, tmp_path: Path) -> None:
    said = subprocess.run(
        [analyze, "security", "--offline=yes", installed(tmp_path)], capture_output=True, text=True, check=False
    )
    level = re.search(r"Overall exposure level.*: ([\d.]+)", said.stdout)
    assert level is not None, said.stderr
    assert float(level[1]) <= EXPOSED_AT_MOST


def test_it_runs_serve_as_an_account_of_its_own() -> None:
    unit = dict(lines())
    assert unit["ExecStart"] == "/opt/camera-hub/bin/camera-hub serve"
    assert unit["User"] == "camera-hub"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["ProtectSystem"] == "strict"
    assert int(unit["LimitNOFILE"]) >= 4096


def test_its_variables_are_settings() -> None:
    given = [value.split("=", 1)[0] for name, value in lines() if name == "Environment"]
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields} | {"HUB_CONFIG", "XDG_RUNTIME_DIR"}
    assert set(given) <= known
    state = dict(lines())["StateDirectory"]
    assert ("Environment", f"HUB_DATA_DIR=/var/lib/{state}") in lines()

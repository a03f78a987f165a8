"""Running the command line in the test's own process, on a data directory of its own."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

PLACES = Path(__file__).parents[3] / "configs" / "places-220882.csv"


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> Any:
        return json.loads(self.err)


Hub = Callable[..., Said]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """`hub("village", "list", "--json")` runs that command; `stdin=` feeds it."""
    from camera_hub.cli import app

    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HUB_DATA_DIR", str(tmp_path / "data"))

    def run(*words: object, stdin: str | None = None) -> Said:
        handlers = logging.getLogger().handlers
        try:
            result = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
        finally:
            logging.getLogger().handlers = handlers  # the command's own writes to a stream that is closed now
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose registry holds Da'an's places: made once, copied for each test."""
    folder = tmp_path_factory.mktemp("loaded") / "data"
    program = Path(sys.executable).with_name("camera-hub")
    subprocess.run([program, "--data-dir", folder, "village", "load", PLACES], check=True, capture_output=True)
    return folder


@pytest.fixture
def county(hub: Hub, loaded: Path, tmp_path: Path) -> Hub:
    """The command line on a registry that holds Da'an's places."""
    shutil.copytree(loaded, tmp_path / "data")
    return hub

"""`camera-hub audit …`: what an operator and an outsider do with the register."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from camera_hub.cli.audit import write
from camera_hub.cli.desk import operator
from registry.audit import AuditFilter
from registry.audit.exporting import export
from registry.store import Store
from tests.registry.tamper import unguard_file

from .conftest import Hub


def test_prove_anchor_export_and_prove_it_outside(county: Hub, tmp_path: Path) -> None:
    anchors = tmp_path / "kept elsewhere"
    anchors.mkdir()
    (anchors / "1.json").write_text(county("audit", "anchor").out, encoding="utf-8")
    county("device", "add", "东口", "--url", "rtsp://a:b@192.0.2.7/s")
    said = county("audit", "verify", "--anchors", anchors, "--json")
    assert (said.status, said.json["holds"], said.json["anchored"] > 0) == (0, True, True)
    assert said.json["beyond"] > 0
    assert "lie beyond every anchor: unprotected" in county("audit", "verify", "--anchors", anchors).out

    file, alone = tmp_path / "audit.jsonl", tmp_path / "verify_audit.py"
    assert county("audit", "export", file).status == 0
    assert county("audit", "export", file).status == 4
    alone.write_text(county("audit", "verifier").out, encoding="utf-8")
    outside = subprocess.run(
        [sys.executable, "-I", str(alone), str(file), str(anchors)], capture_output=True, text=True, check=False
    )
    assert (outside.returncode, outside.stderr) == (0, "")
    assert "the chain holds" in outside.stdout

    with sqlite3.connect(tmp_path / "data" / "hub.db") as database:
        unguard_file(database)
        database.execute("UPDATE audit SET reason = 'x' WHERE no = 1")
    database.close()
    said = county("audit", "verify", "--json")
    assert (said.status, said.json["broken"]) == (1, {"no": 1, "code": "row_edited"})
    assert "BROKEN at row 1" in county("audit", "verify").out


def test_an_export_of_some(county: Hub, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    assert county("audit", "export", file, "--user", "nobody").status == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    file = tmp_path / "some.jsonl"
    assert county("audit", "export", file, "--user", "nobody").status == 0
    head, *_, end = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert (head["selection"], head["filters"], end["rows"]) == (True, {"user": "nobody"}, 0)


async def test_an_export_that_is_broken_off_leaves_no_file(loaded: Path, tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{loaded}/hub.db")
    try:
        made, file = await export(store, operator(), AuditFilter(), "csv"), tmp_path / "audit.csv"
        writing = asyncio.create_task(write(file, made, "csv"))
        while not file.exists():
            await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert not file.exists()
    finally:
        await store.close()


def test_wrong_words(county: Hub, tmp_path: Path) -> None:
    assert county("audit", "export", tmp_path / "x.xlsx").status == 2
    assert county("audit", "export", tmp_path / "x.csv", "--since", "yesterday").status == 2
    assert county("audit", "export", tmp_path / "none" / "x.csv").status == 5
    assert county("audit", "verify", "--anchors", tmp_path / "none").status == 2
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    assert county("audit", "verify", "--anchors", tmp_path).status == 2

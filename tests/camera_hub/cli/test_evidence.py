"""`camera-hub evidence`: packs are checked without a hub, keys follow each other."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from camera_hub.cli import app
from tests.camera_hub.evidence.packs import SECRET, print_of, unpacked


def run(*arguments: str, data_dir: Path | None = None) -> tuple[int, str]:
    before = [] if data_dir is None else ["--data-dir", str(data_dir)]
    done = CliRunner().invoke(app, [*before, "evidence", *arguments])
    return done.exit_code, done.stdout


def test_verify_says_by_its_exit_code_and_names_what_is_wrong(tmp_path: Path) -> None:
    root = unpacked(tmp_path)
    assert run("verify", str(tmp_path / "pack.zip"), "--key", print_of(SECRET)[:16])[0] == 0
    (root / "data" / "empty.txt").write_text("x")
    code, said = run("verify", str(root), "--json")
    assert (code, json.loads(said)["problems"][0]["path"]) == (1, "data/empty.txt")


def test_a_new_key_is_named_by_the_one_before(tmp_path: Path) -> None:
    assert run("keys", data_dir=tmp_path)[0] == 0
    assert run("rotate-key", data_dir=tmp_path)[0] == 0
    first, second = json.loads(run("keys", "--json", data_dir=tmp_path)[1])["keys"]
    assert (first["previous"], second["previous"]) == (None, first["key"])
    assert len(second["signature"]) == 128


def test_verifiers_are_given_out_apart_from_any_pack(tmp_path: Path) -> None:
    assert run("verifier", str(tmp_path / "out"), data_dir=tmp_path / "data")[0] == 0
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["verify.html", "verify.py"]

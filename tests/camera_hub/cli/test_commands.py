"""What holds for every command: help, --json, and no password among the arguments."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from camera_hub.cli.desk import operator

from .conftest import Hub


def leaves() -> Iterator[tuple[str, object]]:
    from camera_hub.cli import app

    def walk(path: str, command: object) -> Iterator[tuple[str, object]]:
        below = getattr(command, "commands", None)
        if below is None:
            yield path, command
            return
        for name, one in below.items():
            yield from walk(f"{path} {name}".strip(), one)

    yield from walk("", typer.main.get_command(app))


COMMANDS = dict(leaves())
RUN_UNTIL_TOLD = {"serve", "demo"}


def test_the_commands_an_operator_was_promised() -> None:
    promised = (
        "serve demo check|village list,show,add,change,remove,load,import-geojson|device add,list,show,change,remove,test|"
        "camera add,list,show,enable,disable,remove,scene show,scene set,consent add,consent withdraw|"
        "user add,list,grant,password,disable|purpose open,list,close|case open,list,close|db upgrade,current"
    )
    first, *nouns = promised.split("|")
    wanted = set(first.split())
    for noun in nouns:
        name, _, rest = noun.partition(" ")
        wanted |= {f"{name} {verb}" for verb in rest.split(",")}
    assert wanted <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_has_help_and_json(name: str) -> None:
    command = COMMANDS[name]
    assert len(command.help) > 8
    options = {text for one in command.params for text in one.opts}
    assert ("--json" in options) == (name not in RUN_UNTIL_TOLD)
    for one in command.params:
        assert one.name == "help" or one.help, f"{name} {one.name} is not explained"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_command_takes_a_password_as_an_argument(name: str) -> None:
    for one in COMMANDS[name].params:
        if "password" in one.name or any("password" in text for text in one.opts):
            assert one.is_flag or one.opts == ["--password-file"], f"{name}: {one.opts} would show in ps"


def test_an_unknown_setting_is_named_with_exit_code_2(hub: Hub, tmp_path) -> None:
    file = tmp_path / "hub.yml"
    file.write_text("prot: 1\nanalysis_fps: 99\n", encoding="utf-8")
    said = hub("--config", file, "village", "list", "--json")
    assert said.status == 2
    assert {field["path"] for field in said.problem["fields"]} == {"prot", "analysis_fps"}


def test_wrong_usage_is_exit_code_2(hub: Hub) -> None:
    assert hub("village", "fly").status == 2
    assert hub("village", "show").status == 2


@pytest.mark.parametrize("name", ["[red]x[/red]", ":bus: [x]", "a[b]\\"])
def test_a_name_is_shown_as_it_is(hub: Hub, name: str) -> None:
    added = hub("village", "add", "110101", name)
    assert (added.status, added.out) == (0, f"added 110101 {name}\n")
    assert f" {name} " in hub("village", "list").out


@pytest.mark.parametrize("words", ["village list", "db upgrade", "key rotate", "serve"])
def test_a_data_directory_that_cannot_be_made_is_told(hub: Hub, tmp_path: Path, words: str) -> None:
    (tmp_path / "file").touch()
    said = hub("--data-dir", tmp_path / "file" / "data", *words.split())
    assert said.status == 5
    assert said.err.startswith(f"{tmp_path / 'file' / 'data'}: Not a directory")


def test_a_file_that_cannot_be_written_is_told(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = hub("evidence", "verifier", tmp_path / "file" / "folder", "--json")
    assert (said.status, said.problem["code"]) == (5, "disk")
    assert "folder: Not a directory" in said.problem["hint"]


def test_a_database_that_cannot_be_read_says_why(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hub.db").write_bytes(b"no database" * 100)
    for words in (("village", "list"), ("db", "upgrade"), ("db", "current")):
        said = hub(*words)
        assert said.status == 5
        assert "file is not a database" in said.err


def test_a_settings_file_that_is_not_there_is_said_so(hub: Hub, tmp_path: Path) -> None:
    said = hub("--config", tmp_path / "none.yml", "village", "list")
    assert said.status == 2
    assert f"no settings file at {tmp_path / 'none.yml'}" in said.err


def test_who_ran_a_command_is_asked_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")
    assert operator().address == f"{pwd.getpwuid(os.getuid()).pw_name}, pid {os.getpid()}"
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_001)  # as a container that is run as a number
    assert operator().address == f"uid 4000000001, pid {os.getpid()}"

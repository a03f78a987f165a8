"""What holds for every command: help, --json, and no password among the arguments."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer

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


def test_cells_cannot_carry_markup(hub: Hub) -> None:
    assert hub("village", "add", "110101", "[red]x[/red]").status == 0
    assert "[red]x[/red]" in hub("village", "list").out

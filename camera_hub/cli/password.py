"""Where commands take a password from: a prompt, standard input or a file. Never an argument: `ps` shows those."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from registry.errors import FieldError, Invalid

FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")]
FromFile = Annotated[Path | None, typer.Option("--password-file", help="Read the password from this file, one line.")]


def read(prompt: str, *, stdin: bool, file: Path | None, twice: bool = False) -> SecretStr:
    """The password, from where the options say; asked for on the terminal when they say nothing.

    Raises Invalid when both are given, the file cannot be read, or there is neither an option nor a terminal.
    """
    if stdin and file is not None:
        raise _unfit("give --password-stdin or --password-file, not both")
    if stdin:
        return SecretStr(sys.stdin.readline().rstrip("\r\n"))
    if file is not None:
        try:
            return SecretStr(file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r"))
        except (OSError, UnicodeDecodeError) as err:
            raise _unfit(f"{file} cannot be read ({type(err).__name__})") from err
    if not sys.stdin.isatty():
        raise _unfit("there is no terminal to ask on; give --password-stdin or --password-file")
    return SecretStr(str(typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)))


def _unfit(hint: str) -> Invalid:
    return Invalid(hint, FieldError("password", "source", hint))

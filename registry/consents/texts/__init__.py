"""The wordings that owners sign: one file a version, never changed once it was signed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from registry.errors import NotFound

_FOLDER = Path(__file__).parent
_Words = dict[str, str]


class Text(BaseModel):
    """A wording: what is agreed to, and the words of its form and of the receipt of its withdrawal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lang: str
    title: str
    intro: str
    clauses: Annotated[tuple[str, ...], Field(min_length=1)]
    purpose: str
    labels: _Words
    scopes: _Words
    receipt: _Words


@cache
def text_of(version: str) -> Text:
    """The wording of a version. Raises NotFound for one that the hub does not keep: it was signed on other paper."""
    if version not in {path.stem for path in _FOLDER.glob("*.yml")}:
        raise NotFound(f"the hub does not keep the wording {version!r}; print a newer consent", code="consent_text")
    return Text.model_validate(yaml.safe_load((_FOLDER / f"{version}.yml").read_text(encoding="utf-8")))

"""What every row has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Internal = Annotated[int, Field(exclude=True)]
"""A number of a row: any serialisation (API, CLI, evidence) leaves it out."""

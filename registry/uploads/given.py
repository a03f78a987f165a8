"""What whoever sends something in says of it, and what he is told: no more of the case than its number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from registry.canvass.links import LinkState
from registry.columns import AnyRow
from registry.inputs import Input, Line, Name, Short, printable_lines
from registry.model import From, To
from registry.uploads.model import Refusal, UploadState

MOST_BYTES = 2**40
_FOLDERS = re.compile(r"^.*[/\\]", re.DOTALL)
MOST_NAME = 120
MOST_FILES = 12
"""On one link: some cameras, or two hours in files of ten minutes."""


def _plain_name(value: object) -> object:
    """A file's name as it is shown: no folders, nothing that cannot be printed. No file is ever called by it."""
    if not isinstance(value, str):
        return value
    name = "".join(char for char in _FOLDERS.sub("", value[:1000]) if char.isprintable()).strip(" .")
    return name[-MOST_NAME:] or "?"


class NewUpload(Input):
    """What is about to be sent, and what its giver says of it."""

    name: Annotated[str, BeforeValidator(_plain_name)]
    bytes: Annotated[int, Field(ge=1, le=MOST_BYTES)]
    giver: Name
    contact: Short = ""
    device: Annotated[Line, Field(min_length=1)]
    """Which camera: where it hangs, its make."""
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(printable_lines)] = ""
    agreed: Literal[True]
    """He gives it for this case: the lawful basis of all that follows."""
    unaltered: bool
    """He says that it is as the camera recorded it."""


@dataclass(frozen=True, slots=True)
class AskedClip:
    """What is asked for, as whoever is asked may know it: why is the case's number, and no more."""

    case_number: str
    unit: str
    name: str
    camera_name: str | None
    since: From
    until: To
    document_number: str
    asked_at: datetime
    expires_at: datetime
    state: LinkState


@dataclass(frozen=True, slots=True)
class GivenUpload:
    """What was sent and what became of it: the receipt. `purged_at`: it was deleted."""

    id: UUID
    name: str
    device: str
    bytes: int
    state: UploadState
    has_clock_photo: bool
    sha256: str | None
    received_at: datetime | None
    judged_at: datetime | None
    refusal: Refusal | None
    purged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Giving:
    """A link's request, and what was sent on it, in the order it was begun: `most_files` at most."""

    request: AskedClip
    uploads: tuple[GivenUpload, ...]
    most_files: int
    text_version: str


def given(row: AnyRow) -> GivenUpload:
    """An upload's row as its giver gets it."""
    return GivenUpload(
        id=row.id,
        name=row.given_name,
        device=row.device,
        bytes=row.bytes,
        state=UploadState(row.state),
        has_clock_photo=row.has_clock_photo,
        sha256=row.sha256,
        received_at=row.received_at,
        judged_at=row.judged_at,
        refusal=Refusal(row.refusal) if row.refusal else None,
        purged_at=row.purged_at,
    )

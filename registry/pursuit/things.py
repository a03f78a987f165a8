"""What a decision or a link is about, written as one text: an event, a bookmark, or motion alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

_ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

Thing = Annotated[str, StringConstraints(pattern=rf"^((event|bookmark):{_ID}|motion:{_ID}:[0-9]{{1,10}})$")]
"""`event:<id>`, `bookmark:<id>`, or `motion:<camera>:<second it began, since 1970>`."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing taken apart; `at` is when motion began, and `id` its camera's."""

    kind: str
    id: UUID
    at: datetime | None = None


def read(thing: str) -> Named:
    """A `Thing` taken apart."""
    kind, identity, *second = thing.split(":")
    return Named(kind, UUID(identity), datetime.fromtimestamp(int(second[0]), UTC) if second else None)


def event(identity: UUID) -> str:
    """An event as a thing."""
    return f"event:{identity}"


def bookmark(identity: UUID) -> str:
    """A bookmark as a thing."""
    return f"bookmark:{identity}"


def motion(camera_id: UUID, second: int) -> str:
    """Motion that no event tells of, as a thing: by its camera and when it began."""
    return f"motion:{camera_id}:{second}"

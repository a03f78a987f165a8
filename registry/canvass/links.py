"""A request's link: what was asked for by it, whether it takes anything, and what came on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from registry.columns import AnyRow
from registry.model import From, To
from registry.tables import clip_requests, uploads


class Way(StrEnum):
    """How a request reaches whom it asks."""

    PAPER = "paper"
    TEXT = "text"
    LINK = "link"


class LinkState(StrEnum):
    """Whether a request's link takes anything; `used`: as many files came as it takes."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """What somebody was asked for: one camera from `from` to `to`, by a link that holds until `expires_at`.

    The link's secret is told once, when it is made; of it the hub keeps a hash. `files` came on it so far.
    """

    id: UUID
    entry_id: UUID
    way: Way
    since: From
    until: To
    document_number: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    files: int
    state: LinkState


ARRIVED = (
    sa.select(sa.func.count())
    .where(uploads.c.request_no == clip_requests.c.no, uploads.c.received_at.is_not(None))
    .correlate(clip_requests)
    .scalar_subquery()
    .label("files")
)
"""How many files came whole on a request's link."""


def link_state(row: AnyRow, now: datetime) -> LinkState:
    """The state of a request's row."""
    if row.used_at is not None:
        return LinkState.USED
    if row.revoked_at is not None:
        return LinkState.REVOKED
    return LinkState.EXPIRED if now >= row.expires_at else LinkState.OPEN


def request_of(row: AnyRow, entry_id: UUID, now: datetime) -> ClipRequest:
    """A request's row, with ARRIVED, as its readers get it."""
    return ClipRequest(
        id=row.id,
        entry_id=entry_id,
        way=Way(row.way),
        since=row.starts_at,
        until=row.ends_at,
        document_number=row.document_number,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        seen_at=row.seen_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
        files=row.files,
        state=link_state(row, now),
    )

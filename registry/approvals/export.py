"""`export`: to make an evidence pack, or blurred copies for others, of a case's footage (L8).

Whoever asks says what of which cameras, on which document, for whom and why; whoever decides sees all of it. The
recordings themselves, as they were written, go to the investigation and the prosecution alone (L12).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.approvals.ask import CaseAsk, Concern
from registry.inputs import Input, Line, Moment, Name
from registry.model import Actor, Stream
from registry.naming import named
from registry.permissions import Permission
from registry.scope import of_actor
from registry.store import Store

LONGEST = timedelta(hours=24)
MOST_ITEMS = 30
Said = Annotated[Line, Field(min_length=1)]


class Recipient(StrEnum):
    """Who gets it."""

    INVESTIGATION = "investigation"
    PROSECUTION = "prosecution"
    COURT = "court"
    UNIT = "unit"
    PERSON = "person"
    PUBLIC = "public"


MASTERS = frozenset({Recipient.INVESTIGATION, Recipient.PROSECUTION})
"""Who gets the recordings as they were written; everybody else blurred copies."""


class ExportItem(Input):
    """A stretch of one camera's recordings."""

    camera_id: UUID
    starts_at: Moment
    ends_at: Moment
    stream: Stream = "sub"

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if not self.starts_at < self.ends_at <= self.starts_at + LONGEST:
            raise PydanticCustomError("interval", "ends_at must lie after starts_at, by at most 24 hours")
        return self


class ExportAsk(CaseAsk):
    """What is to be taken out, for whom, on which document, and on which ground."""

    NEEDS: ClassVar[Permission] = Permission.EXPORT
    kind: Literal["export"]
    items: Annotated[tuple[ExportItem, ...], Field(min_length=1, max_length=MOST_ITEMS)]
    recipient: Name
    recipient_kind: Recipient
    document: Name
    purpose: Said
    legal_basis: Said
    received: bool = False
    """Also what people sent in and the case took; as it is, so that it goes where recordings go."""

    @model_validator(mode="after")
    def _received_is_not_blurred(self) -> Self:
        if self.received and not self.master:
            raise PydanticCustomError("received", "what was sent in goes to the investigation or prosecution alone")
        return self

    @property
    def master(self) -> bool:
        """Whether the recordings go out as they were written."""
        return self.recipient_kind in MASTERS

    @property
    def cameras(self) -> tuple[UUID, ...]:
        """The cameras, in the order they are named."""
        return tuple(dict.fromkeys(one.camera_id for one in self.items))

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the first moment to the last."""
        return min(one.starts_at for one in self.items), max(one.ends_at for one in self.items)

    async def concern(self, conn: AsyncConnection, store: Store, actor: Actor) -> Concern:
        """An open case, cameras in one's villages (removed ones too), and no longer than a grant may last.

        What of it may be seen, by case, consent and masks, is asked when it is made.
        """
        number = await self.case_no(conn, store, actor)
        those = await named(conn, self.cameras, of_actor(actor))
        return Concern(tuple(sorted({row.code for row in those.values()})), number)

"""`earlier`: to see, under a case, what a camera recorded before a mask was drawn over part of its picture (L10)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.approvals.ask import CaseAsk, Concern
from registry.inputs import Moment
from registry.model import Actor
from registry.naming import named
from registry.permissions import Permission
from registry.scope import of_actor
from registry.store import Store

LONGEST = timedelta(days=31)


class EarlierAsk(CaseAsk):
    """One camera's time, for a case."""

    NEEDS: ClassVar[Permission] = Permission.SEE_RECORDINGS
    kind: Literal["earlier"]
    camera_id: UUID
    starts_at: Moment
    ends_at: Moment

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if not self.starts_at < self.ends_at <= self.starts_at + LONGEST:
            raise PydanticCustomError("interval", "ends_at must lie after starts_at, by at most 31 days")
        return self

    @property
    def cameras(self) -> tuple[UUID, ...]:
        """The camera."""
        return (self.camera_id,)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The time asked for."""
        return self.starts_at, self.ends_at

    async def concern(self, conn: AsyncConnection, store: Store, actor: Actor) -> Concern:
        """An open case, a camera in one's villages, and no longer than the policy lets a grant last."""
        number = await self.case_no(conn, store, actor)
        those = await named(conn, (self.camera_id,), of_actor(actor))
        return Concern(tuple(row.code for row in those.values()), number)

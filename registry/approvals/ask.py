"""What every kind of approval is asked with, and what it must tell of itself."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import cases
from registry.inputs import Input, invalid
from registry.model import Actor
from registry.permissions import Permission
from registry.store import Store

LONGEST_HOURS = 744
"""A month: no kind grants longer, whatever its policy says."""


@dataclass(frozen=True, slots=True)
class Concern:
    """What an ask is about: `places` are prefixes, all of which lie in the scope of whoever decides it."""

    places: tuple[str, ...]
    case_no: int | None = None


class Ask(Input):
    """What is asked for; a kind is a subclass with a `kind: Literal[…]` of its own, named in `kinds.Asked`."""

    NEEDS: ClassVar[Permission]
    """Who may ask for it."""
    hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)]
    """How long the grant lasts, from when it is given."""

    @property
    def cameras(self) -> tuple[UUID, ...]:
        """The cameras it names, for the register."""
        return ()

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """The time of the pictures it is about, for the register."""
        return None, None

    @abstractmethod
    async def concern(self, conn: AsyncConnection, store: Store, actor: Actor) -> Concern:
        """Check it against the register and the policy, for the one who asks, and tell what it is about.

        Asked when it is put and again when it is granted. Raises NotFound, Conflict, Denied or Invalid.
        """


class CaseAsk(Ask):
    """What is asked for within a case; how long such a grant lasts at most is the policy's."""

    case_id: UUID

    async def case_no(self, conn: AsyncConnection, store: Store, actor: Actor) -> int:
        """The number of the open case the actor works on. Raises Invalid, NotFound, Denied, Conflict."""
        most = store.policy.cases.grant_hours
        if self.hours > most:
            raise invalid("asked.hours", "too_long", f"a grant lasts {most} hours at most")
        return int((await cases.member_row(conn, self.case_id, actor, store.clock())).no)

"""Reads that are refused under a list's ticket: on record once for each ticket and reason, however often they come.

A list is on record when it is read, and what it names is fetched under its row. What is refused then has no row of its
own, and a player asks again every few seconds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web

from api.tickets import SECONDS, Expired
from api.visitor import Look
from camera_hub.recording.files import Name
from registry import audit
from registry.errors import Denied, HubError

READ = "recording.read"
Key = tuple[str, str]
"""A ticket, or what it was said to be for, and the code of the refusal."""


class Refused:
    """What is on record, for as long as a ticket lasts."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._told: dict[Key, float] = {}

    def first(self, key: Key) -> bool:
        """Whether it was not told yet; from now on it is."""
        now = self._now().timestamp()
        self._told = {one: until for one, until in self._told.items() if until > now}
        if key in self._told:
            return False
        self._told[key] = now + SECONDS
        return True

    def forget(self, key: Key) -> None:
        """It could not be told."""
        self._told.pop(key, None)


REFUSED = web.AppKey("refused", Refused)


@asynccontextmanager
async def on_record(look: Look, ticket: str, name: Name) -> AsyncIterator[None]:
    """Put a refusal (Denied) inside on record, before it goes on: a read of one segment.

    That a ticket is too old is none: who asks is told to read the list again, which is on record. A ticket that is
    none at all is told of once for its segment and session: anybody can write another. Raises Unavailable in place of
    the refusal where the row cannot be written.
    """
    try:
        yield
    except Expired:
        raise
    except Denied as why:
        asked = f"{name.key} {look.actor.session_id}" if why.code == "ticket" else ticket
        told, key = look.request.app[REFUSED], (asked, why.code)
        if told.first(key):
            about = {"segment": name.key}
            span = name.started_at, name.started_at
            try:
                async with audit.refused(
                    look.hub.store, look.access, READ, cameras=(name.camera_id,), span=span, detail=about
                ):
                    raise
            except HubError as said:
                if said is not why:
                    told.forget(key)
                raise
        raise

"""A ticket lets what a list named be fetched under the list's own audit row, for five minutes, by the same session.

Form: `<audit number>.<expiry, Unix seconds>.<HMAC-SHA-256 over them, the thing and the session, base64url>`. The thing
is an event by its id (its picture), or a text that says what else it is, such as a segment with its purpose.
The signature says that the look was written down; whether consent still allows it is asked when it is read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from aiohttp import web

from registry.errors import Denied

SECONDS = 300
_FORM = re.compile(r"(\d{1,18})\.(\d{1,12})\.([A-Za-z0-9_-]{43})")


class Expired(Denied):
    """The ticket was good, and is too old: its list is to be read again."""


class Tickets:
    """Makes and checks tickets. The key is derived from the hub's, so no other use of that one can forge a ticket."""

    def __init__(self, hub_key: bytes, now: Callable[[], datetime]) -> None:
        self._key = hmac.digest(hub_key, b"camera-hub picture ticket v1", hashlib.sha256)
        self._now = now

    def make(self, audit_no: int, thing: UUID | str, session_id: str | None, seconds: int = SECONDS) -> str:
        """Make a ticket for one thing under an audit row."""
        expiry = int(self._now().timestamp()) + seconds
        return f"{audit_no}.{expiry}.{self._sign(audit_no, expiry, thing, session_id)}"

    def check(self, ticket: str, thing: UUID | str, session_id: str | None) -> int:
        """Return the audit number of a valid ticket; Denied(code="ticket") for any other, Expired for an old one."""
        if (match := _FORM.fullmatch(ticket)) is None:
            raise Denied("this is no ticket; read the list again", code="ticket")
        audit_no, expiry = int(match[1]), int(match[2])
        if not hmac.compare_digest(match[3], self._sign(audit_no, expiry, thing, session_id)):
            raise Denied("the ticket is for something else or another session; read the list again", code="ticket")
        if expiry < self._now().timestamp():
            raise Expired("the ticket has expired; read the list again", code="ticket")
        return audit_no

    def _sign(self, audit_no: int, expiry: int, thing: UUID | str, session_id: str | None) -> str:
        said = f"{audit_no}.{expiry}.{thing}.{session_id or ''}".encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, said, hashlib.sha256)).rstrip(b"=").decode()


TICKETS = web.AppKey("tickets", Tickets)

"""Who may read which events: an open purpose, the scope, and the owners' consent. Every read goes through here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from registry import consents, purposes
from registry.columns import Instant
from registry.errors import Denied
from registry.model import Access
from registry.permissions import Permission, allow
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store
from registry.tables import events, places


def require(store: Store, access: Access) -> Scope:
    """The scope of a lawful look. Raises Denied without the permission or an open purpose of the user's own."""
    allow(access.actor.user, Permission.SEE_EVENTS)
    purposes.require(access.purpose, store.clock())
    if access.purpose.user_no != access.actor.user.no:
        raise Denied("the purpose is somebody else's; open your own", code="purpose_required")
    return of_actor(access.actor)


def reaches(store: Store, access: Access, at: datetime) -> bool:
    """Whether what happened then is not older than the look's purpose reaches back."""
    since = purposes.earliest(access.purpose, store.clock())
    return since is None or at >= since


CONSENTED = consents.readable(
    events.c.camera_no,
    events.c.started_at,
    events.c.local_second,
    sa.bindparam("now", type_=Instant),
    sa.bindparam("needing", expanding=True, type_=sa.String),
)
"""SQL: the owner, where there is one to ask, agrees that this event is read; `bound` gives its values."""


def bound(store: Store, now: datetime) -> dict[str, Any]:
    """What `CONSENTED` binds: the moment, and the kinds of camera whose owners are asked."""
    return {"now": now, "needing": sorted(store.policy.consent.needed)}


def in_villages(scope: Scope) -> sa.ColumnElement[bool]:
    """SQL: the event's village lies in the scope."""
    if scope.everything:
        return sa.true()
    return events.c.village_no.in_(sa.select(places.c.no).where(in_scope(places.c.code, scope)))

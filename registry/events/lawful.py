"""Who may read which events: an open purpose, the scope, and the owners' consent. Every read goes through here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from registry import consents, purposes
from registry.columns import Instant
from registry.model import Access
from registry.permissions import Permission, allow
from registry.reach import Reach
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, events, placements, places


def require(store: Store, access: Access) -> Reach:
    """What a lawful look reaches. Raises Denied without the permission or an open purpose of the user's own."""
    allow(access.actor.user, Permission.SEE_EVENTS)
    return purposes.reach(store, access)


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


def within(reach: Reach) -> Iterable[sa.ColumnElement[bool]]:
    """SQL: the event is within the look's reach."""
    yield in_villages(reach.scope)
    yield from reach.times(events.c.started_at)
    if reach.cameras is not None:
        yield events.c.camera_no.in_(sa.select(cameras.c.no).where(cameras.c.id.in_(reach.cameras)))
    if reach.minors_ask:
        yield events.c.camera_no.not_in(sa.select(placements.c.camera_no).where(placements.c.near_minors))


def in_villages(scope: Scope) -> sa.ColumnElement[bool]:
    """SQL: the event's village lies in the scope."""
    if scope.everything:
        return sa.true()
    return events.c.village_no.in_(sa.select(places.c.no).where(in_scope(places.c.code, scope)))

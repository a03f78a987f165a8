"""Holds every stored event against the alert rules. One line a rule, camera and minute; the rest of it is counted."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import ParamSpec
from uuid import UUID

from camera_hub.feed import Feed, Lost
from registry import alerts
from registry.alerts import Alert, Standing, minute_of
from registry.errors import Unavailable
from registry.model import Event
from registry.store import Store

P = ParamSpec("P")
_Group = tuple[int, UUID, datetime]
"""A rule's number, a camera and a minute: one line of the log."""
QUEUE = 4096
LOOK_BACK = timedelta(minutes=5)
"""What came in this long before a hub was last seen, or before there was too much to listen to, is looked up."""
OLDEST = timedelta(days=1)
"""A hub that was off for longer tells nothing of before: that is no news any more."""
RULES_FOR_S = 1.0
"""How old the rules may be that an event is held against."""
COUNT_EVERY_S = 5.0
MEMORY = 10_000
"""Rule and event pairs remembered, so that an event's later revisions do not count again."""


class Watch:
    """Raises alerts. What goes to the page is published in `told`; `seen` is when a hub ran last before this one."""

    def __init__(self, store: Store, events: Feed[Event], told: Feed[Alert], seen: datetime | None = None) -> None:
        self._store, self._events, self._told, self._seen = store, events, told, seen
        self._rules: tuple[Standing, ...] = ()
        self._rules_until = 0.0
        self._known: OrderedDict[tuple[int, UUID], None] = OrderedDict()
        self._minutes: dict[_Group, int] = {}
        self._counted: dict[_Group, int] = {}

    async def run(self) -> None:
        """Listen until cancelled."""
        clock = asyncio.get_running_loop().time
        with self._events.subscribe(QUEUE) as subscription:
            now = self._store.clock()
            await self._look_back(now if self._seen is None else min(now, max(self._seen, now - OLDEST)))
            self._seen = None
            count_at = clock() + COUNT_EVERY_S
            while True:
                try:
                    async with asyncio.timeout_at(count_at):
                        item = await subscription.get()
                except TimeoutError:
                    await self._patiently(self._count)
                    count_at = clock() + COUNT_EVERY_S
                    continue
                if isinstance(item, Lost):
                    await self._look_back(self._store.clock())
                else:
                    await self._patiently(self.consider, item)

    async def _look_back(self, before: datetime) -> None:
        async def look() -> None:
            last: Event | None = None
            while found := await alerts.recent(self._store, before - LOOK_BACK, last):
                for event in found:
                    await self.consider(event)
                last = found[-1]

        await self._patiently(look)

    async def _patiently(self, work: Callable[P, Awaitable[None]], *given: P.args, **named: P.kwargs) -> None:
        """Do it, again until the database is there: an event must not pass unheld because of a minute's outage."""
        while True:
            try:
                await work(*given, **named)
            except Unavailable:
                await asyncio.sleep(1)
            else:
                return

    async def consider(self, event: Event) -> None:
        """Hold one event against the rules and raise what they ask for. Raises Unavailable; call again then."""
        for standing in await self._standing():
            rule = standing.rule
            key = rule.no, event.id
            if key in self._known or not rule.watch.covers(event, self._store.tz):
                continue
            if rule.quiet is not None and rule.quiet.hold(event.started_at, self._store.tz):
                continue
            group = rule.no, event.camera_id, minute_of(event)
            if group in self._minutes:
                self._minutes[group] += 1
            else:
                alert = await alerts.raise_alert(self._store, standing, event)
                self._minutes[group] = 1
                if alert is not None:
                    self._told.publish([alert])
            self._remember(key)

    def _remember(self, key: tuple[int, UUID]) -> None:
        self._known[key] = None
        if len(self._known) > MEMORY:
            self._known.popitem(last=False)

    async def _standing(self) -> tuple[Standing, ...]:
        now = asyncio.get_running_loop().time()
        if now >= self._rules_until:
            self._rules = await alerts.standing(self._store)
            self._rules_until = now + RULES_FOR_S
        return self._rules

    async def _count(self) -> None:
        """Write how many there were, and forget minutes that are long over."""
        rules = {standing.rule.no: standing.rule for standing in self._rules}
        over = self._store.clock() - LOOK_BACK - timedelta(minutes=1)
        for group, most in list(self._minutes.items()):
            number, camera_id, minute = group
            if most != self._counted.get(group, 1) and number in rules:
                await alerts.count(self._store, rules[number], camera_id, minute, most)
                self._counted[group] = most
            if minute < over:
                del self._minutes[group]
                self._counted.pop(group, None)

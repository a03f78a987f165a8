"""Tells the targets: each one thing at a time, again with growing waits; one that is away holds up no other."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from camera_hub.alerts import mail, message, webhook
from camera_hub.alerts.webhook import Tried
from camera_hub.faults import Faults
from camera_hub.observe import log
from camera_hub.settings import Settings
from registry import alerts
from registry.alerts import Due
from registry.alerts.targets import Sealed, TargetKind, binding
from registry.errors import Corrupt, Unavailable
from registry.store import Store
from registry.vault import Vault

WAITS_S = (10, 60, 300, 1800, 7200)
"""Waits between tries; after the last one a delivery has failed."""
REST = timedelta(seconds=WAITS_S[0])
"""A target that could not be told is left alone for so long, whatever else waits for it."""
LOOK_S = 1.0
FAILED_SHOWN = timedelta(hours=1)
"""For this long the health page tells that alerts did not arrive."""

_THREADS = ThreadPoolExecutor(16, thread_name_prefix="alert")
"""Of their own: targets that do not answer must not take the threads that everything else of the hub shares."""
_log = log("alerts")


class Sender:
    """Makes deliveries as they fall due."""

    def __init__(self, store: Store, vault: Vault, settings: Settings, faults: Faults) -> None:
        self._store, self._vault, self._settings, self._faults = store, vault, settings, faults
        self._busy: dict[UUID, asyncio.Task[None]] = {}
        self._resting: dict[UUID, datetime] = {}

    async def run(self) -> None:
        """Send until cancelled."""
        try:
            while True:
                await self.round()
                await asyncio.sleep(LOOK_S)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def round(self) -> None:
        """Start what is due for every target that is not being told something already."""
        try:
            waiting = await alerts.due(self._store)
            failed = await alerts.count_failed(self._store, self._store.clock() - FAILED_SHOWN)
        except Unavailable:
            return  # the database's own fault is on the screen; what is due stays due
        if failed:
            self._faults.set("alerts_failed", count=failed)
        else:
            self._faults.clear("alerts_failed")
        for one in waiting:
            if one.target_id not in self._busy and not self._rests(one.target_id):
                task = asyncio.create_task(self._deliver(one), name=f"alert-{one.id}")
                self._busy[one.target_id] = task
                task.add_done_callback(partial(self._done, one.target_id))

    def _done(self, target: UUID, _task: asyncio.Task[None]) -> None:
        self._busy.pop(target, None)

    def _rests(self, target: UUID) -> bool:
        # A rest that would be longer than any began before the clock was set back.
        left = self._resting.get(target, datetime.min.replace(tzinfo=UTC)) - self._store.clock()
        return timedelta(0) < left <= REST

    async def idle(self) -> None:
        """Wait until nothing is being sent."""
        while self._busy:
            await asyncio.gather(*self._busy.values())

    async def _deliver(self, due: Due) -> None:
        try:
            tried = await asyncio.get_running_loop().run_in_executor(_THREADS, self._tell, due)
        except Exception as err:  # noqa: BLE001 - a task's root: what a message breaks is on its line, and waits
            _log.exception("alert_broke", delivery=str(due.id))
            tried = Tried(ok=False, error=type(err).__name__)
        wait = None if tried.ok or tried.final or due.attempts >= len(WAITS_S) else WAITS_S[due.attempts]
        if wait is None:
            self._resting.pop(due.target_id, None)
        else:
            self._resting[due.target_id] = self._store.clock() + REST
        if not tried.ok:
            _log.warning("alert_not_delivered", delivery=str(due.id), error=tried.error, again_in_s=wait)
        while True:
            try:
                await alerts.settle(
                    self._store,
                    due.no,
                    ok=tried.ok,
                    status=tried.status,
                    error=tried.error,
                    retry_at=None if wait is None else self._store.clock() + timedelta(seconds=wait),
                )
            except Unavailable:
                await asyncio.sleep(LOOK_S)
            else:
                return

    def _tell(self, due: Due) -> Tried:
        link = f"{self._settings.public_url}/#/events/{due.event.id}" if self._settings.public_url else ""
        if due.kind is TargetKind.EMAIL:
            return self._mail(due.address, *message.as_mail(due, link, self._settings.tz))
        sealed = Sealed(due.target_id, due.address, due.secret_sealed)
        return self._post(sealed, message.as_json(due, link), str(due.id))

    def try_target(self, target: Sealed, name: str, kind: TargetKind) -> Tried:
        """Send a test message at once. Blocks for up to about 15 s."""
        if kind is TargetKind.EMAIL:
            return self._mail(target.address, *message.test_mail(name))
        return self._post(target, message.test_json(name), "test")

    def _mail(self, to: str, subject: str, text: str) -> Tried:
        if self._settings.smtp is None:
            return Tried(ok=False, error="no mail server is set (smtp in the settings)", final=True)
        return mail.send(self._settings.smtp, to, subject, text)

    def _post(self, target: Sealed, body: bytes, delivery: str) -> Tried:
        try:
            secret = self._vault.unseal(target.secret or "", binding(target.id, target.address))
        except Corrupt as err:
            return Tried(ok=False, error=err.hint, final=True)
        return webhook.post(
            target.address,
            body,
            secret,
            delivery=delivery,
            unix_s=int(time.time()),
            allow_loopback=self._settings.allow_loopback,
        )

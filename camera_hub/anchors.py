"""Anchors of the register: each local day a small file that says which row was the newest and what its hash was.

Who may write to the database can compute every hash of the chain anew. He cannot change what somebody else copied out
of this folder: a share, a stick, a printed page. `registry.audit.chain` has the form, and proves the chain against it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from camera_hub.faults import Faults
from camera_hub.observe import log
from registry import audit
from registry.audit.chain import Anchor, anchor_line, read_anchors
from registry.errors import Corrupt, Unavailable
from registry.store import Store

EVERY_S = 60.0

_log = log("anchors")


class Anchors:
    """The folder, and the hub's daily work in it."""

    def __init__(self, store: Store, folder: Path, faults: Faults, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._folder = folder
        self._faults = faults
        self._clock = clock

    async def run(self) -> None:
        """Write today's anchor where it is missing, each minute until cancelled."""
        while True:
            try:
                await self.round()
                self._faults.clear("anchor_failed")
            except (Unavailable, Corrupt) as err:
                self._faults.set("anchor_failed", hint=err.hint)
            except (OSError, ValueError) as err:
                self._faults.set("anchor_failed", hint=str(err))
            await asyncio.sleep(EVERY_S)

    async def round(self) -> Path | None:
        """Write today's anchor, unless it is there; the file, where one was written.

        The newest anchor is held against the register first: where they differ a fault says so, and no anchor is
        written that would pass over it.
        """
        today = self._folder / f"{self._clock().astimezone(self._store.tz):%Y-%m-%d}.json"
        if await asyncio.to_thread(today.exists):
            return None
        known = await asyncio.to_thread(kept, self._folder)
        last = known[-1] if known else None
        if last is not None and last.no and await audit.hash_of(self._store, last.no) != last.hash:
            self._faults.set("audit_differs", no=last.no, anchor=last.name)
            _log.error("audit_differs", no=last.no, anchor=last.name)
            return None
        self._faults.clear("audit_differs")
        line = await self.line(last)
        await asyncio.to_thread(_write, today, line)
        _log.info("anchor_written", file=str(today))
        return today

    async def line(self, last: Anchor | None) -> bytes:
        """An anchor of now, after `last`. Raises Corrupt where the register has no head."""
        end = await audit.head(self._store)
        if end is None:
            raise Corrupt("the audit's head row is gone; run: camera-hub check", code="audit_head")
        at = self._clock().astimezone(self._store.tz).isoformat(timespec="seconds")
        return anchor_line(*end, at, last.sha256 if last else None)


def kept(folder: Path) -> list[Anchor]:
    """The anchors in a folder, the oldest first. Raises ValueError naming a file that holds none."""
    return read_anchors([folder]) if folder.is_dir() else []


def _write(file: Path, line: bytes) -> None:
    """Synced and renamed, so that who copies the folder never copies half a file; the folder may be a mounted share."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        out.write(line)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)

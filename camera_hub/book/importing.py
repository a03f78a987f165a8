"""A file to a plan, and a plan to the registry: all of its good rows in one transaction, or none."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import Any

from camera_hub.book import sheet
from camera_hub.book.entries import Entries, entries_of
from camera_hub.book.judge import Judge
from camera_hub.book.kinds import FileKind
from camera_hub.book.plan import Action, Plan
from camera_hub.book.progress import Progress
from registry import book
from registry.devices import UrlPolicy
from registry.errors import Conflict, Unavailable
from registry.model import Actor
from registry.store import Store
from registry.vault import Vault

_TRIES = 3
"""How often a plan is judged anew when the registry changes between judging and writing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that was read and judged; `entries` may hold passwords, and never leaves the process."""

    name: str
    kind: FileKind
    sheet: str
    sha256: str
    entries: Entries = field(repr=False)
    plan: Plan


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did, in rows; `skipped` are the bad ones."""

    added: int
    changed: int
    unchanged: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports where."""

    store: Store
    vault: Vault
    actor: Actor
    policy: UrlPolicy
    progress: Progress = field(default_factory=Progress)

    async def draft(self, raw: bytes, name: str) -> Draft:
        """Read and judge a file; nothing is written. Raises Invalid where the file as a whole cannot be read."""
        read = await sheet.read(raw, name)
        entries = await asyncio.to_thread(entries_of, read)
        plan = await self._judged(entries)
        return Draft(name, read.kind, read.name, hashlib.sha256(raw).hexdigest(), entries, plan)

    async def _judged(self, entries: Entries) -> Plan:
        total = len(entries.entries)
        self.progress.at("checking", 0, total)
        standing = await book.standing(self.store, self.actor)
        judge = Judge(standing, self.vault, self.policy)
        return await asyncio.to_thread(judge.judge, entries, lambda done: self.progress.at("checking", done, total))

    async def apply(self, draft: Draft, *, skip_bad: bool = False) -> Applied:
        """Write what the draft's plan says. Raises Conflict: rows are bad, or the plan is no longer what would be done.

        The rows are judged anew first; a change elsewhere that leaves every row's outcome as it was does no harm.
        """
        if draft.plan.bad and not skip_bad:
            rows = draft.plan.bad_rows
            raise Conflict(f"{rows} rows are bad; correct them, or leave them out", code="book_bad_rows", rows=rows)
        for _ in range(_TRIES):
            plan = await self._judged(draft.entries)
            if not plan.same_as(draft.plan):
                raise Conflict("the registry has changed since; look at the plan anew", code="book_stale")
            if await self._write(draft, plan):
                return Applied(
                    plan.count(Action.ADD), plan.count(Action.CHANGE), plan.count(Action.UNCHANGED), plan.bad_rows
                )
        raise Unavailable("others keep changing cameras; try again in a minute", code="book_busy")

    async def _write(self, draft: Draft, plan: Plan) -> bool:
        total = len(plan.orders.points)
        self.progress.at("writing", 0, total)
        detail: dict[str, Any] = {
            "file": draft.name[:64],
            "sha256": draft.sha256,
            "added": plan.count(Action.ADD),
            "changed": plan.count(Action.CHANGE),
            "unchanged": plan.count(Action.UNCHANGED),
            "skipped": plan.bad_rows,
        }
        return await book.write(
            self.store,
            self.vault,
            plan.orders,
            self.actor,
            expected=plan.mark,
            detail=detail,
            tell=lambda done: self.progress.at("writing", done, total),
        )

"""How far an import is: set by the work, told by whoever shows it. The work never waits for the one who looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Phase = Literal["reading", "checking", "writing"]
EVERY_S = 0.2
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """So many of so many rows in one phase; a `total` of 0 is not known yet."""

    phase: Phase
    done: int
    total: int


class Progress:
    """The step the work is at."""

    def __init__(self) -> None:
        self.step = Step("reading", 0, 0)

    def at(self, phase: Phase, done: int, total: int) -> None:
        """Say where the work is; from any thread."""
        self.step = Step(phase, done, total)


async def watched(work: Coroutine[Any, Any, T], progress: Progress) -> AsyncGenerator[Step | T, None]:
    """The steps of `work` as they change, and at last its result. Closing the generator cancels the work."""
    task = asyncio.ensure_future(work)
    told: Step | None = None
    try:
        while not (await asyncio.wait({task}, timeout=EVERY_S))[0]:
            if progress.step != told:
                told = progress.step
                yield told
        yield task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})

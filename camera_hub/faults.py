"""What is wrong with the hub now, in machine-readable codes: set and cleared by whoever sees it, shown by health."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from camera_hub.observe import log
from registry.errors import HubError

_log = log("faults")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: a stable `code` the page translates, since when, and values for the translation."""

    code: str
    since: datetime
    params: Mapping[str, str | int | float]


class Faults:
    """The faults that hold now. A fault is named by its code and, where several can hold, by `about`."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._now: dict[tuple[str, str], Fault] = {}

    def set(self, code: str, about: str = "", **params: str | float) -> None:
        """Note a fault; it keeps its beginning when it holds already."""
        key = code, about
        before = self._now.get(key)
        self._now[key] = Fault(code, before.since if before else self._clock(), params)
        if before is None:
            _log.warning("fault", code=code, about=about, **params)

    def clear(self, code: str, about: str = "") -> None:
        """Note that a fault is over."""
        if self._now.pop((code, about), None) is not None:
            _log.info("fault_over", code=code, about=about)

    def hold(self, code: str, those: Mapping[str, Mapping[str, str | float]]) -> None:
        """Let exactly `those` faults of a code hold, each by what it is about, with its params."""
        for about in [about for held, about in self._now if held == code and about not in those]:
            self.clear(code, about)
        for about, params in those.items():
            self.set(code, about, **params)

    async def rounds(self, code: str, work: Callable[[], Awaitable[object]], every_s: float) -> None:
        """Do some work again and again until cancelled: what it raises is a fault until a round goes well."""
        while True:
            try:
                await work()
                self.clear(code)
            except HubError as err:
                self.set(code, hint=err.hint)
            except OSError as err:
                self.set(code, hint=str(err.strerror))
            await asyncio.sleep(every_s)

    def now(self) -> tuple[Fault, ...]:
        """Every fault, the oldest first."""
        return tuple(sorted(self._now.values(), key=lambda fault: fault.since))

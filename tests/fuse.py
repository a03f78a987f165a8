"""A process that ends itself by SIGKILL at the n-th thing it does to the disk: what it leaves is what any kill leaves."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from typing import Any

from registry import sqlite

NAMES = ("fsync", "fdatasync", "replace", "unlink", "rmdir", "ftruncate")


def light(at: int) -> None:
    """From now on, end before the `at`-th sync, rename, removal or commit, or in the middle of such a write."""
    steps = itertools.count(1)

    def due() -> bool:
        return next(steps) == at

    def end() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def ending(work: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*given: Any, **more: Any) -> Any:
            if due():
                end()
            return work(*given, **more)

        return instead

    for name in NAMES:
        setattr(os, name, ending(getattr(os, name)))
    write = os.pwrite

    def torn(descriptor: int, data: Any, offset: int) -> int:
        if due():
            write(descriptor, memoryview(data)[: len(data) // 2], offset)
            end()
        return write(descriptor, data, offset)

    os.pwrite = torn  # type: ignore[assignment]
    sqlite.Connection.commit = ending(sqlite.Connection.commit)  # type: ignore[method-assign]

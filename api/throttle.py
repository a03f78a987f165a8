"""How often somebody may try a password: slow for one name from one address, slower than a guesser for an address."""

from __future__ import annotations

import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from registry.errors import TooMany

PER_NAME = (parse("5/minute"), parse("30/hour"))
PER_ADDRESS = (parse("60/minute"), parse("600/hour"))
"""A station's officers may share one address, so an address gets more; each try costs the hub an argon2 hash."""


class Throttle:
    """Counts tries at signing in, in this process's memory (there is one hub process)."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def attempt(self, name: str, address: str) -> None:
        """Count a try, before its password is looked at, so that a burst counts; TooMany when it is one too many."""
        keys: list[tuple[RateLimitItem, tuple[str, ...]]] = [(limit, ("address", address)) for limit in PER_ADDRESS]
        keys += [(limit, ("name", name, address)) for limit in PER_NAME]
        for limit, key in keys:
            if not self._limiter.hit(limit, *key):
                resets = self._limiter.get_window_stats(limit, *key).reset_time
                raise TooMany("wait before you try again", retry_after_s=max(1.0, resets - time.time()))

    def succeeded(self, name: str, address: str) -> None:
        """Forget the tries of a name that proved itself; the address's own count stays."""
        for limit in PER_NAME:
            self._limiter.clear(limit, "name", name, address)

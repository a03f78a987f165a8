"""Pages that a link alone opens, without an account: its secret comes in a header, and an address asks only so often.

The secret stands in the page's fragment, which no browser sends; the page sends it in a header. So it is in no log, no
history of a proxy and no referrer.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.visitor import Visitor
from registry.errors import TooMany

Asked = web.AppKey[MovingWindowRateLimiter]
"""Where it is counted how often an address asks at one sort of page."""
MOST_CHARS = 64


def limiter() -> MovingWindowRateLimiter:
    """Counts how often an address asks, in this process's memory (there is one hub process)."""
    return MovingWindowRateLimiter(MemoryStorage())


def secret(visitor: Visitor, header: str, asked: Asked, rates: Iterable[RateLimitItem]) -> str:
    """The link's secret, as it came. Raises TooMany where the address asks too often."""
    for rate in rates:
        if not visitor.request.app[asked].hit(rate, visitor.address):
            raise TooMany("wait before you try again", retry_after_s=60)
    return visitor.request.headers.get(header, "")[:MOST_CHARS]

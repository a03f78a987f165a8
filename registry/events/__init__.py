"""Events: findings kept. Written by the hub's one keeper, read under a purpose, expired by retention.

`record` writes; `search`, `histogram`, `get`, `snapshot_of`, `watching`, `watched` and `visible` read; `expire`,
`release` and `snapshot_bytes` keep the disk.
"""

from registry.events.finding import Bucket, histogram, search
from registry.events.keeping import Expired, expire, release, snapshot_bytes
from registry.events.lookup import get, snapshot_of, visible, watched, watching
from registry.events.query import EventQuery
from registry.events.recording import Recorded, record

__all__ = [
    "Bucket",
    "EventQuery",
    "Expired",
    "Recorded",
    "expire",
    "get",
    "histogram",
    "record",
    "release",
    "search",
    "snapshot_bytes",
    "snapshot_of",
    "visible",
    "watched",
    "watching",
]

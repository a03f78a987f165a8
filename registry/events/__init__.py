"""Events: findings kept. Written by the hub's one keeper, read under a purpose, expired by retention.

`record` and `record_stills` write, `mark` adds what people say; `search`, `histogram`, `export`, `get`, `snapshot_of`,
`snapshots_of`, `watching`, `watched` and `visible` read; `expire` and `release` keep the disk; `close_abandoned` ends
what a killed worker left open.
"""

from registry.events.counting import Bucket, histogram, histograms
from registry.events.exporting import Exported, export
from registry.events.finding import search
from registry.events.keeping import Expired, close_abandoned, expire, overdue, purge, release
from registry.events.lookup import get, snapshot_of, snapshots_of, visible, watched, watching
from registry.events.marks import NewMark, mark
from registry.events.query import EventQuery
from registry.events.recording import Recorded, record
from registry.events.stills import record_stills

__all__ = [
    "Bucket",
    "EventQuery",
    "Expired",
    "Exported",
    "NewMark",
    "Recorded",
    "close_abandoned",
    "expire",
    "export",
    "get",
    "histogram",
    "histograms",
    "mark",
    "overdue",
    "purge",
    "record",
    "record_stills",
    "release",
    "search",
    "snapshot_of",
    "snapshots_of",
    "visible",
    "watched",
    "watching",
]

"""How the hub tells what it does: JSON log lines on standard error and Prometheus metrics.

Every line passes one redaction processor, so that no password, token or credential in a URL reaches a log, whoever
logged it. Libraries that use the standard `logging` end in the same lines.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

HIDDEN = "***"
_SECRET_NAME = re.compile(
    r"passw|passwd|\bpwd|secret|token|authorization|cookie|csrf|credential|api_?key|^key$|ticket", re.IGNORECASE
)
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,30}://)[^\s/?#'\"]*@", re.IGNORECASE)
_QUERY = re.compile(
    r"(?P<name>[?&;](?:[a-z_-]*(?:passw|pwd|token|secret|auth|ticket|key|user|usr)[a-z_-]*)=)[^\s&;#'\"]+",
    re.IGNORECASE,
)
_HEADER = re.compile(r"(?P<name>\b(?:authorization|cookie|x-csrf-token)['\"]?\s*[:=]\s*)[^\r\n,}]+", re.IGNORECASE)


def redact(text: str) -> str:
    """Take credentials out of any URLs and headers inside `text`."""
    text = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", text)
    text = _QUERY.sub(rf"\g<name>{HIDDEN}", text)
    return _HEADER.sub(rf"\g<name>{HIDDEN}", text)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {k: HIDDEN if _SECRET_NAME.search(str(k)) and v else _clean(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_clean(v) for v in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that cleans a whole log line."""
    for name, value in event.items():
        event[name] = HIDDEN if _SECRET_NAME.search(name) and value else _clean(value)
    return event


def configure(level: str, process: str = "hub") -> None:
    """Write logs of `level` and above as JSON lines on standard error, each naming its `process`."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        lambda _logger, _method, event: {"process": process, **event},
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *shared,
                structlog.stdlib.PositionalArgumentsFormatter(),
                structlog.stdlib.add_logger_name,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                redact_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "zeep", "asyncio", "aiosqlite", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; events are snake_case words, the rest key-values: `log("keeper").info("stored", count=3)`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


class Metrics:
    """The hub's metrics, in a registry of their own (so that tests and two hubs do not collide)."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self.received = Counter("hub_messages_received_total", "Messages that came over the event channel", registry=r)
        self.stored = Counter("hub_events_stored_total", "Event revisions committed", registry=r)
        self.refused = Counter("hub_events_refused_total", "Events refused (camera unknown, no consent)", registry=r)
        self.poison = Counter("hub_messages_poison_total", "Messages that could not be read or stored", registry=r)
        self.commit = Histogram(
            "hub_commit_seconds",
            "Time of one group commit",
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2),
            registry=r,
        )
        self.expired = Counter("hub_events_expired_total", "Events removed by retention", registry=r)
        self.files_deleted = Counter("hub_files_deleted_total", "Snapshot files removed", registry=r)
        self.restarts = Counter("hub_worker_restarts_total", "Worker processes restarted", ["slot"], registry=r)
        self.cameras = Gauge("hub_cameras", "Cameras by state", ["state"], registry=r)
        self.faults = Gauge("hub_faults", "Faults now, by code", ["code"], registry=r)
        self.disk_free = Gauge("hub_disk_free_bytes", "Free bytes where pictures are kept", registry=r)
        self.media_used = Gauge("hub_media_bytes", "Bytes of pictures kept", registry=r)
        self.recordings_due = Gauge("hub_recordings_due", "Streams that are to be recorded now", registry=r)
        self.recordings_writing = Gauge("hub_recordings_writing", "Files being recorded to now", registry=r)
        self.recording_gaps = Gauge(
            "hub_recording_gaps", "Streams that are not recorded and should be, by cause", ["cause"], registry=r
        )
        self.recordings_used = Gauge("hub_recordings_bytes", "Bytes of recordings kept", registry=r)
        self.recordings_held = Gauge("hub_recordings_held_bytes", "Bytes of recordings held for cases", registry=r)
        self.segments_deleted = Counter("hub_segments_deleted_total", "Recorded files removed", registry=r)
        self.worker = Gauge("hub_worker", "A worker's heartbeat, by field", ["slot", "field"], registry=r)

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)

"""What the hub hands a worker on the first line of its standard input: settings, share, and where the channel is.

The pipe is private to the two processes, so secrets travel on it and never in arguments or the environment.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from camera_hub.settings import SECRETS, Settings
from camera_hub.watch.channel import Outlet
from camera_hub.watch.channel_redis import RedisOutlet
from camera_hub.watch.channel_unix import UnixOutlet
from registry.errors import Invalid

NODE = "local"
"""This machine's name as the owner of its files. One box: one name; a county's nodes will have their own."""


class Job(BaseModel):
    """One worker's job: the cameras whose `no % slots == slot`.

    A static share, not leases: on one box the supervisor knows every worker and restarts a dead one within seconds, so
    there is nobody else who could take its cameras sooner, and no two workers can ever hold one camera.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slot: int
    slots: int
    channel: Literal["unix", "redis"]
    address: str
    """Path of the socket, or the URL of Redis."""
    live: str
    """Path of the socket on which the worker gives live streams."""
    settings: dict[str, Any]

    def line(self) -> bytes:
        """The job as one line of JSON."""
        return self.model_dump_json().encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Job:
        """Read the line. Raises Invalid."""
        try:
            return cls.model_validate_json(line)
        except ValidationError as err:
            raise Invalid(f"not a job: {err.error_count()} faults; the hub starts workers, not the shell") from None

    def read_settings(self) -> Settings:
        """The hub's settings, as they were when it started."""
        return Settings(**self.settings)

    def outlet(self, settings: Settings) -> Outlet:
        """The worker's end of the channel."""
        if self.channel == "redis":
            return RedisOutlet(self.address, prefix(settings))
        return UnixOutlet(Path(self.address))


def carried(settings: Settings) -> dict[str, Any]:
    """All settings as JSON values, secrets in clear: for the private pipe only."""
    values = settings.model_dump(mode="json")
    for name in SECRETS:
        secret = getattr(settings, name)
        values[name] = secret.get_secret_value() if secret is not None else None
    values["data_dir"] = str(settings.data_dir.absolute())
    return values


def prefix(settings: Settings) -> str:
    """The name under which this hub's streams lie in Redis; two hubs with two databases may share one Redis."""
    return f"hub:{hashlib.sha256(settings.database.encode()).hexdigest()[:12]}"

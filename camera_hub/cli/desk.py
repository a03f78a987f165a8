"""What a command works with: the settings, the registry, the vault, and in whose name it writes to the audit."""

from __future__ import annotations

import os
import pwd
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from camera_hub.lock import refuse_half_restored
from camera_hub.settings import Settings, load
from camera_hub.stream import reach
from registry import keys
from registry.devices import UrlPolicy
from registry.errors import Conflict
from registry.model import Actor
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import STAGED, Vault, load_key


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command: `camera-hub --config hub.yml --data-dir DIR …`."""

    config: Path | None = None
    data_dir: Path | None = None

    def settings(self, **overrides: object) -> Settings:
        """The settings with these options applied. Raises Invalid."""
        if self.data_dir is not None:
            overrides["data_dir"] = self.data_dir
        return load(self.config, **overrides)


@dataclass(frozen=True, slots=True)
class Desk:
    """An open registry and who works with it."""

    settings: Settings
    store: Store
    vault: Vault
    actor: Actor


def operator() -> Actor:
    """The account that runs the command, as the audit names it.

    Whoever may read the data directory sees all of it: the command line is not limited by grants, but says who it was.
    The system is asked, not the environment, which anybody sets as he likes.
    """
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # a container that is run as a number
        name = f"uid {number}"
    return replace(CONSOLE, address=f"{name}, pid {os.getpid()}")


@asynccontextmanager
async def opened(settings: Settings, *, settle: bool = False) -> AsyncIterator[Desk]:
    """Open the registry for one command; SQLite is made and upgraded on the way, PostgreSQL never by surprise.

    `settle`: end a change of key that was cut off, as only who holds the data directory's lock may; without it such a
    change is refused (Conflict).
    """
    refuse_half_restored(settings.data_dir)
    reach.confine(settings.allowed_networks)
    if not settle and (settings.data_dir / STAGED).exists():
        raise Conflict(
            "a change of the key is under way, or was cut off; wait, or start the hub, which ends it",
            code="key_changing",
        )
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(settings.database, tz=settings.tz, law=settings.law, upgrade=settings.database_url is None)
    try:
        if settle:
            await keys.settle(store, settings.data_dir)
        key = None if settings.key is None else settings.key.get_secret_value()
        vault = Vault(load_key(key, settings.data_dir))
        yield Desk(settings, store, vault, operator())
    finally:
        await store.close()


def policy_of(desk: Desk) -> UrlPolicy:
    """Which stream addresses the settings allow."""
    return UrlPolicy(allow_file=desk.settings.allow_file_sources, allow_loopback=desk.settings.allow_loopback)

"""The register of look-ups: guarded, whole from its first row, as its anchors tell it, and room for years of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from camera_hub.anchors import kept
from camera_hub.doctor.finding import Finding, fault, good, warning
from camera_hub.media import free_bytes
from camera_hub.settings import Settings
from registry import audit
from registry.audit.standing import Standing, standing
from registry.errors import HubError
from registry.store import Store

ROW_BYTES = 1000
"""A row with its indexes, as `tools/bench/audit.py` finds it, rounded up."""
_LEAST = timedelta(days=7)
"""A rate taken over less says nothing."""


async def register(settings: Settings) -> Finding:
    """Its guards, its first row, its newest anchor, and the room that `audit.keep_years` of the policy takes."""
    if settings.database_url is None and not (settings.data_dir / "hub.db").exists():
        return good("register", "none yet")
    try:
        found = await standing(settings.database)
        wrong = await _wrong(settings, found)
    except HubError as err:
        return warning("register", err.hint, "see `database`")
    except (OSError, ValueError) as err:
        return fault("register", f"anchors cannot be read: {err}", "move what is no anchor out of anchor_dir")
    years = settings.law.audit.keep_years
    said = f"{found.last} rows, kept {years} years at least"
    if wrong is not None:
        return fault("register", wrong[0], wrong[1])
    wanted = _wanted(found, years)
    if settings.database_url is None and wanted > (free := free_bytes(settings.data_dir)):
        todo = "more disk, or PostgreSQL on a machine that has it: rows are never deleted"
        return warning(
            "register", f"{said}; at this rate that is {wanted / 1e9:.1f} GB, {free / 1e9:.1f} are free", todo
        )
    return good("register", f"{said}; about {wanted / 1e9:.2f} GB" if wanted else said)


async def _wrong(settings: Settings, found: Standing) -> tuple[str, str] | None:
    if not found.guarded:
        return (
            "its triggers are gone: rows can be changed",
            "find out who took them away, prove it (camera-hub audit verify), and restore a backup of before",
        )
    if found.first not in {None, 1}:
        return f"it begins at row {found.first}: older ones are gone", "restore a backup that has them"
    known = await asyncio.to_thread(kept, settings.anchors)
    if not known or known[-1].no == 0:
        return None
    last = known[-1]
    store = await Store.open(settings.database)
    try:
        there = await audit.hash_of(store, last.no)
    finally:
        await store.close()
    if there == last.hash:
        return None
    return (
        f"row {last.no} is not what the anchor {last.name} tells",
        "prove it: camera-hub audit verify; after a restore, move older anchors elsewhere and keep them",
    )


def _wanted(found: Standing, years: int) -> float:
    """Bytes so many years take at the rate there was; 0 where that is not known yet."""
    if found.first_at is None or found.last_at is None or found.last_at - found.first_at < _LEAST:
        return 0.0
    return found.last / ((found.last_at - found.first_at) / timedelta(days=365)) * years * ROW_BYTES

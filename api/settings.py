"""The settings this hub runs with, for the one who runs it."""

from __future__ import annotations

from dataclasses import dataclass

from api.routing import Routes
from api.visitor import Call
from camera_hub.effective import Setting, effective
from registry.permissions import Permission

routes = Routes("settings")


@dataclass(frozen=True, slots=True)
class Effective:
    """Every setting in the order of its documentation."""

    settings: tuple[Setting, ...]


@routes.get("/settings", Permission.CONFIGURE)
async def read(call: Call) -> Effective:
    """What each setting is, what it means and where it was set; of a secret only whether it is set."""
    return Effective(effective(call.hub.settings))

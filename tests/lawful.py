"""What tests tell of a camera's place, so that it may be pulled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry import placement
from registry.model import Camera
from registry.placement import Placement, PlacementChange, SignFile
from registry.scope import EVERYTHING
from registry.store import Store
from registry.users import CONSOLE

SIGN = SignFile("hub", "signs/2026-11-23/018f3b7a-0000-7000-8000-000000000000.jpg", 1000)


async def place(store: Store, camera: Camera | UUID, **given: Any) -> Placement:
    """Tell all that the policy asks of a camera's place; its sign has a row, and no file."""
    camera_id = camera if isinstance(camera, UUID) else camera.id
    asked = await placement.get(store, camera_id, EVERYTHING)
    told = {"basis": asked.bases[0], "purpose": "治安防控", "answers": dict.fromkeys(asked.forbidden, False), **given}
    await placement.change(store, camera_id, PlacementChange(**told), CONSOLE)
    return (await placement.keep_sign(store, camera_id, SIGN, CONSOLE))[0]

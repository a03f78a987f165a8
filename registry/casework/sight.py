"""Whether a camera sees the scene, as far as its place and direction tell; a wall between is nowhere written down."""

from __future__ import annotations

import math

from registry.columns import AnyRow
from registry.geometry import Position

FAR_M = 150.0
"""Further than this a village camera shows nobody that could be told."""
USUAL_ANGLE = 90.0


def sees(camera: AnyRow, scene: Position, metres: float) -> bool | None:
    """True, False, or None where its direction is not known."""
    if metres > FAR_M:
        return False
    if camera.bearing_deg is None:
        return None
    east = (scene[0] - camera.lon) * math.cos(math.radians(scene[1]))
    to_scene = math.degrees(math.atan2(east, scene[1] - camera.lat)) % 360
    off = abs((to_scene - camera.bearing_deg + 180) % 360 - 180)
    return bool(off <= (camera.view_angle_deg or USUAL_ANGLE) / 2)

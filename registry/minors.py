"""Cameras near minors (L18, PIPL art. 31): whoever watches or replays one says in words why, under his purpose."""

from __future__ import annotations

from registry.columns import AnyRow
from registry.errors import Denied
from registry.model import Purpose
from registry.policy import PlacementPolicy


def refusal(law: PlacementPolicy, row: AnyRow, purpose: Purpose) -> Denied | None:
    """Why a camera's row (with `near_minors`) is not for this purpose: its reason is too short (`minors_reason`)."""
    if not row.near_minors or len(purpose.reason.strip()) >= law.minors_reason:
        return None
    return Denied(
        f"the camera sees minors: open a purpose whose reason says why, in at least {law.minors_reason} characters",
        code="minors_reason",
        letters=law.minors_reason,
    )

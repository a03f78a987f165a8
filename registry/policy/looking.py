"""What may be looked at for which purpose, and what is asked of others for it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.model import Role
from registry.policy.section import Section


class ApprovalPolicy(Section):
    """What one user asks for and another decides."""

    wait_hours: int = Field(ge=1, le=744)
    """How long a request waits for somebody to decide it."""


class CasePolicy(Section):
    """What a case must tell, what it reaches, and for how long."""

    roles: frozenset[Role]
    """Who may look under a case he is a member of."""
    needs_place: bool
    needs_window: bool
    margin_hours: int = Field(ge=0, le=744)
    """How far a look may go beyond the times of a case without asking."""
    longest_days: int = Field(ge=1, le=400)
    """The longest time one case spans."""
    expires_days: int = Field(ge=1, le=3660)
    """How long a case lasts before somebody says again that it is needed."""
    reach_minutes: int = Field(ge=1, le=120)
    """A report holds the footage of cameras that a van reaches from the scene in so many minutes."""
    hold_days: int = Field(ge=1, le=400)
    """How long the hold lasts that a report places; a longer one is placed by somebody who may approve."""
    grant_hours: int = Field(ge=1, le=744)
    """The longest a grant beyond a case's place or time lasts."""


class PatrolPolicy(Section):
    """What a patrol at the desk reaches: one's own villages, live, and somewhat back."""

    roles: frozenset[Role]
    """Who may open one."""
    looks_back_hours: int = Field(ge=0, le=744)


class MaintenancePolicy(Section):
    """What maintenance reaches: the cameras it is opened for, live, and their events somewhat back; no recordings."""

    roles: frozenset[Role]
    """Who may open it."""
    looks_back_hours: int = Field(ge=0, le=744)


class MaskPolicy(Section):
    """What masks hide of the past (L10)."""

    earlier_footage: Literal["approval", "shown"]
    """Whether what was recorded before a mask was drawn is hidden until somebody approves, or shown as it is."""


class EvidencePolicy(Section):
    """What was made of a case's footage: packs to be taken out (L8), and the pictures of its bookmarks (L4)."""

    keep_days: int = Field(ge=1, le=3650)
    """So long a pack's file stays here to be fetched, and bookmarks' pictures after their case's end."""


class UploadPolicy(Section):
    """What people send in for a case, by a link and without an account."""

    link_days: int = Field(ge=1, le=90)
    """A link holds so long at most."""
    keep_days: int = Field(ge=0, le=3650)
    """What was sent in goes so many days after its case was closed or has expired."""
    text: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    """Which wording whoever sends agrees to: the page's own."""

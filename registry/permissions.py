"""What each role may do: one matrix, read by every route and by nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registry.errors import Denied
from registry.model import PurposeKind, Role, User


class Permission(StrEnum):
    """One thing a route lets somebody do."""

    SEE_CAMERAS = "see_cameras"
    SEE_EVENTS = "see_events"
    WATCH_LIVE = "watch_live"
    SEE_RECORDINGS = "see_recordings"
    EXPORT = "export"
    WATCH_HEALTH = "watch_health"
    REGISTER = "register"
    MANAGE_PLACES = "manage_places"
    MANAGE_USERS = "manage_users"
    CONFIGURE = "configure"
    OPEN_CASE = "open_case"
    OPEN_PATROL = "open_patrol"
    OPEN_MAINTENANCE = "open_maintenance"
    MANAGE_CASES = "manage_cases"
    WORK_CASES = "work_cases"
    MANAGE_ALERTS = "manage_alerts"
    MANAGE_TARGETS = "manage_targets"
    MANAGE_PATROLS = "manage_patrols"
    WORK_INCIDENTS = "work_incidents"
    APPROVE = "approve"
    READ_AUDIT = "read_audit"
    SEE_METRICS = "see_metrics"


P = Permission
_OFFICER = frozenset(
    {
        P.SEE_CAMERAS,
        P.SEE_EVENTS,
        P.WATCH_LIVE,
        P.SEE_RECORDINGS,
        P.EXPORT,
        P.WATCH_HEALTH,
        P.REGISTER,
        P.OPEN_CASE,
        P.OPEN_PATROL,
        P.MANAGE_CASES,
        P.WORK_CASES,
        P.MANAGE_ALERTS,
        P.MANAGE_PATROLS,
        P.WORK_INCIDENTS,
    }
)
ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.APPROVER: _OFFICER | {P.APPROVE},
    Role.OFFICER: _OFFICER,
    Role.ASSISTANT: frozenset(
        {
            P.SEE_CAMERAS,
            P.SEE_EVENTS,
            P.WATCH_LIVE,
            P.SEE_RECORDINGS,
            P.WATCH_HEALTH,
            P.OPEN_CASE,
            P.WORK_CASES,
            P.OPEN_PATROL,
            P.WORK_INCIDENTS,
        }
    ),
    Role.TECHNICIAN: frozenset(
        {
            P.SEE_CAMERAS,
            P.SEE_EVENTS,
            P.WATCH_LIVE,
            P.WATCH_HEALTH,
            P.REGISTER,
            P.OPEN_MAINTENANCE,
            P.SEE_METRICS,
        }
    ),
    Role.MONITOR: frozenset(
        {
            P.SEE_CAMERAS,
            P.SEE_EVENTS,
            P.WATCH_LIVE,
            P.SEE_RECORDINGS,
            P.WATCH_HEALTH,
            P.OPEN_PATROL,
            P.WORK_INCIDENTS,
        }
    ),
    Role.AUDITOR: frozenset({P.SEE_CAMERAS, P.WATCH_HEALTH, P.READ_AUDIT}),
}

OPENS: Mapping[PurposeKind, Permission] = {
    PurposeKind.CASE: P.OPEN_CASE,
    PurposeKind.PATROL: P.OPEN_PATROL,
    PurposeKind.MAINTENANCE: P.OPEN_MAINTENANCE,
}
"""Which permission opens which purpose."""


LOOKS = frozenset(
    {
        P.SEE_EVENTS,
        P.WATCH_LIVE,
        P.SEE_RECORDINGS,
        P.EXPORT,
        P.WORK_INCIDENTS,
        *OPENS.values(),
    }
)
"""What shows pictures of people: nobody does it whose training or pledge his role demands and does not hold."""


def refusal(user: User, permission: Permission) -> Denied | None:
    """Why the user may not, or None.

    Codes: `role`, `token`, `two_factors_required`, `training_expired`, `pledge_expired`.
    """
    if not user.active or permission not in ROLES[user.role]:
        return Denied(f"role {user.role} may not {permission}", code="role", permission=permission.value)
    if user.carried is not None and user.carried.permissions is not None and permission not in user.carried.permissions:
        return Denied(f"the token does not carry {permission}", code="token", permission=permission.value)
    if user.enrol:
        return Denied("set up your second factor first: Me, Two factors", code="two_factors_required")
    if permission in LOOKS:
        for held in user.duties:
            if not held.holds:
                hint = f"your {held.duty} ran out, or is not on record; ask an administrator"
                return Denied(hint, code=f"{held.duty}_expired")
    return None


def may(user: User, permission: Permission) -> bool:
    """Whether the user is active, his role (and token) has the permission, and he holds what it asks of him."""
    return refusal(user, permission) is None


def allow(user: User, permission: Permission) -> None:
    """Raise Denied unless the user may."""
    if (why := refusal(user, permission)) is not None:
        raise why


def table() -> str:
    """The matrix as a Markdown table, as it stands in docs/permissions.md."""
    head = f"| permission | {' | '.join(Role)} |"
    lines = [f"| {one} | {' | '.join('x' if one in ROLES[role] else ' ' for role in Role)} |" for one in Permission]
    return "\n".join([head, f"|---|{'---|' * len(Role)}", *lines]) + "\n"

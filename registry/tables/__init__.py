"""The tables. Times are `Instant` (ms UTC), ids `Id` (UUIDv7, public), `no` a row's small integer (private).

Migrations in registry/migrations carry the same shape; a test compares the two.
"""

from registry.tables.alerts import alert_deliveries, alert_rules, alert_targets
from registry.tables.approvals import approval_places, approvals
from registry.tables.columns import metadata
from registry.tables.consents import consent_gaps, consent_scans, consent_steps, consents, withdrawals
from registry.tables.events import event_marks, events, labels
from registry.tables.patrols import (
    incident_steps,
    incidents,
    patrol_cameras,
    patrol_marks,
    patrol_plan_cameras,
    patrol_plan_users,
    patrol_plans,
    patrols,
)
from registry.tables.people import (
    case_members,
    case_places,
    cases,
    old_passwords,
    purpose_cameras,
    purposes,
    recovery_codes,
    sessions,
    tokens,
    unit_grants,
    unit_members,
    unit_villages,
    units,
    user_grants,
    users,
)
from registry.tables.placement import placements
from registry.tables.recordings import hold_cameras, holds, recording_due, recording_gaps, segments
from registry.tables.register import (
    camera_status,
    cameras,
    devices,
    entrance_cameras,
    entrances,
    hub_runs,
    places,
    registry_revision,
    roads,
    scenes,
    status_history,
)
from registry.tables.requests import assessments, request_cameras, requests, unmaskings
from registry.tables.trail import audit, audit_head
from registry.tables.walls import viewings, walls

__all__ = [
    "alert_deliveries",
    "alert_rules",
    "alert_targets",
    "approval_places",
    "approvals",
    "assessments",
    "audit",
    "audit_head",
    "camera_status",
    "cameras",
    "case_members",
    "case_places",
    "cases",
    "consent_gaps",
    "consent_scans",
    "consent_steps",
    "consents",
    "devices",
    "entrance_cameras",
    "entrances",
    "event_marks",
    "events",
    "hold_cameras",
    "holds",
    "hub_runs",
    "incident_steps",
    "incidents",
    "labels",
    "metadata",
    "old_passwords",
    "patrol_cameras",
    "patrol_marks",
    "patrol_plan_cameras",
    "patrol_plan_users",
    "patrol_plans",
    "patrols",
    "placements",
    "places",
    "purpose_cameras",
    "purposes",
    "recording_due",
    "recording_gaps",
    "recovery_codes",
    "registry_revision",
    "request_cameras",
    "requests",
    "roads",
    "scenes",
    "segments",
    "sessions",
    "status_history",
    "tokens",
    "unit_grants",
    "unit_members",
    "unit_villages",
    "units",
    "unmaskings",
    "user_grants",
    "users",
    "viewings",
    "walls",
    "withdrawals",
]

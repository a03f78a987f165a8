"""The tables. Times are `Instant` (ms UTC), ids `Id` (UUIDv7, public), `no` a row's small integer (private).

Migrations in registry/migrations carry the same shape; a test compares the two.
"""

from registry.tables.alerts import alert_deliveries, alert_rules, alert_targets
from registry.tables.approvals import approval_places, approvals
from registry.tables.bookmarks import bookmarks
from registry.tables.canvass import canvass_entries, clip_requests, uploads
from registry.tables.casework import case_cameras, case_handovers, case_reports
from registry.tables.columns import metadata
from registry.tables.consents import consent_gaps, consent_scans, consent_steps, consents, withdrawals
from registry.tables.events import event_marks, events, labels
from registry.tables.evidence import custody, drafts, evidence_keys, exports
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
from registry.tables.queries import saved_searches
from registry.tables.recordings import hold_cameras, holds, recording_due, recording_gaps, segments, segments_hour
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
from registry.tables.track import candidate_decisions, case_blocks, case_links, clue_maps
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
    "bookmarks",
    "camera_status",
    "cameras",
    "candidate_decisions",
    "canvass_entries",
    "case_blocks",
    "case_cameras",
    "case_handovers",
    "case_links",
    "case_members",
    "case_places",
    "case_reports",
    "cases",
    "clip_requests",
    "clue_maps",
    "consent_gaps",
    "consent_scans",
    "consent_steps",
    "consents",
    "custody",
    "devices",
    "drafts",
    "entrance_cameras",
    "entrances",
    "event_marks",
    "events",
    "evidence_keys",
    "exports",
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
    "saved_searches",
    "scenes",
    "segments",
    "segments_hour",
    "sessions",
    "status_history",
    "tokens",
    "unit_grants",
    "unit_members",
    "unit_villages",
    "units",
    "unmaskings",
    "uploads",
    "user_grants",
    "users",
    "viewings",
    "walls",
    "withdrawals",
]

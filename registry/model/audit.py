"""Rows of the register of look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registry.model.purpose import PurposeKind
from registry.model.user import Role


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the register of look-ups (调用登记); `hash` chains it to the row before, `no` is what a proof names.

    `consent_versions` are the texts of the householders' consents in force when their cameras were looked at.
    """

    no: int
    at: datetime
    user: str
    role: Role | None
    unit: str
    address: str
    action: str
    cameras: tuple[str, ...]
    span_from: datetime | None
    span_to: datetime | None
    purpose_kind: PurposeKind | None
    case_number: str | None
    reason: str
    detail: str
    result_count: int | None
    consent_versions: tuple[str, ...]
    prev_hash: str
    hash: str

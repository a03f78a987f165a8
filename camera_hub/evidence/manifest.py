"""What a pack's manifest says: the facts of a case and of what was taken out, in the one form that is signed.

Numbers are whole and degrees are texts, so that every reader reads the same. Nothing is left out by silence: what was
asked for and is not there stands under `not_included` with its reason, what was never recorded under `gaps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from importlib.metadata import version
from typing import Any
from uuid import UUID

from camera_hub.evidence.verify import CHUNK, FORMAT
from registry.evidence import Gathered, Signer
from registry.evidence.gathering import LeftOut, Signatory
from registry.evidence.keys import told_at
from registry.evidence.viewpoints import Viewpoint
from registry.recordings.timeline import MissingSpan

PROVES = ("files_identical", "none_missing_none_added", "as_the_system_said")
PROVES_NOT = (
    "truth_of_picture",
    "truth_of_clock",
    "identity_of_persons",
    "no_other_footage",
    "time_of_signing",
    "key_uncompared",
)
"""What it proves and what it does not: the report and the paper beside the verifiers say it in words."""


def build(
    about: Gathered,
    left_out: Sequence[LeftOut],
    signer: Signer,
    tz: tzinfo,
    *,
    pack_id: UUID,
    made: datetime,
    supersedes: UUID | None,
) -> dict[str, Any]:
    """The manifest without its files."""
    asked, case = about.asked, about.case

    def at(moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(tz).isoformat(timespec="milliseconds")

    def span(one: Any) -> dict[str, Any]:
        return {"from": at(one[0]), "to": at(one[1])}

    return {
        "format": FORMAT,
        "pack_id": str(pack_id),
        "supersedes": None if supersedes is None else str(supersedes),
        "made": at(made),
        "made_by": _person(about.requester),
        "approved_by": {**_person(about.approver), "doc_no": asked.document, "at": at(about.granted_at)},
        "software": {"name": "camera-hub", "version": version("camera-hub")},
        "recipient": {"kind": asked.recipient_kind.value, "name": asked.recipient},
        "purpose": asked.purpose,
        "case": {
            "no": case.number,
            "kind": case.offence.value,
            "title": case.title,
            "places": list(case.places),
            "window": span((case.starts_at, case.ends_at)),
            "legal_basis": asked.legal_basis,
            "request_doc": asked.document,
        },
        "cameras": [_camera(one, at(one.masked_since)) for one in about.cameras],
        "requested": [
            {
                "camera": str(one.item.camera_id),
                "stream": one.item.stream,
                **span((one.item.starts_at, one.item.ends_at)),
            }
            for one in about.parts
        ],
        "gaps": [
            {
                "camera": str(one.item.camera_id),
                "reason": gap.cause,
                **span(_cut(gap, one.item.starts_at, one.item.ends_at)),
            }
            for one in about.parts
            for gap in one.gaps
        ],
        "not_included": [
            {"camera": one.camera_id and str(one.camera_id), "why": one.why, **span((one.since, one.until))}
            for one in left_out
        ],
        "integrity_source": {"hash_at": "record", "algorithm": "BLAKE2b-256"},
        "audit_head": {"seq": about.head[0], "hash": about.head[1]},
        "chunk_bytes": CHUNK,
        "proves": list(PROVES),
        "proves_not": list(PROVES_NOT),
        "keys": [
            {"key": one.key, "previous": one.previous, "at": told_at(one), "sig": one.signature}
            for one in (*signer.before, signer.now)
            if one.previous is not None
        ],
    }


def delivered(files: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By camera, which files show what: told again beside the files, for whoever reads by camera."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in files:
        if one["role"] in {"master", "derived"}:
            found.setdefault(one["camera"], []).append(one)
    return [
        {
            "camera": camera,
            "from": min(one["from"] for one in some),
            "to": max(one["to"] for one in some),
            "files": sorted(one["path"] for one in some),
        }
        for camera, some in found.items()
    ]


def _person(one: Signatory) -> dict[str, Any]:
    return {"id": str(one.id), "name": one.display_name or one.name, "unit": one.unit}


def _cut(gap: MissingSpan, begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    return max(gap.since, begin), min(gap.until, end)


def _camera(one: Viewpoint, masked_since: str | None) -> dict[str, Any]:
    consent = one.consent
    agreed = consent and {
        "id": str(consent.id),
        "version": consent.text_version,
        "scope": sorted(scope.value for scope in consent.scopes),
    }
    return {
        "id": str(one.id),
        "gb_id": one.gb_id,
        "name": one.name,
        "owner_class": one.kind,
        "consent": agreed or ("public" if one.kind == "public" else None),
        "unit": one.manager_unit,
        "place": {"code": one.place_code, "name": one.place_name, "address": one.address},
        "lat": _degrees(one.lat),
        "lon": _degrees(one.lon),
        "bearing": None if one.bearing_deg is None else round(one.bearing_deg),
        "make": one.vendor,
        "model": one.model,
        "masks_version": one.masks_version,
        "masked_since": masked_since,
        "clock": {"offset_ms": one.clock_offset_ms, "method": "unknown" if one.clock_offset_ms is None else "hub"},
    }


def _degrees(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"

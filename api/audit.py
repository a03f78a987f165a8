"""The register of look-ups, for those who watch over it. Reading it is itself written to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiohttp import web

from api import auditsheet
from api.routing import Routes
from api.visitor import Call
from camera_hub.anchors import kept
from registry import audit
from registry.audit import AuditFilter, AuditQuery, Day, chain
from registry.audit.exporting import Export
from registry.audit.exporting import export as begin_export
from registry.audit.looks import Looked, LooksQuery, names_of
from registry.audit.looks import looks as looks_of
from registry.audit.misuse import MisuseQuery, Report
from registry.audit.misuse import misuse as report_of
from registry.errors import Corrupt, TooMany
from registry.model import AuditRow
from registry.permissions import Permission

routes = Routes("audit")
EXPORT_SECONDS = 1800.0
VERIFY_SECONDS = 900.0
"""A register of ten years in a large county."""
PROVING = web.AppKey("proving", asyncio.Semaphore)
"""A proof holds a connection to the database for a minute: one at a time."""


class ExportQuery(AuditFilter):
    """Which rows, as what: JSON lines are what the verifier proves, CSV is for reading."""

    format: Literal["csv", "jsonl"] = "csv"
    language: Literal["zh", "en"] = "zh"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows, newest first, and names of the cameras in them; `next_cursor` is null at the first row ever written."""

    rows: tuple[AuditRow, ...]
    cameras: Mapping[str, str]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Days:
    """Days that have rows, oldest first."""

    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks by user and camera, the most first."""

    looks: tuple[Looked, ...]


@dataclass(frozen=True, slots=True)
class Anchored:
    """An anchor in the hub's folder: at `at` row `no` was the newest."""

    name: str
    no: int
    at: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the register stands: its newest row, how long rows are kept, and the newest anchors, the last first."""

    no: int
    hash: str
    keep_years: int
    anchors: tuple[Anchored, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """How far the proof has come, of how many rows; in the last line `done` and what was found.

    `broken_no` is the first row where the chain does not hold, `broken` how; `anchored` the newest row an anchor
    proves; `back` the rows before which the clock was set back.
    """

    rows: int
    of: int
    done: bool
    broken_no: int | None
    broken: str | None
    anchors: int
    anchored: int
    back: tuple[int, ...]
    times_back: int
    restores: tuple[int, ...]


@routes.get("/audit", Permission.READ_AUDIT)
async def list_rows(call: Call, query: AuditQuery) -> Rows:
    """Who looked at what, when and why, and who changed what."""
    found = await audit.list_rows(call.hub.store, call.actor, query)
    names = await names_of(call.hub.store, {one for row in found for one in row.cameras})
    return Rows(found, names, str(found[-1].no) if len(found) == query.limit else None)


@routes.get("/audit/days", Permission.READ_AUDIT)
async def days(call: Call, query: AuditFilter) -> Days:
    """How many rows a local day has, by sort of look; of at most 92 days, by default the last 30."""
    return Days(await audit.days(call.hub.store, call.actor, query))


@routes.get("/audit/looks", Permission.READ_AUDIT)
async def looks(call: Call, query: LooksQuery) -> Looks:
    """Who looked at a camera, or at what a user looked: by sort of look, with the seconds he watched live."""
    return Looks(await looks_of(call.hub.store, call.actor, query))


@routes.get("/audit/misuse", Permission.READ_AUDIT)
async def misuse(call: Call, query: MisuseQuery) -> Report:
    """What an auditor should ask about: more than the policy's thresholds of one user on one day."""
    return await report_of(call.hub.store, call.actor, query)


@routes.get(
    "/audit/export",
    Permission.READ_AUDIT,
    raw=("text/csv", "application/x-ndjson"),
    seconds=EXPORT_SECONDS,
)
async def export(call: Call, query: ExportQuery) -> web.StreamResponse:
    """The register, or what the filters leave of it, as CSV (UTF-8 with BOM) or JSON lines.

    Its last line holds the SHA-256 of all before, and says where the chain ends and whether it holds.
    """
    asked = AuditFilter.model_validate(query.model_dump(exclude={"format", "language"}, exclude_unset=True))
    made = await begin_export(call.hub.store, call.actor, asked, query.format)
    parts = made.lines() if query.format == "jsonl" else auditsheet.lines(made, query.language)
    return await _send(call, made, parts, query.format)


async def _send(call: Call, made: Export, parts: AsyncIterator[bytes], form: str) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson",
            "Content-Disposition": f'attachment; filename="audit-{made.made_at:%Y%m%d-%H%M%S}.{form}"',
        }
    )
    await response.prepare(call.request)
    if call.request.method != "HEAD":
        async for part in parts:
            await response.write(part)
    await response.write_eof()
    return response


@routes.get("/audit/chain", Permission.READ_AUDIT)
async def read_chain(call: Call) -> Chain:
    """The newest row and the anchors there are; `POST /audit/verify` proves them."""
    end = await audit.head(call.hub.store)
    if end is None:
        raise Corrupt("the audit's head row is gone; run: camera-hub check", code="audit_head")
    known = await _anchors(call)
    newest = tuple(Anchored(one.name, one.no, one.at) for one in known[:-32:-1])
    return Chain(*end, call.hub.store.policy.audit.keep_years, newest)


@routes.post("/audit/verify", Permission.READ_AUDIT, status=200, seconds=VERIFY_SECONDS, errors=(429,))
async def verify(call: Call) -> AsyncGenerator[Proof, None]:
    """Prove the whole chain against the hub's own anchors; a line for each 5,000 rows, the last says what was found."""
    known = await _anchors(call)
    end = await audit.head(call.hub.store)
    of = 0 if end is None else end[0]
    found = chain.Walk(known).outcome()
    proving = call.request.app[PROVING]
    if proving.locked():
        raise TooMany(
            "the register is being proved already; try again in a moment", retry_after_s=10, code="audit_busy"
        )
    async with proving, call.hub.store.read() as conn:
        async for found in audit.walked(conn, known):
            yield _proof(found, of, len(known), done=False)
    await audit.proved(call.hub.store, call.actor, found)
    yield _proof(found, of, len(known), done=True)


@routes.get("/audit/verifier", Permission.READ_AUDIT, raw="text/x-python")
async def verifier(call: Call) -> web.Response:
    """The verifier: one file for any Python, to prove an export without the hub."""
    del call
    text = await asyncio.to_thread(Path(chain.__file__).read_bytes)
    headers = {"Content-Disposition": 'attachment; filename="verify_audit.py"'}
    return web.Response(body=text, content_type="text/x-python", headers=headers)


async def _anchors(call: Call) -> list[chain.Anchor]:
    try:
        return await asyncio.to_thread(kept, call.hub.settings.anchors)
    except (OSError, ValueError) as err:
        raise Corrupt(f"the anchors cannot be read: {err}", code="anchors_unreadable") from err


def _proof(found: chain.Outcome, of: int, anchors: int, *, done: bool) -> Proof:
    return Proof(
        rows=found.rows,
        of=of,
        done=done,
        broken_no=found.broken.no if found.broken else None,
        broken=found.broken.code if found.broken else None,
        anchors=anchors,
        anchored=found.anchored,
        back=tuple(no for no, _ in found.back),
        times_back=found.times_back,
        restores=found.restores,
    )

"""The camera book (一机一档): a file is uploaded and judged row by row; then applied, all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import sending
from api.cameras import url_policy
from api.routing import Routes
from api.visitor import Call
from camera_hub.book import exporting, limits
from camera_hub.book.bad import Bad
from camera_hub.book.importing import Applied, Importer
from camera_hub.book.plan import Action, Outcome
from camera_hub.book.progress import Step, watched
from camera_hub.book.shelf import Kept, Shelf
from registry import book
from registry.errors import TooMany
from registry.inputs import Input
from registry.permissions import Permission

SHELF = web.AppKey("shelf", Shelf)
READING = web.AppKey("reading", asyncio.Semaphore)
READ_AT_ONCE = 2
"""Each is a process with up to 1 GB, and a thread that judges."""
PLAN_SECONDS = 120.0
APPLY_SECONDS = 300.0
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV = "text/csv"
routes = Routes("book")


class FileName(Input):
    """What the file is called where it comes from; looked at only for a name that lies about its content."""

    name: Annotated[str, Field(max_length=255)] = ""


class WhichRows(Input):
    """Which of a plan's rows to show, and how many."""

    show: Literal["bad", "add", "change"] = "bad"
    code: Annotated[str, Field(max_length=32)] = ""
    """Only faults of this code."""
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=20_000)] = 200


class Consent(Input):
    """How to apply a plan: with bad rows it is refused, unless they are to be left out."""

    skip_bad: bool = False


class HowToExport(Input):
    """The file wanted."""

    format: Literal["xlsx", "csv"] = "xlsx"
    lang: Literal["zh", "en"] = "zh"


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """What a file would change, in rows; nothing is written yet. It is kept until `expires_at`."""

    id: UUID
    file: str
    kind: str
    sheet: str
    rows: int
    add: int
    change: int
    unchanged: int
    bad: int
    devices_add: int
    devices_change: int
    faults: dict[str, int]
    unknown_columns: tuple[str, ...]
    expires_at: datetime
    applied: Applied | None


@dataclass(frozen=True, slots=True)
class PlanRows:
    """Some of a plan's rows: faults, or rows that are added or changed; `total` of them there are."""

    plan: PlanSummary
    total: int
    bad: tuple[Bad, ...]
    rows: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """The work is at this step."""

    step: Step


@dataclass(frozen=True, slots=True)
class Planned:
    """The last line: the plan."""

    plan: PlanSummary


@dataclass(frozen=True, slots=True)
class Done:
    """The last line: what was written."""

    applied: Applied


def _summary(kept: Kept) -> PlanSummary:
    draft = kept.draft
    plan = draft.plan
    counts = {action: plan.count(action) for action in Action}
    return PlanSummary(
        id=kept.id,
        file=draft.name,
        kind=draft.kind.value,
        sheet=draft.sheet,
        rows=len(plan.outcomes) + plan.bad_rows,
        add=counts[Action.ADD],
        change=counts[Action.CHANGE],
        unchanged=counts[Action.UNCHANGED],
        bad=plan.bad_rows,
        devices_add=plan.devices_add,
        devices_change=plan.devices_change,
        faults=plan.faults(),
        unknown_columns=draft.entries.header.unknown,
        expires_at=kept.expires_at,
        applied=kept.applied,
    )


def _importer(call: Call) -> Importer:
    return Importer(call.hub.store, call.hub.vault, call.actor, url_policy(call))


@routes.post("/book/plans", Permission.REGISTER, most_bytes=limits.FILE_BYTES, seconds=PLAN_SECONDS, errors=(429,))
async def plan(call: Call, query: FileName, body: bytes) -> AsyncGenerator[Progress | Planned, None]:
    """Read a file (.xlsx, .xls, .csv) and say what it would change; nothing is written.

    Steps are told as the work goes on; the last line is the plan, kept for half an hour for who uploaded it.
    """
    reading = call.request.app[READING]
    if reading.locked():
        raise TooMany("other files are being read; try again in a moment", retry_after_s=5, code="book_busy_reading")
    async with reading:
        importer = _importer(call)
        async for told in watched(importer.draft(body, query.name), importer.progress):
            if not isinstance(told, Step):
                yield Planned(_summary(call.request.app[SHELF].put(call.actor.user.no, told)))
            elif told.phase != "reading":  # until it is read, a file that is no book is refused with 422
                yield Progress(told)


@routes.get("/book/plans/{plan_id}", Permission.REGISTER)
async def show(call: Call, plan_id: UUID, query: WhichRows) -> PlanRows:
    """A plan of one's own: its bad rows (or those it adds or changes), in the file's order."""
    kept = call.request.app[SHELF].get(plan_id, call.actor.user.no)
    found = kept.draft.plan
    bad = tuple(one for one in found.bad if query.show == "bad" and query.code in ("", one.code))
    rows = tuple(one for one in found.outcomes if one.action == query.show)
    part = slice(query.offset, query.offset + query.limit)
    return PlanRows(_summary(kept), len(bad) + len(rows), bad[part], rows[part])


@routes.post("/book/plans/{plan_id}/apply", Permission.REGISTER, status=200, seconds=APPLY_SECONDS)
async def apply(call: Call, plan_id: UUID, body: Consent) -> AsyncGenerator[Progress | Done, None]:
    """Do what a plan says, in one transaction: all of its good rows, or nothing.

    Refused with `book_bad_rows` while rows are bad (unless they are to be skipped), with `book_stale` when the
    registry has changed so that the plan would now do something else.
    """
    kept = call.request.app[SHELF].begin(plan_id, call.actor.user.no)
    importer = _importer(call)
    try:
        async for told in watched(importer.apply(kept.draft, skip_bad=body.skip_bad), importer.progress):
            if isinstance(told, Step):
                yield Progress(told)
            else:
                kept.applied = told
                yield Done(told)
    finally:
        kept.busy = False


@routes.get("/book", Permission.REGISTER, raw=(_XLSX, _CSV), seconds=PLAN_SECONDS)
async def export(call: Call, query: HowToExport) -> web.StreamResponse:
    """All cameras of one's villages as a file that the import reads; passwords are not in it."""
    standing = await book.exported(call.hub.store, call.actor, form=query.format)
    make = exporting.as_xlsx if query.format == "xlsx" else exporting.as_csv
    content = await asyncio.to_thread(lambda: make(exporting.rows_of(standing, query.lang), query.lang))
    day = call.hub.store.clock().astimezone(call.hub.store.tz).strftime("%Y%m%d")
    stem = "一机一档" if query.lang == "zh" else "cameras"
    return _file(content, f"{stem}-{day}.{query.format}")


@routes.get("/book/template", Permission.REGISTER, raw=(_XLSX, _CSV))
async def template(call: Call, query: HowToExport) -> web.StreamResponse:
    """An empty book: the headings, what may be chosen, and a sheet that explains them."""
    del call
    make = exporting.as_xlsx if query.format == "xlsx" else exporting.as_csv
    content = await asyncio.to_thread(make, (), query.lang)
    return _file(content, f"{'一机一档模板' if query.lang == 'zh' else 'cameras-template'}.{query.format}")


def _file(content: bytes, name: str) -> web.Response:
    kind = _XLSX if name.endswith("xlsx") else f"{_CSV}; charset=utf-8"
    plain = f"cameras.{name.rpartition('.')[2]}"
    disposition = sending.attached(name, plain)
    return web.Response(body=content, headers={"Content-Type": kind, "Content-Disposition": disposition})

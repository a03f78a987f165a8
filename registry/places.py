"""Counties, townships and villages: 6, 9 and 12 digits, each code a prefix of those below it."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, FieldError, Invalid, NotFound
from registry.inputs import Input, Latitude, Line, Longitude, Name, PlaceCode, field_errors, invalid
from registry.model import Actor, Level, Place
from registry.scope import under
from registry.store import Store
from registry.tables import cameras, case_places, entrances, events, places, roads, unit_villages, user_grants

_LEVELS = {6: Level.COUNTY, 9: Level.TOWNSHIP, 12: Level.VILLAGE}
_COLUMNS = {"code", "name", "level", "lat", "lon", "source"}
_SELECT = sa.select(*(column for column in places.c if column.name != "boundary"))
"""An outline may have thousands of corners: who asks for places gets none (`registry.geography` has them)."""
_MAX_FILE_BYTES = 64 * 1024 * 1024


class NewPlace(Input):
    """A place to add. Its parents (the code's first 6 and 9 digits) must exist."""

    code: PlaceCode
    name: Name
    lat: Latitude | None = None
    lon: Longitude | None = None
    source: Line = "local"


class PlaceChange(Input):
    """What to change of a place; what is not given stays. A new code must be of the same level."""

    code: PlaceCode | None = None
    name: Name | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """One line of a file that was not loaded: its line number (the header is 1) and why."""

    line: int
    path: str
    hint: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file brought."""

    added: int
    changed: int
    unchanged: int
    bad_rows: tuple[BadRow, ...]


def _place(row: AnyRow) -> Place:
    return Place(row.no, row.id, row.code, row.name, Level(row.level), row.lat, row.lon, row.source, row.revision)


def parents(code: str) -> tuple[str, ...]:
    """The codes above `code`, nearest last."""
    return tuple(code[:digits] for digits in (6, 9) if digits < len(code))


async def village_no(conn: AsyncConnection, code: str) -> int:
    """The row number of a village. Raises Invalid on `village_code` when there is none of that code."""
    found = await conn.scalar(
        sa.select(places.c.no).where(places.c.code == code, places.c.level == Level.VILLAGE.value)
    )
    if found is None:
        raise invalid("village_code", "village_unknown", f"no village has the code {code}; add it first")
    return int(found)


async def list_places(
    store: Store, *, level: Level | None = None, prefix: str | None = None, text: str | None = None
) -> tuple[Place, ...]:
    """Places in the order of their codes; `text` is looked for in names, whatever its case."""
    wanted = _SELECT.order_by(places.c.code)
    if level is not None:
        wanted = wanted.where(places.c.level == level.value)
    if prefix is not None:
        wanted = wanted.where(under(places.c.code, prefix))
    if text:
        wanted = wanted.where(places.c.name.icontains(text, autoescape=True))
    async with store.read() as conn:
        return tuple(_place(row) for row in await conn.execute(wanted))


async def _row(conn: AsyncConnection, code: str) -> AnyRow:
    row = (await conn.execute(_SELECT.where(places.c.code == code))).one_or_none()
    if row is None:
        raise NotFound(f"no place has the code {code}", code="place_unknown")
    return row


async def get(store: Store, code: str) -> Place:
    """The place of that code. Raises NotFound."""
    async with store.read() as conn:
        return _place(await _row(conn, code))


async def _require_parents(conn: AsyncConnection, code: str) -> None:
    above = parents(code)
    found = set(await conn.scalars(sa.select(places.c.code).where(places.c.code.in_(above))))
    for parent in above:
        if parent not in found:
            raise invalid("code", "parent_unknown", f"add the place {parent} first")


def _values(new: NewPlace) -> dict[str, object]:
    return {"id": uuid7(), "level": _LEVELS[len(new.code)].value, **new.model_dump()}


async def create(store: Store, new: NewPlace, actor: Actor) -> Place:
    """Add a place. Raises Conflict when the code is taken, Invalid when a parent is missing."""
    async with store.write() as conn:
        if await conn.scalar(sa.select(places.c.no).where(places.c.code == new.code)):
            raise Conflict(f"a place of the code {new.code} exists already", code="place_exists")
        await _require_parents(conn, new.code)
        await conn.execute(sa.insert(places).values(_values(new)))
        await audit.append(conn, actor, "place.create", now=store.clock(), detail=audit.describe(code=new.code))
        return _place(await _row(conn, new.code))


async def change(store: Store, code: str, wanted: PlaceChange, actor: Actor) -> Place:
    """Change a place; only one without places below it can get another code. Raises NotFound, Conflict, Invalid."""
    values = wanted.model_dump(exclude_unset=True, exclude={"expected_revision"})
    for name in ("code", "name"):
        if name in values and values[name] is None:
            raise invalid(name, "missing", "cannot be empty")
    async with store.write() as conn:
        row = await _row(conn, code)
        if wanted.expected_revision not in (None, row.revision):
            raise Conflict("the place was changed meanwhile; read it again", code="place_stale", revision=row.revision)
        new_code = values.get("code", code)
        if new_code != code:
            if len(new_code) != len(code):
                raise invalid("code", "level", f"must have {len(code)} digits, like the code it replaces")
            if await _children(conn, code):
                raise Conflict("a place with places below it keeps its code", code="place_has_children")
            if await conn.scalar(sa.select(places.c.no).where(places.c.code == new_code)):
                raise Conflict(f"a place of the code {new_code} exists already", code="place_exists")
            await _require_parents(conn, new_code)
        if values:
            kept = {**values, "revision": row.revision + 1}
            await conn.execute(sa.update(places).where(places.c.no == row.no).values(kept))
        detail = audit.describe(code=code, changed=sorted(values), new_code=new_code if new_code != code else None)
        await audit.append(conn, actor, "place.change", now=store.clock(), detail=detail)
        return _place(await _row(conn, new_code))


async def _children(conn: AsyncConnection, code: str) -> bool:
    below = sa.select(places.c.no).where(under(places.c.code, code), places.c.code != code).limit(1)
    return await conn.scalar(below) is not None


async def remove(store: Store, code: str, actor: Actor) -> None:
    """Remove a place that nothing refers to. Raises NotFound, or Conflict with what stands in the way."""
    async with store.write() as conn:
        row = await _row(conn, code)
        if await _children(conn, code):
            raise Conflict("remove the places below it first", code="place_in_use", by="places")
        for table, clause in (
            (cameras, cameras.c.village_no == row.no),
            (events, events.c.village_no == row.no),
            (case_places, case_places.c.prefix == code),
            (roads, roads.c.place_no == row.no),
            (entrances, entrances.c.place_no == row.no),
            (user_grants, user_grants.c.prefix == code),
            (unit_villages, unit_villages.c.village_no == row.no),
        ):
            if await conn.scalar(sa.select(sa.literal(1)).select_from(table).where(clause).limit(1)):
                raise Conflict(f"{table.name} still refer to the place {code}", code="place_in_use", by=table.name)
        await conn.execute(sa.delete(places).where(places.c.no == row.no))
        await audit.append(conn, actor, "place.remove", now=store.clock(), detail=audit.describe(code=code))


def _text_of(path: Path) -> str:
    """The file's text: UTF-8 with or without BOM, else GB 18030, as Excel in China writes it."""
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise invalid("file", "too_large", "64 MB at most")
        raw = path.read_bytes()
    except OSError as err:
        raise invalid("file", "unreadable", f"{path}: {err.strerror}") from err
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise invalid("file", "encoding", "the file is neither UTF-8 nor GB 18030")


def _parse(text: str) -> tuple[dict[str, NewPlace], dict[str, int], list[BadRow]]:
    """Rows by code, their line numbers, and the rows that are wrong in themselves."""
    head = sum(1 for _ in takewhile(lambda line: line.startswith("#"), text.splitlines()))
    reader = csv.DictReader(io.StringIO("".join(text.splitlines(keepends=True)[head:])), strict=True)
    columns = [(name or "").strip() for name in reader.fieldnames or ()]
    reader.fieldnames = columns
    unknown, missing = set(columns) - _COLUMNS, {"code", "name"} - set(columns)
    if unknown or missing:
        raise Invalid(
            "the first line must name the columns code, name and, where known, lat, lon, source",
            *(FieldError(name, "column_unknown", "not a column of a place") for name in sorted(unknown)),
            *(FieldError(name, "missing", "column needed") for name in sorted(missing)),
        )
    good: dict[str, NewPlace] = {}
    lines: dict[str, int] = {}
    bad: list[BadRow] = []
    try:
        for row in reader:
            line = head + reader.line_num
            given = {name: value.strip() for name, value in row.items() if name and isinstance(value, str)}
            level = given.pop("level", "")
            try:
                new = NewPlace.model_validate({name: value for name, value in given.items() if value})
            except ValidationError as err:
                bad += [BadRow(line, one.path, one.hint) for one in field_errors(err)]
                continue
            if level and level != _LEVELS[len(new.code)].value:
                bad.append(BadRow(line, "level", f"a code of {len(new.code)} digits is a {_LEVELS[len(new.code)]}"))
                continue
            if new.code in good:
                bad.append(BadRow(line, "code", f"{new.code} stands in line {lines[new.code]} already"))
                continue
            good[new.code], lines[new.code] = new, line
    except csv.Error as err:
        raise invalid("file", "csv", f"line {head + reader.line_num}: {err}") from err
    return good, lines, bad


def _without_orphans(good: Mapping[str, NewPlace], lines: Mapping[str, int], known: Iterable[str]) -> list[BadRow]:
    codes = {*good, *known}
    return [
        BadRow(lines[code], "code", f"no place has the code {parent}; add it first")
        for code in good
        for parent in parents(code)
        if parent not in codes
    ]


async def load_csv(store: Store, path: Path, actor: Actor) -> Loaded:
    """Add and change places from a CSV file with the columns code, name and optionally level, lat, lon, source.

    Lines that begin with # before the header are comments. Places that are not in the file stay. Raises Invalid when
    the file as a whole cannot be read; single wrong rows are left out and told.
    """
    good, lines, bad = await asyncio.to_thread(lambda: _parse(_text_of(path)))
    async with store.write() as conn:
        known = {row.code: _place(row) for row in await conn.execute(_SELECT)}
        orphans = _without_orphans(good, lines, known)
        lost = {row.line for row in orphans}
        added: list[dict[str, object]] = []
        changed = 0
        for code, new in good.items():
            if lines[code] in lost:
                continue
            values = new.model_dump(exclude_unset=True)
            old = known.get(code)
            if old is None:
                added.append({**_values(new)})
            elif any(getattr(old, name) != value for name, value in values.items()):
                kept = {**values, "revision": old.revision + 1}
                await conn.execute(sa.update(places).where(places.c.no == old.no).values(kept))
                changed += 1
        if added:
            await conn.execute(sa.insert(places), added)
        loaded = Loaded(len(added), changed, len(good) - len(lost) - len(added) - changed, (*bad, *orphans))
        detail = audit.describe(file=path.name, added=loaded.added, changed=changed, bad=len(loaded.bad_rows))
        await audit.append(conn, actor, "place.load", now=store.clock(), detail=detail)
    return loaded

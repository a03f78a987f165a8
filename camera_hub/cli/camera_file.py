"""`camera-hub camera load`: many cameras with their devices from one CSV file, as installers hand them over."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.desk import Desk, policy_of
from camera_hub.cli.fields import text_of
from registry import cameras, devices
from registry.address import split_credentials
from registry.errors import FieldError, HubError, Invalid
from registry.inputs import parse
from registry.scope import EVERYTHING

OF_THE_DEVICE = ("device", "host", "type", "vendor", "model", "username", "onvif_port")
OF_THE_CAMERA = (
    "name", "kind", "village_code", "main_url", "sub_url", "tier", "lat", "lon", "bearing_deg", "view_angle_deg",
    "gb_id", "manager_unit", "owner_name", "owner_contact", "probe_mac", "note",
)  # fmt: skip
NEEDED = ("name", "kind", "village_code")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, its empty cells left out."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A line that was not loaded: the field and why."""

    line: int
    path: str
    hint: str


def rows_of(text: str) -> Iterator[Row]:
    """The rows of a file. Raises Invalid when its first line (after # comments) does not name the columns."""
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    comments = sum(1 for _ in takewhile(lambda line: line.startswith("#"), lines))
    reader = csv.DictReader(io.StringIO("".join(lines[comments:])))
    columns = set(reader.fieldnames or ())
    unknown = sorted(columns - {*OF_THE_DEVICE, *OF_THE_CAMERA})
    missing = [name for name in NEEDED if name not in columns]
    if unknown or missing:
        raise Invalid(
            f"the columns are {', '.join((*OF_THE_DEVICE, *OF_THE_CAMERA))}",
            *(FieldError(name, "column_unknown", "there is no such column") for name in unknown),
            *(FieldError(name, "missing", "this column is needed") for name in missing),
        )
    for cells in reader:
        found = {name: value.strip() for name, value in cells.items() if isinstance(value, str) and value.strip()}
        if found:
            yield Row(comments + reader.line_num, found)


async def load(
    desk: Desk, file: Annotated[Path, typer.Argument(help="CSV file; configs/cameras.example.csv shows its columns.")]
) -> Answer:
    """Add cameras and their devices from a CSV file; a camera of the same name in its village is left as it is.

    A password stands in the stream's address (rtsp://user:password@host/...) and is taken out and sealed; delete the
    file afterwards. Cameras with the same `device` and host share one device. Wrong rows are listed and left out; the
    exit code is then 1.
    """
    there = {(one.village_code, one.name) for one in await cameras.list_cameras(desk.store, EVERYTHING)}
    boxes = {(one.name, one.host): one.id for one in await devices.list_devices(desk.store, EVERYTHING)}
    added, as_before, wrong = 0, 0, list[WrongRow]()
    for row in rows_of(text_of(file)):
        mark = (row.cells.get("village_code", ""), row.cells.get("name", ""))
        if mark in there:
            as_before += 1
            continue
        try:
            await _add(desk, row, boxes)
        except HubError as error:
            fields = error.fields if isinstance(error, Invalid) else ()
            wrong += [WrongRow(row.line, one.path, one.hint) for one in fields] or [WrongRow(row.line, "", error.hint)]
            continue
        there.add(mark)
        added += 1
    said = f"{added} cameras added, {as_before} there before, {len({one.line for one in wrong})} rows wrong"
    columns = {"line": lambda row: row.line, "field": lambda row: row.path, "what is wrong": lambda row: row.hint}
    value = {"added": added, "unchanged": as_before, "wrong": wrong}
    return Answer(value, said, columns if wrong else {}, wrong, status=1 if wrong else 0)


async def _add(desk: Desk, row: Row, boxes: dict[tuple[str, str], UUID]) -> None:
    url = row.cells.get("main_url") or row.cells.get("sub_url")
    host = row.cells.get("host") or (urlsplit(split_credentials(url)[0]).hostname if url else None) or ""
    box = {"name": row.cells.get("device") or row.cells.get("name"), "host": host}
    box |= {name: row.cells[name] for name in OF_THE_DEVICE[2:] if name in row.cells}
    own = {name: row.cells[name] for name in OF_THE_CAMERA if name in row.cells}
    mark = (str(box["name"]), host.lower())
    made = mark not in boxes
    if made:
        new = parse(devices.NewDevice, box)
        boxes[mark] = (await devices.create(desk.store, desk.vault, new, desk.actor, policy=policy_of(desk))).id
    try:
        camera = parse(cameras.NewCamera, {**own, "device_id": boxes[mark]})
        await cameras.create(desk.store, desk.vault, camera, desk.actor, policy=policy_of(desk))
    except HubError:
        if made:
            await devices.remove(desk.store, boxes.pop(mark), desk.actor)
        raise

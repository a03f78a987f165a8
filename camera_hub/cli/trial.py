"""`camera-hub device test | try | find | templates`: trying streams out, and finding the boxes they come from."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from camera_hub.cli import password
from camera_hub.cli.answer import Answer
from camera_hub.cli.desk import Desk, policy_of
from camera_hub.cli.fields import an_id, given
from registry import cameras, devices, trials
from registry.address import check_url, split_credentials
from registry.errors import FieldError, Invalid, NotFound
from registry.inputs import Input, parse
from registry.model import Camera
from registry.scope import EVERYTHING

if TYPE_CHECKING:  # zeep and FFmpeg load when a device is asked
    from camera_hub.stream.probe import ProbeReport, ProbeStep, Progress

_MARKS = {True: "ok", False: "failed", None: "not tried"}


def _mark(step: ProbeStep) -> str:
    return "no answer" if step.code == "no_answer" else _MARKS[step.ok]


class Which(StrEnum):
    """Which of a camera's streams; the other one where it has only one."""

    MAIN = "main"
    SUB = "sub"


@dataclass(frozen=True, slots=True)
class Tried:
    """What trying one stream gave; None: there is no stream."""

    camera: str
    report: ProbeReport | None


def _steps(tried: Tried) -> str:
    if tried.report is None:
        return "no stream"
    return " · ".join(f"{step.name} {_mark(step)}" for step in tried.report.steps)


def _seen(tried: Tried) -> str:
    seen = tried.report.stream if tried.report else None
    if seen is None:
        return ""
    gop = "?" if seen.gop_s is None else f"{seen.gop_s:.1f} s"
    return f"{seen.codec} {seen.width}x{seen.height} {seen.fps:.1f} fps, keyframe every {gop}, {seen.kbits:.0f} kbit/s"


def _hints(tried: Tried) -> str:
    if tried.report is None:
        return ""
    return " ".join([step.hint for step in tried.report.steps if step.hint] + [one.hint for one in tried.report.advice])


COLUMNS = {"camera": lambda tried: tried.camera, "steps": _steps, "stream": _seen, "what to do": _hints}


async def of_device(
    desk: Desk,
    device: Annotated[str, typer.Argument(help="Id of the device; `list` shows it.")],
    stream: Annotated[Which, typer.Option(help="Which of its streams.")] = Which.SUB,
    camera: Annotated[str | None, typer.Option(help="Id of one of its cameras; otherwise all are tried.")] = None,
) -> Answer:
    """Try a device's streams now: reach it, sign in, wait for a picture, measure. Exit code 1 when one fails."""
    found = await devices.get(desk.store, an_id(device), EVERYTHING)
    mine = [one for one in await cameras.list_cameras(desk.store, EVERYTHING) if one.device_id == found.id]
    wanted = [one for one in mine if camera is None or one.id == an_id(camera, "camera")]
    if not wanted:
        raise NotFound(f"{found.name} has no such camera; `camera-hub camera list` shows them", code="no_camera")
    tried = [Tried(one.name, await _of_camera(desk, one, stream)) for one in wanted]
    status = 0 if all(one.report is not None and one.report.ok for one in tried) else 1
    value = [{"camera": one.camera, "report": one.report} for one in tried]
    return Answer(value, rows=tried, columns=COLUMNS, status=status)


async def _of_camera(desk: Desk, camera: Camera, stream: Which) -> ProbeReport | None:
    asked = camera.sub_url if stream is Which.SUB else camera.main_url
    if asked is None:
        stream = Which.MAIN if stream is Which.SUB else Which.SUB
    if camera.main_url is None and camera.sub_url is None:
        return None
    begun = await trials.begin(
        desk.store,
        desk.vault,
        camera.device_id,
        desk.actor,
        camera_id=camera.id,
        stream="main" if stream is Which.MAIN else "sub",
    )
    report = await _probed(desk, begun)
    if report.clock_offset_ms is not None:
        await devices.set_clock_offset(desk.store, camera.device_id, report.clock_offset_ms)
    return report


class _Filled(Input):
    """A template's blanks."""

    host: devices.Host
    channel: int
    port: devices.Port | None = None


async def of_address(
    desk: Desk,
    url: Annotated[str | None, typer.Argument(help="Address of the stream, as an installer pastes it.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Or its maker: `device templates` shows them.")] = None,
    host: Annotated[str | None, typer.Option(help="With --vendor: name or address of the box.")] = None,
    port: Annotated[str | None, typer.Option(help="With --vendor: its port, when it is not the usual one.")] = None,
    channel: Annotated[int, typer.Option(help="With --vendor: the channel, from 1.", min=1, max=999)] = 1,
    stream: Annotated[Which, typer.Option(help="With --vendor: which stream.")] = Which.SUB,
    username: Annotated[
        str | None, typer.Option(help="User name. Its password is asked for, never an argument.")
    ] = None,
    onvif_port: Annotated[int | None, typer.Option(help="Where to ask for its clock.", min=1, max=65535)] = None,
    stdin: password.FromStdin = False,
    file: password.FromFile = None,
) -> Answer:
    """Try a stream that is not registered: nothing is kept but the audit's row. Exit code 1 when it fails.

    Each step is told on standard error as it is over.
    """
    if (url is None) == (vendor is None or host is None):
        hint = "give an address, or --vendor and --host"
        raise Invalid(hint, FieldError("url", "one_way", hint))
    clean, name, secret = split_credentials(url) if url else (_of_template(vendor, host, port, channel, stream), "", "")
    if stdin or file is not None or (username and not secret):
        secret = password.read(f"Password of {username or name}", stdin=stdin, file=file).get_secret_value()
    allowed = policy_of(desk)
    check_url(clean, allow_file=allowed.allow_file, allow_loopback=allowed.allow_loopback)
    begun = await trials.begin_at(desk.store, clean, username or name, secret, desk.actor)
    report = await _probed(desk, begun, onvif_port)
    return Answer(report, rows=[Tried(clean, report)], columns=COLUMNS, status=0 if report.ok else 1)


def _of_template(vendor: str | None, host: str | None, port: str | None, channel: int, stream: Which) -> str:
    from camera_hub.stream import templates

    filled = parse(_Filled, given(host=host, port=port, channel=channel))
    try:
        template = templates.BY_VENDOR[templates.Vendor(vendor or "")]
    except ValueError:
        hint = f"one of {', '.join(templates.BY_VENDOR)}"
        raise Invalid(hint, FieldError("vendor", "vendor", hint)) from None
    return template.address(filled.host, filled.channel, "main" if stream is Which.MAIN else "sub", filled.port)


async def _probed(desk: Desk, begun: trials.Trial, onvif_port: int | None = None) -> ProbeReport:
    from camera_hub.stream import probe

    def tell(one: ProbeStep | Progress) -> None:
        if isinstance(one, probe.ProbeStep):
            typer.echo(f"{one.name}: {_mark(one)}", err=True)

    allowed = policy_of(desk)
    return await asyncio.to_thread(
        probe.probe,
        begun.url,
        begun.username,
        begun.password,
        allow_file=allowed.allow_file,
        allow_loopback=allowed.allow_loopback,
        onvif_port=onvif_port or begun.onvif_port,
        tell=tell,
    )


async def find(
    desk: Desk,
    seconds: Annotated[int, typer.Option(help="How long to listen for answers.", min=1, max=10)] = 4,
) -> Answer:
    """Look for ONVIF devices in this machine's own networks (WS-Discovery), and say which are registered."""
    from camera_hub.stream import discovery

    loopback = desk.settings.allow_loopback
    await trials.search(desk.store, seconds, desk.actor)
    known = {one.host: one.id for one in await devices.list_devices(desk.store, EVERYTHING)}
    addresses = discovery.own_addresses(allow_loopback=loopback)
    async with aclosing(discovery.find(seconds, addresses, allow_loopback=loopback)) as boxes:
        found = [box async for box in boxes]
    columns = {
        "host": lambda box: box.host,
        "port": lambda box: box.port,
        "name": lambda box: box.name,
        "hardware": lambda box: box.hardware,
        "location": lambda box: box.location,
        "registered as": lambda box: known.get(box.host),
    }
    value = {"found": [{"device": box, "known_device_id": known.get(box.host)} for box in found], "searched": addresses}
    return Answer(value, f"{len(found)} found from {', '.join(addresses) or 'no network'}", columns, found)


async def templates(desk: Desk) -> Answer:
    """List the makers whose stream addresses are known: {channel} counts from 1."""
    from camera_hub.stream.templates import TEMPLATES

    del desk
    columns = {
        "vendor": lambda one: one.vendor.value,
        "main": lambda one: one.main,
        "sub": lambda one: one.sub,
        "port": lambda one: one.port,
        "channels": lambda one: one.channels,
        "notes": lambda one: [note.value for note in one.notes],
    }
    return Answer(TEMPLATES, columns=columns)

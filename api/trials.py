"""Trials: a stream tried out step by step, told as the steps happen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Self
from uuid import UUID

from aiohttp import web
from pydantic import Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from api.cameras import url_policy
from api.routing import Routes
from api.visitor import Call
from camera_hub.stream import probe, templates
from camera_hub.stream.probe import ProbeReport, ProbeStep, Progress
from camera_hub.stream.templates import Stream, Template, Vendor
from registry import devices, trials
from registry.address import check_url, split_credentials
from registry.devices import Host, Password, Port
from registry.errors import TooMany
from registry.inputs import Input, Short, Url
from registry.permissions import Permission
from registry.trials import Trial

PICTURE_SECONDS = 15.0
"""How long a stream that shows pictures is measured."""
PROBE_SECONDS = 90.0
"""A camera with far keyframes may need 40 s to its first picture."""
PROBES_AT_ONCE = 4
"""Each holds a thread and a connection of the hub process."""
PROBING = web.AppKey("probing", asyncio.Semaphore)
routes = Routes("trials")


class NewTrial(Input):
    """What to try: an address as somebody pastes it, or a maker's template filled in; and as whom."""

    url: Url | None = None
    vendor: Vendor | None = None
    host: Host | None = None
    port: Port | None = None
    channel: int = Field(1, ge=1, le=999)
    stream: Stream = "sub"
    username: Short = ""
    password: Password = SecretStr("")
    onvif_port: Port | None = None
    """Where to ask for its clock; usually 80."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.url is None) == (self.vendor is None or self.host is None):
            raise PydanticCustomError("one_way", "give an address, or vendor and host")
        return self

    def where(self) -> tuple[str, str, str]:
        """(address without credentials, user name, password); what is given apart goes before what stands in it."""
        if self.vendor is not None and self.host is not None:
            template = templates.BY_VENDOR[self.vendor]
            url, name, secret = template.address(self.host, self.channel, self.stream, self.port), "", ""
        else:
            url, name, secret = split_credentials(self.url or "")
        return url, self.username or name, self.password.get_secret_value() or secret


class WhichStream(Input):
    """The stream to test: of the camera named, else of the device's first."""

    camera_id: UUID | None = None
    stream: Literal["main", "sub"] = "sub"


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step is over."""

    step: ProbeStep


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """Measuring goes on."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The last line."""

    report: ProbeReport


TrialLine = StepLine | ProgressLine | ReportLine


@dataclass(frozen=True, slots=True)
class Templates:
    """The makers' addresses."""

    templates: tuple[Template, ...]


class _CalledOffError(Exception):
    """Nobody waits for the trial any more."""


@routes.get("/devices/templates", Permission.REGISTER)
async def list_templates(call: Call) -> Templates:
    """Stream addresses by maker; `{channel}`, `{username}` and `{password}` are marks."""
    del call
    return Templates(templates.TEMPLATES)


@routes.post("/trials", Permission.REGISTER, status=200, seconds=PROBE_SECONDS, errors=(429,))
async def begin(call: Call, body: NewTrial) -> AsyncGenerator[TrialLine, None]:
    """Try an address that need not be registered; each step is told as it is over, the report is the last line.

    What the camera does wrong is in its step and in the report. Nothing is kept but the audit's row with the host. The
    camera's connection ends with the request.
    """
    policy = url_policy(call)
    url, username, password = body.where()
    given = "host" if body.url is None else "url"
    check_url(url, allow_file=policy.allow_file, allow_loopback=policy.allow_loopback, field=given)
    async with one_of_few(call) as held:
        trial = await trials.begin_at(call.hub.store, url, username, password, call.actor)
        lines = _told(call, replace(trial, onvif_port=body.onvif_port), held.pop_all())
    async with aclosing(lines):
        async for line in lines:
            yield line


@routes.post("/devices/{device_id}/trials", Permission.REGISTER, status=200, seconds=PROBE_SECONDS, errors=(429,))
async def begin_registered(call: Call, device_id: UUID, body: WhichStream) -> AsyncGenerator[TrialLine, None]:
    """Try a stream of a device; told as a trial of any address is. Its clock's offset is kept.

    A civilian camera needs its owner's consent.
    """
    async with aclosing(await _of_device(call, device_id, body)) as lines:
        async for line in lines:
            yield line


@routes.post("/devices/{device_id}/test", Permission.REGISTER, status=200, seconds=PROBE_SECONDS, errors=(429, 502))
async def test(call: Call, device_id: UUID, body: WhichStream) -> ProbeReport:
    """The same trial for programs: only its report. Takes up to a minute."""
    async with aclosing(await _of_device(call, device_id, body)) as lines:
        async for line in lines:
            if isinstance(line, ReportLine):
                return line.report
    raise AssertionError("a trial ends with its report")


@asynccontextmanager
async def one_of_few(call: Call) -> AsyncIterator[ExitStack]:
    """A place among those that may ask boxes now; whoever needs it longer takes it along with `pop_all`."""
    probing = call.request.app[PROBING]
    if probing.locked():
        raise TooMany("other devices are being tried; try again in a moment", retry_after_s=10, code="too_many_probes")
    await probing.acquire()
    with ExitStack() as held:
        held.callback(probing.release)
        yield held


async def _of_device(call: Call, device_id: UUID, which: WhichStream) -> AsyncGenerator[TrialLine, None]:
    store = call.hub.store
    async with one_of_few(call) as held:
        trial = await trials.begin(
            store, call.hub.vault, device_id, call.actor, camera_id=which.camera_id, stream=which.stream
        )
        return _told(call, trial, held.pop_all(), device_id)


async def _told(
    call: Call, trial: Trial, held: ExitStack, device_id: UUID | None = None
) -> AsyncGenerator[TrialLine, None]:
    """The trial's lines. Its thread outlives a caller that leaves until the camera's next sign of life or limit.

    `held` is closed when the thread has ended, not before: threads and connections are what is few.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Queue[ProbeStep | Progress | None]()
    called_off = threading.Event()

    def tell(one: ProbeStep | Progress) -> None:
        if called_off.is_set():
            raise _CalledOffError
        loop.call_soon_threadsafe(told.put_nowait, one)

    def ended(work: asyncio.Future[ProbeReport]) -> None:
        held.close()
        told.put_nowait(None)
        if not work.cancelled():
            work.exception()  # told to whoever still waits; else nobody misses it

    policy = url_policy(call)
    trying = partial(
        probe.probe,
        trial.url,
        trial.username,
        trial.password,
        seconds=PICTURE_SECONDS,
        allow_file=policy.allow_file,
        allow_loopback=policy.allow_loopback,
        onvif_port=trial.onvif_port,
        tell=tell,
    )
    work = asyncio.ensure_future(asyncio.to_thread(trying))
    work.add_done_callback(ended)
    try:
        while (one := await told.get()) is not None:
            yield StepLine(one) if isinstance(one, ProbeStep) else ProgressLine(one)
        report = await work
        if device_id is not None and report.clock_offset_ms is not None:
            await devices.set_clock_offset(call.hub.store, device_id, report.clock_offset_ms)
        yield ReportLine(report)
    finally:
        called_off.set()

"""A box's clock, asked without signing in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from camera_hub.stream import clock
from registry.errors import Invalid
from tests.camera_hub.stream.soap_camera import SoapCamera, envelope
from tests.services.process import free_port


async def asked(port: int) -> int | None:
    return await asyncio.to_thread(clock.offset_ms, "127.0.0.1", port, allow_loopback=True)


@pytest.mark.parametrize("minutes", [0, 90, -60 * 24 * 365])
async def test_how_far_it_is_off_is_measured(minutes: int) -> None:
    async with SoapCamera(offset=timedelta(minutes=minutes)) as camera:
        offset = await asked(camera.port)
    assert offset is not None
    assert abs(offset - minutes * 60_000) < 5_000
    assert camera.asked == ["GetSystemDateAndTime"]


async def test_a_box_that_tells_no_time_is_no_fault() -> None:
    assert await asked(free_port()) is None
    async with SoapCamera(tells_time=False) as camera:
        assert await asked(camera.port) is None
    for body in ("", "<html>", "<a>" * 100, envelope("<x/>")):
        async with SoapCamera(answer=lambda _, body=body: web.Response(text=body)) as camera:  # type: ignore[misc]
            assert await asked(camera.port) is None
    async with SoapCamera(answer=lambda _: web.Response(status=401)) as camera:
        assert await asked(camera.port) is None


def test_an_address_that_is_refused_is_not_asked() -> None:
    with pytest.raises(Invalid):
        clock.offset_ms("127.0.0.1", 80, allow_loopback=False)


def fields(of: str, year: int = 2026, month: int = 11, second: int = 5) -> str:
    return (
        f"<{of}><Time><Hour>3</Hour><Minute>4</Minute><Second>{second}</Second></Time>"
        f"<Date><Year>{year}</Year><Month>{month}</Month><Day>23</Day></Date></{of}>"
    )


def test_utc_is_read_wherever_it_stands() -> None:
    wanted = datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)
    for told in (
        fields("UTCDateTime"),
        fields("LocalDateTime", year=2020) + fields("UTCDateTime"),
        fields("UTCDateTime") + fields("LocalDateTime", year=2020),
    ):
        assert clock.read(envelope(told).encode()) == wanted
    assert clock.read(envelope(fields("UTCDateTime", second=60)).encode()).second == 59


@pytest.mark.parametrize(
    "told",
    ["", fields("LocalDateTime"), fields("UTCDateTime", month=13), fields("UTCDateTime", year=0), "<UTCDateTime/>"],
)
def test_a_time_that_is_none_is_refused(told: str) -> None:
    with pytest.raises(ValueError):
        clock.read(envelope(told).encode())

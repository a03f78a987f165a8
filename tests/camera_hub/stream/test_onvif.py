from __future__ import annotations

import asyncio
import gzip
import time
from datetime import timedelta

import pytest
from aiohttp import web

from camera_hub.stream.onvif import LIMIT_S, look
from registry.errors import Invalid, Rejected, Unreachable, Unsupported
from tests.camera_hub.stream.soap_camera import S, SoapCamera, profile
from tests.services.talking import talking


async def seen(camera: SoapCamera, username: str = "admin", password: str = "secret"):
    return await look("127.0.0.1", camera.port, username, password, allow_loopback=True)


@pytest.mark.parametrize("offset", [timedelta(0), timedelta(hours=-8, seconds=-17), timedelta(days=-20_000)])
async def test_streams_are_found_also_when_the_clock_is_wrong(offset: timedelta) -> None:
    async with SoapCamera(offset=offset) as camera:
        report = await seen(camera)
    assert (report.vendor, report.model) == ("HIKVISION", "DS-2CD")
    assert report.clock_offset_ms == pytest.approx(offset.total_seconds() * 1000, abs=5000)
    assert camera.refused == []
    assert camera.asked[0] == "GetSystemDateAndTime"
    (found,) = report.profiles
    assert found.main_url == "rtsp://127.0.0.1:8554/Streaming/Channels/101"
    assert found.sub_url == "rtsp://127.0.0.1:8554/Streaming/Channels/102"


async def test_each_video_source_of_a_recorder_is_a_camera_and_credentials_are_dropped() -> None:
    profiles = (
        profile("a", "ch1", 1920, 1080, "s1") + profile("b", "ch2", 1280, 720, "s2") + profile("c", "x", 64, 64, "s3")
    )
    uris = {"a": "rtsp://admin:secret@10.0.0.9/c1", "b": "rtsp://10.0.0.9:554/c2", "c": "rtsp://10.0.0.9/$(reboot)"}
    async with SoapCamera(profiles=profiles, uris=uris) as camera:
        report = await seen(camera)
    assert [(p.name, p.main_url, p.sub_url) for p in report.profiles] == [
        ("ch1", "rtsp://127.0.0.1/c1", None),
        ("ch2", "rtsp://127.0.0.1:554/c2", None),
    ]


async def test_a_device_that_tells_no_time_is_signed_in_with_ours() -> None:
    async with SoapCamera(tells_time=False) as camera:
        report = await seen(camera)
    assert report.clock_offset_ms is None
    assert len(report.profiles) == 1


async def test_a_wrong_password_is_rejected_without_being_told() -> None:
    async with SoapCamera() as camera:
        with pytest.raises(Rejected) as refused:
            await seen(camera, password="hunter2")
    assert "list of users" in refused.value.hint
    assert "hunter2" not in str(refused.value)


async def test_no_password_says_that_one_is_wanted() -> None:
    async with SoapCamera() as camera:
        with pytest.raises(Rejected) as refused:
            await seen(camera, "", "")
    assert refused.value.code == "wants_password"


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        ("<html>Welcome</html>", 200, Unsupported),
        ("not xml at all", 200, Unsupported),
        ("", 404, Unsupported),
        ("", 401, Rejected),
    ],
)
async def test_something_else_on_the_port(text: str, status: int, kind: type[Exception]) -> None:
    async with SoapCamera(answer=lambda _: web.Response(text=text, status=status)) as camera:
        with pytest.raises(kind):
            await seen(camera)


async def test_a_silent_device_is_given_up_within_the_limit() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    begun = time.monotonic()
    async with talking(silent) as port:
        with pytest.raises(Unreachable) as slow:
            await look("127.0.0.1", port, "admin", "secret", allow_loopback=True, limit_s=2)
    assert slow.value.code == "timed_out"
    assert time.monotonic() - begun < LIMIT_S


async def test_a_closed_port_and_a_refused_address() -> None:
    with pytest.raises(Unreachable):
        await look("127.0.0.1", 1, "admin", "secret", allow_loopback=True)
    with pytest.raises(Invalid):
        await look("127.0.0.1", 80, "admin", "secret")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "text",
    [
        f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">{LAUGHS}]><s:Envelope xmlns:s="{S}"><s:Body>&l9;</s:Body></s:Envelope>',
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><s:Envelope xmlns:s="{S}"><s:Body>&x;</s:Body></s:Envelope>',
        f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><s:Envelope xmlns:s="{S}"><s:Body/></s:Envelope>',
        f'<s:Envelope xmlns:s="{S}"><s:Body>' + "<a>" * 100_000 + "</a>" * 100_000 + "</s:Body></s:Envelope>",
    ],
    ids=["billion laughs", "external entity", "external DTD", "too deep"],
)
async def test_hostile_xml_is_refused_at_once(text: str) -> None:
    async with SoapCamera(answer=lambda _: web.Response(text=text, content_type="application/soap+xml")) as camera:
        with pytest.raises(Unsupported) as refused:  # what takes long would be Unreachable
            await seen(camera)
    assert refused.value.code == "not_onvif"
    assert "root:" not in str(refused.value)


@pytest.mark.parametrize("endless", [False, True], ids=["100 MB", "endless"])
async def test_an_answer_without_end_is_cut_short(endless: bool) -> None:
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        length = "" if endless else f"Content-Length: {100 << 20}\r\n"
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n{length}Connection: close\r\n\r\n".encode()
        )
        try:
            while endless or sent < 100 << 20:
                writer.write(b" " * (1 << 16))
                sent += 1 << 16
                await writer.drain()
        except ConnectionError:
            writer.close()

    async with talking(serve) as port:
        with pytest.raises(Unsupported):
            await look("127.0.0.1", port, "admin", "secret", allow_loopback=True)
    assert sent < 30 << 20


async def test_a_packed_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * (50 << 20))
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/soap+xml"}
    async with SoapCamera(answer=lambda _: web.Response(body=bomb, headers=headers)) as camera:
        with pytest.raises(Unsupported):
            await seen(camera)


async def test_a_redirect_elsewhere_is_not_followed() -> None:
    async with SoapCamera() as other:
        to = {"Location": f"http://127.0.0.1:{other.port}/onvif/device_service"}
        async with SoapCamera(answer=lambda _: web.Response(status=307, headers=to)) as camera:
            with pytest.raises(Unsupported):
                await seen(camera)
        assert other.asked == []

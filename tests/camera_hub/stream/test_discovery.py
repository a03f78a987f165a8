"""Finding boxes: a real responder on UDP, and answers nobody should believe."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_hub.stream import discovery, soap
from camera_hub.stream.discovery import Found, answered, find, own_addresses
from tests.camera_hub.stream.probe_matches import Box, answer, match

Boxes = Callable[[Callable[[], list[bytes]]], "asyncio.Future[tuple[Box, tuple[str, int]]]"]


@pytest.fixture
async def boxes() -> AsyncIterator[Callable]:
    opened: list[asyncio.BaseTransport] = []

    async def start(says: Callable[[], list[bytes]], sock: socket.socket | None = None) -> tuple[Box, tuple[str, int]]:
        where = {"sock": sock} if sock else {"local_addr": ("127.0.0.1", 0)}
        transport, box = await asyncio.get_running_loop().create_datagram_endpoint(lambda: Box(says), **where)
        opened.append(transport)
        return box, transport.get_extra_info("sockname")

    yield start
    for one in opened:
        one.close()


async def listed(group: tuple[str, int], most: int) -> list[Found]:
    """The first `most` boxes that answer."""
    found = []
    async for box in find(20, ["127.0.0.1"], allow_loopback=True, group=group):
        found.append(box)
        if len(found) == most:
            break
    return found


async def test_a_box_that_answers_is_told_once(boxes: Callable) -> None:
    box, at = await boxes(lambda: [answer(match()), answer(match()), answer(match("urn:uuid:2", scopes=""))])
    assert await listed(at, 2) == [
        Found(
            "urn:uuid:1", "127.0.0.1", 8000, "HIKVISION DS-2CD", "DS-2CD", "村口",
            "http://127.0.0.1:8000/onvif/device_service",
        ),
        Found("urn:uuid:2", "127.0.0.1", 8000, "", "", "", "http://127.0.0.1:8000/onvif/device_service"),
    ]  # fmt: skip
    asked = box.asked[0].decode()
    assert "NetworkVideoTransmitter" in asked
    assert re.search(r"urn:uuid:[0-9a-f-]{36}", asked)


async def test_the_question_goes_to_the_multicast_group(boxes: Callable) -> None:
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ear.bind(("", 0))
    try:
        membership = struct.pack("4s4s", socket.inet_aton(discovery.GROUP), socket.inet_aton("127.0.0.1"))
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    except OSError as err:
        ear.close()
        pytest.skip(f"no multicast on loopback here: {err}")
    _, at = await boxes(lambda: [answer(match())], ear)
    assert [one.endpoint for one in await listed((discovery.GROUP, at[1]), 1)] == ["urn:uuid:1"]


async def test_a_lost_question_is_asked_again(boxes: Callable) -> None:
    times = iter(range(100))
    _, at = await boxes(lambda: [answer(match())] if next(times) == 2 else [])
    assert len(await listed(at, 1)) == 1


async def test_a_search_ends_and_nobody_may_have_answered(boxes: Callable) -> None:
    box, at = await boxes(lambda: [b"\x00\xff", b"<", b"", answer(before="<!DOCTYPE x>")])
    assert [one async for one in find(1.2, ["127.0.0.1"], allow_loopback=True, group=at)] == []
    assert len(box.asked) == 3
    assert [one async for one in find(0.1, ["192.0.2.1", "127.0.0.1"], allow_loopback=True, group=at)] == []


async def test_a_flood_ends_at_its_limit(boxes: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MOST", 5)
    _, at = await boxes(lambda: [answer(*(match(f"urn:uuid:{one}") for one in range(50)))])
    assert len([one async for one in find(20, ["127.0.0.1"], allow_loopback=True, group=at)]) == 5


async def test_one_that_floods_leaves_room_for_others(boxes: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MOST_A_HOST", 8)
    names = iter(range(100_000))
    _, at = await boxes(lambda: [answer(*(match(f"urn:uuid:{next(names)}") for _ in range(50)))])
    assert len([one async for one in find(1.2, ["127.0.0.1"], allow_loopback=True, group=at)]) == 8


def test_a_box_is_where_its_packet_came_from() -> None:
    (box,) = answered(
        answer(match(xaddrs="http://169.254.1.1/x https://a/ http://10.0.0.1:8899/onvif/dev")), "192.0.2.9"
    )
    assert (box.host, box.onvif_url) == ("192.0.2.9", "http://192.0.2.9:80/x")
    (bare,) = answered(answer(match(xaddrs="")), "192.0.2.9")
    assert (bare.port, bare.onvif_url) == (80, "http://192.0.2.9:80/onvif/device_service")


HOSTILE = {
    "a DTD": answer(match(), before='<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'),
    "a DTD in UTF-16": answer(match(), before="<!DOCTYPE s>").decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "an entity of its own": answer(match("&x;")),
    "a file": answer(match("&x;"), before='<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "too deep": answer("<a>" * 40 + "</a>" * 40),
    "too many elements": answer("<a/>" * 5_000),
    "a text too long": answer(match(scopes="x" * 9_000)),
    "too large": answer("<a>" + "x" * 70_000 + "</a>"),
    "no port of this world": answer(match(xaddrs="http://10.0.0.1:99999/")),
    "a command for a path": answer(match(xaddrs="http://10.0.0.1/$(reboot)")),
    "an address that is none": answer(match(xaddrs="http://[::1/")),
    "half a document": answer(match())[:-30],
    "no XML": b"HTTP/1.1 200 OK\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_no_box_says_is_passed_over(what: str) -> None:
    assert list(answered(HOSTILE[what], "192.0.2.9")) == []


@pytest.mark.parametrize("sender", ["127.0.0.1", "169.254.1.1", "0.0.0.0", "not an address"])
def test_a_sender_that_is_no_camera_is_passed_over(sender: str) -> None:
    assert list(answered(answer(match()), sender)) == []


def test_what_a_box_says_of_itself_is_cut_and_printable() -> None:
    scopes = f"onvif://www.onvif.org/name/{'%E7%BE%8A' * 100} onvif://www.onvif.org/location/a%0d%0ab%1b%E2%80%AEc"
    (box,) = answered(answer(match("e" * 500, scopes=scopes)), "192.0.2.9")
    assert (len(box.name), box.location, len(box.endpoint)) == (64, "abc", 200)
    (script,) = answered(answer(match(scopes="onvif://www.onvif.org/name/%3Cscript%3E")), "192.0.2.9")
    assert script.name == "<script>"


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_passed_over(raw: bytes) -> None:
    assert list(answered(raw, "192.0.2.9")) == []
    try:
        list(soap.texts(raw))
    except ValueError:
        return


def test_searches_go_out_from_real_networks_only() -> None:
    assert not [one for one in own_addresses() if one.startswith("127.")]
    assert "127.0.0.1" in own_addresses(allow_loopback=True)

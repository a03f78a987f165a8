"""A hub behind the example proxy, read by a real nginx: a sign-in over TLS, a request, a WebSocket, an upload too large."""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, TCPConnector, WSMsgType, WSServerHandshakeError

from api.auth import SECURE_COOKIE
from registry import audit
from registry.model import PurposeKind, Role
from registry.users import CONSOLE
from tests.api.conftest import PASSWORD, Serving, World
from tests.api.test_stream import listening
from tests.camera_hub.test_certificate import issue
from tests.services.nginx import Nginx
from tests.services.process import ServiceMissingError


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Any]:
    started: list[Nginx] = []

    def before(world: World) -> Nginx:
        try:
            made = Nginx(tmp_path, issue(tmp_path), int(world.server.port or 0))
        except ServiceMissingError as why:
            pytest.skip(str(why))
        done = made.check()
        assert done.returncode == 0, done.stderr
        made.start()
        started.append(made)
        return made

    yield before
    for one in started:
        one.close()


async def test_what_comes_through_the_example_proxy(serving: Serving, proxy: Any) -> None:
    world = await serving(secure_cookies=True, trusted_proxies=["127.0.0.1"])
    nginx: Nginx = proxy(world)
    plain, whole = f"http://127.0.0.1:{nginx.plain_port}", f"https://127.0.0.1:{nginx.port}"
    trusts = ssl.create_default_context()
    trusts.check_hostname, trusts.verify_mode = False, ssl.CERT_NONE
    async with ClientSession(connector=TCPConnector(ssl=trusts)) as http:
        async with http.get(f"{plain}/healthz", allow_redirects=False) as sent_on:
            assert (sent_on.status, sent_on.headers["Location"]) == (308, "https://127.0.0.1/healthz")
        async with http.get(f"{whole}/healthz", headers={"X-Forwarded-For": "203.0.113.9"}) as asked:
            assert asked.status == 200
            assert "max-age" in asked.headers["Strict-Transport-Security"]
        told = {"name": "officer", "password": PASSWORD}
        async with http.post(
            f"{whole}/api/v1/session", json=told, headers={"X-Forwarded-For": "203.0.113.9"}
        ) as signed:
            assert signed.status == 200, await signed.text()
            assert SECURE_COOKIE in signed.cookies
            assert signed.cookies[SECURE_COOKIE]["secure"]
        (row,) = await audit.list_rows(world.hub.store, CONSOLE, audit.AuditQuery(limit=1))
        assert (row.action, row.address) == ("session.open", "127.0.0.1"), (
            "what a client says of itself is not believed"
        )

        signed_in = await world.client(Role.OFFICER, PurposeKind.CASE)
        own = {**signed_in.headers, "Origin": whole}
        async with http.get(f"{whole}/api/v1/events", headers=own) as listed:
            assert listed.status == 200, await listed.text()
        async with http.ws_connect(f"{whole}/api/v1/events/stream", headers=own) as socket:
            await listening(world)
            event = await world.event()
            message = await asyncio.wait_for(socket.receive(), 20)
            assert message.type is WSMsgType.TEXT
            assert message.json()["event"]["id"] == str(event)
        with pytest.raises(WSServerHandshakeError) as foreign:
            await http.ws_connect(f"{whole}/api/v1/events/stream", headers={**own, "Origin": "https://other.example"})
        assert foreign.value.status == 403
        large = io.BytesIO(bytes(22 << 20))
        upload = {**own, "Content-Type": "application/octet-stream"}
        async with http.post(f"{whole}/api/v1/book/plans", data=large, headers=upload) as refused:
            assert refused.status == 413

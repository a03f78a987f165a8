"""The example proxy: what it allows and waits for is what the routes allow and take; a real nginx reads it in tests/api/test_behind_nginx.py."""

from __future__ import annotations

import re
from pathlib import Path

from api import all_routes
from api.taking import UPLOAD_SECONDS

FILE = Path(__file__).parents[2] / "configs" / "nginx.conf"
TEXT = "\n".join(line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("#"))


def value(name: str) -> str:
    return re.search(rf"^\s*{name} (.+);$", TEXT, re.MULTILINE)[1]  # type: ignore[index]


def test_bodies_and_times_fit_the_routes() -> None:
    allowed = int(value("client_max_body_size").removesuffix("m")) << 20
    assert max(route.most_bytes for route in all_routes()) < allowed
    assert int(value("client_body_timeout").removesuffix("s")) > UPLOAD_SECONDS
    longest = max(route.seconds or 0 for route in all_routes() if route.line is not None)
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        assert int(value(name).removesuffix("s")) > longest


def test_what_the_hub_relies_on_is_passed_on() -> None:
    for header in (
        "Host $http_host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme", "Upgrade $http_upgrade",
        "Connection $hub_connection",
    ):  # fmt: skip
        assert f"proxy_set_header {header};" in TEXT
    assert value("proxy_buffering") == value("proxy_request_buffering") == "off"
    assert value("ssl_protocols") == "TLSv1.2 TLSv1.3"


def test_every_line_is_a_directive_and_every_block_ends() -> None:
    depth = 0
    for line in filter(None, map(str.strip, TEXT.splitlines())):
        assert line.endswith((";", "{", "}")), line
        depth += line.count("{") - line.count("}")
        assert depth >= 0
    assert depth == 0

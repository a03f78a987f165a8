import io
import json
import logging
import sys

import pytest
import structlog

from camera_hub import observe


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    observe.configure("debug", "test")
    yield out
    root.handlers, _ = before
    root.setLevel(before[1])
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("rtsp://admin:s3cret@10.0.0.5/x failed", "s3cret"),
        ("rtsp://10.0.0.5/x?user=admin&password=s3cret&channel=1", "s3cret"),
        ("redis://:s3cret@host:6379/0", "s3cret"),
        ("Authorization: Bearer s3cret", "s3cret"),
        ("postgresql+asyncpg://hub:p%40ss@db/hub", "p%40ss"),
        ("two rtsp://a:b1b1@x/ and rtsp://c:d2d2@y/", "d2d2"),
    ],
)
def test_no_credential_reaches_a_line(lines: io.StringIO, text: str, secret: str) -> None:
    log = observe.log("test")
    log.info(text, address=text, nested={"list": [text, {"deep": text}]}, error=ValueError(text))
    logging.getLogger("library").warning("said %s", text)
    try:
        int(text)
    except ValueError:
        log.exception("broke")
    written = lines.getvalue()
    assert secret not in written
    assert observe.HIDDEN in written
    assert len(written.splitlines()) == 3


def test_fields_with_secret_names_are_hidden_and_others_stay(lines: io.StringIO) -> None:
    observe.log("test").info("x", password="abc", api_token="def", cookie="ghi", camera="Gate", count=3, ok=True)
    entry = json.loads(lines.getvalue())
    assert entry["password"] == entry["api_token"] == entry["cookie"] == "***"
    assert (entry["camera"], entry["count"], entry["ok"], entry["process"]) == ("Gate", 3, True, "test")


def test_metrics_render_in_prometheus_text_and_do_not_collide() -> None:
    one, other = observe.Metrics(), observe.Metrics()
    one.stored.inc(3)
    assert b"hub_events_stored_total 3.0" in one.render()
    assert b"hub_events_stored_total 0.0" in other.render()

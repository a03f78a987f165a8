"""Getting pip where Python came without ensurepip, from a package index on this machine."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.setup import fetch_pip


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "pip"
    folder.mkdir()
    (folder / fetch_pip.WHEEL).write_bytes(b"a wheel")
    (folder / "index.html").write_text(
        f'<a href="pip-1.0-py3-none-any.whl">old</a> <a href="{fetch_pip.WHEEL}#sha256=0&amp;x">{fetch_pip.WHEEL}</a>'
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}")
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_pinned_wheel_is_taken_and_installs_itself(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(fetch_pip, "SHA256", hashlib.sha256(b"a wheel").hexdigest())
    monkeypatch.setattr(fetch_pip.subprocess, "call", lambda command: ran.append(command) or 0)
    assert fetch_pip.main() == 0
    assert "--no-index" in ran[0]
    assert ran[0][-1].endswith(fetch_pip.WHEEL)


def test_another_file_under_that_name_is_not_run(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fetch_pip.subprocess, "call", lambda _command: pytest.fail("it was run"))
    assert fetch_pip.main() == 1
    assert "not the file that was pinned" in capsys.readouterr().err


def test_an_index_without_it_is_said_so(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (index / "index.html").write_text("<a href='other.whl'>other</a>")
    assert fetch_pip.main() == 1
    assert "does not list" in capsys.readouterr().err


def test_an_index_that_is_away_is_said_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.services.process import free_port

    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{free_port()}")
    assert fetch_pip.main() == 1
    assert "could not be fetched" in capsys.readouterr().err

"""Footage that is found, fetched from a local server, or not to be had."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from camera_hub.demo import footage
from camera_hub.demo.footage import Recording, download, gather
from registry.errors import Corrupt, Unavailable

BODY = bytes(range(256)) * 1000
SHA = hashlib.sha256(BODY).hexdigest()


@contextmanager
def served(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/clip.avi"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(body: bytes, status: int = 200, length: int | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture(autouse=True)
def _nowhere_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HUB_FOOTAGE", raising=False)
    monkeypatch.delenv("HUB_FOOTAGE_FETCH", raising=False)
    monkeypatch.setattr(footage, "_OPENCV_DOC", tmp_path / "nowhere")


def test_a_download_appears_whole(tmp_path: Path) -> None:
    with served(answering(BODY)) as url:
        download(url, tmp_path / "clip.avi", SHA)
    assert (tmp_path / "clip.avi").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["clip.avi"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answering(BODY[:-1] + b"x"), Corrupt),
        (answering(b"<html>please sign in</html>"), Corrupt),
        (answering(BODY[:1000], length=len(BODY)), Unavailable),
        (answering(b"gone", status=404), Unavailable),
        (answering(b"", status=500), Unavailable),
    ],
    ids=["other bytes", "a captive portal", "truncated", "404", "500"],
)
def test_a_bad_download_leaves_nothing(
    tmp_path: Path, answer: Callable[[BaseHTTPRequestHandler], None], kind: type[Exception]
) -> None:
    with served(answer) as url, pytest.raises(kind):
        download(url, tmp_path / "clip.avi", SHA)
    assert list(tmp_path.iterdir()) == []


def test_nobody_answers_and_a_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable):
        download("http://127.0.0.1:1/clip.avi", tmp_path / "clip.avi", SHA)
    monkeypatch.setattr(footage, "_MOST_BYTES", 1000)
    with served(answering(BODY)) as url, pytest.raises(Corrupt):
        download(url, tmp_path / "clip.avi", SHA)


def test_what_is_there_is_taken_what_is_not_is_fetched_and_the_rest_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, cache, lines = tmp_path / "named", tmp_path / "cache", []
    named.mkdir()
    (named / "here.avi").write_bytes(BODY)
    (named / "forged.avi").write_bytes(b"something else")
    monkeypatch.setenv("HUB_FOOTAGE", str(named))
    with served(answering(BODY)) as url:
        recordings = (
            Recording("here", ("here.avi",), SHA, "MIT", "a", "http://127.0.0.1:1/never-asked"),
            Recording("fetched", ("fetched.avi",), SHA, "MIT", "b", url),
            Recording("forged", ("forged.avi",), SHA, "MIT", "c"),
            Recording("wrong", ("wrong.avi",), "0" * 64, "MIT", "d", url),
        )
        found = gather(cache, say=lines.append, recordings=recordings)
        again = gather(cache, say=lines.append, recordings=recordings[:2], fetch=False)
    assert found == again == {"here": named / "here.avi", "fetched": cache / "fetched.avi"}
    assert any("SHA-256" in line for line in lines)
    assert any("rendered" in line for line in lines)


def test_a_debian_package_is_unpacked_without_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A stand-in for apt-get that hands over a real package built here; dpkg-deb is Debian's own.
    if footage.shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg-deb: this is no Debian")
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        "Package: some-doc\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: x\n"
    )
    (tree / "usr/share/doc").mkdir(parents=True)
    (tree / "usr/share/doc/clip.avi").write_bytes(BODY)
    footage.subprocess.run(["dpkg-deb", "-b", tree, tmp_path / "some-doc.deb"], check=True, capture_output=True)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "apt-get").write_text(f'#!/bin/sh\n[ "$1" = download ] && cp {tmp_path}/some-doc.deb .\n')
    (tools / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{footage.os.environ['PATH']}")
    recording = Recording("x", ("clip.avi",), SHA, "MIT", "x", debian="some-doc")
    found = gather(tmp_path / "cache", say=lambda _: None, recordings=[recording])
    assert found["x"].read_bytes() == BODY
    other = Recording("y", ("clip.avi",), "0" * 64, "MIT", "y", debian="some-doc")
    assert gather(tmp_path / "cache", say=lambda _: None, recordings=[other]) == {}

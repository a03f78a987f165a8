"""The demo as an operator runs it: `camera-hub demo` in a folder of its own, found by its page's API, ended by Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil
import pytest

from camera_hub.demo.sample_server import engine
from tests.services.process import free_port

START_S = 600
FIRST_EVENT_S = 180
STOP_S = 30
MASKED = "汉书村老李家院外"


class Page:
    """What the page does: sign in, keep the cookie and the CSRF token, ask."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._csrf = ""

    def ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(f"{self._address}/api/v1{path}", method=method)
        request.add_header("X-CSRF-Token", self._csrf)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with self._open(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def sign_in(self, name: str, password: str) -> None:
        self._csrf = self.ask("POST", "/session", {"name": name, "password": password})["csrf"]

    def look_under_the_open_case(self) -> None:
        case = self.ask("GET", "/cases")["cases"][0]
        purpose = self.ask("POST", "/purposes", {"kind": "case", "case_id": case["id"], "reason": "test"})
        self.ask("PUT", "/session/purpose", {"purpose_id": purpose["id"]})


@dataclass
class Demo:
    folder: Path
    port: int
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("camera-hub"), "demo", "--dir", self.folder, "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={
                    name: value
                    for name, value in os.environ.items()
                    if not name.startswith("HUB_") or "FOOTAGE" in name
                },
            )
        self.wait(lambda: "hub is up" in self.text(), START_S, "the hub to be up")

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self, ready: Callable[[], bool], limit_s: float, what: str) -> None:
        end = time.monotonic() + limit_s
        while not ready():
            if self.process.poll() is not None:
                pytest.fail(f"the demo ended with {self.process.returncode} while waiting for {what}:\n{self.text()}")
            if time.monotonic() > end:
                pytest.fail(f"{what} took more than {limit_s} s:\n{self.text()}")
            time.sleep(0.25)

    def page(self, user: str = "li") -> Page:
        passwords = json.loads((self.folder / "demo.json").read_text(encoding="utf-8"))["users"]
        page = Page(f"http://127.0.0.1:{self.port}")
        page.sign_in(user, passwords[user])
        return page

    def processes(self) -> list[psutil.Process]:
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def interrupt(self) -> None:
        """Ctrl-C, and nothing may remain of what was started."""
        started = self.processes()
        assert len(started) > 2, "an RTSP server and a worker were expected besides the hub"
        os.kill(self.process.pid, signal.SIGINT)
        assert self.process.wait(STOP_S) == 0, self.text()
        _, alive = psutil.wait_procs(started, timeout=10)
        assert not alive, f"left behind: {[process.cmdline() for process in alive]}"


def readme_search(demo: Demo) -> list[Any]:
    """The events that the README's lines find, run by a shell as they stand there, at any hour of the day."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = next(part for part in text.split("```sh\n") if part.startswith("HUB=")).split("```")[0]
    password = json.loads((demo.folder / "demo.json").read_text(encoding="utf-8"))["users"]["li"]
    block = block.replace(":8080", f":{demo.port}").replace("PASSWORD=...", f"PASSWORD={password}")
    block = block.replace("&night_from=22:00&night_to=04:30", "").replace("&group=person", "")
    said = subprocess.run(
        ["bash", "-euc", block], cwd=demo.folder, capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(said.stdout)["events"]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    if engine() is None:
        pytest.skip(
            "needs an RTSP server: apt-get install gir1.2-gst-rtsp-server-1.0, or pip install 'camera-hub[demo]'"
        )
    one = Demo(tmp_path / "demo", free_port(), tmp_path / "log")
    yield one
    if hasattr(one, "process") and one.process.poll() is None:
        for process in one.processes():
            process.kill()
        one.process.wait(10)


@pytest.mark.rtsp
def test_demo_from_first_start_to_second(demo: Demo) -> None:
    demo.start()
    page = demo.page()
    page.look_under_the_open_case()
    demo.wait(lambda: bool(page.ask("GET", "/events")["events"]), FIRST_EVENT_S, "the first event")

    cameras = {camera["name"]: camera for camera in demo.page("admin").ask("GET", "/cameras")["cameras"]}
    assert len(cameras) >= 8
    assert {camera["kind"] for camera in cameras.values()} == {"public", "social", "wifi_probe", "civilian"}
    assert len({camera["village_code"] for camera in cameras.values()}) == 3

    def settled() -> bool:
        states = {camera["name"]: camera["status"] for camera in page.ask("GET", "/cameras")["cameras"]}
        live = [name for name, status in states.items() if status["state"] == "live"]
        reasons = {status["reason"] for status in states.values()}
        wanted = {"no_video", "unreachable"} | ({"rejected"} if engine() == "gstreamer" else set())
        return len(live) >= 7 - (engine() != "gstreamer") and wanted <= reasons

    demo.wait(settled, START_S, "seven live cameras, a dead one and one that rejects its password")
    demo.wait(lambda: bool(readme_search(demo)), FIRST_EVENT_S, "an event that the README's three lines find")

    def with_picture() -> list[Any]:
        # What a camera showed while its mask was settling is hidden: not of the one that has a mask.
        seen = [one for one in page.ask("GET", "/events")["events"] if one["camera_name"] != MASKED]
        return [one for one in seen if one["has_snapshot"]]

    demo.wait(lambda: bool(with_picture()), FIRST_EVENT_S, "an event with a picture")
    picture = page._open(f"http://127.0.0.1:{demo.port}{with_picture()[0]['snapshot_url']}", timeout=10).read()
    assert picture.startswith(b"\xff\xd8")
    known = {event["id"] for event in page.ask("GET", "/events?limit=200")["events"]}
    before = {camera["id"] for camera in page.ask("GET", "/cameras")["cameras"]}
    demo.interrupt()

    demo.start()
    page = demo.page()
    page.look_under_the_open_case()
    assert {camera["id"] for camera in page.ask("GET", "/cameras")["cameras"]} == before, "cameras were made twice"
    kept = set()
    cursor = ""
    while True:
        found = page.ask("GET", f"/events?limit=200{cursor}")
        kept |= {event["id"] for event in found["events"]}
        if found["next_cursor"] is None:
            break
        cursor = f"&cursor={found['next_cursor']}"
    assert known <= kept, "the second run lost events of the first"
    demo.interrupt()


def test_a_taken_port_is_said_before_anything_is_prepared(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = subprocess.run(
            [Path(sys.executable).with_name("camera-hub"), "demo", "--dir", tmp_path / "demo", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert said.returncode == 4
    assert re.search(rf"port {port} .*PORT=", said.stderr), said.stderr
    assert not (tmp_path / "demo").exists()

"""The sample cameras' servers, as processes."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from camera_hub.demo import sample_server
from camera_hub.demo.clip import Shape, encode, write
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.demo.scenes import SCENES, render
from camera_hub.stream.source import open_source
from registry.errors import Unavailable

ENGINES = ["gstreamer", "aio-rtsp-toolkit"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "a.clip"
    shape = Shape(320, 180, 15, 100, 1.0)
    shown = itertools.islice(render(SCENES["yard"], width=320, height=180, fps=15), 30)
    write(path, encode(shown, shape), shape, title="", rendered=True)
    return path


def started(name: str, mounts: list[Mount]) -> SampleServer:
    if name == "gstreamer" and engine() != "gstreamer":
        pytest.skip("needs GStreamer's RTSP server; install it with apt-get")
    if name == "aio-rtsp-toolkit":
        pytest.importorskip("aio_rtsp_toolkit")
    return SampleServer(mounts, with_engine=name)


@pytest.mark.rtsp
@pytest.mark.parametrize("name", ENGINES)
def test_many_clients_on_each_engine_across_the_wrap(name: str, clip: Path) -> None:
    with started(name, [Mount(f"/c{n}", clip) for n in range(3)]) as server:
        sources = [open_source(url, allow_loopback=True) for url in server.urls.values() for _ in range(3)]
        streams = [source.packets() for source in sources]
        for stream in streams:
            packets = list(itertools.islice(stream, 3))
            assert packets[0].keyframe
        long = list(itertools.islice(streams[0], 40))
        steps = [b.dts - a.dts for a, b in itertools.pairwise(long)]
        assert (min(steps), max(steps)) == pytest.approx((6000, 6000), abs=2)
        for source in sources:
            source.close()


@pytest.mark.rtsp
@pytest.mark.parametrize("name", ENGINES)
def test_stop_ends_the_process(name: str, clip: Path) -> None:
    server = started(name, [Mount("/c", clip)])
    pid = server.pid
    server.stop()
    server.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.rtsp
@pytest.mark.parametrize("name", ENGINES)
def test_the_server_ends_with_whoever_started_it(name: str, clip: Path) -> None:
    started(name, []).stop()
    code = (
        "import sys, os; from pathlib import Path; from camera_hub.demo.sample_server import *;"
        f"s = SampleServer([Mount('/c', Path({str(clip)!r}))], with_engine={name!r}); print(s.pid, flush=True); os.abort()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the RTSP server outlived its parent"
        time.sleep(0.05)


def test_a_server_whose_starter_is_gone_at_once_ends() -> None:
    started("gstreamer", []).stop()
    command = [str(sample_server._DEBIAN_PYTHON), *sample_server._ENGINES["gstreamer"]]
    for _ in range(5):
        order = '{"address": "127.0.0.1", "mounts": []}\n'
        done = subprocess.run(command, input=order, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr


def test_passwords_need_a_server_that_knows_them(clip: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        SampleServer([Mount("/c", clip, "digest", "a", "b")], with_engine="aio-rtsp-toolkit")
    assert refused.value.code == "no_auth"

"""Clips to play, and the sample server to play them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from camera_hub.demo.clip import Shape, encode, write
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.demo.scenes import SCENES, render
from registry.errors import Unavailable

SMALL = Shape(320, 180, 15, 150, 1.0)
StartServer = Callable[[Sequence[Mount]], SampleServer]


def make_clip(path: Path, shape: Shape, seconds: float = 6.0, scene: str = "yard") -> Path:
    """A rendered clip; its first seconds show someone walking."""
    shown = replace(SCENES[scene], seconds=seconds)
    pictures = render(shown, width=shape.width, height=shape.height, fps=shape.fps)
    write(path, encode(pictures, shape), shape, title=scene, rendered=True)
    return path


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """H.264, 320x180 at 15 fps, a keyframe a second, 6 s."""
    return make_clip(tmp_path_factory.mktemp("clips") / "h264.clip", SMALL)


@pytest.fixture(scope="session")
def clip_h265(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in H.265, 3 s."""
    return make_clip(tmp_path_factory.mktemp("clips") / "hevc.clip", replace(SMALL, codec="hevc"), 3.0)


@pytest.fixture
def rtsp_server() -> Iterator[StartServer]:
    """Start sample servers with the mounts given; they stop with the test. Skips where no server with passwords runs."""
    started: list[SampleServer] = []

    def start(mounts: Sequence[Mount]) -> SampleServer:
        try:
            started.append(SampleServer(mounts))
        except Unavailable as err:
            pytest.skip(f"needs an RTSP server ({engine() or 'none'} here): {err.hint}")
        return started[-1]

    yield start
    for server in started:
        server.stop()

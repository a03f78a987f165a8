"""A masked camera's tap: masked video while somebody draws from it, and not one packet of the camera."""

from __future__ import annotations

import threading
from datetime import UTC
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest

from camera_hub.live.tap import Begun, Drawn, Over, Tap
from camera_hub.media import Media
from camera_hub.stream.decode import Decoder
from camera_hub.stream.encode import PARAMS
from camera_hub.stream.packet import Packet
from camera_hub.watch import masked as masked_module
from camera_hub.watch.inference import Crop, Look
from camera_hub.watch.masked import Masked
from camera_hub.watch.pull import Gauge, Parts, pull
from detectors.facts import Rgb
from registry.orders import WatchOrder
from registry.recordings.model import RecordOrder

MASK = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]]


class Blind:
    name = "none"

    def submit(self, crops: list[Crop]) -> Look:
        look = Look(crops)
        look.settle([])
        return look


@pytest.fixture
def footage(tmp_path: Path) -> Path:
    """Six seconds, all bright."""
    path = tmp_path / "bright.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(90):
            picture = np.full((180, 320, 3), 150 + number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return path


def drawn(footage: Path, folder: Path, scene: dict[str, object], *, joined: bool) -> tuple[Tap, list[Drawn]]:
    """Everything a whole pull of the footage puts into its tap."""
    tap, heard = Tap(), []
    if joined:
        tap.join(heard.append)
    order = WatchOrder(
        camera_no=1,
        camera_id=UUID(int=1),
        name="Yard",
        url=f"file://{footage}",
        username="",
        password="",
        tier="full",
        halt=None,
        scene_revision=1,
        scene=scene,
        clock_offset_ms=None,
        stream="sub",
        main_url=None,
        record=RecordOrder(),
    )
    parts = Parts(Blind(), Media(folder, 0, 10**9), "local", 5.0, UTC, allow_file=True, allow_loopback=False)
    pull(order, parts, threading.Event(), gauge=Gauge(), post=lambda _: None, tap=tap)
    return tap, heard


def decoded(heard: list[Drawn]) -> list[Rgb]:
    decoder = Decoder(PARAMS)
    frames = [frame.rgb() for one in heard if isinstance(one, Packet) for frame in decoder.decode(one)]
    return [*frames, *(frame.rgb() for frame in decoder.finish())]


def test_every_frame_in_the_tap_is_masked(footage: Path, tmp_path: Path) -> None:
    _, heard = drawn(footage, tmp_path, {"masks": [MASK]}, joined=True)
    assert isinstance(heard[0], Begun)
    assert (heard[0].masked, heard[0].params.codec, heard[0].why) == (True, "h264", None)
    assert isinstance(heard[-1], Over)
    packets = [one for one in heard if isinstance(one, Packet)]
    assert packets[0].keyframe
    assert 25 <= len(packets) <= 31, "the analysis rate"
    frames = decoded(heard)
    assert len(frames) == len(packets)
    for frame in frames:
        assert frame[:86, :156].max() < 30
        assert frame[96:].min() > 100


def test_what_nobody_draws_is_not_encoded(footage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masked_module, "Encoder", lambda *_, **__: pytest.fail("an encoder was made"))
    tap, _ = drawn(footage, tmp_path, {"masks": [MASK]}, joined=False)
    assert tap.join(print)[1] == ()


def test_an_open_camera_gives_its_own_packets(footage: Path, tmp_path: Path) -> None:
    _, heard = drawn(footage, tmp_path, {}, joined=True)
    assert len([one for one in heard if isinstance(one, Packet)]) == 90


def test_who_comes_again_begins_with_a_keyframe_of_now() -> None:
    tap, heard = Tap(), []
    shown = Masked(tap, rate=5.0)
    tap.begin(PARAMS, masked=True)

    def show(number: int, size: tuple[int, int] = (320, 180)) -> None:
        picture = np.full((size[1], size[0], 3), 40 + number * 10, np.uint8)
        shown.show(lambda: picture, size, number / 5, 0.0)

    tap.join(heard.append)
    for number in range(3):
        show(number)
    tap.ask(heard.append, pictures=True)
    show(3)
    assert len(heard) == 3, "who has pictures made wants no video"
    later: list[Drawn] = []
    begun, kept = tap.join(later.append)
    assert begun is not None
    assert kept == ()
    show(4)
    show(5, (640, 360))
    assert [isinstance(one, Packet) and one.keyframe for one in later] == [True, True], "another size begins anew too"
    assert decoded(later)[0].mean() == pytest.approx(80, abs=5)


def test_a_mask_in_another_shape_of_picture_covers_the_same_share(footage: Path, tmp_path: Path) -> None:
    scene: dict[str, object] = {"masks": [[[0.5, 0.5], [1.0, 0.5], [1.0, 1.0], [0.5, 1.0]]]}
    frames = decoded(drawn(footage, tmp_path, scene, joined=True)[1])
    assert all(frame[96:, 168:].max() < 30 and frame[:80].min() > 100 for frame in frames)

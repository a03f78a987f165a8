"""Pictures that show nothing: rendered nights, covers and hangs, through a real encoder too, and real footage."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.facts import Luma
from detectors.picture import LASTS_S, OVER_S, Fault, PictureJudge
from tests.conftest import missing

GREY = NDArray[np.float64]
W, H = 320, 180
RNG = np.random.default_rng(5)


def street() -> GREY:
    """Walls, doors, a road: structure everywhere."""
    coarse = cv2.resize(RNG.integers(60, 200, (12, 20)).astype(np.uint8), (W, H), interpolation=cv2.INTER_CUBIC)
    for x in range(10, W, 40):
        cv2.rectangle(coarse, (x, 60), (x + 18, 150), int(RNG.integers(20, 230)), -1)
    return coarse.astype(np.float64)


STREET = street()


def shot(scene: GREY, noise: float = 2.0) -> Luma:
    return np.clip(scene + RNG.normal(0, noise, scene.shape), 16, 235).astype(np.uint8)


def titled(picture: Luma, at: float) -> Luma:
    """With the name and running time cameras write into the edges."""
    picture = picture.copy()
    text = f"2026-11-23 {int(at) // 3600:02d}:{int(at) // 60 % 60:02d}:{int(at) % 60:02d}"
    cv2.putText(picture, text, (6, 14), cv2.FONT_HERSHEY_PLAIN, 0.9, 235, 1)
    cv2.putText(picture, "HAN SHU CUN", (200, 174), cv2.FONT_HERSHEY_PLAIN, 0.9, 235, 1)
    return picture


def watch(
    judge: PictureJudge, show: Callable[[float], Luma], since: float, until: float, *, gop: float = 2.0
) -> list[tuple[float, Fault | None]]:
    """The changes of what the judge says while one looks, two pictures a second and a keyframe every `gop` seconds."""
    said: list[tuple[float, Fault | None]] = []
    before = judge.fault
    at, key = since, since
    while at < until:
        fault = judge.look(show(at), at, coded=at >= key)
        if at >= key:
            key = at + gop
        if fault != before:
            said.append((at - since, fault))
            before = fault
        at += 0.5
    return said


def street_at(at: float) -> Luma:
    return titled(shot(STREET), at)


def used_to(scene: Callable[[float], Luma] = street_at, seconds: float = 200) -> PictureJudge:
    judge = PictureJudge()
    assert watch(judge, scene, 0, seconds) == []
    return judge


def lamp(level: float, *, ambient: float = 18.0) -> GREY:
    """A lamp over a yard at night: a glow that falls off."""
    y, x = np.mgrid[0:H, 0:W]
    return ambient + level * np.exp(-((x - 220) ** 2 + (y - 60) ** 2) / 900) + 0.05 * STREET


def infrared() -> GREY:
    """The camera's own lamp: bright in the middle, falling off, the same walls."""
    y, x = np.mgrid[0:H, 0:W]
    return 20 + STREET * 0.6 * np.exp(-((x - W / 2) ** 2 + (y - H * 0.6) ** 2) / 9000)


COVERS: dict[str, GREY] = {
    "a hand": np.full((H, W), 70.0) + np.linspace(0, 25, W),
    "spray": np.full((H, W), 150.0) + 6 * np.sin(np.linspace(0, 9, W)),
    "a bag in the light": cv2.GaussianBlur(STREET, (0, 0), 40) * 0.4 + 110,
}


@pytest.mark.parametrize("cover", COVERS)
def test_a_cover_is_told_after_a_while_and_taken_back(cover: str) -> None:
    judge = used_to()
    said = watch(judge, lambda at: titled(shot(COVERS[cover]), at), 200, 400)
    assert [fault for _, fault in said] == ["covered"]
    assert LASTS_S <= said[0][0] <= LASTS_S + 20
    said = watch(judge, street_at, 400, 500)
    assert [fault for _, fault in said] == [None]
    assert OVER_S <= said[0][0] <= OVER_S + 10


def test_a_cow_before_the_lens_for_a_moment_is_no_cover() -> None:
    judge = used_to()
    cover = COVERS["a hand"]
    assert watch(judge, lambda at: shot(cover if 200 < at < 222 else STREET), 200, 300) == []


def test_a_cover_outlasts_a_lost_connection() -> None:
    judge = used_to()
    cover = COVERS["a hand"]
    assert [fault for _, fault in watch(judge, lambda _: shot(cover), 200, 300)] == ["covered"]
    assert watch(judge, lambda _: shot(cover), 0, 1200, gop=10) == []
    assert [fault for _, fault in watch(judge, street_at, 1200, 1260)] == [None]


def test_a_cap_on_the_lens_is_black_with_name_and_time_in_it_too() -> None:
    for noise in (0.4, 2.0, 5.0):
        judge = used_to()
        dark = np.full((H, W), 17.0)
        said = watch(judge, lambda at, n=noise, d=dark: titled(shot(d, n), at), 200, 300)
        assert [fault for _, fault in said] == ["black"], noise
        assert [fault for _, fault in watch(judge, street_at, 300, 330)] == [None]


@pytest.mark.parametrize(
    ("night"), [lamp(90), lamp(200), lamp(60), infrared()], ids=["lamp", "bright", "dim", "infrared"]
)
def test_a_night_with_some_light_is_not_black(night: GREY) -> None:
    judge = PictureJudge()
    assert watch(judge, lambda at: titled(shot(night, 4), at), 0, 200) == []


def test_the_switch_from_day_to_infrared_and_back_is_nothing() -> None:
    """The filter falls, the picture is gone for two seconds, and what comes is grey, darker and bright in the middle."""

    def evening(at: float) -> Luma:
        if at < 200 or at > 500:
            return shot(STREET)
        return shot(np.full((H, W), 16.0)) if at < 202 else shot(infrared(), 4)

    assert watch(PictureJudge(), evening, 0, 700) == []


def test_dusk_and_fog_come_slowly() -> None:
    def dusk(at: float) -> Luma:
        return shot(18 + (STREET - 18) * max(0.15, 1 - max(0, at - 120) / 1500), 3)

    def fog(at: float) -> Luma:
        clear = max(0.08, 1 - max(0, at - 120) / 900)
        return shot(STREET * clear + 170 * (1 - clear), 2)

    for weather in (dusk, fog):
        assert watch(PictureJudge(), weather, 0, 1700) == []


def test_where_there_was_never_anything_to_see_nothing_is_covered() -> None:
    wall = np.full((H, W), 120.0)
    assert watch(PictureJudge(), lambda at: titled(shot(wall if at < 300 else wall - 40), at), 0, 500) == []


def test_what_a_mask_hides_is_not_judged() -> None:
    everything = np.ones((90, 160), np.bool_)
    assert watch(PictureJudge(everything), lambda _: np.full((H, W), 16, np.uint8), 0, 120) == []
    left = np.zeros((90, 160), np.bool_)
    left[:, :80] = True
    half = STREET.copy()
    half[:, : W // 2] = 16
    dark = half.copy()
    dark[:, W // 2 :] = 16
    bright_under_mask = dark.copy()
    bright_under_mask[:, : W // 2] = RNG.integers(20, 230, (H, W // 2))
    said = watch(PictureJudge(left), lambda _: shot(bright_under_mask, 0.5), 0, 120)
    assert [fault for _, fault in said] == ["black"]


def coded(
    show: Callable[[int], Luma], seconds: int, *, crf: str = "28", fps: int = 5, gop_s: int = 2
) -> Iterator[tuple[Luma, bool]]:
    """What a decoder gives of pictures that an H.264 encoder was given, and which are keyframes."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = W, H, "yuv420p"
        stream.codec_context.gop_size = fps * gop_s
        stream.options = {"crf": crf, "preset": "ultrafast", "threads": "1"}
        for number in range(seconds * fps):
            grey = show(number)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.dstack([grey] * 3), format="rgb24")))
        out.mux(stream.encode())
    file.seek(0)
    with av.open(file) as read:
        for frame in read.decode(video=0):
            plane = frame.planes[0]
            luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:H, :W]
            yield luma, bool(frame.key_frame)


@pytest.mark.parametrize(("crf", "clock"), [("18", True), ("34", False)])
def test_a_hung_sensor_is_frozen_and_a_still_street_is_not(crf: str, clock: bool) -> None:
    hung = shot(STREET)
    title = titled if clock else lambda picture, _: picture
    judge = PictureJudge()
    said: list[Fault | None] = []
    for number, (luma, key) in enumerate(coded(lambda n: title(hung, n / 5), 100, crf=crf)):
        said.append(judge.look(luma, number / 5, coded=key))
    assert said[-1] == "frozen"
    assert said[int(LASTS_S) * 5] is None
    for number, (luma, key) in enumerate(coded(lambda n: title(shot(STREET, 0.5), n / 5), 30, crf=crf)):
        said.append(judge.look(luma, 100 + number / 5, coded=key))
    assert said[-1] is None
    for noise in (0.5, 2.0):
        judge = PictureJudge()
        for number, (luma, key) in enumerate(coded(lambda n, s=noise: shot(STREET, s), 120, crf=crf)):
            assert judge.look(luma, number / 5, coded=key) is None


def test_the_same_jpeg_for_ever_is_frozen_and_a_loop_of_scenes_is_not() -> None:
    jpeg = shot(STREET)
    said = watch(PictureJudge(), lambda _: jpeg, 0, 120)
    assert [fault for _, fault in said] == ["frozen"]
    shots = []
    for number in range(20):
        scene = STREET.copy()
        scene[90:150, number * 14 : number * 14 + 30] = 230  # somebody walks through
        shots.append(shot(scene))
    assert watch(PictureJudge(), lambda at: shots[int(at) % 20], 0, 300) == []


@pytest.mark.parametrize("every", [4, 6, 10, 20])
def test_a_still_street_whose_picture_is_renewed_now_and_then_is_not_frozen(every: int) -> None:
    shots = [shot(STREET, 1.0) for _ in range(300 // every)]
    assert watch(PictureJudge(), lambda at: shots[int(at) // every], 0, 299) == []
    hung = shots[-1]
    assert [fault for _, fault in watch(PictureJudge(), lambda _: hung, 0, 120)] == ["frozen"]


def test_few_and_late_keyframes_are_borne() -> None:
    judge = PictureJudge()
    assert watch(judge, street_at, 0, 300, gop=10) == []
    said = watch(judge, lambda _: shot(COVERS["a hand"]), 300, 420, gop=10)
    assert [fault for _, fault in said] == ["covered"]


def footage() -> list[Path]:
    """OpenCV's sample recording, and the clips of the folder HUB_FOOTAGE names."""
    found = [Path("/usr/share/doc/opencv-doc/examples/data/vtest.avi")]
    if folder := os.environ.get("HUB_FOOTAGE"):
        found += sorted(one for one in Path(folder).iterdir() if one.suffix in (".mp4", ".avi"))
    return [one for one in found if one.is_file()]


@pytest.mark.footage
def test_real_footage_is_never_called_blind() -> None:
    clips = footage()
    if not clips:
        missing("footage", "install opencv-doc, or name a folder of clips in HUB_FOOTAGE")
    for clip in clips:
        judge, number, key = PictureJudge(), 0, False
        with av.open(clip) as read:
            fps = float(read.streams.video[0].average_rate or 25)
            for number, frame in enumerate(read.decode(video=0)):
                key |= frame.key_frame
                if number % max(1, round(fps / 2)):
                    continue
                plane = frame.reformat(format="gray").to_ndarray()
                assert judge.look(plane, number / fps, coded=key) is None, (clip, number / fps)
                key = False
        assert number > 50

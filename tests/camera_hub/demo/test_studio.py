from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from camera_hub.demo import studio
from camera_hub.demo.clip import Shape, encode, read, read_head, write
from camera_hub.demo.scenes import SCENES, Scene, render
from camera_hub.demo.studio import Cut, Sample, make_clips
from camera_hub.demo.toolkit_server import remux

SHORT = {name: replace(scene, seconds=2) for name, scene in SCENES.items()}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_rendered_scenes_are_the_same_each_time_and_things_move(scene: Scene) -> None:
    shown = list(render(scene, width=320, height=180, fps=2))
    assert len(shown) == scene.seconds * 2
    assert all(picture.shape == (180, 320, 3) and picture.dtype == np.uint8 for picture in shown)
    for one, again in zip(shown, render(scene, width=320, height=180, fps=2), strict=True):
        assert np.array_equal(one, again)
    for actor in (one for one in scene.actors if one.takes < scene.seconds):  # what is there all the time stands
        there = shown[int((actor.start + actor.takes / 2) * 2)].astype(int)
        changed = (np.abs(there - shown[0]).max(axis=2) > 35).mean()
        assert 0.001 < changed < 0.2


def test_a_clip_is_read_as_it_was_written_with_keyframes_on_the_beat(tmp_path: Path) -> None:
    shape = Shape(320, 180, 10, 100, 0.5)
    units = list(encode(render(SHORT["yard"], width=320, height=180, fps=10), shape))
    head = write(tmp_path / "a.clip", units, shape, title="t", rendered=True)
    assert (head.units, head.seconds, head.rendered) == (20, 2.0, True)
    assert read_head(tmp_path / "a.clip") == head
    assert list(read(tmp_path / "a.clip")) == units
    assert [number for number, (keyframe, _) in enumerate(units) if keyframe] == [0, 5, 10, 15]
    (tmp_path / "b.clip").write_bytes(b"nonsense\n")
    with pytest.raises(ValueError, match="no clip"):
        read_head(tmp_path / "b.clip")


def test_clips_are_made_once_and_anew_when_a_recording_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "SCENES", SHORT)
    samples = (
        Sample("yard", (Cut("filmed"),), "yard", kbits=100),
        Sample("night", (Cut("filmed", (0.0, 0.0, 0.5, 0.5), "night", 0.5),), "night", codec="hevc", kbits=100),
    )
    monkeypatch.setattr(studio, "SAMPLES", samples)
    said: list[tuple[str, float]] = []
    first = make_clips(tmp_path, {}, progress=lambda name, share: said.append((name, share)))
    assert {name: head.rendered for name, (_, head) in first.items()} == {"yard": True, "night": True}
    assert first["night"][1].codec == "hevc"
    assert {name for name, share in said if share == 1.0} == {"yard", "night"}
    written = first["yard"][0].stat().st_mtime_ns
    again = make_clips(tmp_path, {}, progress=lambda *_: None)
    assert again == first
    assert again["yard"][0].stat().st_mtime_ns == written
    movie = tmp_path / "filmed.mp4"
    remux(first["yard"][0], movie)
    filmed = make_clips(tmp_path, {"filmed": movie}, progress=lambda *_: None)
    assert {name: head.rendered for name, (_, head) in filmed.items()} == {"yard": False, "night": False}
    assert filmed["yard"][1].units == pytest.approx(30, abs=2)
    assert filmed["night"][1].units == pytest.approx(30, abs=3)
    assert not list(tmp_path.glob("*.part"))

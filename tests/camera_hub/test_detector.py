"""A model made to tell people apart is refused before it sees a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from camera_hub import detector
from camera_hub.doctor import sight
from camera_hub.doctor.finding import Verdict
from camera_hub.settings import Settings
from registry.errors import Invalid
from tests.detectors.onnx_files import constant_model
from tests.detectors.test_formats import MAKERS

BOX = np.array([40, 24, 80, 72], np.float32)


def settings(tmp_path: Path, name: str, labels: list[str]) -> Settings:
    names = "{" + ", ".join(f"{i}: {label!r}" for i, label in enumerate(labels)) + "}"
    model = constant_model(tmp_path / name, {"o": MAKERS["yolo_end2end"](BOX, 2, 0.9)[0]}, names=names)
    own = Settings(data_dir=tmp_path)
    return own.model_copy(update={"model": own.model.model_copy(update={"path": model})})


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("m.onnx", ["person", "car", "human face"]),
        ("m.onnx", ["person", "re-id", "car"]),
        ("gait_net.onnx", ["person", "car", "dog"]),
    ],
)
def test_a_model_that_tells_people_apart_is_not_loaded(tmp_path: Path, name: str, labels: list[str]) -> None:
    with pytest.raises(Invalid, match=r"model\.path") as refused:
        detector.load(settings(tmp_path, name, labels))
    assert refused.value.code == "model_forbidden"


def test_another_is(tmp_path: Path) -> None:
    assert detector.load(settings(tmp_path, "m.onnx", ["person", "car", "dog"])).labels == ("person", "car", "dog")


def test_what_is_no_model_says_so(tmp_path: Path) -> None:
    own = Settings(data_dir=tmp_path)
    (tmp_path / "junk.onnx").write_bytes(b"junk")
    wrong = own.model_copy(update={"model": own.model.model_copy(update={"path": tmp_path / "junk.onnx"})})
    with pytest.raises(Invalid) as refused:
        detector.load(wrong)
    assert refused.value.code == "model"


async def test_the_doctor_says_it_before_the_hub_starts(tmp_path: Path) -> None:
    found = await sight.model(settings(tmp_path, "m.onnx", ["person", "face", "dog"]))
    assert found.verdict is Verdict.FAULT
    assert "face" in found.found

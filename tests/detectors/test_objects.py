"""Loading models, letterboxing, and what the bundled one sees."""

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

from detectors.facts import Box, ModelError
from detectors.objects import BUNDLED, load, read_labels
from tests.detectors.onnx_files import constant_model, picture_model
from tests.detectors.test_formats import MAKERS

BOX = np.array([40, 24, 80, 72], np.float32)


def made(tmp_path: Path, name: str, **more) -> Path:
    outputs = MAKERS[name](BOX, 2, 0.9)
    keys = ["heat", "wh"] if name == "centernet" else ["output0"]
    return constant_model(tmp_path / f"{name}.onnx", dict(zip(keys, outputs, strict=True)), **more)


@pytest.mark.parametrize("name", list(MAKERS))
@pytest.mark.parametrize("told", [True, False])
def test_each_format_is_read_from_a_file(tmp_path, name, told):
    detector = load(made(tmp_path, name), name if told else "auto")
    (found,) = detector.detect(np.zeros((96, 160, 3), np.uint8))
    assert detector.name == f"{name}/{name}"
    assert found.label == "car"
    assert found.score == pytest.approx(0.9, abs=1e-3)
    assert found.box.x0 == pytest.approx(40 / 160, abs=1e-3)
    assert found.box.y1 == pytest.approx(72 / 96, abs=1e-3)


@pytest.mark.parametrize(("name", "top"), [("yolox", 0), ("yolov8", 24)])
def test_the_letterbox_is_taken_off(tmp_path, name, top):
    """A picture twice as wide as the model's shape lies at the top (YOLOX) or in the middle (YOLOv8) of its input."""
    (found,) = load(made(tmp_path, name)).detect(np.zeros((48, 160, 3), np.uint8))
    assert (found.box.x0, found.box.x1) == pytest.approx((0.25, 0.5), abs=1e-3)
    assert found.box.y0 == pytest.approx(max(0.0, (24 - top) / 48), abs=1e-3)
    assert found.box.y1 == pytest.approx(min(1.0, (72 - top) / 48), abs=1e-3)


def test_labels_come_from_the_metadata(tmp_path):
    names = "{" + ", ".join(f"{i}: '{n}'" for i, n in enumerate(["cat", "dog", "tractor"])) + "}"
    outputs = MAKERS["yolo_end2end"](BOX, 2, 0.9)
    detector = load(constant_model(tmp_path / "m.onnx", {"o": outputs[0]}, names=names))
    assert [d.label for d in detector.detect(np.zeros((96, 160, 3), np.uint8))] == ["tractor"]


def test_labels_come_from_a_file(tmp_path):
    (tmp_path / "labels.txt").write_text("person\n\n  tricycle \nvan\n", encoding="utf-8")
    assert read_labels(tmp_path / "labels.txt") == ("person", "tricycle", "van")
    outputs = MAKERS["yolo_end2end"](BOX, 2, 0.9)
    path = constant_model(tmp_path / "m.onnx", {"o": outputs[0]})
    assert load(path, labels=tmp_path / "labels.txt").detect(np.zeros((96, 160, 3), np.uint8))[0].label == "van"


def test_what_is_wrong_is_said(tmp_path):
    path = made(tmp_path, "yolov8")
    with pytest.raises(ModelError, match="no model file"):
        load(tmp_path / "absent.onnx")
    with pytest.raises(ModelError, match="not those of yolox"):
        load(path, "yolox")
    with pytest.raises(ModelError, match="unknown model format"):
        load(path, "ssd")
    (tmp_path / "junk.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="cannot be read as an ONNX model"):
        load(tmp_path / "junk.onnx")
    with pytest.raises(ModelError, match="must take one float32 picture"):
        load(picture_model(tmp_path / "two.onnx", ["a", "b"]))
    with pytest.raises(ModelError, match="cannot tell the model's format"):
        load(constant_model(tmp_path / "odd.onnx", {"o": np.zeros((1, 7, 9))}))
    with pytest.raises(ModelError, match=r"none of .* labels is known"):
        load(made(tmp_path, "yolov8", names="{0: 'cup', 1: 'fork'}"))
    with pytest.raises(ModelError, match="label metadata cannot be read"):
        load(made(tmp_path, "yolov8", names="__import__('os')"))
    with pytest.raises(ModelError, match="holds no labels"):
        (tmp_path / "empty.txt").write_text("\n")
        read_labels(tmp_path / "empty.txt")
    with pytest.raises(ModelError, match="labels cannot be read"):
        read_labels(tmp_path / "absent.txt")


def test_a_pt_file_without_the_extra_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    (tmp_path / "m.pt").write_bytes(b"")
    with pytest.raises(ModelError, match=r"pip install 'camera-hub\[ultralytics\]'"):
        load(tmp_path / "m.pt")


def test_the_bundled_model_is_the_one_of_its_card():
    card = (BUNDLED.parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(BUNDLED.read_bytes()).hexdigest() in card


@pytest.fixture(scope="module")
def bundled():
    return load()


@pytest.mark.parametrize("size", [(1, 1), (33, 47), (320, 320), (180, 320), (1080, 1920), (720, 200)])
def test_the_bundled_model_takes_any_size(bundled, size):
    random = np.random.default_rng(1)
    for found in bundled.detect(random.integers(0, 256, (*size, 3)).astype(np.uint8)):
        assert isinstance(found.box, Box)
        assert 0 <= found.box.x0 < found.box.x1 <= 1
        assert 0.3 <= found.score <= 1


def test_the_bundled_model_sees_nothing_in_an_empty_picture(bundled):
    assert bundled.detect(np.full((288, 512, 3), 114, np.uint8)) == []


@pytest.mark.footage
def test_the_bundled_model_finds_people_in_a_real_recording(bundled, vtest):
    import cv2

    reader = cv2.VideoCapture(str(vtest))
    ok, picture = reader.read()
    assert ok
    people = [d for d in bundled.detect(picture[..., ::-1].copy()) if d.label == "person"]
    assert len(people) >= 3
    assert all(d.box.y1 - d.box.y0 > d.box.x1 - d.box.x0 for d in people)

"""The ultralytics extra, for real: `make test-ultralytics` runs this in an environment of its own.

A network with random weights is enough to prove the way in and out; no weights are fetched.
"""

import numpy as np
import pytest

from detectors.facts import ModelError
from detectors.labels import COCO
from detectors.objects import load
from tests.conftest import missing

pytestmark = [
    pytest.mark.ultralytics,
    pytest.mark.filterwarnings("default"),  # torch and ultralytics warn at import and export
]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A YOLO11-nano with random weights, and the folder its files go to."""
    try:
        import ultralytics
    except ImportError as why:
        missing("the ultralytics package", f"{why}; run make test-ultralytics (several GB, AGPL-3.0)")
    folder = tmp_path_factory.mktemp("yolo")
    made = ultralytics.YOLO("yolo11n.yaml")
    made.model.names = dict(enumerate(COCO))  # a network made from its plan numbers its classes only
    # random weights are never sure of anything: the classes' bias is raised until some boxes come out
    for convolutions in made.model.model[-1].cv3:
        convolutions[-1].bias.data.fill_(0.0)
    made.save(folder / "random.pt")
    return folder


@pytest.fixture
def picture():
    return np.random.default_rng(1).integers(0, 256, (288, 512, 3)).astype(np.uint8)


def test_a_pt_file_is_read(model, picture):
    detector = load(model / "random.pt")
    assert detector.name == "random/ultralytics"
    found = detector.detect(picture)
    assert found
    for one in found:
        assert one.score >= 0.3
        assert 0 <= one.box.x0 <= one.box.x1 <= 1
        assert 0 <= one.box.y0 <= one.box.y1 <= 1


def test_only_labels_with_a_group_come_out(model, picture):
    assert {d.label for d in load(model / "random.pt").detect(picture)} <= {
        *("person", "bicycle", "car", "motorcycle", "bus", "truck"),
        *("bird", "cat", "dog", "horse", "sheep", "cow"),
    }


def test_junk_is_refused(model):
    (model / "junk.pt").write_bytes(b"junk")
    with pytest.raises(ModelError, match="cannot be read by ultralytics"):
        load(model / "junk.pt")


def test_its_onnx_export_is_read_by_our_own_decoder(model, picture):
    import ultralytics

    exported = ultralytics.YOLO(model / "random.pt").export(format="onnx", imgsz=(288, 512), simplify=False)
    ours = load(model / "random.onnx")
    assert str(exported).endswith("random.onnx")
    assert ours.name == "random/yolov8"
    theirs, mine = load(model / "random.pt").detect(picture), ours.detect(picture)
    assert theirs
    assert mine
    assert mine[0].label == theirs[0].label
    assert mine[0].score == pytest.approx(theirs[0].score, abs=0.02)

"""Labels and groups."""

import pytest

from detectors import labels
from registry.model import LabelGroup


def test_groups_are_the_registrys():
    assert set(labels.GROUPS) == {group.value for group in LabelGroup}


def test_coco_has_its_eighty_classes_in_order():
    assert len(labels.COCO) == len(set(labels.COCO)) == 80
    assert [labels.COCO[i] for i in (0, 1, 2, 16, 79)] == ["person", "bicycle", "car", "dog", "toothbrush"]


@pytest.mark.parametrize(
    ("label", "group"),
    [
        ("person", "person"),
        ("motorcycle", "two_wheeler"),
        ("Truck", "vehicle"),
        ("cow", "animal"),
        ("chair", "unknown"),
    ],
)
def test_group_of(label, group):
    assert labels.group_of(label) == group


def test_only_labels_with_a_group_are_kept():
    assert [labels.COCO[i] for i in labels.kept(labels.COCO)] == [
        *("person", "bicycle", "car", "motorcycle", "bus", "truck"),
        *("bird", "cat", "dog", "horse", "sheep", "cow"),
    ]

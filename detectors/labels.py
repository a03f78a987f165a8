"""What a detector's words mean here: the labels worth keeping and the groups people search by.

Group names are those of the registry's LabelGroup; a label outside the table belongs to no group and is dropped before
the detector's top scores are taken, so that a chair never pushes out a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PERSON = "person"
TWO_WHEELER = "two_wheeler"
VEHICLE = "vehicle"
ANIMAL = "animal"
UNKNOWN = "unknown"
GROUPS = (PERSON, TWO_WHEELER, VEHICLE, ANIMAL, UNKNOWN)

_MEMBERS: Mapping[str, tuple[str, ...]] = {
    PERSON: ("person", "pedestrian", "people"),
    TWO_WHEELER: ("bicycle", "motorcycle", "motorbike", "tricycle", "scooter", "rider", "cyclist"),
    VEHICLE: ("car", "bus", "truck", "van", "tractor"),
    ANIMAL: ("animal", "bird", "cat", "dog", "horse", "sheep", "cow", "pig", "goat"),
}
_GROUP_OF: Mapping[str, str] = {label: group for group, labels in _MEMBERS.items() for label in labels}

COCO: tuple[str, ...] = tuple(
    """person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,
bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,
snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,
knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,
dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,
vase,scissors,teddy bear,hair drier,toothbrush""".replace("\n", "").split(",")
)
"""The 80 classes of COCO in the order detectors are trained with."""


def group_of(label: str) -> str:
    """The group a label belongs to; `unknown` for a label of no group."""
    return _GROUP_OF.get(label.lower(), UNKNOWN)


def kept(labels: Sequence[str]) -> tuple[int, ...]:
    """Which class numbers of a model are worth keeping: those whose label has a group."""
    return tuple(i for i, label in enumerate(labels) if group_of(label) != UNKNOWN)

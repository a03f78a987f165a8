"""What the hub refuses to know of people, by its name (L11)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from detectors.labels import COCO
from registry import events, forbidden
from tests.registry.county import County, change

REFUSED = (
    "face",
    "Human face",
    "FaceID",
    "face_recognition_v2",
    "retinaface_r50/yolov8",
    "gait",
    "gait-signature",
    "re-id",
    "ReID",
    "person_reid",
    "re_identification",
    "emotion:angry",
    "facial_expression",
    "ethnicity",
    "ethnic group",
    "race",
    "skin colour",
    "人脸",
    "步态",
    "行人重识别",
    "情绪",
    "民族",
)
FREE = (
    "person",
    "surface",
    "typeface",
    "brace",
    "trace",
    "preidentical",
    "grid",
    "hybrid",
    "interface",
    "sheep",
    "人",
    "三轮车",
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_tells_people_apart_is_named(text: str) -> None:
    assert forbidden.named(("person", text)) == text


def test_what_a_village_needs_is_not() -> None:
    assert forbidden.named((*FREE, *COCO, "centernet_mbv3/centernet")) is None


@pytest.mark.parametrize("told", [{"label": "face"}, {"label": "emotion"}, {"model": "gait_net/yolov8"}])
async def test_an_event_of_it_is_refused_and_its_picture_goes(county: County, told: dict[str, str]) -> None:
    camera = await county.camera()
    key = f"snapshots/2026-11-23/{uuid4()}-0.jpg"
    bad = change(camera, snapshot=key, snapshot_bytes=4, **told)
    good = change(camera)
    refused, kept = await events.record(county.store, [bad, good])
    assert (refused.event, refused.refused, refused.discard) == (None, "forbidden", (("hub", key),))
    assert kept.refused is None

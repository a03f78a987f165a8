"""Settings that belong together: the detector's model, mail, recording, travel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from registry.policy import Days, OfVideo
from registry.recordings.model import RecordMode, RecordStream

BY_LAW = OfVideo[Days | None](public=None, social=None, civilian=None)


class ModelSettings(BaseModel):
    """Which detector model to use."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    path: Path | None = None
    """Model file; empty: the bundled CenterNet. `.onnx`, or `.pt` with the ultralytics extra (trusted files only)."""
    format: str = Field("auto", pattern="^(auto|centernet|yolox|yolov8|yolo_end2end|ultralytics)$")
    """How its outputs are read; auto looks at names and shapes and refuses what it does not know."""
    labels: Path | None = None
    """One label a line; empty: from the model's metadata, else COCO's 80."""


class SmtpSettings(BaseModel):
    """The mail server that alerts are sent through."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = Field(min_length=1, max_length=253)
    """Its name or address."""
    port: int = Field(587, ge=1, le=65535)
    """587 with starttls, 465 with tls, 25 with none."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """none only inside a closed network: name and password would travel in the clear."""
    username: str = ""
    """Empty: no sign-in."""
    password: SecretStr = SecretStr("")
    """Its password; better as the variable HUB_SMTP__PASSWORD than in this file."""
    sender: str = Field(pattern=r"^[^\s<>@,;]+@[^\s<>@,;]+$", max_length=254)
    """The address alerts come from."""


class RecordingSettings(BaseModel):
    """What is recorded and how long it is kept. A camera's own setting goes before its kind's."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    mode: OfVideo[RecordMode] = OfVideo[RecordMode](
        public=RecordMode.CONTINUOUS, social=RecordMode.CONTINUOUS, civilian=RecordMode.ON_EVENT
    )
    """continuous, on_event or none, for each kind of camera."""
    stream: OfVideo[RecordStream] = OfVideo[RecordStream](
        public=RecordStream.SUB, social=RecordStream.SUB, civilian=RecordStream.SUB
    )
    """sub, main or both; a camera with one stream has that recorded."""
    days: OfVideo[Days | None] = BY_LAW
    """Recordings older than this go, unless they are held for a case. Empty: as the policy has it, which bounds it."""
    quota_gb: float = Field(200.0, gt=0)
    """Beyond this the oldest recordings go, whatever their age, unless they are held."""
    pre_s: float = Field(5.0, ge=0, le=30)
    """On event: recorded from this long before it."""
    post_s: float = Field(10.0, ge=1, le=300)
    """On event: recorded until this long after it."""
    segment_s: float = Field(60.0, ge=5, le=600)
    """Length of a file; what a damaged disk takes at once."""
    still_minutes: int = Field(10, ge=0, le=60)
    """Of every camera that may be recorded a small picture is kept this often, for finding a moment; 0: none."""
    stills_gb: float = Field(20.0, gt=0)
    """Beyond this the oldest small pictures go, unless they are held."""

    @field_validator("mode", "stream", "days", mode="before")
    @classmethod
    def _the_rest_as_it_is(cls, told: object, info: ValidationInfo) -> object:
        """What is said of one kind of camera says nothing of the others."""
        if not isinstance(told, dict):
            return told
        return cls.model_fields[str(info.field_name)].default.model_dump() | told


class TravelSettings(BaseModel):
    """How fast one gets along on village roads, in km/h: what is near a scene, and how long a way takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    foot_kmh: float = Field(5.0, ge=1, le=20)
    """On foot."""
    ebike_kmh: float = Field(20.0, ge=5, le=80)
    """By e-bike."""
    van_kmh: float = Field(40.0, ge=5, le=150)
    """By van or car."""

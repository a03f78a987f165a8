"""The detector that the settings name; one that is made to tell people apart is refused (L11)."""

from __future__ import annotations

from camera_hub.settings import Settings
from detectors import objects
from detectors.facts import ModelError
from detectors.objects import Detector
from registry import forbidden
from registry.errors import Invalid


def load(settings: Settings) -> Detector:
    """Load it; blocking. Raises Invalid (model, model_forbidden) with what to do."""
    model = settings.model
    try:
        detector = objects.load(model.path, model.format, model.labels)
    except ModelError as err:
        raise Invalid(f"the detector model cannot be used: {err}", code="model") from err
    found = forbidden.named((detector.name, *detector.labels))
    if found is not None:
        raise Invalid(
            f"the detector model names {found!r}: a model that looks at faces, gait, emotion or ethnicity is not used "
            "here (law, docs/law.md L11); set model.path to one without it, or leave it empty for the bundled one",
            code="model_forbidden",
            label=found,
        )
    return detector

"""Objects through the `ultralytics` package, an extra of its own licence (AGPL-3.0): for models only it can read.

The package is imported when a detector is made, never at start. A `.pt` file is a pickle and runs code when loaded:
give trusted files only.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from detectors import labels as words
from detectors.facts import Box, Detection, ModelError, Rgb
from detectors.geometry import clip
from detectors.objects import LEAST_SCORE


class UltralyticsDetector:
    """A detector of any model file `ultralytics.YOLO` loads, on the CPU."""

    def __init__(self, path: Path, labels: Sequence[str] | None = None) -> None:
        # a camera hub neither downloads weights nor installs packages by itself
        os.environ.setdefault("YOLO_OFFLINE", "true")
        os.environ.setdefault("YOLO_AUTOINSTALL", "false")
        try:
            import ultralytics  # noqa: PLC0415 -- an extra, imported when asked for
        except ImportError as err:
            raise ModelError(
                f"{path.name} needs the ultralytics package (AGPL-3.0): pip install 'camera-hub[ultralytics]'"
            ) from err
        try:
            self._model = ultralytics.YOLO(str(path), task="detect")
            names: dict[int, str] = self._model.names
        except Exception as err:  # torch and pickle raise anything for a file that is no model
            raise ModelError(f"{path} cannot be read by ultralytics: {err}") from err
        self.labels = tuple(labels) if labels else tuple(names[i] for i in range(len(names)))
        self._kept = list(words.kept(self.labels))
        if not self._kept:
            raise ModelError(f"none of {path.name}'s labels is known: {', '.join(self.labels[:8])}…; set model.labels")
        self.name = f"{path.stem}/ultralytics"

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Boxes in shares of this picture, best score first; only labels that have a group."""
        picture = rgb[..., ::-1].copy()  # ultralytics takes arrays as BGR, as OpenCV reads them
        answer = self._model.predict(picture, conf=LEAST_SCORE, classes=self._kept, device="cpu", verbose=False)[0]
        found = [
            Detection(self.labels[int(number)], float(score), clip(Box(*(float(v) for v in box))))
            for box, score, number in zip(
                answer.boxes.xyxyn.tolist(), answer.boxes.conf.tolist(), answer.boxes.cls.tolist(), strict=True
            )
        ]
        return sorted(found, key=lambda d: -d.score)

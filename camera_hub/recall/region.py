"""A region that is asked about, as cells."""

from __future__ import annotations

import numpy as np

from detectors.cells import Rows, every, touched
from registry.motion import Region


def cells_of(region: Region) -> Rows:
    """The cells of a region: those it names, those its outline touches, or all."""
    if region.rows is not None:
        return np.array(region.rows, np.uint32)
    return every() if region.outline is None else touched([region.outline])

"""The motion index as the registry knows it: what is asked of it, who may ask, what explains its gaps, what is kept.

The index itself is files (`camera_hub.recall`); it holds which cells of a camera's picture moved in which second.
"""

from registry.motion.asking import ChangesQuery, DensityQuery, MotionSearch, Moved, Region
from registry.motion.explaining import explained
from registry.motion.lawful import Seen, visible
from registry.motion.model import Stretch, Unwatched, Why
from registry.motion.telling import Named, named, on_record
from registry.motion.watch import LATE, Dark, Watch, Watches, unwatched

__all__ = [
    "LATE",
    "ChangesQuery",
    "Dark",
    "DensityQuery",
    "MotionSearch",
    "Moved",
    "Named",
    "Region",
    "Seen",
    "Stretch",
    "Unwatched",
    "Watch",
    "Watches",
    "Why",
    "explained",
    "named",
    "on_record",
    "unwatched",
    "visible",
]

"""What is wrong with a machine, in words, with what to do: one function a check, each asking the real thing.

Nothing is changed: no data directory, database or key is made, and the hub may run meanwhile.
"""

from camera_hub.doctor.examination import CHECKS, examine
from camera_hub.doctor.finding import Finding, Verdict

__all__ = ["CHECKS", "Finding", "Verdict", "examine"]

"""What people send in: its files (`quarantine`), and their way from the first piece to their end (`intake`)."""

from camera_hub.uploads.intake import Intake, Progress
from camera_hub.uploads.quarantine import PICTURE, Quarantine, faults_of, picture_name

__all__ = ["PICTURE", "Intake", "Progress", "Quarantine", "faults_of", "picture_name"]

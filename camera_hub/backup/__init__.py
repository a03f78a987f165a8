"""A backup: the registry's rows and the pictures they name, in one folder that can be proved whole.

`make` writes one from a running hub, `Archive` opens and verifies one, `restore` puts one into an empty place.
"""

from camera_hub.backup.archive import Archive
from camera_hub.backup.making import Made, make
from camera_hub.backup.restoring import Restored, restore

__all__ = ["Archive", "Made", "Restored", "make", "restore"]

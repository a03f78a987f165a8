"""Every setting: `configs/hub.yml` documents them, `HUB_*` variables override, `HUB_*_FILE` name secret files."""

from camera_hub.settings.groups import ModelSettings, RecordingSettings, SmtpSettings
from camera_hub.settings.hub import Origin, Settings
from camera_hub.settings.loading import SECRETS, load

__all__ = ["SECRETS", "ModelSettings", "Origin", "RecordingSettings", "Settings", "SmtpSettings", "load"]

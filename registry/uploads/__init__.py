"""What people send in for a case, by a link and without an account, and what an officer makes of it."""

from registry.uploads.accepted import (
    CLOCK_PHOTO,
    FILE,
    FOLDER,
    AcceptedUpload,
    Certificate,
    ClockReading,
    accepted,
)
from registry.uploads.given import MOST_FILES, AskedClip, GivenUpload, Giving, NewUpload
from registry.uploads.giving import arrived, begin, begun, clock_photo, give_up, open_upload, view
from registry.uploads.judging import Acceptance, NewClock, Refused, accept, decline, examined, look, read_clock
from registry.uploads.keeping import Due, Kept, due, existing, kept, kept_in, purged, unfinished
from registry.uploads.model import Examined, Refusal, Upload, UploadState, Verdict, list_uploads, still

__all__ = [
    "CLOCK_PHOTO",
    "FILE",
    "FOLDER",
    "MOST_FILES",
    "Acceptance",
    "AcceptedUpload",
    "AskedClip",
    "Certificate",
    "ClockReading",
    "Due",
    "Examined",
    "GivenUpload",
    "Giving",
    "Kept",
    "NewClock",
    "NewUpload",
    "Refusal",
    "Refused",
    "Upload",
    "UploadState",
    "Verdict",
    "accept",
    "accepted",
    "arrived",
    "begin",
    "begun",
    "clock_photo",
    "decline",
    "due",
    "examined",
    "existing",
    "give_up",
    "kept",
    "kept_in",
    "list_uploads",
    "look",
    "open_upload",
    "purged",
    "read_clock",
    "still",
    "unfinished",
    "view",
]

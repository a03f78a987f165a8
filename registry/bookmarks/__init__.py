"""Bookmarks (书签): moments of cameras that matter to a case, with a picture; never edited, only superseded."""

from registry.bookmarks.expiring import expire
from registry.bookmarks.keeping import add, reckoned, require, supersede
from registry.bookmarks.model import (
    Bookmark,
    BookmarkKind,
    Confidence,
    MarkedUpload,
    NewBookmark,
    NewVersion,
    Source,
    Still,
    Subject,
    UploadSubject,
)
from registry.bookmarks.reading import (
    BookmarkList,
    abouts,
    list_bookmarks,
    named,
    of_case,
    still_of,
    stills_of,
    stills_still,
    under,
)

__all__ = [
    "Bookmark",
    "BookmarkKind",
    "BookmarkList",
    "Confidence",
    "MarkedUpload",
    "NewBookmark",
    "NewVersion",
    "Source",
    "Still",
    "Subject",
    "UploadSubject",
    "abouts",
    "add",
    "expire",
    "list_bookmarks",
    "named",
    "of_case",
    "reckoned",
    "require",
    "still_of",
    "stills_of",
    "stills_still",
    "supersede",
    "under",
]

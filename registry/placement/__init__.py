"""Where a camera stands by law (L1–L3): what must be known before it is pulled, its filing, its sign.

`standing` is the rules, `keeping` the rows, `filings` the list of what is missing or late.
"""

from registry.placement.filings import Filed, Wanting, exported, list_filings
from registry.placement.keeping import PlacementChange, SignFile, begin, change, get, keep_sign, moved, named, sign_of
from registry.placement.notice import Notice, notice
from registry.placement.standing import RULED, FilingState, Lack, Placement, halted

__all__ = [
    "RULED",
    "Filed",
    "FilingState",
    "Lack",
    "Notice",
    "Placement",
    "PlacementChange",
    "SignFile",
    "Wanting",
    "begin",
    "change",
    "exported",
    "get",
    "halted",
    "keep_sign",
    "list_filings",
    "moved",
    "named",
    "notice",
    "sign_of",
]

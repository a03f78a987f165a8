"""Where a camera stands by law (L1–L3): what must be known before it is pulled, its filing, its sign.

`standing` is the rules, `keeping` the rows, `filings` the list of what is missing or late.
"""

from registry.placement.filings import Filed, Wanting, exported, list_filings
from registry.placement.keeping import (
    BLANK,
    TOLD,
    PlacementChange,
    SignFile,
    begin,
    change,
    get,
    keep_sign,
    moved,
    named,
    settled,
    sign_of,
    write_all,
)
from registry.placement.notice import Notice, notice
from registry.placement.standing import RULED, FilingState, Lack, Placement, halted

__all__ = [
    "BLANK",
    "RULED",
    "TOLD",
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
    "settled",
    "sign_of",
    "write_all",
]

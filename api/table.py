"""Tables that Excel in China opens as they are: CSV in UTF-8 with a BOM, and no text that it takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

BOM = "\ufeff".encode()
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may read as the begin of a formula, full-width forms too."""


def harmless(text: str) -> str:
    """Text that no spreadsheet reads as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def rows(those: Iterable[Iterable[object]]) -> bytes:
    """Rows as CSV, as they are: see `harmless`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(those)
    return text.getvalue().encode()

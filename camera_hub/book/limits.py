"""What a file of the book may be, at most; read by the hub and by the process that opens files for it."""

from __future__ import annotations

FILE_BYTES = 20 * 2**20
ROWS = 20_000
COLUMNS = 64
CELL_CHARACTERS = 1_000
TEXT_CHARACTERS = 32 * 2**20
"""Of all cells together: in a workbook one text can stand in a million cells and take the file a few bytes."""
HEADER_WITHIN = 10
"""The headings stand in one of the first rows; a title, a date, a unit's name may stand above."""

UNPACKED_BYTES = 200 * 2**20
"""Of all parts of a workbook together, as its directory says; 20,000 full rows are about 60 MB of XML."""
UNPACKED_RATIO = 200
"""Of one part to its packed size. Sheets full of the same words reach 40; a bomb has 1,000."""
PARTS = 2_000

READER_MEMORY_BYTES = 2**30
READER_SECONDS = 30

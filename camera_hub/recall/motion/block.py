"""A sealed day: one file of streams that are each compressed by themselves, so that a question reads what it touches.

Header (magic, day's beginning and length, the lengths of 22 streams, CRC-32), the streams, SHA-256 of all before it.
Streams: spans, views, motion by minute, cells by hour, then the 18 rows of cells. A row's stream is the seconds in
which it was not dark, as differences split into three planes of bytes, and its cells. Each stream ends with zlib's
Adler-32, so that whatever is read is checked; the digest is for who checks the whole. The same day, the same bytes.
"""

from __future__ import annotations

import hashlib
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.motion.days import HOUR, MINUTE, Day
from camera_hub.recall.motion.record import Seen, Span, View
from detectors.cells import COLUMNS, ROWS
from registry.errors import Corrupt

_MAGIC = b"VMI1"
_STREAMS = 4 + ROWS
_HEAD = struct.Struct(f"<4sII{_STREAMS}I")
_CRC = struct.Struct("<I")
_BODY = _HEAD.size + _CRC.size
_DIGEST = 32
_SPAN = np.dtype([("since", "<u4"), ("until", "<u4"), ("seen", "<u4"), ("scene", "<u4"), ("view", "<u4")])
_LEVEL = 6
_LONGEST = 30 * HOUR
_MOST = 64 << 20
"""A stream that wants to be larger than this when unpacked is none of ours."""


def seal(day: Day, begin: int) -> bytes:
    """The block of a day that began at a second since 1970."""
    spans = np.array([(s.since, s.until, s.seen, s.scene, s.view) for s in day.spans], _SPAN)
    views = b"".join(struct.pack("<I", one.second) + one.hidden.astype("<u4").tobytes() for one in day.views)
    plain = [spans.tobytes(), views, day.minutes().tobytes(), _planes(day.hours().astype("<u2").view(np.uint8), 2)]
    plain += [_row(*day.row(number)) for number in range(ROWS)]
    packed = [zlib.compress(one, _LEVEL) if one else b"" for one in plain]
    head = _HEAD.pack(_MAGIC, begin, day.length, *map(len, packed))
    block = head + _CRC.pack(zlib.crc32(head)) + b"".join(packed)
    return block + hashlib.sha256(block).digest()


def _planes(octets: NDArray[np.uint8], width: int) -> bytes:
    """Bytes of numbers of `width` bytes, all first bytes before all second ones: they compress better so."""
    return octets.reshape(-1, width).T.tobytes()


def _row(seconds: NDArray[np.uint32], cells: NDArray[np.uint32]) -> bytes:
    if not len(seconds):
        return b""
    steps = np.diff(seconds, prepend=np.uint32(0)).astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3]
    return struct.pack("<I", len(seconds)) + steps.T.tobytes() + cells.astype("<u4").tobytes()


class Block:
    """A sealed day as it is read. Raises Corrupt, at once or by what is asked, where it is not what was written."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _BODY + _DIGEST:
            raise damaged("it is cut off")
        magic, self.begin, self.length, *lengths = _HEAD.unpack_from(data)
        if magic != _MAGIC or _CRC.unpack_from(data, _HEAD.size)[0] != zlib.crc32(data[: _HEAD.size]):
            raise damaged("its header is not what was written")
        if sum(lengths) != len(data) - _BODY - _DIGEST or not 0 < self.length <= _LONGEST:
            raise damaged("its length is not what was written")
        self._data = data
        self._ends = np.cumsum([_BODY, *lengths]).tolist()

    def verify(self) -> None:
        """Compare the whole with its digest. Raises Corrupt."""
        if hashlib.sha256(self._data[:-_DIGEST]).digest() != self._data[-_DIGEST:]:
            raise damaged("its digest is another")

    @property
    def spans(self) -> tuple[Span, ...]:
        """How the day was watched."""
        return tuple(
            Span(since, until, Seen(seen), scene, view)
            for since, until, seen, scene, view in np.frombuffer(self._stream(0), _SPAN).tolist()
        )

    @property
    def views(self) -> tuple[View, ...]:
        """Which cells masks kept dark."""
        told = np.frombuffer(self._stream(1), "<u4").reshape(-1, 1 + ROWS)
        return tuple(View(int(one[0]), one[1:].astype(np.uint32)) for one in told)

    def minutes(self) -> NDArray[np.uint8]:
        """In how many seconds of each minute anything moved."""
        return self._sized(2, -(-self.length // MINUTE))

    def hours(self) -> NDArray[np.uint16]:
        """In how many seconds of each hour each cell was on, [hours, 576]."""
        hours, cells = -(-self.length // HOUR), ROWS * COLUMNS
        planes = self._sized(3, 2 * hours * cells).reshape(2, hours, cells)
        found: NDArray[np.uint16] = planes[0].astype(np.uint16) | planes[1].astype(np.uint16) << np.uint16(8)
        return found

    def row(self, number: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The seconds in which a row of cells was not dark, and its cells."""
        data = self._stream(4 + number)
        if not data:
            return np.zeros(0, np.uint32), np.zeros(0, np.uint32)
        (many,) = struct.unpack_from("<I", data)
        planes = np.frombuffer(data, np.uint8, 3 * many, 4).reshape(3, many).astype(np.uint32)
        steps = planes[0] | planes[1] << np.uint32(8) | planes[2] << np.uint32(16)
        return np.cumsum(steps, dtype=np.uint32), np.frombuffer(data, "<u4", many, 4 + 3 * many)

    def day(self) -> Day:
        """All of it."""
        self.verify()
        grid = np.zeros((self.length, ROWS), np.uint32)
        for number in range(ROWS):
            seconds, cells = self.row(number)
            grid[seconds, number] = cells
        lit = np.flatnonzero(grid.any(axis=1))
        return Day(self.length, lit.astype(np.uint32), grid[lit], self.spans, self.views)

    def _sized(self, number: int, size: int) -> NDArray[np.uint8]:
        """A stream whose size the day's length gives."""
        data = self._stream(number)
        if len(data) != size:
            raise damaged("a stream has another size")
        return np.frombuffer(data, np.uint8)

    def _stream(self, number: int) -> bytes:
        packed = self._data[self._ends[number] : self._ends[number + 1]]
        if not packed:
            return b""
        try:
            unpacking = zlib.decompressobj()
            plain = unpacking.decompress(packed, _MOST)
        except zlib.error as err:
            raise damaged("a stream is not what was written") from err
        if not unpacking.eof or unpacking.unused_data:
            raise damaged("a stream is cut off")
        return plain


def damaged(how: str) -> Corrupt:
    """What is said of a day that is not what was written, and how."""
    return Corrupt(
        f"a day of the motion index is damaged: {how}; camera-hub check names the file", code="motion_damaged"
    )

"""SOAP answers of boxes nobody vouches for, read without trusting them.

SOAP 1.2 (part 1, section 5) forbids a DTD, so any is refused: no entity is ever declared, let alone expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers import expat

LONGEST = 65_536
_MOST_ELEMENTS = 2_000
_DEEPEST = 32
_LONGEST_TEXT = 8_192


def texts(raw: bytes) -> Iterator[tuple[str, str]]:
    """(local name, text) of every element, in the order in which they end: children before the element around them.

    Raises ValueError for what is no XML, larger than a SOAP message has reason to be, or has a DTD.
    """
    if len(raw) > LONGEST:
        raise ValueError("the answer is too large")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(raw, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as err:
        raise ValueError("the answer is no XML") from err
    yield from reader.found


class _Reader:
    """Collects the texts of one document."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._open: list[list[str]] = []
        self._length = 0

    def doctype(self, *_: object) -> None:
        raise ValueError("the answer has a DTD")

    def start(self, _name: str, _attributes: object) -> None:
        self._open.append([])
        self._length = 0
        if len(self._open) > _DEEPEST or len(self.found) > _MOST_ELEMENTS:
            raise ValueError("the answer has too many elements")

    def text(self, text: str) -> None:
        self._length += len(text)
        if self._length > _LONGEST_TEXT:
            raise ValueError("a text of the answer is too long")
        self._open[-1].append(text)

    def end(self, name: str) -> None:
        self.found.append((name.rpartition(" ")[2], "".join(self._open.pop()).strip()))
        self._length = 0

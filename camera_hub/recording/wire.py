"""Messages between the hub and its decoder: a line of JSON with the length of the bytes that follow it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

LINE_BYTES = 1 << 20
BODY_BYTES = 64 << 20
"""A keyframe, or a picture."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, and the bytes that go with it."""

    head: dict[str, Any]
    body: bytes = field(default=b"", repr=False)

    def encoded(self) -> bytes:
        """As it travels."""
        return json.dumps({**self.head, "body_bytes": len(self.body)}).encode() + b"\n" + self.body


def length(line: bytes) -> tuple[dict[str, Any], int]:
    """A message's head, and how many bytes follow. Raises ValueError for what is none."""
    head = json.loads(line)
    if not isinstance(head, dict) or not 0 <= (size := int(head.pop("body_bytes", -1))) <= BODY_BYTES:
        raise ValueError("this is no message")
    return head, size


def split(body: bytes, sizes: Iterable[int]) -> list[bytes]:
    """A body that is several pieces, one after the other."""
    ends = list(itertools.accumulate(sizes))
    return [body[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def read(stream: BinaryIO) -> Message | None:
    """The next message; None at the end of the stream."""
    line = stream.readline(LINE_BYTES)
    if not line:
        return None
    head, size = length(line)
    return Message(head, stream.read(size))


def write(stream: BinaryIO, message: Message) -> None:
    """Send a message now."""
    stream.write(message.encoded())
    stream.flush()

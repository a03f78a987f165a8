"""What a viewer's socket and its client say to each other, and how that is framed.

The server writes its frames itself, many at a time: a wall gets some hundred a second, and the same bytes go to all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from camera_hub.live.piece import Form, Piece, Told, Why
from registry.inputs import Input
from registry.model import Stream

VERSION = 1
TILES = 25
"""Open tiles of one socket."""
_TEXT, _BINARY = 0x81, 0x82
_SHORT, _LONG = 126, 1 << 16


class Shown(Input):
    """A camera to show in a tile; what the tile showed before ends."""

    tile: int = Field(ge=0, le=255)
    camera: UUID
    stream: Stream = "sub"
    form: Form = "video"
    """`preview`: pictures, for a browser that plays no H.264."""


class OpenTile(Shown):
    """Show a camera in a tile."""

    op: Literal["open"]


class ShowTiles(Input):
    """Show many cameras at once, each in a tile of its own."""

    op: Literal["show"]
    tiles: tuple[Shown, ...] = Field(min_length=1, max_length=TILES)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({one.tile for one in self.tiles}) != len(self.tiles):
            raise PydanticCustomError("tiles", "name each tile once")
        return self


class CloseTile(Input):
    """Show nothing more in a tile."""

    op: Literal["close"]
    tile: int = Field(ge=0, le=255)


class Ping(Input):
    """Ask for the hub's clock; `t` comes back as it was given."""

    op: Literal["ping"]
    t: float = Field(allow_inf_nan=False)


Op = TypeAdapter[OpenTile | ShowTiles | CloseTile | Ping](
    Annotated[OpenTile | ShowTiles | CloseTile | Ping, Field(discriminator="op")]
)
ShownForm = Form | Literal["keyframes"]
ShownWhy = Why | Literal["slow"]


@dataclass(frozen=True, slots=True)
class StateMessage:
    """How a tile's camera stands; `ended`: it may be shown no more, `reason` is the problem's code.

    `stream` is the one that is shown. `form` is `keyframes` or `preview` with `why` `slow` while the link carries no
    more.
    """

    type: Literal["state"]
    tile: int
    state: str
    reason: str | None
    stream: Stream
    form: ShownForm | None = None
    why: ShownWhy | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class ClockMessage:
    """The frame that follows reached the hub at `taken` (ms since 1970) and has media time `at` (s)."""

    type: Literal["clock"]
    tile: int
    taken: int
    at: float


@dataclass(frozen=True, slots=True)
class LostMessage:
    """`count` frames were left out because the viewer is slow."""

    type: Literal["lost"]
    tile: int
    count: int


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """A message was refused; `code` is a problem's code."""

    type: Literal["error"]
    tile: int | None
    code: str


@dataclass(frozen=True, slots=True)
class PongMessage:
    """The hub's clock (ms since 1970)."""

    type: Literal["pong"]
    t: float
    now: int


Message = StateMessage | ClockMessage | LostMessage | ErrorMessage | PongMessage
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


def text(message: Message) -> bytes:
    """A message as a WebSocket frame."""
    data = _MESSAGE.dump_json(message, warnings="error")
    return _head(_TEXT, len(data)) + data


def binary(tile: int, piece: Piece) -> tuple[bytes, bytes]:
    """A piece as a WebSocket frame, in two parts so that its data is not copied: version, tile, kind, flags; data."""
    head = _head(_BINARY, len(piece.data) + 4)
    return head + bytes((VERSION, tile, piece.kind, int(piece.keyframe))), piece.data


def _head(kind: int, length: int) -> bytes:
    """RFC 6455, 5.2: a whole frame, not masked."""
    if length < _SHORT:
        return bytes((kind, length))
    if length < _LONG:
        return bytes((kind, _SHORT)) + length.to_bytes(2, "big")
    return bytes((kind, 127)) + length.to_bytes(8, "big")


def state(tile: int, told: Told, stream: Stream, form: ShownForm | None, why: ShownWhy | None) -> StateMessage:
    """How a tile stands, from what its camera's worker told."""
    return StateMessage(
        type="state",
        tile=tile,
        state=told.state.value,
        reason=told.reason.value if told.reason else None,
        stream=stream,
        form=form,
        why=why,
        codec=told.codec,
        width=told.width,
        height=told.height,
    )

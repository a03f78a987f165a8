"""Named wall screens: which are connected, what is pushed to them, and the socket through which a screen hears it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field, TypeAdapter

from api.routing import Needs, Routes
from api.sockets import open_socket, require_websocket
from api.visitor import Call, Look
from camera_hub.feed import Subscription
from camera_hub.screens import Pushed, Screen, Taken
from registry import screens
from registry.errors import Denied
from registry.inputs import Input, Name
from registry.permissions import Permission
from registry.walls import Layout

routes = Routes("screens")
ScreenName = Annotated[Name, Field(max_length=32)]


@dataclass(frozen=True, slots=True)
class ShownScreen:
    """A connected screen; `user` is the display name of who opened it."""

    name: str
    layout: str
    user: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ShownScreens:
    """The connected screens by name."""

    screens: tuple[ShownScreen, ...]


class AsScreen(Input):
    """How a browser becomes a screen: its layout, and whether it takes the name from who holds it."""

    layout: Layout = "9"
    take: bool = False


class NewPush(Input):
    """A camera to show on a screen, in a tile or where the screen has room."""

    camera_id: UUID
    tile: int | None = Field(None, ge=0, le=24)


@dataclass(frozen=True, slots=True)
class ShowMessage:
    """Show this camera; `by` is the display name of who pushed it."""

    type: Literal["show"]
    camera: UUID
    tile: int | None
    by: str


_MESSAGE = TypeAdapter(ShowMessage)


@routes.get("/screens", Permission.WATCH_LIVE)
async def list_screens(call: Call) -> ShownScreens:
    """The screens that are connected now."""
    return ShownScreens(
        tuple(
            ShownScreen(one.name, one.layout, one.access.actor.user.display_name, one.since)
            for one in call.hub.screens.all()
        )
    )


@routes.get(
    "/screens/{name}",
    Permission.WATCH_LIVE,
    needs=Needs.PURPOSE,
    raw="websocket",
    status=101,
    seconds=None,
    errors=(409, 426, 429),
)
async def be(look: Look, name: ScreenName, query: AsScreen) -> web.StreamResponse:
    """Be the screen of this name while the WebSocket is open.

    The server sends {"type":"show","camera":…,"tile":…,"by":…} and {"type":"ping"}. 409 `screen_taken` when another
    browser is this screen, unless `take`; the one that loses it is closed with 4403 `screen_taken`.
    """
    require_websocket(look.request)
    screen = Screen(name, query.layout, look.access, look.hub.store.clock())
    with look.hub.screens.hold(screen, take=query.take):
        return await open_socket(look, _Pushes(screen))


@routes.post("/screens/{name}/show", Permission.WATCH_LIVE, needs=Needs.PURPOSE, status=200, errors=(404, 409))
async def show(look: Look, name: ScreenName, body: NewPush) -> None:
    """Push a camera to a screen. 404 `screen_unknown`; 409 `screen_may_not` when its user may not watch the camera."""
    screen = look.hub.screens.get(name)
    await screens.push(look.hub.store, look.access, screen.access, body.camera_id, name)
    screen.pushed.offer(Pushed(body.camera_id, body.tile, look.actor.user.display_name))


class _Pushes:
    """What is pushed to one screen."""

    permission = Permission.WATCH_LIVE

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    async def begin(self, look: Look) -> None:
        await screens.opened(look.hub.store, look.access, self._screen.name)

    def listen(self) -> AbstractContextManager[Subscription[Pushed | Taken]]:
        return nullcontext(self._screen.pushed)

    async def message(self, look: Look, item: Pushed | Taken) -> tuple[str, UUID] | None:
        del look
        if isinstance(item, Taken):
            raise Denied("another browser is this screen now", code="screen_taken")
        text = _MESSAGE.dump_json(ShowMessage("show", item.camera_id, item.tile, item.by), warnings="error").decode()
        return text, item.camera_id

    async def count(self, look: Look, cameras: list[UUID], count: int) -> None:
        """Nothing: each push is on record by who pushed it, and each camera when the screen opens it."""

"""Scenes: a camera's masks, zones, lines and rules, in revisions."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from api.routing import Routes
from api.visitor import Call
from registry import scenes
from registry.inputs import Input
from registry.permissions import Permission
from registry.scenes import Scene, SceneAt

routes = Routes("scenes")


class ScenePut(Input):
    """A whole new scene; `expected_revision` is the one it was made from, null to replace whatever is there.

    `approval_id` is needed where its masks hide less than those in force.
    """

    scene: Scene
    expected_revision: int | None = Field(None, ge=0, lt=2**31)
    approval_id: UUID | None = None


class SceneQuery(Input):
    """Which scene: the one in force unless a revision is named."""

    revision: int | None = Field(None, ge=0, lt=2**31)


@routes.get("/cameras/{camera_id}/scene", Permission.SEE_CAMERAS)
async def get(call: Call, camera_id: UUID, query: SceneQuery) -> SceneAt:
    """The scene in force, or that of a revision, as an event names it; revision 0 is the default one."""
    return await scenes.get(call.hub.store, camera_id, query.revision, scope=call.scope)


@routes.put("/cameras/{camera_id}/scene", Permission.REGISTER)
async def put(call: Call, camera_id: UUID, body: ScenePut) -> SceneAt:
    """Replace the scene. 409 when somebody else changed it since `expected_revision`.

    403 `unmask_needs_approval` when its masks hide less than those in force: ask for an approval of kind `unmask`.
    """
    return await scenes.put(
        call.hub.store, camera_id, body.scene, call.actor, body.expected_revision, approval_id=body.approval_id
    )

"""The RTSP server of the sample cameras: run by Debian's /usr/bin/python3, whose GStreamer binding no venv has.

Reads one line of JSON on stdin, {"address": …, "mounts": [{"path", "clip", "auth", "username", "password"}]}; answers
one line on stdout, {"none": port, "basic": port, "digest": port}; then serves until stdin closes. Each mount plays its
clip for ever: at the wrap the pictures jump, and the timestamps go on. It imports nothing of the hub.
"""

from __future__ import annotations

import json
import struct
import sys
import threading
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402 - versions must be required first

UNIT = struct.Struct(">IB")
LAUNCH = {
    "h264": "appsrc name=units is-live=true format=time max-buffers=8 block=false "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={fps}/1 "
    "! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "hevc": "appsrc name=units is-live=true format=time max-buffers=8 block=false "
    "caps=video/x-h265,stream-format=byte-stream,alignment=au,framerate={fps}/1 "
    "! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96 config-interval=-1",
}


class Clip:
    """The access units of a clip file, in memory."""

    def __init__(self, path: str) -> None:
        with Path(path).open("rb") as file:
            head = json.loads(file.readline())
            self.codec, self.fps = str(head["codec"]), int(head["fps"])
            self.units: list[tuple[bool, bytes]] = []
            while mark := file.read(UNIT.size):
                length, keyframe = UNIT.unpack(mark)
                self.units.append((bool(keyframe), file.read(length)))


class Player:
    """Feeds one media's appsrc, as fast as it asks, with timestamps that never go back."""

    def __init__(self, clip: Clip, appsrc: Any) -> None:
        self.clip = clip
        self.next = 0
        appsrc.connect("need-data", self.push)

    def push(self, appsrc: Any, _length: int) -> None:
        """Push the next access unit."""
        keyframe, unit = self.clip.units[self.next % len(self.clip.units)]
        buffer = Gst.Buffer.new_wrapped(unit)
        buffer.pts = buffer.dts = self.next * Gst.SECOND // self.clip.fps
        buffer.duration = Gst.SECOND // self.clip.fps
        if not keyframe:
            buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
        self.next += 1
        appsrc.emit("push-buffer", buffer)


def factory_of(mount: dict[str, str], clips: dict[str, Clip]) -> Any:
    """A mount's media factory: one pipeline shared by all its clients."""
    if mount["clip"] not in clips:
        clips[mount["clip"]] = Clip(mount["clip"])
    clip = clips[mount["clip"]]
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch("( " + LAUNCH[clip.codec].format(fps=clip.fps) + " )")
    factory.set_shared(True)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP)

    def configure(_factory: Any, media: Any) -> None:
        appsrc = media.get_element().get_by_name_recurse_up("units")
        media.hub_player = Player(clip, appsrc)

    factory.connect("media-configure", configure)
    return factory


def server_of(method: str, mounts: list[dict[str, str]], address: str, clips: dict[str, Clip]) -> Any:
    """One server for one way to sign in; GStreamer sets authentication per server."""
    server = GstRtspServer.RTSPServer()
    server.set_address(address)
    server.set_service("0")
    if method != "none":
        auth = GstRtspServer.RTSPAuth()
        auth.set_supported_methods(getattr(GstRtsp.RTSPAuthMethod, method.upper()))
        for mount in mounts:
            token = GstRtspServer.RTSPToken()
            token.set_string("media.factory.role", mount["username"])
            if method == "digest":
                auth.add_digest(mount["username"], mount["password"], token)
            else:
                auth.add_basic(GstRtspServer.RTSPAuth.make_basic(mount["username"], mount["password"]), token)
        server.set_auth(auth)
    for mount in mounts:
        factory = factory_of(mount, clips)
        if method != "none":
            permissions = GstRtspServer.RTSPPermissions()
            permissions.add_permission_for_role(mount["username"], "media.factory.access", True)  # noqa: FBT003
            permissions.add_permission_for_role(mount["username"], "media.factory.construct", True)  # noqa: FBT003
            factory.set_permissions(permissions)
        server.get_mount_points().add_factory(mount["path"], factory)
    return server


def main() -> None:
    """Serve until stdin closes."""
    Gst.init(None)
    order = json.loads(sys.stdin.readline())
    clips: dict[str, Clip] = {}
    servers: list[Any] = []
    ports: dict[str, int] = {}
    for method in ("none", "basic", "digest"):
        mounts = [mount for mount in order["mounts"] if mount["auth"] == method]
        if mounts:
            server = server_of(method, mounts, order["address"], clips)
            server.attach(None)
            servers.append(server)
            ports[method] = server.get_bound_port()
    print(json.dumps(ports), flush=True)  # noqa: T201 - the answer
    loop = GLib.MainLoop()

    def until_stdin_closes() -> None:
        sys.stdin.read()
        GLib.idle_add(loop.quit)  # not at once: stdin may be closed before the loop runs, and it would run for ever

    threading.Thread(target=until_stdin_closes, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()

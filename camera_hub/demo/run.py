"""The demo: footage, sample cameras and a sample county around a real hub, until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from camera_hub.demo import county, footage, paperwork, studio, theft
from camera_hub.demo.clip import ClipHead
from camera_hub.demo.county import CAMERAS, Memory, SampleCamera
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.settings import Settings, load
from camera_hub.signs import Signs
from registry.errors import Conflict, Unavailable

Clips = dict[str, tuple[Path, ClipHead]]
Serve = Callable[[Settings, Callable[[str, Hub], Awaitable[None]]], Coroutine[None, None, None]]
"""Runs a hub with these settings until it is told to stop, and calls back once it answers."""


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo: its folder, its port, and the list of places its county is loaded from."""

    folder: Path
    port: int
    places_csv: Path
    console: Console

    def run(self, serve: Serve) -> None:
        """Prepare, serve, and clean up. Raises Conflict when the port is taken, Unavailable without an RTSP server."""
        require_free_port(self.port)
        self.folder.mkdir(parents=True, exist_ok=True)
        memory = Memory.of(self.folder)
        with_passwords = self._with_passwords()
        clips = self.clips()
        played = [one for one in CAMERAS if one.clip is not None and (with_passwords or not one.password)]
        mounts = {one.slug: _mount(one, clips, memory) for one in played}
        with SampleServer(list(mounts.values())) as server:
            urls = {slug: server.urls[mount.path] for slug, mount in mounts.items()}
            self.console.print(f"{len(mounts)} sample cameras play over RTSP ({server.engine})")

            async def when_up(address: str, hub: Hub) -> None:
                await county.make(hub.store, hub.vault, memory, urls, self.places_csv)
                await paperwork.complete(Signs(hub.store, hub.media, hub.node), memory)
                gone, settings = theft.when(hub.store.clock(), hub.store.tz), hub.settings
                await county.report_theft(hub.store, settings.record_policy, settings.paces, memory, gone)
                self.introduce(address, memory, with_passwords=with_passwords)
                await self.past(hub, memory, gone)

            asyncio.run(serve(self.settings(), when_up))

    def settings(self) -> Settings:
        """The hub's settings: its data in the folder, sample cameras on loopback allowed."""
        return load(None, data_dir=self.folder / "hub", port=self.port, allow_loopback=True, log_level="warning")

    def clips(self) -> Clips:
        """The sample cameras' clips: recordings where they can be had, else rendered; made once for the folder."""
        self.console.print("[bold]Footage[/bold]")
        recordings = footage.gather(
            self.folder / "footage", say=lambda line: self.console.print(f"  {line}", soft_wrap=True)
        )
        columns = (
            TextColumn("  {task.description:10}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as bars:
            tasks = {sample.name: bars.add_task(sample.name, total=1.0) for sample in studio.SAMPLES}
            clips = studio.make_clips(
                self.folder / "clips", recordings,
                progress=lambda name, share: bars.update(tasks[name], completed=share),
            )  # fmt: skip
        if drawn := sorted(name for name, (_, head) in clips.items() if head.rendered):
            self.console.print(
                f"  rendered, not recorded: {', '.join(drawn)}; their events may be unknown moving things"
            )
        return clips

    async def past(self, hub: Hub, memory: Memory, at: datetime) -> None:
        """Give one sample camera a past with a theft `at` a moment in it, once, and say what there is to find."""
        if theft.DONE in memory.made or county.RACK not in memory.made:
            return
        with Progress(TextColumn("  {task.description}"), BarColumn(), console=self.console) as bars:
            task = bars.add_task("three days of a sample camera's past, generated", total=1.0)
            await theft.lay(
                hub.store, hub.settings.data_dir, UUID(memory.made[county.RACK]), at,
                progress=lambda share: bars.update(task, completed=share),
            )  # fmt: skip
        memory.made[theft.DONE] = at.isoformat()
        memory.keep()
        self.console.print(
            "A case to solve: sign in as li, open the case, step 找时刻 (find the moment), camera 汉书村停车棚: "
            f"a red e-bike is gone since {at:%m-%d %H:%M}.",
            soft_wrap=True,
        )

    def introduce(self, address: str, memory: Memory, *, with_passwords: bool) -> None:
        """Say where the hub is, who may sign in, and what is left out."""
        said = self.console.print
        said(f"\n[bold green]hub is up:[/bold green] {address}", soft_wrap=True)
        said("sign in as")
        for name, shown, unit, role, grants in county.USERS:
            said(
                f"  {name:6} {memory.users[name]:14} {role.value}: {shown}, {unit}, sees {', '.join(grants)}",
                soft_wrap=True,
            )
        if not with_passwords:
            said(
                "Left out: the two cameras with passwords; the RTSP server here knows none (GStreamer's would).",
                soft_wrap=True,
            )
        said(
            f"Data stay in {self.folder}; the passwords too, in {memory.path}. Ctrl-C stops everything.", soft_wrap=True
        )

    def _with_passwords(self) -> bool:
        found = engine()
        if found is None:
            raise Unavailable(
                "no RTSP server can run here: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-rtsp "
                "gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad, "
                "or pip install 'camera-hub[demo]'",
                code="no_rtsp_server",
            )
        return found == "gstreamer"


def _mount(one: SampleCamera, clips: Clips, memory: Memory) -> Mount:
    clip = clips[str(one.clip)][0]
    if one.password:
        return Mount(f"/{one.slug}", clip, "digest", county.LOGIN, memory.camera_password)
    return Mount(f"/{one.slug}", clip)


def require_free_port(port: int) -> None:
    """Raise Conflict when another program listens on this port: better now than after a minute of footage."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as err:
            hint = f"port {port} cannot be used ({err.strerror}); choose another: make demo PORT=8081, or --port 8081"
            raise Conflict(hint, code="port_taken") from err

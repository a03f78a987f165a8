"""A restore on an empty machine, from a backup taken under load, loses nothing acknowledged before it began.

And a restore that is killed, wherever that is, leaves what a hub refuses and the next restore finishes.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from camera_hub.backup import Archive
from camera_hub.lock import RESTORING
from camera_hub.media import Media
from registry import check
from registry.store import Store
from registry.vault import Vault, load_key
from tests.camera_hub.watch.county import add_camera, found, officer, place_village, settings_in, until
from tests.e2e.test_storm import kill, start_hub

HUB = Path(sys.executable).with_name("camera-hub")
PROMISED = 150
ON = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


def promised(folder: Path) -> dict[str, int]:
    """What workers were told is kept: the last revision of each event, whole lines only."""
    told: dict[str, int] = {}
    for log in folder.glob("acked-*"):
        for line in log.read_text(encoding="ascii").splitlines(keepends=True):
            if line.endswith("\n"):
                event_id, revision = line.split()
                told[event_id] = max(told.get(event_id, 0), int(revision))
    return told


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A backup made while two producers write, and what was promised before it began."""
    return asyncio.run(_taken(tmp_path_factory.mktemp("load")))


async def _taken(home: Path) -> tuple[Path, dict[str, int]]:
    folder = home / "hub"
    folder.mkdir()
    settings = settings_in(folder)
    store = await Store.open(settings.database, upgrade=True)
    vault = Vault(load_key(None, folder))
    await place_village(store)
    ids = [str((await add_camera(store, vault, None, name=f"camera {n}")).id) for n in range(5)]
    await store.close()
    job: dict[str, Any] = {
        "data_dir": str(folder),
        "cameras": ids,
        "acked": str(home / "acked"),
        "redis": None,
        "load": True,
    }
    hub = await start_hub(job)

    async def enough() -> bool:
        return len(promised(home)) >= PROMISED

    try:
        await until(enough, seconds=120, what="the load")
        before = promised(home)
        made = await asyncio.create_subprocess_exec(
            HUB, "--data-dir", folder, "backup", home / "backup", "--key-to", home / "key",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await made.communicate()
        assert made.returncode == 0, said.decode()
        assert len(promised(home)) > len(before), "nothing was written while the backup was made"
    finally:
        kill(hub.pid)
        await hub.wait()
    return home, before


def command(data: Path, url: str | None, *words: object) -> list[str]:
    return [str(word) for word in (HUB, "--data-dir", data, *words)]


def environment(url: str | None) -> dict[str, str]:
    return {**os.environ, **({"HUB_DATABASE_URL": url} if url else {})}


@pytest.fixture(params=ON)
def url(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else None


async def whole(data: Path, url: str | None, before: dict[str, int]) -> None:
    settings = settings_in(data, **({"database_url": url} if url else {}))
    store = await Store.open(settings.database)
    report = await check.compare(store, Media(data, 0, 10**12).keys(), "local")
    assert report.clean, report
    assert report.orphans == ()
    stored = {str(event.id): event for event in await found(store, await officer(store))}
    await store.close()
    lost = {one: revision for one, revision in before.items() if one not in stored or stored[one].revision < revision}
    assert not lost, f"{len(lost)} of {len(before)} acknowledged events lost"


async def test_nothing_acknowledged_before_is_lost(
    taken: tuple[Path, dict[str, int]], url: str | None, tmp_path: Path
) -> None:
    home, before = taken
    data = tmp_path / "empty"
    words = command(data, url, "restore", home / "backup", "--key", home / "key")
    done = subprocess.run(words, env=environment(url), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    await whole(data, url, before)
    checked = subprocess.run(command(data, url, "check"), env=environment(url), capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout


async def test_killed_anywhere_and_begun_again(
    taken: tuple[Path, dict[str, int]], url: str | None, tmp_path: Path
) -> None:
    home, before = taken
    data = tmp_path / "empty"
    words = command(data, url, "restore", home / "backup", "--key", home / "key")
    pictures = Archive.open(home / "backup").about.pictures

    def written() -> int:
        return sum(name.endswith(".jpg") for _, _, names in os.walk(data / "snapshots") for name in names)

    points = {
        "as it begins": (data / RESTORING).exists,
        "half of the pictures": lambda: written() > pictures // 2,
        "all pictures": lambda: written() >= pictures,
        "in the rows": lambda: written() >= pictures and (url is not None or (data / "restoring.db").exists()),
    }
    for name, reached in points.items():
        process = await asyncio.create_subprocess_exec(
            *words, env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.returncode is None and not reached():
            await asyncio.sleep(0.002)
        kill(process.pid)
        await process.wait()
        if not (data / RESTORING).exists():
            continue  # it was quicker than the kill: whole, and `whole` below proves it
        # Each start of the program is a second or two: both are asked once, and one of them every time.
        for refused in ("serve", "check") if name == "as it begins" else ("serve",):
            said = subprocess.run(
                command(data, url, refused), env=environment(url), capture_output=True, text=True, check=False
            )
            assert said.returncode == 1, (name, said)
            assert "run camera-hub restore again" in said.stderr
    if (data / RESTORING).exists():
        done = subprocess.run(words, env=environment(url), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    await whole(data, url, before)

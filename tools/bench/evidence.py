"""An evidence pack of 300 MB: made as the hub makes it, then checked by both verifiers; beside it cp and sha256sum.

Ten files of thirty megabytes and their rows, asked for by one officer and granted by another, gathered under the case
and written with every digest. The verifiers are those that are handed out: verify.py in a process of its own,
verify.html in Chromium on the folder as it was unpacked.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from playwright.async_api import async_playwright
from pydantic import SecretStr

from camera_hub.evidence import verify
from camera_hub.evidence.making import Maker, Step
from camera_hub.recall.motion.passing import Passing
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recording.files import Name, path_of
from camera_hub.settings import load
from registry import approvals, cameras, cases, devices, placement, places, purposes, recordings, users
from registry.approvals import Decision, ExportAsk, ExportItem, NewApproval, Recipient
from registry.evidence import Export, gather, keys
from registry.model import Access, Actor, Kind, PurposeKind, Role
from registry.placement import PlacementChange
from registry.recordings.model import SegmentChange, Why
from registry.scope import EVERYTHING
from registry.store import Store, utc_now
from registry.users import CONSOLE
from registry.vault import Vault
from tools.bench.page import chromium
from tools.bench.report import Report, at_most, median

FILES, FILE_BYTES = 10, 30_000_000
RUNS = 5
SEGMENT = timedelta(seconds=60)
VILLAGE = "220882100200"
NODE = "bench"


async def _officer(store: Store, name: str, role: Role) -> Actor:
    new = users.NewUser(name=name, role=role, password=SecretStr("a long enough password"), grants=("220882",))
    return Actor(await users.create(store, new, CONSOLE), "10.0.0.1", "bench")


async def _camera(store: Store, vault: Vault) -> UUID:
    for code, name in (("220882", "大安市"), ("220882100", "月亮泡镇"), (VILLAGE, "汉书村")):
        await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
    box = await devices.create(store, vault, devices.NewDevice(name="盒子", host="192.0.2.1"), CONSOLE)
    new = cameras.NewCamera(
        device_id=box.id,
        name="村口",
        kind=Kind.PUBLIC,
        village_code=VILLAGE,
        sub_url="rtsp://192.0.2.1/x",
        manager_unit="派出所",
        lat=45.5,
        lon=124.1,
    )
    made = await cameras.create(store, vault, new, CONSOLE)
    asked = await placement.get(store, made.id, EVERYTHING)
    told = PlacementChange(basis=asked.bases[0], purpose="治安防控", answers=dict.fromkeys(asked.forbidden, False))
    await placement.change(store, made.id, told, CONSOLE)
    return made.id


async def _granted(store: Store, vault: Vault, data_dir: Path) -> tuple[Access, UUID]:
    """Footage, a case, and an export that somebody else granted."""
    camera, begun = await _camera(store, vault), utc_now().replace(microsecond=0) - timedelta(hours=1)
    changes = []
    for number in range(FILES):
        at, data = begun + number * SEGMENT, os.urandom(FILE_BYTES)
        file = path_of(data_dir, Name(camera, "sub", at))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        changes.append(
            SegmentChange(
                camera_id=camera, stream="sub", started_at=at, ended_at=at + SEGMENT, node=NODE, why=Why.CONTINUOUS,
                codec="h264", width=1920, height=1080, masked=False, frames=900, bytes=len(data),
                digest=hashlib.blake2b(data, digest_size=32).hexdigest(), clock_offset_ms=120,
            )
        )  # fmt: skip
    await recordings.record(store, changes)
    asker, decider = [
        await _officer(store, name, role) for name, role in (("li", Role.OFFICER), ("zhao", Role.APPROVER))
    ]
    window = {"starts_at": begun - timedelta(hours=1), "ends_at": begun + timedelta(hours=1)}
    new = cases.NewCase(number="B-1", title="丢羊", places=(VILLAGE,), responsible_id=asker.user.id, **window)
    case = await cases.create(store, new, CONSOLE)
    opened = await purposes.open(store, purposes.OpenPurpose(kind=PurposeKind.CASE, case_id=case.id), asker)
    item = ExportItem(camera_id=camera, starts_at=begun, ends_at=begun + FILES * SEGMENT)
    asked = ExportAsk(
        kind="export", case_id=case.id, items=(item,), recipient="刑侦大队", recipient_kind=Recipient.INVESTIGATION,
        document="12号", purpose="侦查", legal_basis="治安管理处罚法", hours=24,
    )  # fmt: skip
    made = await approvals.ask(store, NewApproval(asked=asked, reason="固定证据"), asker)
    await approvals.decide(store, made.id, Decision(granted=True, reason="同意", expected_revision=1), decider)
    return Access(asker, opened), made.id


async def _made(report: Report, folder: Path) -> Path:
    """Make it some times; the last one, unpacked."""
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'hub.db'}", upgrade=True)
    vault = Vault(bytes(range(32)))
    access, approval = await _granted(store, vault, folder)
    maker = Maker(store, folder, NODE, room=lambda: 1 << 40, picture=lambda key: folder / key)
    index = Passing(store, Shelf(folder, store.tz), load(None, data_dir=folder).index_days)
    runs, steps, export = [], 0, None
    for _ in range(RUNS):
        began = time.monotonic()
        about = await gather(store, access, approval, index=index)
        steps = 0
        async for told in maker.make(access, about, await keys.signer(store, vault, access.actor)):
            steps += isinstance(told, Step)
            export = told if isinstance(told, Export) else export
        runs.append(time.monotonic() - began)
    await store.close()
    assert export is not None
    copied = _copied(folder)
    note = f"{export.bytes / 1e6:.0f} MB, {export.files} files, told of {steps} times; beside it: cp, sync, sha256sum"
    report.add(median("an evidence pack of 300 MB made", runs, "s", at_most(10.0), baseline=copied, note=note))
    with zipfile.ZipFile(maker.file_of(export.id)) as opened:
        opened.extractall(folder / "out")
    return folder / "out" / export.name


def _copied(folder: Path) -> float:
    """The same files copied, synced and summed by the system's own tools."""
    began = time.monotonic()
    shutil.copytree(folder / "recordings", folder / "copied")
    files = [str(one) for one in (folder / "copied").rglob("*.mp4")]
    subprocess.run(["sync", "-f", str(folder / "copied")], check=True)
    subprocess.run(["sha256sum", *files], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def _by_python(report: Report, root: Path) -> None:
    runs = []
    for _ in range(RUNS):
        began = time.monotonic()
        subprocess.run([sys.executable, "-I", verify.__file__, str(root)], check=True, stdout=subprocess.DEVNULL)
        runs.append(time.monotonic() - began)
    began = time.monotonic()
    subprocess.run(["sha256sum", "-c", "--quiet", verify.SUMS], cwd=root, check=True)
    summed = time.monotonic() - began
    note = "start of Python included; beside it: sha256sum -c of the same folder"
    report.add(median("a pack of 300 MB checked by verify.py", runs, "s", at_most(2.0), baseline=summed, note=note))


async def _by_browser(report: Report, root: Path) -> None:
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=args)
        page = await browser.new_page()
        await page.goto(Path(verify.__file__).with_suffix(".html").as_uri())
        runs = []
        for _ in range(RUNS):
            await page.locator("#out").evaluate("(out) => { out.className = '' }")
            await page.locator("#folder").set_input_files(root)
            await page.wait_for_selector("#out.good", timeout=120_000)
            runs.append(int(await page.locator("#out").get_attribute("data-took") or 0) / 1000)
        await browser.close()
    report.add(
        median("a pack of 300 MB checked by verify.html", runs, "s", note="Chromium, from the choice of the folder")
    )


async def _all(report: Report, folder: Path) -> None:
    root = await _made(report, folder)
    await asyncio.to_thread(_by_python, report, root)
    await _by_browser(report, root)


def run(report: Report) -> None:
    """Measure into `report`."""
    with tempfile.TemporaryDirectory(dir="build") as folder:
        asyncio.run(_all(report, Path(folder)))

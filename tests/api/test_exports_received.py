"""What people sent in goes into a pack as it arrived, where that was asked for and granted; and to nobody outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from camera_hub.evidence import verify
from registry.tables import uploads as upload_rows
from tests.api import test_uploads
from tests.api.test_exports import API, Desk, manifest_of
from tests.api.test_uploads import BINARY, iso, mp4, picture

from .conftest import World


async def test_it_goes_in_as_it_arrived_with_its_clock(world: World, tmp_path: Path) -> None:
    desk, sent, data = await Desk.at(world), await test_uploads.Desk.of(world), mp4()
    await sent.link.begin(data)
    await sent.link.piece(data, 0)
    clock_photo = f"/files/{sent.link.sending}/clock"
    assert (await sent.link.ask("PUT", clock_photo, data=picture("jpeg"), headers=BINARY)).status < 300
    await sent.link.finish(data)
    (upload,) = (await sent.officer.get(sent.path))["uploads"]
    await sent.look(upload)
    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=24)
    clock = {"method": "photo", "camera_time": iso(begins + timedelta(seconds=37)), "true_time": iso(begins)}
    clock |= {"uncertainty_s": 2.0, "shown_at": iso(begins + timedelta(seconds=37))}
    await sent.officer.ask("PUT", f"{sent.path}/{upload['id']}/clock", json=clock)
    assert (await sent.step(upload, "accept")).body["state"] == "accepted"

    without = manifest_of(await desk.fetched(await desk.made(await desk.granted()), tmp_path / "without"))
    assert [one for one in without["files"] if one["role"] == "received"] == [], "it was not asked for"
    approval = await desk.granted(received=True)
    root = await desk.fetched(await desk.made(approval), tmp_path / "with")
    assert verify.check(str(root)).problems == ()
    told = manifest_of(root)
    (film,) = [one for one in told["files"] if one["role"] == "received"]
    assert (root / film["path"]).read_bytes() == data
    assert (film["clock_offset_ms"], film["given"]["by"], film["sha256"]) == (37_000, "店主", upload["sha256"])
    assert len([one for one in told["files"] if one["role"] == "clock"]) == 1
    said = (root / "data/report/报告.html").read_text(encoding="utf-8")
    for each in ("店主", "+37.0 秒 ±2 秒", "时钟照片", upload["sha256"]):
        assert each in said
    outward = {"asked": desk.asked(received=True, recipient_kind="person"), "reason": "告知"}
    assert (await desk.officer.ask("POST", f"{API}/approvals", json=outward)).status == 422

    async with world.hub.store.write() as conn:
        await conn.execute(sa.update(upload_rows).values(sha256="0" * 64))
    export = await desk.made(approval)
    told = manifest_of(await desk.fetched(export, tmp_path / "other"))
    assert [one["why"] for one in told["not_included"]] == ["digest_differs"]
    assert [one for one in told["files"] if one["role"] == "received"] == []

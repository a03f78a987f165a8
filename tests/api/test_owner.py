"""The owner's page over HTTP: without an account, by a link that stands in no address, and paper that can be kept."""

from __future__ import annotations

import asyncio
import io

import av
import numpy as np

from registry import audit
from registry.model import Role
from registry.users import CONSOLE

from .conftest import World, both_engines

API = "/api/v1"


def picture(form: str, width: int = 900, height: int = 600) -> bytes:
    """A JPEG or PNG as a telephone sends it."""
    codec = {"jpeg": "mjpeg", "png": "png"}[form]
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuvj420p" if form == "jpeg" else "rgb24"
    encoder.time_base = 1
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 200, np.uint8), format="rgb24")
    frame = frame.reformat(format=encoder.pix_fmt)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


async def test_an_owner_looks_pauses_and_withdraws_by_his_link(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    yard = f"{API}/cameras/{world.county.cameras['yard']}/consents"
    new = {"owner_name": "王", "scopes": ["events", "live"], "masks": [[[0, 0], [0.5, 0], [0.5, 0.5]]]}
    made = await officer.post(yard, new)
    address = (await officer.post(f"{API}/consents/{made['id']}/link", {}))["address"]
    page, _, token = address.partition("#")
    assert page.endswith("/owner.html"), "the secret stands in the fragment, which no browser sends"
    owner = world.anonymous(**{"X-Owner-Link": token})
    seen = await owner.get(f"{API}/owner")
    assert (seen["consent"]["owner_name"], seen["may"]) == ("王", ["pause", "withdraw"])
    assert "owner_contact" not in str(seen)

    paused = await owner.post(f"{API}/owner/steps", {"step": "pause"}, 200)
    assert (paused["consent"]["state"], paused["may"]) == ("paused", ["resume", "withdraw"])
    assert (await owner.ask("POST", f"{API}/owner/steps", json={"step": "pause"})).code == (409, "consent_state")
    assert (await owner.ask("POST", f"{API}/owner/steps", json={"step": "reconfirm"})).status == 422
    assert (await owner.ask("GET", f"{API}/owner/receipt")).code == (404, "receipt")

    copy = await owner.ask("GET", f"{API}/owner/paper", raw=True)
    text = copy.body.decode()
    assert copy.headers["Content-Disposition"].startswith("attachment")
    for part in ("视频点位接入同意书", "王", "<svg", "<style>", "✓", "1 处"):
        assert part in text
    receipt = await owner.post(f"{API}/owner/withdraw", None, 200)
    assert (receipt["by_owner"], await owner.post(f"{API}/owner/withdraw", None, 200)) == (True, receipt)
    by_officer = await officer.post(f"{API}/consents/{made['id']}/withdraw", None, 200)
    assert by_officer["number"] == receipt["number"], "he was first; both have one receipt"
    kept = await owner.ask("GET", f"{API}/owner/receipt/paper", raw=True)
    assert receipt["number"] in kept.body.decode()
    shown = await officer.ask("GET", f"{API}/consents/{made['id']}/receipt/paper", raw=True)
    assert "/forms/paper.css" in shown.body.decode()
    assert "<style" not in shown.body.decode(), "the content policy allows no style of its own"
    assert (await officer.ask("GET", "/forms/paper.css", raw=True)).status == 200


async def test_an_owner_and_an_officer_who_withdraw_at_once_have_one_receipt(world: World) -> None:
    officer = await world.client(Role.ADMIN)
    consent = f"{API}/consents/{world.county.consent}"
    token = (await officer.post(f"{consent}/link", {}))["address"].partition("#")[2]
    owner = world.anonymous(**{"X-Owner-Link": token})
    both = await asyncio.gather(
        *(owner.ask("POST", f"{API}/owner/withdraw") for _ in range(3)),
        *(officer.ask("POST", f"{consent}/withdraw") for _ in range(3)),
    )
    assert {one.status for one in both} == {200}, both
    assert len({one.body["number"] for one in both}) == 1
    assert len({one.body["by_owner"] for one in both}) == 1, "one of them was first, and all are told the same"
    rows = await audit.list_rows(world.hub.store, CONSOLE)
    assert [row.action for row in rows].count("consent.withdraw") == 1


async def test_a_void_link_opens_nothing_and_guessing_is_slowed_down(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    consent = f"{API}/consents/{world.county.consent}"
    token = (await officer.post(f"{consent}/link", {}))["address"].partition("#")[2]
    assert (await officer.ask("DELETE", f"{consent}/link")).status == 204
    stranger = world.anonymous()
    codes = []
    for _ in range(35):
        answer = await stranger.ask("GET", f"{API}/owner", headers={"X-Owner-Link": token})
        codes.append(answer.status)
    assert set(codes[:30]) == {404}
    assert set(codes[30:]) == {429}
    foreign = {"X-Owner-Link": token, "Origin": "https://elsewhere.example"}
    assert (await stranger.ask("POST", f"{API}/owner/withdraw", headers=foreign)).code == (403, "origin")


@both_engines
async def test_from_invitation_to_signature_over_http(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    yard = f"{API}/cameras/{world.county.cameras['yard']}/consents"
    made = await officer.post(f"{yard}/invite", {"owner_name": "李", "scopes": ["events"], "purpose": "看羊圈"})
    one = f"{API}/consents/{made['id']}"
    assert (made["state"], made["signed_at"], made["text_version"]) == ("invited", None, "cn-2026-1")
    form = (await officer.ask("GET", f"{one}/paper", raw=True)).body.decode()
    assert "看羊圈" in form
    assert "/forms/paper.css" in form
    for step, state in (("sign", "signed"), ("activate", "active"), ("pause", "paused"), ("resume", "active")):
        assert (await officer.post(f"{one}/steps", {"step": step}, 200))["state"] == state
    assert (await officer.ask("POST", f"{one}/steps", json={"step": "sign"})).code == (409, "consent_state")
    late = {"step": "pause", "signed_at": "2026-01-01T00:00:00Z"}
    assert (await officer.ask("POST", f"{one}/steps", json=late)).status == 422
    told = await officer.get(f"{one}/steps")
    assert [step["step"] for step in told["steps"]] == ["invite", "sign", "activate", "pause", "resume"]
    assert told["may"] == ["pause", "reconfirm", "withdraw"]
    assert (await officer.get(f"{API}/consents/attention"))["cameras"] == []
    both = {"owner_name": "李", "scopes": ["events", "register"]}
    assert (await officer.ask("POST", yard, json=both)).status == 422


async def test_a_signature_is_made_anew_and_what_is_no_picture_refused(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    scan = f"{API}/consents/{world.county.consent}/scan"
    binary = {"Content-Type": "application/octet-stream"}
    assert (await officer.ask("GET", scan)).code == (404, "consent_scan_none")
    bomb = picture("png", 8, 8).replace((8).to_bytes(4) * 2, (30_000).to_bytes(4) * 2, 1)
    for bad in (b"x", b"%PDF-1.7", b"<svg/>", b"\xff\xd8\xff\xe0 no picture", picture("jpeg")[:40], bomb):
        answer = await officer.ask("PUT", scan, data=bad, headers=binary)
        assert answer.code == (409, "picture_unreadable"), bad[:20]
    for good in (picture("png"), picture("jpeg", 2400, 1600) + b"<script>"):
        assert (await officer.ask("PUT", scan, data=good, headers=binary)).body["has_scan"]
        got = await officer.ask("GET", scan, raw=True)
        assert got.body.startswith(b"\xff\xd8\xff")
        assert b"<script>" not in got.body, "nothing but the pixels stays"
        with av.open(io.BytesIO(got.body), format="jpeg_pipe") as container:
            assert container.streams.video[0].width <= 1600
    assert (await (await world.client(Role.ASSISTANT)).ask("GET", scan)).code == (403, "role")

"""Evidence packs over HTTP: asked by one, granted by another, made, fetched, handed over, purged."""

from __future__ import annotations

import asyncio
import errno
import json
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from camera_hub.evidence import making, verify, writing
from camera_hub.recording.files import Name, path_of
from registry import audit, consents, withdrawals
from registry.evidence import exports as exports_of
from registry.model import ConsentScope, PurposeKind, Role
from registry.tables import approvals, exports, recording_gaps
from registry.users import CONSOLE
from tests.camera_hub.recording.footage import Take, put

from .conftest import Answer, Client, World, both_engines

API = "/api/v1"
TAKE = Take(frames=150)
"""Ten seconds."""


class Desk:
    """An officer under the case's purpose, who asks, and somebody who decides; some footage of the gate."""

    def __init__(self, world: World, officer: Client, approver: Client, begun: list[datetime]) -> None:
        self.world, self.officer, self.approver, self.begun = world, officer, approver, begun

    @classmethod
    async def at(cls, world: World) -> Desk:
        begun = [
            datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30) + timedelta(seconds=10 * n)
            for n in range(3)
        ]
        for one in begun:
            await put(world.hub.store, world.hub.settings.data_dir, world.county.cameras["gate"], one, TAKE)
        officer = await world.client(Role.OFFICER, PurposeKind.CASE)
        return cls(world, officer, await world.client(Role.APPROVER), begun)

    def asked(self, **given: Any) -> dict[str, Any]:
        item = {
            "camera_id": str(self.world.county.cameras["gate"]),
            "starts_at": self.begun[0].isoformat(),
            "ends_at": (self.begun[-1] + timedelta(seconds=10)).isoformat(),
        }
        return {
            "kind": "export", "case_id": str(self.world.county.case), "items": [item], "recipient": "刑侦大队 李明",
            "recipient_kind": "investigation", "document": "大公(治)调证字〔2026〕12号", "purpose": "侦查",
            "legal_basis": "治安管理处罚法", "hours": 24, **given,
        }  # fmt: skip

    async def ask(self, **given: Any) -> dict[str, Any]:
        return await self.officer.post(f"{API}/approvals", {"asked": self.asked(**given), "reason": "固定证据"})

    async def granted(self, **given: Any) -> str:
        made = await self.ask(**given)
        yes = {"granted": True, "reason": "同意调取", "expected_revision": 1}
        await self.approver.post(f"{API}/approvals/{made['id']}/decide", yes, status=200)
        return str(made["id"])

    async def make(self, approval: str, who: Client | None = None) -> Answer:
        return await (who or self.officer).ask("POST", f"{API}/exports", json={"approval_id": approval}, raw=True)

    async def made(self, approval: str) -> dict[str, Any]:
        answer = await self.make(approval)
        assert answer.status == 201, answer
        told = [json.loads(line) for line in answer.body.splitlines()]
        assert "export" in told[-1], told
        steps = [one["done"] for one in told[:-1]]
        assert steps == sorted(steps)
        assert told[-2]["done"] == told[-2]["total"]
        return dict(told[-1]["export"])

    async def fetched(self, export: dict[str, Any], to: Path) -> Path:
        url = (await self.officer.post(f"{API}/exports/{export['id']}/url", {}, status=200))["url"]
        answer = await self.officer.ask("GET", url, raw=True)
        assert answer.status == 200, answer
        to.mkdir()
        (to / "pack.zip").write_bytes(answer.body)
        with zipfile.ZipFile(to / "pack.zip") as opened:
            opened.extractall(to)
        return to / export["name"]


@pytest.fixture
async def desk(world: World) -> Desk:
    return await Desk.at(world)


def manifest_of(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "manifest.json").read_bytes()))


@both_engines
async def test_it_is_asked_granted_made_fetched_and_handed_over(desk: Desk, tmp_path: Path) -> None:
    export = await desk.made(await desk.granted())
    assert (export["version"], export["left_out"], export["custody"][0]["step"]) == (1, 0, "made")
    root = await desk.fetched(export, tmp_path / "got")
    known = (await desk.officer.get(f"{API}/cases/{desk.world.county.case}/exports"))["fingerprint"]
    found = verify.check(str(root), known)
    assert (found.problems, found.fingerprint) == ((), export["key"])
    told = manifest_of(root)
    masters = [one for one in told["files"] if one["role"] == "master"]
    gate = desk.world.county.cameras["gate"]
    for one, begun in zip(masters, desk.begun, strict=True):
        native = path_of(desk.world.hub.settings.data_dir, Name(gate, "sub", begun)).read_bytes()
        assert (root / one["path"]).read_bytes() == native, "bit for bit as it was recorded"
    assert told["approved_by"]["doc_no"] == "大公(治)调证字〔2026〕12号"
    assert told["made_by"]["id"] != told["approved_by"]["id"]
    assert told["cameras"][0]["clock"] == {"method": "unknown", "offset_ms": None}
    handed = {
        "recipient": "李明", "recipient_unit": "刑侦大队", "document": "警号 1234", "medium": "disc", "told": True,
        "handed_at": datetime.now(UTC).isoformat(), "note": "",
    }  # fmt: skip
    path = f"{API}/exports/{export['id']}"
    after = await desk.officer.post(f"{path}/handovers", handed)
    assert [one["step"] for one in after["custody"]] == ["made", "fetched", "handed"]
    assert (after["custody"][2]["told"], after["custody"][2]["recipient_unit"]) == (True, "刑侦大队")
    early = {**handed, "handed_at": (datetime.now(UTC) - timedelta(days=2)).isoformat()}
    assert (await desk.officer.ask("POST", f"{path}/handovers", json=early)).status == 422
    actions = [row.action for row in await audit.list_rows(desk.world.hub.store, CONSOLE)]
    assert {"export.make", "export.made", "export.fetched", "export.handed"} <= set(actions)
    assert await audit.verify(desk.world.hub.store) is None


async def test_made_twice_of_the_same_state_its_files_are_equal(desk: Desk, tmp_path: Path) -> None:
    approval = await desk.granted()
    one, two = await desk.made(approval), await desk.made(approval)
    first, second = [manifest_of(await desk.fetched(each, tmp_path / each["id"])) for each in (one, two)]
    assert first["files"] == second["files"]
    assert first["pack_id"] != second["pack_id"]
    assert (second["supersedes"], two["version"]) == (one["id"], 2)


async def test_what_is_not_as_it_was_recorded_and_what_was_never_recorded_are_said(desk: Desk, tmp_path: Path) -> None:
    store, gate = desk.world.hub.store, desk.world.county.cameras["gate"]
    data_dir = desk.world.hub.settings.data_dir
    touched, gone = (path_of(data_dir, Name(gate, "sub", one)) for one in desk.begun[:2])
    touched.write_bytes(touched.read_bytes()[:-1] + b"x")
    gone.unlink()
    async with store.write() as conn:
        number = await conn.scalar(sa.text("SELECT no FROM cameras WHERE name = 'gate'"))
        gap = {"camera_no": number, "stream": "sub", "cause": "unreachable"}
        times = {"started_at": desk.begun[0] - timedelta(minutes=5), "ended_at": desk.begun[0] - timedelta(minutes=1)}
        await conn.execute(sa.insert(recording_gaps).values(**gap, **times))
    item = desk.asked()["items"][0] | {"starts_at": (desk.begun[0] - timedelta(minutes=3)).isoformat()}
    yard = {**item, "camera_id": str(desk.world.county.cameras["yard"])}
    export = await desk.made(await desk.granted(items=[item, yard]))
    told = manifest_of(await desk.fetched(export, tmp_path / "got"))
    assert [one["reason"] for one in told["gaps"]] == ["unreachable"]
    assert told["gaps"][0]["from"] == told["requested"][0]["from"], "what lies outside was not asked for"
    whys = {(one["camera"] == str(gate), one["why"]) for one in told["not_included"]}
    assert whys == {(True, "digest_differs"), (True, "segment_missing"), (False, "recording_no_consent")}
    assert export["left_out"] == 3
    assert len([one for one in told["files"] if one["role"] == "master"]) == 1


async def test_nothing_is_made_without_a_second_person(desk: Desk) -> None:
    waiting = await desk.ask()
    assert (await desk.make(waiting["id"])).status == 403
    own = await desk.approver.post(f"{API}/approvals", {"asked": desk.asked(), "reason": "自批"})
    yes = {"granted": True, "reason": "同意", "expected_revision": 1}
    answer = await desk.approver.ask("POST", f"{API}/approvals/{own['id']}/decide", json=yes)
    assert answer.code == (403, "approval_own")
    granted = await desk.granted()
    other = await desk.world.client(Role.ADMIN, PurposeKind.CASE)
    assert (await desk.make(granted, other)).status == 404, "a grant is for the one who asked"


async def test_what_ran_out_lets_nothing_be_made_or_decided(desk: Desk) -> None:
    late, store = datetime.now(UTC) - timedelta(seconds=1), desk.world.hub.store
    waiting, granted = await desk.ask(), await desk.granted()
    async with store.write() as conn:
        await conn.execute(sa.update(approvals).values(waits_until=late, ends_at=late))
    yes = {"granted": True, "reason": "同意", "expected_revision": 1}
    decided = await desk.approver.ask("POST", f"{API}/approvals/{waiting['id']}/decide", json=yes)
    assert decided.code == (409, "approval_state")
    assert json.loads((await desk.make(granted)).body)["code"] == "approval_not_granted"


async def test_an_assistant_prepares_and_exports_nothing(desk: Desk) -> None:
    assistant = await desk.world.client(Role.ASSISTANT, PurposeKind.CASE)
    new = {"asked": desk.asked(), "reason": "固定证据"}
    assert (await assistant.ask("POST", f"{API}/approvals", json=new)).code == (403, "role")
    listed = await assistant.get(f"{API}/cases/{desk.world.county.case}/exports")
    assert listed["exports"] == []


async def test_others_than_the_investigation_get_no_recordings(desk: Desk) -> None:
    approval = await desk.granted(recipient_kind="person")
    answer = await desk.make(approval)
    assert (answer.status, json.loads(answer.body)["code"]) == (409, "blur_unreviewed")


async def test_a_ticket_is_for_one_pack_and_one_session(desk: Desk) -> None:
    export = await desk.made(await desk.granted())
    url = (await desk.officer.post(f"{API}/exports/{export['id']}/url", {}, status=200))["url"]
    other = await desk.world.client(Role.OFFICER, PurposeKind.CASE)
    assert (await other.ask("GET", url)).code == (403, "ticket")
    assert (await desk.officer.ask("GET", url + "x")).code == (403, "ticket")


async def test_its_file_goes_after_its_days_and_the_record_stays(desk: Desk) -> None:
    world, export = desk.world, await desk.made(await desk.granted())
    file = world.hub.settings.data_dir / "exports" / f"{export['id']}.zip"
    stray = file.with_name("stray.part")
    stray.write_bytes(b"x")
    assert file.is_file()
    async with world.hub.store.write() as conn:
        await conn.execute(sa.update(exports).values(kept_until=datetime.now(UTC) - timedelta(seconds=1)))
    await world.hub.evidence.round()
    assert not file.exists()
    found = await desk.officer.get(f"{API}/exports/{export['id']}")
    assert found["purged_at"] is not None
    assert found["custody"][-1]["step"] == "purged"
    answer = await desk.officer.post(f"{API}/exports/{export['id']}/url", {}, status=200)
    assert (await desk.officer.ask("GET", answer["url"])).status == 404


@pytest.mark.parametrize(
    "wrong",
    [{"items": []}, {"recipient": ""}, {"recipient_kind": "press"}, {"document": " "}, {"hours": 0}, {"purpose": ""}, {"more": 1}],
)  # fmt: skip
async def test_what_is_wrong_with_it_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    body = {"asked": desk.asked(**wrong), "reason": "固定证据"}
    assert (await desk.officer.ask("POST", f"{API}/approvals", json=body)).status == 422


async def drafted(desk: Desk, approval: str, **more: Any) -> dict[str, Any]:
    body = {"approval_id": approval, "item": 0, **more}
    answer = await desk.officer.ask("POST", f"{API}/drafts", json=body, raw=True)
    told = [json.loads(line) for line in answer.body.splitlines()]
    assert "draft" in told[-1], told
    return dict(told[-1]["draft"])


async def test_a_copy_for_others_leaves_blurred_and_only_when_somebody_looked(desk: Desk, tmp_path: Path) -> None:
    """With the real detector, in its own process; the footage shows bars, which an officer blurs by hand."""
    approval = await desk.granted(recipient_kind="person", recipient="失主 张三")
    first = await drafted(desk, approval)
    assert (first["revision"], first["reviewed_at"], first["boxes"]) == (1, None, [])
    assert first["frames"] >= 20
    box = {"x0": 0.1, "y0": 0.0, "x1": 0.9, "y1": 1.0, "from_ms": 0, "to_ms": 86_400_000}
    second = await drafted(desk, approval, boxes=[box])
    assert (second["id"], second["revision"]) == (first["id"], 2)
    path = f"{API}/drafts/{second['id']}"
    pictures = [await desk.officer.ask("GET", f"{path}/frames/{number}", raw=True) for number in (5, 6, 500)]
    assert [one.status for one in pictures] == [200, 200, 404]
    looks = [one for one in await audit.list_rows(desk.world.hub.store, CONSOLE) if one.action == "export.look"]
    assert len(looks) == 1, "whichever is read first"
    assert pictures[0].body.startswith(b"\xff\xd8")
    assert json.loads((await desk.make(approval)).body)["code"] == "blur_unreviewed"
    stale = await desk.officer.ask("POST", f"{path}/review", json={"revision": 1})
    assert stale.code == (409, "draft_stale")
    await desk.officer.post(f"{path}/review", {"revision": 2}, status=200)
    other = await desk.world.client(Role.ADMIN, PurposeKind.CASE)
    assert (await other.ask("GET", f"{path}/frames/0")).code == (404, "draft_unknown")
    export = await desk.made(approval)
    root = await desk.fetched(export, tmp_path / "got")
    assert verify.check(str(root)).problems == ()
    told = manifest_of(root)
    (clip,) = [one for one in told["files"] if one["path"].startswith("data/")]
    assert (clip["role"], clip["sha256"], len(clip["derived_from"])) == ("derived", second["digest"], 3)
    assert clip["blurred"]["reviewed_by"] == "officer"
    third = await drafted(desk, approval)
    assert (third["revision"], third["reviewed_at"]) == (3, None)
    assert json.loads((await desk.make(approval)).body)["code"] == "blur_unreviewed", "made anew, it is looked at anew"
    actions = [row.action for row in await audit.list_rows(desk.world.hub.store, CONSOLE)]
    assert {"recording.export", "export.draft", "export.look", "export.review"} <= set(actions)


async def test_what_is_wrong_with_a_draft_is_refused(desk: Desk) -> None:
    approval = await desk.granted(recipient_kind="court")
    bad = {"x0": 0.5, "y0": 0, "x1": 0.4, "y1": 1, "from_ms": 0, "to_ms": 1}
    for more in ({"boxes": [bad]}, {"item": -1}, {"item": 30}, {"boxes": [{**bad, "x1": 2}]}, {"boxes": [bad] * 51}):
        answer = await desk.officer.ask("POST", f"{API}/drafts", json={"approval_id": approval, "item": 0, **more})
        assert answer.status == 422, more
    beyond = await desk.officer.ask("POST", f"{API}/drafts", json={"approval_id": approval, "item": 5}, raw=True)
    assert json.loads(beyond.body.splitlines()[-1])["code"] == "draft_unknown"
    master = await desk.granted()
    answer = await desk.officer.ask("POST", f"{API}/drafts", json={"approval_id": master, "item": 0}, raw=True)
    assert json.loads(answer.body.splitlines()[-1])["code"] == "export_master"


async def agreed(desk: Desk) -> tuple[UUID, dict[str, Any]]:
    """A householder who agreed to clips: the consent, and what is asked for of his camera."""
    store, yard = desk.world.hub.store, desk.world.county.cameras["yard"]
    now = datetime.now(UTC)
    new = consents.NewConsent(
        owner_name="户主", scopes=frozenset({ConsentScope.CLIP}), valid_from=now - timedelta(days=9),
        signed_at=now - timedelta(days=9), text_version="2026-1",
    )  # fmt: skip
    given = await consents.create(store, yard, new, CONSOLE)
    await put(store, desk.world.hub.settings.data_dir, yard, desk.begun[0], TAKE)
    return given.id, desk.asked()["items"][0] | {"camera_id": str(yard)}


async def test_a_consent_withdrawn_since_keeps_its_footage_from_being_made_or_fetched(desk: Desk) -> None:
    store, (consent, item) = desk.world.hub.store, await agreed(desk)
    approval = await desk.granted(items=[item])
    export = await desk.made(approval)
    url = (await desk.officer.post(f"{API}/exports/{export['id']}/url", {}, status=200))["url"]
    assert (await desk.officer.ask("GET", url, raw=True)).status == 200
    await withdrawals.withdraw(store, consent, CONSOLE, desk.world.hub.files_of)
    assert (await desk.officer.ask("GET", url)).code == (403, "recording_no_consent")
    again = await desk.made(approval)
    assert again["left_out"] == 1
    assert [one["step"] for one in again["custody"]] == ["made"]


async def agreed_by_two(desk: Desk) -> tuple[UUID, dict[str, Any]]:
    """Two consents over one stretch, half of it each, and both halves were recorded: the later one, and what is asked."""
    store, yard = desk.world.hub.store, desk.world.county.cameras["yard"]
    now = datetime.now(UTC)
    turn = (now - timedelta(minutes=30)).replace(second=0, microsecond=0)
    local = turn.astimezone(store.tz)
    minute = local.hour * 60 + local.minute
    given = []
    for begin, end in ((minute - 60, minute), (minute, minute + 60)):
        new = consents.NewConsent(
            owner_name="户主", scopes=frozenset({ConsentScope.CLIP}), valid_from=now - timedelta(days=9),
            signed_at=now - timedelta(days=9), text_version="2026-1", from_minute=begin % 1440, to_minute=end % 1440,
        )  # fmt: skip
        given.append((await consents.create(store, yard, new, CONSOLE)).id)
    for begun in (turn - timedelta(seconds=10), turn):
        await put(store, desk.world.hub.settings.data_dir, yard, begun, TAKE)
    span = [(turn + timedelta(seconds=one)).isoformat() for one in (-10, 10)]
    return given[1], {"camera_id": str(yard), "starts_at": span[0], "ends_at": span[1]}


async def fetch_before_and_after_a_withdrawal(desk: Desk, export: dict[str, Any], consent: UUID) -> None:
    url = (await desk.officer.post(f"{API}/exports/{export['id']}/url", {}, status=200))["url"]
    assert (await desk.officer.ask("GET", url, raw=True)).status == 200
    await withdrawals.withdraw(desk.world.hub.store, consent, CONSOLE, desk.world.hub.files_of)
    assert (await desk.officer.ask("GET", url)).code == (403, "recording_no_consent")


@both_engines
async def test_a_pack_leaves_while_all_that_went_in_may_be_seen_and_not_merely_some(desk: Desk) -> None:
    consent, item = await agreed_by_two(desk)
    export = await desk.made(await desk.granted(items=[desk.asked()["items"][0], item]))
    assert export["left_out"] == 0
    await fetch_before_and_after_a_withdrawal(desk, export, consent)


async def test_a_pack_of_blurred_copies_does_so_too(desk: Desk) -> None:
    consent, item = await agreed_by_two(desk)
    approval = await desk.granted(items=[item], recipient_kind="court")
    draft = await drafted(desk, approval)
    await desk.officer.post(f"{API}/drafts/{draft['id']}/review", {"revision": 1}, status=200)
    await fetch_before_and_after_a_withdrawal(desk, await desk.made(approval), consent)


@both_engines
async def test_a_picture_in_a_pack_is_asked_about_where_no_recording_of_its_camera_is(desk: Desk) -> None:
    consent, item = await agreed(desk)
    new = {"camera_id": item["camera_id"], "at": (desk.begun[0] + timedelta(seconds=2)).isoformat()}
    marks = f"{API}/cases/{desk.world.county.case}/bookmarks"
    marked = await desk.officer.post(marks, {**new, "kind": "sighting", "note": "红色三轮"})
    assert marked["still_url"]
    export = await desk.made(await desk.granted())
    await fetch_before_and_after_a_withdrawal(desk, export, consent)


async def test_a_picture_of_an_event_leaves_with_a_pack_under_the_consent_to_events(desk: Desk) -> None:
    """The owner agreed to events alone: his footage is left out, the marked event's picture is not."""
    yard = str(desk.world.county.cameras["yard"])
    await put(desk.world.hub.store, desk.world.hub.settings.data_dir, UUID(yard), desk.begun[0], TAKE)
    event = await desk.world.event("yard", started_at=desk.begun[0])
    marks = f"{API}/cases/{desk.world.county.case}/bookmarks"
    assert (await desk.officer.post(marks, {"event_id": str(event), "kind": "sighting"}))["still_url"]
    gate = desk.asked()["items"][0]
    export = await desk.made(await desk.granted(items=[gate, gate | {"camera_id": yard}]))
    assert export["left_out"] == 1
    url = (await desk.officer.post(f"{API}/exports/{export['id']}/url", {}, status=200))["url"]
    assert (await desk.officer.ask("GET", url, raw=True)).status == 200
    assert desk.world.county.consent is not None
    await withdrawals.withdraw(desk.world.hub.store, desk.world.county.consent, CONSOLE, desk.world.hub.files_of)
    assert (await desk.officer.ask("GET", url)).code == (403, "bookmark_no_consent")


async def test_a_blurred_copy_is_seen_and_leaves_under_the_consent_in_force_alone(desk: Desk) -> None:
    """What was cut while the owner agreed is neither shown nor let out once he does not."""
    store, (consent, item) = desk.world.hub.store, await agreed(desk)
    approval = await desk.granted(items=[item], recipient_kind="court")
    draft = await drafted(desk, approval)
    path = f"{API}/drafts/{draft['id']}"
    assert (await desk.officer.ask("GET", f"{path}/frames/0", raw=True)).status == 200
    await desk.officer.post(f"{path}/review", {"revision": 1}, status=200)
    await withdrawals.withdraw(store, consent, CONSOLE, desk.world.hub.files_of)
    assert (await desk.officer.ask("GET", f"{path}/frames/0")).code == (403, "recording_no_consent")
    review = await desk.officer.ask("POST", f"{path}/review", json={"revision": 1})
    assert review.code == (403, "recording_no_consent")
    made = await desk.make(approval)
    assert (made.status, json.loads(made.body)["code"]) == (403, "recording_no_consent")
    refused = {row.action for row in await audit.list_rows(store, CONSOLE) if '"recording_no_consent"' in row.detail}
    assert {"export.look", "export.make"} <= refused
    assert list((desk.world.hub.settings.data_dir / "exports").glob("*")) == []


@pytest.mark.parametrize("number", ["-1", "9" * 300])
async def test_a_number_that_is_no_pictures_is_refused(desk: Desk, number: str) -> None:
    draft = await drafted(desk, await desk.granted(recipient_kind="court"))
    assert (await desk.officer.ask("GET", f"{API}/drafts/{draft['id']}/frames/{number}")).status == 422


async def test_what_goes_into_a_pack_is_put_together_beside_the_loop(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand rows of the register as text take the loop a second."""
    where: dict[str, int] = {}

    def noting(of: Any, name: str) -> None:
        work = getattr(of, name)

        def noted(*given: Any, **more: Any) -> Any:
            where[name] = threading.get_ident()
            return work(*given, **more)

        monkeypatch.setattr(of, name, noted)

    for of, name in ((making, "lines"), (making, "_size"), (making.report, "html"), (making.manifest, "build")):
        noting(of, name)
    await desk.made(await desk.granted())
    assert set(where) == {"lines", "_size", "html", "build"}
    assert threading.get_ident() not in where.values()


class Held:
    """Lets something be waited for, and go on."""

    def __init__(self) -> None:
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def here(self) -> None:
        self.reached.set()
        await self.go.wait()


async def test_two_packs_of_a_case_are_made_one_after_the_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both would bear one number and one name."""
    approval, held, next_version = await desk.granted(), Held(), exports_of.next_version

    async def slow(*given: Any) -> Any:
        found = await next_version(*given)
        await held.here()
        return found

    monkeypatch.setattr(exports_of, "next_version", slow)
    first = asyncio.create_task(desk.made(approval))
    await held.reached.wait()
    other = asyncio.create_task(desk.make(approval))
    done, _ = await asyncio.wait({other}, timeout=30)
    held.go.set()
    assert done, "it is refused at once"
    refused = await other
    assert (refused.status, json.loads(refused.body)["code"]) == (429, "export_busy")
    assert [(await first)["version"], (await desk.made(approval))["version"]] == [1, 2]


async def test_whoever_goes_away_at_the_last_moment_leaves_no_record_without_its_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval, held, record = await desk.granted(), Held(), exports_of.record

    async def slow(*given: Any, **more: Any) -> Any:
        made = await record(*given, **more)
        await held.here()
        return made

    monkeypatch.setattr(exports_of, "record", slow)
    asking = asyncio.create_task(desk.make(approval))
    await held.reached.wait()
    asking.cancel()
    await asyncio.sleep(1)  # a client that went away is seen within half a second
    held.go.set()
    monkeypatch.undo()
    (export,) = (await desk.officer.get(f"{API}/cases/{desk.world.county.case}/exports"))["exports"]
    assert (desk.world.hub.settings.data_dir / "exports" / f"{export['id']}.zip").is_file()


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "media_write")])
async def test_a_disk_that_fails_while_a_pack_is_made_is_told_in_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fails(*_: Any) -> None:
        raise OSError(number, "it does not work")

    approval = await desk.granted()
    monkeypatch.setattr(writing.Pack, "add", fails)
    answer = await desk.make(approval)
    assert (answer.status, json.loads(answer.body)["code"]) == (503, code)
    assert list((desk.world.hub.settings.data_dir / "exports").glob("*")) == []

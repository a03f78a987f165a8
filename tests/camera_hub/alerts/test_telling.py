"""Telling targets: a real web server and a real mail server receive what the sender sends."""

from __future__ import annotations

import asyncio
import email
import email.policy
import hashlib
import hmac
import json
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from camera_hub.alerts import sender as sending
from camera_hub.alerts import watch as watching
from camera_hub.alerts.sender import WAITS_S, Sender
from camera_hub.alerts.watch import Watch as EventWatch
from camera_hub.faults import Faults
from camera_hub.feed import Feed
from camera_hub.settings import Settings, SmtpSettings
from registry import alerts, devices, events, places
from registry.alerts import raising, rules, targets
from registry.alerts.deliveries import DeliveryState
from registry.alerts.rules import Hours, NewAlertRule
from registry.alerts.targets import NewAlertTarget, TargetKind
from registry.errors import Unavailable
from registry.model import Actor, Event, Role
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.alerts.receivers import mailbox, receiving
from tests.registry.county import PLACES, Clock, County, change

POLICY = devices.UrlPolicy(allow_loopback=True)


class Desk:
    """A county with a rule, its targets, and a sender that is turned by hand."""

    def __init__(self, county: County, settings: Settings, officer: Actor, admin: Actor) -> None:
        self.county, self.officer, self.admin = county, officer, admin
        self.faults = Faults()
        self.sender = Sender(county.store, county.vault, settings, self.faults)
        self.secret = ""

    async def target(self, address: str, kind: TargetKind = TargetKind.WEBHOOK) -> targets.MadeTarget:
        new = NewAlertTarget(name=f"{kind} {address}", kind=kind, address=address)
        made = await targets.create(self.county.store, self.county.vault, new, self.admin, policy=POLICY)
        self.secret = made.secret or ""
        return made

    async def rule(self, *to: targets.MadeTarget, **given: Any) -> None:
        new = NewAlertRule(name="夜间", reason="防盗", targets=tuple(one.id for one in to), **given)
        await rules.create(self.county.store, new, self.officer)

    async def event(self, **given: Any) -> Event:
        given = {"started_at": self.county.clock.now, **given}
        camera = given.pop("camera", None) or await self.county.camera()
        (kept,) = await events.record(self.county.store, [change(camera, **given)])
        assert kept.event is not None
        return kept.event

    async def alarm(self) -> Event:
        event = await self.event()
        for standing in await alerts.standing(self.county.store):
            await alerts.raise_alert(self.county.store, standing, event)
        return event

    async def turn(self) -> list[tuple[DeliveryState, int, str]]:
        await self.sender.round()
        await self.sender.idle()
        log = await self.county.log(self.officer)
        return [(one.state, one.attempts, one.error) for one in log]


@pytest.fixture
async def desk(tmp_path: Path, registry_url: str) -> Any:
    clock = Clock()
    store = await Store.open(registry_url, clock=clock)
    for code, name in PLACES:
        await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
    vault = Vault(bytes(32))
    device = await devices.create(store, vault, devices.NewDevice(name="NVR", host="10.0.0.5"), CONSOLE)
    county = County(store, vault, clock, device.id)
    officer = Actor(await county.user(), "10.1.1.1", "session")
    admin = Actor(await county.user("boss", Role.ADMIN), "10.1.1.1", "session")
    settings = Settings(data_dir=tmp_path, allow_loopback=True, public_url="https://hub.example/")
    yield Desk(county, settings, officer, admin)
    await store.close()


async def test_a_webhook_gets_a_signed_message_without_picture_or_owner(desk: Desk) -> None:
    async with receiving() as receiver:
        await desk.rule(await desk.target(receiver.url), page=False)
        event = await desk.alarm()
        assert await desk.turn() == [(DeliveryState.SENT, 1, "")]
    ((headers, body),) = receiver.got
    when, signature = (part.split("=", 1)[1] for part in headers["X-Hub-Signature"].split(","))
    expected = hmac.new(desk.secret.encode(), f"{when}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature == expected
    told = json.loads(body)
    assert told["camera"]["village_name"] == "汉书村"
    assert told["event"]["id"] == str(event.id)
    assert told["link"] == f"https://hub.example/#/events/{event.id}"
    assert set(told) == {"type", "id", "rule", "camera", "event", "events", "link"}
    assert await desk.turn() == [(DeliveryState.SENT, 1, "")]


async def test_a_failure_is_tried_again_with_growing_waits_until_it_is_final(desk: Desk) -> None:
    async with receiving(*[503] * 9) as receiver:
        await desk.rule(await desk.target(receiver.url), page=False)
        await desk.alarm()
        for attempt, wait in enumerate(WAITS_S, start=1):
            assert await desk.turn() == [(DeliveryState.PENDING, attempt, "HTTP 503")]
            desk.county.clock.turn(seconds=wait - 1)
            assert await desk.turn() == [(DeliveryState.PENDING, attempt, "HTTP 503")]
            desk.county.clock.turn(seconds=1)
        assert await desk.turn() == [(DeliveryState.FAILED, len(WAITS_S) + 1, "HTTP 503")]
        await desk.sender.round()
        assert [fault.code for fault in desk.faults.now()] == ["alerts_failed"]
    assert len(receiver.got) == len(WAITS_S) + 1


@pytest.mark.parametrize(
    ("status", "state"), [(404, DeliveryState.FAILED), (302, DeliveryState.FAILED), (429, DeliveryState.PENDING)]
)
async def test_a_refusal_is_final_and_a_redirect_is_not_followed(desk: Desk, status: int, state: DeliveryState) -> None:
    async with receiving(status) as receiver:
        await desk.rule(await desk.target(receiver.url), page=False)
        await desk.alarm()
        assert await desk.turn() == [(state, 1, f"HTTP {status}")]
        assert len(receiver.got) == 1
    await desk.sender.round()
    assert [fault.code for fault in desk.faults.now()] == (["alerts_failed"] if state is DeliveryState.FAILED else [])


async def test_a_closed_port_is_told_and_holds_up_no_other_target(desk: Desk) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    async with receiving() as receiver:
        await desk.rule(await desk.target(address), await desk.target(receiver.url), page=False)
        await desk.alarm()
        assert sorted(await desk.turn()) == [(DeliveryState.PENDING, 1, "port_closed"), (DeliveryState.SENT, 1, "")]


async def test_a_target_that_failed_rests_though_more_waits_for_it(desk: Desk) -> None:
    async with receiving(503, 503) as receiver:
        await desk.rule(await desk.target(receiver.url), page=False)
        for _ in range(3):
            await desk.alarm()
        for _ in range(3):
            await desk.turn()
        assert len(receiver.got) == 1
        desk.county.clock.turn(seconds=WAITS_S[0])
        await desk.turn()
        assert len(receiver.got) == 2
        desk.county.clock.turn(hours=-8)
        await desk.turn()
        assert len(receiver.got) == 3


async def test_an_address_that_has_come_to_mean_this_machine_is_refused(desk: Desk, tmp_path: Path) -> None:
    async with receiving() as receiver:
        await desk.rule(await desk.target(receiver.url), page=False)
        await desk.alarm()
        desk.sender = Sender(desk.county.store, desk.county.vault, Settings(data_dir=tmp_path), desk.faults)
        assert await desk.turn() == [(DeliveryState.FAILED, 1, "url")]
    assert receiver.got == []


async def test_a_mail_says_where_what_and_when_in_the_first_language(desk: Desk, tmp_path: Path) -> None:
    async with mailbox() as box:
        smtp = SmtpSettings(host="127.0.0.1", port=box.port, security="none", sender="hub@mail.example")
        settings = Settings(data_dir=tmp_path, smtp=smtp)
        desk.sender = Sender(desk.county.store, desk.county.vault, settings, desk.faults)
        await desk.rule(await desk.target("duty@mail.example", TargetKind.EMAIL), page=False)
        await desk.alarm()
        assert await desk.turn() == [(DeliveryState.SENT, 1, "")]
    letter = email.message_from_string(box.letters[0], policy=email.policy.default)
    assert letter["To"] == "duty@mail.example"
    assert "汉书村" in letter["Subject"]
    assert "人员" in letter["Subject"]
    assert "2026-11-23 12:00:00" in letter.get_content()


async def test_mail_that_cannot_be_sent_says_why(desk: Desk, tmp_path: Path) -> None:
    await desk.rule(await desk.target("duty@mail.example", TargetKind.EMAIL), page=False)
    await desk.alarm()
    ((state, _, error),) = await desk.turn()
    assert (state, "no mail server" in error) == (DeliveryState.FAILED, True)
    async with mailbox(refuse=True) as box:
        smtp = SmtpSettings(host="127.0.0.1", port=box.port, security="none", sender="hub@mail.example")
        desk.sender = Sender(desk.county.store, desk.county.vault, Settings(data_dir=tmp_path, smtp=smtp), desk.faults)
        await desk.alarm()
        assert (DeliveryState.FAILED, 1, "the mail server refuses this address") in await desk.turn()


async def test_a_target_is_tried_without_any_event(desk: Desk) -> None:
    async with receiving(500) as receiver:
        made = await desk.target(receiver.url)
        target, sealed = await targets.to_try(desk.county.store, made.id, desk.admin)
        first = await asyncio.to_thread(desk.sender.try_target, sealed, target.name, target.kind)
        second = await asyncio.to_thread(desk.sender.try_target, sealed, target.name, target.kind)
    assert (first.ok, first.status, second.ok) == (False, 500, True)
    assert json.loads(receiver.got[1][1]) == {"type": "test", "target": made.name}


async def test_events_are_held_against_the_rules_and_grouped(desk: Desk) -> None:
    await desk.rule(quiet=Hours(from_minute=13 * 60, to_minute=14 * 60))
    feed: Feed[Event] = Feed()
    told: Feed[alerts.Alert] = Feed()
    watch = EventWatch(desk.county.store, feed, told)
    camera = await desk.county.camera()
    with told.subscribe() as heard:
        first = await desk.event(camera=camera)
        await watch.consider(first)
        await watch.consider(first)
        for _ in range(4):
            await watch.consider(await desk.event(camera=camera))
        alert = await heard.get()
        assert isinstance(alert, alerts.Alert)
        assert alert.event.id == first.id
        desk.county.clock.turn(hours=1)
        await watch.consider(await desk.event(camera=camera))
        await watch._count()
    (line,) = await desk.county.log(desk.officer)
    assert line.events == 5
    assert heard._items == type(heard._items)()


async def test_what_happened_while_the_hub_was_away_is_told_at_its_start_and_not_twice(desk: Desk) -> None:
    await desk.rule()
    event = await desk.event(started_at=desk.county.clock.now - timedelta(minutes=2))
    desk.county.clock.turn(minutes=-20)
    await desk.event()
    desk.county.clock.turn(minutes=20)
    for _ in range(2):
        watch = EventWatch(desk.county.store, Feed(), Feed())
        running = asyncio.create_task(watch.run())
        async with asyncio.timeout(10):
            while not watch._known:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    page = await alerts.list_alerts(desk.county.store, await desk.county.access(desk.officer.user))
    assert [one.event.id for one in page] == [event.id]


async def test_an_event_waits_for_a_database_that_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.rule()
    feed: Feed[Event] = Feed()
    watch = EventWatch(desk.county.store, feed, Feed())
    real, failures = alerts.raise_alert, [Unavailable("away"), Unavailable("away")]

    async def flaky(*given: Any) -> Any:
        if failures:
            raise failures.pop()
        return await real(*given)

    monkeypatch.setattr(alerts, "raise_alert", flaky)
    monkeypatch.setattr(sending, "LOOK_S", 0.01)
    running = asyncio.create_task(watch.run())
    async with asyncio.timeout(10):
        while not feed._subscriptions:
            await asyncio.sleep(0.01)
        feed.publish([await desk.event()])
        while not watch._known:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(await desk.county.log(desk.officer)) == 1


async def test_a_hub_that_was_off_for_long_tells_what_was_stored_last_before(desk: Desk) -> None:
    await desk.rule()
    seen = desk.county.clock.now
    event = await desk.event(started_at=seen - timedelta(minutes=1))
    desk.county.clock.turn(hours=3)
    watch = EventWatch(desk.county.store, Feed(), Feed(), seen)
    running = asyncio.create_task(watch.run())
    async with asyncio.timeout(10):
        while not watch._known:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    page = await alerts.list_alerts(desk.county.store, await desk.county.access(desk.officer.user))
    assert [one.event.id for one in page] == [event.id]


async def test_what_came_late_and_all_at_once_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "QUEUE", 2)
    monkeypatch.setattr(raising, "MOST_RECENT", 3)
    await desk.rule()
    feed: Feed[Event] = Feed()
    running = asyncio.create_task(EventWatch(desk.county.store, feed, Feed()).run())
    async with asyncio.timeout(30):
        while not feed._subscriptions:
            await asyncio.sleep(0.01)
        started = desk.county.clock.now - timedelta(hours=1)
        late = [await desk.event(started_at=started) for _ in range(8)]
        feed.publish(late)
        told: set[Any] = set()
        while len(told) < len(late):
            told = {one.camera_id for one in await desk.county.log(desk.officer)}
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_start_does_not_count_again_what_was_counted(desk: Desk) -> None:
    await desk.rule()
    camera = await desk.county.camera()
    happened = [await desk.event(camera=camera) for _ in range(4)]
    for _ in range(2):
        watch = EventWatch(desk.county.store, Feed(), Feed())
        for event in happened:
            await watch.consider(event)
        await watch._count()
    (line,) = await desk.county.log(desk.officer)
    assert line.events == 4


async def test_a_name_that_breaks_a_letter_is_told_all_the_same(desk: Desk, tmp_path: Path) -> None:
    async with mailbox() as box:
        smtp = SmtpSettings(host="127.0.0.1", port=box.port, security="none", sender="hub@mail.example")
        settings = Settings(data_dir=tmp_path, smtp=smtp)
        desk.sender = Sender(desk.county.store, desk.county.vault, settings, desk.faults)
        await desk.rule(await desk.target("duty@mail.example", TargetKind.EMAIL), page=False)
        event = await desk.event(camera=await desk.county.camera(name="村\u2028口"))
        (standing,) = await alerts.standing(desk.county.store)
        await alerts.raise_alert(desk.county.store, standing, event)
        assert await desk.turn() == [(DeliveryState.SENT, 1, "")]


async def test_a_sending_that_breaks_is_on_the_log_and_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("a secret")

    monkeypatch.setattr(sending.webhook, "post", broken)
    await desk.rule(await desk.target("https://hook.example/"), page=False)
    await desk.alarm()
    assert await desk.turn() == [(DeliveryState.PENDING, 1, "ValueError")]


async def test_many_targets_that_are_away_leave_the_hub_its_threads(desk: Desk) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        many = [await desk.target(f"{address}/{one}") for one in range(64)]
        for some in range(0, 64, 8):
            await desk.rule(*many[some : some + 8], page=False)
        await desk.alarm()
        await desk.sender.round()
        connected, _ = await asyncio.to_thread(silent.accept)
        assert await asyncio.to_thread(lambda: "a picture") == "a picture"
        assert len(desk.sender._busy) == 64
        connected.close()
    await desk.sender.idle()


async def test_a_webhook_that_answers_byte_by_byte_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending.webhook, "ANSWER_S", 2.0)
    ended = asyncio.get_running_loop().create_future()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bytes_left = 200
        while bytes_left and not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.1)
            bytes_left -= 1
        writer.close()
        ended.set_result("by itself" if not bytes_left else "cut off")

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        await desk.rule(await desk.target(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"), page=False)
        await desk.alarm()
        assert await desk.turn() == [(DeliveryState.PENDING, 1, "BadStatusLine")]
        assert await ended == "cut off"

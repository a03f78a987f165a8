"""The keeper on a real registry: what is kept, what is refused, and what one bad message does to the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import stamina

from camera_hub.faults import Faults
from camera_hub.feed import Feed
from camera_hub.media import Media, snapshot_key
from camera_hub.observe import Metrics
from camera_hub.watch import keeper as module
from camera_hub.watch import messages
from camera_hub.watch.channel import Delivery
from camera_hub.watch.keeper import Keeper
from registry.errors import Unavailable
from registry.model import Camera, EventChange, EventKind, Kind, LabelGroup, Reason, State, StatusChange
from registry.store import Store
from registry.vault import Vault
from tests.camera_hub.watch.county import add_camera, found, officer, place_village, state_of
from tools.bench.producer import change


class Lane:
    """An inlet fed by the test."""

    def __init__(self) -> None:
        self.batches: asyncio.Queue[list[Delivery] | Exception] = asyncio.Queue()
        self.acknowledged: list[bytes] = []
        self.refuses = False
        self.waiting = 0

    def send(self, *data: bytes) -> None:
        self.batches.put_nowait([Delivery(one, None) for one in data])

    async def receive(self, limit: int) -> list[Delivery]:
        got = await self.batches.get()
        if isinstance(got, Exception):
            raise got
        return got

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        if self.refuses:
            raise Unavailable("Redis is away")
        self.acknowledged += [d.data for d in deliveries]

    async def close(self) -> None:
        pass


class Room:
    """A keeper at work."""

    def __init__(self, folder: Path, store: Store, camera: Camera) -> None:
        self.store = store
        self.camera = camera
        self.lane = Lane()
        self.media = Media(folder, 0, 10**12)
        self.feed = Feed()
        self.faults = Faults()
        self.keeper = Keeper(
            store, self.media, self.lane, self.feed, metrics=Metrics(), faults=self.faults, node="local"
        )

    def event(
        self, event_id: UUID, revision: int = 1, *, camera: UUID | None = None, picture: bool = True
    ) -> EventChange:
        key = snapshot_key(event_id, revision, datetime.now(UTC)) if picture else None
        if key:
            self.media.put(key, b"jpeg")
        return change(camera or self.camera.id, event_id, revision, key, 4, ended=False)

    async def acknowledged(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.lane.acknowledged) < count:
                await asyncio.sleep(0.005)
        await self.keeper.settle()  # discards are deleted after the acknowledgement


@pytest.fixture
async def room(tmp_path: Path, registry_url: str) -> AsyncIterator[Room]:
    store = await Store.open(registry_url)
    await place_village(store)
    camera = await add_camera(store, Vault(bytes(32)), "rtsp://127.0.0.1/x")
    room = Room(tmp_path, store, camera)
    task = asyncio.create_task(room.keeper.run())
    yield room
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.close()


async def test_events_and_states_are_kept_published_and_acknowledged(room: Room) -> None:
    event_id = uuid4()
    now = datetime.now(UTC)
    state = StatusChange(room.camera.id, State.LIVE, None, "", now, "h264", 640, 360, 15.0, now)
    with room.feed.subscribe() as listener:
        room.lane.send(messages.encode(room.event(event_id)), messages.encode(state))
        shown = await listener.get()
    await room.acknowledged(2)
    assert getattr(shown, "id", None) == event_id
    assert [e.id for e in await found(room.store, await officer(room.store))] == [event_id]
    assert await state_of(room.store, room.camera.id) == ("live", None)


async def test_one_bad_message_never_blocks_the_rest(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [uuid4() for _ in range(3)]
    cursed = uuid4()
    record = module.events.record

    async def breaks(store: Store, group: Sequence[EventChange]) -> object:
        if any(one.id == cursed for one in group):
            raise RuntimeError("a bug that one message meets")
        return await record(store, group)

    monkeypatch.setattr(module.events, "record", breaks)
    room.lane.send(
        messages.encode(room.event(good[0])),
        b"not json",
        b"",
        b'{"kind":"event","body":{}}',
        messages.encode(room.event(cursed)),
        messages.encode(room.event(good[1])),
        messages.encode(room.event(good[2])),
    )
    await room.acknowledged(7)
    assert {e.id for e in await found(room.store, await officer(room.store))} == set(good)
    assert room.keeper.counts.poison == 4
    assert [fault.code for fault in room.faults.now()] == ["poison_message"]


async def test_a_database_that_is_away_is_waited_for(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    stamina.set_testing(True, attempts=100)
    record, away = module.events.record, [True, True, True]

    async def sometimes(store: Store, group: Sequence[EventChange]) -> object:
        if away:
            away.pop()
            assert not room.lane.acknowledged
            raise Unavailable("locked", code="database_locked")
        return await record(store, group)

    monkeypatch.setattr(module.events, "record", sometimes)
    try:
        event_id = uuid4()
        room.lane.send(messages.encode(room.event(event_id)))
        await room.acknowledged(1)
    finally:
        stamina.set_testing(False)
    assert [e.id for e in await found(room.store, await officer(room.store))] == [event_id]
    assert room.faults.now() == ()


async def test_the_picture_a_later_revision_replaced_goes(room: Room) -> None:
    event_id = uuid4()
    first, second = room.event(event_id, 1), room.event(event_id, 2)
    third = room.event(event_id, 3, picture=False)
    assert second.snapshot is not None
    for one in (first, second, third):
        room.lane.send(messages.encode(one))
    await room.acknowledged(3)
    assert list(room.media.keys()) == [second.snapshot]


async def test_an_unknown_thing_that_is_recognised_is_published_and_found_by_its_name(room: Room) -> None:
    event_id = uuid4()
    unknown = replace(
        room.event(event_id, 1),
        kind=EventKind.UNKNOWN_MOVING,
        rule_id="moving",
        label="unknown",
        group=LabelGroup.UNKNOWN,
    )
    named = replace(
        room.event(event_id, 2), kind=EventKind.OBJECT, rule_id="things", label="car", group=LabelGroup.VEHICLE
    )
    access = await officer(room.store)
    with room.feed.subscribe() as listener:
        for one in (unknown, named):
            room.lane.send(messages.encode(one))
            shown = await listener.get()
            assert getattr(shown, "label", None) == one.label
            assert [e.revision for e in await found(room.store, access, label=[one.label])] == [one.revision]
    await room.acknowledged(2)
    assert await found(room.store, access, label=["unknown"]) == []
    assert [e.id for e in await found(room.store, access, kind=["object"], group=["vehicle"], rule=["things"])] == [
        event_id
    ]


async def test_a_message_that_comes_twice_changes_nothing(room: Room) -> None:
    one = room.event(uuid4())
    for _ in range(3):
        room.lane.send(messages.encode(one))
    await room.acknowledged(3)
    assert list(room.media.keys()) == [one.snapshot]
    assert len(await found(room.store, await officer(room.store))) == 1


async def test_refused_events_leave_no_picture(room: Room) -> None:
    household = await add_camera(
        room.store, Vault(bytes(32)), "rtsp://127.0.0.1/y", name="House", kind=Kind.CIVILIAN, owner_name="W",
        owner_contact="1", manager_unit="",
    )  # fmt: skip
    room.lane.send(
        messages.encode(room.event(uuid4(), camera=household.id)), messages.encode(room.event(uuid4(), camera=uuid4()))
    )
    await room.acknowledged(2)
    assert room.keeper.counts.refused == 2
    assert list(room.media.keys()) == []
    assert await found(room.store, await officer(room.store)) == []


async def test_a_channel_that_is_away_is_a_fault_until_it_is_back(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHANNEL_PAUSE_S", 0.01)
    room.lane.batches.put_nowait(Unavailable("Redis is away", code="redis_away"))
    async with asyncio.timeout(5):
        while [f.code for f in room.faults.now()] != ["channel_away"]:
            await asyncio.sleep(0.005)
        room.lane.send()
        while room.faults.now():
            await asyncio.sleep(0.005)


async def test_an_acknowledgement_that_fails_loses_nothing(room: Room) -> None:
    room.lane.refuses = True
    one = room.event(uuid4())
    room.lane.send(messages.encode(one))
    async with asyncio.timeout(5):
        while not room.keeper.counts.stored:
            await asyncio.sleep(0.005)
    room.lane.refuses = False
    room.lane.send(messages.encode(one))
    await room.acknowledged(1)
    assert len(await found(room.store, await officer(room.store))) == 1
    assert list(room.media.keys()) == [one.snapshot]


def test_state_reasons_travel() -> None:
    now = datetime.now(UTC)
    state = StatusChange(uuid4(), State.BACKING_OFF, Reason.REJECTED, "401", now, None, None, None, None, None)
    assert messages.decode(messages.encode(state)) == state

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camera_hub.watch import outbox as module
from camera_hub.watch.outbox import Outbox, spooled_snapshots


def message(n: int) -> bytes:
    return json.dumps({"kind": "event", "body": {"n": n, "snapshot": f"snapshots/{n}"}}).encode()


async def drain(outbox: Outbox) -> list[bytes]:
    """Send and acknowledge until nothing is left; the messages in the order they went out."""
    sent = []
    while len(outbox):
        entries = await outbox.unsent()
        sent += [e.data for e in entries]
        outbox.acknowledge([e.seq for e in entries])
    return sent


async def test_what_is_sent_stays_until_acknowledged(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    outbox.put(b"a")
    outbox.put(b"b")
    first = await outbox.unsent()
    assert [e.data for e in first] == [b"a", b"b"]
    assert len(outbox) == 2
    outbox.acknowledge([first[0].seq])
    outbox.rewind()
    assert [e.data for e in await outbox.unsent()] == [b"b"]


async def test_rewind_spares_what_the_channel_still_holds(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    for n in range(4):
        outbox.put(message(n))
    entries = await outbox.unsent()
    outbox.rewind({entries[1].seq, entries[2].seq})
    assert [e.data for e in await outbox.unsent()] == [message(0), message(3)]


async def test_beyond_memory_messages_go_to_disk_and_come_back_in_order(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0, memory=10)
    messages = [message(n) for n in range(100)]
    for data in messages:
        outbox.put(data)
    assert len(outbox) == 100
    assert list(tmp_path.glob("*.spool"))
    assert await drain(outbox) == messages
    assert not list(tmp_path.glob("*.spool"))
    assert outbox.lost == 0


async def test_beyond_the_disk_bound_the_oldest_are_lost_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_BYTES", 1000)
    outbox = Outbox(tmp_path, 0, memory=2, disk_bytes=5000)
    for n in range(500):
        outbox.put(message(n))
    assert sum(p.stat().st_size for p in tmp_path.glob("*.spool")) <= 6200
    assert outbox.lost == 500 - len(outbox) > 0
    sent = await drain(outbox)
    assert sent[:2] == [message(0), message(1)], "what is in memory may be on its way already: it stays"
    assert sent[-1] == message(499)


async def test_spill_hands_everything_to_the_next_worker(tmp_path: Path) -> None:
    first = Outbox(tmp_path, 1, 2, memory=5)
    messages = [message(n) for n in range(20)]
    for data in messages:
        first.put(data)
    first.acknowledge([e.seq for e in await first.unsent(3)])
    first.spill()
    assert spooled_snapshots(tmp_path) == {f"snapshots/{n}" for n in range(3, 20)}
    assert len(Outbox(tmp_path, 0, 2)) == 0, "another slot's spool is not ours"
    assert await drain(Outbox(tmp_path, 1, 2)) == messages[3:]
    assert not list(tmp_path.glob("*.spool"))


async def test_a_slot_adopts_the_spool_of_slots_that_no_longer_exist(tmp_path: Path) -> None:
    gone = Outbox(tmp_path, 5, 6)
    gone.put(b"{}")
    gone.spill()
    assert len(Outbox(tmp_path, 0, 2)) == 0
    assert await drain(Outbox(tmp_path, 1, 2)) == [b"{}"]


async def test_a_killed_workers_spool_is_sent_again_whole(tmp_path: Path) -> None:
    killed = Outbox(tmp_path, 0, memory=4)
    for n in range(10):
        killed.put(message(n))
    with next(iter(tmp_path.glob("*.spool"))).open("ab") as file:
        file.write(b'{"torn')
    assert killed._tail is not None
    killed._tail.close()
    assert await drain(Outbox(tmp_path, 0)) == [message(n) for n in range(4, 10)]


async def test_a_full_disk_loses_the_oldest_not_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = Outbox(tmp_path, 0, memory=3)

    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    for n in range(5):
        outbox.put(message(n))
    assert outbox.lost == 2
    assert await drain(outbox) == [message(2), message(3), message(4)]


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.sampled_from(["put", "send", "ack", "rewind", "restart"]), max_size=80))
async def test_nothing_unacknowledged_is_ever_lost(steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("outbox")
    outbox = Outbox(folder, 0, memory=3)
    put, acknowledged, in_flight = 0, set(), []
    for step in steps:
        if step == "put":
            outbox.put(message(put))
            put += 1
        elif step == "send" and len(outbox) and outbox._unsent:
            in_flight += await outbox.unsent(2)
        elif step == "ack" and in_flight:
            entry = in_flight.pop(0)
            outbox.acknowledge([entry.seq])
            acknowledged.add(entry.data)
        elif step == "rewind":
            in_flight = []
            outbox.rewind()
        elif step == "restart":
            outbox.spill()
            in_flight = []
            outbox = Outbox(folder, 0, memory=3)
    outbox.rewind()
    assert {message(n) for n in range(put)} - acknowledged <= set(await drain(outbox))

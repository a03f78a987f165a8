"""Two people at one camera, what the register tells of it, and a box replaced by another."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from registry import cameras, changes, consents, devices, replacement, scenes
from registry.cameras import CameraChange
from registry.devices import DeviceChange
from registry.errors import Conflict, Invalid, NotFound
from registry.model import Actor, Kind, Role
from registry.replacement import Replacement
from registry.scope import EVERYTHING, Scope
from registry.tables import audit as audit_rows
from registry.tables import devices as device_rows
from registry.users import CONSOLE
from tests.registry.county import NOON, County


async def test_who_was_faster_is_told_to_the_slower(county: County) -> None:
    camera = await county.camera()
    assert camera.revision == 1
    officer = Actor(await county.user("officer"), "10.0.0.1")
    first = CameraChange(note="mine", expected_revision=1)
    changed = await cameras.change(county.store, county.vault, camera.id, first, officer)
    assert changed.revision == 2
    with pytest.raises(Conflict) as err:
        await cameras.change(county.store, county.vault, camera.id, first, CONSOLE)
    assert (err.value.code, err.value.params) == (
        "camera_stale",
        {"revision": 2, "by": "officer", "at": NOON.isoformat()},
    )
    assert (await cameras.get(county.store, camera.id, EVERYTHING)).note == "mine"
    again = CameraChange(note="anyway")
    assert (await cameras.change(county.store, county.vault, camera.id, again, CONSOLE)).revision == 3


async def test_of_two_at_the_same_moment_one_is_told(county: County) -> None:
    camera = await county.camera()
    tries = [
        cameras.change(county.store, county.vault, camera.id, CameraChange(note=note, expected_revision=1), CONSOLE)
        for note in ("a", "b", "c")
    ]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Camera", "Conflict", "Conflict"]


async def test_a_device_has_revisions_too_and_its_cameras_follow(county: County) -> None:
    camera = await county.camera()
    officer = Actor(await county.user("officer"), "10.0.0.1")
    device = await devices.get(county.store, county.device_id, EVERYTHING)
    moved = DeviceChange(host="10.0.0.9", expected_revision=device.revision)
    assert (await devices.change(county.store, county.vault, device.id, moved, officer)).revision == device.revision + 1
    assert (await cameras.get(county.store, camera.id, EVERYTHING)).revision == 2
    late = CameraChange(note="x", expected_revision=1)
    with pytest.raises(Conflict) as moved_away:
        await cameras.change(county.store, county.vault, camera.id, late, CONSOLE)
    assert (moved_away.value.code, moved_away.value.params["by"]) == ("camera_stale", "officer")
    with pytest.raises(Conflict) as err:
        await devices.change(county.store, county.vault, device.id, moved, CONSOLE)
    assert (err.value.code, err.value.params["by"]) == ("device_stale", "officer")
    before = (await devices.get(county.store, device.id, EVERYTHING)).revision
    new = CameraChange(sub_url="rtsp://root:x@10.0.0.9/sub")
    await cameras.change(county.store, county.vault, camera.id, new, CONSOLE)
    assert (await devices.get(county.store, device.id, EVERYTHING)).revision == before + 1
    await devices.set_clock_offset(county.store, device.id, 500)
    assert (await devices.get(county.store, device.id, EVERYTHING)).revision == before + 1


async def test_changes_tell_who_when_and_what_and_nothing_secret_or_personal(county: County) -> None:
    camera = await county.camera(kind=Kind.CIVILIAN, name="老李家")
    officer = Actor(await county.user("officer"), "10.0.0.1")
    wanted = CameraChange(name="李家院", owner_contact="13900000000", sub_url="rtsp://root:top%20secret@10.0.0.5/2")
    county.clock.turn(hours=1)
    await cameras.change(county.store, county.vault, camera.id, wanted, officer)
    await scenes.put(county.store, camera.id, scenes.DEFAULT_SCENE, officer)
    await county.consent(camera)
    await cameras.change(county.store, county.vault, (await county.camera()).id, CameraChange(note="other"), CONSOLE)
    told = await changes.list_changes(county.store, camera.id, EVERYTHING)
    assert [one.action for one in told] == [
        "consent.create", "scene.put", "camera.change", "device.change", "camera.create",
    ]  # fmt: skip
    edit, of_box = told[2:4]
    assert {one.field: (one.old, one.new) for one in of_box.changed} == {
        "password": (None, None),
        "username": (None, None),
    }
    assert (edit.by, edit.role, edit.at.hour) == ("officer", Role.OFFICER, 5)
    assert {one.field: (one.old, one.new) for one in edit.changed} == {
        "name": ("老李家", "李家院"),
        "owner_contact": (None, None),
        "sub_url": ("rtsp://10.0.0.5/sub", "rtsp://10.0.0.5/2"),
    }
    async with county.store.read() as conn:
        kept = str((await conn.execute(sa.select(audit_rows.c.detail))).all())
    assert not [one for one in ("13900000000", "top secret", "top%20secret") if one in kept]
    with pytest.raises(NotFound):
        await changes.list_changes(county.store, camera.id, Scope(("220882101",)))
    with pytest.raises(NotFound):
        await changes.list_changes(county.store, uuid4(), EVERYTHING)


async def test_a_detail_that_was_cut_is_still_a_change(county: County) -> None:
    camera = await county.camera(note="n" * 200)
    long = dict.fromkeys(("name", "manager_unit", "hamlet"), "镇" * 60)
    urls = {"main_url": "rtsp://10.0.0.5/" + "m" * 950, "sub_url": "rtsp://10.0.0.5/" + "s" * 950}
    for extra in ("x", "y"):
        wanted = CameraChange(**long, **{name: url + extra for name, url in urls.items()}, address="地" * 200)
        await cameras.change(county.store, county.vault, camera.id, wanted, CONSOLE)
    told = await changes.list_changes(county.store, camera.id, EVERYTHING)
    assert [one.action for one in told] == ["camera.change", "camera.change", "camera.create"]


async def test_a_new_box_takes_the_place_and_the_rest_stays(county: County) -> None:
    new = devices.NewDevice(name="旧盒", host="10.0.0.7", username="admin", password=SecretStr("old"))
    old = await devices.create(county.store, county.vault, new, CONSOLE)
    camera = await county.camera(
        kind=Kind.CIVILIAN, device_id=old.id, sub_url="rtsp://10.0.0.7/1", gb_id="22088200011327300001"
    )
    await county.consent(camera)
    await scenes.put(county.store, camera.id, scenes.DEFAULT_SCENE, CONSOLE)
    wanted = Replacement(host="10.0.0.8", vendor="dahua", sub_url="rtsp://admin:fresh@10.0.0.8/1", expected_revision=1)
    replaced = await replacement.replace(county.store, county.vault, camera.id, wanted, CONSOLE)
    assert (replaced.id, replaced.gb_id, replaced.sub_url, replaced.revision) == (
        camera.id, "22088200011327300001", "rtsp://10.0.0.8/1", 2,
    )  # fmt: skip
    box = await devices.get(county.store, replaced.device_id, EVERYTHING)
    assert (box.name, box.type, box.host, box.vendor) == ("旧盒", "camera", "10.0.0.8", "dahua")
    assert await devices.credentials(county.store, county.vault, box.id) == ("admin", "fresh")
    assert (await scenes.get(county.store, camera.id)).revision == 1
    assert len(await consents.list_for(county.store, camera.id, EVERYTHING)) == 1
    with pytest.raises(NotFound):
        await devices.get(county.store, old.id, EVERYTHING)
    async with county.store.read() as conn:
        row = (await conn.execute(sa.select(device_rows).where(device_rows.c.id == old.id))).one()
    assert row.password_sealed is None
    assert "camera.replace" in [one.action for one in await changes.list_changes(county.store, camera.id, EVERYTHING)]
    with pytest.raises(Conflict):
        await replacement.replace(county.store, county.vault, camera.id, wanted, CONSOLE)


async def test_an_nvr_with_other_cameras_stays_and_what_fails_leaves_no_box(county: County) -> None:
    camera, other = await county.camera(), await county.camera()
    before = await devices.list_devices(county.store, EVERYTHING)
    elsewhere = Replacement(host="10.0.0.8", sub_url="rtsp://10.0.0.9/1")
    with pytest.raises(Invalid) as err:
        await replacement.replace(county.store, county.vault, camera.id, elsewhere, CONSOLE)
    assert err.value.fields[0].path == "sub_url"
    assert await devices.list_devices(county.store, EVERYTHING) == before
    same_host = Replacement(host="10.0.0.5", name="新盒", sub_url="rtsp://10.0.0.5/9")
    await replacement.replace(county.store, county.vault, camera.id, same_host, CONSOLE)
    assert {one.name for one in await devices.list_devices(county.store, EVERYTHING)} == {"NVR", "新盒"}
    assert (await cameras.get(county.store, other.id, EVERYTHING)).device_id == county.device_id


@pytest.mark.parametrize(
    "name", ["摄像头🐑", "باب المدرسة", "<script>alert(1)</script>", "x" * 64, "'; DROP TABLE cameras; --"]
)
async def test_names_are_kept_as_they_are(county: County, name: str) -> None:
    camera = await county.camera(name=name, hamlet=name, address=name * 3 if len(name) < 60 else name)
    kept = await cameras.get(county.store, camera.id, EVERYTHING)
    assert (kept.name, kept.hamlet) == (name, name)
    changed = await cameras.change(county.store, county.vault, camera.id, CameraChange(name="门", note=name), CONSOLE)
    assert changed.note == name
    assert json.loads((await row(county))["detail"])["old"]["name"] == name


async def row(county: County) -> dict:
    newest = sa.select(audit_rows).order_by(audit_rows.c.no.desc()).limit(1)
    async with county.store.read() as conn:
        return (await conn.execute(newest)).one()._asdict()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 300),
        ("hamlet", "x" * 65),
        ("address", "x" * 201),
        ("pole", "x" * 33),
        ("name", "a\x00b"),
        ("note", "a\nb"),
    ],
)
def test_fields_are_bounded(field: str, value: str) -> None:
    from registry.inputs import parse

    with pytest.raises(Invalid) as err:
        parse(CameraChange, {field: value})
    assert [one.path for one in err.value.fields] == [field]

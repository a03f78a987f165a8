"""Devices and cameras: the four kinds, addresses, sealed credentials, and the orders workers get."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from camera_hub.settings import Settings
from registry import audit, cameras, consents, devices, scenes, status
from registry.cameras import CameraChange, NewCamera, UrlPolicy
from registry.devices import DeviceChange, NewDevice
from registry.errors import Conflict, Corrupt, Denied, Invalid, NotFound
from registry.inputs import parse
from registry.model import Actor, ConsentScope, Kind, Reason, Role, State, StatusChange
from registry.scope import EVERYTHING, Scope
from registry.tables import audit as audit_rows
from registry.tables import devices as device_rows
from registry.users import CONSOLE
from tests.registry.county import NOON, County

POLICY = Settings().record_policy


async def test_each_kind_needs_its_fields(county: County) -> None:
    for kind, missing in (
        (Kind.PUBLIC, {"manager_unit": ""}),
        (Kind.SOCIAL, {"manager_unit": ""}),
        (Kind.WIFI_PROBE, {"probe_mac": ""}),
        (Kind.CIVILIAN, {"owner_name": ""}),
        (Kind.CIVILIAN, {"owner_contact": ""}),
        (Kind.WIFI_PROBE, {"sub_url": "rtsp://10.0.0.5/1"}),
        (Kind.PUBLIC, {"probe_mac": "00:11:22:33:44:55"}),
        (Kind.PUBLIC, {"lat": 45.0}),
    ):
        with pytest.raises(Invalid) as err:
            await county.camera(kind=kind, **missing)
        assert [one.path for one in err.value.fields] == list(missing)
    for kind in Kind:
        assert (await county.camera(kind=kind)).kind is kind


async def test_unknown_village_device_and_gb_id(county: County) -> None:
    with pytest.raises(Invalid) as err:
        await county.camera("220882100999")
    assert (err.value.fields[0].path, err.value.fields[0].code) == ("village_code", "village_unknown")
    with pytest.raises(NotFound):
        await county.camera(device_id=uuid4())
    gb_id = "22088200001320000001"
    first = await county.camera(gb_id=gb_id)
    with pytest.raises(Conflict):
        await county.camera(gb_id=gb_id)
    await cameras.change(county.store, county.vault, first.id, CameraChange(gb_id=gb_id, note="same"), CONSOLE)
    await cameras.remove(county.store, first.id, CONSOLE)
    await county.camera(gb_id=gb_id)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"kind": "drone"}, "kind"),
        ({"village_code": "220882"}, "village_code"),
        ({"bearing_deg": 360}, "bearing_deg"),
        ({"tier": "half"}, "tier"),
        ({"gb_id": "2208820000132000000"}, "gb_id"),
        ({"device_id": "1; DROP TABLE cameras"}, "device_id"),
        ({"face_recognition": True}, "face_recognition"),
        ({"probe_mac": "00:11:22:33:44"}, "probe_mac"),
    ],
)
def test_wrong_fields_are_named(data: dict[str, object], path: str) -> None:
    whole = {"device_id": str(uuid4()), "name": "c", "kind": "public", "village_code": "220882100200"}
    with pytest.raises(Invalid) as err:
        parse(NewCamera, {**whole, **data})
    assert [one.path for one in err.value.fields] == [path]


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://10.0.0.6/other",
        "rtsp://10.0.0.5/$(reboot)",
        "rtsp://10.0.0.5/1\r\nX: 1",
        "file:///etc/passwd",
        "rtsp://127.0.0.1/1",
        "gopher://10.0.0.5/",
    ],
)
async def test_addresses_a_camera_cannot_have(county: County, address: str) -> None:
    with pytest.raises(Invalid) as err:
        await county.camera(main_url=address)
    assert err.value.fields[0].path == "main_url"


async def test_settings_may_allow_files_and_loopback(county: County) -> None:
    allowed = UrlPolicy(allow_file=True, allow_loopback=True)
    with pytest.raises(Invalid):
        await devices.create(county.store, county.vault, NewDevice(name="d", host="localhost"), CONSOLE)
    box = await devices.create(
        county.store, county.vault, NewDevice(name="d", host="127.0.0.1"), CONSOLE, policy=allowed
    )
    new = NewCamera(
        device_id=box.id,
        name="c",
        kind=Kind.PUBLIC,
        village_code="220882100200",
        manager_unit="x",
        main_url="file:///tmp/a.mp4",
        sub_url="rtsp://127.0.0.1:8554/a",
    )
    with pytest.raises(Invalid):
        await cameras.create(county.store, county.vault, new, CONSOLE)
    made = await cameras.create(county.store, county.vault, new, CONSOLE, policy=allowed)
    assert made.main_url == "file:///tmp/a.mp4"


async def test_credentials_in_a_url_are_sealed_and_never_shown(county: County) -> None:
    camera = await county.camera(
        sub_url="rtsp://root:pa%20ss@10.0.0.5:554/x", main_url="rtsp://root:pa%20ss@10.0.0.5/y"
    )
    assert (camera.sub_url, camera.main_url) == ("rtsp://10.0.0.5:554/x", "rtsp://10.0.0.5/y")
    assert await devices.credentials(county.store, county.vault, county.device_id) == ("root", "pa ss")
    (order,) = await cameras.orders(county.store, county.vault, 0, 1, policy=POLICY)
    assert (order.username, order.password) == ("root", "pa ss")
    device = await devices.get(county.store, county.device_id, EVERYTHING)
    async with county.store.read() as conn:
        stored = str((await conn.execute(sa.select(device_rows))).all()) + str(
            (await conn.execute(sa.select(audit_rows))).all()
        )
    for shown in (
        repr(camera),
        repr(device),
        repr(order),
        stored,
        repr(NewDevice(name="d", host="h", password=SecretStr("pa ss"))),
    ):
        assert "pa ss" not in shown
        assert "pa%20ss" not in shown
    with pytest.raises(Invalid):
        await county.camera(sub_url="rtsp://a:1@10.0.0.5/x", main_url="rtsp://b:2@10.0.0.5/y")


async def test_another_host_drops_the_password_and_takes_the_urls_along(county: County) -> None:
    camera = await county.camera(sub_url="rtsp://10.0.0.5:8554/x?a=1")
    moved = await devices.change(county.store, county.vault, county.device_id, DeviceChange(host="10.0.0.9"), CONSOLE)
    assert (moved.host, moved.has_password) == ("10.0.0.9", False)
    assert (await cameras.get(county.store, camera.id, EVERYTHING)).sub_url == "rtsp://10.0.0.9:8554/x?a=1"
    assert await devices.credentials(county.store, county.vault, county.device_id) == ("admin", "")
    both = DeviceChange(host="fd00::5", password=SecretStr("new"))
    await devices.change(county.store, county.vault, county.device_id, both, CONSOLE)
    assert await devices.credentials(county.store, county.vault, county.device_id) == ("admin", "new")
    assert (await cameras.get(county.store, camera.id, EVERYTHING)).sub_url == "rtsp://[fd00::5]:8554/x?a=1"
    async with county.store.write() as conn:
        await conn.execute(sa.update(device_rows).values(host="evil.example"))
    with pytest.raises(Corrupt):
        await devices.credentials(county.store, county.vault, county.device_id)
    (order,) = await cameras.orders(county.store, county.vault, 0, 1, policy=POLICY)
    assert (order.halt, order.password) == (Reason.ERROR, "")


@pytest.mark.parametrize("host", ["10.0.0.5:80", "rtsp://10.0.0.5", "u@10.0.0.5", "a b", "", "x" * 254, "a/b", "a?b"])
def test_hosts_that_are_none(host: str) -> None:
    with pytest.raises(Invalid) as err:
        parse(NewDevice, {"name": "d", "host": host})
    assert [one.path for one in err.value.fields] == ["host"]


async def test_scope_limits_cameras_and_devices(county: County) -> None:
    here, there = await county.camera(), await county.camera("220882101200")
    scope = Scope(("220882100",))
    assert [one.id for one in await cameras.list_cameras(county.store, scope)] == [here.id]
    assert await cameras.list_cameras(county.store, Scope(())) == ()
    assert len(await cameras.list_cameras(county.store, EVERYTHING, village_prefix="220882")) == 2
    with pytest.raises(NotFound):
        await cameras.get(county.store, there.id, scope)
    assert len(await devices.list_devices(county.store, scope)) == 1
    assert await devices.list_devices(county.store, Scope(("220883",))) == ()
    assistant = await county.user("assistant", Role.TECHNICIAN, ("220882100",))
    actor = Actor(assistant, "")
    with pytest.raises(NotFound):
        await cameras.change(county.store, county.vault, there.id, CameraChange(enabled=False), actor)
    with pytest.raises(Denied):
        await cameras.change(county.store, county.vault, here.id, CameraChange(village_code="220882101200"), actor)
    with pytest.raises(NotFound):
        await scenes.put(county.store, there.id, scenes.DEFAULT_SCENE, actor)
    with pytest.raises(NotFound):
        await cameras.status_history(county.store, there.id, scope)


async def test_names_are_searched_as_written(county: County) -> None:
    await county.camera(name="North Gate 100%")
    await county.camera(name="north gate 1000")
    found = await cameras.list_cameras(county.store, EVERYTHING, text="NORTH gate 100%")
    assert [one.name for one in found] == ["North Gate 100%"]
    pole = await county.camera(hamlet="东屯", address="小卖部门前", pole="D-17", gb_id="22088200001320000417")
    for text in ("东屯", "门前", "d-17", "0417"):
        assert [one.id for one in await cameras.list_cameras(county.store, EVERYTHING, text=text)] == [pole.id]


async def test_orders_say_who_halts_and_why(county: County) -> None:
    live = await county.camera()
    off = await county.camera(enabled=False)
    probe = await county.camera(kind=Kind.WIFI_PROBE)
    blind = await county.camera(sub_url=None)
    civil = await county.camera(kind=Kind.CIVILIAN)

    async def halts() -> dict[UUID, Reason | None]:
        return {
            one.camera_id: one.halt for one in await cameras.orders(county.store, county.vault, 0, 1, policy=POLICY)
        }

    assert await halts() == {
        live.id: None,
        off.id: Reason.DISABLED,
        probe.id: Reason.NO_VIDEO,
        blind.id: Reason.NO_VIDEO,
        civil.id: Reason.NO_CONSENT,
    }
    before = await county.store.revision()
    clip = await county.consent(civil, scopes={ConsentScope.CLIP})
    assert (await halts())[civil.id] is Reason.NO_CONSENT
    night = await county.consent(civil, from_minute=22 * 60, to_minute=5 * 60)
    assert (await halts())[civil.id] is Reason.OUTSIDE_HOURS
    county.clock.turn(hours=10)
    assert (await halts())[civil.id] is None
    await consents.withdraw(county.store, night.id, CONSOLE)
    await consents.withdraw(county.store, clip.id, CONSOLE)
    assert (await halts())[civil.id] is Reason.DISABLED, "a withdrawal takes the camera out of use"
    assert await county.store.revision() > before
    shares = [await cameras.orders(county.store, county.vault, share, 3, policy=POLICY) for share in range(3)]
    assert sorted(one.camera_no for share in shares for one in share) == sorted(
        one.no for one in (live, off, probe, blind, civil)
    )
    await cameras.remove(county.store, live.id, CONSOLE)
    assert live.id not in await halts()
    with pytest.raises(NotFound):
        await cameras.get(county.store, live.id, EVERYTHING)


async def test_kind_stays_and_nulls_are_refused(county: County) -> None:
    camera = await county.camera(lat=45.0, lon=124.0)
    with pytest.raises(Invalid):
        parse(CameraChange, {"kind": "public"})
    with pytest.raises(Invalid) as err:
        await cameras.change(county.store, county.vault, camera.id, CameraChange(name=None), CONSOLE)
    assert err.value.fields[0].path == "name"
    changed = await cameras.change(county.store, county.vault, camera.id, CameraChange(lat=None, lon=None), CONSOLE)
    assert changed.lat is None


async def test_box_is_replaced_and_history_stays(county: County) -> None:
    camera = await county.camera()
    await cameras.record_status(county.store, [_status(camera.id, State.LIVE)])
    box = await devices.create(county.store, county.vault, NewDevice(name="new", host="10.0.0.7"), CONSOLE)
    with pytest.raises(Invalid):
        await cameras.change(county.store, county.vault, camera.id, CameraChange(device_id=box.id), CONSOLE)
    swap = CameraChange(device_id=box.id, sub_url="rtsp://10.0.0.7/1")
    changed = await cameras.change(county.store, county.vault, camera.id, swap, CONSOLE)
    assert (changed.device_id, changed.status.state) == (box.id, State.LIVE)
    with pytest.raises(Conflict):
        await devices.remove(county.store, box.id, CONSOLE)
    await devices.remove(county.store, county.device_id, CONSOLE)
    with pytest.raises(NotFound):
        await devices.credentials(county.store, county.vault, county.device_id)


def _status(camera_id: UUID, state: State, reason: Reason | None = None, **given: object) -> StatusChange:
    values = {"codec": None, "width": None, "height": None, "fps": None, "last_frame_at": None, **given}
    return StatusChange(camera_id, state, reason, "detail\x00" + "x" * 300, NOON, **values)


async def test_status_and_its_history(county: County) -> None:
    camera = await county.camera()
    assert camera.status.state is State.IDLE
    await cameras.record_status(
        county.store,
        [
            _status(camera.id, State.CONNECTING),
            _status(camera.id, State.LIVE, codec="h264", width=640, height=360, fps=15.0, last_frame_at=NOON),
            _status(uuid4(), State.LIVE),
        ],
    )
    await cameras.record_status(county.store, [_status(camera.id, State.LIVE)])
    await cameras.record_status(county.store, [_status(camera.id, State.BACKING_OFF, Reason.UNREACHABLE)])
    now = (await cameras.get(county.store, camera.id, EVERYTHING)).status
    assert (now.state, now.reason, now.codec, now.fps, now.last_frame_at) == (
        State.BACKING_OFF,
        Reason.UNREACHABLE,
        "h264",
        15.0,
        NOON,
    )
    history = await cameras.status_history(county.store, camera.id, EVERYTHING)
    assert [one.state for one in history] == [State.BACKING_OFF, State.LIVE, State.CONNECTING]
    listed = await cameras.list_cameras(county.store, EVERYTHING, state=State.BACKING_OFF)
    assert [one.id for one in listed] == [camera.id]


async def test_a_box_shared_with_other_villages_is_not_changed_from_one_of_them(county: County) -> None:
    await county.camera("220882100200")
    other = await county.camera("220882101200")
    actor = Actor(await county.user("local", grants=("220882100",)), "")
    for change in (DeviceChange(password="mine"), DeviceChange(host="10.0.0.9")):
        with pytest.raises(Denied) as err:
            await devices.change(county.store, county.vault, county.device_id, change, actor)
        assert (err.value.code, err.value.params) == ("out_of_scope", {"place": "220882101200"})
    new = {"name": "x", "kind": Kind.PUBLIC, "village_code": "220882100200", "manager_unit": "x"}
    url = "rtsp://me:mine@10.0.0.5/1"
    with pytest.raises(Denied):
        await cameras.create(
            county.store, county.vault, NewCamera(device_id=county.device_id, main_url=url, **new), actor
        )
    assert await devices.credentials(county.store, county.vault, county.device_id) == ("admin", "sealed secret")
    await cameras.remove(county.store, other.id, CONSOLE)
    await devices.change(county.store, county.vault, county.device_id, DeviceChange(password="mine"), actor)


async def test_changes_at_once_do_not_stop_each_other(county: County) -> None:
    async def box(number: int) -> None:
        new = NewDevice(name=f"box {number}", host="10.0.0.6")
        made = await devices.create(county.store, county.vault, new, CONSOLE)
        await devices.change(county.store, county.vault, made.id, DeviceChange(vendor="x"), CONSOLE)

    async def view(number: int) -> None:
        url = f"rtsp://admin:{number}@10.0.0.5/1"
        made = await county.camera(main_url=url)
        await cameras.change(county.store, county.vault, made.id, CameraChange(note="x"), CONSOLE)

    await asyncio.gather(*(make(number) for number in range(12) for make in (box, view)))
    assert await audit.verify(county.store) is None


async def test_a_hub_that_starts_forgets_what_was_last_said(county: County) -> None:
    live, idle = await county.camera(), await county.camera()
    await cameras.record_status(county.store, [_status(live.id, State.LIVE), _status(idle.id, State.IDLE)])
    await status.forget_states(county.store)
    assert await status.count_states(county.store) == {(State.IDLE, None): 2}
    assert [one.state for one in await cameras.status_history(county.store, live.id, EVERYTHING)] == [
        State.IDLE,
        State.LIVE,
    ]
    assert len(await cameras.status_history(county.store, idle.id, EVERYTHING)) == 1

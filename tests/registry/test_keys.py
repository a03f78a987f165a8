"""Changing the key: everything opens with the new one, nothing with the old, and it is on record. Both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from registry import audit, devices, keys
from registry.alerts import targets
from registry.alerts.targets import NewAlertTarget, TargetKind
from registry.errors import Corrupt
from registry.model import Actor, Role
from registry.tables import alert_targets, metadata
from registry.tables import devices as device_rows
from registry.users import CONSOLE
from registry.vault import STAGED, Vault, load_key, stage_key
from tests.registry.county import County

NEW = Vault(bytes(range(1, 33)))


def test_every_sealed_column_is_known() -> None:
    named = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    wanted = {name for name in named if name.endswith("_sealed")}
    assert wanted == {f"{one.column.table.name}.{one.column.name}" for one in keys.SEALED}


async def sealed_texts(county: County) -> list[str]:
    async with county.store.read() as conn:
        return [
            text
            for column in (device_rows.c.password_sealed, alert_targets.c.secret_sealed)
            for text in await conn.scalars(sa.select(column).where(column.is_not(None)))
        ]


async def test_everything_is_sealed_anew_and_on_record(county: County) -> None:
    admin = Actor(await county.user("boss", Role.ADMIN), "10.1.1.1", "session")
    hook = NewAlertTarget(name="值班", kind=TargetKind.WEBHOOK, address="https://hook.example/in")
    made = await targets.create(county.store, county.vault, hook, admin, policy=devices.STRICT)
    done = await keys.rotate(county.store, county.vault, NEW, CONSOLE)
    assert (done.resealed, done.unreadable) == (2, ())
    assert {text.split(":")[1] for text in await sealed_texts(county)} == {NEW.key_id}
    device, secret = await sealed_texts(county)
    assert NEW.unseal(device, devices.binding(county.device_id, "10.0.0.5")) == "sealed secret"
    assert NEW.unseal(secret, targets.binding(made.id, made.address)) == made.secret
    with pytest.raises(Corrupt):
        county.vault.unseal(device, devices.binding(county.device_id, "10.0.0.5"))
    (row,) = [one for one in await audit.list_rows(county.store, CONSOLE) if one.action == keys.ACTION]
    assert NEW.key_id in row.detail
    assert county.vault.key_id in row.detail
    assert await audit.verify(county.store) is None


async def test_what_the_old_key_does_not_open_is_named_and_left(county: County) -> None:
    stray = devices.NewDevice(name="坏的", host="10.0.0.6", username="a", password=SecretStr("x"))
    await devices.create(county.store, Vault(bytes(32)), stray, CONSOLE)
    done = await keys.rotate(county.store, county.vault, NEW, CONSOLE)
    assert (done.resealed, done.unreadable) == (1, ("坏的",))


async def test_a_change_that_broke_off_ends_on_the_side_of_the_database(county: County, tmp_path: Path) -> None:
    old = load_key(None, tmp_path)
    await keys.settle(county.store, tmp_path)  # nothing is on its way
    stage_key(tmp_path)
    await keys.settle(county.store, tmp_path)
    assert (load_key(None, tmp_path), (tmp_path / STAGED).exists()) == (old, False)
    new = stage_key(tmp_path)
    await keys.rotate(county.store, Vault(old), Vault(new), CONSOLE)
    await keys.settle(county.store, tmp_path)
    assert (load_key(None, tmp_path), (tmp_path / STAGED).exists()) == (new, False)

"""The key packs are signed with: made once, sealed, followed by others that it names. Both engines."""

from __future__ import annotations

import pytest

from camera_hub.evidence import verify
from registry import audit
from registry.errors import Corrupt
from registry.evidence import keys
from registry.evidence.keys import told_at
from registry.users import CONSOLE
from registry.vault import Vault
from tests.registry.county import County


async def test_it_is_made_once_and_signs(county: County) -> None:
    one, two = [await keys.signer(county.store, county.vault, CONSOLE) for _ in range(2)]
    assert one.now == two.now
    assert verify.signed(bytes.fromhex(one.now.key), b"said", bytes.fromhex(two.sign(b"said")))
    assert one.now.fingerprint == verify.fingerprint(bytes.fromhex(one.now.key))
    assert one.now.key not in repr(county.vault)
    actions = [row.action for row in await audit.list_rows(county.store, CONSOLE)]
    assert actions.count("evidence.key") == 1


async def test_the_next_key_is_named_by_the_one_before(county: County) -> None:
    first = (await keys.signer(county.store, county.vault, CONSOLE)).now
    second = await keys.rotate(county.store, county.vault, CONSOLE)
    third = await keys.rotate(county.store, county.vault, CONSOLE)
    signer = await keys.signer(county.store, county.vault, CONSOLE)
    assert (signer.now, signer.before) == (third, (first, second))
    for one, before in ((second, first), (third, second)):
        said = verify.link(one.key, before.key, told_at(one))
        assert said == keys.statement(one.key, before.key, told_at(one)), "the hub and the verifiers read the same"
        assert verify.signed(bytes.fromhex(before.key), said, bytes.fromhex(one.signature or ""))


async def test_a_key_that_cannot_be_opened_hinders_nothing_but_signing_and_another_begins_anew(county: County) -> None:
    first = await keys.ensure(county.store, county.vault, CONSOLE)
    other = Vault(bytes(range(2, 34)))
    assert await keys.ensure(county.store, other, CONSOLE) == first, "a hub starts, and tells its print"
    with pytest.raises(Corrupt):
        await keys.signer(county.store, other, CONSOLE)
    with pytest.raises(Corrupt):
        await keys.rotate(county.store, other, CONSOLE)
    made = await keys.rotate(county.store, other, CONSOLE, lost=True)
    signer = await keys.signer(county.store, other, CONSOLE)
    assert (signer.now, signer.before, made.previous) == (made, (), None)

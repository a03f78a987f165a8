"""GB/T 28181 ids: read, made, kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import cameras, gb_ids
from registry.cameras import CameraChange, NewCamera
from registry.errors import Conflict, Denied, Invalid
from registry.gb_ids import GbId, Wanted
from registry.inputs import parse
from registry.model import Actor, Kind, Role
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.registry.county import County

VILLAGE = "220882100200"
GIVEN = "22088200001320000001"

good = st.builds(
    GbId,
    centre=st.builds("{}{:06}".format, st.sampled_from(sorted(gb_ids.PROVINCES)), st.integers(0, 999_999)),
    industry=st.sampled_from(sorted(gb_ids.INDUSTRIES)),
    type=st.integers(gb_ids.FIRST_TYPE, gb_ids.LAST_TYPE).map(str),
    network=st.sampled_from("0123456789"),
    serial=st.integers(0, 999_999).map("{:06}".format),
)


@given(good)
def test_what_is_written_is_read_back(parts: GbId) -> None:
    assert gb_ids.parse(str(parts)) == parts


@given(st.text(max_size=30))
def test_any_text_is_an_id_or_told_why_not(text: str) -> None:
    wrong = gb_ids.fault(text)
    if wrong is None:
        assert str(gb_ids.parse(text)) == text
        return
    with pytest.raises(Invalid) as err:
        gb_ids.parse(text)
    assert (err.value.fields[0].path, err.value.fields[0].code) == ("gb_id", wrong[0])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("220882000013200000", "gb_rule_b"),
        (GIVEN[:-1], "gb_digits"),
        (GIVEN + "1", "gb_digits"),
        ("２２０８８２０００013２0000001", "gb_digits"),
        ("", "gb_digits"),
        ("99" + GIVEN[2:], "gb_centre"),
        (GIVEN[:8] + "99" + GIVEN[10:], "gb_industry"),
        (GIVEN[:10] + "200" + GIVEN[13:], "gb_type"),
        (GIVEN[:10] + "000" + GIVEN[13:], "gb_type"),
    ],
)
def test_what_is_wrong_with_an_id_is_told(text: str, code: str) -> None:
    whole = {"device_id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "c", "kind": "public"}
    with pytest.raises(Invalid) as err:
        parse(NewCamera, {**whole, "village_code": VILLAGE, "gb_id": text})
    assert [(one.path, one.code) for one in err.value.fields] == [("gb_id", code)]


async def test_each_kind_counts_in_a_range_of_its_own(county: County) -> None:
    async def propose(kind: Kind, **more: str) -> str:
        wanted = Wanted(village_code=VILLAGE, kind=kind, **more)
        return (await gb_ids.propose(county.store, wanted, CONSOLE)).gb_id

    assert await propose(Kind.PUBLIC) == "22088200001320000001"
    assert await propose(Kind.SOCIAL) == "22088200031327100001"
    assert await propose(Kind.SOCIAL, industry="45", unit="07") == "22088207451327100001"
    assert await propose(Kind.WIFI_PROBE) == "22088200031397200001"
    assert await propose(Kind.CIVILIAN) == "22088200011327300001"
    assert not [kind for kind in Kind if gb_ids.fault(await propose(kind)) is not None]


async def test_an_id_follows_the_highest_and_none_is_changed(county: County) -> None:
    wanted = Wanted(village_code=VILLAGE, kind=Kind.PUBLIC)
    old = await county.camera(gb_id="22088200001320000041")
    foreign = await county.camera(gb_id="22088200001310000900")
    await county.camera(gb_id="22088200001320500000")  # outside the kind's range: a platform's own
    assert (await gb_ids.propose(county.store, wanted, CONSOLE)).gb_id == "22088200001320000042"
    await county.camera("220882101200", gb_id="22088200001320000042")
    assert (await gb_ids.propose(county.store, wanted, CONSOLE)).gb_id == "22088200001320000043"
    await cameras.change(county.store, county.vault, old.id, CameraChange(note="moved"), CONSOLE)
    found = {one.id: one.gb_id for one in await cameras.list_cameras(county.store, EVERYTHING)}
    assert (found[old.id], found[foreign.id]) == ("22088200001320000041", "22088200001310000900")
    await county.camera(gb_id="22088200001320099999")
    with pytest.raises(Conflict) as err:
        await gb_ids.propose(county.store, wanted, CONSOLE)
    assert err.value.code == "gb_ids_full"


async def test_ids_are_proposed_in_ones_own_villages_only(county: County) -> None:
    technician = Actor(await county.user("tech", Role.TECHNICIAN, ("220882101",)), "")
    with pytest.raises(Denied):
        await gb_ids.propose(county.store, Wanted(village_code=VILLAGE, kind=Kind.PUBLIC), technician)
    for wrong in ({"industry": "99"}, {"unit": "7"}, {"village_code": "220882100999"}):
        with pytest.raises(Invalid) as err:
            wanted = Wanted(**{"village_code": VILLAGE, "kind": Kind.PUBLIC, **wrong})
            await gb_ids.propose(county.store, wanted, CONSOLE)
        assert [one.path for one in err.value.fields] == list(wrong)

"""Legal choices: presets are whole, a file of one's own says what differs, and what is wrong is named by its field."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.errors import Invalid
from registry.policy import load


def test_presets_are_whole_and_differ_from_nothing_but_themselves():
    for name in ("cn", "eu"):
        assert load(name).preset == name


def test_a_file_of_ones_own_starts_from_a_preset(tmp_path: Path):
    own = tmp_path / "county.yml"
    own.write_text("preset: eu\naudit: {keep_years: 5}\n", encoding="utf-8")
    assert load(str(own)).audit.keep_years == 5
    assert load(str(own)).preset == "eu"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("audit: {keep_years: 0}", "policy.audit.keep_years"),
        ("audit: {keep_yaers: 5}", "policy.audit.keep_yaers"),
        ("preset: moon", "policy"),
        ("- 1", "policy"),
        (": :", "policy"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str):
    own = tmp_path / "county.yml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as wrong:
        load(str(own))
    assert [field.path for field in wrong.value.fields] == [said]


def test_an_unknown_preset_and_a_missing_file_say_what_to_do(tmp_path: Path):
    with pytest.raises(Invalid, match="cn, eu"):
        load("xx")
    with pytest.raises(Invalid, match="cannot be read"):
        load(str(tmp_path / "none.yml"))

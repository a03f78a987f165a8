"""Sealed passwords open with the same key, for the same binding, and unedited only."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Corrupt, Invalid, Unavailable
from registry.vault import Vault, load_key

KEY = bytes(range(32))


@given(st.text(), st.text())
def test_sealed_text_opens_again(plain: str, bound: str) -> None:
    try:
        plain.encode(), bound.encode()
    except UnicodeEncodeError:
        return
    assert Vault(KEY).unseal(Vault(KEY).seal(plain, bound), bound) == plain


def test_another_binding_key_or_text_does_not_open() -> None:
    token = Vault(KEY).seal("secret", "device:1:10.0.0.5")
    for vault, text, bound in (
        (Vault(KEY), token, "device:1:10.0.0.6"),
        (Vault(bytes(32)), token, "device:1:10.0.0.5"),
        (Vault(KEY), token[:-2] + ("AA" if not token.endswith("AA") else "BB"), "device:1:10.0.0.5"),
        (Vault(KEY), token.rpartition(":")[0], "device:1:10.0.0.5"),
        (Vault(KEY), "v2" + token[2:], "device:1:10.0.0.5"),
        (Vault(KEY), "nonsense", "device:1:10.0.0.5"),
        (Vault(KEY), "v1:%:%:%", "device:1:10.0.0.5"),
    ):
        with pytest.raises(Corrupt) as err:
            vault.unseal(text, bound)
        assert "secret" not in str(err.value)
    assert "secret" not in token
    assert Vault(KEY).seal("secret", "x") != Vault(KEY).seal("secret", "x")


def test_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    key = load_key(None, tmp_path / "data")
    assert load_key(None, tmp_path / "data") == key
    assert stat.S_IMODE((tmp_path / "data" / "key").stat().st_mode) == 0o600
    assert [one.name for one in (tmp_path / "data").iterdir()] == ["key"]


def test_a_key_is_found_after_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is sealed with it lies elsewhere, on PostgreSQL: lost with its folder's entry, it would open nothing."""
    synced: list[tuple[str, bool]] = []

    def noted(handle: int) -> None:
        synced.append((str(Path(f"/proc/self/fd/{handle}").readlink()), (tmp_path / "key").exists()))

    monkeypatch.setattr(os, "fsync", noted)
    load_key(None, tmp_path)
    assert synced[-1] == (str(tmp_path), True)


def test_key_from_the_setting(tmp_path: Path) -> None:
    assert load_key(base64.b64encode(KEY).decode(), tmp_path) == KEY
    assert load_key(base64.urlsafe_b64encode(b"\xff" * 32).decode(), tmp_path) == b"\xff" * 32
    assert not list(tmp_path.iterdir())
    for wrong in ("short", base64.b64encode(bytes(16)).decode(), "é"):
        with pytest.raises(Invalid):
            load_key(wrong, tmp_path)


def test_unusable_key_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(Unavailable):
        load_key(None, tmp_path / "data")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "key").write_bytes(b"\xff\xff")
    with pytest.raises(Unavailable):
        load_key(None, tmp_path / "other")

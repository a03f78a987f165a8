"""Device passwords at rest: AES-256-GCM, each bound to what it is for.

A sealed text is `v1:<key id>:<nonce>:<ciphertext>` in URL-safe base64. The additional data is the binding (device id
and host), so whoever edits the row to send the password to a host of his own gets Corrupt instead.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.errors import Corrupt, FieldError, Invalid, Unavailable

KEY_BYTES = 32
KEY_FILE = "key"
STAGED = "key.next"
"""The key that is being changed to, beside the one in use: see registry.keys."""
_NONCE_BYTES = 12


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Vault:
    """Seals and unseals with one 32-byte key. Its repr never shows the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise Invalid("the key must be 32 bytes, as base64", FieldError("key", "key_length", "32 bytes as base64"))
        self._aead = AESGCM(key)
        self._key = key
        self._key_id = hashlib.sha256(b"key-id:" + key).hexdigest()[:8]

    @property
    def key_id(self) -> str:
        """Eight hexadecimal digits that tell keys apart and say nothing of the key."""
        return self._key_id

    def derive(self, purpose: str) -> bytes:
        """A 32-byte key of its own for another use (HMAC-SHA-256 of the use's name), so that no use opens another's."""
        return hmac.digest(self._key, f"derive:{purpose}".encode(), hashlib.sha256)

    def seal(self, plain: str, bound_to: str) -> str:
        """Encrypt `plain` so that only the same key and the same `bound_to` open it."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, plain.encode(), bound_to.encode())
        return f"v1:{self._key_id}:{_encode(nonce)}:{_encode(sealed)}"

    def unseal(self, token: str, bound_to: str) -> str:
        """Decrypt what `seal` made. Raises Corrupt for another key, another binding, or an edited token."""
        try:
            version, key_id, nonce, sealed = token.split(":")
            raw_nonce, raw_sealed = _decode(nonce), _decode(sealed)
        except ValueError as err:
            raise Corrupt("a sealed password is damaged; enter it again", code="vault_damaged") from err
        if version != "v1" or key_id != self._key_id:
            raise Corrupt("the password was sealed with another key; set that key or enter it again", code="vault_key")
        try:
            return self._aead.decrypt(raw_nonce, raw_sealed, bound_to.encode()).decode()
        except (InvalidTag, ValueError) as err:
            raise Corrupt("a sealed password does not belong here; enter it again", code="vault_binding") from err


def key_from_text(text: str) -> bytes:
    """The key written as base64. Raises Invalid for another form; the text is never told."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except ValueError as err:
        raise Invalid("the key is not base64", FieldError("key", "base64", "32 bytes as base64")) from err
    if len(key) != KEY_BYTES:
        raise Invalid("the key must be 32 bytes, as base64", FieldError("key", "key_length", "32 bytes as base64"))
    return key


def load_key(setting: str | None, data_dir: Path) -> bytes:
    """The vault's key: from the setting, else from `data_dir/key`, which is made once with mode 0600.

    Raises Invalid for a key of the wrong form, Unavailable when the file cannot be read or made.
    """
    if setting:
        return key_from_text(setting)
    file = data_dir / KEY_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            lay_key(data_dir, os.urandom(KEY_BYTES))
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
        return key_from_text(file.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as err:
        raise Unavailable(f"the key file {file} cannot be used: {err}", code="key_file") from err


def lay_key(data_dir: Path, key: bytes) -> None:
    """Let this be the key of a data directory, unless it has one: all of it for good, or nothing. Raises OSError."""
    part = _written(data_dir, key)
    try:
        os.link(part, data_dir / KEY_FILE)  # unlike rename, this never replaces the key another process made meanwhile
    except FileExistsError:
        pass
    finally:
        part.unlink()
    _sync(data_dir)


def stage_key(data_dir: Path) -> bytes:
    """Make a new key and put it beside the one in use. Raises Unavailable."""
    key = os.urandom(KEY_BYTES)
    try:
        _written(data_dir, key).replace(data_dir / STAGED)
        _sync(data_dir)
    except OSError as err:
        raise Unavailable(f"no key can be written to {data_dir}: {err}", code="key_file") from err
    return key


def promote_staged(data_dir: Path) -> None:
    """Let the staged key be the key."""
    (data_dir / STAGED).replace(data_dir / KEY_FILE)
    _sync(data_dir)


def discard_staged(data_dir: Path) -> None:
    """Forget the staged key: nothing is sealed with it."""
    (data_dir / STAGED).unlink()


def _written(data_dir: Path, key: bytes) -> Path:
    """A file of this process that holds the key, on the disk for good."""
    part = data_dir / f"key.{os.getpid()}.tmp"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(base64.b64encode(key).decode() + "\n")
        out.flush()
        os.fsync(out.fileno())
    return part


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

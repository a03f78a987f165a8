"""HTTP basic and digest sign-in, for cameras' pictures (RFC 7617, RFC 7616). Pure: headers in, header out."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Sequence

_PAIR = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_HASHES: dict[str, Callable[[bytes], str]] = {
    # MD5 is what cameras ask for; it protects no more than the digest scheme itself does.
    "MD5": lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda text: hashlib.sha256(text).hexdigest(),
}


def authorization(
    challenges: Sequence[str], method: str, uri: str, username: str, password: str, *, cnonce: str | None = None
) -> str | None:
    """The Authorization header that answers the WWW-Authenticate `challenges`: digest before basic, SHA-256 before MD5.

    None when the camera asks for something else. `cnonce` is for tests.
    """
    offers = []
    for challenge in challenges:
        scheme, _, rest = challenge.strip().partition(" ")
        fields = {name.lower(): quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
        if scheme.lower() == "digest" and fields.get("algorithm", "MD5").upper() in _HASHES:
            offers.append((fields.get("algorithm", "MD5").upper() == "SHA-256", fields))
    if offers:
        fields = max(offers, key=lambda offer: offer[0])[1]
        return _digest(fields, method, uri, (username, password), cnonce or secrets.token_hex(8))
    if any(challenge.strip().lower().startswith("basic") for challenge in challenges):
        return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
    return None


def _digest(fields: dict[str, str], method: str, uri: str, who: tuple[str, str], cnonce: str) -> str:
    algorithm = fields.get("algorithm", "MD5")
    digest = _HASHES[algorithm.upper()]
    username, password = who
    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    secret = digest(f"{username}:{realm}:{password}".encode())
    request = digest(f"{method}:{uri}".encode())
    answer = {"username": username, "realm": realm, "nonce": nonce, "uri": uri}
    bare = {"algorithm": algorithm} if "algorithm" in fields else {}
    if "auth" in re.split(r"[\s,]+", fields.get("qop", "")):
        count = "00000001"  # every request asks for a fresh nonce, so each is used once
        response = digest(f"{secret}:{nonce}:{count}:{cnonce}:auth:{request}".encode())
        answer["cnonce"] = cnonce
        bare |= {"qop": "auth", "nc": count}
    else:
        response = digest(f"{secret}:{nonce}:{request}".encode())
    answer["response"] = response
    if "opaque" in fields:
        answer["opaque"] = fields["opaque"]
    quoted = [f'{name}="{_escaped(value)}"' for name, value in answer.items()]
    return "Digest " + ", ".join([*quoted, *(f"{name}={value}" for name, value in bare.items())])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')

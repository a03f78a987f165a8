"""Where a row's streams are: the addresses it names, or those of its maker's template and channel."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from camera_hub.stream.templates import BY_VENDOR, Template, Vendor
from registry.address import split_credentials
from registry.inputs import invalid

_LINES = ("main", "sub")
_MAKERS: Mapping[Vendor, tuple[str, ...]] = {
    Vendor.HIKVISION: ("hikvision", "hik", "海康威视", "海康"),
    Vendor.DAHUA: ("dahua", "大华", "大华股份", "乐橙", "imou"),
    Vendor.UNIVIEW: ("uniview", "宇视", "宇视科技", "unv"),
    Vendor.UNIVIEW_NVR: ("univiewnvr", "宇视录像机", "宇视nvr"),
    Vendor.TP_LINK: ("tplink", "tp-link", "普联", "tapo", "vigi"),
    Vendor.EZVIZ: ("ezviz", "萤石"),
    Vendor.XM: ("xm", "雄迈", "xiongmai"),
}


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text).casefold())


_BY_WORD = {_folded(word): vendor for vendor, words in _MAKERS.items() for word in (vendor.value, *words)}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Stream addresses without credentials (None: none told), the host they are at, and what stood in them."""

    host: str
    urls: Mapping[str, str | None]
    username: str = ""
    password: str = field(default="", repr=False)


def template_of(vendor: str) -> Template | None:
    """The template of a maker as people write its name."""
    known = _BY_WORD.get(_folded(vendor))
    return BY_VENDOR[known] if known is not None else None


def addresses_of(given: Mapping[str, str], host: str, vendor: str) -> Addresses:
    """A row's addresses; `host` and `vendor` are its device's where the row does not say. Raises Invalid."""
    urls: dict[str, str | None] = {}
    username = password = ""
    for line in _LINES:
        text = given.get(f"{line}_url", "")
        if not text:
            continue
        url, user, secret = split_credentials(text)
        urls[f"{line}_url"] = url
        if (user or secret) and (username or password) and (user, secret) != (username, password):
            raise invalid(f"{line}_url", "credentials", "both streams sign in with the same user name and password")
        username, password = user or username, secret or password
    host = given.get("host", "").lower().rstrip(".") or host or _host_of(urls)
    if given.get("channel"):
        urls = {**_from_template(given["channel"], host, vendor), **urls}
    return Addresses(host, urls, username, password)


def _host_of(urls: Mapping[str, str | None]) -> str:
    for name, url in urls.items():
        try:
            found = urlsplit(url or "").hostname
        except ValueError as err:
            raise invalid(name, "address", f"the address cannot be read: {err}") from err
        if found:
            return found
    return ""


def _from_template(channel: str, host: str, vendor: str) -> dict[str, str | None]:
    if not channel.isdecimal() or not int(channel):
        raise invalid("channel", "number", "a channel is a number from 1")
    template = template_of(vendor)
    if template is None:
        known = ", ".join(words[-1] if len(words) == 1 else words[0] for words in _MAKERS.values())
        raise invalid("vendor", "template_unknown", f"addresses are known of {known}; else write the stream's address")
    if not host:
        raise invalid("host", "missing", "the device's address is needed")
    return {f"{line}_url": template.address(host, int(channel), line) for line in ("main", "sub")}

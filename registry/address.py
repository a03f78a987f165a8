"""Stream addresses: which URLs a camera may have, and how credentials leave them. Pure functions, no network.

Schemes: `rtsp`, `rtsps`; `http`, `https` (MJPEG); `snapshot+http`, `snapshot+https` (one JPEG every `?every=SECONDS`);
`file` (an absolute path). A URL that is stored or shown never holds credentials: `split_credentials` takes them out of
the authority, and out of `user=…&password=…` in path or query, where it leaves the marks `{username}` and `{password}`
for `fill_credentials`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from registry.errors import FieldError, Invalid

SCHEMES = ("rtsp", "rtsps", "http", "https", "snapshot+http", "snapshot+https")
LONGEST = 2048
EVERY_DEFAULT, EVERY_LEAST, EVERY_MOST = 2.0, 0.2, 3600.0
"""Seconds between two snapshots: when the URL does not say, and the bounds."""

# What RFC 3986 wants percent-encoded anyway, and what a shell or a header would act on.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\"'`\\<>|{}^;$]")
_MARK = re.compile(r"\{(?:username|password)\}")
_NAME = re.compile(r"(?=.{1,253}$)(?:(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\.)*(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\.?")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(.*)", re.DOTALL)
_USER_FIELD = re.compile(r"(?<![A-Za-z])(user|username|usr)=([^&/?#{}]+)", re.IGNORECASE)
_PASSWORD_FIELD = re.compile(r"(?<![A-Za-z])(password|passwd|pwd|pass)=([^&/?#{}]+)", re.IGNORECASE)
_ANY_AUTHORITY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)(?:[^\s/?#@]*@|[^\s/?#@]*:\S*@)(?:\S*@)?")
_ANY_FIELD = re.compile(
    r"(?<![A-Za-z])(user|username|usr|password|passwd|pwd|pass|token|secret|key)=([^&\s\"']+)", re.IGNORECASE
)


def check_url(url: str, *, allow_file: bool = False, allow_loopback: bool = False, field: str = "url") -> None:
    """Check that `url` is one a camera may have, before anything connects.

    Raises Invalid with one field error at `field`. Names that resolve to loopback are refused when they are opened.
    """
    for code, hint in _faults(url, allow_file=allow_file, allow_loopback=allow_loopback):
        raise Invalid(hint, FieldError(field, code, hint), code="url")


def _faults(url: str, *, allow_file: bool, allow_loopback: bool) -> Iterator[tuple[str, str]]:
    """Every fault as (code, hint), the plainest first; nothing is looked up."""
    yield from _character_faults(url)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as err:
        yield "address", f"the address cannot be read: {err}"
        return
    if parts.scheme == "file":
        yield from _file_faults(parts, allow_file=allow_file)
        return
    if parts.scheme not in SCHEMES:
        yield "scheme", f"use one of {', '.join(SCHEMES)}, as in rtsp://192.168.1.64:554/stream1"
    if not url.isascii():
        yield "character", "write characters outside ASCII percent-encoded"
    if "@" in parts.netloc:
        yield "credentials", "give user name and password apart from the address"
    if port == 0:
        yield "port", "port 0 cannot be reached; leave the port out for the usual one"
    yield from _host_faults(host, allow_loopback=allow_loopback)
    if parts.scheme.startswith("snapshot+") and not EVERY_LEAST <= snapshot_interval(url) <= EVERY_MOST:
        yield "every", f"every= takes {EVERY_LEAST} to {EVERY_MOST:.0f} seconds"


def _character_faults(url: str) -> Iterator[tuple[str, str]]:
    if len(url) > LONGEST:
        yield "too_long", f"the address is longer than {LONGEST} characters"
    if found := _FORBIDDEN.search(_MARK.sub("", url)):
        yield (
            "character",
            f"the address holds {found.group()!r}; write it as %{ord(found.group()):02X}, or leave it out",
        )
    if not url.isprintable():
        yield "character", "the address holds characters that do not print; type it anew"


def _file_faults(parts: SplitResult, *, allow_file: bool) -> Iterator[tuple[str, str]]:
    if not allow_file:
        yield "file", "files are not allowed as cameras here; set allow_file_sources to allow them"
    if parts.netloc or not parts.path.startswith("/") or parts.query or parts.fragment:
        yield "file", "write a file as file:///absolute/path"


def _host_faults(host: str, *, allow_loopback: bool) -> Iterator[tuple[str, str]]:
    if not host:
        yield "host", "the address names no host"
        return
    try:
        ip = ipaddress.ip_address(host)
        local, plain = is_local(str(ip)), str(getattr(ip, "ipv4_mapped", None) or ip)
    except ValueError:
        plain = host
        if not _NAME.fullmatch(host):
            yield "host", f"{host!r} is not a host name or IP address"
        last = host.rstrip(".").rsplit(".", 1)[-1].lower()
        if _NUMBER.fullmatch(last):
            # To a resolver 127.1, 0x7f000001 and 2130706433 are loopback; nobody writes a camera so.
            yield "host", f"write {host!r} as an IPv4 address of four numbers"
        local = last == "localhost"
    if local and not allow_loopback:
        yield "loopback", f"{host} is this machine or its own link; set allow_loopback to allow such addresses"
    if plain != host:
        # One box, one spelling: consents and passwords hang on it.
        yield "host", f"write {host!r} as {plain}"


def is_local(address: str) -> bool:
    """Whether an IP address is loopback, link-local, unspecified or multicast: no camera is there.

    IPv4 inside IPv6 (mapped, 6to4, NAT64) is judged as the IPv4 it reaches. Raises ValueError for anything else.
    """
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        nat64 = ipaddress.ip_network("64:ff9b::/96")
        inner = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in nat64 else None)
        if inner is not None:
            return is_local(str(inner))
    first_zero = isinstance(ip, ipaddress.IPv4Address) and int(ip) >> 24 == 0
    return ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast or first_zero


def snapshot_interval(url: str) -> float:
    """Seconds between two pictures of a `snapshot+http(s)` URL; NaN when `every=` is no number."""
    values = [value for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True) if name == "every"]
    if not values:
        return EVERY_DEFAULT
    try:
        return float(values[-1])
    except ValueError:
        return float("nan")


def split_credentials(url: str) -> tuple[str, str, str]:
    """Take the credentials out of a URL as people paste it: (URL without them, user name, password), decoded.

    Passwords are often pasted unquoted: the last `@` before the path ends them, so `rtsp://admin:p@ss@10.0.0.5/1` and
    `rtsp://admin:a/b#c@10.0.0.5/1` are read as meant. The URL is not checked here.
    """
    match = _SCHEME.fullmatch(url.strip())
    if match is None or match[1].lower() == "file://":
        return url.strip(), "", ""
    scheme, rest = match.groups()
    userinfo, rest = _cut_userinfo(rest)
    name, _, password = userinfo.partition(":")
    username, password = unquote(name), unquote(password)
    if not userinfo:
        in_fields = _PASSWORD_FIELD.search(rest)
        named = _USER_FIELD.search(rest)
        if in_fields is not None or (named is not None and re.search(r"(?i)(password|passwd|pwd|pass)=", rest)):
            username, password = (unquote(m[2]) if m else "" for m in (named, in_fields))
            rest = _USER_FIELD.sub(r"\1={username}", rest, count=1)
            rest = _PASSWORD_FIELD.sub(r"\1={password}", rest, count=1)
    return scheme.lower() + rest, username, password


def _cut_userinfo(rest: str) -> tuple[str, str]:
    """What stands before the `@` that ends the credentials, and what follows it."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        userinfo, _, host = authority.rpartition("@")
        return userinfo, host + rest[len(authority) :]
    _, colon, port = authority.rpartition(":")
    if colon and port and not port.isdigit() and not authority.endswith("]") and "@" in rest:
        # "admin:a/b@host": a port that is no number is the start of a password with an unquoted / ? or #
        userinfo, _, after = rest.rpartition("@")
        return userinfo, after
    return "", rest


def fill_credentials(url: str, username: str, password: str) -> str:
    """Put quoted credentials at the marks `split_credentials` left in path or query; for the request only."""
    return url.replace("{username}", quote(username, safe="")).replace("{password}", quote(password, safe=""))


def redact(text: str) -> str:
    """Cover credentials and secrets in any text that may hold URLs, for logs and errors: `rtsp://***@host/…`.

    Covers too much rather than too little: with an `@` after the host, everything up to it goes.
    """
    return _ANY_FIELD.sub(r"\1=***", _ANY_AUTHORITY.sub(r"\1***@", text))

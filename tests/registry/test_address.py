from __future__ import annotations

import ipaddress
import math
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.address import check_url, fill_credentials, is_local, redact, snapshot_interval, split_credentials
from registry.errors import Invalid

GOOD = [
    "rtsp://192.168.1.64:554/Streaming/Channels/101",
    "rtsps://camera-7.village.example/stream1?channel=1&subtype=0",
    "rtsp://[2001:db8::7]:8554/live",
    "http://10.0.0.9/video.mjpg",
    "snapshot+https://10.0.0.9/ISAPI/Streaming/channels/101/picture?every=5",
    "rtsp://10.0.0.5:554/user={username}&password={password}&channel=1&stream=0.sdp?",
]


@pytest.mark.parametrize("url", GOOD)
def test_addresses_of_real_cameras_pass(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "scheme"),
        ("192.168.1.64", "scheme"),
        ("ftp://10.0.0.5/x", "scheme"),
        ("concat:/etc/passwd", "scheme"),
        ("rtsp://", "host"),
        ("rtsp:///path", "host"),
        ("rtsp://10.0.0.5/a b", "character"),
        ("rtsp://10.0.0.5/a\r\nDESCRIBE rtsp://x", "character"),
        ("rtsp://10.0.0.5/a%0d%0a", None),
        ("rtsp://10.0.0.5/$(reboot)", "character"),
        ("rtsp://10.0.0.5/;reboot", "character"),
        ("rtsp://10.0.0.5/`id`", "character"),
        ("rtsp://10.0.0.5/|nc", "character"),
        ("rtsp://10.0.0.5/\x00", "character"),
        ("rtsp://10.0.0.5/{host}", "character"),
        ("rtsp://10.0.0.5/\u200b", "character"),
        ("rtsp://10.0.0.5/摄像头", "character"),
        ("rtsp://10.0.0.5:0/x", "port"),
        ("rtsp://10.0.0.5:99999/x", "address"),
        ("rtsp://10.0.0.5:abc/x", "address"),
        ("rtsp://[::1/x", "address"),
        ("rtsp://-bad-.example/x", "host"),
        ("rtsp://a..b/x", "host"),
        ("rtsp://admin:pw@10.0.0.5/x", "credentials"),
        ("rtsp://127.0.0.1/x", "loopback"),
        ("rtsp://127.1/x", "host"),
        ("rtsp://2130706433/x", "host"),
        ("rtsp://0x7f000001/x", "host"),
        ("rtsp://localhost:554/x", "loopback"),
        ("rtsp://cam.LOCALHOST./x", "loopback"),
        ("rtsp://[::1]/x", "loopback"),
        ("rtsp://[::ffff:127.0.0.1]/x", "loopback"),
        ("rtsp://[::ffff:10.0.0.5]/x", "host"),
        ("rtsp://[2001:db8:0:0::7]/x", "host"),
        ("http://169.254.169.254/latest/meta-data", "loopback"),
        ("rtsp://0.0.0.0/x", "loopback"),
        ("rtsp://239.1.2.3/x", "loopback"),
        ("file:///etc/passwd", "file"),
        ("snapshot+http://10.0.0.5/p.jpg?every=0", "every"),
        ("snapshot+http://10.0.0.5/p.jpg?every=often", "every"),
        ("rtsp://10.0.0.5/" + "a" * 3000, "too_long"),
    ],
)
def test_hostile_addresses_are_refused_with_the_reason(url: str, code: str | None) -> None:
    if code is None:
        check_url(url)
        return
    with pytest.raises(Invalid) as refused:
        check_url(url, field="main_url")
    assert [(f.path, f.code) for f in refused.value.fields] == [("main_url", code)]


def test_settings_allow_loopback_and_files() -> None:
    check_url("rtsp://127.0.0.1:8554/cam", allow_loopback=True)
    check_url("file:///srv/footage/夜.mp4", allow_file=True)
    for url in ("file://host/x", "file:relative", "file:///x?y"):
        with pytest.raises(Invalid):
            check_url(url, allow_file=True)


@given(st.text(max_size=80))
@example("rtsp://[")
@example("rtsp://\u2100/")
def test_any_text_is_accepted_or_refused_never_a_crash(text: str) -> None:
    for url in (text, "rtsp://" + text, "snapshot+http://10.0.0.1/" + text):
        try:
            check_url(url)
        except Invalid:
            pass
        else:
            assert not set("\r\n\t\0 `$;|<>\"'\\^") & set(url)
        redact(url)
        snapshot_interval("snapshot+http://h/?" + quote(text))
        clean, _, _ = split_credentials(url)
        assert split_credentials(clean)[0] == clean or "@" in clean


@given(st.ip_addresses())
def test_local_means_what_python_says_loopback_is(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if address.is_loopback or address.is_link_local:
        assert is_local(str(address))
    if isinstance(address, ipaddress.IPv4Address):
        assert is_local(f"::ffff:{address}") == is_local(str(address))
        assert is_local(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address)))) == is_local(
            str(address)
        )


def test_private_networks_are_where_cameras_live() -> None:
    assert not any(map(is_local, ["10.1.2.3", "172.16.0.1", "192.168.1.64", "100.64.0.1", "fd00::1", "8.8.8.8"]))
    assert is_local("fe80::1%eth0")


secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@given(username=secrets, password=secrets)
def test_quoted_credentials_come_out_as_they_went_in(username: str, password: str) -> None:
    url = f"rtsp://{quote(username, safe='')}:{quote(password, safe='')}@10.0.0.5:554/Streaming/Channels/101?a=1"
    assert split_credentials(url) == ("rtsp://10.0.0.5:554/Streaming/Channels/101?a=1", username, password)
    assert redact(f"cannot open {url}!") == "cannot open rtsp://***@10.0.0.5:554/Streaming/Channels/101?a=1!"


@pytest.mark.parametrize(
    ("pasted", "clean", "username", "password"),
    [
        ("rtsp://admin:p@ss@10.0.0.5/1", "rtsp://10.0.0.5/1", "admin", "p@ss"),
        ("rtsp://admin:a/b#c@10.0.0.5/1", "rtsp://10.0.0.5/1", "admin", "a/b#c"),
        ("rtsp://admin:@10.0.0.5/1", "rtsp://10.0.0.5/1", "admin", ""),
        ("rtsp://admin@10.0.0.5/1", "rtsp://10.0.0.5/1", "admin", ""),
        ("  RTSP://10.0.0.5/1 ", "rtsp://10.0.0.5/1", "", ""),
        ("rtsp://10.0.0.5:554/a@b", "rtsp://10.0.0.5:554/a@b", "", ""),
        ("rtsp://[2001:db8::7]/a@b", "rtsp://[2001:db8::7]/a@b", "", ""),
        (
            "rtsp://10.0.0.5/user=admin&password=x1&channel=1&stream=0.sdp?",
            "rtsp://10.0.0.5/user={username}&password={password}&channel=1&stream=0.sdp?",
            "admin",
            "x1",
        ),
        (
            "rtsp://10.0.0.5/user=admin&password=&channel=1",
            "rtsp://10.0.0.5/user={username}&password=&channel=1",
            "admin",
            "",
        ),
        ("file:///a:b@c", "file:///a:b@c", "", ""),
        ("not a url", "not a url", "", ""),
    ],
)
def test_credentials_are_taken_out_as_people_paste_them(pasted: str, clean: str, username: str, password: str) -> None:
    assert split_credentials(pasted) == (clean, username, password)
    if username and "{username}" not in clean:
        check_url(clean)


@given(secrets, secrets)
def test_credentials_in_path_fields_are_filled_in_again_quoted(username: str, password: str) -> None:
    pasted = f"rtsp://10.0.0.5/user={quote(username, safe='')}&password={quote(password, safe='')}&channel=1"
    clean, name, secret = split_credentials(pasted)
    assert (name, secret) == (username, password)
    check_url(clean)
    assert fill_credentials(clean, name, secret) == pasted


@given(password=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=20))
def test_no_password_survives_redaction(password: str) -> None:
    assert password not in redact(f"[rtsp @ 0x1] rtsp://admin:{password}@10.0.0.5/1 failed").replace(
        "rtsp", ""
    ).replace("failed", "")


def test_snapshot_interval() -> None:
    assert snapshot_interval("snapshot+http://10.0.0.5/p.jpg") == 2.0
    assert snapshot_interval("snapshot+http://10.0.0.5/p.jpg?every=0.5&x=1") == 0.5
    assert math.isnan(snapshot_interval("snapshot+http://10.0.0.5/p.jpg?every="))

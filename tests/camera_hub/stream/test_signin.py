from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from camera_hub.stream.signin import authorization

# RFC 7616, 3.9.1
CHALLENGE = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def test_the_examples_of_the_standard() -> None:
    for algorithm, response in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        header = authorization(
            [CHALLENGE.format(algorithm)], "GET", "/dir/index.html", "Mufasa", "Circle of Life", cnonce=CNONCE
        )
        assert header is not None
        assert f'response="{response}"' in header
        assert "qop=auth," in header
        assert f"algorithm={algorithm}" in header


def test_the_old_form_without_qop() -> None:
    header = authorization(
        ['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'],
        "GET",
        "/dir/index.html",
        "Mufasa",
        "Circle Of Life",
    )
    assert header is not None
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in header  # RFC 2069's formula
    assert "cnonce" not in header


def test_the_stronger_way_is_taken() -> None:
    offers = ["Basic realm=x", CHALLENGE.format("MD5"), CHALLENGE.format("SHA-256")]
    assert "algorithm=SHA-256" in (authorization(offers, "GET", "/", "a", "b") or "")
    assert (authorization(offers[:2], "GET", "/", "a", "b") or "").startswith("Digest")
    assert authorization(offers[:1], "GET", "/", "a", "b:c") == "Basic " + base64.b64encode(b"a:b:c").decode()
    assert authorization(["Negotiate"], "GET", "/", "a", "b") is None
    assert authorization([], "GET", "/", "a", "b") is None


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=10), st.text(max_size=10))
def test_any_challenge_is_answered_or_not_never_a_crash(challenges: list[str], username: str, password: str) -> None:
    for challenge in (challenges, [f"Digest {text}" for text in challenges]):
        header = authorization(challenge, "GET", "/", username, password)
        assert header is None or header.startswith(("Digest ", "Basic "))

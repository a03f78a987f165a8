"""`camera-hub user`, `case` and `purpose`: who looks, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Hub

VILLAGE = "220882100200"
NOBODY = "01a20998-07ff-72ae-96dc-6c55f67c81fa"


@pytest.fixture
def officer(county: Hub) -> Hub:
    said = county(
        "user", "add", "li", "--role", "officer", "--grant", "220882100", "--password-stdin", stdin="eight-letters\n"
    )
    assert said.status == 0, said.err
    return county


def test_user_from_the_first_day_to_the_last(officer: Hub, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("another-password\n", encoding="utf-8")
    assert officer("user", "password", "li", "--password-file", file).status == 0
    assert officer("user", "grant", "li", "220882100", "220882101200", "--json").json["grants"] == [
        "220882100",
        "220882101200",
    ]
    assert officer("user", "disable", "li", "--json").json["active"] is False
    assert officer("user", "enable", "li", "--json").json["active"] is True
    assert [user["name"] for user in officer("user", "list", "--json").json] == ["li"]


def test_no_password_comes_back(officer: Hub) -> None:
    shown = officer("user", "list", "--json").out
    assert "eight-letters" not in shown
    assert "argon2" not in shown


def test_every_wrong_field_of_a_user_is_named(county: Hub) -> None:
    said = county(
        "user", "add", "l", "--role", "officer", "--grant", "abc", "--password-stdin", "--json", stdin="short\n"
    )
    assert said.status == 2
    assert {field["path"].split(".")[0] for field in said.problem["fields"]} == {"name", "password", "grants"}
    assert "short" not in said.err.replace("too_short", "")


def test_without_a_terminal_a_password_must_come_from_somewhere(county: Hub) -> None:
    said = county("user", "add", "li", "--role", "officer")
    assert said.status == 2
    assert "--password-stdin" in said.err


def test_an_unknown_role_is_wrong_usage(county: Hub) -> None:
    assert county("user", "add", "li", "--role", "king", "--password-stdin", stdin="eight-letters\n").status == 2


def test_an_unknown_user_is_not_found(county: Hub) -> None:
    assert county("user", "disable", "nobody").status == 3


def test_case_and_the_purpose_under_it(officer: Hub) -> None:
    case = officer(
        "case",
        "open",
        "2026-17",
        "丢羊三只",
        "--place",
        VILLAGE,
        "--since",
        "2026-11-20T22:00:00+08:00",
        "--until",
        "2026-11-21T06:00:00+08:00",
        "--responsible",
        "li",
        "--json",
    ).json
    assert case["starts_at"] == "2026-11-20T14:00:00Z"
    purpose = officer(
        "purpose", "open", "case", "--user", "li", "--case", case["id"], "--reason", "看夜里", "--json"
    ).json
    assert purpose["case_number"] == "2026-17"
    assert [one["id"] for one in officer("purpose", "list", "--user", "li", "--json").json] == [purpose["id"]]
    assert officer("purpose", "close", purpose["id"], "--user", "li").status == 0
    assert officer("purpose", "list", "--user", "li", "--json").json == []
    assert officer("case", "close", case["id"]).status == 0
    assert officer("case", "list", "--open", "--json").json == []
    again = officer("purpose", "open", "case", "--user", "li", "--case", case["id"], "--reason", "看夜里", "--json")
    assert (again.status, again.problem["code"]) == (4, "case_closed")


def test_a_role_opens_only_its_purposes(officer: Hub) -> None:
    said = officer("purpose", "open", "maintenance", "--user", "li", "--reason", "镜头脏", "--camera", NOBODY, "--json")
    assert (said.status, said.problem["code"]) == (4, "role")


def test_times_without_a_zone_are_refused(officer: Hub) -> None:
    said = officer("case", "open", "2026-18", "丢鸡", "--responsible", "li", "--since", "2026-11-20T22:00:00", "--json")
    assert said.status == 2
    assert [field["path"] for field in said.problem["fields"]] == ["starts_at"]


def test_an_id_that_is_none_is_said_so(officer: Hub) -> None:
    assert officer("case", "show", "17").status == 2
    assert officer("case", "show", NOBODY).status == 3


def test_a_list_of_units_with_a_bad_row_names_it_and_writes_nothing(county: Hub, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("类型,名称,管辖村屯\n派出所,月亮泡派出所,999999999999\n派出所,汉书派出所,\n", encoding="utf-8")
    for words in (("--dry-run",), ()):
        said = county("unit", "import", file, *words)
        assert said.status == 1
        assert "row 2, villages '999999999999'" in said.out
    assert county("unit", "list", "--json").json == []
    file.write_text("类型,名称,管辖村屯\n派出所,汉书派出所,\n", encoding="utf-8")
    assert county("unit", "import", file).status == 0
    assert [one["name"] for one in county("unit", "list", "--json").json] == ["汉书派出所"]

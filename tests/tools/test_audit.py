"""The audit of dependencies: a known fault fails it, a database that is away is said aloud and fails nothing."""

from __future__ import annotations

import json
import sys

import pytest

from tools import audit

FAULT = {
    "dependencies": [
        {"name": "left", "version": "1", "vulns": [{"id": "PYSEC-1"}]},
        {"name": "right", "version": "2", "vulns": []},
    ]
}


def pip(report: object | None, status: int = 0) -> list[str]:
    """A stand-in for pip-audit that writes this report, or none, to the file named after --output."""
    write = (
        f"open(sys.argv[-1], 'w').write({json.dumps(report)!r});"
        if report is not None
        else "sys.stderr.write('no route');"
    )
    return [sys.executable, "-c", f"import sys; {write} sys.exit({status})"]


def npm(said: str, status: int = 0) -> list[str]:
    return [sys.executable, "-c", f"import sys; print({said!r}); sys.exit({status})"]


def test_a_known_fault_is_named() -> None:
    found = audit.of_python(pip(FAULT, 1))
    assert found.faults == ("left 1: PYSEC-1",)
    assert "left 1: PYSEC-1" in found.told()
    assert audit.of_page(npm('{"vulnerabilities": {"left-pad": {"severity": "high"}}}', 1)).faults == (
        "left-pad: high",
    )


SKIPPED = {"name": "far", "skip_reason": "Dependency not found on PyPI and could not be audited: far (1)"}
OWN = {"name": "camera-hub", "skip_reason": "distribution marked as editable"}


def test_what_is_skipped_is_not_taken_for_clean() -> None:
    none = audit.of_python(pip({"dependencies": [SKIPPED, OWN]}))
    assert none.faults is None
    assert "could not be audited" in none.told()
    some = audit.of_python(pip({"dependencies": [SKIPPED, OWN, *FAULT["dependencies"]]}))
    assert some.faults == ("left 1: PYSEC-1",)
    assert "1 were NOT AUDITED" in some.told()


def test_none_known_is_said_too() -> None:
    assert audit.of_python(pip({"dependencies": []})).told() == "Python packages: 0 known faults"
    assert audit.of_page(npm('{"vulnerabilities": {}}')).faults == ()


@pytest.mark.parametrize(
    "found",
    [
        audit.of_python(pip(None, 1)),
        audit.of_page(npm('{"message": "405 Method Not Allowed", "error": {}}', 1)),
        audit.of_page(["/no/such/program"]),
    ],
)
def test_a_database_that_is_away_is_said_aloud(found: audit.Audit) -> None:
    assert found.faults is None
    assert found.told().startswith("NOT AUDITED: ")
    assert found.why


@pytest.mark.parametrize(
    ("reports", "status"), [((FAULT, "{}"), 1), ((None, "{}"), 0), (({"dependencies": []}, "{}"), 0)]
)
def test_only_a_known_fault_fails(
    reports: tuple[object, str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    of_python, of_page = audit.of_python, audit.of_page
    monkeypatch.setattr(audit, "of_python", lambda _: of_python(pip(reports[0])))
    monkeypatch.setattr(audit, "of_page", lambda _: of_page(npm(reports[1])))
    assert audit.main() == status
    assert "NOT AUDITED: page packages" in capsys.readouterr().out

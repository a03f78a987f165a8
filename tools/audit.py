"""Known faults of what the hub depends on: pip-audit for Python, npm audit for the page. `python -m tools.audit`.

A fault that is known makes this fail. A database that cannot be reached does not: that is no fault of the hub's, and it
is said aloud, so that nobody takes silence for a clean bill.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "api" / "web"
LIMIT_S = 180


@dataclass(frozen=True)
class Audit:
    """What one tool said: the faults it knows, or None; and why it could not ask, of all or of some."""

    of: str
    faults: tuple[str, ...] | None
    why: str = ""

    def told(self) -> str:
        """For a person."""
        if self.faults is None:
            return f"NOT AUDITED: {self.of}: {self.why}"
        lines = [f"{self.of}: {len(self.faults)} known faults", *(f"  {fault}" for fault in self.faults)]
        return "\n".join([*lines, *([f"  {self.why}"] if self.why else [])])


def of_python(command: list[str]) -> Audit:
    """What pip-audit knows of the installed packages; it writes its report only when its database answered.

    A package it cannot ask about is skipped without failing.
    """
    of = "Python packages"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        said = _run([*command, "--format", "json", "--output", str(report)])
        try:
            read = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError):
            return Audit(of, None, said)
    skipped = [one for one in read if "editable" not in one.get("skip_reason", "editable")]
    audited = [one for one in read if "skip_reason" not in one]
    if skipped and not audited:
        return Audit(of, None, skipped[0]["skip_reason"])
    found = [f"{one['name']} {one['version']}: {fault['id']}" for one in audited for fault in one["vulns"]]
    return Audit(of, tuple(found), f"{len(skipped)} were NOT AUDITED" if skipped else "")


def of_page(command: list[str]) -> Audit:
    """What npm audit knows of the locked packages; where its database is away, its report is an error."""
    of = "page packages"
    said = _run(command)
    try:
        read = json.loads(said)
        found = [f"{name}: {one['severity']}" for name, one in read["vulnerabilities"].items()]
    except (ValueError, TypeError):
        return Audit(of, None, said)
    except KeyError:
        return Audit(of, None, str(read.get("message", said)))
    return Audit(of, tuple(found))


def _run(command: list[str]) -> str:
    """Standard output, or where there is none the last line of what went wrong."""
    try:
        done = subprocess.run(command, cwd=PAGE, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as err:
        return str(err)
    return done.stdout.strip() or (done.stderr.strip().splitlines() or ["it said nothing"])[-1]


def main() -> int:
    """Ask both; 1 where a fault is known."""
    # OSV, not the package index: a mirror of the index may answer for packages and keep no advisories.
    pip_audit = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--local", "--skip-editable"]
    audits = (
        of_python([*pip_audit, "--progress-spinner", "off"]),
        of_page(["npm", "audit", "--json", "--omit", "dev"]),
    )
    for audit in audits:
        print(audit.told())
    return 1 if any(audit.faults for audit in audits) else 0


if __name__ == "__main__":
    sys.exit(main())

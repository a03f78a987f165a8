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
    """What one tool said: the faults it knows, or None and why it could not ask."""

    of: str
    faults: tuple[str, ...] | None
    why: str = ""

    def told(self) -> str:
        """For a person."""
        if self.faults is None:
            return f"NOT AUDITED: {self.of}: {self.why}"
        return f"{self.of}: {len(self.faults)} known faults" + "".join(f"\n  {fault}" for fault in self.faults)


def of_python(command: list[str]) -> Audit:
    """What pip-audit knows of the installed packages; it writes its report only when its database answered."""
    of = "Python packages"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        said = _run([*command, "--format", "json", "--output", str(report)])
        try:
            read = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError):
            return Audit(of, None, said)
    return Audit(
        of, tuple(f"{one['name']} {one['version']}: {fault['id']}" for one in read for fault in one.get("vulns", ()))
    )


def of_page(command: list[str]) -> Audit:
    """What npm audit knows of the locked packages; where its database is away, its report is an error."""
    of = "page packages"
    said = _run(command)
    try:
        read = json.loads(said)["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return Audit(of, None, said)
    return Audit(of, tuple(f"{name}: {one['severity']}" for name, one in read.items()))


def _run(command: list[str]) -> str:
    """Standard output, or where there is none the last line of what went wrong."""
    try:
        done = subprocess.run(command, cwd=PAGE, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as err:
        return str(err)
    return done.stdout.strip() or (done.stderr.strip().splitlines() or ["it said nothing"])[-1]


def main() -> int:
    """Ask both; 1 where a fault is known."""
    audits = (
        of_python([sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--progress-spinner", "off"]),
        of_page(["npm", "audit", "--json", "--omit", "dev"]),
    )
    for audit in audits:
        print(audit.told())
    return 1 if any(audit.faults for audit in audits) else 0


if __name__ == "__main__":
    sys.exit(main())

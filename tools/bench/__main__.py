"""`python -m tools.bench [--docs] [subject…]`: run the subjects, print the table, write build/bench.json.

With --docs the table also takes the place of the one in docs/benchmarks.md.
"""

from __future__ import annotations

import importlib
import re
import sys
import time
import traceback
from pathlib import Path

from tools.bench.report import Report

SUBJECTS = (
    "pull",
    "latency",
    "search",
    "nearby",
    "candidates",
    "writes",
    "audit",
    "dead_cameras",
    "relay",
    "withdrawal",
    "book",
    "quality",
    "page",
    "page_open",
    "wall",
    "wall_soak",
    "recording",
    "playback",
    "seek_page",
    "motion_index",
    "case_timeline",
    "film_strip",
    "evidence",
    "upload",
)
DOCUMENT = Path("docs/benchmarks.md")
FIGURES = re.compile(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def main(wanted: list[str]) -> int:
    """Run the `wanted` subjects (all when empty). 0: all ran; 1: one crashed; 2: an unknown name."""
    into_docs = "--docs" in wanted
    wanted = [name for name in wanted if name != "--docs"]
    if unknown := [name for name in wanted if name not in SUBJECTS]:
        sys.stderr.write(f"unknown subject {', '.join(unknown)}; there are: {', '.join(SUBJECTS)}\n")
        return 2
    report = Report()
    for name in wanted or SUBJECTS:
        report.subject = name
        report.console.rule(name)
        begun = time.monotonic()
        try:
            importlib.import_module(f"tools.bench.{name}").run(report)
        except Exception as err:  # noqa: BLE001 the task root: one subject's crash must not lose the others' figures
            report.failed[name] = f"{type(err).__name__}: {err}"
            traceback.print_exc()
        report.say(f"{name} took {time.monotonic() - begun:.0f} s")
        report.write()
    report.print_table()
    if into_docs:
        table = report.markdown()
        text = FIGURES.sub(lambda found: found[1] + table + found[2], DOCUMENT.read_text(encoding="utf-8"))
        DOCUMENT.write_text(text, encoding="utf-8")
    for name, why in report.failed.items():
        report.console.print(f"[red]{name} did not finish: {why}[/red]")
    report.console.print(f"{len(report.missed)} figures missed their target; raw runs in {report.path}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

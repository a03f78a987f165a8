"""What a benchmark measured, against what it should: a table for people, `build/bench.json` for the next one."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

PACKAGES = ("av", "opencv-python-headless", "onnxruntime", "numpy", "aiohttp", "aiosqlite", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Target:
    """A bound a figure should keep, in the figure's unit."""

    bound: float
    upper: bool

    def met_by(self, value: float) -> bool:
        """Whether `value` keeps the bound."""
        return value <= self.bound if self.upper else value >= self.bound

    def __str__(self) -> str:
        return f"{'≤' if self.upper else '≥'} {self.bound:g}"


def at_most(bound: float) -> Target:
    """A figure that should be small."""
    return Target(bound, upper=True)


def at_least(bound: float) -> Target:
    """A figure that should be large."""
    return Target(bound, upper=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    `value` in `unit`; `target` None: printed for comparison only. `runs` are the raw values `value` is the median of.
    `baseline` is the same figure of the plain way to do it, in the same unit. `note` says what was measured on.
    """

    name: str
    value: float
    unit: str
    target: Target | None = None
    runs: tuple[float, ...] = ()
    baseline: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is kept; None where there is none."""
        return None if self.target is None else self.target.met_by(self.value)


def median(
    name: str,
    runs: Sequence[float],
    unit: str,
    target: Target | None = None,
    *,
    baseline: float | None = None,
    note: str = "",
) -> Figure:
    """The figure whose value is the median of `runs` (at least one)."""
    return Figure(name, statistics.median(runs), unit, target, tuple(runs), baseline, note)


def _machine() -> dict[str, object]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    cpu = next((line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = next((int(line.split()[1]) // 1024 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "cores": os.cpu_count(), "cpu": cpu or platform.machine(), "memory_mb": memory,
        "system": platform.platform(), "python": platform.python_version(), "packages": versions,
    }  # fmt: skip


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []


@dataclass(slots=True)
class Report:
    """The figures of one run. Written after every subject, so that a crash in the last one loses none before it."""

    path: Path = Path("build/bench.json")
    console: Console = field(default_factory=Console)
    subject: str = ""
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    figures: list[tuple[str, Figure]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, figure: Figure) -> None:
        """Keep a figure of the running subject and say it at once."""
        self.figures.append((self.subject, figure))
        mark = {None: "", True: "  ok", False: "  [red]missed[/red]"}[figure.met]
        self.console.print(f"  {figure.name}: {figure.value:,.4g} {figure.unit}{mark}")

    def say(self, text: str) -> None:
        """Print a line of progress."""
        self.console.print(f"  [dim]{text}[/dim]")

    @property
    def missed(self) -> list[Figure]:
        """Figures that broke their target."""
        return [figure for _, figure in self.figures if figure.met is False]

    def write(self) -> None:
        """Write everything measured so far to `path`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        figures = [
            {
                "subject": subject, "name": f.name, "value": f.value, "unit": f.unit,
                "target": None if f.target is None else str(f.target), "met": f.met,
                "runs": list(f.runs), "baseline": f.baseline, "note": f.note,
            }
            for subject, f in self.figures
        ]  # fmt: skip
        document = {
            "started_at": self.started_at.isoformat(), "machine": _machine(), "load_average_before": self.load_before,
            "figures": figures, "failed": self.failed,
        }  # fmt: skip
        self.path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def markdown(self) -> str:
        """The figures as a Markdown table, with the machine they were measured on."""
        machine = _machine()
        on = f"{machine['cores']} cores ({machine['cpu']}), Python {machine['python']}"
        lines = [
            f"{self.started_at:%Y-%m-%d}, {on}, load average {self.load_before:.1f} before.",
            "",
            "| subject | figure | value | target | plain way | runs (least-most) | measured on |",
            "|---|---|---:|---:|---:|---|---|",
        ]
        for subject, f in self.figures:
            value = f"{f.value:,.4g} {f.unit}"
            shown = f"**{value}** (missed)" if f.met is False else value
            plain = "" if f.baseline is None else f"{f.baseline:,.4g}"
            spread = f"{len(f.runs)} ({min(f.runs):.3g}-{max(f.runs):.3g})" if f.runs else ""
            lines.append(f"| {subject} | {f.name} | {shown} | {f.target or ''} | {plain} | {spread} | {f.note} |")
        lines += [f"\n`{name}` did not finish: {why}" for name, why in self.failed.items()]
        return "\n".join(lines) + "\n"

    def print_table(self) -> None:
        """Print every figure beside its target, the plain way's figure, and the spread of its runs."""
        table = Table(title=f"{os.cpu_count()} cores, load {self.load_before:.1f} before", show_lines=False)
        for heading in ("subject", "figure"):
            table.add_column(heading)
        for heading in ("value", "target", "plain way", "runs"):
            table.add_column(heading, justify="right")
        table.add_column("note", overflow="fold")
        for subject, f in self.figures:
            style = {None: "", True: "green", False: "bold red"}[f.met]
            spread = f"{len(f.runs)}: {min(f.runs):.3g}-{max(f.runs):.3g}" if f.runs else ""
            plain = "" if f.baseline is None else f"{f.baseline:,.4g}"
            table.add_row(
                subject, f.name, f"[{style}]{f.value:,.4g} {f.unit}[/]" if style else f"{f.value:,.4g} {f.unit}",
                str(f.target or ""), plain, spread, f.note,
            )  # fmt: skip
        self.console.print(table)

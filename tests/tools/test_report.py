"""The benchmark's report: targets, medians, and what it writes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tools.bench import __main__ as bench
from tools.bench.report import Figure, Report, at_least, at_most, median


def report_at(path: Path) -> Report:
    return Report(path / "build" / "bench.json", Console(file=io.StringIO(), width=200))


def test_a_figure_keeps_or_misses_its_target() -> None:
    assert median("cpu", [9.5, 8.0, 8.5], "ms", at_most(9)).met is True
    assert median("cpu", [9.5, 9.4, 8.5], "ms", at_most(9)).met is False
    assert Figure("writes", 1999.0, "/s", at_least(2000)).met is False
    assert Figure("baseline", 20.0, "ms").met is None


def test_what_is_written_holds_every_raw_run_and_the_machine(tmp_path: Path) -> None:
    report = report_at(tmp_path)
    report.subject = "pull"
    report.add(median("cpu", [9.5, 8.0, 8.5], "ms", at_most(8), baseline=20.0, note="40 cameras"))
    report.failed["search"] = "OSError: disk"
    report.write()
    document = json.loads((tmp_path / "build" / "bench.json").read_text(encoding="utf-8"))
    assert document["figures"][0]["runs"] == [9.5, 8.0, 8.5]
    assert (document["figures"][0]["value"], document["figures"][0]["met"]) == (8.5, False)
    assert document["failed"] == {"search": "OSError: disk"}
    assert document["machine"]["cores"] >= 1
    assert "**8.5 ms** (missed)" in report.markdown()
    assert [figure.name for figure in report.missed] == ["cpu"]


def test_one_subject_that_crashes_loses_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Good:
        @staticmethod
        def run(report: Report) -> None:
            report.add(Figure("fine", 1.0, "s"))

    class Bad:
        @staticmethod
        def run(report: Report) -> None:
            raise RuntimeError("no server")

    made: list[Report] = []

    def make() -> Report:
        made.append(report_at(tmp_path))
        return made[0]

    document = tmp_path / "benchmarks.md"
    document.write_text("before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n")
    monkeypatch.setattr(bench, "Report", make)
    monkeypatch.setattr(bench, "DOCUMENT", document)
    monkeypatch.setattr(bench.importlib, "import_module", lambda name: Bad if name.endswith("pull") else Good)
    assert bench.main(["--docs", "pull", "search"]) == 1
    assert [figure.name for _, figure in made[0].figures] == ["fine"]
    assert made[0].failed == {"pull": "RuntimeError: no server"}
    text = document.read_text()
    assert "old" not in text
    assert "| search | fine | 1 s |" in text
    assert text.endswith("after\n")


def test_an_unknown_subject_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["speed"]) == 2
    assert "speed" in capsys.readouterr().err

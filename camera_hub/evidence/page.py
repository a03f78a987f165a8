"""What every paper is made of: escaped cells, rows, times in the villages' zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from html import escape
from pathlib import Path

from camera_hub.evidence.words import UNKNOWN

STYLE = Path(__file__).with_suffix(".css").with_name("report.css")


def whole(title: str, body: str, style: str | None = None) -> str:
    """A page; with `style` it needs nothing else, without, the hub's link to the same file."""
    look = f"<style>{style}</style>" if style else '<link rel="stylesheet" href="/forms/report.css">'
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="no-referrer"><title>{escape(title)}</title>{look}</head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>\n"
    )


def local(moment: datetime | None, tz: tzinfo) -> str:
    """A time to the second, in the villages' zone."""
    return UNKNOWN if moment is None else f"{moment.astimezone(tz):%Y-%m-%d %H:%M:%S}"


def of_camera(moment: datetime, offset_ms: int | None, tz: tzinfo) -> str:
    """What a camera's own clock said then, where that is known."""
    return UNKNOWN if offset_ms is None else local(moment + timedelta(milliseconds=offset_ms), tz)


def offset(offset_ms: int | None) -> str:
    """A camera's clock against the hub's."""
    return UNKNOWN if offset_ms is None else f"{offset_ms / 1000:+.1f} 秒"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], none: str = "无") -> str:
    """A table of cells that are HTML already."""
    lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines) or f'<tr><td colspan="{len(head)}">{none}</td></tr>'
    heads = "".join(f"<th>{escape(one)}</th>" for one in head)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """A table of names and values that are HTML already."""
    return "<table>" + "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows) + "</table>"


def items(lines: Iterable[str]) -> str:
    """A list of plain texts."""
    return "<ol>" + "".join(f"<li>{escape(one)}</li>" for one in lines) + "</ol>"

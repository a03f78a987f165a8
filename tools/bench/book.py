"""The camera book: 5,000 rows uploaded, judged and written through a served hub, and taken out again."""

from __future__ import annotations

import asyncio
import io
import time
from pathlib import Path

from openpyxl import Workbook

from camera_hub.book import exporting
from camera_hub.book.importing import Importer
from registry import book, devices
from registry.users import CONSOLE
from tools.bench.desk import VILLAGE, bench_folder, desk, found_county
from tools.bench.report import Report, at_most, median

ROWS = 5_000
RUNS = 3
WITHIN_S = 20.0
HEAD = (
    "点位名称",
    "点位类型",
    "行政村代码",
    "设备地址",
    "厂商",
    "通道号",
    "用户名",
    "密码",
    "管理单位",
    "纬度",
    "经度",
    "坐标系",
)


def _workbook() -> bytes:
    made = Workbook(write_only=True)
    sheet = made.create_sheet("一机一档")
    sheet.append(HEAD)
    for n in range(ROWS):
        host = f"10.{n // 50_000}.{n // 250}.{n % 250 + 1}"
        sheet.append(
            [
                f"点位{n}",
                "公共点",
                VILLAGE,
                host,
                "海康威视",
                1,
                "admin",
                f"p{n}",
                "所",
                45.5 + n * 1e-5,
                124.2,
                "GCJ-02",
            ]
        )
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


async def _once(raw: bytes) -> tuple[float, float, float]:
    """Seconds to plan and write a new book, to find the same book unchanged, and to make it as .xlsx."""
    with bench_folder() as folder:
        async with desk(Path(folder), watch=False) as at:
            await found_county(at.hub)
            importer = Importer(at.hub.store, at.hub.vault, CONSOLE, devices.STRICT)
            began = time.monotonic()
            done = await importer.apply(await importer.draft(raw, "book.xlsx"))
            written = time.monotonic() - began
            began = time.monotonic()
            again = await importer.draft(raw, "book.xlsx")
            judged = time.monotonic() - began
            if done.added != ROWS or again.plan.orders.points:
                raise RuntimeError(f"the book was not written as it should: {done}")
            began = time.monotonic()
            exporting.as_xlsx(exporting.rows_of(await book.standing(at.hub.store, CONSOLE)))
            return written, judged, time.monotonic() - began


def run(report: Report) -> None:
    """Measure and report."""
    raw = _workbook()
    runs = [asyncio.run(_once(raw)) for _ in range(RUNS)]
    note = f"{ROWS} rows with {ROWS} devices, .xlsx, passwords sealed, one audit row a camera and device"
    written, judged, made = zip(*runs, strict=True)
    report.add(median("import of 5,000 rows: checked and written", written, "s", at_most(WITHIN_S), note=note))
    report.add(median("the same file again: all unchanged", judged, "s", note="every password compared"))
    report.add(median("export of 5,000 cameras as .xlsx", made, "s"))

"""Files that lie, break, explode, or were mangled by Excel: each is read as meant or refused in words."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import io
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_hub.book import limits, sheet
from camera_hub.book.cell import Fault, guarded, of_csv, of_text, of_value, unguarded
from camera_hub.book.kinds import FileKind, kind_of
from registry.errors import Invalid
from tests.camera_hub.book.sheets import HEAD, row, text_of, with_part, xlsx

GOOD = xlsx([HEAD, row(1)])


async def refused(raw: bytes, name: str = "") -> str:
    with pytest.raises(Invalid) as caught:
        await sheet.read(raw, name)
    return caught.value.code


@pytest.mark.parametrize(
    ("raw", "name", "code"),
    [
        (b"", "", "book_empty"),
        (b" \r\n", "a.csv", "book_empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "cameras.xlsx", "book_kind"),
        (b"%PDF-1.7 ...", "cameras.csv", "book_kind"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "cameras.xls", "book_kind"),
        (b"MZ" + bytes(99), "cameras.xls", "book_kind"),
        (bytes(range(256)), "cameras.csv", "book_kind"),
        (GOOD, "cameras.csv", "book_lies"),
        (GOOD, "cameras.xls", "book_lies"),
        (b"a,b\n1,2\n", "cameras.xlsx", "book_lies"),
        (GOOD[:-300], "", "book_damaged"),
        (b"PK\x03\x04" + bytes(400), "", "book_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "", "book_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") * 99, "", "book_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "", "book_encrypted"),
        (b"\xff\xff\xfe\x81\x20,\n", "", "book_encoding"),
        (b'a,"b\nc,d\n', "", "book_csv"),
        (b"x" * (limits.FILE_BYTES + 1), "", "book_too_large"),
    ],
)
async def test_what_is_no_book_is_refused_in_words(raw: bytes, name: str, code: str) -> None:
    assert await refused(raw, name) == code


async def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    assert await refused(out.getvalue(), "cameras.xlsx") == "book_kind"


async def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = with_part(GOOD, "xl/media/zeros.bin", bytes(60 * 2**20))
    assert len(bomb) < 200_000
    assert await refused(bomb) == "book_bomb"
    assert (
        await refused(with_part(GOOD, "xl/worksheets/sheet1.xml", b"<x>" + b" " * 60 * 2**20 + b"</x>")) == "book_bomb"
    )


async def test_cells_far_out_do_not_take_the_hub_along() -> None:
    """The parser asks for 500 GB and aborts its process: that is told as the rows that are too many."""

    def far(of: object) -> None:
        of["XFD1048576"] = "y"  # type: ignore[index]

    assert await refused(xlsx([HEAD, row(1)], far)) == "book_rows"


async def test_entities_and_broken_xml_are_refused() -> None:
    lol = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    assert not any(map(any, (await sheet.read(with_part(GOOD, "xl/worksheets/sheet1.xml", lol))).rows))
    for xml in (b"<worksheet><sheetData><row", b"\0\1\2"):
        assert await refused(with_part(GOOD, "xl/worksheets/sheet1.xml", xml)) == "book_damaged"


async def test_the_reader_that_dies_is_told_as_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet.sys, "executable", "/bin/false")
    assert await refused(GOOD) == "book_damaged"


async def test_a_file_of_too_many_rows_or_columns_is_refused() -> None:
    long = text_of([HEAD, *([["x"]] * (limits.ROWS + 20))]).encode()
    assert await refused(long) == "book_rows"
    assert await refused(xlsx([[f"c{n}" for n in range(limits.COLUMNS + 1)]])) == "book_columns"


async def test_what_excel_makes_of_cells_is_read_as_meant_or_told() -> None:
    values = [220882100200.0, 22088200001320000001, 1.5, True, dt.date(2026, 3, 5), dt.time(8, 30), "  x\u00a0"]

    def change(of: object) -> None:
        of["A3"], of["B3"], of["C3"] = "=1+1", "#REF!", "text"  # type: ignore[index]
        of["D5"] = "below"  # type: ignore[index]
        of.merge_cells("D3:D4")  # type: ignore[attr-defined]

    rows = (await sheet.read(xlsx([["a"] * 7, values], change))).rows
    assert rows[1][0] == "220882100200"
    assert rows[1][1] == Fault("rounded", "2.208820000132E+19")
    assert rows[1][2:4] == ("1.5", "TRUE")
    assert rows[1][4] == Fault("date", "2026-03-05")
    assert isinstance(rows[1][5], Fault)
    assert rows[1][6] == "x"
    assert rows[2][:3] == (Fault("formula", "=1+1"), Fault("error", "#REF!"), "text")
    assert rows[2][3] == rows[3][3] == Fault("merged", "D3:D4")


async def test_a_formula_with_its_value_is_taken() -> None:
    cells = b'<row r="1"><c r="A1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="B1"><f>1+1</f><v>2</v></c></row>'
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = b'<worksheet xmlns="' + main + b'"><sheetData>' + cells + b"</sheetData></worksheet>"
    assert (await sheet.read(with_part(GOOD, "xl/worksheets/sheet1.xml", xml))).rows[0] == ("ab", "2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_csv_of_every_desk_is_read(encoding: str, separator: str) -> None:
    rows = [HEAD, row(1), ["汉书村 🐑 \u202eabc", "公共点"]]
    read = await sheet.read(text_of(rows, separator).encode(encoding), "表.csv")
    assert read.kind is FileKind.CSV
    assert [list(one) for one in read.rows] == [[str(cell) for cell in one] for one in rows]


XLS = zlib.decompress(
    base64.b85decode(
        "c-rk)O-NKx6h7y@H$RF$qm6+^B0_)W-`J)CeJYd$IXe9?QBgU~AfcnvXyH$kWkL`^5G{%}f-Tx;Z7eCIb}a;@7C{g=Nvk#m1rh4&-1F{?KNUDo"
        "g7v;P_q=<~J@?#m@40{TrY5td2Os6dU>T}Fg?S?d?2BYbDJ9OhfXWR+WaDoqCBwp+LW+|DX}7`C^a+QEp@?@36nLn;APVrF(s77@x4kV?u!^W<"
        "ADU43P)QWw9!WAFm%YkndYb7vrX#HRjA=DXZZNGR-Dx}ule)KPr<}z{ltM1c0Acqr*Llkl59Gj0F^ezVL{rxWHPJIot!u0xUrU1_pn%qe+Covm"
        "XTp6*1?VP}gu^Al;54`?*hBEuC;<2pU)9eGEcxon5lH@Rsoe1!xs!spTz*T@0Q$f<#fxNs_T`W!N;Gsf4|`*+b+>1sM}(e}1~?X}Z%9A%sas}y"
        "FI@NA0QX<hL%!x2FLn{rcnrI0!sY&IKPe6N+B**)tZz_FeGeTB*y=m$8;iIBqMaR)-DPE-T@|I}r4^-~vW{~BDz6HE_f-cF@caqUs=3LymTWTV"
        "y!g_H1|gI4S-b>Y)XUiipI_An8ugPb>EnaNJbpHb-hu&_MGdN)!6mi?E#ey6nO<S58#tfG)J;0{-rSfYGkg14=PH+OrgnBPUh7*H<+oCP;G^$J"
        "{=kgBjq<~Fu^#vE8+{N8={O8heev`|F&5+9I|5^R{Ec#}ddD>Pr)|rrxTNofJYzFqjw1y$9s(vOMh6p|BFD<)RN~YGrxB+~%lHe+$d+wVAK9{q"
        "he~6KY?-F%$i(QrTC-eOcO<lhb*HqhaN7&kFDj{WbIzMm$mT}k6zQ9|7?_F<$Vc&0g$b2Av(!PA9TfMBacWAHT^HKgGVO8F)>vC;e30&HJX}>u"
        "HjD~y=rmYBDp;^!!GZ+~7A*YlK)zD}-?}t;iMI1K&HS!2M`_;rO!Cj-0JPK7Nq;K$KpVZI(4Ex$Sr0ah+rkyriGME?@KftiXn_Fx(USE1rN39W"
        "xIZhd==yU@DB1SslkxK}xBmk+5B{0"
    )
)
"""Made with xlwt 1.3: headings, a row, then a date and a formula (its value not kept), then A4:B5 merged."""


async def test_an_old_xls_is_read() -> None:
    read = await sheet.read(XLS, "old.xls")
    assert (read.kind, read.name) == (FileKind.XLS, "月亮泡镇")
    assert list(read.rows[0]) == HEAD
    assert list(read.rows[1]) == row(1)
    assert read.rows[2][0] == Fault("date", "2026-03-05")
    assert read.rows[3][0] == read.rows[3][1] == Fault("merged", "A4:B5")


@given(st.text(max_size=60))
def test_a_guarded_text_is_no_formula_and_comes_back(text: str) -> None:
    guard = guarded(text)
    assert guard[:1] not in ("=", "+", "@", "\t", "\r")
    assert not guard.startswith("-") or guard[1:].replace(".", "", 1).isdigit()
    assert unguarded(guard) == text


@given(st.text(max_size=1200))
def test_any_text_is_a_cell_or_a_fault(text: str) -> None:
    for cell in (of_text(text), of_csv(text)):
        assert isinstance(cell, Fault) or len(cell) <= limits.CELL_CHARACTERS


@given(st.integers(min_value=-(10**25), max_value=10**25) | st.floats())
def test_a_number_is_its_digits_or_refused(value: float) -> None:
    cell = of_value(float(value))
    assert isinstance(cell, Fault) or float(cell) == float(value)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(raw: bytes) -> None:
    with contextlib.suppress(Invalid):
        assert kind_of(raw) is FileKind.CSV  # nothing that random becomes a workbook

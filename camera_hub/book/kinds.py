"""What a file is, told by its bytes and never by its name; a file whose name says otherwise is refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePath

from camera_hub.book import limits
from registry.errors import FieldError, Invalid


class FileKind(StrEnum):
    """The kinds of file the book is read from."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENDINGS = {
    ".xlsx": FileKind.XLSX,
    ".xlsm": FileKind.XLSX,
    ".xls": FileKind.XLS,
    ".et": FileKind.XLS,
    ".csv": FileKind.CSV,
    ".txt": FileKind.CSV,
    ".tsv": FileKind.CSV,
}
_OTHERS: Mapping[bytes, str] = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"{\\rtf": "RTF",
    b"\x7fELF": "ELF",
    b"MZ": "EXE",
    b"SQLite format 3": "SQLite",
}
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<body", b"<script")


def refuse(code: str, hint: str, **params: str | int) -> Invalid:
    """An Invalid about the file as a whole."""
    return Invalid(hint, FieldError("file", code, hint), code=code, **params)


def kind_of(raw: bytes, name: str = "") -> FileKind:
    """The kind of a file. Raises Invalid for any other content, for a name that lies, and for a bomb."""
    if not raw.strip():
        raise refuse("book_empty", "the file is empty")
    if len(raw) > limits.FILE_BYTES:
        raise refuse("book_too_large", f"a file has at most {limits.FILE_BYTES >> 20} MB", mb=limits.FILE_BYTES >> 20)
    found = _by_content(raw)
    told = _ENDINGS.get(PurePath(name).suffix.lower())
    if told is not None and told is not found:
        hint = f"the name says {told}, the content is {found}; save it anew in the format its name says"
        raise refuse("book_lies", hint, told=told.value, found=found.value)
    return found


def _by_content(raw: bytes) -> FileKind:
    if raw.startswith(b"PK\x03\x04"):
        _look_into(raw)
        return FileKind.XLSX
    if raw.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise refuse("book_encrypted", "the workbook has a password; save it without one")
        if "Workbook".encode("utf-16-le") not in raw and "Book".encode("utf-16-le") not in raw:
            raise _other("Office")
        return FileKind.XLS
    for sign, what in _OTHERS.items():
        if raw.startswith(sign):
            raise _other(what)
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:32].lower().startswith(_MARKUP):
        # Many web systems write a page with a table and call it .xls; Excel opens it, after a warning.
        raise _other("HTML")
    if b"\0" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _other("?")
    return FileKind.CSV


def _other(what: str) -> Invalid:
    return refuse(
        "book_kind", f"this is no .xlsx, .xls or .csv ({what}); open it in Excel and save it as .xlsx", found=what
    )


def _look_into(raw: bytes) -> None:
    """Judge a ZIP by its directory, before anything of it is unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as err:
        raise refuse("book_damaged", "the workbook is damaged; save it anew") from err
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise _other("xlsb" if "xl/workbook.bin" in names else "ods" if "content.xml" in names else "ZIP")
    bomb = refuse("book_bomb", "the workbook unpacks to too much; save only the sheet with the cameras")
    if len(parts) > limits.PARTS or sum(part.file_size for part in parts) > limits.UNPACKED_BYTES:
        raise bomb
    for part in parts:
        if part.flag_bits & 1:
            raise refuse("book_encrypted", "the workbook has a password; save it without one")
        if part.file_size > limits.UNPACKED_RATIO * max(part.compress_size, 4096):
            raise bomb

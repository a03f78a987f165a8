"""Cases (案件): what happened, where and between which times, who works on it, and until when one looks under it."""

from registry.cases.changing import CaseChange, change, change_in, close
from registry.cases.model import Case, CaseState, Offence
from registry.cases.opening import NewCase, create, create_in
from registry.cases.reading import first_point, get, list_cases, member_row, of_no, open_row, people, row_of

__all__ = [
    "Case",
    "CaseChange",
    "CaseState",
    "NewCase",
    "Offence",
    "change",
    "change_in",
    "close",
    "create",
    "create_in",
    "first_point",
    "get",
    "list_cases",
    "member_row",
    "of_no",
    "open_row",
    "people",
    "row_of",
]

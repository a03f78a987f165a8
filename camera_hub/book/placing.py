"""A camera's placement in the book: which places it looks into, its legal basis, its filing, its sign.

Where nobody may be watched is asked of by one column: none of the places, the places it looks into, or still open. A
cell that is empty or says "open" leaves the answers as they are: an answer is never taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from registry import placement
from registry.errors import Conflict
from registry.inputs import invalid, parse
from registry.model import Kind
from registry.placement import PlacementChange
from registry.policy import PlacementPolicy

TEXTS = ("purpose", "agreement", "filing_no", "sign_text")
YES_NO = ("near_sensitive", "near_minors")
OPEN, NONE = "open", "none"
WORDS: Mapping[str, tuple[str, ...]] = {
    OPEN: ("待核查", "未核查", "未答全"),
    NONE: ("均不涉及", "不涉及", "无", "否", "no"),
    "guest_room": ("客房",),
    "private_booth": ("包间",),
    "dormitory": ("宿舍", "学生宿舍"),
    "staff_room": ("职工休息室", "员工宿舍"),
    "bedroom": ("卧室",),
    "bathroom": ("浴室",),
    "toilet": ("卫生间", "厕所"),
    "changing_room": ("更衣室",),
    "fitting_room": ("试衣间",),
    "lactation_room": ("哺乳室",),
    "other_private": ("其他隐私场所", "其他"),
}
"""What may stand in the column of the checklist; the first word is what the export writes in Chinese."""
_MEANT = {word: name for name, words in WORDS.items() for word in (name, *words)}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]00:00(?::00)?)?")


def day_of(text: str) -> str:
    """A day as people and spreadsheets write it, as 2026-11-20; what is none stays, and is refused later."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return text
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return text


def settled(
    law: PlacementPolicy, kind: Kind, standing: Mapping[str, Any], given: Mapping[str, str]
) -> Mapping[str, Any]:
    """A placement as a row would have it. Raises Invalid, naming the column."""
    if "sign_photo" in given and given["sign_photo"] not in ("", "true" if standing["sign"] else "false"):
        hint = "the photo itself says whether there is one; upload it on the camera's page"
        raise invalid("sign_photo", "sign_by_photo", hint)
    wanted: dict[str, Any] = {name: given[name] for name in TEXTS if name in given}
    wanted |= {name: given[name] for name in YES_NO if given.get(name)}
    wanted |= {name: given[name] or None for name in ("basis", "filed_on") if name in given}
    if (answers := _answers(law, given.get("checklist", ""))) is not None:
        wanted["answers"] = answers
    if not wanted:
        return standing
    try:
        return placement.settled(law, kind, standing, parse(PlacementChange, wanted))
    except Conflict as forbidden:
        raise invalid("checklist", forbidden.code, forbidden.hint) from forbidden


def _answers(law: PlacementPolicy, text: str) -> dict[str, bool] | None:
    words = [one for one in re.split(r"[、,，;；/\s]+", unicodedata.normalize("NFKC", text).casefold()) if one]
    named = {_MEANT.get(word, "") for word in words}
    if not named or named == {OPEN}:
        return None
    if named == {NONE}:
        return dict.fromkeys(law.forbidden, False)
    if not named <= set(law.forbidden):
        allowed = ", ".join((NONE, OPEN, *law.forbidden))
        raise invalid("checklist", "choice", f"write one of: {allowed}; several places with a comma between")
    return {place: place in named for place in law.forbidden}


def told(law: PlacementPolicy, standing: Mapping[str, Any], *, chinese: bool) -> dict[str, Any]:
    """The columns of a camera's placement, as the book shows them."""
    return {
        **{name: standing[name] for name in (*TEXTS, *YES_NO, "basis", "filed_on")},
        "checklist": _checklist(law, standing["answers"], chinese=chinese),
        "sign_photo": standing["sign"],
    }


def _checklist(law: PlacementPolicy, answers: Mapping[str, bool], *, chinese: bool) -> str:
    if any(place not in answers for place in law.forbidden):
        found = [OPEN] if answers else []
    else:
        found = [place for place in law.forbidden if answers[place]] or [NONE]
    return "、".join(WORDS.get(one, (one,))[0] for one in found) if chinese else ", ".join(found)

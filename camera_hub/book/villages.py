"""Which village a row means: by its code, or by its name and its township's."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping

from registry.errors import FieldError

_VILLAGE, _TOWNSHIP = 12, 9
_ENDING = re.compile(r"(村民委员会|居民委员会|村委会|居委会|社区|村|镇|乡|街道办事处|街道|办事处)$")


def _short(name: str) -> str:
    """A name as people write it: 汉书村, 汉书村委会 and 汉书 are one."""
    folded = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name).casefold())
    return _ENDING.sub("", folded) or folded


class Villages:
    """The villages of the registry, looked up as a row names them."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for code, name in sorted(names.items()):
            if len(code) == _VILLAGE:
                self._by_name[_short(name)].append(code)

    def code_of(self, given: Mapping[str, str]) -> str | FieldError:
        """The 12 digits, or what is wrong with the row's words for it."""
        code, village, township = (given.get(name, "") for name in ("village_code", "village", "township"))
        if code:
            return self._by_code(code, village)
        if not village:
            return FieldError("village_code" if "village_code" in given else "village", "missing", "name the village")
        found = self._by_name.get(_short(village), [])
        if township:
            found = [one for one in found if _short(self._names.get(one[:_TOWNSHIP], "")) == _short(township)]
        exact = [one for one in found if self._names[one] == village]
        found = exact or found
        if not found:
            return FieldError("village", "village_unknown", "no village has this name; add it first, or correct it")
        if len(found) > 1:
            hint = f"several villages have this name ({', '.join(found[:5])}); give the township, or the code"
            return FieldError("village", "village_ambiguous", hint)
        return found[0]

    def _by_code(self, code: str, village: str) -> str | FieldError:
        if len(code) != _VILLAGE or code not in self._names:
            return FieldError(
                "village_code", "village_unknown", "no village has this code; add it first, or correct it"
            )
        if village and _short(village) != _short(self._names[code]):
            return FieldError("village", "village_differs", f"the code is that of {self._names[code]}")
        return code

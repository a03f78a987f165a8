"""The register of look-ups and changes (调用登记): append-only, chained, and written before anything is shown (L9).

`append` and `append_all` write, in the caller's transaction; `refused` puts a look on record that is refused; `covers`
lets a list's row stand for its pictures;
`verify`, `examine` and `walked` prove the chain; `list_rows` and `days` read. Exports, sums and the report of misuse
stand beside, each in its module.
"""

from registry.audit.appending import COVERED, MAX_DETAIL, Entry, append, append_all, covers, describe
from registry.audit.chain import Anchor, Broken, Outcome
from registry.audit.reading import AuditFilter, AuditQuery, Day, Sort, days, list_rows
from registry.audit.refusing import known, refused
from registry.audit.verifying import examine, hash_of, head, proved, verify, verify_in, walked

__all__ = [
    "COVERED",
    "MAX_DETAIL",
    "Anchor",
    "AuditFilter",
    "AuditQuery",
    "Broken",
    "Day",
    "Entry",
    "Outcome",
    "Sort",
    "append",
    "append_all",
    "covers",
    "days",
    "describe",
    "examine",
    "hash_of",
    "head",
    "known",
    "list_rows",
    "proved",
    "refused",
    "verify",
    "verify_in",
    "walked",
]

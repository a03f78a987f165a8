"""Video patrols (视频巡查): plans, the patrols walked by them, what was marked, and the faults people saw."""

from registry.patrols.faults import clear, list_faults
from registry.patrols.marking import MarkPicture, NewPatrolMark, kept, mark, require
from registry.patrols.marks import MarkList, list_marks, picture_of
from registry.patrols.model import (
    Handover,
    Patrol,
    PatrolCamera,
    PatrolMark,
    PatrolSummary,
    PatrolVerdict,
    PlanName,
)
from registry.patrols.pictures import expire, named, overdue, purge, release
from registry.patrols.reading import PatrolQuery, get, list_patrols
from registry.patrols.walking import EndPatrol, NewPatrol, begin, end

__all__ = [
    "EndPatrol",
    "Handover",
    "MarkList",
    "MarkPicture",
    "NewPatrol",
    "NewPatrolMark",
    "Patrol",
    "PatrolCamera",
    "PatrolMark",
    "PatrolQuery",
    "PatrolSummary",
    "PatrolVerdict",
    "PlanName",
    "begin",
    "clear",
    "end",
    "expire",
    "get",
    "kept",
    "list_faults",
    "list_marks",
    "list_patrols",
    "mark",
    "named",
    "overdue",
    "picture_of",
    "purge",
    "release",
    "require",
]

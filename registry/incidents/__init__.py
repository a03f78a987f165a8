"""Incidents (警情线索): what a mark or an event led to, until it is closed with a result or turned into a case."""

from registry.incidents.machine import IncidentState, Step
from registry.incidents.model import Incident, IncidentStep
from registry.incidents.opening import Headline, NewIncident, open_one
from registry.incidents.reading import (
    IncidentPage,
    IncidentQuery,
    get,
    list_incidents,
    people,
    picture_of,
    visible,
    watched,
    watching,
)
from registry.incidents.stepping import (
    Assign,
    Check,
    Close,
    IntoCase,
    Reopen,
    Stepped,
    acknowledge,
    assign,
    check,
    close,
    into_case,
    reopen,
)

__all__ = [
    "Assign",
    "Check",
    "Close",
    "Headline",
    "Incident",
    "IncidentPage",
    "IncidentQuery",
    "IncidentState",
    "IncidentStep",
    "IntoCase",
    "NewIncident",
    "Reopen",
    "Step",
    "Stepped",
    "acknowledge",
    "assign",
    "check",
    "close",
    "get",
    "into_case",
    "list_incidents",
    "open_one",
    "people",
    "picture_of",
    "reopen",
    "visible",
    "watched",
    "watching",
]

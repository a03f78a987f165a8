"""The states of an incident, which step leads from which to which, and who may take it.

open → assigned → acknowledged → checked → closed, or case. Whoever leads (officers) assigns, closes and makes cases of
them at any time before the end, and opens closed ones again; whoever it is assigned to acknowledges it and tells what
he found on the spot. What became a case goes on there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.model import Role, User
from registry.permissions import Permission, may


class IncidentState(StrEnum):
    """Where an incident stands; `closed` and `case` are ends."""

    OPEN = "open"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    CHECKED = "checked"
    CLOSED = "closed"
    CASE = "case"


class Step(StrEnum):
    """What is done about an incident; `open` is how it begins."""

    OPEN = "open"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    CHECK = "check"
    CLOSE = "close"
    CASE = "case"
    REOPEN = "reopen"


ENDS = frozenset({IncidentState.CLOSED, IncidentState.CASE})
GOING = frozenset(IncidentState) - ENDS


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a step leads where; `own`: whoever the incident is assigned to takes it, else who has `needs`.

    An administrator may stand in for anybody.
    """

    since: frozenset[IncidentState]
    to: IncidentState
    needs: Permission
    own: bool = False


S = IncidentState
RULES: Mapping[Step, Rule] = {
    Step.ASSIGN: Rule(GOING, S.ASSIGNED, Permission.MANAGE_PATROLS),
    Step.ACKNOWLEDGE: Rule(frozenset({S.ASSIGNED}), S.ACKNOWLEDGED, Permission.WORK_INCIDENTS, own=True),
    Step.CHECK: Rule(frozenset({S.ACKNOWLEDGED, S.CHECKED}), S.CHECKED, Permission.WORK_INCIDENTS, own=True),
    Step.CLOSE: Rule(GOING, S.CLOSED, Permission.MANAGE_PATROLS),
    Step.CASE: Rule(GOING, S.CASE, Permission.MANAGE_CASES),
    Step.REOPEN: Rule(frozenset({S.CLOSED}), S.OPEN, Permission.MANAGE_PATROLS),
}


def allowed(step: Step, user: User, *, assigned: bool) -> bool:
    """Whether the user may take the step at all; `assigned`: the incident is his."""
    rule = RULES[step]
    return may(user, rule.needs) and (not rule.own or assigned or user.role is Role.ADMIN)


def steps(state: IncidentState, user: User, *, assigned: bool) -> tuple[Step, ...]:
    """The steps the user may take from a state."""
    return tuple(step for step, rule in RULES.items() if state in rule.since and allowed(step, user, assigned=assigned))

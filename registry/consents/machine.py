"""The states of a consent, and which step leads from which to which.

invited → signed → active ⇄ paused; either runs out to expired, and what was only not reconfirmed comes back from there.
`withdrawn` is the end, one step from everywhere. A consent is in force while it is active and its time runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.model import ConsentState


class ConsentStep(StrEnum):
    """What is done about a consent; `invite` and `record` are how it begins."""

    INVITE = "invite"
    RECORD = "record"
    SIGN = "sign"
    ACTIVATE = "activate"
    PAUSE = "pause"
    RESUME = "resume"
    RECONFIRM = "reconfirm"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


S = ConsentState


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a step leads where."""

    since: frozenset[ConsentState]
    to: ConsentState


RULES: Mapping[ConsentStep, Rule] = {
    ConsentStep.INVITE: Rule(frozenset(), S.INVITED),
    ConsentStep.RECORD: Rule(frozenset(), S.ACTIVE),
    ConsentStep.SIGN: Rule(frozenset({S.INVITED}), S.SIGNED),
    ConsentStep.ACTIVATE: Rule(frozenset({S.SIGNED}), S.ACTIVE),
    ConsentStep.PAUSE: Rule(frozenset({S.ACTIVE}), S.PAUSED),
    ConsentStep.RESUME: Rule(frozenset({S.PAUSED}), S.ACTIVE),
    ConsentStep.RECONFIRM: Rule(frozenset({S.ACTIVE, S.EXPIRED}), S.ACTIVE),
    ConsentStep.EXPIRE: Rule(frozenset({S.ACTIVE, S.PAUSED}), S.EXPIRED),
    ConsentStep.WITHDRAW: Rule(frozenset(S) - {S.WITHDRAWN}, S.WITHDRAWN),
}

GIVEN = frozenset({S.ACTIVE, S.PAUSED, S.EXPIRED})
"""The owner agreed and did not take it back: what was kept meanwhile stays, though it may not be read now."""


def steps(state: ConsentState) -> tuple[ConsentStep, ...]:
    """The steps somebody may take from a state; running out happens by itself."""
    return tuple(step for step, rule in RULES.items() if state in rule.since and step is not ConsentStep.EXPIRE)

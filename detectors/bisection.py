"""Finding between which two of many moments something changed, by answers: it is there, it is not, cannot be told.

A pure machine over positions: it is there at the first, it is not at the last. What is asked next is the middle; where
that cannot be told, a neighbour, farther away each time, since fog or somebody in front lasts. It ends: every answer
narrows the two ends or rules a position out. So many questions at most: ceil(log2(positions)) + `SPARE`.

It finds one change. Where there were more, it finds one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SPARE = 3
"""Questions whose answer may be that it cannot be told."""


class Answer(StrEnum):
    """What is seen at a position."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a search stands: it is there at `last_in`, and not at `first_out`. `ask` is the next position.

    None is asked where nothing lies between, or where no position between can be told.
    """

    last_in: int
    first_out: int
    ask: int | None

    @property
    def exact(self) -> bool:
        """Whether nothing lies between the two."""
        return self.first_out - self.last_in == 1


def most_questions(positions: int) -> int:
    """How many questions a search over so many positions asks at most."""
    return math.ceil(math.log2(max(positions, 2))) + SPARE


def standing(positions: int, answers: Iterable[tuple[int, Answer]]) -> Standing:
    """The search after some answers. Raises ValueError for fewer than two positions, or an answer nobody asked for."""
    if positions < 2:  # noqa: PLR2004 - the two ends
        raise ValueError("a search needs two ends")
    last_in, first_out = 0, positions - 1
    unknown: list[int] = []
    for position, answer in answers:
        if not last_in < position < first_out:
            raise ValueError("this position was not asked for")
        if answer is Answer.IN:
            last_in = position
        elif answer is Answer.OUT:
            first_out = position
        else:
            unknown.append(position)
    between = [one for one in unknown if last_in < one < first_out]
    return Standing(last_in, first_out, _next(last_in, first_out, between))


def _next(last_in: int, first_out: int, unknown: list[int]) -> int | None:
    """The position nearest the middle that is far enough from those that cannot be told; else any that is left."""
    if first_out - last_in - 1 <= len(set(unknown)):
        return None
    middle = (last_in + first_out) // 2
    for far in (True, False):
        for step in range(first_out - last_in):
            for position in dict.fromkeys((middle + step, middle - step)):
                if last_in < position < first_out and _free(position, unknown, far=far):
                    return position
    return None


def _free(position: int, unknown: list[int], *, far: bool) -> bool:
    return all(abs(position - one) >= (1 << number if far else 1) for number, one in enumerate(unknown))

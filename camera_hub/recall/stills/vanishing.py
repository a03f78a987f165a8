"""The vanish helper: between a moment with a thing and one without it, it halves the time, and asks where it is unsure.

An answer of the machine's own rests on two looks at different moments that agree, so that somebody who stands in front
for a while is no answer; else a person is asked. Nothing is kept between two calls: who asks says what was answered so
far, so that taking back an answer is leaving it out. It finds one change; there may be more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from detectors.bisection import Answer, Standing, most_questions, standing
from detectors.change import Judged, Pair, Structure

MOST_REFERENCES = 3
"""Moments of each side that a crop is compared with: the latest that were answered."""
STRONG = 0.5
"""A single look that fits one side by so much more is enough where there is no second one."""
MOST_STEPS = 64

By = Literal["machine", "officer"]

__all__ = ["Answer", "By", "Eyes", "Progress", "Search", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """An answer at a moment (ms since 1970), who gave it, and how well the crop fitted either side, if compared."""

    at: int
    answer: Answer
    by: By
    fit_in: float | None = None
    fit_out: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How a search stands: all answers so far; it is there at `last_in`, and not at `first_out`.

    `ask` is the moment a person is asked about; None where it is over: between the two lies nothing (`exact`), nothing
    that can be told, or too much was asked. `asked` of at most `most` questions were.
    """

    steps: tuple[Step, ...]
    last_in: int
    first_out: int
    ask: int | None
    exact: bool
    asked: int
    most: int
    fit_in: float | None = None
    fit_out: float | None = None


class Eyes(Protocol):
    """Gives the structure of the drawn box at a moment; None where there is no picture."""

    async def look(self, at: int) -> Structure | None:
        """The structure at that moment."""
        ...


class Search:
    """A search over moments in order of time. `apart` is how many positions off the second look is."""

    def __init__(self, moments: Sequence[int], eyes: Eyes, *, apart: int = 1) -> None:
        self._moments = moments
        self._number = {at: number for number, at in enumerate(moments)}
        self._eyes = eyes
        self._apart = apart

    async def go_on(self, steps: Sequence[Step]) -> Progress:
        """From some answers on, as far as the machine is sure. Raises ValueError for an answer nobody asked for.

        Where there is no picture, nobody is asked: it cannot be told.
        """
        done, most = list(steps), most_questions(len(self._moments))
        judged: Judged | None = None
        while True:
            now = self._standing(done)
            asked = sum(one.by == "officer" for one in done)
            ask = None if now.ask is None or asked >= most or len(done) >= MOST_STEPS else self._moments[now.ask]
            if ask is not None:
                judged = await self._judge(now, done)
                if judged is None:
                    done.append(Step(ask, Answer.UNKNOWN, "machine"))
                    continue
                if judged.answer is not Answer.UNKNOWN:
                    done.append(Step(ask, judged.answer, "machine", round(judged.fit_in, 3), round(judged.fit_out, 3)))
                    continue
            return Progress(
                steps=tuple(done),
                last_in=self._moments[now.last_in],
                first_out=self._moments[now.first_out],
                ask=ask,
                exact=now.exact,
                asked=asked,
                most=most,
                fit_in=round(judged.fit_in, 3) if ask is not None and judged is not None else None,
                fit_out=round(judged.fit_out, 3) if ask is not None and judged is not None else None,
            )

    def _standing(self, steps: Sequence[Step]) -> Standing:
        try:
            return standing(len(self._moments), [(self._number[one.at], one.answer) for one in steps])
        except KeyError as err:
            raise ValueError("there is no picture of this moment") from err

    async def _judge(self, now: Standing, steps: Sequence[Step]) -> Judged | None:
        """What is seen at the position asked for, where two looks agree; None where there is no picture."""
        if now.ask is None:
            return None
        seen = await self._eyes.look(self._moments[now.ask])
        pair = await self._pair(steps)
        if seen is None or pair is None:
            return None if seen is None else Judged(Answer.UNKNOWN, 0.0, 0.0)
        first = pair.judge(seen)
        if first.answer is Answer.UNKNOWN:
            return first
        # What was there later was there before, what was gone stays gone: the second look lies on that side.
        if first.answer is Answer.IN:
            other = max(now.ask - self._apart, now.last_in + 1)
        else:
            other = min(now.ask + self._apart, now.first_out - 1)
        again = None if other == now.ask else await self._eyes.look(self._moments[other])
        second = Answer.UNKNOWN if again is None else pair.judge(again).answer
        strong = abs(first.fit_in - first.fit_out) >= STRONG
        sure = strong if second is Answer.UNKNOWN else second is first.answer
        return first if sure else Judged(Answer.UNKNOWN, first.fit_in, first.fit_out)

    async def _pair(self, steps: Sequence[Step]) -> Pair | None:
        with_ = await self._references([self._moments[0], *(one.at for one in steps if one.answer is Answer.IN)])
        without = await self._references([self._moments[-1], *(one.at for one in steps if one.answer is Answer.OUT)])
        return Pair(with_, without) if with_ and without else None

    async def _references(self, moments: Sequence[int]) -> list[Structure]:
        seen = [await self._eyes.look(at) for at in moments[-MOST_REFERENCES:]]
        return [one for one in seen if one is not None]

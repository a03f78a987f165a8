"""Why nobody watched: when no hub ran, and what was told of the camera then."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from registry import history, runs
from registry.columns import AnyRow, from_ms, to_ms
from registry.model import Reason, State
from registry.motion.model import Stretch, Unwatched, Why
from registry.store import Store

MOST = 300
"""Stretches of one camera that are explained, the longest; of the others nothing is known."""

Word = tuple[int, Unwatched]
"""From when on (second since 1970), and what would explain that nobody watched."""


async def explained(
    store: Store, holes: Mapping[int, Sequence[Stretch]], window: Stretch
) -> dict[int, tuple[Why, ...]]:
    """The `holes` of cameras, by number, cut where their reasons change, in order."""
    span = window[0] * 1000, window[1] * 1000
    async with store.read() as conn:
        gaps = await runs.gaps(conn, from_ms(span[0]), from_ms(span[1]), store.clock())
        told = await history.told(conn, [number for number, those in holes.items() if those], span, reason)
    down = [(to_ms(one.since) // 1000, to_ms(one.until) // 1000) for one in gaps]
    words = {number: [(at // 1000, why or Unwatched.NOT_ANALYSED) for at, why in some] for number, some in told.items()}
    return {number: tuple(_cut(those, words.get(number, ()), down)) for number, those in holes.items()}


def reason(row: AnyRow) -> Unwatched | None:
    """Why nobody watched while a row of a camera's history held; None: somebody did, as far as it knows."""
    return _reason(row.state, row.reason, row.picture)


@cache
def _reason(state: str, reason: str | None, picture: str | None) -> Unwatched | None:
    if state == State.LIVE.value:
        return None if picture is None else Unwatched(picture)
    return Unwatched.STARTING if reason is None else Unwatched(Reason(reason).value)


def _cut(holes: Sequence[Stretch], words: Sequence[Word], down: Sequence[Stretch]) -> Iterable[Why]:
    longest = set(sorted(holes, key=lambda one: one[0] - one[1])[:MOST])
    for hole in holes:
        if hole not in longest:
            yield hole, Unwatched.NOT_ANALYSED
            continue
        told = words[bisect_left(words, hole[0], key=_since) : bisect_left(words, hole[1], key=_since)]
        edges = {at for at, _ in told} | {at for one in down for at in one}
        at, why = hole[0], _at(hole[0], words, down)
        for edge in sorted(at for at in edges if hole[0] < at < hole[1]):
            if (other := _at(edge, words, down)) is not why:
                yield (at, edge), why
                at, why = edge, other
        yield (at, hole[1]), why


def _at(second: int, words: Sequence[Word], down: Sequence[Stretch]) -> Unwatched:
    if any(begin <= second < end for begin, end in down):
        return Unwatched.HUB_DOWN
    before = bisect_right(words, second, key=_since)
    return words[before - 1][1] if before else Unwatched.NOT_ANALYSED


def _since(word: Word) -> int:
    return word[0]

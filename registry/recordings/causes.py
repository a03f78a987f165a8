"""Why nothing was recorded: what was told of the camera then, when no hub ran, and when the clock jumped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from registry.columns import AnyRow
from registry.model import NOT_DUE, Reason, State
from registry.recordings.model import GapCause
from registry.spans import Ms

Word = tuple[int, GapCause | None]
"""From when on (milliseconds), and what would explain a gap then; None: nothing."""
Piece = tuple[int, int, GapCause]

NOTICED_MS = 60_000
"""What is wrong is noticed a while after packets stopped: that while has the same cause."""
SETTLED_MS = 15_000
"""A camera that is live again is recorded from its next keyframe on."""
SLIVER_MS = 2_000


def cause_of(row: AnyRow) -> GapCause | None:
    """What a state explains."""
    if row.state == State.LIVE.value:
        return GapCause(row.recording) if row.recording else None
    if row.reason is None or Reason(row.reason) in NOT_DUE:
        # It should be recorded and is meant to be off: its worker has not heard of it yet.
        return GapCause.STARTING
    return GapCause(row.reason)


def explained(span: Ms, words: Sequence[Word], others: Mapping[GapCause, Sequence[Ms]]) -> list[Piece]:
    """A gap cut where its cause changes. `others` go before what was told of the camera."""
    begin, end = span
    edges = {begin, end, *(at for at, _ in words)}
    edges |= {at for spans in others.values() for one in spans for at in one}
    inside = sorted(at for at in edges if begin <= at <= end)
    pieces = [(a, b, _at(a, words, others)) for a, b in pairwise(inside)]
    return _smoothed(_joined(_taken_over(_joined(pieces))))


def _at(at: int, words: Sequence[Word], others: Mapping[GapCause, Sequence[Ms]]) -> GapCause:
    for cause, spans in others.items():
        if any(begin <= at < end for begin, end in spans):
            return cause
    held = [cause for since, cause in words if since <= at]
    return (held[-1] if held else None) or GapCause.LOST


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for begin, end, cause in pieces:
        if found and found[-1][1] == begin and found[-1][2] is cause:
            found[-1] = found[-1][0], end, cause
        else:
            found.append((begin, end, cause))
    return found


def _taken_over(pieces: Sequence[Piece]) -> list[Piece]:
    """Short unexplained pieces beside explained ones: before them nobody had noticed yet, after them it came up."""
    found: list[Piece] = []
    for number, (begin, end, cause) in enumerate(pieces):
        after = pieces[number + 1][2] if number + 1 < len(pieces) else None
        said = cause
        if cause is GapCause.LOST and after is not None and end - begin <= NOTICED_MS:
            said = after
        elif cause is GapCause.LOST and found and end - begin <= SETTLED_MS:
            said = found[-1][2]
        found.append((begin, end, said))
    return found


def _smoothed(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces too short to matter made one with what stands before them, else behind."""
    found: list[Piece] = []
    for begin, end, cause in pieces:
        if found and (end - begin <= SLIVER_MS or found[-1][1] - found[-1][0] <= SLIVER_MS):
            before = found.pop()
            longer = cause if end - begin > before[1] - before[0] else before[2]
            found.append((before[0], end, longer))
        else:
            found.append((begin, end, cause))
    return _joined(found)

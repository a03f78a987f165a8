"""What was told of cameras over time: each word holds from when it was told until the next one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow, from_ms
from registry.spans import Ms
from registry.store import in_turns
from registry.tables import cameras
from registry.tables import status_history as history

_MOST_ASKED = 500
_Says = TypeVar("_Says")
_WORDS = sa.select(
    history.c.camera_no,
    sa.type_coerce(history.c.since, sa.BigInteger).label("since"),
    history.c.state,
    history.c.reason,
    history.c.recording,
    history.c.picture,
)


async def told(
    conn: AsyncConnection, numbers: Collection[int], span: Ms, says: Callable[[AnyRow], _Says]
) -> dict[int, list[tuple[int, _Says]]]:
    """What was told of cameras that held in a span or began in it, each in the order of its beginning (milliseconds).

    `says` reads a row of the history: state, reason, recording, picture.
    """
    found: dict[int, list[tuple[int, _Says]]] = {}
    asked = sorted(numbers)
    for start in range(0, len(asked), _MOST_ASKED):
        some = asked[start : start + _MOST_ASKED]
        last = (
            sa.select(history.c.no)
            .where(history.c.camera_no == cameras.c.no, history.c.since <= from_ms(span[0]))
            .order_by(history.c.no.desc())
            .limit(1)
            .correlate(cameras)
            .scalar_subquery()
        )
        held = sa.select(last.label("no")).where(cameras.c.no.in_(some)).cte()
        within = (history.c.since > from_ms(span[0]), history.c.since < from_ms(span[1]))
        for wanted in (
            _WORDS.join(held, held.c.no == history.c.no),
            _WORDS.where(history.c.camera_no.in_(some), *within).order_by(history.c.no),
        ):
            for row in await in_turns(await conn.execute(wanted)):
                _tell(found.setdefault(row.camera_no, []), (row.since, says(row)))
    return found


def _tell(words: list[tuple[int, _Says]], word: tuple[int, _Says]) -> None:
    # Where a clock was set back, a later word begins earlier than the one before, and replaces it from there on.
    while words and words[-1][0] >= word[0]:
        words.pop()
    words.append(word)

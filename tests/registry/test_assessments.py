"""Impact assessments: entered, looked at again within the year, and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from registry import assessments, audit
from registry.assessments import NewAssessment, Review
from registry.errors import Conflict, Invalid, NotFound
from registry.inputs import parse
from registry.users import CONSOLE
from tests.registry.county import NOON, County

DAY = timedelta(days=1)


def new(**given: Any) -> NewAssessment:
    values = {
        "about": "deployment",
        "title": "大安市村屯视频系统",
        "document_number": "大公评〔2026〕3号",
        "approved_by": "王局",
        "assessed_at": NOON - DAY,
    }
    return parse(NewAssessment, {**values, **given})


async def test_an_assessment_is_due_again_after_a_year(county: County) -> None:
    made = await assessments.create(county.store, new(), CONSOLE)
    assert (made.review_at, made.overdue) == (NOON + 364 * DAY, False)
    county.clock.turn(days=364)
    (late,) = await assessments.list_assessments(county.store)
    assert late.overdue
    again = Review(document_number="大公评〔2027〕1号", approved_by="赵局", assessed_at=county.clock.now)
    reviewed = await assessments.review(county.store, made.id, again, CONSOLE)
    assert (reviewed.overdue, reviewed.document_number) == (False, "大公评〔2027〕1号")
    rows = [row for row in await audit.list_rows(county.store, CONSOLE) if row.action == "assessment.create"]
    assert "大公评〔2026〕3号" in rows[0].detail, "what stood before stays in the register"


async def test_what_is_not_used_any_more_is_never_overdue(county: County) -> None:
    made = await assessments.create(county.store, new(about="analytic", title="人车检测"), CONSOLE)
    await assessments.end(county.store, made.id, CONSOLE)
    county.clock.turn(days=500)
    (ended,) = await assessments.list_assessments(county.store)
    assert (ended.overdue, ended.ended_at) == (False, NOON)
    for step in (
        assessments.end(county.store, made.id, CONSOLE),
        assessments.review(
            county.store, made.id, Review(document_number="a", approved_by="b", assessed_at=NOON), CONSOLE
        ),
    ):
        with pytest.raises(Conflict):
            await step
    with pytest.raises(NotFound):
        await assessments.end(county.store, uuid4(), CONSOLE)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"assessed_at": NOON + DAY}, "assessed_at"),
        ({"review_at": NOON + 400 * DAY}, "review_at"),
        ({"review_at": NOON - 2 * DAY}, "review_at"),
    ],
)
async def test_times_that_cannot_be_are_refused(county: County, given: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as wrong:
        await assessments.create(county.store, new(**given), CONSOLE)
    assert wrong.value.fields[0].path == path


async def test_an_older_assessment_does_not_replace_a_later_one(county: County) -> None:
    made = await assessments.create(county.store, new(), CONSOLE)
    older = Review(document_number="a", approved_by="b", assessed_at=NOON - 2 * DAY)
    with pytest.raises(Invalid):
        await assessments.review(county.store, made.id, older, CONSOLE)

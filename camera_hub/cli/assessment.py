"""`camera-hub assessment …`: impact assessments, and when each is looked at again."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import assessments
from registry.assessments import NewAssessment, Review
from registry.inputs import parse

app = typer.Typer(help="Impact assessments of the deployment and of each analysis.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of the assessment.")]
Document = Annotated[str, typer.Argument(help="Number of the document.")]
By = Annotated[str, typer.Argument(help="Who approved it.")]
At = Annotated[str, typer.Argument(help="When, with a zone: 2026-11-20T00:00:00+08:00.")]
Again = Annotated[
    str | None, typer.Option("--review", help="When it is due again; as the policy has it when not said.")
]
COLUMNS = {
    "id": lambda one: one.id,
    "about": lambda one: one.about.value,
    "title": lambda one: one.title,
    "document": lambda one: one.document_number,
    "approved by": lambda one: one.approved_by,
    "due again": lambda one: one.review_at,
    "overdue": lambda one: one.overdue,
    "ended": lambda one: one.ended_at,
}


@command(app, "add")
async def add(
    desk: Desk,
    about: Annotated[str, typer.Argument(help="deployment or analytic.")],
    title: Annotated[str, typer.Argument(help="What was assessed.")],
    document: Document,
    approved_by: By,
    assessed_at: At,
    review_at: Again = None,
) -> Answer:
    """Enter an assessment."""
    fields = given(about=about, title=title, document_number=document, approved_by=approved_by)
    fields |= given(assessed_at=assessed_at, review_at=review_at)
    made = await assessments.create(desk.store, parse(NewAssessment, fields), desk.actor)
    return Answer(made, f"due again on {made.review_at:%Y-%m-%d}, id {made.id}")


@command(app, "list")
async def list_(desk: Desk) -> Answer:
    """List assessments; the one due first stands at the top. Exit code 1 when one is overdue."""
    found = await assessments.list_assessments(desk.store)
    return Answer(found, columns=COLUMNS, status=int(any(one.overdue for one in found)))


@command(app, "review")
async def review(
    desk: Desk, assessment: Id, document: Document, approved_by: By, assessed_at: At, review_at: Again = None
) -> Answer:
    """Enter that it was looked at again."""
    fields = given(document_number=document, approved_by=approved_by, assessed_at=assessed_at, review_at=review_at)
    done = await assessments.review(desk.store, an_id(assessment), parse(Review, fields), desk.actor)
    return Answer(done, f"due again on {done.review_at:%Y-%m-%d}")


@command(app, "end")
async def end(desk: Desk, assessment: Id) -> Answer:
    """Say that what was assessed is not used any more."""
    done = await assessments.end(desk.store, an_id(assessment), desk.actor)
    return Answer(done, f"{done.title} is not used any more")

"""Every kind of approval there is."""

from __future__ import annotations

from pydantic import TypeAdapter

from registry.approvals.reach import ReachAsk

Asked = ReachAsk
"""With a second kind: `Annotated[ReachAsk | …, Field(discriminator="kind")]`."""

ASKED: TypeAdapter[Asked] = TypeAdapter(Asked)
"""Reads a row's `body`."""

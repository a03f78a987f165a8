"""Every kind of approval there is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from registry.approvals.earlier import EarlierAsk
from registry.approvals.export import ExportAsk
from registry.approvals.reach import ReachAsk
from registry.approvals.unmask import UnmaskAsk

Asked = Annotated[ReachAsk | UnmaskAsk | EarlierAsk | ExportAsk, Field(discriminator="kind")]
"""With another kind: one more here."""

ASKED: TypeAdapter[Asked] = TypeAdapter(Asked)
"""Reads a row's `body`."""

"""The two ends of a span, as an answer calls them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

From = Annotated[datetime, Field(alias="from")]
To = Annotated[datetime, Field(alias="to")]
"""Up to, and not including."""

"""A part of the policy, and values by kind of camera."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from registry.model import Kind

_T = TypeVar("_T")
Days = Annotated[int, Field(ge=1, le=3650)]


class Section(BaseModel):
    """A part of the policy: frozen, and a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class OfVideo(Section, Generic[_T]):
    """One value for each kind of camera that gives video."""

    public: _T
    social: _T
    civilian: _T

    def of(self, kind: Kind) -> _T:
        """The value of a kind."""
        value: _T = getattr(self, kind.value)
        return value

    def by_kind(self) -> dict[Kind, _T]:
        """The values by kind."""
        return {Kind.PUBLIC: self.public, Kind.SOCIAL: self.social, Kind.CIVILIAN: self.civilian}


class ByKind(OfVideo[_T], Generic[_T]):
    """One value for each kind of camera."""

    wifi_probe: _T

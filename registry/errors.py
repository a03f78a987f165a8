"""The one tree of errors, drawn.

HubError
├── NotFound        the thing named does not exist, or not for this user
├── Conflict        it exists already, or changed meanwhile
├── Invalid         the request is wrong; `fields` says where and how
├── Denied          signed in, but not allowed
├── NotSignedIn     no session or token, or an expired one
├── TooMany         a limit was passed; try again after `retry_after_s`
├── Unavailable     a part the hub needs (database, Redis, disk) is away; try again
├── Corrupt         what is stored does not match what was promised
└── StreamError     a camera's stream, see `retry` in camera_hub.watch
    ├── Unreachable   no route, refused, time-out
    ├── Rejected      wrong user name or password
    ├── Unsupported   a codec or format the hub does not read
    ├── Stalled       connected, then silent
    └── LeaseLost     another worker owns the camera

An error carries a stable `code` and `params`; the page translates them. HTTP status, exit code and retry policy are
looked up by kind in one table each (api.routing, camera_hub.cli, camera_hub.watch.camera).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a request or file row that is wrong: `path` (`zones.0.points`), a stable `code`, and a hint."""

    path: str
    code: str
    hint: str


class HubError(Exception):
    """Any error the hub raises on purpose.

    `code` is stable and translated by the page; `hint` is an English sentence that says what to do next, for logs and
    the command line; `params` are values for the translation.
    """

    code = "error"

    def __init__(self, hint: str, *, code: str | None = None, **params: str | float) -> None:
        super().__init__(hint)
        self.hint = hint
        self.code = code or type(self).code
        self.params: Mapping[str, str | float] = params


class NotFound(HubError):
    """The thing named does not exist, or not for this user."""

    code = "not_found"


class Conflict(HubError):
    """It exists already, or changed since it was read."""

    code = "conflict"


class Invalid(HubError):
    """The request is wrong; `fields` lists every wrong field."""

    code = "invalid"

    def __init__(self, hint: str, *fields: FieldError, code: str | None = None, **params: str | float) -> None:
        super().__init__(hint, code=code, **params)
        self.fields = fields


class Denied(HubError):
    """Signed in, but the role, scope, purpose or consent does not allow it."""

    code = "denied"


class NotSignedIn(HubError):
    """No session or token, a wrong password, or an expired session."""

    code = "not_signed_in"


class TooMany(HubError):
    """A limit was passed; try again after `retry_after_s` seconds."""

    code = "too_many"

    def __init__(self, hint: str, *, retry_after_s: float, code: str | None = None, **params: str | float) -> None:
        super().__init__(hint, code=code, retry_after_s=retry_after_s, **params)
        self.retry_after_s = retry_after_s


class Unavailable(HubError):
    """The database, Redis or the disk is away for the moment."""

    code = "unavailable"


class Corrupt(HubError):
    """What is stored does not match what was promised (a hash, a schema version, a missing file)."""

    code = "corrupt"


class StreamError(HubError):
    """A camera's stream cannot be opened or went away."""

    code = "stream"


class Unreachable(StreamError):
    """No route, connection refused, unknown host, or time-out."""

    code = "unreachable"


class Rejected(StreamError):
    """The camera refused the user name or password."""

    code = "rejected"


class Unsupported(StreamError):
    """A codec or format the hub does not read; it stops until the camera changes."""

    code = "unsupported"


class Stalled(StreamError):
    """Connected, then no packet (or no keyframe) within the limit."""

    code = "stalled"


class LeaseLost(StreamError):
    """Another worker owns the camera now."""

    code = "lease_lost"

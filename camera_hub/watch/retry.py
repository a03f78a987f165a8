"""When a camera is tried again: one table by kind of error."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.errors import HubError, Invalid, LeaseLost, Rejected, Stalled, Unreachable, Unsupported
from registry.model import Reason

HEALTHY_S = 180.0
"""Only a pull that was live this long makes the failures before it forgotten: a camera that comes up for seconds and
falls again keeps backing off."""
JITTER = 0.3


@dataclass(frozen=True, slots=True)
class Policy:
    """Waits after the first, second, … failure of a kind, in seconds; the last repeats. None: never again by itself."""

    reason: Reason
    waits_s: tuple[float, ...] | None


POLICIES: Mapping[type[HubError], Policy] = MappingProxyType(
    {
        Unreachable: Policy(Reason.UNREACHABLE, (2, 5, 10, 20, 40, 60)),
        Stalled: Policy(Reason.STALLED, (1, 3, 10, 30, 60)),
        # Cameras lock an account after a few wrong passwords: three tries, then one in ten minutes.
        Rejected: Policy(Reason.REJECTED, (5, 30, 600)),
        Unsupported: Policy(Reason.UNSUPPORTED, None),
        LeaseLost: Policy(Reason.WORKER_DOWN, (10,)),
        # The address is refused by the hub's own rules (loopback, unknown scheme): only another order helps.
        Invalid: Policy(Reason.ERROR, None),
    }
)
OTHER = Policy(Reason.ERROR, (5, 30, 120, 300))


def policy_for(error: Exception) -> Policy:
    """The policy of an error's kind."""
    return next((policy for kind, policy in POLICIES.items() if isinstance(error, kind)), OTHER)


class Backoff:
    """One camera's failures by kind, and how long to wait after each."""

    def __init__(self, jitter: Callable[[], float] = random.random) -> None:
        self._jitter = jitter
        self._failures: dict[Reason, int] = {}

    def after(self, error: Exception, live_s: float) -> tuple[Policy, float | None]:
        """The policy and the wait (seconds; None: for ever) after an error of a pull that was live for `live_s`."""
        policy = policy_for(error)
        if live_s >= HEALTHY_S:
            self._failures.clear()
        count = self._failures.get(policy.reason, 0)
        self._failures[policy.reason] = count + 1
        if policy.waits_s is None:
            return policy, None
        wait = policy.waits_s[min(count, len(policy.waits_s) - 1)]
        return policy, wait * (1 + JITTER * self._jitter())

"""Approvals (审批): what one user asks for and another decides; a reason on both sides, an end to every grant."""

from registry.approvals.asking import NewApproval, ask
from registry.approvals.deciding import Decision, Ending, decide, revoke, withdraw
from registry.approvals.grants import Grant, granted
from registry.approvals.kinds import Asked
from registry.approvals.model import Approval, ApprovalState
from registry.approvals.reach import ReachAsk
from registry.approvals.reading import Listed, get, list_approvals, waiting

__all__ = [
    "Approval",
    "ApprovalState",
    "Asked",
    "Decision",
    "Ending",
    "Grant",
    "Listed",
    "NewApproval",
    "ReachAsk",
    "ask",
    "decide",
    "get",
    "granted",
    "list_approvals",
    "revoke",
    "waiting",
    "withdraw",
]

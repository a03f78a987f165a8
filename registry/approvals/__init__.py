"""Approvals (审批): what one user asks for and another decides; a reason on both sides, an end to every grant."""

from registry.approvals.asking import NewApproval, ask
from registry.approvals.deciding import Decision, Ending, decide, revoke, withdraw
from registry.approvals.earlier import EarlierAsk
from registry.approvals.export import ExportAsk, ExportItem, Recipient
from registry.approvals.grants import Grant, granted, in_force
from registry.approvals.kinds import Asked
from registry.approvals.model import Approval, ApprovalState
from registry.approvals.reach import ReachAsk
from registry.approvals.reading import Listed, get, list_approvals, waiting
from registry.approvals.unmask import UnmaskAsk

__all__ = [
    "Approval",
    "ApprovalState",
    "Asked",
    "Decision",
    "EarlierAsk",
    "Ending",
    "ExportAsk",
    "ExportItem",
    "Grant",
    "Listed",
    "NewApproval",
    "ReachAsk",
    "Recipient",
    "UnmaskAsk",
    "ask",
    "decide",
    "get",
    "granted",
    "in_force",
    "list_approvals",
    "revoke",
    "waiting",
    "withdraw",
]

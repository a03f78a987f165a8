"""Evidence: the key packs are signed with, what goes into one, and what became of each that was made."""

from registry.evidence.custody import Custody, HandOver
from registry.evidence.drafts import Blur, Draft
from registry.evidence.exports import Export, Made
from registry.evidence.gathering import Gathered, gather
from registry.evidence.keys import EvidenceKey, Signer
from registry.evidence.shown import Shown

__all__ = [
    "Blur",
    "Custody",
    "Draft",
    "EvidenceKey",
    "Export",
    "Gathered",
    "HandOver",
    "Made",
    "Shown",
    "Signer",
    "gather",
]

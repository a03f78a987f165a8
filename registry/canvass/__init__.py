"""The canvass of a case (走访调取): whom to ask for footage, in which order, and what he is asked for."""

from registry.canvass.asking import Asked, NewClipRequest, ask, renew, revoke, shown
from registry.canvass.entries import EntryChange, NewEntry, add, change, look
from registry.canvass.links import ClipRequest, LinkState, Way
from registry.canvass.model import Canvass, Entry, EntryState

__all__ = [
    "Asked",
    "Canvass",
    "ClipRequest",
    "Entry",
    "EntryChange",
    "EntryState",
    "LinkState",
    "NewClipRequest",
    "NewEntry",
    "Way",
    "add",
    "ask",
    "change",
    "look",
    "renew",
    "revoke",
    "shown",
]

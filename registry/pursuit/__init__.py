"""Following a trail (追轨迹): passers of the cameras, decisions on them, links between sightings, and the clue map."""

from registry.pursuit.basis import Advice, Border, ClueMap, Direction, Edge, VanishingArea
from registry.pursuit.candidates import Strip, StripQuery, strip
from registry.pursuit.cluemap import KeepMap, KeptMap, MapQuery, OldMap, again, clue_map, keep, list_kept
from registry.pursuit.decisions import Decided, Decision, NewDecision, decide, log
from registry.pursuit.gates import Gate, gates
from registry.pursuit.linking import Block, LinkState, NewBlock, NewLink, SightingLink, block, link
from registry.pursuit.moved import Episode, Index, Moved
from registry.pursuit.neighbours import Hop, HopQuery, Hops, Passage, hops
from registry.pursuit.passer import Passer
from registry.pursuit.sightings import Sighting

__all__ = [
    "Advice",
    "Block",
    "Border",
    "ClueMap",
    "Decided",
    "Decision",
    "Direction",
    "Edge",
    "Episode",
    "Gate",
    "Hop",
    "HopQuery",
    "Hops",
    "Index",
    "KeepMap",
    "KeptMap",
    "LinkState",
    "MapQuery",
    "Moved",
    "NewBlock",
    "NewDecision",
    "NewLink",
    "OldMap",
    "Passage",
    "Passer",
    "Sighting",
    "SightingLink",
    "Strip",
    "StripQuery",
    "VanishingArea",
    "again",
    "block",
    "clue_map",
    "decide",
    "gates",
    "hops",
    "keep",
    "link",
    "list_kept",
    "log",
    "strip",
]

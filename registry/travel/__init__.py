"""How far it is over the roads: a graph out of the lines on the map, distances by Dijkstra, and what to say without it.

`(await ways(store)).legs(start, ends)` answers in metres; `Paces.minutes` says how long that takes.
"""

from registry.travel.model import DETOUR, How, Leg, Stretch, straight
from registry.travel.pace import Mode, Paces
from registry.travel.reading import ways
from registry.travel.ways import Reached, Ways

__all__ = ["DETOUR", "How", "Leg", "Mode", "Paces", "Reached", "Stretch", "Ways", "straight", "ways"]

"""Many cameras with their devices at once: what stands of one moment, and one transaction that changes all of it.

One transaction a camera would make a county's book a minute of disk syncs and leave half of it behind when the hub is
killed; so the rows are judged before, against `Standing`, and written in bulk only while nothing has changed since.
"""

from registry.book.standing import (
    OF_A_BOX,
    OF_A_POINT,
    Box,
    Mark,
    Point,
    Standing,
    differing,
    differing_placed,
    exported,
    same_password,
    standing,
)
from registry.book.writing import BoxOrder, Orders, PointOrder, check, check_days_of, write

__all__ = [
    "OF_A_BOX",
    "OF_A_POINT",
    "Box",
    "BoxOrder",
    "Mark",
    "Orders",
    "Point",
    "PointOrder",
    "Standing",
    "check",
    "check_days_of",
    "differing",
    "differing_placed",
    "exported",
    "same_password",
    "standing",
    "write",
]

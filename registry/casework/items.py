"""What is gone: the things villages miss, and which offence that is."""

from __future__ import annotations

from enum import StrEnum

from registry.cases import Offence


class Item(StrEnum):
    """What is gone; `other` is told in words."""

    SHEEP = "sheep"
    CATTLE = "cattle"
    PIG = "pig"
    POULTRY = "poultry"
    EBIKE = "ebike"
    TRICYCLE = "tricycle"
    MOTORCYCLE = "motorcycle"
    CAR = "car"
    PUMP = "pump"
    CABLE = "cable"
    TOOLS = "tools"
    CROPS = "crops"
    SUPPLIES = "supplies"
    VALUABLES = "valuables"
    OTHER = "other"


class Manner(StrEnum):
    """How it is gone, as far as anybody knows."""

    STOLEN = "stolen"
    STRAYED = "strayed"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """How sure the two times are."""

    SURE = "sure"
    ABOUT = "about"
    GUESS = "guess"


_OFFENCES = {
    Item.SHEEP: Offence.LIVESTOCK,
    Item.CATTLE: Offence.LIVESTOCK,
    Item.PIG: Offence.LIVESTOCK,
    Item.POULTRY: Offence.LIVESTOCK,
    Item.EBIKE: Offence.VEHICLE,
    Item.TRICYCLE: Offence.VEHICLE,
    Item.MOTORCYCLE: Offence.VEHICLE,
    Item.CAR: Offence.VEHICLE,
    Item.CROPS: Offence.CROPS,
    Item.SUPPLIES: Offence.CROPS,
    Item.VALUABLES: Offence.BURGLARY,
}
_WORDS = {
    Item.SHEEP: "羊",
    Item.CATTLE: "牛马",
    Item.PIG: "猪",
    Item.POULTRY: "家禽",
    Item.EBIKE: "电动自行车",
    Item.TRICYCLE: "三轮车",
    Item.MOTORCYCLE: "摩托车",
    Item.CAR: "汽车",
    Item.PUMP: "水泵",
    Item.CABLE: "电缆",
    Item.TOOLS: "农机具",
    Item.CROPS: "农作物",
    Item.SUPPLIES: "农资",
    Item.VALUABLES: "家中财物",
    Item.OTHER: "财物",
}
_GONE = {Manner.STOLEN: "被盗", Manner.STRAYED: "走失", Manner.UNKNOWN: "不见"}


def offence(item: Item, manner: Manner) -> Offence:
    """The offence it is taken for. What strayed is none that has a name here."""
    return Offence.OTHER if manner is Manner.STRAYED else _OFFENCES.get(item, Offence.THEFT)


def named(item: Item, manner: Manner, words: str = "") -> str:
    """As a case is called in the papers: 羊被盗; `words` are for what has no name here."""
    return f"{words or _WORDS[item]}{_GONE[manner]}"

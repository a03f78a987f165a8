"""The registry's scene (JSON, already validated there) as the detectors' rules and masks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detectors.facts import Point, Polygon
from detectors.rules import Rule, RuleKind


def masks_of(scene: Mapping[str, Any]) -> tuple[Polygon, ...]:
    """What the camera must not see."""
    return tuple(_polygon(mask) for mask in scene.get("masks") or ())


def rules_of(scene: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The enabled rules, with the zones and lines they name."""
    zones = {zone["id"]: _polygon(zone["points"]) for zone in scene.get("zones") or ()}
    lines = {line["id"]: (_point(line["a"]), _point(line["b"])) for line in scene.get("lines") or ()}
    return tuple(_rule(rule, zones, lines) for rule in scene.get("rules") or () if rule.get("enabled", True))


def _rule(rule: Mapping[str, Any], zones: Mapping[str, Polygon], lines: Mapping[str, tuple[Point, Point]]) -> Rule:
    kind = RuleKind(rule["kind"])
    schedule = rule.get("schedule") or {}
    return Rule(
        id=rule["id"],
        name=rule["name"],
        kind=kind,
        groups=frozenset(str(group) for group in rule.get("groups") or ()),
        labels=frozenset(rule.get("labels") or ()),
        min_score=float(rule.get("min_score") or 0.0),
        zone=zones[rule["zone"]] if rule.get("zone") is not None else None,
        line=lines[rule["line"]] if rule.get("line") is not None else None,
        direction=rule.get("direction"),
        from_minute=schedule.get("from_minute"),
        to_minute=schedule.get("to_minute"),
    )


def _point(pair: Any) -> Point:
    x, y = pair
    return float(x), float(y)


def _polygon(points: Any) -> Polygon:
    return tuple(_point(pair) for pair in points)

"""The dashboard and the alarms name what the hub exports, and all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from api import metrics
from camera_hub.observe import Metrics
from registry.model import State

CONFIGS = Path(__file__).parents[2] / "configs"
DASHBOARD = json.loads((CONFIGS / "grafana" / "camera-hub.json").read_text(encoding="utf-8"))
RULES = yaml.safe_load((CONFIGS / "prometheus" / "camera-hub.rules.yml").read_text(encoding="utf-8"))
_NAME = re.compile(r"\bhub_[a-z_]+")


def exported() -> dict[str, set[str]]:
    """Series a hub exports, by the metric they belong to."""
    own = Metrics()
    metrics.timing(own.registry)
    tails = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return {one.name: {one.name + tail for tail in tails[one.type]} for one in own.registry.collect()}


def expressions() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]


def alarms() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def test_the_dashboard_names_nothing_the_hub_does_not_export() -> None:
    known = set().union(*exported().values())
    texts = [*expressions(), *(rule["expr"] for rule in alarms()), json.dumps(DASHBOARD["templating"])]
    named = {name for text in texts for name in _NAME.findall(text)}
    assert named <= known, sorted(named - known)


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {name for text in expressions() for name in _NAME.findall(text)}
    forgotten = [metric for metric, series in exported().items() if not series & shown]
    assert forgotten == []


def test_states_and_fields_exist() -> None:
    texts = [*expressions(), *(rule["expr"] for rule in alarms())]
    states = {
        state for text in texts for given in re.findall(r'state!?~?="([^"]+)"', text) for state in given.split("|")
    }
    assert states <= {state.value for state in State}
    supervisor = (Path(__file__).parents[2] / "camera_hub" / "watch" / "supervisor.py").read_text(encoding="utf-8")
    fields = {field for text in texts for field in re.findall(r'field="([^"]+)"', text)}
    assert fields
    assert all(f'"{field}"' in supervisor for field in fields)


def test_faults_the_alarms_name_exist() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (CONFIGS.parent / "camera_hub").rglob("*.py"))
    codes = {code for rule in alarms() for code in re.findall(r'code!?="([^"]+)"', rule["expr"])}
    assert codes
    assert all(f'"{code}"' in sources for code in codes)


def test_every_panel_asks_the_chosen_hub_and_says_what_it_shows() -> None:
    panels = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in panels:
        assert panel["title"]
        assert panel["datasource"]["uid"] == "${source}"
        for target in panel["targets"]:
            assert target["expr"].count("hub_") == target["expr"].count('instance="$hub"'), target["expr"]


def test_every_alarm_says_what_to_do() -> None:
    for rule in alarms():
        assert rule["annotations"]["summary"], rule
        assert rule["annotations"]["todo"], rule
        assert rule["labels"]["severity"] in {"page", "ticket"}

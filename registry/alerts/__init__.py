"""Alerts: rules held against every new event, and what they told to whom."""

from registry.alerts.deliveries import Delivery, count_failed, expire, list_deliveries
from registry.alerts.outgoing import Due, due, settle
from registry.alerts.raising import Alert, count, list_alerts, minute_of, raise_alert, recent, watching
from registry.alerts.rules import Standing, standing

__all__ = [
    "Alert",
    "Delivery",
    "Due",
    "Standing",
    "count",
    "count_failed",
    "due",
    "expire",
    "list_alerts",
    "list_deliveries",
    "minute_of",
    "raise_alert",
    "recent",
    "settle",
    "standing",
    "watching",
]

"""Alerts: rules held against every new event, and what they told to whom."""

from registry.alerts.deliveries import (
    Alert,
    Delivery,
    Due,
    count_failed,
    count_more,
    due,
    expire,
    list_alerts,
    list_deliveries,
    minute_of,
    raise_alert,
    recent,
    settle,
    watching,
)
from registry.alerts.rules import Standing, standing

__all__ = [
    "Alert",
    "Delivery",
    "Due",
    "Standing",
    "count_failed",
    "count_more",
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

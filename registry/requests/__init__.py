"""Requests of relatives and owners to see what was recorded of them (本人、近亲属查阅): L13, PIPL 45-50, GDPR 15."""

from registry.requests.model import RequestState, ViewingRequest
from registry.requests.reading import RequestQuery, get, list_requests, overdue
from registry.requests.receiving import NewRequest, receive
from registry.requests.stepping import Closing, NewDecision, Showing, close, decide, show, withdraw

__all__ = [
    "Closing",
    "NewDecision",
    "NewRequest",
    "RequestQuery",
    "RequestState",
    "Showing",
    "ViewingRequest",
    "close",
    "decide",
    "get",
    "list_requests",
    "overdue",
    "receive",
    "show",
    "withdraw",
]

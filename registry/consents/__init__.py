"""Consents: what owners agreed to, its life from invitation to withdrawal, and what it lets the hub do."""

from registry.consents.giving import NewConsent, create, invite
from registry.consents.machine import ConsentStep
from registry.consents.purging import purged, purging
from registry.consents.reading import Step, get, list_for, steps_of
from registry.consents.standing import PULLS, asked, covers, halt, held, in_force, of_cameras, readable, still
from registry.consents.stepping import TakeStep, expire, take, withdraw

__all__ = [
    "PULLS",
    "ConsentStep",
    "NewConsent",
    "Step",
    "TakeStep",
    "asked",
    "covers",
    "create",
    "expire",
    "get",
    "halt",
    "held",
    "in_force",
    "invite",
    "list_for",
    "of_cameras",
    "purged",
    "purging",
    "readable",
    "steps_of",
    "still",
    "take",
    "withdraw",
]

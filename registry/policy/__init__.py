"""What the law of a place asks, as data: a preset (`cn`, `eu`) or a file of one's own. No code branches on a country.

Each section belongs to one noun. A preset is `registry/policies/<name>.yml` and gives every value; a file of one's own
names the preset it starts from (`preset: cn`) and what differs.
"""

from registry.policy.asked import CalendarPolicy
from registry.policy.keeping import Keep, RetentionPolicy
from registry.policy.looking import CasePolicy
from registry.policy.people import DutyPolicy, LockoutPolicy, MisusePolicy, PeoplePolicy
from registry.policy.placing import Basis, ConsentPolicy, Demand, PlacementPolicy
from registry.policy.section import Days, OfVideo
from registry.policy.whole import Policy, load, preset

__all__ = [
    "Basis",
    "CalendarPolicy",
    "CasePolicy",
    "ConsentPolicy",
    "Days",
    "Demand",
    "DutyPolicy",
    "Keep",
    "LockoutPolicy",
    "MisusePolicy",
    "OfVideo",
    "PeoplePolicy",
    "PlacementPolicy",
    "Policy",
    "RetentionPolicy",
    "load",
    "preset",
]

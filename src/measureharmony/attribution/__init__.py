"""Whose patient everybody is: by roster, by rules as data, by functions of one's own."""

from measureharmony.attribution.asked import Asked, AttributionFunction
from measureharmony.attribution.attribute import Attributed, attribute
from measureharmony.attribution.history import attribution_history
from measureharmony.attribution.plug_ins import registered_rule, registered_rules
from measureharmony.attribution.provider_rates import provider_rates
from measureharmony.attribution.questions import AnyRule, questions

__all__ = [
    "AnyRule",
    "Asked",
    "Attributed",
    "AttributionFunction",
    "attribute",
    "attribution_history",
    "provider_rates",
    "questions",
    "registered_rule",
    "registered_rules",
]

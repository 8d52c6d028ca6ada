"""Who measures, and by which edition: programs, typed changes, and the variants of measures that result."""

from measureharmony.payers.editions import Editions, read_editions
from measureharmony.payers.library import Programs, read_programs, variants
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.program import Program
from measureharmony.payers.resolve import Terms, canonical_variant, resolve, terms
from measureharmony.payers.variant import CANONICAL, OwnCoverage, Variant

__all__ = [
    "CANONICAL",
    "Editions",
    "Overlay",
    "OwnCoverage",
    "Program",
    "Programs",
    "Terms",
    "Variant",
    "canonical_variant",
    "read_editions",
    "read_programs",
    "resolve",
    "terms",
    "variants",
]

"""A payer's program checked as its analyst needs it: problems, contradictions, open decisions, alignment, impact."""

from measureharmony.validation.checking import Validation, validate_program
from measureharmony.validation.finding import Finding

__all__ = ["Finding", "Validation", "validate_program"]

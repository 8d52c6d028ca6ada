"""A payer's program checked as its analyst needs it: problems, contradictions, open decisions, alignment, impact."""

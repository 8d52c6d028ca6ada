"""What differs between versions of measures, by meaning: along which axis, in words, and on whose word."""

from __future__ import annotations

from measureharmony.divergence.axes import TITLES, Axis
from measureharmony.divergence.compare import Comparison, compare
from measureharmony.divergence.difference import AxisDifference, Citation

__all__ = ["TITLES", "Axis", "AxisDifference", "Citation", "Comparison", "compare"]

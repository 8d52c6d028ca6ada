"""What differs between versions of measures, by meaning: along which axis, in words, and on whose word."""

from __future__ import annotations

from measureharmony.comparison.axes import TITLES, Axis
from measureharmony.comparison.compare import Comparison, compare
from measureharmony.comparison.difference import AxisDifference, Citation

__all__ = ["TITLES", "Axis", "AxisDifference", "Citation", "Comparison", "compare"]

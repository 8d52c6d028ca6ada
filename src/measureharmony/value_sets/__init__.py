"""Code sets: the shipped open ones, the licensed ones people load, and the code systems both speak of."""

from measureharmony.value_sets.loaded import load_value_sets, read_loaded_value_sets
from measureharmony.value_sets.model import Completeness, ValueSet, ValueSets
from measureharmony.value_sets.shipped import read_value_sets
from measureharmony.value_sets.systems import CodeSystem, CodeSystems, parse_code, shipped_folder, shipped_systems

__all__ = [
    "CodeSystem",
    "CodeSystems",
    "Completeness",
    "ValueSet",
    "ValueSets",
    "load_value_sets",
    "parse_code",
    "read_loaded_value_sets",
    "read_value_sets",
    "shipped_folder",
    "shipped_systems",
]

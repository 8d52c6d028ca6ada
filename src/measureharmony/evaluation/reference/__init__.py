"""The reference interpreter: slow and obvious; the oracle of the kernels, and the voice that explains results."""

from measureharmony.evaluation.reference.codes import CodeLookup, LoadedCodes
from measureharmony.evaluation.reference.explain import Explanation, explain
from measureharmony.evaluation.reference.from_practice import records_from_practice
from measureharmony.evaluation.reference.interpreter import Interpreter
from measureharmony.evaluation.reference.membership import counts_person
from measureharmony.evaluation.reference.record import PersonRecord

__all__ = [
    "CodeLookup",
    "Explanation",
    "Interpreter",
    "LoadedCodes",
    "PersonRecord",
    "counts_person",
    "explain",
    "records_from_practice",
]

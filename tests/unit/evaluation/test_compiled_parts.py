"""What a plan knows of the parts that were compiled into it."""

from __future__ import annotations

import pickle

from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.compiled_parts import CompiledParts
from measureharmony.payers.variant import OwnCoverage, Variant
from tests.criteria.example import YEAR, measure

SECTIONS = "criteria: {seen: {exists: {kind: encounter, codes: office_visit}}, insured: {enrolled: {window: period}}}"
MEASURE = measure(SECTIONS, "{initial_population: {all: [seen, insured]}, numerator: seen}")


def test_a_payer_makes_anew_only_what_asks_for_its_own_coverage() -> None:
    alone = compile_plan([Variant("blue", MEASURE, YEAR, OwnCoverage("blue"))])
    both = compile_plan([Variant(payer, MEASURE, YEAR, OwnCoverage(payer)) for payer in ("blue", "green")])
    anew = [type(node).__name__ for node in both.nodes[len(alone.nodes) :]]
    assert both.nodes[: len(alone.nodes)] == alone.nodes
    assert anew == ["EnrolledOver", "All"]


def test_what_is_known_by_objects_is_not_sent_to_other_processes() -> None:
    plan = compile_plan([Variant("blue", MEASURE, YEAR)])
    sent = pickle.loads(pickle.dumps(plan))
    assert sent == plan
    assert vars(sent.compiled)["_known"] == vars(CompiledParts())["_known"] == {}

"""Three-valued logic, tried whole against the question it stands for: what if the unknown were known?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product

import pytest

from measureharmony.evaluation.reference.truth import Truth, at_least, conjunction, disjunction, negation

TRIPLES = list(product([True, False, None], repeat=3))


def if_known(truths: tuple[Truth, ...], answer: Callable[[Iterable[bool]], bool]) -> Truth:
    """True if every way of filling in the unknowns gives true, false if none does, else unknown."""
    fillings = product(*([truth] if truth is not None else [True, False] for truth in truths))
    answers = {answer(filling) for filling in fillings}
    return answers.pop() if len(answers) == 1 else None


@pytest.mark.parametrize("truths", TRIPLES)
def test_each_combination_is_unknown_only_where_the_unknown_matters(truths: tuple[Truth, ...]) -> None:
    assert conjunction(truths) is if_known(truths, all)
    assert disjunction(truths) is if_known(truths, any)
    for n in range(5):
        assert at_least(n, truths) is if_known(truths, lambda filling, n=n: sum(filling) >= n)  # type: ignore[misc]


def test_not_unknown_is_unknown() -> None:
    assert [negation(truth) for truth in (True, False, None)] == [False, True, None]


def test_of_nothing_all_hold_and_none_does() -> None:
    assert conjunction([]) is True
    assert disjunction([]) is False

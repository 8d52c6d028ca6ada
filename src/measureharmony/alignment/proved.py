"""Which programs mean the same by a rate, by proof: what makes it right to count their people together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import TypeAlias

from measureharmony.alignment.aligning import align_pairs
from measureharmony.alignment.claims import Alignment
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.specs import Specs

#: ``aligned(program, other, measure, rate)``; ``None`` where one of the two is not among the variants.
Aligned: TypeAlias = Callable[[str, str, str, str], bool | None]


def proved(specs: Specs, variants: Iterable[Variant]) -> Aligned:
    """Whether two programs' versions count the same people below and above the line of a rate, whatever the data.

    All programs that have a measure are compared when the first question about it comes. Not proved is ``False``.
    """
    of_measure: dict[str, list[Variant]] = {}
    for variant in variants:
        if variant.program != CANONICAL:
            of_measure.setdefault(variant.measure.measure, []).append(variant)
    known: dict[str, dict[frozenset[str], Alignment]] = {}

    def aligned(program: str, other: str, measure: str, rate: str) -> bool | None:
        if measure not in known:
            pairs = list(combinations(of_measure.get(measure, ()), 2))
            found = align_pairs(specs, pairs, smallest=False) if pairs else ()
            known[measure] = {
                frozenset((one.program, two.program)): it for (one, two), it in zip(pairs, found, strict=True)
            }
        alignment = known[measure].get(frozenset((program, other)))
        return None if alignment is None else alignment.is_aligned(rate)

    return aligned


__all__ = ["Aligned", "proved"]

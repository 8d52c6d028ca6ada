"""Aligning: versions of measures in, claims about their populations out."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from measureharmony.alignment.claims import Alignment, Claim, claim_of
from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.confirming import Engine, Seat
from measureharmony.alignment.finding import Group, Side, confirmed, smaller
from measureharmony.alignment.questions import Questions
from measureharmony.alignment.reasons import Reasons
from measureharmony.alignment.worked import worked_people
from measureharmony.choosing import YEAR, choose
from measureharmony.errors import UsageError
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.specs import Specs

#: Two versions of one measure: this one, compared with that one.
Pair: TypeAlias = tuple[Variant, Variant]


def align(  # noqa: PLR0913 - keywords, each with a default
    specs: Specs,
    measure: str,
    program: str,
    against: str = CANONICAL,
    *,
    year: int | None = None,
    edition: int | None = None,
    against_edition: int | None = None,
    as_of: dt.date | None = None,
) -> Alignment:
    """How ``program``'s version of a measure stands to ``against``'s: population by population, proved or shown.

    ``against_edition`` compares with another yearly edition of the measure over the same measurement year.
    :class:`UsageError` where one of the two has no such measure.

    >>> from measureharmony.harmonize import load_specs
    >>> found = align(load_specs(), "bcs", "bluestone_commercial")
    >>> found.claim("screened", "numerator").relation
    'narrower'
    """
    pairs = comparisons(
        specs, against=against, programs=[program], measures=[measure], year=year, edition=edition,
        against_edition=against_edition, as_of=as_of,
    )  # fmt: skip
    return align_pairs(specs, pairs)[0]


def align_all(  # noqa: PLR0913 - keywords, each with a default
    specs: Specs,
    *,
    against: str = CANONICAL,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
    year: int | None = None,
    edition: int | None = None,
    against_edition: int | None = None,
    as_of: dt.date | None = None,
    smallest: bool = False,
) -> tuple[Alignment, ...]:
    """:func:`align` for every program's version of every measure that ``against`` has, too.

    ``smallest``: see :func:`align_pairs`; the other arguments are those of :func:`comparisons`.
    """
    pairs = comparisons(
        specs, against=against, programs=programs, measures=measures, year=year, edition=edition,
        against_edition=against_edition, as_of=as_of,
    )  # fmt: skip
    return align_pairs(specs, pairs, smallest=smallest)


def comparisons(  # noqa: PLR0913 - keywords, each with a default
    specs: Specs,
    *,
    against: str = CANONICAL,
    programs: Iterable[str] | None = None,
    measures: Iterable[str] | None = None,
    year: int | None = None,
    edition: int | None = None,
    against_edition: int | None = None,
    as_of: dt.date | None = None,
) -> tuple[Pair, ...]:
    """Which variants to compare: those of each program, with those of the same measures of ``against``.

    ``programs`` may name ``canonical``; left out, they are all programs but ``against``. :class:`UsageError` where
    there is nothing to compare.
    """
    year = year or edition or YEAR
    every = [program for program in specs.programs.programs if program != against]
    named = every if programs is None else list(programs)
    mine = choose(specs, year, as_of, [*named, against], measures, edition)
    theirs = mine
    if against_edition not in (None, edition):
        theirs = choose(specs, year, as_of, [against], measures, against_edition)
    others = {variant.measure.measure: variant for variant in theirs if variant.program == against}
    pairs = [(v, others[v.measure.measure]) for v in mine if v.program in named and v.measure.measure in others]
    if not pairs:
        asked = " or ".join(measures or ()) or "any measure"
        raise UsageError(f"There is nothing to compare: {asked} is not both in {' or '.join(named)} and in {against}.")
    return tuple(pairs)


def align_pairs(specs: Specs, pairs: Sequence[Pair], *, smallest: bool = True) -> tuple[Alignment, ...]:
    """How the first of each pair of variants stands to the second; both are of one measure, of any edition.

    ``smallest``: the claims show somebody simple, from whom nothing can be taken away; without, whoever is found.
    """
    groups = _groups(specs, pairs, simple=smallest)
    engine = Engine(specs, [variant for group in groups for variant in group.variants])
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # each group has a solver of its own
        sides = [side for found in pool.map(_Group.sides, groups) for side in found]
    sides = _settled(specs, groups, sides, engine)
    if smallest:
        sides = smaller(sides, engine)
    by_seats = {(side.inside, side.outside): side for side in sides}
    found: dict[int, Alignment] = {}
    for group in groups:
        for place, pair in group.pairs.items():
            found[place] = _alignment(group.group, pair, by_seats)
    return tuple(found[place] for place in range(len(pairs)))


@dataclass
class _Group:
    """The versions of one measure, and which two of them each pair (by its place) compares.

    ``first`` is the number of the first version among those of all groups.
    """

    variants: tuple[Variant, ...]
    pairs: dict[int, tuple[int, int]]
    facts: CodeFacts
    first: int
    simple: bool

    @cached_property
    def group(self) -> Group:
        """The versions before a solver, with all questions put."""
        group = Group(Questions(self.variants, self.facts), self.first, simple=self.simple)
        group.prepare(self.pairs.values())
        return group

    def sides(self) -> list[Side]:
        """Both halves of all comparisons, as the solver sees them."""
        return [side for one, other in dict.fromkeys(self.pairs.values()) for side in self.group.sides(one, other)]


def _groups(specs: Specs, pairs: Sequence[Pair], *, simple: bool) -> list[_Group]:
    groups: list[_Group] = []
    first = 0
    for measure in dict.fromkeys(one.measure.measure for one, _ in pairs):
        own = {place: pair for place, pair in enumerate(pairs) if pair[0].measure.measure == measure}
        variants = {id(variant): variant for pair in own.values() for variant in pair}
        numbers = {key: number for number, key in enumerate(variants)}
        numbered = {place: (numbers[id(one)], numbers[id(other)]) for place, (one, other) in own.items()}
        facts = CodeFacts(specs.value_sets)
        groups.append(_Group(tuple(variants.values()), numbered, facts, first, simple))
        first += len(variants)
    return groups


def _settled(specs: Specs, groups: Sequence[_Group], sides: list[Side], engine: Engine) -> list[Side]:
    """What the engine says; where the solver's person was no example, worked people and all others are tried."""
    sides = confirmed(sides, engine)
    open_ = [number for number, side in enumerate(sides) if side.answer is None]
    asked = {sides[number].inside.variant for number in open_}
    others = [
        somebody
        for group in groups
        if not asked.isdisjoint(range(group.first, group.first + len(group.variants)))
        for somebody in worked_people(specs, group.variants, group.group.solving.wishes.coverage)
    ]
    if others:
        for number, side in zip(open_, confirmed([sides[n] for n in open_], engine, others), strict=True):
            sides[number] = side
    return sides


def _alignment(group: Group, pair: tuple[int, int], sides: Mapping[tuple[Seat, Seat], Side]) -> Alignment:
    one, other = (group.questions.variants[number] for number in pair)
    reasons = Reasons(group, *pair)
    claims: list[Claim] = []
    for inside, outside in dict.fromkeys(key for key in sides):
        mine = sides[inside, outside]
        if (mine.inside.variant, mine.outside.variant) == (group.first + pair[0], group.first + pair[1]):
            claims.append(claim_of(mine, sides[outside, inside]))
    told = tuple(replace(claim, reasons=reasons.of(claim, claims)) for claim in claims)
    left_out = tuple(
        rate.id
        for variant, there in ((one, other), (other, one))
        for rate in variant.measure.rates
        if rate.id not in {r.id for r in there.measure.rates}
    )
    return Alignment(one, other, told, left_out)


__all__ = ["Pair", "align", "align_all", "align_pairs", "comparisons"]

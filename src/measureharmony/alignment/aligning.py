"""Aligning: versions of measures in, claims about their populations out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from measureharmony.alignment.claims import Alignment, Claim, claim_of
from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.confirming import Crowd, Engine, Seat
from measureharmony.alignment.finding import Group, Side, confirmed, smaller, varied
from measureharmony.alignment.reasons import Reasons
from measureharmony.alignment.versions import Versions
from measureharmony.alignment.worked import worked_people
from measureharmony.choosing import YEAR, choose
from measureharmony.errors import UsageError
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.processes import worker_pool
from measureharmony.specs import Specs

#: Two versions of one measure: this one, compared with that one.
Pair: TypeAlias = tuple[Variant, Variant]
#: A process is worth its start for so many of them.
_PAIRS_EACH = 12


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

    >>> from measureharmony.specs import load_specs
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
    workers: int = 1,
) -> tuple[Alignment, ...]:
    """:func:`align` for every program's version of every measure that ``against`` has, too.

    ``smallest``, ``workers``: see :func:`align_pairs`; the other arguments are those of :func:`comparisons`.
    """
    pairs = comparisons(
        specs, against=against, programs=programs, measures=measures, year=year, edition=edition,
        against_edition=against_edition, as_of=as_of,
    )  # fmt: skip
    return align_pairs(specs, pairs, smallest=smallest, workers=workers)


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


def align_pairs(
    specs: Specs, pairs: Sequence[Pair], *, smallest: bool = True, workers: int = 1
) -> tuple[Alignment, ...]:
    """How the first of each pair of variants stands to the second; both are of one measure, of any edition.

    ``smallest``: the claims show somebody simple, from whom nothing can be taken away; without, whoever is found.
    ``workers``: so many processes at the most share the measures, if there are enough; what they find does not depend
    on that. As with any process of Python's, a script that asks for several guards its main part.
    """
    parts = _parts(pairs, min(workers, len(pairs) // _PAIRS_EACH))
    if len(parts) == 1:
        return _aligned(specs, pairs, smallest=smallest)
    mine, *others = ([pairs[place] for place in part] for part in parts)
    with worker_pool(len(others), "Align with fewer processes (workers).") as pool:
        running = [pool.submit(_aligned, specs, part, smallest=smallest) for part in others]
        done = [_aligned(specs, mine, smallest=smallest), *(one.result() for one in running)]
    found: dict[int, Alignment] = {}
    for part, alignments in zip(parts, done, strict=True):
        for place, alignment in zip(part, alignments, strict=True):
            found[place] = replace(alignment, variant=pairs[place][0], against=pairs[place][1])
    return tuple(found[place] for place in range(len(pairs)))


def _parts(pairs: Sequence[Pair], count: int) -> list[list[int]]:
    """The places of the pairs in ``count`` parts of about equal size (at least one), each measure in one of them."""
    of_measure: dict[str, list[int]] = {}
    for place, (one, _) in enumerate(pairs):
        of_measure.setdefault(one.measure.measure, []).append(place)
    parts: list[list[int]] = [[] for _ in range(max(count, 1))]
    for places in sorted(of_measure.values(), key=len, reverse=True):
        min(parts, key=len).extend(places)
    return [part for part in parts if part]


def _aligned(specs: Specs, pairs: Sequence[Pair], *, smallest: bool) -> tuple[Alignment, ...]:
    groups = _groups(specs, pairs, simple=smallest)
    measures = [one.group.versions for one in groups]
    engine = Engine(specs, measures)
    sides = [side for one in groups for side in one.sides()]
    sides = confirmed(sides, engine, _worked(specs, groups, sides))
    sides = [side if side.answer is not None else groups[side.inside.measure].group.proved(side) for side in sides]
    sides = confirmed(sides, engine, varied(sides, measures))
    sides = [side if side.answer is not None else groups[side.inside.measure].group.found(side) for side in sides]
    sides = confirmed(sides, engine, {})
    if smallest:
        sides = smaller(sides, engine)
    by_seats = {(side.inside, side.outside): side for side in sides}
    found: dict[int, Alignment] = {}
    for one in groups:
        for place, pair in one.pairs.items():
            found[place] = _alignment(one.group, pair, by_seats)
    return tuple(found[place] for place in range(len(pairs)))


@dataclass(frozen=True)
class _Compared:
    """The versions of one measure, and which two of them each pair (by its place) compares."""

    group: Group
    pairs: dict[int, tuple[int, int]]

    def sides(self) -> list[Side]:
        """Both halves of all comparisons, each once."""
        return [side for one, other in dict.fromkeys(self.pairs.values()) for side in self.group.sides(one, other)]


def _groups(specs: Specs, pairs: Sequence[Pair], *, simple: bool) -> list[_Compared]:
    groups: list[_Compared] = []
    for measure in dict.fromkeys(one.measure.measure for one, _ in pairs):
        own = {place: pair for place, pair in enumerate(pairs) if pair[0].measure.measure == measure}
        variants = {id(variant): variant for pair in own.values() for variant in pair}
        numbers = {key: number for number, key in enumerate(variants)}
        numbered = {place: (numbers[id(one)], numbers[id(other)]) for place, (one, other) in own.items()}
        versions, facts = Versions(tuple(variants.values())), CodeFacts(specs.value_sets)
        groups.append(_Compared(Group(versions, facts, len(groups), simple=simple), numbered))
    return groups


def _worked(specs: Specs, groups: Sequence[_Compared], sides: Sequence[Side]) -> Crowd:
    """The worked people of the measures of which something is open: what they show, nobody needs to find."""
    open_ = {side.inside.measure for side in sides if side.answer is None}
    return {number: worked_people(specs, groups[number].group.versions) for number in sorted(open_)}


def _alignment(group: Group, pair: tuple[int, int], sides: Mapping[tuple[Seat, Seat], Side]) -> Alignment:
    one, other = (group.versions.variants[number] for number in pair)
    reasons = Reasons(group, *pair)
    claims: list[Claim] = []
    for rate, place in group.versions.compared(*pair):
        mine, theirs = (Seat(group.number, version, rate, place) for version in pair)
        claims.append(claim_of(sides[mine, theirs], sides[theirs, mine]))
    told = tuple(replace(claim, reasons=reasons.of(claim, claims)) for claim in claims)
    left_out = tuple(
        rate.id
        for variant, there in ((one, other), (other, one))
        for rate in variant.measure.rates
        if rate.id not in {r.id for r in there.measure.rates}
    )
    return Alignment(one, other, told, left_out)


__all__ = ["Pair", "align", "align_all", "align_pairs", "comparisons"]

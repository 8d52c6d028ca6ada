"""Who ends up elsewhere under another version of a measure, and which causes are responsible.

A set of causes is *responsible* for a subject when the version before, with these causes and no others, gives the
subject the category (``population_order.CATEGORIES``) that it has after, and no smaller set of some of them does. A
set *undoes* it when the version after, without these causes, gives the category that it had before, and no smaller
set of some of them does. Subjects whose answers are alike in every version are looked into once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.population_order import CATEGORIES, categories
from measureharmony.evaluation.population_order import populations as in_order
from measureharmony.evaluation.toggling import ToggledRate
from measureharmony.evaluation.universe import Reader, Universe

#: How many truths of sets of causes are looked at together.
CHUNK = 1 << 22

Categories = NDArray[np.uint8]
#: Sets of causes, each as ascending places in the contrast's causes; small sets first.
CauseSets = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Responsibility:
    """The sets of causes responsible for a difference, and those without which it would not be there."""

    responsible: CauseSets
    undone_by: CauseSets


@dataclass(frozen=True)
class RateDivergence:
    """One rate before and after, over the subjects that are compared.

    The arrays have one entry for each subject whose category differs: ``person`` and ``event`` (for episodes) are
    numbers in the whole practice, ``member`` says who is the program's own, ``before`` and ``after`` are categories,
    ``why`` is an index into ``responsibilities``. The tallies count all subjects compared, by category before (rows)
    and in another version (columns): ``tally`` after, ``with_only`` and ``with_all_but`` with one cause of the rate
    (``toggled.causes``) or all of them but one. ``everybody`` counts all subjects of the practice by category before.
    """

    toggled: ToggledRate
    person: Ints
    event: Ints | None
    member: Bools
    before: Categories
    after: Categories
    why: Ints
    responsibilities: tuple[Responsibility, ...]
    tally: Ints
    with_only: tuple[Ints, ...]
    with_all_but: tuple[Ints, ...]
    everybody: Ints


def rate_divergences(
    plan: EvaluationPlan, toggled: Sequence[ToggledRate], evaluated: Evaluated, *, everybody: bool = False
) -> Iterator[RateDivergence]:
    """What ``evaluated`` (of ``plan``) says of each of the ``toggled`` rates.

    Compared are the people of the two variants, of either of them; with ``everybody``, all people.
    """
    reader = _Reader(plan, evaluated)
    for rate in toggled:
        yield _rate_divergence(rate, reader, everybody)


def _rate_divergence(rate: ToggledRate, reader: _Reader, everybody: bool) -> RateDivergence:
    universe = reader.universe(rate.subjects)
    member = reader.members(rate, universe)
    compared = np.arange(len(member)) if everybody or not rate.members else np.flatnonzero(np.logical_or(*member.T))
    columns = _Columns(rate, universe, reader, compared)
    last = len(rate.sets) - 1
    before, after = columns.category(0), columns.category(last)
    moved = np.flatnonzero(before != after)
    whom = compared[moved]
    why, responsibilities = _responsibilities(rate, columns.truths(moved))
    single = [int(np.searchsorted(rate.sets, 1 << bit)) for bit in range(len(rate.causes))]
    return RateDivergence(
        rate,
        universe.person[whom],
        None if universe.event is None else universe.event[whom],
        member[whom, -1],
        before[moved],
        after[moved],
        why,
        responsibilities,
        _tally(before, after),
        tuple(_tally(before, columns.category(place)) for place in single),
        tuple(_tally(before, columns.category(last - place)) for place in single),
        reader.everybody(rate, universe),
    )


def _tally(before: Categories, after: Categories) -> Ints:
    size = len(CATEGORIES)
    return np.bincount(before.astype(np.intp) * size + after, minlength=size * size).reshape(size, size)


# --- reading answers -------------------------------------------------------------------------------------------------


class _Reader(Reader):
    """Also tells how many there are in all, once for rates that are the same before."""

    def __init__(self, plan: EvaluationPlan, evaluated: Evaluated):
        super().__init__(plan, evaluated)
        self._everybody: dict[tuple[object, ...], Ints] = {}

    def everybody(self, rate: ToggledRate, universe: Universe) -> Ints:
        """How many subjects of the practice are in each category before."""
        places = {name: rate.places[states[0]] for name, states in rate.states.items()}
        key = (*places.items(), rate.subjects)
        if key not in self._everybody:
            members = in_order({name: self.column(place, universe) for name, place in places.items()})
            self._everybody[key] = np.bincount(categories(members), minlength=len(CATEGORIES))
        return self._everybody[key]

    def members(self, rate: ToggledRate, universe: Universe) -> NDArray[np.bool_]:
        """Whose subjects are which variant's own, a column for each that has people of its own, twice if only one."""
        columns = [self.of_people(node, universe) for node in rate.members]
        columns = columns or [np.ones(len(universe.person), dtype=bool)]
        return np.stack([columns[0], columns[-1]], axis=1)


class _Columns:
    """The truths of a rate's populations for the subjects that are compared."""

    def __init__(self, rate: ToggledRate, universe: Universe, reader: _Reader, compared: Ints):
        self.rate = rate
        whole = len(compared) == len(universe.person)
        found = (reader.column(place, universe) for place in rate.places)
        self.columns: list[Any] = [column if whole else column[compared] for column in found]

    def category(self, place: int) -> Categories:
        """Everybody's category with the set of causes that stands at ``place`` in ``sets``."""
        return categories(in_order({name: self.columns[states[place]] for name, states in self.rate.states.items()}))

    def truths(self, subjects: Ints) -> NDArray[np.bool_]:
        """One row for each of ``subjects``, one column for each of ``places``."""
        return np.stack([column[subjects] for column in self.columns], axis=1)


# --- who is responsible ----------------------------------------------------------------------------------------------


def _responsibilities(rate: ToggledRate, truths: NDArray[np.bool_]) -> tuple[Ints, tuple[Responsibility, ...]]:
    """For each subject (row of ``truths``) an index into the different answers, and these."""
    first, which = _alike(truths)
    known: dict[Responsibility, int] = {}
    answer = np.empty(len(first), dtype=np.int64)
    step = max(1, CHUNK // len(rate.sets))
    for start in range(0, len(first), step):
        some = first[start : start + step]
        for place, found in enumerate(_solved(rate, truths[some])):
            answer[start + place] = known.setdefault(found, len(known))
    return answer[which], tuple(known)


def _alike(truths: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The first of each group of equal rows, and for each row the number of its group."""
    groups = np.zeros(len(truths), dtype=np.int64)
    first = np.zeros(min(1, len(truths)), dtype=np.int64)
    packed = np.packbits(truths, axis=1)
    for start in range(0, packed.shape[1], 4):
        word = np.zeros((len(truths), 4), dtype=np.uint8)
        word[:, : packed[:, start : start + 4].shape[1]] = packed[:, start : start + 4]
        # Fewer than 2³¹ groups so far and 32 further bits fit into 64.
        _, first, groups = np.unique(
            groups << 32 | word.view(np.uint32)[:, 0].astype(np.int64), return_index=True, return_inverse=True
        )
    return first, groups


def _solved(rate: ToggledRate, truths: NDArray[np.bool_]) -> Iterator[Responsibility]:
    members = in_order({name: truths[:, states] for name, states in rate.states.items()})
    category = categories(members)
    # The sets are ascending, and with each there is its complement: read backwards, they are the complements.
    responsible = _minimal(rate, category == category[:, -1:])
    undone = _minimal(rate, category[:, ::-1] == category[:, :1])
    for one, other in zip(responsible, undone, strict=True):
        yield Responsibility(_sets(rate, one), _sets(rate, other))


def _minimal(rate: ToggledRate, holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which sets hold, but no smaller set within them does; ``holds`` has a column for each set."""
    if not rate.exact:
        inside = (rate.sets[:, None] & ~rate.sets[None, :]) == 0
        np.fill_diagonal(inside, False)
        minimal: NDArray[np.bool_] = holds & ~((holds.astype(np.float32) @ inside.astype(np.float32)) > 0)
        return minimal
    smaller = np.zeros_like(holds)
    within = holds.copy()
    for bit in range(len(rate.causes)):
        have = np.flatnonzero(rate.sets >> bit & 1)
        within[:, have] |= within[:, have ^ (1 << bit)]
    for bit in range(len(rate.causes)):
        have = np.flatnonzero(rate.sets >> bit & 1)
        smaller[:, have] |= within[:, have ^ (1 << bit)]
    minimal = holds & ~smaller
    return minimal


def _sets(rate: ToggledRate, chosen: Bools) -> CauseSets:
    found = [
        tuple(place for bit, place in enumerate(rate.causes) if some >> bit & 1) for some in rate.sets[chosen].tolist()
    ]
    return tuple(sorted(found, key=lambda some: (len(some), some)))


__all__ = ["CauseSets", "RateDivergence", "Responsibility", "rate_divergences"]

"""Where a program stands: the counts of its rates and of its people, now or after some more gaps are closed.

Everything about money is computed from this and the contract; what-if is the same computation over another standing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.care_gaps import closed_until, gaps_among
from measureharmony.evaluation.combinations import combinations, encoded
from measureharmony.evaluation.outcomes import Outcomes, people_counted
from measureharmony.measures.measure import Direction, Scoring
from measureharmony.payers.contract_tables import RateKey
from measureharmony.payers.targets import exact
from measureharmony.payers.variant import Variant


@dataclass(frozen=True)
class Count:
    """The counts of one rate, as the rate table has them, and how many of its gaps can still be closed.

    ``total`` is the sum of the observations: what is expected, where the rate compares with that. ``number`` is the
    value of a rate that averages; those of other rates are made of the counts.
    """

    above: int
    below: int
    direction: Direction = "higher"
    scoring: Scoring = "proportion"
    total: Fraction | None = None
    number: Fraction | None = None
    open_gaps: int = 0
    period_over: bool = False

    @property
    def value(self) -> Fraction | None:
        """The exact value of the rate; ``None`` where there is none."""
        if self.scoring == "continuous":
            return self.number
        if self.scoring == "observed_to_expected":
            return self.above / self.total if self.total and self.number is not None else None
        return Fraction(self.above, self.below) if self.below else None

    @property
    def gaps(self) -> int:
        """How many do not have what the rate wants; of an average, nobody by themselves."""
        if self.scoring == "continuous":
            return 0
        return self.above if self.direction == "lower" else self.below - self.above

    @property
    def closed(self) -> int:
        """How many have what a proportion wants."""
        return self.below - self.gaps

    def after(self, closing: int) -> Count:
        """The counts with ``closing`` gaps less."""
        change = -closing if self.direction == "lower" else closing
        return replace(self, above=self.above + change, open_gaps=max(0, self.open_gaps - closing))

    @property
    def words(self) -> str:
        """Such as: "41 of 57 = 71.93 %"."""
        value = self.value
        if self.scoring == "continuous":
            return "no value" if value is None else f"{float(value):.6g}"
        if self.scoring == "observed_to_expected":
            if value is None or self.total is None:
                return f"{self.above} observed; how many were expected is not known"
            return f"{self.above} observed ÷ {float(self.total):.6g} expected = {float(value):.4f}"
        return f"{self.above} of {self.below}" + (f" = {float(100 * value):.2f} %" if value is not None else "")


@dataclass(frozen=True)
class Standing:
    """The counts of a program's rates, and how many people the program has in the practice."""

    counts: Mapping[RateKey, Count]
    members: int

    def after(self, closing: Mapping[RateKey, int]) -> Standing:
        """The standing with some gaps less."""
        changed = {rate: self.counts[rate].after(gaps) for rate, gaps in closing.items()}
        return replace(self, counts={**self.counts, **changed})

    @property
    def all_closed(self) -> Standing:
        """The standing once every gap is closed that can be."""
        return self.after({rate: count.open_gaps for rate, count in self.counts.items()})

    @property
    def over(self) -> bool:
        """Whether the periods of all its rates are over."""
        return all(count.period_over for count in self.counts.values())


def standings(
    rates: pa.Table,
    outcomes: pa.Table | Outcomes,
    variants: Sequence[Variant],
    programs: Iterable[str],
    as_of: dt.date | None,
) -> dict[str, Standing]:
    """Where each of ``programs`` stands. Without ``as_of`` every period counts as over, and no gap can be closed."""
    wanted = set(programs)
    if not wanted:  # counting is for nobody then
        return {}
    closable = _closable(outcomes, variants, as_of)
    counts: dict[str, dict[RateKey, Count]] = {program: {} for program in wanted}
    for row in rates.filter(pc.equal(rates["stratum"], "")).to_pylist():
        if row["program"] in wanted:
            key = (row["program"], row["measure"], row["rate"])
            counts[row["program"]][row["measure"], row["rate"]] = _count(row, as_of, closable.get(key, 0))
    members = _members(outcomes)
    return {program: Standing(counts[program], members.get(program, 0)) for program in sorted(wanted)}


def _closable(
    outcomes: pa.Table | Outcomes, variants: Sequence[Variant], as_of: dt.date | None
) -> dict[tuple[str, str, str], int]:
    """How many gaps can still be closed, by program, measure and rate."""
    if as_of is None or not len(outcomes):
        return {}
    key = ["program", "measure", "rate"]
    gaps = gaps_among(outcomes, variants, [*key, "close_by"])
    gaps = gaps.filter(pc.greater_equal(closed_until(gaps, variants), pa.scalar(as_of)))
    found = combinations(gaps, key)
    counts = np.bincount(found.of_row, minlength=len(found.cells)).tolist()
    return dict(zip(cast(Sequence[tuple[str, str, str]], found.cells), counts, strict=True))


def _count(row: Mapping[str, object], as_of: dt.date | None, closable: int) -> Count:
    over = as_of is None or as_of > row["period_end"]  # type: ignore[operator]
    number, total = (row[name] for name in ("value", "observation_total"))
    return Count(
        int(str(row["above"])),
        int(str(row["below"])),
        row["direction"],  # type: ignore[arg-type]
        row["scoring"],  # type: ignore[arg-type]
        Fraction(exact(total)) if isinstance(total, float) else None,
        Fraction(exact(number)) if isinstance(number, float) else None,
        open_gaps=closable,
        period_over=over,
    )


def _members(outcomes: pa.Table | Outcomes) -> dict[str, int]:
    """How many people of each program there are: whoever has an outcome of theirs."""
    if isinstance(outcomes, Outcomes):
        return outcomes.people_of_programs()
    if not len(outcomes):
        return {}
    (program, programs), (person, people) = (encoded(outcomes[name]) for name in ("program", "person_id"))
    own = outcomes["member"].to_numpy()
    return people_counted([str(one) for one in programs], len(people), [(program[own], person[own])])


__all__ = ["Count", "Standing", "standings"]

"""Whether a rate may be called final, and why not: value sets that lack codes, what is disputed, periods not over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import pyarrow as pa

from measureharmony.evaluation.combinations import combinations
from measureharmony.evaluation.risk_tables import missing_risk_tables
from measureharmony.evaluation.tallies import rate_lines
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.measure import Measure, Rate
from measureharmony.measures.plain_words import how_many, plain
from measureharmony.measures.value_set_needs import RateParts, ValueSetNeeds
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.value_sets import ValueSets

#: Columns that finality adds to the rate table, with what they hold.
FINAL_COLUMNS: Mapping[str, str] = {
    "final": (
        "Whether it may be called final: its period is over, every indispensable value set is complete, every risk "
        "table that it asks for is there, and no change that it rests on is disputed."
    ),
    "not_final_because": (
        "Why not: indispensable value sets without codes, or with some only; no risk table; disputed changes; a period "
        "not over."
    ),
}
#: The column that it adds to the care gap table.
GAP_COLUMN: Mapping[str, str] = {
    "not_final_because": "What value sets lack of the rates that the gap is of: with all codes it may not be a gap.",
}
#: So many value sets are named in a sentence; `valuesets check` names all.
_NAMED = 5


@dataclass(frozen=True)
class Shortfall:
    """The indispensable value sets of a rate that are not complete.

    ``missing``: those without any code, with the populations that need each; ``open_codes``: shipped ones, of which
    only the openly usable codes are there; ``incomplete``: loaded ones that their file does not give in full.
    ``undecided``: the populations about which, without the missing ones, the rate says nothing.
    """

    missing: Mapping[str, tuple[str, ...]]
    open_codes: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.open_codes or self.incomplete)

    def __str__(self) -> str:
        """One line, the gravest first: ``no codes: pci (initial population); open codes only: 12 value sets``."""
        parts = [f"undecided without codes: {_words(self.undecided)}"] if self.undecided else []
        if self.missing:
            parts.append("no codes: " + _named([f"{name} ({_words(of)})" for name, of in self.missing.items()]))
        if self.incomplete:
            parts.append(f"not all codes: {_named(self.incomplete)}")
        if self.open_codes:
            parts.append(f"open codes only: {how_many(len(self.open_codes), 'value set')}")
        return "; ".join(parts)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _words(populations: Sequence[str]) -> str:
    return ", ".join(map(plain, populations))


def shortfall(needs: ValueSetNeeds, parts: RateParts, value_sets: ValueSets) -> Shortfall:
    """Which value sets that a rate, or a stratum of it, cannot do without are not complete."""
    needed = needs.indispensable(parts)
    states = {name: value_sets[name].state if name in value_sets else "missing" for name in needed}
    partial = [value_sets[name] for name, state in states.items() if state == "partial"]
    return Shortfall(
        {name: needed[name] for name, state in states.items() if state == "missing"},
        tuple(one.name for one in partial if one.is_shipped),
        tuple(one.name for one in partial if not one.is_shipped),
        needs.undecided(parts),
    )


#: Which rate, or stratum of one, is meant: program, measure, rate, and stratum (empty for the whole).
Key: TypeAlias = tuple[str, str, str, str]


class Shortfalls(Mapping[Key, Shortfall]):
    """What the rates of some variants, and their strata, lack; each looked into when it is first asked for."""

    def __init__(self, variants: Sequence[Variant], value_sets: ValueSets):
        self._value_sets = value_sets
        self._needs = ValueSetNeeds(value_sets.codeless)
        self._found: dict[RateParts, Shortfall] = {}
        self._known: dict[Key, Shortfall] = {}
        self._asked: dict[Key, tuple[Measure, Rate, CriterionRef | None]] = {}
        for variant in variants:
            measure = variant.measure
            strata: dict[str, CriterionRef | None] = {"": None}
            strata |= {stratum.id: stratum.criterion for stratum in measure.strata}
            for rate in measure.rates:
                for stratum, criterion in strata.items():
                    self._asked[variant.program, measure.measure, rate.id, stratum] = measure, rate, criterion

    def __getitem__(self, key: Key) -> Shortfall:
        if key not in self._known:
            parts = self._needs.parts(*self._asked[key])
            if parts not in self._found:
                self._found[parts] = shortfall(self._needs, parts, self._value_sets)
            self._known[key] = self._found[parts]
        return self._known[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._asked)

    def __len__(self) -> int:
        return len(self._asked)


class Finality:
    """Whether the rates of some variants may be called final, with the value sets and the knowledge of one run."""

    def __init__(self, variants: Sequence[Variant], value_sets: ValueSets, as_of: dt.date | None):
        self._periods = {(v.program, v.measure.measure): v.period for v in variants}
        self._disputed = {(v.program, v.measure.measure): v.disputed for v in variants}
        self._variants = variants
        self._as_of = as_of
        self._why: dict[Key, str] = {}
        self.shortfalls = Shortfalls(variants, value_sets)

    @cached_property
    def tables(self) -> Mapping[tuple[str, str], Sequence[str]]:
        """The risk tables that a program's measure asks for and nobody has given, by program and measure."""
        return {(v.program, v.measure.measure): missing_risk_tables(v) for v in self._variants}

    def why_not(self, program: str, measure: str, rate: str, stratum: str = "") -> str:
        """Why a rate is not final; empty when it is."""
        key = program, measure, rate, stratum
        if key not in self._why:
            self._why[key] = self._reasons(*key)
        return self._why[key]

    def _reasons(self, program: str, measure: str, rate: str, stratum: str) -> str:
        lacking = self.shortfalls[program, measure, rate, stratum]
        reasons = [str(lacking)] if lacking else []
        if tables := self.tables[program, measure]:
            reasons.append(f"no risk table: {', '.join(tables)}")
        if disputed := self._disputed[program, measure].get(rate, 0):
            reasons.append(how_many(disputed, "disputed change"))
        if self.is_open(program, measure):
            reasons.append(f"the period ends on {self._periods[program, measure].end}")
        return "; ".join(reasons)

    def is_open(self, program: str, measure: str) -> bool:
        """Whether the period was not over on the as-of date; without one, every period is."""
        return self._as_of is not None and self._as_of < self._periods[program, measure].end

    def of_rates(self, rates: pa.Table) -> pa.Table:
        """The rate table of the variants with the columns of :data:`FINAL_COLUMNS`."""
        for name, column in self._of_lines.items():
            rates = rates.append_column(name, column)
        return rates

    @cached_property
    def _of_lines(self) -> Mapping[str, pa.Array]:
        """The columns of :data:`FINAL_COLUMNS`, which are the same whoever is counted."""
        reasons = [
            self.why_not(line.variant.program, line.variant.measure.measure, line.rate.id, line.stratum)
            for line in rate_lines(self._variants)
        ]
        return {
            "final": pa.array([not reason for reason in reasons], pa.bool_()),
            "not_final_because": pa.array(reasons, pa.string()),
        }

    def of_gaps(self, gaps: pa.Table) -> pa.Table:
        """The care gap table with :data:`GAP_COLUMN`: the reasons of the programs it counts for, each once."""
        found = combinations(gaps, ("measure", "rate", "programs", "unified"))
        reasons = pa.array(map(self._lacking, found.cells), pa.string())
        return gaps.append_column("not_final_because", reasons.take(pa.array(found.of_row)))

    def _lacking(self, gap: tuple[object, ...]) -> str:
        measure, rate, programs, unified = gap
        whose = [*str(programs).split(), *([CANONICAL] if unified else [])]
        lacking = [self.shortfalls[program, str(measure), str(rate), ""] for program in whose]
        return "; ".join(dict.fromkeys(str(one) for one in lacking if one))


__all__ = ["FINAL_COLUMNS", "GAP_COLUMN", "Finality", "Shortfall", "Shortfalls", "shortfall"]

"""Which clinician a program lists each person with, and what the rates of a clinician's people are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS
from measureharmony.practice import Practice
from measureharmony.reports.content.figures import Figure
from measureharmony.reports.results import Results

#: Who has nobody on the roster.
NOBODY = ""


@dataclass(frozen=True)
class ClinicianRate:
    """One rate of the people whom a program lists with a clinician."""

    figure: Figure
    below: int
    above: int

    @property
    def value(self) -> float | None:
        """The share of people above the line."""
        return self.above / self.below if self.below else None

    @property
    def gaps(self) -> int:
        """How many of them have a gap."""
        return self.above if self.figure.direction == "lower" else self.below - self.above


@dataclass(frozen=True)
class Clinician:
    """A clinician whom some roster names: how many people, and their rates program by program."""

    provider_id: str
    name: str
    specialty: str
    people: int
    rates: tuple[ClinicianRate, ...]

    @property
    def gaps(self) -> int:
        """Gaps of all programs; a person's gap counts once for each program that asks for it."""
        return sum(rate.gaps for rate in self.rates)


def listed_with(practice: Practice, day: dt.date | None) -> pa.Table:
    """``program``, ``person_id``, ``provider_id``: with whom each roster lists a person on ``day``, or at last.

    Of several spans that hold the day, the one that began last decides.
    """
    roster = practice.table("roster")
    roster = roster.filter(pc.is_valid(roster["provider_id"]))
    if day is not None:
        begun = pc.less_equal(roster["start"], day)
        still = pc.fill_null(pc.greater_equal(roster["end"], day), True)
        roster = roster.filter(pc.and_(begun, still))
    order = roster.sort_by([("start", "ascending"), ("provider_id", "ascending")])
    last = order.group_by(["program", "person_id"], use_threads=False).aggregate([("provider_id", "last")])
    return last.rename_columns(["program", "person_id", "provider_id"])


def clinicians(results: Results, figures: Sequence[Figure], listed: pa.Table) -> tuple[Clinician, ...]:
    """Every clinician whom a roster lists people with, those with the most people first."""
    tally = _tally(results.outcomes.arrow, listed)
    shares = {(one.program, one.measure, one.rate): one for one in figures if one.is_share}
    people = _people(listed)
    known = {str(row["provider_id"]): row for row in results.practice.table("provider").to_pylist()}
    rates: dict[str, list[ClinicianRate]] = {}
    for row in tally.to_pylist():
        figure = shares.get((row["program"], row["measure"], row["rate"]))
        if figure is not None and row["below"]:
            rates.setdefault(row["provider_id"], []).append(ClinicianRate(figure, row["below"], row["above"]))
    order = {figure.key: place for place, figure in enumerate(figures)}
    return tuple(
        Clinician(
            provider, _known(known, provider, "name"), _known(known, provider, "specialty"), count,
            tuple(sorted(rates.get(provider, ()), key=lambda rate: order[rate.figure.key])),
        )
        for provider, count in sorted(people.items(), key=lambda one: (-one[1], one[0]))
    )  # fmt: skip


def _known(providers: Mapping[str, Mapping[str, object]], provider: str, column: str) -> str:
    return str(providers.get(provider, {}).get(column) or "")


def _people(listed: pa.Table) -> dict[str, int]:
    """How many different people each clinician has."""
    counted = listed.group_by("provider_id").aggregate([("person_id", "count_distinct")])
    return dict(zip(counted["provider_id"].to_pylist(), counted["person_id_count_distinct"].to_pylist(), strict=True))


def _tally(outcomes: pa.Table, listed: pa.Table) -> pa.Table:
    """How many of each clinician's people are below and above each line."""
    populations = {name: outcomes[name].to_numpy() for name in POPULATIONS}
    keys = {name: outcomes[name].cast(pa.string()) for name in ("program", "person_id", "measure", "rate")}
    lines = {"below": pa.array(counts_below(populations)), "above": pa.array(counts_above(populations))}
    own = pa.table({**keys, **{name: column.cast(pa.int64()) for name, column in lines.items()}})
    own = own.filter(pc.and_(outcomes["member"], lines["below"]))
    listed = listed.cast(pa.schema([(name, pa.string()) for name in listed.column_names]))
    joined = own.join(listed, ["program", "person_id"], join_type="inner")
    keys_of = ["provider_id", "program", "measure", "rate"]
    counted = joined.group_by(keys_of).aggregate([("below", "sum"), ("above", "sum")])
    return counted.rename_columns([*keys_of, "below", "above"])


__all__ = ["NOBODY", "Clinician", "ClinicianRate", "clinicians", "listed_with"]

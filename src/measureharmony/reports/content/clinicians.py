"""Clinicians as a report names them: whom the practice's people are attributed to, and their people's rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.content.figures import Figure
from measureharmony.reports.results import Results


@dataclass(frozen=True)
class ClinicianRate:
    """One rate of the people attributed to a clinician."""

    figure: Figure
    below: int
    above: int

    @property
    def value(self) -> float:
        """The share of people above the line."""
        return self.above / self.below

    @property
    def gaps(self) -> int:
        """How many of them have a gap."""
        return self.above if self.figure.direction == "lower" else self.below - self.above


@dataclass(frozen=True)
class Clinician:
    """A clinician to whom people are attributed: how many, and their rates, the practice's unified ones first."""

    provider_id: str
    name: str
    specialty: str
    people: int
    rates: tuple[ClinicianRate, ...]

    def of_program(self, program: str) -> tuple[ClinicianRate, ...]:
        """The rates of one program."""
        return tuple(rate for rate in self.rates if rate.figure.program == program)

    @property
    def gaps(self) -> int:
        """Gaps of the unified rates, each once."""
        return sum(rate.gaps for rate in self.of_program(CANONICAL))


def attributed_to(results: Results) -> pa.Table:
    """``person_id`` and ``provider_id`` of everybody attributed: by the practice as a whole, else by a program."""
    table = results.attribution.arrow
    own = table.filter(pc.and_(table["attributed"], pc.is_valid(table["provider_id"])))
    own = own.append_column("later", pc.not_equal(own["program"], CANONICAL))
    ordered = own.sort_by([("later", "ascending"), ("program", "ascending")])
    first = ordered.group_by("person_id", use_threads=False).aggregate([("provider_id", "first")])
    return first.rename_columns(["person_id", "provider_id"])


def clinicians(results: Results, figures: Sequence[Figure], attributed: pa.Table) -> tuple[Clinician, ...]:
    """Every clinician to whom people are ``attributed``, those with the most people first."""
    shares = {one.key: one for one in figures if one.is_share}
    rates: dict[str, list[ClinicianRate]] = {}
    table = results.provider_rates.arrow
    for row in table.filter(pc.equal(table["level"], "clinician")).to_pylist():
        figure = shares.get(f"{row['program']}/{row['measure']}/{row['rate']}")
        if figure is not None and row["provider_id"] and row["below"]:
            rates.setdefault(row["provider_id"], []).append(ClinicianRate(figure, row["below"], row["above"]))
    known = {str(row["provider_id"]): row for row in results.practice.table("provider").to_pylist()}
    counted = attributed.group_by("provider_id").aggregate([("person_id", "count_distinct")]).to_pylist()
    people = sorted((-row["person_id_count_distinct"], str(row["provider_id"])) for row in counted)
    return tuple(
        Clinician(
            provider, _known(known, provider, "name"), _known(known, provider, "specialty"), -less,
            tuple(sorted(rates.get(provider, ()), key=lambda rate: rate.figure.program != CANONICAL)),
        )
        for less, provider in people
    )  # fmt: skip


def _known(providers: Mapping[str, Mapping[str, object]], provider: str, column: str) -> str:
    return str(providers.get(provider, {}).get(column) or "")


__all__ = ["Clinician", "ClinicianRate", "attributed_to", "clinicians"]

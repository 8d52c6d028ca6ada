"""The results of one run: outcomes, rates, care gaps, explanations, and the manifest that reproduces them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.attribution import Asked
from measureharmony.attribution.provider_rates import PROVIDER_RATE_COLUMNS, provider_rates
from measureharmony.errors import UsageError
from measureharmony.evaluation.care_gaps import GAP_COLUMNS, care_gap_table
from measureharmony.evaluation.outcome_form import OUTCOME_COLUMNS
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.program_gaps import PROGRAM_GAP_COLUMNS, RATES_SEEN_COLUMNS, PayersSee
from measureharmony.evaluation.rates import RATE_COLUMNS, rates_of
from measureharmony.evaluation.reference import Explanation, LoadedCodes, counts_person, explain, records_from_practice
from measureharmony.evaluation.tallies import Tally, tally
from measureharmony.incentives import (
    PAYMENT_COLUMNS,
    TARGET_COLUMNS,
    WHAT_IF_COLUMNS,
    Standing,
    closings,
    payment_table,
    standings,
    target_table,
    what_if_table,
)
from measureharmony.incentives.what_if import Wish, chosen_gaps
from measureharmony.payers.contract import Contract
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.practice import Practice
from measureharmony.reports.attribution import Attribution
from measureharmony.reports.finality import FINAL_COLUMNS, GAP_COLUMN, Finality
from measureharmony.reports.fingerprints import Fingerprints, replacing
from measureharmony.reports.manifest import manifest
from measureharmony.reports.outcome_files import NAME as OUTCOMES
from measureharmony.reports.outcome_files import OutcomesToWrite
from measureharmony.reports.stored import remove_parts
from measureharmony.reports.tables import ResultTable, TableFormat, shown_value
from measureharmony.reports.work_list import WORK_COLUMNS, Weights, read_weights, work_list
from measureharmony.reports.work_list.gaps import workable
from measureharmony.reports.work_list.table import earnings_of, providers_of
from measureharmony.reports.writing import remove_earlier, require_formats, tables_to_write, write_files
from measureharmony.statistics import (
    GROUP_COLUMNS,
    STATISTIC_COLUMNS,
    Aligned,
    Method,
    group_table,
    same_definition,
    statistics_table,
)
from measureharmony.statistics.tables import Precision
from measureharmony.value_sets import ValueSets

if TYPE_CHECKING:
    from measureharmony.reports.content import Also
    from measureharmony.reports.report_files import Format


class Results:
    """What one pass over a practice found, for every variant that was asked for.

    Rates and care gaps are counted from the outcomes alone. ``as_of`` is the day whose knowledge was used. ``notes``
    say in sentences what was left out. ``contracts`` are the targets and payments of each program, ``payers`` what the
    payers see on a day, where that was asked for; ``fingerprints`` are what a later run
    needs to know that shall go on from this one.
    """

    def __init__(  # noqa: PLR0913 - what a run is made of
        self,
        outcomes: pa.Table | Outcomes,
        variants: Sequence[Variant],
        practice: Practice,
        value_sets: ValueSets,
        as_of: dt.date | None = None,
        notes: Sequence[str] = (),
        contracts: Mapping[str, Contract] | None = None,
        attribution: Sequence[Asked] = (),
        payers: PayersSee | None = None,
        finality: Finality | None = None,
        fingerprints: Fingerprints | None = None,
    ):
        self.variants = tuple(variants)
        self.practice = practice
        self.value_sets = value_sets
        self.as_of = as_of
        self.notes = tuple(notes)
        self.contracts = dict(contracts or {})
        self.payers = payers
        self.fingerprints = fingerprints
        #: Which rates may be called final, and why others may not.
        self.finality = finality or Finality(self.variants, value_sets, as_of)
        self._found = outcomes
        self._attribution = Attribution(practice, tuple(attribution), value_sets)

    @cached_property
    def _outcomes(self) -> pa.Table:
        return self._found.table() if isinstance(self._found, Outcomes) else self._found

    @cached_property
    def _tally(self) -> Tally:
        return tally(self._found, self.variants)

    @cached_property
    def outcomes(self) -> ResultTable:
        """One row per subject, variant and rate."""
        return ResultTable(OUTCOMES, self._outcomes, OUTCOME_COLUMNS)

    @property
    def outcomes_to_write(self) -> ResultTable | OutcomesToWrite:
        """What is written of the outcomes, which need not be a table for that."""
        return OutcomesToWrite(self._found) if isinstance(self._found, Outcomes) else self.outcomes

    @cached_property
    def rates(self) -> ResultTable:
        """One row per program (``canonical`` is the practice's unified rate), measure, rate and stratum."""
        rates = self.finality.of_rates(rates_of(self._tally, self.variants))
        return ResultTable("rates", rates, {**RATE_COLUMNS, **FINAL_COLUMNS})

    @cached_property
    def care_gaps(self) -> ResultTable:
        """One row per person, measure and rate, naming every program that counts the gap."""
        gaps = self.finality.of_gaps(care_gap_table(self._found, self.variants, self.as_of))
        return ResultTable("care_gaps", gaps, {**GAP_COLUMNS, **GAP_COLUMN})

    @property
    def attribution(self) -> ResultTable:
        """One row for everybody whom a program attributes to the practice, or whom its payer covers."""
        return self._attribution.people

    @property
    def attribution_counts(self) -> ResultTable:
        """How many people are attributed, enrolled, seen, in all eight combinations, by program."""
        return self._attribution.counts

    @property
    def roster_disputes(self) -> ResultTable:
        """What speaks against the programs' rosters: one row per person and dispute."""
        return self._attribution.disputes

    def attribution_history(self, months: int) -> ResultTable:
        """Who was attributed to whom when, looked at on the run's day and at the ends of the months before it."""
        return self._attribution.history(months)

    @cached_property
    def provider_rates(self) -> ResultTable:
        """The rates by clinician and by group of those attributed to them."""
        rates = provider_rates(self._outcomes, self.attribution.arrow, self.variants)
        return ResultTable("provider_rates", rates, PROVIDER_RATE_COLUMNS)

    def outcome_tables(self) -> Iterator[pa.Table]:
        """The outcomes, as many at once as there are in memory: here all."""
        yield self._outcomes

    @property
    def programs_with_people(self) -> frozenset[str]:
        """Programs that count somebody."""
        return self._tally.programs(self.variants)

    @property
    def gap_counts(self) -> tuple[int, int]:
        """How many care gaps there are, and how many of them are still open."""
        return len(self.care_gaps), pc.sum(pc.equal(self.care_gaps.arrow["status"], "open")).as_py() or 0

    @cached_property
    def targets(self) -> ResultTable:
        """One row per program and rate that has a target or is paid for: how far it is, and what the next gap earns."""
        return ResultTable("targets", target_table(self.contracts, self._standing), TARGET_COLUMNS)

    @cached_property
    def payments(self) -> ResultTable:
        """One row per program and payment: earned, projected, and what more would be paid, with every step."""
        return ResultTable("payments", payment_table(self.contracts, self._standing), PAYMENT_COLUMNS)

    def what_if(
        self, wishes: Mapping[str, Wish] | None = None, *, gaps: Iterable[Mapping[str, object]] = ()
    ) -> ResultTable:
        """What every program pays once these gaps are closed.

        ``wishes``: rates, with a number of gaps or a tier to reach (``{"bcs.screened": 10, "cbp.controlled": "gold"}``;
        ``"ma_stars:bcs.screened"`` for one program only). ``gaps``: rows of the care gap table, or their person_id,
        measure and rate. Raises :class:`UsageError` for a rate, tier or gap that is not there or cannot be reached.
        """
        chosen = chosen_gaps(self.care_gaps.arrow, gaps)
        closing = closings(self.contracts, self._standing, wishes or {}, chosen)
        return ResultTable("what_if", what_if_table(self.contracts, self._standing, closing), WHAT_IF_COLUMNS)

    def work_list(
        self,
        weights: Weights | None = None,
        risk: Mapping[str, float] | None = None,
        people: Collection[str] | None = None,
    ) -> ResultTable:
        """One row per person with open gaps that somebody can close: what to do, for whom, until when, how urgently.

        ``weights`` say what makes a gap urgent (the shipped ones, unless given), ``risk`` are scores by person,
        ``people`` leaves everybody else out. Where payers' views were asked for, records to be sent are actions, too.
        Raises :class:`UsageError` without ``as_of``: nothing is open then.
        """
        if self.as_of is None:
            raise UsageError("Without a day every period is over, and no gap is open. Evaluate with as_of (--as-of).")
        reasons = self.program_gaps.arrow if self.payers else None
        found = work_list(
            workable(self.care_gaps.arrow, reasons, self.variants, self.as_of), self.practice.table("person"),
            providers_of(self.attribution.arrow), earnings_of(self.targets.arrow), weights or read_weights(),
            self.as_of, risk,
        )  # fmt: skip
        if people is not None:
            found = found.filter(pc.is_in(found["person_id"], value_set=pa.array(list(people), pa.string())))
        return ResultTable("work_list", found, WORK_COLUMNS)

    def statistics(
        self,
        confidence: float = 0.95,
        interval: Method = "wilson",
        minimum: int = 30,
        aligned: Aligned | None = None,
    ) -> ResultTable:
        """One row per program and rate: how sure it is, how reliable, and the aligned programs' people together.

        ``minimum``: below it a rate is small, where no contract says from how many people on it counts. ``aligned``
        says which programs mean the same by a rate (``measureharmony.alignment.proved(…)``); without it, only those
        whose definitions are written alike.
        """
        precision = Precision(confidence, interval, minimum)
        alike = aligned or same_definition(self.variants)
        table = statistics_table(self.rates.arrow, self._outcomes, self.variants, self.contracts, alike, precision)
        return ResultTable("rate_statistics", table, STATISTIC_COLUMNS)

    def group_statistics(
        self, groups: pa.Table, confidence: float = 0.95, interval: Method = "wilson", minimum: int = 30
    ) -> ResultTable:
        """One row per program, rate and group of people, such as each clinician's; ``groups``: person_id, group.

        With a column ``program``, the groups are that program's own, as in its roster.
        """
        table = group_table(self._outcomes, groups, Precision(confidence, interval, minimum))
        return ResultTable("group_statistics", table, GROUP_COLUMNS)

    @cached_property
    def _standing(self) -> Mapping[str, Standing]:
        return standings(self.rates.arrow, self._found, self.variants, self.contracts, self.as_of)

    @cached_property
    def program_gaps(self) -> ResultTable:
        """One row per gap of a program, with the reason why it is one for the payer, and what closes it.

        Raises :class:`UsageError` where no payers' view was asked for.
        """
        return ResultTable("program_gaps", self._payers_see.gaps, PROGRAM_GAP_COLUMNS)

    @cached_property
    def rates_seen(self) -> ResultTable:
        """Every program's rates twice: as we know them, and as the payer would see them.

        Raises :class:`UsageError` where no payers' view was asked for.
        """
        return ResultTable("rates_seen", self._payers_see.rates, RATES_SEEN_COLUMNS)

    @property
    def _payers_see(self) -> PayersSee:
        if self.payers is None:
            raise UsageError("These results hold no payers' view. Evaluate with payer_view=<the day of the view>.")
        return self.payers

    @cached_property
    def manifest(self) -> dict[str, object]:
        """Fingerprints of specs, value sets, dataset and version: what it takes to get these results again."""
        told = manifest(self.variants, self.practice, self.value_sets, self.as_of, self.payers, self.contracts)
        return {**told, "incremental": self.fingerprints.reevaluation.told()} if self.fingerprints else told

    def explain(self, person_id: str, measure: str, program: str = CANONICAL) -> Explanation:
        """Why one person is where they are under one program's version of a measure.

        Raises :class:`UsageError` when the person, measure or program is not in these results.
        """
        variant = self._variant(program, measure)
        record = next(iter(records_from_practice(self.practice, [person_id])), None)
        if record is None:
            raise UsageError(
                "There is no person of that identifier in the practice. Check it against person.person_id."
            )
        told = explain(record, variant, LoadedCodes(self.value_sets), self.as_of)
        return replace(told, member=counts_person(self.practice, person_id, variant, self.as_of))

    def write(
        self, folder: str | Path, also: Collection[str] = (), formats: Collection[TableFormat] | None = None
    ) -> list[Path]:
        """Write the tables, the rejects and the manifest into ``folder``; returns the paths.

        ``formats``: ``parquet``, ``csv`` or both. Left out, both, but the outcomes as Parquet alone: as CSV they are
        twenty times as large, and soon more rows than a spreadsheet opens.

        Targets and payments are written where a program has any, what payers see where that was asked for. ``also``:
        ``attribution`` (four tables), ``statistics``, ``work_list``, which take some time. :class:`UsageError` for
        other tables and formats.

        Results that a later run may go on from come with fingerprints, and take the place of earlier ones when all of
        them have been written.
        """
        require_formats(formats, goes_on=self.fingerprints is not None)
        found, tables = self.manifest, list(tables_to_write(self, also))
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        if self.fingerprints is None:
            paths = write_files(target, tables, self.practice, found, formats)
        else:
            with replacing(target) as half:
                paths = [*write_files(half, tables, self.practice, found, formats), self.fingerprints.write(half)]
        remove_earlier(target, paths)
        remove_parts(target)  # of an earlier run with --memory: they would be taken for those of this one
        return [target / path.name for path in paths]

    def write_report(
        self,
        folder: str | Path,
        *,
        formats: Collection[Format] = ("html", "xlsx", "csv"),
        also: Also | None = None,
        de_identified: bool = False,
    ) -> list[Path]:
        """Write the report that people read into ``folder``; returns the paths.

        Needs the extra ``reports``. See :func:`measureharmony.reports.report_files.write_report`.
        """
        from measureharmony.reports.report_files import write_report

        return write_report(self, folder, formats=formats, also=also, de_identified=de_identified)

    def _variant(self, program: str, measure: str) -> Variant:
        for variant in self.variants:
            if (variant.program, variant.measure.measure) == (program, measure):
                return variant
        measures = [variant.measure.measure for variant in self.variants if variant.program == program]
        if measures:
            raise UsageError(f"{program} does not measure {measure}. It measures: {', '.join(measures)}.")
        programs = dict.fromkeys(variant.program for variant in self.variants)
        raise UsageError(f"There is no program {program} in these results. There are: {', '.join(programs)}.")

    def __repr__(self) -> str:
        lines = [f"Results of {len(self.variants)} variants over {self.practice.person_count:,} people"]
        for row in self.rates.to_dicts():
            if not row["stratum"]:
                lines.append(f"  {row['program']:<26} {row['measure']}/{row['rate']:<14} {_fraction(row)}")
        lines.append("  .outcomes .rates .care_gaps .explain(person_id, measure, program) .write(folder)")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(str(r['program']))}</td><td>{escape(str(r['measure']))}/{escape(str(r['rate']))}</td>"
            f"<td style='text-align:right'>{_fraction(r)}</td></tr>"
            for r in self.rates.to_dicts()
            if not r["stratum"]
        )
        return f"<p><b>Results</b> over {self.practice.person_count:,} people</p><table>{rows}</table>"


def _fraction(row: dict[str, object]) -> str:
    value, of = shown_value(row)
    return f"{value:>7}  ({of})"


__all__ = ["Results"]

"""The tables of statistics: of programs' rates, and of the rates of groups of people, such as each clinician's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.errors import UsageError
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.contract import Contract, Target
from measureharmony.payers.targets import ROUNDED_TO_PARTS
from measureharmony.payers.variant import Variant
from measureharmony.statistics.intervals import Interval, clopper_pearson, wilson
from measureharmony.statistics.pooling import Aligned, Pooled, pools
from measureharmony.statistics.spread import JEFFREYS, Spread, chance_of_meeting, spread_of

Method: TypeAlias = Literal["wilson", "clopper_pearson"]
_INTERVALS: Mapping[Method, Callable[[int, int, float], Interval]] = {
    "wilson": wilson,
    "clopper_pearson": clopper_pearson,
}

_OF_A_RATE: Mapping[str, str] = {
    "above": "The line's upper number.",
    "below": "The line's lower number.",
    "value": "above ÷ below; empty when nobody counts.",
    "low": "Lower end of the confidence interval.",
    "high": "Upper end.",
    "confidence": "How often such intervals hold the true rate: 0.95 unless asked otherwise.",
    "interval": "`wilson` or `clopper_pearson`.",
    "small": "Whether fewer people count than the minimum.",
    "minimum_denominator": "That minimum: the contract's, or else what was asked for.",
    "reliability": "Which part of the differences between such rates is true and not chance; empty where unknown.",
    "shrunken": "The rate drawn towards the mean of its like, the more the fewer people; never to replace the value.",
}
#: Columns of the table of rates' statistics, with what they hold.
STATISTIC_COLUMNS: Mapping[str, str] = {
    "program": "The program, or `canonical`.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    **_OF_A_RATE,
    "spread_from": (
        "How it is known how far true rates lie apart: `peers` (the contract says), or `programs` (the aligned ones)."
    ),
    "p_meets_target": "The probability that the true rate meets the target; empty without one.",
    "pooled_value": "The rate of all aligned programs' people together, each once; empty where none is aligned.",
    "pooled_low": "Lower end of its confidence interval.",
    "pooled_high": "Upper end.",
    "pooled_above": "Its upper number.",
    "pooled_below": "Its lower number.",
    "pooled_programs": "Which programs these are, blank-separated.",
}
#: Columns of the table of groups' statistics, with what they hold.
GROUP_COLUMNS: Mapping[str, str] = {
    "program": "The program, or `canonical`.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "group": "Whose people.",
    **_OF_A_RATE,
}


@dataclass(frozen=True)
class Precision:
    """How sure figures are to be. ``minimum``: below it a rate is small where no contract says so."""

    confidence: float = 0.95
    interval: Method = "wilson"
    minimum: int = 30

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise UsageError(f"A confidence of {self.confidence:g} is not between 0 and 1. Write 95 % as 0.95.")
        if self.interval not in _INTERVALS:
            raise UsageError(f"There is no interval '{self.interval}'. There are: {', '.join(_INTERVALS)}.")
        if self.minimum < 1:
            raise UsageError(f"A minimum of {self.minimum} people leaves nothing out. Give 1 or more.")

    def around(self, above: int, below: int) -> Interval:
        """The confidence interval of a rate."""
        return _INTERVALS[self.interval](above, below, self.confidence)


def statistics_table(
    rates: pa.Table,
    outcomes: pa.Table,
    variants: Sequence[Variant],
    contracts: Mapping[str, Contract],
    aligned: Aligned,
    precision: Precision,
) -> pa.Table:
    """One row for each rate that is a proportion: interval, reliability, chance of meeting its target, pooled rate."""
    whole = rates.filter(pc.and_(pc.equal(rates["stratum"], ""), pc.equal(rates["scoring"], "proportion")))
    counts = {(row["program"], row["measure"], row["rate"]): (row["above"], row["below"]) for row in whole.to_pylist()}
    pooled = pools(outcomes, variants, aligned)
    rows = []
    for (program, measure, rate), (above, below) in counts.items():
        contract = contracts.get(program)
        target = contract.targets.get((measure, rate)) if contract else None
        together = pooled.get((program, measure, rate))
        few = target.minimum_denominator if target else contract.program.minimum_denominator if contract else None
        spread, known_from = _spread(target, together, counts, (measure, rate))
        rows.append({
            "program": program, "measure": measure, "rate": rate,
            **_of_a_rate(above, below, few, spread, precision),
            "spread_from": known_from,
            "p_meets_target": _chance(above, below, target, spread),
            **_pooled(together, precision),
        })  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_schema(STATISTIC_COLUMNS))


def group_table(outcomes: pa.Table, groups: pa.Table, precision: Precision) -> pa.Table:
    """One row for each rate and group of people that it counts.

    ``groups`` says with ``person_id`` and ``group`` (and ``program``, where it differs by program) who belongs where;
    whoever is in two counts in both. How far true rates lie apart is estimated from the groups themselves.
    """
    missing = [name for name in ("person_id", "group") if name not in groups.column_names]
    if missing:
        raise UsageError(f"The groups have no column {' and no column '.join(missing)}. Give person_id and group.")
    by_rate: dict[tuple[str, str, str], dict[str, tuple[int, int]]] = {}
    for row in _counted(outcomes, groups):
        key = (row["program"], row["measure"], row["rate"])
        by_rate.setdefault(key, {})[row["group"]] = (row["above_sum"], row["below_sum"])
    rows = [
        {"program": key[0], "measure": key[1], "rate": key[2], "group": group,
         **_of_a_rate(above, below, None, spread_of(list(found.values())), precision)}
        for key, found in by_rate.items()
        for group, (above, below) in sorted(found.items())
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_schema(GROUP_COLUMNS))


def _counted(outcomes: pa.Table, groups: pa.Table) -> list[dict[str, Any]]:
    """How many of each group's people are above and below the line, by program, measure and rate."""
    members = {name: outcomes[name].to_numpy() for name in POPULATIONS}
    below = counts_below(members) & outcomes["member"].to_numpy()
    keys = {name: outcomes[name].cast(pa.string()) for name in ("program", "measure", "rate", "person_id")}
    counted = pa.table({**keys, "above": pa.array((counts_above(members) & below).astype(np.int64))})
    counted = counted.append_column("below", pa.array(np.ones(len(below), np.int64))).filter(pa.array(below))
    on = [name for name in ("program", "person_id") if name in groups.column_names]
    whose = pa.table({name: groups[name].cast(pa.string()) for name in (*on, "group")})
    whose = whose.group_by([*on, "group"]).aggregate([])
    joined = counted.join(whose, keys=on, join_type="inner")
    summed = joined.group_by(["program", "measure", "rate", "group"]).aggregate([("above", "sum"), ("below", "sum")])
    rows: list[dict[str, Any]] = summed.sort_by(
        [(name, "ascending") for name in ("program", "measure", "rate", "group")]
    ).to_pylist()
    return rows


def _of_a_rate(
    above: int, below: int, few: int | None, spread: Spread | None, precision: Precision
) -> dict[str, object]:
    interval = precision.around(above, below) if below else None
    known = spread is not None and below > 0
    return {
        "above": above,
        "below": below,
        "value": above / below if below else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "confidence": precision.confidence,
        "interval": precision.interval,
        "small": below < (few or precision.minimum),
        "minimum_denominator": few or precision.minimum,
        "reliability": spread.reliability(below) if spread and known else None,
        "shrunken": spread.shrunken(above, below) if spread and known else None,
    }


def _spread(
    target: Target | None,
    together: Pooled | None,
    counts: Mapping[tuple[str, str, str], tuple[int, int]],
    rate: tuple[str, str],
) -> tuple[Spread | None, str | None]:
    """How far true rates lie apart, and how that is known."""
    if target is not None and target.peers is not None:
        return Spread(target.peers.mean, target.peers.sd), "peers"
    if together is None:
        return None, None
    found = spread_of([counts[program, *rate] for program in together.programs])
    return found, "programs" if found else None


def _chance(above: int, below: int, target: Target | None, spread: Spread | None) -> float | None:
    """The probability that the true rate meets the target, rounding included."""
    if target is None or not below:
        return None
    parts = ROUNDED_TO_PARTS.get(target.rounded_to)
    leeway = Fraction(1, 2 * parts) if parts else Fraction(0)
    bound = target.bound - leeway if target.side == "at_least" else target.bound + leeway
    return chance_of_meeting(above, below, float(bound), target.side, spread or JEFFREYS)


def _pooled(together: Pooled | None, precision: Precision) -> dict[str, object]:
    if together is None or not together.below:
        return {}
    interval = precision.around(together.above, together.below)
    return {
        "pooled_value": together.above / together.below,
        "pooled_low": interval.low,
        "pooled_high": interval.high,
        "pooled_above": together.above,
        "pooled_below": together.below,
        "pooled_programs": " ".join(together.programs),
    }


_TEXT = ("program", "measure", "rate", "group", "interval", "spread_from", "pooled_programs")
_COUNTS = ("above", "below", "minimum_denominator", "pooled_above", "pooled_below")


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    types = {**dict.fromkeys(_TEXT, pa.string()), **dict.fromkeys(_COUNTS, pa.int64()), "small": pa.bool_()}
    return pa.schema([(name, types.get(name, pa.float64())) for name in columns])


__all__ = ["GROUP_COLUMNS", "STATISTIC_COLUMNS", "Method", "Precision", "group_table", "statistics_table"]

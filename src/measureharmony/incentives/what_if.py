"""What if these gaps were closed, or that tier were reached? The same computation over another standing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypeAlias

import pyarrow as pa

from measureharmony.errors import UsageError
from measureharmony.incentives.amounts import Amount, amounts
from measureharmony.incentives.goals import TARGET, needed
from measureharmony.incentives.standing import Count, Standing
from measureharmony.incentives.tables import MONEY
from measureharmony.measures.shape import suggestion
from measureharmony.payers.contract import Contract, Target
from measureharmony.payers.contract_tables import RateKey

#: Columns of the table of a what-if, with what they hold.
WHAT_IF_COLUMNS: Mapping[str, str] = {
    "program": "The program.",
    "payment": "The program's id of the payment, or the rate that is paid for.",
    "title": "What the program calls it.",
    "closed": "The gaps that are closed, by rate.",
    "before": "What is paid if all rates stay as they are.",
    "after": "What is paid once these gaps are closed.",
    "difference": "How much more that is.",
    "currency": "Of these amounts.",
    "steps": "How `after` comes about, line by line.",
}
#: Gaps to close, by program and rate.
Closings: TypeAlias = Mapping[str, Mapping[RateKey, int]]
#: A rate's gaps to close: how many, or until which tier (``target``: until the target) is reached.
Wish: TypeAlias = int | str


def closings(
    contracts: Mapping[str, Contract],
    standing: Mapping[str, Standing],
    wishes: Mapping[str, Wish],
    gaps: pa.Table | None = None,
) -> dict[str, dict[RateKey, int]]:
    """The gaps to close, by program and rate.

    ``wishes`` are by rate (``bcs.screened``), or by program and rate (``ma_stars:bcs.screened``): a number of gaps,
    of which each program closes as many as it has open; or a tier. ``gaps`` are rows of the care gap table: each closes
    in every program that counts it. :class:`UsageError` for what is not there or cannot be.
    """
    found: dict[str, dict[RateKey, int]] = {program: {} for program in contracts}
    for name, wish in wishes.items():
        for program, rate in _meant(name, contracts):
            found[program][rate] = _number(contracts[program], standing[program], rate, wish)
    for row in [] if gaps is None else gaps.select(["measure", "rate", "programs", "missed_for"]).to_pylist():
        rate = (str(row["measure"]), str(row["rate"]))
        still_open = set(str(row["programs"]).split()) - set(str(row["missed_for"]).split())
        for program in sorted(still_open & contracts.keys()):
            found[program][rate] = found[program].get(rate, 0) + 1
    return found


def chosen_gaps(care_gaps: pa.Table, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """The rows of the care gap table that ``rows`` name by person, measure and rate (and subject, for episodes).

    :class:`UsageError` says how many of them name no open gap; whose they are is not repeated.
    """
    wanted = [dict(row) for row in rows]
    keys = [name for name in ("person_id", "subject_id", "measure", "rate") if all(name in row for row in wanted)]
    if wanted and not {"person_id", "measure", "rate"} <= set(keys):
        raise UsageError("A gap to close is named by person_id, measure and rate. Give all three in each row.")
    named = {tuple(str(row[name]) for name in keys) for row in wanted}
    columns = [care_gaps[name].to_pylist() for name in (*keys, "status")]
    is_open = [(status == "open", tuple(key)) for *key, status in zip(*columns, strict=True)]
    missing = len(named - {key for still_open, key in is_open if still_open})
    if missing:
        raise UsageError(f"{missing} of {len(named)} rows name no open gap. Take rows of care_gaps with status open.")
    return care_gaps.filter(pa.array([still_open and key in named for still_open, key in is_open], pa.bool_()))


def what_if_table(contracts: Mapping[str, Contract], standing: Mapping[str, Standing], closing: Closings) -> pa.Table:
    """What every payment of the programs that close something comes to, before and after."""
    rows = []
    for program, by_rate in closing.items():
        closed = {rate: number for rate, number in by_rate.items() if number}
        if not closed:
            continue
        contract, now = contracts[program], standing[program]
        told = ", ".join(f"{'.'.join(rate)} +{number}" for rate, number in closed.items())
        for before, after in zip(amounts(contract, now), amounts(contract, now.after(closed)), strict=True):
            rows.append(_row(program, told, before, after))
    return pa.Table.from_pylist(rows, schema=WHAT_IF_SCHEMA)


def _row(program: str, closed: str, before: Amount, after: Amount) -> dict[str, object]:
    known = before.value is not None and after.value is not None
    return {
        "program": program,
        "payment": after.payment,
        "title": after.title,
        "closed": closed,
        "before": before.value,
        "after": after.value,
        "difference": after.value - before.value if known else None,  # type: ignore[operator]
        "currency": after.currency,
        "steps": "\n".join(after.steps),
    }


def _meant(name: str, contracts: Mapping[str, Contract]) -> list[tuple[str, RateKey]]:
    """The programs and the rate that a name stands for."""
    program, _, rate_name = name.rpartition(":")
    if program and program not in contracts:
        raise UsageError(f"There is no program '{program}' in these results; {suggestion(program, contracts)}")
    measure, _, rate_id = rate_name.partition(".")
    rate = (measure, rate_id)
    found = [(key, rate) for key, one in contracts.items() if rate in one.rates and program in ("", key)]
    if not found:
        known = {".".join(one) for key, contract in contracts.items() for one in contract.rates if program in ("", key)}
        raise UsageError(f"No program measures a rate '{rate_name}'; {suggestion(rate_name, known)}")
    return found


def _number(contract: Contract, standing: Standing, rate: RateKey, wish: Wish) -> int:
    """How many gaps a wish closes; a program without the tier that is wished for closes none."""
    count = standing.counts[rate]
    if isinstance(wish, int):
        return min(wish, count.open_gaps)
    target = contract.targets.get(rate)
    levels = {} if target is None else {TARGET: target.bound, **{tier.id: tier.bound for tier in target.tiers}}
    if target is None or wish not in levels:
        where = f"The target of {'.'.join(rate)} in {contract.program.program}"
        raise UsageError(f"{where} has no tier '{wish}'; {suggestion(wish, levels, 'it has no target')}")
    return _as_far_as(count, target, wish, rate, contract.program.program)


def _as_far_as(count: Count, target: Target, wish: str, rate: RateKey, program: str) -> int:
    tiers = {tier.id: Fraction(tier.bound) for tier in target.tiers}
    number = needed(count, target, tiers.get(wish, target.bound))
    if number is None or number > count.open_gaps:
        more = "more gaps than there are" if number is None else f"{number} gaps"
        told = f"{'.'.join(rate)} in {program} cannot reach {wish}: it takes {more}, and {count.open_gaps} are open."
        raise UsageError(f"{told} Ask for a number of gaps instead.")
    return number


WHAT_IF_SCHEMA = pa.schema(
    [(name, MONEY if name in ("before", "after", "difference") else pa.string()) for name in WHAT_IF_COLUMNS]
)

__all__ = ["WHAT_IF_COLUMNS", "WHAT_IF_SCHEMA", "Closings", "Wish", "chosen_gaps", "closings", "what_if_table"]

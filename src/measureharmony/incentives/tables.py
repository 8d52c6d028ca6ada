"""The tables of targets and payments of all programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa

from measureharmony.incentives.amounts import NOTHING, Amount, amounts, total
from measureharmony.incentives.goals import counts, met, needed, next_level, rounded, tier_reached
from measureharmony.incentives.standing import Count, Standing
from measureharmony.payers.contract import Contract, Target
from measureharmony.payers.contract_tables import RateKey

#: Columns of the table of targets, with what they hold.
TARGET_COLUMNS: Mapping[str, str] = {
    "program": "The program.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "value": "The rate as it is compared, rounded as the contract says; empty where there is none.",
    "target": "What it must reach; empty where the contract has no target for it.",
    "side": "`at_least` or `at_most`.",
    "target_from": "`fixed`, `cut_points` (a table) or `improvement` (over a baseline).",
    "met": "Whether the target is met; empty without a target.",
    "tier": "The highest tier reached.",
    "next_tier": "The easiest tier not reached; `target` where the target is next and no tier of its own.",
    "next_bound": "Its bound.",
    "people_to_target": "The smallest number of gaps to close for the target; empty if closing all is not enough.",
    "people_to_next": "The same for the next tier.",
    "open_gaps": "How many gaps can still be closed.",
    "reachable": "Whether that is enough for the next tier; empty where there is none.",
    "minimum_denominator": "From how many people on the rate counts.",
    "counts": "Whether it has as many.",
    "weight": "Its weight in the program's quality score.",
    "reporting_only": "Whether it earns nothing.",
    "value_per_gap": "How much more the program pays in all, if one more gap is closed; empty where none is open.",
    "value_of_next": "How much more, if `people_to_next` gaps are closed; empty where that cannot be.",
    "currency": "Of these amounts.",
}

#: Columns of the table of payments, with what they hold.
PAYMENT_COLUMNS: Mapping[str, str] = {
    "program": "The program.",
    "payment": "The program's id of the payment, or the rate that is paid for.",
    "title": "What the program calls it.",
    "measure": "Key of the measure; empty where several count together.",
    "rate": "Which rate of the measure.",
    "earned": "Earned now: for gaps already closed; what is decided on the period's last day, once that is over.",
    "projected": "What is paid if all rates stay as they are until the period ends.",
    "if_all_open_gaps_close": "What is paid if every gap is closed that still can be.",
    "next_tier_amount": "What is paid one tier or step higher; empty on the highest.",
    "value_per_gap": "How much more the program pays in all, if one more of the rate's gaps is closed.",
    "currency": "Of these amounts.",
    "frequency": "`monthly`, `quarterly` or `annual`.",
    "steps": "How `projected` comes about, line by line.",
}


def target_table(contracts: Mapping[str, Contract], standing: Mapping[str, Standing]) -> pa.Table:
    """One row for each rate of each program that has a target, is paid for, or is reported only."""
    rows = [
        _target_row(contract, standing[program], rate)
        for program, contract in contracts.items()
        for rate in contract.rates
        if rate in contract.targets or rate in contract.payments or contract.reporting_only(rate)
    ]
    return pa.Table.from_pylist(rows, schema=TARGET_SCHEMA)


def payment_table(contracts: Mapping[str, Contract], standing: Mapping[str, Standing]) -> pa.Table:
    """One row for each payment of each program."""
    rows = [row for program, contract in contracts.items() for row in _payment_rows(contract, standing[program])]
    return pa.Table.from_pylist(rows, schema=PAYMENT_SCHEMA)


def gain(contract: Contract, standing: Standing, closing: Mapping[RateKey, int]) -> Decimal:
    """How much more the contract pays in all, once these gaps are closed."""
    return total(amounts(contract, standing.after(closing))) - total(amounts(contract, standing))


def currency_of(contract: Contract) -> str | None:
    """In what a contract pays; ``None`` for one that pays nothing."""
    currencies = [paid.currency for paid in contract.payments.values()]
    currencies += [paid.currency for paid in contract.program.payments]
    return currencies[0] if currencies else None


def _target_row(contract: Contract, standing: Standing, rate: RateKey) -> dict[str, object]:
    count, target = standing.counts[rate], contract.targets.get(rate)
    value = count.value
    if value is not None and target is not None:
        value = rounded(value, target.rounded_to)
    currency = currency_of(contract)
    return {
        "program": contract.program.program,
        "measure": rate[0],
        "rate": rate[1],
        "value": _number(value),
        "open_gaps": count.open_gaps,
        "weight": float(contract.weight(rate)),
        "reporting_only": contract.reporting_only(rate),
        "value_per_gap": gain(contract, standing, {rate: 1}) if currency and count.open_gaps else None,
        "currency": currency,
        **({} if target is None else _against(contract, standing, rate, count, target)),
    }


def _against(contract: Contract, standing: Standing, rate: RateKey, count: Count, target: Target) -> dict[str, object]:
    tier, following = tier_reached(count, target), next_level(count, target)
    to_next = needed(count, target, following.bound) if following else None
    reachable = to_next is not None and to_next <= count.open_gaps
    return {
        "target": _number(target.bound),
        "side": target.side,
        "target_from": target.bound_from,
        "met": met(count, target),
        "tier": tier.id if tier else None,
        "next_tier": following.id if following else None,
        "next_bound": _number(following.bound) if following else None,
        "people_to_target": needed(count, target, target.bound),
        "people_to_next": to_next,
        "reachable": reachable if following else None,
        "minimum_denominator": target.minimum_denominator,
        "counts": counts(count, target),
        "value_of_next": gain(contract, standing, {rate: to_next}) if reachable and to_next else None,
    }


def _payment_rows(contract: Contract, standing: Standing) -> Iterator[dict[str, object]]:
    everything = amounts(contract, standing.all_closed)
    for amount, best in zip(amounts(contract, standing), everything, strict=True):
        measure, rate = amount.rate or (None, None)
        can_close = amount.rate is not None and standing.counts[amount.rate].open_gaps > 0
        yield {
            "program": contract.program.program,
            "payment": amount.payment,
            "title": amount.title,
            "measure": measure,
            "rate": rate,
            "earned": _earned(amount, standing),
            "projected": amount.value,
            "if_all_open_gaps_close": best.value,
            "next_tier_amount": amount.at_next,
            "value_per_gap": gain(contract, standing, {amount.rate: 1}) if amount.rate and can_close else None,
            "currency": amount.currency,
            "frequency": amount.frequency,
            "steps": "\n".join(amount.steps),
        }


def _earned(amount: Amount, standing: Standing) -> Decimal | None:
    over = standing.over if amount.rate is None else standing.counts[amount.rate].period_over
    return amount.value if amount.accrues or over or amount.value is None else NOTHING


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


MONEY = pa.decimal128(18, 2)
_NUMBERS = ("value", "target", "next_bound", "weight")
_COUNTS = ("people_to_target", "people_to_next", "open_gaps", "minimum_denominator")
_TRUTHS = ("met", "reachable", "counts", "reporting_only")
_AMOUNTS = ("value_per_gap", "value_of_next", "earned", "projected", "if_all_open_gaps_close", "next_tier_amount")


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    types = {
        **dict.fromkeys(_NUMBERS, pa.float64()),
        **dict.fromkeys(_COUNTS, pa.int64()),
        **dict.fromkeys(_TRUTHS, pa.bool_()),
        **dict.fromkeys(_AMOUNTS, MONEY),
    }
    return pa.schema([(name, types.get(name, pa.string())) for name in columns])


TARGET_SCHEMA = _schema(TARGET_COLUMNS)
PAYMENT_SCHEMA = _schema(PAYMENT_COLUMNS)

__all__ = [
    "MONEY", "PAYMENT_COLUMNS", "PAYMENT_SCHEMA", "TARGET_COLUMNS", "TARGET_SCHEMA", "currency_of", "gain",
    "payment_table", "target_table",
]  # fmt: skip

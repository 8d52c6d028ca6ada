"""What a contract pays for a standing: each payment's amount, exact, and the steps that lead to it.

Amounts of money are decimal; each is rounded half up to two places once, at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from measureharmony.incentives.conditions import judged, lacking, read_off
from measureharmony.incentives.goals import counts, met, tier_reached
from measureharmony.incentives.standing import Standing
from measureharmony.payers.contract import Contract, Target
from measureharmony.payers.contract_tables import RateKey
from measureharmony.payers.payments import Gate, Pool, ProgramPayment, Scale, SetPayment, SharedSavings
from measureharmony.payers.targets import in_words

_CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Amount:
    """What one payment comes to. ``value`` is ``None`` where the run lacks a measure that decides it.

    ``accrues``: paid as gaps are closed; else decided on the period's last day. ``at_next``: what it would be one tier
    or step higher; ``None`` on the highest.
    """

    payment: str
    title: str
    rate: RateKey | None
    value: Decimal | None
    accrues: bool
    currency: str
    frequency: str
    steps: tuple[str, ...]
    at_next: Decimal | None = None


def amounts(contract: Contract, standing: Standing) -> list[Amount]:
    """All that the contract pays for ``standing``, as if the period ended with it: rates first, then the program."""
    of_rates = [_of_rate(contract, standing, rate, payment) for rate, payment in contract.payments.items()]
    of_program = [_of_program(contract, standing, payment) for payment in contract.program.payments]
    return [_gated(amount, contract, standing) for amount in (*of_rates, *of_program)]


def total(paid: Sequence[Amount]) -> Decimal:
    """The sum of what is known."""
    return sum((amount.value for amount in paid if amount.value is not None), NOTHING)


# --- one rate's -------------------------------------------------------------------------------------------------------


def _of_rate(contract: Contract, standing: Standing, rate: RateKey, payment: SetPayment) -> Amount:
    count, target = standing.counts[rate], contract.targets.get(rate)
    entry = contract.program.listed(rate[0])
    known = entry.title if entry and entry.title else rate[0]
    made = Amount(".".join(rate), known, rate, NOTHING, False, payment.currency, payment.frequency, ())
    rate_line = f"{'.'.join(rate)}: {count.words}."
    if payment.per_gap is not None:
        value = count.closed * payment.per_gap
        line = f"{count.closed} closed gaps × {payment.per_gap} {payment.currency} = {value} {payment.currency}."
        return replace(made, value=_cents(value), accrues=True, steps=(rate_line, line))
    if target is None:
        return replace(made, steps=(rate_line, "No target is in force on the day asked for: nothing is paid."))
    people = count.below if payment.per_member is not None else 1
    paid, reason = _by_target(payment, standing, rate, target)
    line = _times(people, paid, payment.currency) if payment.per_member is not None else f"{paid} {payment.currency}."
    steps = (rate_line, reason, line)
    return replace(
        made, value=_cents(people * paid), steps=steps, at_next=_next_amount(payment, standing, rate, target)
    )


def _by_target(payment: SetPayment, standing: Standing, rate: RateKey, target: Target) -> tuple[Decimal, str]:
    """The amount that the rate has reached, and why."""
    count = standing.counts[rate]
    if not counts(count, target):
        few = f"at least {target.minimum_denominator or 1} are asked for"
        return NOTHING, f"{count.below} people are too few to count; {few}."
    if isinstance(payment.by_target, dict):
        reached = tier_reached(count, target)
        ids = [tier.id for tier in target.tiers]
        paid = [one for one in ids[: ids.index(reached.id) + 1] if one in payment.by_target] if reached else []
        return (payment.by_target[paid[-1]] if paid else NOTHING), f"Tier reached: {reached.id if reached else 'none'}."
    is_met = met(count, target)
    goal = f"Target {_bound(target, count.scoring == 'proportion')}: {'met' if is_met else 'not met'}."
    return (payment.by_target or NOTHING) if is_met else NOTHING, goal


def _next_amount(payment: SetPayment, standing: Standing, rate: RateKey, target: Target) -> Decimal | None:
    count = standing.counts[rate]
    people = count.below if payment.per_member is not None else 1
    if not isinstance(payment.by_target, dict):
        return None if met(count, target) else _cents(people * (payment.by_target or NOTHING))
    reached = tier_reached(count, target)
    ids = [tier.id for tier in target.tiers]
    higher = [one for one in ids[ids.index(reached.id) + 1 if reached else 0 :] if one in payment.by_target]
    return _cents(people * payment.by_target[higher[0]]) if higher else None


def _bound(target: Target, proportion: bool) -> str:
    bound = Decimal(target.bound.numerator) / Decimal(target.bound.denominator)
    return in_words(target.side, round(bound, 6)) if proportion else f"{target.side.replace('_', ' ')} {bound:.6g}"


# --- the whole program's ----------------------------------------------------------------------------------------------


def _of_program(contract: Contract, standing: Standing, payment: ProgramPayment) -> Amount:
    made = Amount(payment.id, payment.title or payment.id, None, None, False, payment.currency, payment.frequency, ())
    missing = lacking(payment, contract)
    if missing:
        return replace(made, steps=(f"Not computed: {', '.join(missing)} not among the measures or targets.",))
    value, steps, at_next = _formula(payment, contract, standing)
    if payment.needs is not None:
        verdict = judged(payment.needs, contract, standing)
        steps = (*verdict.steps, *(steps if verdict.holds else ("The condition does not hold: nothing is paid.",)))
        value, at_next = (value, at_next) if verdict.holds else (NOTHING, value)
    return replace(made, value=value, steps=steps, at_next=at_next)


def _formula(
    payment: ProgramPayment, contract: Contract, standing: Standing
) -> tuple[Decimal, tuple[str, ...], Decimal | None]:
    """The amount, its steps, and the amount one step higher."""
    currency = payment.currency
    if payment.shared_savings is not None:
        return _savings(payment.shared_savings, contract, standing, currency)
    if payment.pool is not None:
        return _pool(payment.pool, contract, standing, currency)
    each, lines, higher = _scaled(payment.flat if payment.flat is not None else payment.per_member, contract, standing)
    if payment.flat is not None:
        return _cents(each), (*lines, f"{each} {currency}."), higher if higher is None else _cents(higher)
    people = standing.members
    steps = (*lines, _times(people, each, currency))
    return _cents(people * each), steps, None if higher is None else _cents(people * higher)


def _pool(
    pool: Pool, contract: Contract, standing: Standing, currency: str
) -> tuple[Decimal, tuple[str, ...], Decimal | None]:
    share, lines, higher = _scaled(pool.share, contract, standing)
    value = _cents(pool.amount * share)
    line = f"{pool.amount} {currency} in the pool × {_percent(share)} = {value} {currency}."
    return value, (*lines, line), None if higher is None else _cents(pool.amount * higher)


def _savings(
    savings: SharedSavings, contract: Contract, standing: Standing, currency: str
) -> tuple[Decimal, tuple[str, ...], Decimal | None]:
    saved = savings.benchmark - savings.spent
    least = savings.benchmark * savings.minimum_savings
    lines = [f"{savings.benchmark} {currency} expected − {savings.spent} {currency} spent = {saved} {currency} saved."]
    if saved <= 0 or saved < least:
        asked = f"At least {_percent(savings.minimum_savings)} = {_cents(least)} {currency} are asked for"
        return NOTHING, (*lines, f"{asked}: nothing is shared."), None
    share, how, higher = _scaled(savings.share, contract, standing)
    value = _cents(saved * share)
    lines += [*how, f"{saved} {currency} × {_percent(share)} = {value} {currency}."]
    at_next = None if higher is None else _cents(saved * higher)
    if savings.cap is not None and value > savings.cap:
        lines.append(f"Never more than {savings.cap} {currency}.")
        value, at_next = savings.cap, None
    return value, tuple(lines), at_next if at_next is None or savings.cap is None else min(at_next, savings.cap)


def _scaled(
    amount: Decimal | Scale | None, contract: Contract, standing: Standing
) -> tuple[Decimal, tuple[str, ...], Decimal | None]:
    """What a formula pays: as it says, or by the last step that is reached; and what the next step pays."""
    if not isinstance(amount, Scale):
        return amount or NOTHING, (), None
    reading = read_off(amount.by, amount.of, contract, standing)
    reached = [step for step in amount.steps if reading.number >= Fraction(step.from_)]
    later = amount.steps[len(reached) :]
    line = f"Step reached: from {reached[-1].from_} on." if reached else f"Below the first step, {later[0].from_}."
    return reached[-1].pays if reached else NOTHING, (*reading.steps, line), later[0].pays if later else None


# --- gates ------------------------------------------------------------------------------------------------------------


def _gated(amount: Amount, contract: Contract, standing: Standing) -> Amount:
    """The amount once the program's gates are asked; a closed gate leaves nothing until it opens."""
    for gate in contract.program.gates:
        if gate.payments and amount.payment not in gate.payments:
            continue
        missing = lacking(gate.needs, contract)
        if missing:
            step = f"Gate {gate.id} not judged: {', '.join(missing)} not among the measures or targets."
            return replace(amount, value=None, at_next=None, steps=(*amount.steps, step))
        verdict = judged(gate.needs, contract, standing)
        amount = replace(amount, steps=(*amount.steps, *_gate_lines(gate, verdict.steps, holds=verdict.holds)))
        if not verdict.holds:
            amount = replace(amount, value=amount.value and NOTHING, at_next=amount.value or amount.at_next)
    return amount


def _gate_lines(gate: Gate, steps: Sequence[str], *, holds: bool) -> Iterator[str]:
    yield from steps
    yield f"Gate {gate.id}: {'open' if holds else 'closed, nothing is paid'}."


def _times(people: int, each: Decimal, currency: str) -> str:
    return f"{people} people × {each} {currency} = {people * each} {currency}."


def _percent(share: Decimal) -> str:
    return f"{(100 * share).normalize():f} %"


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, ROUND_HALF_UP)


__all__ = ["NOTHING", "Amount", "amounts", "total"]

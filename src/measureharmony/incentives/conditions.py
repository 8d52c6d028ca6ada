"""Whether a condition of a contract holds, said step by step; and the yardsticks by which programs pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from measureharmony.incentives.goals import counts, met, tier_reached
from measureharmony.incentives.standing import Standing
from measureharmony.measures.names import walk
from measureharmony.payers.contract import Contract
from measureharmony.payers.contract_tables import RateKey
from measureharmony.payers.payments import Condition, MetTargets, RateName, Scale, TierReached, Yardstick


@dataclass(frozen=True)
class Verdict:
    """Whether something holds, and the lines that show it."""

    holds: bool
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What a yardstick shows, and the lines that show it."""

    number: Fraction
    steps: tuple[str, ...]


def judged(condition: Condition, contract: Contract, standing: Standing) -> Verdict:
    """Whether ``condition`` holds."""
    if condition.met is not None:
        return _met_targets(condition.met, contract, standing)
    if condition.tier is not None:
        return _tier(condition.tier, contract, standing)
    if condition.score_at_least is not None:
        score = read_off("score", (), contract, standing)
        wanted = condition.score_at_least
        return Verdict(score.number >= wanted, (*score.steps, f"A score of at least {wanted} is asked for."))
    if condition.members_at_least is not None:
        enough = standing.members >= condition.members_at_least
        return Verdict(enough, (f"{standing.members} people in the program, {condition.members_at_least} asked for.",))
    parts = [judged(part, contract, standing) for part in condition.all or condition.any or ()]
    joined = all if condition.all is not None else any
    return Verdict(joined(part.holds for part in parts), tuple(step for part in parts for step in part.steps))


def read_off(by: Yardstick, of: Sequence[RateName], contract: Contract, standing: Standing) -> Reading:
    """What the yardstick ``by`` shows for the rates ``of`` (empty: all that have a target and earn something)."""
    rates = named(of, contract)
    if by == "score":
        return _score(rates, contract, standing)
    counting = [rate for rate in rates if counts(standing.counts[rate], contract.targets[rate])]
    reached = [rate for rate in counting if met(standing.counts[rate], contract.targets[rate])]
    told = f"Targets met: {len(reached)} of {len(rates)}"
    told += f", of which {len(counting)} have enough people" if len(counting) < len(rates) else ""
    step = f"{told} ({', '.join('.'.join(rate) for rate in reached) or 'none'})."
    if by == "met":
        return Reading(Fraction(len(reached)), (step,))
    return Reading(Fraction(len(reached), len(counting)) if counting else Fraction(0), (step,))


def named(of: Sequence[RateName], contract: Contract) -> list[RateKey]:
    """The rates that a formula speaks of; without names all that have a target and earn something."""
    if of:
        return [_key(name) for name in of]
    return [rate for rate in contract.rates if rate in contract.targets and not contract.reporting_only(rate)]


def lacking(part: object, contract: Contract) -> list[str]:
    """The measures that a condition or payment asks for and that are not evaluated, or have no target in force."""
    listed = [entry.measure for entry in contract.program.measures if not entry.reporting_only]
    there = {measure for measure, _ in contract.rates}
    found: list[str] = []
    for rate in _asked(part):
        if rate is None:
            found += [measure for measure in listed if measure not in there]
        elif rate not in contract.targets:
            found.append(".".join(rate))
    return list(dict.fromkeys(found))


def _asked(part: object) -> Iterator[RateKey | None]:
    """The rates that a condition or payment names; ``None`` stands for all."""
    for _, inner in walk(part):
        if isinstance(inner, MetTargets | Scale):
            yield from map(_key, inner.of)
            if not inner.of:
                yield None
        elif isinstance(inner, TierReached):
            yield _key(inner.rate)
        elif isinstance(inner, Condition) and inner.score_at_least is not None:
            yield None


def _met_targets(wanted: MetTargets, contract: Contract, standing: Standing) -> Verdict:
    reading = read_off("met" if wanted.count is not None else "share_met", wanted.of, contract, standing)
    if wanted.count is not None:
        return Verdict(reading.number >= wanted.count, (*reading.steps, f"{wanted.count} are asked for."))
    share = wanted.share or 0
    asked = f"{float(100 * reading.number):.1f} % of those that count; {100 * share:f} % are asked for."
    return Verdict(reading.number >= share, (*reading.steps, asked))


def _tier(wanted: TierReached, contract: Contract, standing: Standing) -> Verdict:
    rate = _key(wanted.rate)
    target = contract.targets[rate]
    tiers = [tier.id for tier in target.tiers]
    reached = tier_reached(standing.counts[rate], target)
    holds = reached is not None and tiers.index(reached.id) >= tiers.index(wanted.tier)
    told = f"{wanted.rate} has reached {reached.id if reached else 'no tier'}; {wanted.tier} is asked for."
    return Verdict(holds, (told,))


def _score(rates: Sequence[RateKey], contract: Contract, standing: Standing) -> Reading:
    """The weighted mean of the points of the rates that count: a tier's points, else 1 for a target met."""
    lines, total, weights = [], Fraction(0), Fraction(0)
    for rate in rates:
        count, target = standing.counts[rate], contract.targets[rate]
        if not counts(count, target):
            continue
        tier = tier_reached(count, target)
        with_points = any(one.points is not None for one in target.tiers)
        points = Fraction(tier.points or 0 if tier else 0) if with_points else Fraction(met(count, target))
        weight = Fraction(contract.weight(rate))
        total, weights = total + weight * points, weights + weight
        lines.append(f"{'.'.join(rate)} {_short(points)} × {_short(weight)}")
    score = total / weights if weights else Fraction(0)
    shown = f"Score: ({' + '.join(lines) or '0'}) ÷ {_short(weights)} = {_short(score)}."
    return Reading(score, (shown,))


def _short(number: Fraction) -> str:
    return f"{float(number):.4g}"


def _key(name: RateName) -> RateKey:
    measure, _, rate = name.partition(".")
    return measure, rate


__all__ = ["Reading", "Verdict", "judged", "lacking", "named", "read_off"]

"""A contract's targets and payments for one year, with everything filled in that files and the program say.

This is what ``measureharmony.incentives`` computes with: nothing about overlays, dates and tables is left to ask.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from measureharmony.measures.measure import Direction
from measureharmony.payers.contract_tables import ContractTables, RateKey
from measureharmony.payers.library import Programs
from measureharmony.payers.payments import SetPayment
from measureharmony.payers.program import Program
from measureharmony.payers.resolve import terms
from measureharmony.payers.targets import Improvement, Peers, Rounding, SetTarget, Side, Tier, exact
from measureharmony.payers.variant import CANONICAL, Variant

#: Where the bound that a rate must reach comes from.
TargetFrom = Literal["fixed", "cut_points", "improvement"]


@dataclass(frozen=True)
class Target:
    """What a rate must reach: ``bound``, on the side ``side``. ``tiers`` begin with the easiest."""

    side: Side
    bound: Fraction
    bound_from: TargetFrom
    tiers: tuple[Tier, ...] = ()
    minimum_denominator: int | None = None
    rounded_to: Rounding = "none"
    peers: Peers | None = None


@dataclass(frozen=True)
class Contract:
    """A program, and the targets and payments of its measures' rates in one year.

    ``rates`` are all rates of the measures that are evaluated; a payment may ask for others. ``ratios`` are those of
    them that are no proportions.
    """

    program: Program
    rates: tuple[RateKey, ...]
    targets: Mapping[RateKey, Target]
    payments: Mapping[RateKey, SetPayment]
    ratios: frozenset[RateKey] = frozenset()

    def weight(self, rate: RateKey) -> Decimal:
        """The weight of a rate in the quality score."""
        entry = self.program.listed(rate[0])
        return entry.weight if entry else Decimal(1)

    def reporting_only(self, rate: RateKey) -> bool:
        """Whether a rate earns nothing."""
        entry = self.program.listed(rate[0])
        return entry is not None and entry.reporting_only


def contracts(
    programs: Programs, chosen: Iterable[Variant], year: int, on: dt.date | None = None
) -> dict[str, Contract]:
    """The contracts behind the variants ``chosen``, by program, as they stand in ``year`` (as on the day ``on``)."""
    found: dict[str, list[Variant]] = {}
    for variant in chosen:
        if variant.program != CANONICAL:
            found.setdefault(variant.program, []).append(variant)
    return {key: _contract(programs, key, variants, year, on) for key, variants in found.items()}


def _contract(programs: Programs, key: str, variants: Iterable[Variant], year: int, on: dt.date | None) -> Contract:
    program = programs.programs[key]
    end = program.period.period(year).end
    program = program.on(min(end, on) if on else end)
    rates: list[RateKey] = []
    ratios: set[RateKey] = set()
    targets: dict[RateKey, Target] = {}
    payments: dict[RateKey, SetPayment] = {}
    for variant in variants:
        measure = variant.measure
        said = terms(program, programs.overlays.get((key, measure.measure)), year, on)
        for rate in measure.rates:
            name = (measure.measure, rate.id)
            rates.append(name)
            ratios |= set() if measure.scoring == "proportion" else {name}
            if rate.id in said.targets:
                direction = measure.direction_of(rate)
                targets[name] = _target(said.targets[rate.id], program, programs.tables, name, direction)
            if rate.id in said.payments:
                payments[name] = said.payments[rate.id]
    return Contract(program, tuple(rates), targets, payments, frozenset(ratios))


def _target(said: SetTarget, program: Program, tables: ContractTables, rate: RateKey, direction: Direction) -> Target:
    side: Side = said.side or ("at_least" if direction == "higher" else "at_most")
    tiers, bound = said.tiers, said.bound
    bound_from: TargetFrom = "fixed"
    if said.cut_points is not None:
        tiers = tables.cut_points[program.program, said.cut_points.file][rate]
        bound = next(tier.bound for tier in tiers if tier.id == said.cut_points.target)
        bound_from = "cut_points"
    goal = None if bound is None else Fraction(bound)
    if said.improvement is not None:
        baseline = tables.baselines[program.program, said.improvement.baseline][rate]
        improved = improved_bound(said.improvement, baseline, goal, side)
        easier = min if side == "at_least" else max
        if goal is None or easier(goal, improved) != goal:
            goal, bound_from = improved, "improvement"
    assert goal is not None  # the model asks for a bound, cut points or an improvement by points
    few = said.minimum_denominator or program.minimum_denominator
    return Target(side, goal, bound_from, tiers, few, said.rounded_to or program.rates_rounded_to, said.peers)


def improved_bound(improvement: Improvement, baseline: Fraction, goal: Fraction | None, side: Side) -> Fraction:
    """What a rate must reach to be better than its ``baseline`` by as much as is asked for."""
    sign = 1 if side == "at_least" else -1
    if improvement.points is not None:
        return baseline + sign * Fraction(exact(improvement.points))
    gap = max(Fraction(0), sign * ((goal or Fraction(0)) - baseline))
    share, least = Fraction(exact(improvement.share_of_gap or 0)), Fraction(exact(improvement.least))
    return baseline + sign * max(share * gap, least)


__all__ = ["Contract", "Target", "TargetFrom", "contracts", "improved_bound"]

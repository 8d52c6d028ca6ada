"""Variants → EvaluationPlan: names are looked up, windows become comparisons, equal parts become one node.

Three-valued logic is compiled, not carried: every condition that can be unknown has a "sure" form (certainly true) and
a possible form (not certainly false); ``not`` asks its part for the other form. Populations ask for the sure form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import cast

from measureharmony.collector import collector_paused
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.compile_events import EventCompiler
from measureharmony.evaluation.compile_numbers import number_node, number_within
from measureharmony.evaluation.conjuncts import Part, conjuncts, disjuncts, evidence_sets
from measureharmony.evaluation.last_days import last_day
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import CompiledRate, EvaluationPlan, Step
from measureharmony.measures.criterion import Age, Count, Criterion, CriterionRef, DaysCovered, Enrolled, Moment
from measureharmony.measures.measure import POPULATIONS, Episodes, Measure, Rate
from measureharmony.measures.names import Name
from measureharmony.payers.variant import Membership, Variant
from measureharmony.periods import day_number


@collector_paused()
def compile_plan(variants: Sequence[Variant], as_of: dt.date | None = None, *, shared: bool = True) -> EvaluationPlan:
    """One plan for all ``variants``; their order numbers them in the outcomes.

    ``as_of`` ends enrolment windows and membership at that date; hiding later events is the engine's part.
    """
    plan = EvaluationPlan(shared=shared)
    for index, variant in enumerate(variants):
        counted, home = variant.measure.subject, plan
        if isinstance(counted, Episodes):
            home = plan.of_episodes(Compiler(plan, variant, as_of).events(counted.episodes))
        compiler = Compiler(home, variant, as_of)
        home.rates.extend(compiler.rate(index, rate) for rate in variant.measure.rates)
    return plan


class Compiler(EventCompiler):
    """Compiles one variant into a plan. The evidence in force belongs to the population being compiled."""

    # --- rates ---

    def rate(self, index: int, rate: Rate) -> CompiledRate:
        """The nodes of a rate of the variant that is number ``index``."""
        populations: dict[str, NodeId] = {}
        steps: list[Step] = []
        alternatives: dict[str, tuple[Step, ...]] = {}
        inverse = self.measure.direction_of(rate) == "lower"
        for name in POPULATIONS:
            criterion = self.measure.population(rate, name)
            if criterion is None:
                continue
            with self.evidence_for(name):
                populations[name] = self.criterion(criterion)
                # Not to be in the numerator of an inverse rate is what is wanted: nothing fails there.
                if name in ("initial_population", "denominator") or (name == "numerator" and not inverse):
                    steps += self._steps(conjuncts, criterion)
                if name not in ("initial_population", "denominator") and (name != "numerator" or inverse):
                    alternatives[name] = self._steps(disjuncts, criterion)
        with self.evidence_for("numerator"):
            evidence = self.plan.add(n.LatestRow(self._evidence(rate)))
            values = tuple(self.plan.add(n.LatestRow((self.events(name),))) for name in rate.values)
            until = last_day(self, rate)
        observation = self.observation(rate)
        strata = tuple(Step(s.id, self.criterion(s.criterion)) for s in self.measure.strata)
        member = self.member(self.variant.membership) if self.variant.membership else None
        return CompiledRate(
            index, rate.id, populations, tuple(steps), alternatives, strata, evidence, values, inverse, member,
            observation, until,
        )  # fmt: skip

    def population(self, rate: Rate, name: str) -> NodeId | None:
        """The node of one population's own criterion, with the evidence that it accepts; ``None`` without one."""
        criterion = self.measure.population(rate, name)
        if criterion is None:
            return None
        with self.evidence_for(name):
            return self.criterion(criterion)

    def observation(self, rate: Rate) -> NodeId | None:
        """The node of the number that is kept of a subject; ``None`` without one."""
        if rate.observation is None:
            return None
        with self.evidence_for("numerator"):
            return number_node(self, rate.observation)

    def _steps(
        self, parts: Callable[[Measure, CriterionRef], tuple[Part, ...]], criterion: CriterionRef
    ) -> tuple[Step, ...]:
        """Those ``parts`` of a population's criterion that reports name."""

        def compiled() -> tuple[Step, ...]:
            return tuple(Step(label, self.criterion(part)) for label, part in parts(self.measure, criterion))

        return self.once(parts, criterion, compiled)

    def _evidence(self, rate: Rate) -> tuple[NodeId, ...]:
        asked = rate.evidence or self.measure.population(rate, "numerator")

        def compiled() -> tuple[NodeId, ...]:
            return tuple(dict.fromkeys(map(self.events, evidence_sets(self.measure, rate))))

        return self.once("evidence", asked, compiled)

    def member(self, membership: Membership) -> NodeId:
        """The node that yields for each subject whether the rate is about them."""
        end = min(self.variant.period.end, self.as_of or self.variant.period.end)
        start = min(self.variant.period.start, end) if membership.any_day else end
        own = membership.coverage
        return self.plan.add(
            n.ListedOn(
                program=membership.program if membership.by_roster else None,
                payer=own.payer,
                product_lines=own.product_lines,
                start=day_number(start),
                end=day_number(end),
            )
        )

    # --- subjects ---

    def criterion(self, criterion: CriterionRef, sure: bool = True) -> NodeId:
        """The node that yields for each subject whether a criterion is certainly (or possibly) true."""
        if isinstance(criterion, Name):
            return self.criterion(self.measure.criteria[criterion], sure)
        return self.once(("truth", sure), criterion, lambda: self._truth(criterion, sure))

    def _truth(self, criterion: Criterion, sure: bool) -> NodeId:
        if criterion.all is not None:
            return self._combine(n.All, [self.criterion(part, sure) for part in criterion.all])
        if criterion.any is not None:
            return self._combine(n.Any, [self.criterion(part, sure) for part in criterion.any])
        if criterion.not_ is not None:
            return self.plan.add(n.Not(self.criterion(criterion.not_, not sure)))
        if criterion.at_least is not None:
            parts = tuple(self.criterion(part, sure) for part in criterion.at_least.of)
            return self.plan.add(n.AtLeastOf(cast(int, criterion.at_least.n), parts))
        return self._leaf(criterion, sure)

    def _leaf(self, criterion: Criterion, sure: bool) -> NodeId:
        part = getattr(criterion, criterion.type)
        match criterion.type:
            case "always":
                return self.plan.add(n.Constant(part))
            case "sex" | "gender":
                return self.plan.add(n.PersonWord(criterion.type, part, sure))
            case "age":
                return self._age(part, sure)
            case "exists":
                return self.plan.add(n.Exists(self.events(part)))
            case "count":
                return self._count(part)
            case "days_covered":
                return self._days_covered(part)
            case "number":
                return self._combine(n.All, number_within(self, part, sure))
            case "enrolled":
                return self._enrolled(part)
            case "moment":
                return self._moment(part, sure)
        raise AssertionError(f"no way to compile a criterion of type {criterion.type}")

    def _combine(self, make: type[n.All] | type[n.Any], parts: list[NodeId]) -> NodeId:
        # Order does not matter to the result, and sorting lets rephrased-but-equal criteria share a node.
        unique = tuple(sorted(set(parts)))
        return unique[0] if len(unique) == 1 else self.plan.add(make(unique))

    def _age(self, age: Age, sure: bool) -> NodeId:
        from_, to = cast("int | None", age.from_), cast("int | None", age.to)
        return self.plan.add(n.AgeAt(self.operand(age.at), from_, to, age.unit == "months", sure))

    def _count(self, count: Count) -> NodeId:
        at_least, at_most = cast("int | None", count.at_least), cast("int | None", count.at_most)
        return self.plan.add(n.CountIs(self.events(count.of), at_least, at_most, count.distinct == "day"))

    def _moment(self, moment: Moment, sure: bool) -> NodeId:
        point = self.operand(moment.point)
        bounds = self.within_window(point, point, moment.in_, moment.precision == "exact")
        return self._combine(n.All, [self.plan.add(n.MomentIs(bound, sure)) for bound in bounds])

    def _days_covered(self, covered: DaysCovered) -> NodeId:
        start, end = self.first_and_last_day(covered.within)
        if not (start and end):
            return self.plan.add(n.Constant(False))  # no number of days is a share of for ever
        return self.plan.add(
            n.DaysCoveredAre(
                sets=tuple(sorted({self.events(item) for item in covered.of})),
                excepted=tuple(sorted({self.events(item) for item in covered.except_})),
                start=start,
                end=end,
                saved_up=covered.shift,
                at_least=cast("int | None", covered.at_least),
                share=None if covered.share is None else float(cast(float, covered.share)),
            )
        )

    def _enrolled(self, enrolled: Enrolled) -> NodeId:
        start, end = self.first_and_last_day(enrolled.window)
        if not (start and end):
            return self.plan.add(n.Constant(False))  # nobody is covered for ever
        own = self.variant.own if enrolled.payer == "own" else None
        return self.plan.add(
            n.EnrolledOver(
                start=start,
                end=end,
                latest_end=day_number(self.as_of) if self.as_of else None,
                gaps=cast(int, enrolled.gaps),
                gap_days=cast(int, enrolled.gap_days),
                anchor=self.operand(enrolled.anchor) if enrolled.anchor else None,
                payer=own.payer if own else None,
                product_lines=own.product_lines if own else (),
                benefits=enrolled.benefits,
            )
        )


__all__ = ["Compiler", "compile_plan"]

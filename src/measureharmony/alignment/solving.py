"""Asking the solver: whether somebody can be, and who with as little as possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

import z3

from measureharmony.alignment import plainness
from measureharmony.alignment.logic import Formula, implies
from measureharmony.alignment.plainness import Wish
from measureharmony.alignment.questions import Questions

Answer: TypeAlias = Literal["nobody", "somebody", "unknown"]
#: What the solver may spend on one question, in its own units (half a second or so each); the same on every machine.
EFFORT = 1_500_000
#: So many steps are taken towards somebody simple, unless said.
MOST_TRIES = 12


@dataclass(frozen=True)
class Model:
    """What the solver chose for everything that it may choose."""

    model: Any

    def holds(self, formula: Formula) -> bool:
        """Whether a formula holds of the somebody found."""
        return formula if isinstance(formula, bool) else z3.is_true(self.model.eval(formula, model_completion=True))

    def shows(self, formulas: Sequence[Formula]) -> bool:
        """Whether the somebody found meets all the formulas."""
        return all(self.holds(formula) for formula in formulas)

    def whole(self, term: Any) -> int:
        """A whole number of theirs."""
        return term if isinstance(term, int) else self.model.eval(term, model_completion=True).as_long()

    def number(self, term: Any) -> float:
        """A number of theirs."""
        value = self.model.eval(term, model_completion=True)
        return float(value.numerator_as_long()) / float(value.denominator_as_long())


class Solving:
    """The solver over the questions of one measure.

    ``tries``: wishes for somebody simple are given up in so many steps at the most; 0: whoever comes first.
    """

    def __init__(self, questions: Questions, effort: int = EFFORT, tries: int = MOST_TRIES):
        self.questions, self._tries = questions, tries
        self.world = questions.world
        self.world.solver.set("rlimit", effort)
        self._named: dict[int, tuple[Formula, Formula]] = {}
        self._found: list[Model] = []

    @cached_property
    def wishes(self) -> plainness.Wishes:
        """What somebody plain is like."""
        return plainness.Wishes(self.questions)

    def can_be(self, *formulas: Formula) -> Answer:
        """Whether somebody can meet all the formulas; "nobody" is a proof."""
        if any(formula is False for formula in formulas):
            return "nobody"
        if any(model.shows(formulas) for model in self._found):
            return "somebody"
        found = self.world.solver.check(*self._names(formulas))
        return "nobody" if found == z3.unsat else "somebody" if found == z3.sat else "unknown"

    def somebody(self, *formulas: Formula) -> Model | None:
        """Somebody plain who meets all the formulas, with little that they do not ask for; ``None``: none was found.

        Whoever was found for another question is asked first.
        """
        for model in self._found:
            if model.shows(formulas):
                return model
        found = self._new(formulas)
        if found is not None:
            self._found.append(found)
        return found

    def _new(self, formulas: Sequence[Formula]) -> Model | None:
        asked = [*self._names(formulas), *self.wishes.renew()]
        if self.world.solver.check(*asked) != z3.sat:
            return None
        found = Model(self.world.solver.model())
        if not self._tries:
            return found
        found = self._granted(asked, self.wishes.rows, found)
        there = [row for row in self.world.rows if found.holds(row.present)]
        return self._granted(asked, self.wishes.cells(there), found)

    def _granted(self, asked: list[Formula], wishes: Sequence[Wish], found: Model) -> Model:
        """Somebody of whom as many wishes are true as can be had without trying long; ``asked`` learns which."""
        asked += [wish.literal for wish in wishes if found.holds(wish.formula)]
        open_ = {wish.literal.get_id(): wish.literal for wish in wishes if not found.holds(wish.formula)}
        for _ in range(self._tries):
            if not open_:
                return found
            answer = self.world.solver.check(*asked, *open_.values())
            if answer == z3.sat:
                asked += open_.values()
                return Model(self.world.solver.model())
            core = [literal.get_id() for literal in self.world.solver.unsat_core()] if answer == z3.unsat else []
            given_up = [number for number in core if number in open_]
            for number in given_up:
                del open_[number]
            if not given_up:
                break
        return found

    def _names(self, formulas: Sequence[Formula]) -> list[Formula]:
        """A literal for each formula, which the solver can assume."""
        names = []
        for formula in formulas:
            if isinstance(formula, bool):
                continue
            if formula.get_id() not in self._named:
                name = self.world.logic.truth("asked")
                self.world.require(implies(name, formula))
                self._named[formula.get_id()] = name, formula
            names.append(self._named[formula.get_id()][0])
        return names


__all__ = ["EFFORT", "Answer", "Model", "Solving"]

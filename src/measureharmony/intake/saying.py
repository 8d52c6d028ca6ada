"""What a cell says of a measure: a change, the canonical value again, or something that a person has to read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from measureharmony.intake.cells import Result
from measureharmony.intake.knobs import Knob, knobs
from measureharmony.intake.profile import Written
from measureharmony.intake.table import Fact
from measureharmony.measures.measure import Measure, Rate

#: What stands under a change's key, as YAML has it.
Payload = Mapping[str, object]


@dataclass(frozen=True)
class Proposed:
    """A change that a cell seems to ask for: its key (``set_parameter``), what stands under it, and what to confirm."""

    kind: str
    payload: Payload
    confirm: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """What was made of a fact. ``comment``: what the draft should tell its reader without a change."""

    fact: Fact
    result: Result
    what: str
    change: Proposed | None = None
    comment: str = ""


@dataclass(frozen=True)
class About:
    """The measure that a row is about: linked, with the payer's words for it and how the payer writes values.

    ``months``: the length of the row's measurement period.
    """

    measure: Measure
    called: str
    written: Written = field(default_factory=Written)
    months: int = 12
    rate: Rate | None = None

    @cached_property
    def knobs(self) -> tuple[Knob, ...]:
        """The measure's parameters."""
        return knobs(self.measure)

    def main(self, *roles: str) -> list[Knob]:
        """The parameters of these roles that decide who counts or is met."""
        return [knob for knob in self.knobs if knob.role in roles and knob.is_main]


def not_understood(fact: Fact, why: str) -> Said:
    """A fact that a person has to place."""
    return Said(fact, "not understood", why)


def compared(fact: Fact, knob: Knob, value: float, confirm: Sequence[str] = ()) -> Said:
    """A parameter's value beside the canonical one: a change, or nothing where they are equal."""
    parameter = knob.parameter
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    if value == parameter.value:
        asked = f" ({'; '.join(confirm)})" if confirm else ""
        return Said(fact, "equal", f"{knob.name} is {parameter.value}{unit} in the canonical measure, too{asked}")
    payload: dict[str, object] = {"name": knob.name, "to": value}
    if unit:
        payload["unit"] = parameter.unit
    what = f"set_parameter {knob.name} {value}{unit} (canonical {parameter.value})"
    return Said(fact, "placed", what, Proposed("set_parameter", payload, tuple(confirm)))


def among_them(candidates: Sequence[Knob]) -> str:
    """Why words do not say which parameter is meant."""
    if not candidates:
        return "the measure has no parameter for it"
    return f"it may mean {' or '.join(knob.name for knob in candidates)}"


def rate_meant(measure: Measure, text: str) -> Rate | None:
    """The rate whose own words (and numbers) stand in a text; the only one there is; ``None`` if nobody can say."""
    if len(measure.rates) == 1:
        return measure.rates[0]
    words = {rate.id: _tokens(f"{rate.id} {rate.title}") for rate in measure.rates}
    common = set.intersection(*words.values())
    asked = _tokens(text)
    scored = sorted(((len((words[rate.id] - common) & asked), rate) for rate in measure.rates), key=lambda one: -one[0])
    is_clear = scored[0][0] > 0 and scored[0][0] > scored[1][0]
    return scored[0][1] if is_clear else None


def _tokens(text: str) -> set[str]:
    plain = re.sub(r"(\d+)\s*[-–]\s*(?=[a-z])", r"\1 ", text.casefold()).replace("_", " ")
    return {word for word in re.findall(r"[a-z0-9]+", plain) if word not in _EMPTY}


_EMPTY = {"the", "a", "of", "or", "and", "in", "for", "to", "no", "test", "result", "within", "by", "on"}

__all__ = ["About", "Payload", "Proposed", "Said", "among_them", "compared", "not_understood", "rate_meant"]

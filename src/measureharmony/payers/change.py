"""The closed set of changes by which one version of a measure differs from another.

What an edition changes in the shared parts is made of :class:`PartChange`, what it changes in a measure of
:class:`MeasureChange`, a payer's overlay of :class:`Change`: each has all kinds of the one before, and more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from measureharmony.measures.measure import Measure
from measureharmony.measures.names import Model, one_of
from measureharmony.measures.window import listed
from measureharmony.payers.changes_of_contract import (
    ContractPayload,
    RequireEnrolment,
    RestrictSources,
    SetCutOff,
    SetPayment,
    SetTarget,
    ShiftPeriod,
)
from measureharmony.payers.changes_of_measure import (
    EVERY_RATE,
    AddStratum,
    AddTo,
    AnyPart,
    ChooseRates,
    DropFrom,
    DropStratum,
    ExtendValueSet,
    MeasurePayload,
    NamedPart,
    Path,
    ReplacePopulation,
    SetDirection,
    SetEvidence,
    SetParameter,
    SwapValueSet,
    part_sentence,
)
from measureharmony.payers.program import Source

#: How far a change is settled. None is said of what its source says plainly and nobody doubts.
Status = Literal["proposed", "agreed", "disputed", "assumed"]
#: What a committee still has to deal with, the most pressing first.
OPEN: tuple[Status, ...] = ("disputed", "proposed", "assumed")
#: Who agrees: a payer, a physician organisation, or whoever else has a say. One may stand without a list.
Parties = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(listed)]

Payload: TypeAlias = MeasurePayload | ContractPayload

PART_KINDS = ("set_parameter", "replace", "define")
MEASURE_KINDS = (
    *PART_KINDS, "add_to", "drop_from", "replace_population", "swap_value_set", "extend_value_set", "choose_rates",
    "set_direction", "set_evidence", "add_stratum", "drop_stratum",
)  # fmt: skip
CHANGE_KINDS = (
    *MEASURE_KINDS, "restrict_sources", "require_enrolment", "shift_period", "set_cut_off", "set_target", "set_payment",
)  # fmt: skip


class PartChange(Model):
    """One change of a named part: exactly one of the kinds, and on whose word, and why."""

    KINDS: ClassVar[tuple[str, ...]] = PART_KINDS

    set_parameter: SetParameter | None = None
    replace: NamedPart | None = None
    define: NamedPart | None = None

    source: Source
    reason: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _one_kind(self) -> PartChange:
        one_of(self, *self.KINDS)
        return self

    @property
    def kind(self) -> str:
        """The key that is given: ``set_parameter``, ``replace`` …."""
        return next(kind for kind in self.KINDS if getattr(self, kind) is not None)

    @property
    def what(self) -> Payload:
        """What stands under that key."""
        payload: Payload = getattr(self, self.kind)
        return payload

    @property
    def path(self) -> Path:
        """What the change touches; no two changes of one set may touch the same."""
        what = self.what
        if isinstance(what, AnyPart):
            return (what.section, what.name)
        return what.path

    def sentence(self, measure: Measure) -> str:
        """What the change does to ``measure``, in plain words."""
        what = self.what
        if isinstance(what, AnyPart):
            return part_sentence(what, self.kind, measure)
        return what.sentence(measure)


class MeasureChange(PartChange):
    """One change of what a measure means, as its editions differ."""

    KINDS: ClassVar[tuple[str, ...]] = MEASURE_KINDS

    add_to: AddTo | None = None
    drop_from: DropFrom | None = None
    replace_population: ReplacePopulation | None = None
    swap_value_set: SwapValueSet | None = None
    extend_value_set: ExtendValueSet | None = None
    choose_rates: ChooseRates | None = None
    set_direction: SetDirection | None = None
    set_evidence: SetEvidence | None = None
    add_stratum: AddStratum | None = None
    drop_stratum: DropStratum | None = None


class Change(MeasureChange):
    """One change of a contract: what it changes, and from when, on whose word, why, and how far that is settled.

    ``agree`` are those who must agree to it, ``agreed_by`` those who have. What is ``proposed`` does not count yet;
    what is ``assumed`` (no document says it yet) or ``disputed`` counts until it is settled.
    """

    KINDS: ClassVar[tuple[str, ...]] = CHANGE_KINDS

    restrict_sources: RestrictSources | None = None
    require_enrolment: RequireEnrolment | None = None
    shift_period: ShiftPeriod | None = None
    set_cut_off: SetCutOff | None = None
    set_target: SetTarget | None = None
    set_payment: SetPayment | None = None

    effective: dt.date
    status: Status | None = None
    agree: Parties = ()
    agreed_by: Parties = ()

    @model_validator(mode="after")
    def _agreed_by_all(self) -> Change:
        missing = [party for party in self.agree if party not in self.agreed_by]
        if self.status == "agreed" and missing:
            raise ValueError(
                f"the status is 'agreed', but {', '.join(missing)} must agree and has not; "
                "add who has to agreed_by, or say status: proposed or disputed"
            )
        return self

    @property
    def counts(self) -> bool:
        """Whether it counts once it is effective: all do but what is only proposed."""
        return self.status != "proposed"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide or to confirm it."""
        return self.status in OPEN


def conflicts(changes: Sequence[PartChange]) -> Iterator[tuple[int, int]]:
    """Every two changes (by their place, from 0) that touch the same thing."""
    for (i, first), (j, second) in combinations(enumerate(changes), 2):
        if overlaps(first.path, second.path):
            yield i, j


def overlaps(first: Path, second: Path) -> bool:
    """Whether two changes touch the same thing: equal paths, or one inside the other."""
    return all(a == b or EVERY_RATE in (a, b) for a, b in zip(first, second, strict=False))


def path_text(path: Iterable[str]) -> str:
    """A path as messages show it: ``populations / numerator / every rate``."""
    return " / ".join("every rate" if step == EVERY_RATE else step for step in path)


__all__ = [
    "CHANGE_KINDS", "MEASURE_KINDS", "OPEN", "PART_KINDS", "Change", "MeasureChange", "PartChange", "Payload", "Status",
    "conflicts", "overlaps", "path_text",
]  # fmt: skip

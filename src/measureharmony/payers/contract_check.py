"""Do a program's targets, payments and gates fit its measures, its tables and each other?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from measureharmony.errors import Issue
from measureharmony.measures.measure import Measure
from measureharmony.measures.names import walk
from measureharmony.measures.plain_words import plain
from measureharmony.measures.shape import suggestion
from measureharmony.measures.yaml_lines import Document, Place
from measureharmony.payers.change import Change
from measureharmony.payers.changes_of_measure import ChooseRates, SetDirection
from measureharmony.payers.contract_tables import ContractTables, RateKey
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.payments import MetTargets, RateName, Scale, SetPayment, TierReached
from measureharmony.payers.program import Program
from measureharmony.payers.targets import SetTarget


@dataclass(frozen=True)
class Written:
    """A program as its files say it: the overlays with their documents, by measure; its measures, and its tables."""

    program: Program
    document: Document
    overlays: Mapping[str, tuple[Overlay, Document]]
    measures: Mapping[str, Measure]
    tables: ContractTables

    @property
    def home(self) -> Path:
        """The program's folder."""
        return self.document.path.parent

    def rates(self) -> list[RateKey]:
        """The rates of the measures that the program lists, of those that its overlays keep."""
        keys = [entry.measure for entry in self.program.measures if entry.measure in self.measures]
        return [(key, rate.id) for key in keys for rate in self.measures[key].rates if rate.id in self._kept(key)]

    def _kept(self, measure: str) -> set[str]:
        chosen = [one.what for one in self._counted(measure) if isinstance(one.what, ChooseRates)]
        return set(chosen[-1].rates) if chosen else {rate.id for rate in self.measures[measure].rates}

    def _counted(self, measure: str) -> tuple[Change, ...]:
        overlay = self.overlays.get(measure)
        return overlay[0].counted if overlay else ()

    def target(self, rate: RateKey) -> SetTarget | None:
        """The target of a rate, whenever it begins to be one."""
        changes = [change.what for change in self._counted(rate[0])]
        return next((one for one in changes if isinstance(one, SetTarget) and one.rate == rate[1]), None)

    def tiers(self, rate: RateKey) -> tuple[str, ...]:
        """The tiers of a rate's target."""
        target = self.target(rate)
        if target is None or target.cut_points is None:
            return () if target is None else tuple(tier.id for tier in target.tiers)
        table = self.tables.cut_points.get((self.program.program, target.cut_points.file), {})
        return tuple(tier.id for tier in table.get(rate, ()))


def contract_issues(written: Written) -> Iterator[Issue]:
    """Everything about money and targets that does not fit, each with its place."""
    for measure, (overlay, document) in written.overlays.items():
        for index, change in enumerate(overlay.changes):
            place: Place = ("changes", index, change.kind)
            if isinstance(change.what, SetTarget):
                yield from _target(change.what, written, (measure, change.what.rate), document, place)
            elif isinstance(change.what, SetPayment):
                yield from _payment(change.what, written, (measure, change.what.rate), document, place)
    yield from _named(written)
    yield from _gated(written)
    yield from _currencies(written)


# --- targets ----------------------------------------------------------------------------------------------------------


def _target(target: SetTarget, written: Written, rate: RateKey, document: Document, place: Place) -> Iterator[Issue]:
    measure = written.measures.get(rate[0])
    if measure is None or rate[1] not in [one.id for one in measure.rates]:
        return  # the overlay's own check says so
    if measure.scoring == "proportion":
        for name, bound in (("at_least", target.at_least), ("at_most", target.at_most)):
            if bound is not None and bound > 1:
                what = f"{name} is {bound:g}, but {'.'.join(rate)} is a proportion, which is at most 1"
                yield document.issue((*place, name), "change-bad-target", what, "write 72 % as 0.72")
    if target.side is not None and target.side != _side(written, measure, rate[1]):
        better = "higher" if target.side == "at_most" else "lower"
        what = f"{'.'.join(rate)} is better when it is {better}, but the target is {plain(target.side)} something"
        fix = f"say {_side(written, measure, rate[1])}; a published complement is one minus it"
        yield document.issue((*place, target.side), "change-bad-target", what, fix)
    yield from _tables(target, written, rate, document, place)


def _side(written: Written, measure: Measure, rate_id: str) -> str:
    rate = next(one for one in measure.rates if one.id == rate_id)
    direction = measure.direction_of(rate)
    overlay = written.overlays.get(measure.measure)
    for change in overlay[0].counted if overlay else ():
        if isinstance(change.what, SetDirection) and change.what.rate in (None, rate_id):
            direction = change.what.to
    return "at_least" if direction == "higher" else "at_most"


def _tables(target: SetTarget, written: Written, rate: RateKey, document: Document, place: Place) -> Iterator[Issue]:
    key = written.program.program
    if target.cut_points is not None:
        here = (*place, "cut_points")
        table = written.tables.cut_points.get((key, target.cut_points.file))
        yield from _has_row(written, table, target.cut_points.file, rate, document.issue, (*here, "file"))
        tiers = (table or {}).get(rate, ())
        if tiers and target.cut_points.target not in [tier.id for tier in tiers]:
            what = f"{target.cut_points.file} has no tier '{target.cut_points.target}' of {'.'.join(rate)}"
            fix = suggestion(target.cut_points.target, [tier.id for tier in tiers])
            yield document.issue((*here, "target"), "change-unknown-tier", what, fix)
        measure = written.measures[rate[0]]
        if tiers and tiers[0].side != _side(written, measure, rate[1]):
            said = f"{target.cut_points.file} says {plain(tiers[0].side)} for {'.'.join(rate)}"
            what = f"{said}, for which the other way is better"
            yield document.issue((*here, "file"), "change-bad-target", what, "use the other column of bounds")
    if target.improvement is not None:
        file = target.improvement.baseline
        known = written.tables.baselines.get((key, file))
        yield from _has_row(written, known, file, rate, document.issue, (*place, "improvement", "baseline"))


def _has_row(
    written: Written,
    table: Mapping[RateKey, object] | None,
    file: str,
    rate: RateKey,
    issue: Callable[[Place, str, str, str], Issue],
    place: Place,
) -> Iterator[Issue]:
    if not (written.home / file).is_file():
        what = f"there is no {file} beside the program's file"
        yield issue(place, "program-table-missing", what, "put the table there, or correct its name")
    elif table and rate not in table:  # an unreadable table says so itself
        what = f"{file} has no row of {'.'.join(rate)}"
        yield issue(place, "program-table-row", what, f"add a row that begins with {','.join(rate)}")


# --- payments and gates -----------------------------------------------------------------------------------------------


def _payment(payment: SetPayment, written: Written, rate: RateKey, document: Document, place: Place) -> Iterator[Issue]:
    entry = written.program.listed(rate[0])
    if entry is not None and entry.reporting_only:
        what = f"{rate[0]} is reporting only in this program, but is paid for here"
        yield document.issue(place, "change-reporting-only", what, "remove the payment, or reporting_only")
    if payment.by_target is None:
        return
    if written.target(rate) is None:
        what = f"the payment for {'.'.join(rate)} asks for its target, but it has none"
        yield document.issue(place, "change-no-target", what, "add set_target, or pay per_gap")
        return
    for tier in payment.tiers:
        if tier not in written.tiers(rate):
            what = f"the target of {'.'.join(rate)} has no tier '{tier}'"
            fix = suggestion(tier, written.tiers(rate), "add tiers to set_target")
            yield document.issue(place, "change-unknown-tier", what, fix)


def _named(written: Written) -> Iterator[Issue]:
    """Rates and tiers that gates and payments of the program name."""
    known = written.rates()
    for section in ("gates", "payments"):
        for path, part in walk(getattr(written.program, section), (section,)):
            names = part.of if isinstance(part, MetTargets | Scale) else ()
            for index, name in enumerate(names):
                yield from _rate(written, known, name, (*path, "of", index))
            if isinstance(part, TierReached):
                yield from _rate(written, known, part.rate, (*path, "rate"))
                rate = _key(part.rate)
                if rate in known and written.target(rate) and part.tier not in written.tiers(rate):
                    what = f"the target of {part.rate} has no tier '{part.tier}'"
                    fix = suggestion(part.tier, written.tiers(rate), "add tiers to its set_target")
                    yield written.document.issue((*path, "tier"), "program-unknown-tier", what, fix)


def _rate(written: Written, known: list[RateKey], name: RateName, place: Place) -> Iterator[Issue]:
    issue, rate = written.document.issue, _key(name)
    if rate[0] not in written.measures and written.program.listed(rate[0]):
        return  # the program's line about the measure says so
    if rate not in known:
        what = f"the program measures no rate '{name}'"
        fix = suggestion(
            name, [".".join(one) for one in known if one[0] == rate[0]] or [".".join(one) for one in known]
        )
        yield issue(place, "program-unknown-rate", what, fix)
        return
    entry = written.program.listed(rate[0])
    if entry is not None and entry.reporting_only:
        what = f"{rate[0]} is reporting only, but counts here"
        yield issue(place, "program-reporting-only", what, "remove it here, or remove reporting_only")
    if written.target(rate) is None:
        fix = f"add set_target to {rate[0]}.yaml, or remove the rate here"
        yield issue(place, "program-no-target", f"{name} has no target that could be met", fix)


def _gated(written: Written) -> Iterator[Issue]:
    """Payments that gates name."""
    known = [payment.id for payment in written.program.payments]
    for measure, (overlay, _) in written.overlays.items():
        paid = (change.what for change in overlay.counted)
        known += [f"{measure}.{what.rate}" for what in paid if isinstance(what, SetPayment)]
    for number, gate in enumerate(written.program.gates):
        for index, name in enumerate(gate.payments):
            if name not in known:
                what = f"the program has no payment '{name}'"
                place: Place = ("gates", number, "payments", index)
                yield written.document.issue(place, "program-unknown-payment", what, suggestion(name, known))


def _currencies(written: Written) -> Iterator[Issue]:
    """A program pays in one currency, so that its payments can be added up."""
    places = [
        (change.what.currency, document, ("changes", index, change.kind))
        for overlay, document in written.overlays.values()
        for index, change in enumerate(overlay.changes)
        if isinstance(change.what, SetPayment)
    ]
    own = enumerate(written.program.payments)
    places += [(payment.currency, written.document, ("payments", index, "currency")) for index, payment in own]
    for currency, document, place in places:
        if currency != places[0][0]:
            what = f"the program pays in {places[0][0]} elsewhere, and in {currency} here"
            yield document.issue(place, "program-two-currencies", what, "use one currency in one program")


def _key(name: RateName) -> RateKey:
    measure, _, rate = name.partition(".")
    return measure, rate


__all__ = ["Written", "contract_issues"]

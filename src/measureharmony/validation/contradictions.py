"""Contradictions of a contract: what nobody can be, proved, and which of its changes make it so.

Needs the solver; import it late. A change is responsible when the contradiction goes with it: the version without it
(and with every other change) is asked again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from measureharmony.alignment import Contradiction, Seen, empty_populations, unreachable_by
from measureharmony.choosing import choose
from measureharmony.errors import Issue
from measureharmony.measures.plain_words import listed
from measureharmony.payers import CANONICAL, Variant, terms
from measureharmony.payers.causes import PERIOD, Cause
from measureharmony.payers.changes_of_contract import SetCutOff
from measureharmony.payers.contrast import Contrast, contrasts
from measureharmony.payers.program import CutOffs
from measureharmony.specs import Specs
from measureharmony.validation.finding import Finding, Related
from measureharmony.validation.program_folder import FileLine, ProgramFolder

#: Sources whose evidence comes by claims; all others are supplemental.
_BY_CLAIMS = {"claim", "pharmacy_claim"}
_EMPTY, _ALL_EXCLUDED = "contradiction-empty-population", "contradiction-all-excluded"
_TOO_LATE = "contradiction-too-late"


@dataclass(frozen=True)
class _Told:
    """What is wrong with one version of a measure: as a finding says it, and whether another version has it, too."""

    code: str
    what: str
    still: Callable[[Variant], bool]


def contradictions(read: ProgramFolder, year: int | None = None) -> Iterator[Finding]:
    """A finding for each contradiction, at the first of the changes that make it."""
    if read.program is None or not read.measures:
        return
    year = year or read.program.edition
    found = choose(read.specs, year, None, [read.program.program], read.measures, read.edition)
    compared = contrasts(read.specs.programs, read.specs.of_edition(read.edition), found, CANONICAL, year)
    by_measure = {one.after.variant.measure.measure: one for one in compared}
    own = [variant for variant in found if variant.program != CANONICAL]
    seen = Seen(read.specs, own)
    for variant in own:
        for told in _of_variant(read, variant, year, seen):
            yield _finding(read, by_measure[variant.measure.measure], told)


# --- what is contradictory -------------------------------------------------------------------------------------------


def _of_variant(read: ProgramFolder, variant: Variant, year: int, seen: Seen) -> Iterator[_Told]:
    for one in empty_populations(read.specs, variant, seen):
        what = f"{variant.measure.measure}, rate {one.rate}: {one.sentence}"
        yield _Told(_ALL_EXCLUDED if one.all_excluded else _EMPTY, what, _still_empty(read.specs, one))
    day = _last_day(read, variant, year)
    if day is None:
        return
    for rate in unreachable_by(read.specs, variant, day, seen):
        what = (
            f"{variant.measure.measure}, rate {rate}: nobody can get what is wanted by {day}, the last day on which "
            "evidence may arrive; what it asks for happens later"
        )
        yield _Told(_TOO_LATE, what, _still_too_late(read.specs, rate, day))


def _still_empty(specs: Specs, one: Contradiction) -> Callable[[Variant], bool]:
    def still(variant: Variant) -> bool:
        found = empty_populations(specs, variant)
        return any((other.rate, other.place) == (one.rate, one.place) for other in found)

    return still


def _still_too_late(specs: Specs, rate: str, day: dt.date) -> Callable[[Variant], bool]:
    return lambda variant: rate in unreachable_by(specs, variant, day)


def _last_day(read: ProgramFolder, variant: Variant, year: int) -> dt.date | None:
    """The last day on which evidence for the numerator may arrive; ``None`` where some may arrive on any day."""
    assert read.program is not None  # nobody asks without
    days = terms(read.program, read.overlay(variant.measure.measure), year).cut_offs or CutOffs.model_construct()
    sources = set(variant.sources.get("numerator", ()))
    own = [days.claims] if not sources or sources & _BY_CLAIMS else []
    own += [days.supplemental] if not sources or sources - _BY_CLAIMS else []
    known = [day for day in own if day is not None]
    return max(known) if len(known) == len(own) else None


# --- who is responsible ----------------------------------------------------------------------------------------------


def _finding(read: ProgramFolder, contrast: Contrast, told: _Told) -> Finding:
    measure = contrast.after.variant.measure.measure
    groups = _responsible(contrast, told.still)
    places = [Related(*_place(read, cause, measure), cause.sentence) for group in groups for cause in group]
    if told.code == _TOO_LATE:
        places.insert(0, Related(*_cut_off_place(read, measure), "the last day"))
    file, line = (places[0].file, places[0].line) if places else read.at_measure(measure)
    return Finding(Issue(file, line, told.code, told.what, _fix(groups, told.code)), (measure,), tuple(places[1:]))


def _responsible(contrast: Contrast, still: Callable[[Variant], bool]) -> list[list[Cause]]:
    """Smallest sets of causes without which it is possible again: all single ones, else one set; none, if none is."""
    every, causes = contrast.every_cause, contrast.causes
    alone = [cause for bit, cause in enumerate(causes) if not still(contrast.variant(every & ~(1 << bit)))]
    if alone:
        return [[cause] for cause in alone]
    if still(contrast.variant(0)):
        return []
    kept = 0
    for bit in range(len(causes)):  # put back whatever may stay
        if not still(contrast.variant(kept | 1 << bit)):
            kept |= 1 << bit
    return [[cause for bit, cause in enumerate(causes) if not kept >> bit & 1]]


def _place(read: ProgramFolder, cause: Cause, measure: str) -> FileLine:
    """File and line of a cause: the first of its changes, or what the program says of its period and coverage."""
    if cause.after:
        return read.at_change(cause.after[0], measure)
    return read.at("period" if cause.path == PERIOD else "product_lines")


def _cut_off_place(read: ProgramFolder, measure: str) -> FileLine:
    overlay = read.overlay(measure)
    own = [change for change in (overlay.counted if overlay else ()) if isinstance(change.what, SetCutOff)]
    return read.at_change(own[0], measure) if own else read.at("cut_offs")


def _fix(groups: list[list[Cause]], code: str) -> str:
    later = ["move the last day"] if code == _TOO_LATE else []
    if not groups:
        return ", or ".join([*later, "mend the measure: canonical says so, too, without this contract's changes"])
    names = [listed([f"'{cause.sentence}'" for cause in group], "and") for group in groups]
    return ", or ".join([*later, f"mend or leave out {listed(names)}"]) + ": without that it is possible"


__all__ = ["contradictions"]

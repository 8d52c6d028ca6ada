"""What changed between two dates, or two revisions of the specs, for those who have to agree about it.

Between two dates, changes are told that become effective after the first and up to the second. Between two revisions,
the specs of both are compared by what they mean, and changes whose status is another are told beside. Whatever is still
open comes first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson

from measureharmony.comparison.compare import compare
from measureharmony.comparison.difference import AxisDifference, Citation
from measureharmony.comparison.revisions import specs_at
from measureharmony.comparison.version import version_of
from measureharmony.errors import UsageError
from measureharmony.measures.measure import Measure
from measureharmony.payers import CANONICAL
from measureharmony.payers.apply import applied
from measureharmony.payers.change import OPEN, Change
from measureharmony.payers.parts import with_shared_parts
from measureharmony.spec_files import spec_folder
from measureharmony.specs import Specs, load_specs


@dataclass(frozen=True)
class Entry:
    """One thing that changed (or is open): whose, in which measure (empty: all of them), what, and on whose word."""

    program: str
    measure: str
    sentence: str
    citations: tuple[Citation, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """As plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Changelog:
    """What changed from ``before`` to ``after``, and what is ``open`` then. ``titles`` are of programs and measures."""

    before: str
    after: str
    open: tuple[Entry, ...]
    changes: tuple[Entry, ...]
    titles: dict[str, str]

    def to_json(self) -> str:
        """As a JSON object."""
        data = {"before": self.before, "after": self.after}
        lists = {"open": [one.to_dict() for one in self.open], "changes": [one.to_dict() for one in self.changes]}
        return orjson.dumps({**data, **lists}, option=orjson.OPT_INDENT_2).decode()


def between(before: str, after: str, folder: Path | None = None) -> Changelog:
    """The changelog of a folder of specs (default: the shipped ones) between two dates, or two git revisions.

    :class:`UsageError` where one is a date and the other is none, and as the two functions below.
    """
    dates = [_date(text) for text in (before, after)]
    if dates[0] and dates[1]:
        return between_dates(load_specs(folder), dates[0], dates[1])
    if any(dates):
        raise UsageError(f"{before} and {after} are a date and a revision. Give two dates, or two revisions.")
    return between_revisions(folder or spec_folder(), before, after)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def between_dates(specs: Specs, before: dt.date, after: dt.date) -> Changelog:
    """The changes that become effective after ``before`` and up to ``after``; proposals would, were they agreed.

    :class:`UsageError` when ``after`` is not the later one.
    """
    if after <= before:
        raise UsageError(f"{after} is not after {before}. Give the earlier date first.")
    every = list(_every_change(specs))
    told = [_entry(specs, *one) for one in every if before < one[2].effective <= after]
    return Changelog(str(before), str(after), _open(specs, every), tuple(told), _titles(specs))


def between_revisions(folder: Path, before: str, after: str) -> Changelog:
    """What is different in the specs of ``folder`` at revision ``after``, set against those at ``before``.

    :class:`UsageError` where a revision cannot be read (see :func:`~measureharmony.comparison.revisions.specs_at`).
    """
    with specs_at(folder, before) as old, specs_at(folder, after) as new:
        told = [*_programs(old, new), *_meaning(old, new), *_settled(old, new)]
        titles = {**_titles(old), **_titles(new)}
        return Changelog(before, after, _open(new, _every_change(new)), tuple(told), titles)


# --- changes by their dates -----------------------------------------------------------------------------------------

_OfOverlay = tuple[str, str, Change]


def _every_change(specs: Specs) -> Iterator[_OfOverlay]:
    """Program, measure and change, in the order of programs and dates."""
    for (program, measure), overlay in sorted(specs.programs.overlays.items()):
        for change in sorted(overlay.changes, key=lambda change: (change.effective, change.path)):
            yield program, measure, change


def _entry(specs: Specs, program: str, measure: str, change: Change) -> Entry:
    return Entry(program, measure, _sentence(specs, program, measure, change), (Citation.of_change(program, change),))


def _sentence(specs: Specs, program: str, key: str, change: Change) -> str:
    """The change in plain words; parts that the same overlay defines are known to it."""
    library = specs.editions.libraries.get(specs.programs.programs[program].edition, specs.canonical)
    measure: Measure | None = library.measures.get(key)
    if measure is None:
        return f"{change.kind}: {' '.join(change.path)}"
    whole = with_shared_parts(measure, library.shared)
    others = [one for one in specs.programs.overlays[program, key].changes if one.kind == "define"]
    return change.sentence(applied(whole, others))


def _open(specs: Specs, every: Iterable[_OfOverlay]) -> tuple[Entry, ...]:
    """What is disputed, proposed or assumed, in this order."""
    found = [one for one in every if one[2].is_open]
    found.sort(key=lambda one: OPEN.index(one[2].status or "assumed"))
    return tuple(_entry(specs, *one) for one in found)


def _titles(specs: Specs) -> dict[str, str]:
    measures = {key: measure.title for key, measure in specs.canonical.measures.items()}
    return {**measures, **specs.programs.titles}


# --- two revisions --------------------------------------------------------------------------------------------------


def _programs(old: Specs, new: Specs) -> Iterator[Entry]:
    """Programs and measures that came or went."""
    for key in sorted(old.canonical.measures.keys() ^ new.canonical.measures.keys()):
        word = "A new measure" if key in new.canonical.measures else "The measure is no longer there"
        yield Entry(CANONICAL, key, word)
    for key in sorted(old.programs.programs.keys() ^ new.programs.programs.keys()):
        word = "A new program" if key in new.programs.programs else "The program is no longer there"
        yield Entry(key, "", word)
    for key in sorted(old.programs.programs.keys() & new.programs.programs.keys()):
        listed = [{entry.measure for entry in specs.programs.programs[key].measures} for specs in (old, new)]
        for measure in sorted(listed[0] ^ listed[1]):
            yield Entry(key, measure, "Newly in the program" if measure in listed[1] else "No longer in the program")


def _meaning(old: Specs, new: Specs) -> Iterator[Entry]:
    """What the canonical measures, and programs' versions of them, mean otherwise; what both changed is told once."""
    before, after = version_of(old, CANONICAL), version_of(new, CANONICAL)
    common = compare(new, before, after)
    told = {(one.measure, one.sentence) for one in common.differences}
    yield from (_of_difference(CANONICAL, one) for one in common.differences)
    for key in sorted(old.programs.programs.keys() & new.programs.programs.keys()):
        found = compare(new, version_of(old, key, known=before), version_of(new, key, known=after))
        for one in found.differences:
            if (one.measure, one.sentence) not in told:
                yield _of_difference(key, one)


def _of_difference(program: str, one: AxisDifference) -> Entry:
    # Both sides are versions of one program: whose a citation is, is said by the program already.
    return Entry(program, one.measure, one.sentence, tuple(replace(cited, whose=program) for cited in one.citations))


def _settled(old: Specs, new: Specs) -> Iterator[Entry]:
    """Changes that say what they said, but are agreed, disputed … now; and new proposals, which change nothing yet."""
    before = {(program, measure, change.kind, change.path): change for program, measure, change in _every_change(old)}
    for program, measure, change in _every_change(new):
        known = before.get((program, measure, change.kind, change.path))
        if known is not None and known.what == change.what and known.status != change.status:
            sentence = (
                f"{_status(change)} (before: {_status(known).lower()}): {_sentence(new, program, measure, change)}"
            )
            yield replace(_entry(new, program, measure, change), sentence=sentence)
        elif not change.counts and (known is None or known.what != change.what):
            sentence = f"Proposed: {_sentence(new, program, measure, change)}"
            yield replace(_entry(new, program, measure, change), sentence=sentence)


def _status(change: Change) -> str:
    return (change.status or "not in question").capitalize()


__all__ = ["Changelog", "Entry", "between", "between_dates", "between_revisions"]

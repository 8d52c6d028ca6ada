"""A payer's list read with its profile: one row per person and rate, every cell that is not understood told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path

import pyarrow as pa

from measureharmony.errors import UsageError
from measureharmony.measures.shape import suggestion
from measureharmony.payers.program import Program
from measureharmony.payers.variant import Variant
from measureharmony.reconciliation.profile import Profile, ReconciliationError
from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.sources.sheets import TABLES, read_sheets

_TEXT = ("member_id", "person_id", "name", "measure", "rate", "status", "value_text")
SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        *((name, pa.string()) for name in _TEXT),
        ("birth", pa.date32()),
        ("date", pa.date32()),
        ("value", pa.float64()),
    ]
)

#: So many different unknown words are quoted.
_MOST_WORDS = 12
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")


class _Complaints(Complaints):
    family = "reconciliation"


def read_list(path: Path, profile: Profile, program: Program, variants: Sequence[Variant]) -> pa.Table:
    """The rows of a payer's list (see :data:`SCHEMA`), in file order.

    :class:`ReconciliationError` with every heading, measure, status and date that is not understood, by row.
    """
    if path.suffix.lower() not in TABLES:
        raise UsageError(f"{path} is no table. A payer's list is one of: {', '.join(TABLES)}.")
    complaints = _Complaints(path)
    sheets = read_sheets(complaints)
    named = [sheet for sheet in sheets if profile.sheet in (None, sheet.name)]
    if not named and not complaints.issues:
        fix = suggestion(profile.sheet or "", {sheet.name for sheet in sheets})
        complaints.add(0, "no-sheet", f"there is no sheet '{profile.sheet}'", fix)
    rows = list(_Reader(profile, _rates(profile, program, variants), complaints).rows(named[0].rows)) if named else []
    if complaints.issues:
        raise ReconciliationError(complaints.issues)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _rates(profile: Profile, program: Program, variants: Sequence[Variant]) -> dict[str, tuple[str, str]]:
    """The measure and rate behind each of the payer's words, and ours, in small letters."""
    own = {v.measure.measure: [rate.id for rate in v.measure.rates] for v in variants if v.program == program.program}
    found: dict[str, tuple[str, str]] = {}
    for measure, rates in own.items():
        found |= {f"{measure}.{rate}": (measure, rate) for rate in rates}
        if len(rates) == 1:
            entry = program.listed(measure)
            words = (measure, entry.id if entry else None, entry.title if entry else None)
            found |= {word.casefold(): (measure, rates[0]) for word in words if word}
    for theirs, ours in profile.measures.items():
        if ours.casefold() not in found:
            fix = suggestion(ours, set(found))
            raise UsageError(
                f"The profile means '{ours}' by '{theirs}', which {program.program} does not count; {fix}."
            )
        found[theirs.casefold()] = found[ours.casefold()]
    return found


class _Reader:
    def __init__(self, profile: Profile, rates: Mapping[str, tuple[str, str]], complaints: Complaints):
        self.profile, self.rates, self.complaints = profile, rates, complaints
        self.statuses = {word.casefold(): status for word, status in profile.statuses.items()}
        #: In which rows words stand that are not known: of measures and of statuses.
        self.unknown: dict[str, dict[str, list[int]]] = {"measure": {}, "status": {}}

    def rows(self, rows: Sequence[tuple[int, list[str]]]) -> Iterator[dict[str, object]]:
        headings = next((cells for number, cells in rows if number == self.profile.header_row), [])
        self._missing(headings)
        if self.complaints.issues:
            return
        place = {holds: headings.index(heading) for heading, holds in self.profile.columns.items()}
        for number, cells in rows:
            if number > self.profile.header_row:
                yield self._row(number, {h: cells[at] for h, at in place.items() if at < len(cells) and cells[at]})
        self._tell_unknown()

    def _missing(self, headings: Sequence[str]) -> None:
        """Headings of the profile that are not there. A row without any may be somebody's; it is not quoted."""
        wanted, row = set(self.profile.columns), self.profile.header_row
        if not wanted & set(headings):
            fix = "say in which row the headings stand (header_row), or correct them under columns"
            self.complaints.add(row, "no-column", f"none of the headings under columns stands in row {row}", fix)
            return
        for heading in sorted(wanted - set(headings)):
            self.complaints.add(
                row, "no-column", f"there is no heading '{heading}'", suggestion(heading, set(headings))
            )

    def _row(self, number: int, cells: Mapping[str, str]) -> dict[str, object]:
        measure, rate = self._measure(number, cells.get("measure", ""))
        return {
            "row": number,
            **{name: cells.get(name) for name in ("member_id", "person_id", "name")},
            "measure": measure,
            "rate": rate,
            "status": self._status(number, cells.get("status")),
            "value_text": cells.get("value"),
            "value": _number(cells.get("value")),
            "birth": self._date(number, "birth", cells.get("birth")),
            "date": self._date(number, "date", cells.get("date")),
        }

    def _measure(self, number: int, text: str) -> tuple[str, str]:
        if text.casefold() in self.rates:
            return self.rates[text.casefold()]
        self.unknown["measure"].setdefault(text, []).append(number)
        return "", ""

    def _status(self, number: int, text: str | None) -> str:
        if text is None and "status" not in self.profile.columns.values():
            return self.profile.every_row
        if (text or "").casefold() in self.statuses:
            return self.statuses[(text or "").casefold()]
        self.unknown["status"].setdefault(text or "", []).append(number)
        return ""

    def _tell_unknown(self) -> None:
        """Each unknown word once. Many different ones are no words of measures or statuses, and may be people's."""
        for holds, words in self.unknown.items():
            code, section = f"unknown-{holds}", "statuses" if holds == "status" else "measures"
            if len(words) > _MOST_WORDS:
                heading = next(name for name, held in self.profile.columns.items() if held == holds)
                what = f"{len(words)} different words under '{heading}' are no {holds}"
                self.complaints.add(min(map(min, words.values())), code, what, "name another column for it")
                continue
            for word, rows in words.items():
                more = f" (in {len(rows)} rows)" if len(rows) > 1 else ""
                what = f"'{word}' is no {holds} that is known{more}" if word else f"the row has no {holds}{more}"
                near = f"; {suggestion(word, set(self.rates))}" if word and holds == "measure" else ""
                fix = f"add it under {section} in the profile{near}" if word else "fill it in, or leave the row out"
                self.complaints.add(rows[0], code, what, fix)

    def _date(self, number: int, holds: str, text: str | None) -> dt.date | None:
        if text is None:
            return None
        for form in ("%Y-%m-%d", self.profile.dates):
            try:
                return dt.datetime.strptime(text, form).date()
            except ValueError:
                continue
        fix = f"write it as 2026-03-09, or say under dates how the payer does (now {self.profile.dates})"
        self.complaints.add(number, "not-a-date", f"the {holds} is no date", fix)
        return None


def _number(text: str | None) -> float | None:
    """The number that a result is: ``8.2``, ``8.2 %``, ``8,2``; none in words."""
    written = (text or "").replace("%", "").strip()
    try:
        number = float(written.replace(",", ".") if _DECIMAL_COMMA.fullmatch(written) else written)
    except ValueError:
        return None
    return number if isfinite(number) else None


__all__ = ["SCHEMA", "read_list"]

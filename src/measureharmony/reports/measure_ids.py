"""Official identifiers of measures and their populations, from a table of the user's: none of them ship.

Some formats name a measure, and each of its populations, by an identifier that its steward gives out with the measure.
A CSV file with the columns ``measure, edition, rate, item, id`` says them; ``rate`` is empty for the measure's own:

    cbp,2026,,fhir_canonical,https://example.org/Measure/CBP|1.0.000
    cbp,2026,controlled,numerator,D0B8F3D5-…
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measureharmony.errors import Issue, SpecError, shown
from measureharmony.measures.measure import POPULATIONS, Measure, Rate

COLUMNS = ("measure", "edition", "rate", "item", "id")
#: Identifiers of a whole measure: the canonical URL (with ``|version``) of its FHIR Measure; the UUID of this version;
#: the UUID that all its versions share.
OF_MEASURE = ("fhir_canonical", "version_specific", "version_independent")
#: From here on UUIDs of our own are derived; it was drawn once and never changes.
_OWN = uuid.UUID("6f7f3b0e-6f0b-5c5e-9a41-2f1f5f0f8f11")

_Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class MeasureIds:
    """Official identifiers by measure, edition, rate (empty: of the measure) and item."""

    official: Mapping[_Key, str] = field(default_factory=dict)

    def of_measure(self, measure: Measure, item: str) -> str | None:
        """The official identifier of a measure, if it is known."""
        return self.official.get((measure.measure, measure.edition, "", item))

    def uuid_of(self, measure: Measure, item: str, rate: str = "") -> str:
        """The official UUID; where none is known one of our own, the same in every run."""
        official = self.official.get((measure.measure, measure.edition, rate, item))
        return official or own_uuid(measure.measure, str(measure.edition), rate, item)

    def rates(self, measure: Measure) -> tuple[Rate, ...]:
        """The rates of the official measure: those with an official identifier; all, where none has one."""
        named = {
            rate for key, edition, rate, _ in self.official if (key, edition) == (measure.measure, measure.edition)
        }
        return tuple(rate for rate in measure.rates if rate.id in named) or measure.rates


def items(measure: Measure, rate: Rate) -> tuple[str, ...]:
    """What of a rate has an identifier: the populations that it reports, and the measure's strata."""
    return (*reported_populations(measure, rate), *(stratum.id for stratum in measure.strata))


def reported_populations(measure: Measure, rate: Rate) -> tuple[str, ...]:
    """The populations of a rate that reports name: those it defines, and a denominator always."""
    return tuple(name for name in POPULATIONS if name == "denominator" or measure.population(rate, name) is not None)


def own_uuid(*parts: str) -> str:
    """A UUID made of words: the same words, the same UUID."""
    return str(uuid.uuid5(_OWN, "\x1f".join(parts)))


def read_measure_ids(path: Path, measures: Sequence[Measure]) -> MeasureIds:
    """The identifiers in a CSV file; :class:`SpecError` with every problem, by line.

    ``measures`` are the measures that exist. Lines about other measures or editions are problems, too.
    """
    known = {(measure.measure, measure.edition): measure for measure in measures}
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    if not rows or tuple(cell.strip() for cell in rows[0]) != COLUMNS:
        fix = f"begin the file with the line {','.join(COLUMNS)}"
        raise SpecError(
            [Issue(shown(path), 1, "ids-columns", "these are not the columns of a table of identifiers", fix)]
        )
    official: dict[_Key, str] = {}
    issues = []
    for line, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        problem = _problem(row, known, official)
        if problem is not None:
            issues.append(Issue(shown(path), line, *problem))
            continue
        measure, edition, rate, item, value = (cell.strip() for cell in row)
        official[measure, int(edition), rate, item] = value
    if issues:
        raise SpecError(issues)
    return MeasureIds(official)


def _problem(
    row: Sequence[str], known: Mapping[tuple[str, int], Measure], seen: Collection[_Key]
) -> tuple[str, str, str] | None:
    """Code, what is wrong and its fix; ``None`` for a row that is right."""
    cells = [cell.strip() for cell in row]
    if len(cells) != len(COLUMNS) or not cells[4]:
        return "ids-row", "this row has not all of its cells", f"fill in {', '.join(COLUMNS)} (rate may be empty)"
    key, edition, rate_id, item, value = cells
    measure = known.get((key, int(edition))) if edition.isdigit() else None
    if measure is None:
        return (
            "ids-unknown-measure",
            f"there is no measure '{key}' of edition '{edition}'",
            "correct it, or leave it out",
        )
    rate = next((rate for rate in measure.rates if rate.id == rate_id), None)
    allowed = OF_MEASURE if not rate_id else items(measure, rate) if rate else ()
    if item not in allowed:
        named = ", ".join(allowed) or f"the rates {', '.join(rate.id for rate in measure.rates)}"
        return "ids-unknown-item", f"'{rate_id or key}' has no item '{item}'", f"there are: {named}"
    if item != "fhir_canonical" and not _is_uuid(value):
        return "ids-not-a-uuid", f"the identifier of '{item}' is not a UUID", "copy it from the measure's own file"
    if (key, int(edition), rate_id, item) in seen:
        return "ids-twice", f"'{item}' has an identifier already", "keep one of the two lines"
    return None


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


__all__ = ["COLUMNS", "MeasureIds", "items", "own_uuid", "read_measure_ids", "reported_populations"]

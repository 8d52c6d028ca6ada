"""What would make a reader of the results wonder, said in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset

from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.periods import day_number
from measureharmony.reports.results import Results
from measureharmony.reports.stored import StoredResults

#: What a run found, whether it is in memory or on disk.
Found: TypeAlias = Results | StoredResults

#: With more measures than this that ask nobody, they are counted, not told one by one.
MOST_TOLD = 5


def remarks(results: Found, programs_without_people: Sequence[str]) -> Iterator[str]:
    """What was left out, programs that count nobody (by title), measures that ask nobody, dates that do not fit."""
    yield from results.notes
    if programs_without_people:
        yield f"Nobody here is listed by, or covered for: {'; '.join(programs_without_people)}."
    canonical = [variant for variant in results.variants if variant.program == CANONICAL]
    empty = _asking_nobody(results)
    if len(empty) > MOST_TOLD:
        yield f"{len(empty)} of {len(canonical)} measures have nobody in the denominator here; rates.csv lists them."
    for variant in canonical if len(empty) <= MOST_TOLD else ():
        if variant.measure.measure in empty:
            yield from _nobody_asked(results, variant)
    if canonical:
        yield from _dates(results, canonical[0])


def _asking_nobody(results: Found) -> set[str]:
    """The canonical measures without anybody in any denominator."""
    rates = [row for row in results.rates.to_dicts() if row["program"] == CANONICAL and not row["stratum"]]
    return {str(row["measure"]) for row in rates} - {str(row["measure"]) for row in rates if row["denominator"]}


def _nobody_asked(results: Found, variant: Variant) -> Iterator[str]:
    """Why nobody at all is in a measure's denominator."""
    outcomes = results.outcomes if isinstance(results, StoredResults) else pa_dataset.dataset(results.outcomes.arrow)
    here = (pc.field("program") == CANONICAL) & (pc.field("measure") == variant.measure.measure)
    own = outcomes.to_table(columns=["rate", "denominator", "first_failing"], filter=here)
    own = own.filter(pc.equal(own["rate"], variant.measure.rates[0].id))
    if own.num_rows and not pc.any(own["denominator"]).as_py():
        counted = Counter(own["first_failing"].to_pylist())
        reasons = ", ".join(f"{people:,} by `{name}`" for name, people in counted.most_common())
        yield f"Nobody is in the denominator of {variant.measure.title}: kept out {reasons}."


def _dates(results: Found, variant: Variant) -> Iterator[str]:
    """Specs of another year, an as-of date before the period, births after it."""
    measure, period = variant.measure, variant.period
    if period.end.year != measure.edition:
        yield f"Measures of edition {measure.edition}, applied to {period} with the programs' changes in force then."
    if results.as_of and results.as_of < period.start:
        yield f"On {results.as_of} the period {period} had not begun: little of what it asks for could be known."
    born_later = "SELECT count(*) FROM accepted_person WHERE birth_lo > ? AND birth_lo <= birth_hi"
    cursor = results.practice.connection.cursor()
    (count,) = cursor.execute(born_later, [day_number(period.end)]).fetchall()[0]
    if count:
        yield f"{count:,} of the people are born after the period ends ({period.end}): check `birth` in table person."


__all__ = ["Found", "remarks"]

"""Every gap of every program, and the one reason why it is one for the payer; and rates as each side sees them.

Listed is what the payer would count as a gap on the day of its view, and what we count as one, unless the payer has it
closed and would keep it so. The reason is what the least addition of evidence says that closes it: claims on their way,
else what could be sent, else what is here at all; else it takes care.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from measureharmony.evaluation.columns import NEVER_ENDS, Bools, Ints
from measureharmony.evaluation.outcome import Evaluated, evidence_columns
from measureharmony.evaluation.payer_views import Clue, RateViews
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.population_order import categories, counts_above, counts_below
from measureharmony.evaluation.population_order import populations as in_order
from measureharmony.evaluation.rates import Counted
from measureharmony.evaluation.universe import Reader, Universe
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.evidence_words import REASONS, Told, told
from measureharmony.payers.payer_view import SHARES, PayerView
from measureharmony.periods import date_of, day_number

#: What a subject is to whoever looks at a rate.
STANDINGS = ("not_counted", "excluded", "closed", "gap")
NOT_COUNTED, EXCLUDED, CLOSED, GAP = range(4)
#: The standing of each of ``population_order.CATEGORIES``, for rates of which more is better, and less.
_STANDING_OF = {
    False: (NOT_COUNTED, NOT_COUNTED, GAP, EXCLUDED, CLOSED, GAP, EXCLUDED),
    True: (NOT_COUNTED, NOT_COUNTED, CLOSED, EXCLUDED, GAP, CLOSED, EXCLUDED),
}
#: The reason that each share gives, if with it there is no gap any more.
_REASON_OF = {"coming": "in_run_out", "acceptable": "send_evidence", "here": "not_accepted"}

#: Columns of the table of programs' gaps, with what they hold.
PROGRAM_GAP_COLUMNS: Mapping[str, str] = {
    "program": "Whose gap it is.",
    "person_id": "Who.",
    "subject_id": "What the measure counts: the person, or one of their events.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "reason": (
        "`in_run_out`: a claim (or what else the payer gets by itself) closes it that it may not have yet; "
        "`send_evidence`: evidence closes it that the payer lacks and would take; `not_accepted`: evidence closes it "
        "that the payer does not take; `needs_care`: nothing here does; `too_late`: nor can care on the day of view."
    ),
    "due": "The last day for what `how_to_close` says; empty where the contract sets none.",
    "evidence_id": "The latest event that the payer lacks and that closes the gap, if it is closed by any.",
    "evidence_date": "Its date.",
    "evidence_source": "Where it comes from.",
    "evidence_value": "Its number, if any.",
    "evidence_unit": "The number's unit.",
    "why": "Why it is a gap for the payer.",
    "how_to_close": "What to do about it.",
    "here": "What the subject is to us: `gap`, `closed`, `excluded` or `not_counted`.",
    "at_payer": "What it is to the payer on the day of its view.",
}
#: Columns of the table of rates as each side sees them, with what they hold.
RATES_SEEN_COLUMNS: Mapping[str, str] = {
    "program": "The program.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "view": "`known`: as we know it (as in the table of rates); `payer`: as the payer would see it.",
    "seen_on": "The day of the view; empty where all data count.",
    "denominator": "The line's lower number: denominator without exclusions and exceptions.",
    "numerator": "The line's upper number: numerator without its exclusion.",
    "value": "The rate's value, as in the table of rates.",
}
RATES_SEEN_SCHEMA = pa.schema([
    *((name, pa.string()) for name in ("program", "measure", "rate", "view")), ("seen_on", pa.date32()),
    ("denominator", pa.int64()), ("numerator", pa.int64()), ("value", pa.float64()),
])  # fmt: skip


@dataclass(frozen=True)
class PayersSee:
    """What payers see on the day ``on``: programs' gaps with their reasons, and rates as each side sees them."""

    on: dt.date
    views: tuple[PayerView, ...]
    gaps: pa.Table
    rates: pa.Table


def payers_see(
    on: dt.date, views: Sequence[PayerView], plan: EvaluationPlan, rates: Sequence[RateViews], evaluated: Evaluated
) -> PayersSee:
    """Read off ``evaluated`` (of ``plan``) what was compiled as ``rates``."""
    reader = Reader(plan, evaluated)
    gaps = program_gap_table(reader, evaluated, rates)
    return PayersSee(on, tuple(views), gaps, rates_seen_table(reader, rates))


# --- gaps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """The gaps of one rate: numbers of people, events (of episodes) and evidence rows (-1: none) in the practice.

    ``last_day`` is the last day (its number) on which care closes the gap.
    """

    rate: RateViews
    universe: Universe
    subject: Ints
    reason: Ints
    population: Ints
    row: Ints
    here: Ints
    at_payer: Ints
    last_day: Ints


def program_gap_table(reader: Reader, evaluated: Evaluated, rates: Sequence[RateViews]) -> pa.Table:
    """The gaps of ``rates``, rate after rate, subjects in order."""
    found = [_found(rate, reader) for rate in rates if rate.view.known.measure.scoring == "proportion"]
    tables = [_table(one, evaluated) for one in found if len(one.subject)]
    return pa.concat_tables(tables) if tables else PROGRAM_GAP_SCHEMA.empty_table()


def _found(rate: RateViews, reader: Reader) -> _Found:
    universe = reader.universe([version.subjects for version in rate.versions.values()])
    standing = {name: _standing(rate, name, universe, reader) for name in ("known", *SHARES)}
    for name in ("known", "seen"):
        member = rate.versions[name].member
        if member is not None:
            standing[name] = np.where(reader.of_people(member, universe), standing[name], NOT_COUNTED)
    here, seen = standing["known"], standing["seen"]
    kept = _is_closed(seen) & _is_closed(standing["acceptable"])
    subject = np.flatnonzero((seen == GAP) | ((here == GAP) & ~kept))
    standing = {name: found[subject] for name, found in standing.items()}
    reason, population, row = _reasons(rate, standing, universe, reader, subject)
    last = _last_day(rate, universe, reader)[subject]
    late = (reason == REASONS.index("needs_care")) & (last < day_number(rate.view.terms.on))
    reason[late] = REASONS.index("too_late")
    return _Found(rate, universe, subject, reason, population, row, standing["known"], standing["seen"], last)


def _last_day(rate: RateViews, universe: Universe, reader: Reader) -> Ints:
    """Until when care closes a gap of each subject, at the latest until the program's last day."""
    variant, place = rate.view.known, rate.versions["known"].last_day
    ends: Ints = np.full(len(universe.person), day_number(variant.last_day))
    if place is None:
        return ends
    # What has happened cannot be undone: then the last day is the one before the period.
    found: Ints = reader.spread(place, universe, NEVER_ENDS)
    return np.asarray(np.clip(found, day_number(variant.period.start) - 1, ends))


def _standing(rate: RateViews, name: str, universe: Universe, reader: Reader) -> NDArray[np.uint8]:
    places = rate.versions[name].populations
    members = in_order({population: reader.column(place, universe) for population, place in places.items()})
    return np.array(_STANDING_OF[rate.inverse], dtype=np.uint8)[categories(members)]


def _is_closed(standing: NDArray[np.uint8]) -> Bools:
    closed: Bools = (standing == CLOSED) | (standing == EXCLUDED)
    return closed


def _reasons(
    rate: RateViews, standing: Mapping[str, NDArray[np.uint8]], universe: Universe, reader: Reader, subject: Ints
) -> tuple[Ints, Ints, Ints]:
    """For each gap the number of its reason, of the population that its evidence proves, and the evidence's row."""
    count = len(subject)
    reason = np.full(count, REASONS.index("needs_care"))
    population, row = np.full(count, POPULATIONS.index("numerator")), np.full(count, -1, dtype=np.int64)
    waiting = np.ones(count, dtype=bool)
    for share, name in _REASON_OF.items():
        # Who is no gap to the payer yet will be one unless something closes it; for who is, leaving the rate is enough.
        gone = np.where(standing["seen"] == GAP, standing[share] != GAP, _is_closed(standing[share]))
        if share != "here":
            gone &= ~_is_closed(standing["seen"])
        now = np.flatnonzero(waiting & gone)
        waiting[now] = False
        reason[now] = REASONS.index(name)
        population[now], row[now] = _evidence(rate, share, standing[share][now], universe, reader, subject[now])
    return reason, population, row


def _evidence(
    rate: RateViews, share: str, standing: NDArray[np.uint8], universe: Universe, reader: Reader, subject: Ints
) -> tuple[Ints, Ints]:
    """What the evidence proves by which ``share`` closes the gaps of some subjects, and its rows."""
    left = np.array([POPULATIONS.index(name) for name in ("denominator", "denominator_exclusion", "numerator")])
    population: Ints = left[standing]
    row = np.full(len(subject), -1, dtype=np.int64)
    for clue in rate.clues[share]:
        proved = clue.population != "numerator"
        applies = (standing == (EXCLUDED if proved else CLOSED)) & (row < 0)
        applies &= _tells(clue, universe, reader)[subject] if proved else True
        found = reader.spread(clue.row, universe, -1)[subject]
        row = np.where(applies, found, row)
        population = np.where(applies, POPULATIONS.index(clue.population), population)
    return population, row


def _tells(clue: Clue, universe: Universe, reader: Reader) -> Bools:
    """For whom the clue's evidence makes the difference."""
    assert clue.more is not None
    assert clue.less is not None
    return reader.column(clue.more, universe) & ~reader.column(clue.less, universe)


# --- as a table ------------------------------------------------------------------------------------------------------


def _table(found: _Found, evaluated: Evaluated) -> pa.Table:
    universe, count = found.universe, len(found.subject)
    variant = found.rate.view.known
    person = evaluated.subjects.person_id.take(pa.array(universe.person[found.subject]))
    subject = person
    if universe.event is not None:
        subject = evaluated.subjects.event_id.take(pa.array(universe.event[found.subject])).cast(pa.string())
    columns = {
        "program": _repeated(variant.program, count),
        "person_id": person,
        "subject_id": subject,
        "measure": _repeated(variant.measure.measure, count),
        "rate": _repeated(found.rate.rate.id, count),
        "reason": _words(REASONS, found.reason),
        **evidence_columns(evaluated.partition, evaluated.subjects, found.row),
        **_told(found, evaluated),
        "here": _words(STANDINGS, found.here),
        "at_payer": _words(STANDINGS, found.at_payer),
    }
    return pa.table({name: columns[name] for name in PROGRAM_GAP_COLUMNS}).cast(PROGRAM_GAP_SCHEMA)


def _told(found: _Found, evaluated: Evaluated) -> dict[str, pa.Array]:
    """Source, due day and sentences: thought of once for each combination that occurs."""
    words, codes = _sources(evaluated, found.row)
    key = np.stack([found.reason, found.population, codes, found.last_day], axis=1)
    different, which = np.unique(key, axis=0, return_inverse=True)
    view = found.rate.view
    said: list[Told] = [
        told(view.terms, date_of(last_day), REASONS[reason], POPULATIONS[population], words[code])
        for reason, population, code, last_day in different.tolist()
    ]
    which = which.reshape(-1)
    return {
        "evidence_source": _words(words, codes),
        "due": pa.array([one.due for one in said], pa.date32()).take(pa.array(which)),
        "why": _words([one.why for one in said], which),
        "how_to_close": _words([one.how_to_close for one in said], which),
    }


def _sources(evaluated: Evaluated, rows: Ints) -> tuple[tuple[str | None, ...], Ints]:
    """The words for sources, the last of them for none, and which of them each row has."""
    column = evaluated.partition.events.words.get("source")
    if column is None or not len(column.codes):
        return (None,), np.zeros(len(rows), dtype=np.int64)
    codes = np.where(rows < 0, -1, column.codes[np.maximum(rows, 0)]).astype(np.int64)
    return (*column.words, None), np.where(codes < 0, len(column.words), codes)


def _words(words: Sequence[str | None], codes: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(codes))


def _repeated(word: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(word, pa.string()), count)


PROGRAM_GAP_SCHEMA = pa.schema(
    [
        (
            name,
            pa.date32() if name in ("due", "evidence_date")
            else pa.float64() if name == "evidence_value"
            else pa.string(),
        )
        for name in PROGRAM_GAP_COLUMNS
    ]
)  # fmt: skip


# --- rates -----------------------------------------------------------------------------------------------------------


def rates_seen_table(reader: Reader, rates: Sequence[RateViews]) -> pa.Table:
    """Each of ``rates`` as we know it, and as the payer would see it."""
    rows = [row for rate in rates for row in _rates_seen(rate, reader)]
    return pa.Table.from_pylist(rows, schema=RATES_SEEN_SCHEMA)


def _rates_seen(rate: RateViews, reader: Reader) -> Iterator[dict[str, Any]]:
    terms, variant = rate.view.terms, rate.view.known
    for view, name, day in (("known", "known", terms.known), ("payer", "seen", terms.on)):
        counted = _counted(rate, name, reader)
        yield {
            "program": variant.program,
            "measure": variant.measure.measure,
            "rate": rate.rate.id,
            "view": view,
            "seen_on": day,
            "denominator": counted.counts["below"],
            "numerator": counted.counts["above"],
            "value": counted.value(variant.measure),
        }


def _counted(rate: RateViews, name: str, reader: Reader) -> Counted:
    version = rate.versions[name]
    universe = reader.universe([version.subjects])
    members = in_order({key: reader.column(place, universe) for key, place in version.populations.items()})
    own = np.ones(len(universe.person), dtype=bool)
    if version.member is not None:
        own = reader.of_people(version.member, universe)
    below, above = counts_below(members) & own, counts_above(members) & own
    counts = {"below": int(np.count_nonzero(below)), "above": int(np.count_nonzero(above))}
    if version.observation is None:
        return Counted(counts, [])
    numbers = reader.spread(version.observation, universe, np.nan)[below]
    return Counted(counts, np.sort(numbers[~np.isnan(numbers)]).tolist())


__all__ = [
    "PROGRAM_GAP_COLUMNS", "PROGRAM_GAP_SCHEMA", "RATES_SEEN_COLUMNS", "RATES_SEEN_SCHEMA", "STANDINGS",
    "PayersSee", "payers_see",
]  # fmt: skip

"""Who insures the people of the demo practice: coverage spans with all the traps of real ones, and rosters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from measureharmony.practice.demo.chance import FIRST_YEAR, LAST_DAY, YEAR, chosen, day, pick
from measureharmony.practice.demo.clinicians import PHYSICIANS, physician_ids
from measureharmony.practice.demo.journal import NONE, Choice, Flags, Ints, choice_array, days_array
from measureharmony.practice.demo.people import People

#: Payers and their product lines. silver_shield, bluestone and harborview are invented.
PAYERS = {
    "medicare": "medicare_ffs",
    "silver_shield": "medicare_advantage",
    "bluestone": "commercial",
    "harborview": "commercial",
    "state_medicaid": "medicaid",
}
_NAMES = tuple(PAYERS)
_MEDICARE, _SILVER, _BLUE, _HARBOR, _MEDICAID, _NOBODY = range(6)
_YOUNG = (0.02, 0.01, 0.37, 0.30, 0.24, 0.06)
_OLD = (0.55, 0.40, 0.03, 0.01, 0.0, 0.01)

#: How a person's coverage runs, and the share of people for whom it does.
PATTERNS = {
    "continuous": 0.42,
    "renewed_yearly": 0.22,
    "one_gap": 0.10,
    "two_gaps": 0.04,
    "changed_payer": 0.08,
    "ended": 0.03,
    "began": 0.03,
    "overlapping": 0.05,
    "last_days_missing": 0.03,
}
_ONE_GAP = np.array([1, 30, 44, 45, 46, 60, 90])


@dataclass(frozen=True)
class Spans:
    """Spans of coverage: person index, payer number, first and last day (``NONE``: ongoing)."""

    person: Ints
    payer: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class Insurance:
    """Everybody's spans, and each person's main payer (5: none)."""

    main: Ints
    spans: Spans

    @property
    def insured(self) -> Flags:
        """Who has a payer at all; nobody else has claims."""
        return np.not_equal(self.main, _NOBODY)


def draw_insurance(rng: np.random.Generator, people: People) -> Insurance:
    """Coverage of all people by the patterns above, and Medicaid beside Medicare for some."""
    size = len(people)
    old = people.age >= 65
    main = np.where(old, rng.choice(6, size, p=_OLD), rng.choice(6, size, p=_YOUNG))
    began = np.maximum(rng.integers(day(FIRST_YEAR), day(YEAR - 1), size), people.birth)
    pattern = rng.choice(len(PATTERNS), size, p=list(PATTERNS.values()))
    parts: list[Spans] = []
    for number, name in enumerate(PATTERNS):
        person = np.flatnonzero((pattern == number) & (main != _NOBODY))
        parts += _by_pattern(rng, name, Spans(person, main[person], began[person], np.full(len(person), NONE)))
    dual = np.flatnonzero((main == _MEDICARE) & chosen(rng, size, 0.12))
    parts.append(Spans(dual, np.full(len(dual), _MEDICAID), began[dual], np.full(len(dual), NONE)))
    return Insurance(main, _joined(parts, people.birth))


def _joined(parts: Iterable[Spans], birth: Ints) -> Spans:
    """All spans by person and start; none begins before birth."""
    columns = zip(*((s.person, s.payer, s.start, s.end) for s in parts), strict=True)
    person, payer, start, end = (np.concatenate(column) for column in columns)
    start = np.maximum(start, birth[person])
    order = np.lexsort((start, person))
    order = order[((end == NONE) | (end >= start))[order]]
    return Spans(person[order], payer[order], start[order], end[order])


def _by_pattern(rng: np.random.Generator, name: str, whole: Spans) -> list[Spans]:
    """The spans that a pattern makes of one unbroken span a person."""
    size = len(whole.person)
    if name in ("one_gap", "two_gaps", "changed_payer"):
        return _broken(rng, name, whole)
    if name == "renewed_yearly":
        years = [
            Spans(whole.person, whole.payer, np.full(size, day(year)), np.full(size, day(year + 1) - 1))
            for year in (YEAR - 1, YEAR)
        ]
        return [Spans(whole.person, whole.payer, whole.start, np.full(size, day(YEAR - 1) - 1)), *years]
    if name == "ended":
        return [Spans(whole.person, whole.payer, whole.start, rng.integers(day(YEAR, 2), day(YEAR, 12), size))]
    if name == "last_days_missing":
        return [Spans(whole.person, whole.payer, whole.start, LAST_DAY - rng.integers(1, 40, size))]
    if name == "began":
        return [Spans(whole.person, whole.payer, rng.integers(day(YEAR, 1, 15), day(YEAR, 11), size), whole.end)]
    if name == "overlapping":
        inside = Spans(whole.person, whole.payer, np.full(size, day(YEAR, 3)), np.full(size, day(YEAR, 5)))
        later = Spans(whole.person, whole.payer, np.full(size, day(YEAR, 6)), whole.end)
        first = Spans(whole.person, whole.payer, whole.start, np.full(size, day(YEAR, 8)))
        return [first, inside, later]
    return [whole]


def _broken(rng: np.random.Generator, name: str, whole: Spans) -> list[Spans]:
    """One gap, two gaps, or a change to another payer within the measurement year."""
    size = len(whole.person)
    stop = rng.integers(day(YEAR, 1, 20), day(YEAR, 5), size)
    before = Spans(whole.person, whole.payer, whole.start, stop)
    if name == "changed_payer":
        other = np.where(whole.payer == _BLUE, _HARBOR, np.where(whole.payer == _MEDICARE, _SILVER, _BLUE))
        return [before, Spans(whole.person, other, stop + 1, whole.end)]
    if name == "one_gap":
        back = stop + 1 + rng.choice(_ONE_GAP, size)
        return [before, Spans(whole.person, whole.payer, back, whole.end)]
    back = stop + 1 + rng.integers(10, 46, size)
    again = back + rng.integers(40, 80, size)
    between = Spans(whole.person, whole.payer, back, again)
    return [before, between, Spans(whole.person, whole.payer, again + 1 + rng.integers(10, 46, size), whole.end)]


def coverage_table(rng: np.random.Generator, people: People, insurance: Insurance) -> pa.Table:
    """Table ``coverage``."""
    spans = insurance.spans
    size = len(spans.person)
    lines = tuple(PAYERS.values())
    return pa.table(
        {
            "person_id": pa.array(spans.person + people.first),
            "payer": choice_array(Choice(spans.payer, _NAMES)),
            "product_line": choice_array(Choice(spans.payer, lines)),
            "start": days_array(spans.start),
            "end": days_array(spans.end),
            "benefits": choice_array(pick(rng, size, {"medical pharmacy": 0.7, "medical": 0.06, "": 0.24})),
        }
    )


def roster_table(rng: np.random.Generator, people: People, insurance: Insurance) -> pa.Table:
    """Table ``roster`` for the two programs that send lists; the others go by coverage."""
    parts = [
        _listed(rng, people, np.flatnonzero((insurance.main == _MEDICARE) & chosen(rng, len(people), 0.85)), 0),
        _listed(rng, people, np.flatnonzero((insurance.main == _SILVER) & chosen(rng, len(people), 0.95)), 1),
        # Lists lag behind: some people on them are insured elsewhere, or nowhere.
        _listed(rng, people, np.flatnonzero((people.age >= 60) & chosen(rng, len(people), 0.01)), 1),
    ]
    return pa.concat_tables(parts)


def _listed(rng: np.random.Generator, people: People, person: Ints, program: int) -> pa.Table:
    """One span a person listed; some are dropped or added within the year, some moved to another physician."""
    size = len(person)
    fate = pick(rng, size, {"nochange": 0.84, "dropped": 0.05, "new": 0.06, "changed": 0.05})
    within = rng.integers(day(YEAR, 2), day(YEAR, 11), size)
    dropped, new, changed = (fate.index == n for n in (1, 2, 3))
    start = np.where(new, within, day(YEAR))
    end = np.where(dropped | changed, within, LAST_DAY)
    physician = people.physician[person]
    first = _roster_rows(people, person, program, (start, end), physician, fate)
    moved = np.flatnonzero(changed)
    ones = np.zeros(len(moved), np.int64)
    second = _roster_rows(
        people, person[moved], program, (within[moved] + 1, np.full(len(moved), LAST_DAY)),
        (physician[moved] + 1) % PHYSICIANS, Choice(ones, ("changed",)),
    )  # fmt: skip
    return pa.concat_tables([first, second]).unify_dictionaries()


def _roster_rows(
    people: People, person: Ints, program: int, span: tuple[Ints, Ints], physician: Ints, change: Choice
) -> pa.Table:
    programs = ("mssp_app_plus", "ma_stars")
    return pa.table(
        {
            "person_id": pa.array(person + people.first),
            "program": choice_array(Choice(np.full(len(person), program), programs)),
            "start": days_array(span[0]),
            "end": days_array(span[1]),
            "provider_id": choice_array(Choice(physician, physician_ids())),
            "change": choice_array(change),
        }
    )

"""Diagnoses: on the problem list, at visits, and on claims from elsewhere."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.chance import LAST_DAY, YEAR, chosen, day, pick, pick_coding, yearly
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.illnesses import ILLNESSES, LATER_ILLNESSES, Illness
from measureharmony.practice.demo.journal import NONE, Choice, Flags, Ints
from measureharmony.practice.demo.visits import Visits

_PROBLEM = {"type": "problem", "category": "problem-list-item"}
_AT_VISIT = {"type": "encounter-diagnosis", "category": "encounter-diagnosis"}


def write_conditions(chunk: Chunk, visits: Visits) -> None:
    """Write the diagnoses that the demo has always had."""
    _illnesses(chunk, visits, ILLNESSES)
    _frailty(chunk)
    _pregnancies(chunk)
    recent = visits.day >= day(YEAR - 1)
    everyday = recent & chosen(chunk.rng, len(recent), 0.3)
    diagnosed(chunk, visits, everyday, pick_coding(chunk.rng, int(everyday.sum()), codes.EVERYDAY_DIAGNOSIS))


def write_later_conditions(chunk: Chunk, visits: Visits) -> None:
    """Write the diagnoses of ``LATER_ILLNESSES``."""
    _illnesses(chunk, visits, LATER_ILLNESSES)


def _illnesses(chunk: Chunk, visits: Visits, illnesses: dict[str, Illness]) -> None:
    for name, illness in illnesses.items():
        person = np.flatnonzero(chunk.people.ill(name))
        coding = pick_coding(chunk.rng, len(person), illness.codings)
        _problem_list(chunk, person, chunk.people.onset[name][person], coding)
        _at_visits(chunk, visits, illness, chunk.people.onset[name])


def _problem_list(chunk: Chunk, person: Ints, onset: Ints, coding: Choice) -> None:
    """Nineteen in twenty are on the list; of those a few are refuted, resolved, or resolved nobody knows when."""
    listed = chosen(chunk.rng, len(person), 0.95)
    person, onset, coding = person[listed], onset[listed], coding.where(listed)
    state = pick(chunk.rng, len(person), {"active": 0.97, "resolved": 0.025, "inactive": 0.005})
    ends = (state.index == 1) & chosen(chunk.rng, len(person), 0.7)
    end = np.minimum(onset + chunk.rng.integers(200, 2500, len(person)), LAST_DAY)
    chunk.journal.add(
        "condition", person, onset, end=np.where(ends, end, NONE), coding=coding, clinical_status=state,
        verification=pick(chunk.rng, len(person), {"confirmed": 0.9, "": 0.09, "refuted": 0.01}),
        recorded=onset + chunk.rng.integers(0, 20, len(person)), source="ehr", **_PROBLEM,
    )  # fmt: skip


def _at_visits(chunk: Chunk, visits: Visits, illness: Illness, onset: Ints) -> None:
    """The illness coded at a share of the visits of the last three years; some come again as claim diagnoses."""
    began = onset[visits.person]
    coded = (began != NONE) & (began <= visits.day) & (visits.day >= day(YEAR - 2))
    coded &= chosen(chunk.rng, len(coded), illness.visits)
    coding = pick_coding(chunk.rng, int(coded.sum()), illness.codings)
    diagnosed(chunk, visits, coded, coding)
    person, on = visits.person[coded], visits.day[coded]
    claimed = chunk.insurance.insured[person] & chosen(chunk.rng, len(person), 0.5)
    on = on[claimed]
    chunk.journal.add(
        "condition", person[claimed], on, end=on, coding=coding.where(claimed), source="claim",
        received=chunk.received("claim", on), **_AT_VISIT,
    )  # fmt: skip


def diagnosed(chunk: Chunk, visits: Visits, at: Flags, coding: Choice) -> None:
    """A diagnosis, one a visit of those ``at`` which it was made."""
    on = visits.day[at]
    chunk.journal.add(
        "condition", visits.person[at], on, end=on, coding=coding, clinical_status="active", verification="confirmed",
        encounter_id=visits.event[at], source="ehr", **_AT_VISIT,
    )  # fmt: skip


def _frailty(chunk: Chunk) -> None:
    """Each frail person shows it in one or two ways: diagnosis, device, care at home, symptom."""
    rng = chunk.rng
    frail = np.flatnonzero(chunk.people.groups["frailty"])
    starts = rng.integers(day(YEAR - 1, 6), day(YEAR, 12), len(frail))
    person, on = chunk.kept(frail, starts, 0.5)
    coding = pick_coding(rng, len(person), codes.FRAILTY_DIAGNOSIS)
    chunk.journal.add("condition", person, on, coding=coding, clinical_status="active", source="ehr", **_PROBLEM)
    person, on = chunk.kept(frail, starts + 5, 0.5)
    chunk.journal.add(
        "device_request", person, on, authored=on, status="active", intent="order", source="ehr",
        coding=pick_coding(rng, len(person), codes.FRAILTY_DEVICE),
    )  # fmt: skip
    person, on = chunk.insured(frail, starts + 10, 0.35)
    chunk.journal.add(
        "encounter", person, on, end=on, coding=pick_coding(rng, len(person), codes.FRAILTY_VISIT), status="finished",
        source="claim", received=chunk.received("claim", on), provider_id=chunk.specialist(len(person)),
    )  # fmt: skip
    person, on = chunk.kept(frail, starts + 3, 0.3)
    chunk.journal.add(
        "observation", person, on, coding=pick_coding(rng, len(person), codes.FRAILTY_SYMPTOM), status="final",
        type="simple", category="exam", source="ehr",
    )  # fmt: skip


def _pregnancies(chunk: Chunk) -> None:
    """One a woman of the group, over forty weeks that touch the measurement year."""
    mothers = np.flatnonzero(chunk.people.groups["pregnancy"])
    starts = chunk.rng.integers(day(YEAR - 1, 5), day(YEAR, 10), len(mothers))
    person, on = chunk.kept(mothers, starts)
    over = on + 280 <= LAST_DAY
    coding = pick_coding(chunk.rng, len(person), codes.weighted(codes.ICD10CM, "Z34.80:3 O09.891:1 Z33.1:1"))
    chunk.journal.add(
        "condition", person, on, end=np.where(over, on + 280, NONE), coding=coding, source="ehr",
        clinical_status=Choice(over.astype(np.int64), ("active", "resolved")), **_PROBLEM,
    )  # fmt: skip


def write_everyday_care(chunk: Chunk, events: int) -> None:
    """About ``events`` further rows that no measure asks for: common results, procedures and claims."""
    size = max(events, 0)
    share = chunk.people.engagement + 0.3
    per_kind = size / (len(codes.OTHER_RESULTS) + 2)
    weights = [(YEAR - 2, 0.25), (YEAR - 1, 0.35), (YEAR, 0.4)]
    rate = share * (per_kind / share.sum())
    for coding, unit, mean, spread, kind, category in codes.OTHER_RESULTS:
        person, on = chunk.kept(*yearly(chunk.rng, rate, weights))
        chunk.journal.add(
            "observation", person, on, coding=coding, type=kind, category=category, status="final", unit=unit,
            value=np.abs(chunk.rng.normal(mean, spread, len(person))).round(1), source="ehr",
        )  # fmt: skip
    person, on = chunk.insured(*yearly(chunk.rng, 2 * rate, weights))
    chunk.journal.add(
        "procedure", person, on, coding=pick_coding(chunk.rng, len(person), codes.EVERYDAY_PROCEDURE), source="claim",
        status="completed", received=chunk.received("claim", on), amount=chunk.rng.gamma(2, 20, len(person)).round(2),
    )  # fmt: skip

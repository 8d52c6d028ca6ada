"""Yearly examinations of people with diabetes: eyes and kidneys."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import bill
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Choice, Floats, Ints

_YEARS = (YEAR - 2, YEAR - 1, YEAR)


def write_diabetes_care(chunk: Chunk) -> None:
    """Write eye examinations, filtration rates and urine tests of three years."""
    people = chunk.people
    diabetes = people.ill("diabetes")
    _eye_exams(chunk, 0.75 * diabetes)
    raised = people.ill("hypertension") | people.ill("kidney_disease")
    for codings, unit, mean, spread, share in (
        (codes.FILTRATION_RATE, "mL/min/{1.73_m2}", 76.0, 20.0, np.where(diabetes, 1.1, 0.35 * raised)),
        (codes.ALBUMIN_CREATININE, "mg/g", 28.0, 24.0, np.where(diabetes, 0.8, 0.05 * raised)),
    ):
        person, on = _once_a_year(chunk, share)
        chunk.journal.add(
            "observation", person, on, coding=pick_coding(chunk.rng, len(person), codings), type="lab", status="final",
            category="laboratory", unit=unit, source="ehr", provider_id=chunk.physician(person),
            value=np.clip(chunk.rng.normal(mean, spread, len(person)), 4, None).round(0),
        )  # fmt: skip


def _once_a_year(chunk: Chunk, share: Floats) -> tuple[Ints, Ints]:
    """A day of each year for the share of people, more for those who seek care readily."""
    rng, size = chunk.rng, len(chunk.people)
    keen = share * (0.45 + 0.6 * chunk.people.engagement)
    persons = [np.flatnonzero(chosen(rng, size, keen)) for _ in _YEARS]
    days = [rng.integers(day(year), day(year + 1), len(p)) for year, p in zip(_YEARS, persons, strict=True)]
    return chunk.kept(np.concatenate(persons), np.concatenate(days))


def _eye_exams(chunk: Chunk, share: Floats) -> None:
    """Pictures of both eyes, graded; nearly all exams are billed, of one in five the practice gets no report."""
    person, on = _once_a_year(chunk, share)
    reported = chosen(chunk.rng, len(person), 0.8)
    grade = pick_coding(chunk.rng, len(person), codes.RETINOPATHY_GRADE)
    for coding in codes.EYE_GRADE:
        events = chunk.journal.add(
            "observation", person[reported], on[reported], coding=coding, type="clinical-result", category="exam",
            status="final", value_type="coded", source="ehr",
        )  # fmt: skip
        chunk.journal.add_code(events, "value", Choice(grade.index[reported], grade.values))
    claimed = chosen(chunk.rng, len(person), 0.93)
    bill(chunk, person[claimed], on[claimed], codes.EYE_EXAM_CLAIM)

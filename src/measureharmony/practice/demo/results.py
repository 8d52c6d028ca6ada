"""Measured values: HbA1c and blood pressure, with the oddities of real result feeds."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick, pick_coding, yearly
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Cells, Choice, Floats, Ints
from measureharmony.practice.demo.visits import Visits

_SOURCES = {
    "ehr": 0.86, "payer_feed": 0.06, "supplemental_standard": 0.05, "supplemental_nonstandard": 0.02,
    "patient_reported": 0.01,
}  # fmt: skip


def write_glucose(chunk: Chunk) -> None:
    """HbA1c of people with diabetes (about one in eleven goes untested in a year), and of some others."""
    rng, people = chunk.rng, chunk.people
    size = len(people)
    diabetes = people.ill("diabetes")
    tested = np.where(diabetes, np.where(chosen(rng, size, 0.96), 2.9, 0.0), 0.12)
    person, on = chunk.kept(*yearly(rng, tested, [(YEAR - 2, 0.6), (YEAR - 1, 1), (YEAR, 1)]))
    usual = np.where(diabetes, 5.6 + rng.gamma(2.2, 0.81, size), rng.normal(5.4, 0.3, size))
    value = np.clip(usual[person] + rng.normal(0, 0.35, len(person)), 4, 16).round(1)
    odd = pick(rng, len(person), {"usual": 0.975, "none": 0.01, "other unit": 0.008, "text": 0.007})
    value = np.where(odd.index == 2, ((value - 2.15) * 10.929).round(0), value)
    value = np.where((odd.index == 1) | (odd.index == 3), np.nan, value)
    source = chunk.sources(len(person), _SOURCES)
    events = chunk.journal.add(
        "observation", person, on, coding=pick_coding(rng, len(person), codes.A1C), type="lab", category="laboratory",
        status=pick(rng, len(person), {"final": 0.97, "corrected": 0.02, "preliminary": 0.01}), value=value,
        unit=Choice(odd.index, ("%", "", "mmol/mol", "")), value_type=Choice(odd.index, ("", "", "", "text")),
        source=source, recorded=on + rng.integers(0, 4, len(person)), received=chunk.received(source, on),
        provider_id=chunk.physician(person),
    )  # fmt: skip
    chunk.journal.add_code(events[chosen(rng, len(events), 0.1)], "code", (codes.LOCAL_LAB, "A1C"))
    person, on = chunk.kept(*yearly(rng, 0.08 * diabetes, [(YEAR - 1, 1), (YEAR, 1)]))
    chunk.journal.add(
        "observation", person, on, coding=codes.GMI, type="lab", category="laboratory", status="final", unit="%",
        value=np.clip(usual[person] + 0.1, 4, 16).round(1), source="ehr",
    )  # fmt: skip


def write_blood_pressure(chunk: Chunk, visits: Visits) -> None:
    """Readings at most own visits: a few twice a day, some as two single results, some measured at home."""
    rng, people = chunk.rng, chunk.people
    raised = people.ill("hypertension")
    systolic = rng.normal(118, 9, len(people)) + np.where(raised, 15, 0)
    diastolic = 0.32 * systolic + rng.normal(36, 5, len(people))
    usual = np.stack([systolic, diastolic])
    share = np.where(visits.day >= day(YEAR - 2), 0.85, 0.3)
    taken = (visits.day >= day(YEAR - 4)) & (rng.random(len(share)) < share)
    person, on, visit = visits.person[taken], visits.day[taken], visits.event[taken]
    split = chosen(rng, len(person), 0.04)
    values = _measured(chunk, usual[:, person])
    _panels(chunk, (person[~split], on[~split], visit[~split]), values[:, ~split], 1)
    _single_results(chunk, person[split], on[split], values[:, split])
    again = (values[0] >= 140) & ~split & chosen(rng, len(person), 0.4)
    repeated = _measured(chunk, usual[:, person[again]] - np.array([[5.0], [2.0]]))
    _panels(chunk, (person[again], on[again], visit[again]), repeated, 2)
    at_home, days = chunk.kept(*yearly(rng, 0.15 * raised, [(YEAR, 1)]))
    _single_results(chunk, at_home, days, _measured(chunk, usual[:, at_home]), "patient_reported")


def _measured(chunk: Chunk, usual: Floats) -> Floats:
    """Readings around the usual pressures, systolic in the first row, in whole mm[Hg]."""
    return (usual + chunk.rng.normal(0, np.array([[8.0], [5.0]]), usual.shape)).round(0)


def _panels(chunk: Chunk, visit: tuple[Ints, Ints, Ints], values: Floats, sequence: int) -> None:
    """One panel a visit and its two components; a few lack the diastolic one."""
    person, on, encounter = visit
    common: dict[str, Cells] = {"status": "final", "category": "vital-signs", "source": "ehr", "sequence": sequence}
    panels = chunk.journal.add(
        "observation", person, on, coding=codes.BLOOD_PRESSURE, type="blood-pressure", encounter_id=encounter,
        provider_id=chunk.physician(person), **common,
    )  # fmt: skip
    for row, coding, present in ((0, codes.SYSTOLIC, 1.0), (1, codes.DIASTOLIC, 0.997)):
        kept = chosen(chunk.rng, len(panels), present)
        chunk.journal.add(
            "observation", person[kept], on[kept], coding=coding, type="component", value=values[row, kept],
            unit="mm[Hg]", parent_id=panels[kept], encounter_id=encounter[kept], **common,
        )  # fmt: skip


def _single_results(chunk: Chunk, person: Ints, on: Ints, values: Floats, source: str = "ehr") -> None:
    received: dict[str, Cells] = {} if source == "ehr" else {"received": chunk.received(source, on)}
    for row, coding in ((0, codes.SYSTOLIC), (1, codes.DIASTOLIC)):
        chunk.journal.add(
            "observation", person, on, coding=coding, type="simple", category="vital-signs", status="final",
            value=values[row], unit="mm[Hg]", source=source, **received,
        )  # fmt: skip

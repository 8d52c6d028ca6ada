"""Cancer screenings: results in the practice's records, and those that only payers or other files know of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import bill
from measureharmony.practice.demo.chance import LAST_DAY, YEAR, chosen, day, pick, pick_coding, series
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.illnesses import FEMALE
from measureharmony.practice.demo.journal import NONE, Cells, Choice, Coding, Flags, Ints

Choices = list[tuple[Coding, float]]

#: Where the result of a screening stands: in the practice's records, there and on a claim, on a claim only, elsewhere.
_SEEN = {
    "ehr": 0.40, "both": 0.45, "claim": 0.10, "supplemental_standard": 0.02, "supplemental_nonstandard": 0.01,
    "payer_feed": 0.01, "registry": 0.005, "patient_reported": 0.005,
}  # fmt: skip
_EHR, _BOTH, _CLAIM_ONLY = (tuple(_SEEN).index(word) for word in ("ehr", "both", "claim"))


@dataclass(frozen=True)
class Test:
    """Codes of a test's result and of its claim; what kind of value the result has (imaging has none)."""

    result: Choices
    claim: Choices
    value_type: Literal["", "coded", "text"] = ""


_MAMMOGRAM = Test(codes.MAMMOGRAM_RESULT, codes.MAMMOGRAM_CLAIM)
_FIT = Test(codes.FIT_RESULT, codes.FIT_CLAIM, "coded")
_SDNA = Test(codes.SDNA_RESULT, codes.SDNA_CLAIM, "coded")
_CT = Test(codes.CT_COLONOGRAPHY, [])
_PAP = Test(codes.PAP_RESULT, codes.PAP_CLAIM, "text")
_HPV = Test(codes.HPV_RESULT, [], "coded")


def write_screenings(chunk: Chunk) -> None:
    """Breast, colorectal and cervical cancer screenings, and the operations that make them needless."""
    _mammograms(chunk)
    _colorectal(chunk)
    _cervical(chunk)
    _operations(chunk)


def _latest(chunk: Chunk, who: Flags, share: float, within: int) -> Ints:
    """Day of the latest screening within ``within`` days before the year's end, for a share of ``who``."""
    keen = np.clip(share * (0.55 + 0.75 * chunk.people.engagement), 0, 1)
    done = who & (chunk.rng.random(len(who)) < keen)
    return np.where(done, LAST_DAY - chunk.rng.integers(0, within, len(who)), NONE)


def _mammograms(chunk: Chunk) -> None:
    women = (chunk.people.sex == FEMALE) & (chunk.people.age >= 40)
    last = _latest(chunk, women, 0.75, 760)
    lapsed = women & (last == NONE) & chosen(chunk.rng, len(women), 0.4)
    last = np.where(lapsed, LAST_DAY - chunk.rng.integers(840, 2600, len(women)), last)
    person, on = chunk.kept(*series(chunk.rng, last, (350, 760), day(YEAR - 5)))
    _orders(chunk, women, codes.MAMMOGRAM_CLAIM)
    _screened(chunk, person, on, _MAMMOGRAM)


def _colorectal(chunk: Chunk) -> None:
    rng = chunk.rng
    adults = chunk.people.age >= 45
    colonoscopy = _latest(chunk, adults, 0.45, 3650)
    person, on = chunk.kept(*series(rng, colonoscopy, (3300, 3700), day(YEAR - 10)))
    _procedures(chunk, person, on, codes.COLONOSCOPY)
    _orders(chunk, adults & (colonoscopy == NONE), codes.COLONOSCOPY)
    without = adults & (colonoscopy == NONE)
    person, on = chunk.kept(*series(rng, _latest(chunk, without, 0.27, 370), (350, 500), day(YEAR - 3)))
    _screened(chunk, person, on, _FIT)
    person, on = chunk.kept(*series(rng, _latest(chunk, without, 0.16, 1080), (1000, 1200), day(YEAR - 6)))
    _screened(chunk, person, on, _SDNA)
    person, on = chunk.kept(*series(rng, _latest(chunk, without, 0.02, 1800), (1700, 2000), day(YEAR - 6)))
    _procedures(chunk, person, on, codes.SIGMOIDOSCOPY)
    person, on = chunk.kept(*series(rng, _latest(chunk, without, 0.01, 1800), (1700, 2000), day(YEAR - 6)))
    _screened(chunk, person, on, _CT)


def _cervical(chunk: Chunk) -> None:
    rng, people = chunk.rng, chunk.people
    women = (people.sex == FEMALE) & (people.age >= 21) & (people.age <= 68) & ~people.ill("no_cervix")
    person, on = chunk.kept(*series(rng, _latest(chunk, women, 0.71, 1200), (900, 1300), day(YEAR - 6)))
    _screened(chunk, person, on, _PAP)
    older = women & (people.age >= 28)
    person, on = chunk.kept(*series(rng, _latest(chunk, older, 0.36, 1900), (1500, 2000), day(YEAR - 6)))
    _screened(chunk, person, on, _HPV)


def _screened(chunk: Chunk, person: Ints, on: Ints, test: Test) -> None:
    """Results of a test, and claims of it; without claim codes a claim-only test goes unseen."""
    seen = pick(chunk.rng, len(person), _SEEN)
    known = seen.index != _CLAIM_ONLY
    source = Choice(np.where(seen.index == _BOTH, _EHR, seen.index)[known], seen.values)
    _results(chunk, person[known], on[known], source, test)
    if test.claim:
        billed = (seen.index == _BOTH) | (seen.index == _CLAIM_ONLY)
        bill(chunk, person[billed], on[billed], test.claim)


def _results(chunk: Chunk, person: Ints, on: Ints, source: Choice, test: Test) -> None:
    """Imaging needs no value; laboratory tests have a coded or a text one, except for a few."""
    common: dict[str, Cells] = {
        "source": source, "received": chunk.received(source, on), "status": "final",
        "coding": pick_coding(chunk.rng, len(person), test.result),
    }  # fmt: skip
    if test.value_type == "":
        filed = pick(chunk.rng, len(person), {"imaging": 0.985, "none": 0.015})
        chunk.journal.add("observation", person, on, type="clinical-result", category=filed, **common)
        return
    valued = chosen(chunk.rng, len(person), 0.985)
    value_type = Choice(valued.astype(np.int64), ("", test.value_type))
    events = chunk.journal.add(
        "observation", person, on, type="lab", category="laboratory", value_type=value_type, **common
    )
    if test.value_type == "coded":
        with_value = events[valued]
        positive = chosen(chunk.rng, len(with_value), 0.06)
        chunk.journal.add_code(with_value[positive], "value", codes.POSITIVE)
        chunk.journal.add_code(with_value[~positive], "value", codes.NEGATIVE)


def _procedures(chunk: Chunk, person: Ints, on: Ints, choices: Choices) -> None:
    """Endoscopies: noted by the practice, billed, or both."""
    noted = chosen(chunk.rng, len(person), 0.75)
    source = chunk.sources(int(noted.sum()), {"ehr": 0.9, "supplemental_standard": 0.06, "patient_reported": 0.04})
    status = pick(chunk.rng, int(noted.sum()), {"completed": 0.985, "not-done": 0.01, "stopped": 0.005})
    chunk.journal.add(
        "procedure", person[noted], on[noted], end=on[noted], status=status, not_done=status.index == 1, source=source,
        coding=pick_coding(chunk.rng, int(noted.sum()), choices), received=chunk.received(source, on[noted]),
    )  # fmt: skip
    billed = ~noted | chosen(chunk.rng, len(person), 0.5)
    bill(chunk, person[billed], on[billed], choices)


def _orders(chunk: Chunk, who: Flags, choices: Choices) -> None:
    """Referrals of the measurement year, some of them never followed."""
    person = np.flatnonzero(who & chosen(chunk.rng, len(who), 0.2))
    person, on = chunk.kept(person, chunk.rng.integers(day(YEAR), LAST_DAY, len(person)))
    chunk.journal.add(
        "service_request", person, on, authored=on, intent="order", source="ehr", provider_id=chunk.physician(person),
        coding=pick_coding(chunk.rng, len(person), choices),
        status=pick(chunk.rng, len(person), {"active": 0.7, "completed": 0.25, "revoked": 0.05}),
    )  # fmt: skip


def _operations(chunk: Chunk) -> None:
    """The procedures behind some of the lasting conditions."""
    for illness, choices, share in (
        ("no_cervix", codes.HYSTERECTOMY, 0.5),
        ("no_breasts", codes.MASTECTOMY, 0.6),
        ("colorectal_cancer", codes.COLECTOMY, 0.1),
    ):
        ill = np.flatnonzero(chunk.people.ill(illness))
        person, on = chunk.kept(ill, chunk.people.onset[illness][ill], share)
        chunk.journal.add(
            "procedure", person, on, end=on, coding=pick_coding(chunk.rng, len(person), choices), status="completed",
            source="ehr",
        )  # fmt: skip

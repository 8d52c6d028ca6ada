"""Who is in the demo practice: births, sex, illnesses, payers, and the table ``person``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from measureharmony.practice.demo.chance import LAST_DAY, YEAR, chosen, day, pick
from measureharmony.practice.demo.illnesses import AGES, FEMALE, GROUPS, ILLNESSES, LATER_ILLNESSES, Illness
from measureharmony.practice.demo.journal import NONE, Choice, Flags, Floats, Ints, choice_array, days_array

_GIVEN = (
    "Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gita", "Hal", "Ines", "Jon", "Kim", "Lea", "Max", "Nora", "Omar",
    "Pia", "Quin", "Rosa", "Sam", "Tia", "Uri", "Vera", "Will", "Xena", "Yan", "Zoe",
)  # fmt: skip
_FAMILY = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper", "Larch", "Maple", "Oak",
    "Pine", "Rowan", "Spruce", "Willow", "Yew",
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """The people of one chunk; arrays with one entry a person. Days are day numbers, ``NONE`` where not.

    ``age`` is the age at the end of the measurement year. ``engagement`` (0 to 1) is how readily a person seeks care.
    ``onset`` gives the day each illness began, ``groups`` who belongs to each group.
    """

    first: int
    birth: Ints
    age: Ints
    sex: Ints
    death: Ints
    death_known: Flags
    engagement: Floats
    physician: Ints
    onset: dict[str, Ints]
    groups: dict[str, Flags]

    def __len__(self) -> int:
        return len(self.birth)

    def ill(self, name: str) -> Flags:
        """Who has the illness by the end of the measurement year."""
        ill: Flags = self.onset[name] != NONE
        return ill

    def alive(self, person: Ints, on: Ints) -> Flags:
        """Whether each person, given by index, is born and has not died on the day."""
        death = self.death[person]
        gone = (death != NONE) & (on > death)
        alive: Flags = (on >= self.birth[person]) & ~gone
        return alive


def draw_people(rng: np.random.Generator, later: np.random.Generator, first: int, size: int, physicians: int) -> People:
    """``size`` people numbered from ``first``; ``later`` draws the illnesses of ``LATER_ILLNESSES``."""
    band = rng.choice(len(AGES), size, p=[share for *_, share in AGES])
    low, high = (np.array([entry[i] for entry in AGES])[band] for i in (0, 1))
    age = rng.integers(low, high + 1)
    birth = np.array([day(YEAR - a) for a in range(120)])[age] + rng.integers(0, 365, size)
    sex = rng.choice(3, size, p=[0.525, 0.472, 0.003])
    dies = chosen(rng, size, np.array([0.0005, 0.001, 0.004, 0.015, 0.06])[band])
    onset = {name: _onset(rng, illness, band, sex, birth) for name, illness in ILLNESSES.items()}
    onset |= {name: _onset(later, illness, band, sex, birth) for name, illness in LATER_ILLNESSES.items()}
    return People(
        first=first,
        birth=birth,
        age=age,
        sex=sex,
        death=np.where(dies, rng.integers(day(YEAR), LAST_DAY, size), NONE),
        death_known=chosen(rng, size, 0.9),
        engagement=rng.beta(3, 2, size),
        physician=rng.integers(0, physicians, size),
        onset=onset,
        groups={name: _member(rng, name, share, band, sex) for name, share in GROUPS.items()},
    )


def _onset(rng: np.random.Generator, illness: Illness, band: Ints, sex: Ints, birth: Ints) -> Ints:
    """Day on which the illness began: shortly ago for its recent share, else in the twelve years before."""
    size = len(band)
    ill = chosen(rng, size, np.array(illness.prevalence)[band])
    if illness.sex is not None:
        ill &= sex == illness.sex
    recently = rng.integers(day(YEAR - 1), LAST_DAY - 30, size)
    before = rng.integers(day(YEAR - 13), day(YEAR - 1), size)
    began = np.maximum(np.where(chosen(rng, size, illness.recent), recently, before), birth)
    return np.where(ill, began, NONE)


def _member(rng: np.random.Generator, name: str, share: tuple[float, ...], band: Ints, sex: Ints) -> Flags:
    member = chosen(rng, len(band), np.array(share)[band])
    return member & (sex == FEMALE) if name == "pregnancy" else member


def person_table(rng: np.random.Generator, people: People) -> pa.Table:
    """Table ``person``; names are invented, telephone numbers are of the range kept free for fiction."""
    size = len(people)
    died = people.death != NONE
    sexes = Choice(people.sex, ("female", "male", ""))
    genders = Choice(np.where(chosen(rng, size, 0.01), 2, people.sex), ("female", "male", "other"))
    given, family = rng.integers(0, len(_GIVEN), size), rng.integers(0, len(_FAMILY), size)
    names = tuple(f"{g} {f}" for g in _GIVEN for f in _FAMILY)
    return pa.table(
        {
            "person_id": pa.array(people.first + np.arange(size)),
            "birth": days_array(people.birth),
            "sex": choice_array(sexes),
            "gender": choice_array(genders),
            "deceased": pa.array(died),
            "death": days_array(np.where(people.death_known, people.death, NONE)),
            "name": choice_array(Choice(given * len(_FAMILY) + family, names)),
            "language": choice_array(pick(rng, size, {"en": 84, "es": 11, "zh": 2, "vi": 1, "": 2})),
            "phone": choice_array(Choice(rng.integers(0, 100, size), tuple(f"555-01{n:02d}" for n in range(100)))),
            "postal_code": choice_array(pick(rng, size, {"00501": 4, "00544": 3, "06390": 2, "": 0.2})),
        }
    )

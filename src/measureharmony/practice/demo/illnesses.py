"""What people of the demo practice have: lasting illnesses with their codes, and how common each is by age."""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.practice.demo.codes import ICD10CM, weighted
from measureharmony.practice.demo.journal import Coding

FEMALE, MALE, NOT_STATED = 0, 1, 2

#: Ages at the end of the measurement year: lowest, highest, share of the practice.
AGES = ((0, 17, 0.13), (18, 39, 0.24), (40, 64, 0.38), (65, 80, 0.19), (81, 97, 0.06))


@dataclass(frozen=True)
class Illness:
    """A lasting condition: its diagnosis codes and how common it is in each age band of ``AGES``.

    ``recent``: share whose onset lies in the measurement year or the one before. ``visits``: share of the person's
    visits at which it is coded.
    """

    codings: list[tuple[Coding, float]]
    prevalence: tuple[float, float, float, float, float]
    sex: int | None = None
    recent: float = 0.2
    visits: float = 0.0


ILLNESSES = {
    "diabetes": Illness(
        weighted(ICD10CM, "E11.9:5 E11.65:2 E11.22:1 E11.42:1 E10.9:1"), (0.003, 0.03, 0.14, 0.25, 0.22), visits=0.7
    ),
    "hypertension": Illness(weighted(ICD10CM, "I10"), (0.0, 0.05, 0.32, 0.6, 0.68), visits=0.6),
    "hyperlipidemia": Illness(weighted(ICD10CM, "E78.5:3 E78.00:1 E78.2:1"), (0, 0.05, 0.3, 0.5, 0.45), visits=0.3),
    "heart_failure": Illness(weighted(ICD10CM, "I50.9:2 I50.22:1 I50.32:1"), (0, 0.001, 0.01, 0.06, 0.15), visits=0.6),
    "emphysema": Illness(weighted(ICD10CM, "J43.9"), (0, 0, 0.01, 0.03, 0.04), visits=0.4),
    "dementia": Illness(weighted(ICD10CM, "G30.9:2 F03.90:2 F01.50"), (0, 0, 0.002, 0.04, 0.2), recent=0.4, visits=0.5),
    "metastatic_cancer": Illness(weighted(ICD10CM, "C79.51:1 C78.7:1"), (0, 0.0005, 0.004, 0.012, 0.01), recent=0.6),
    "kidney_failure": Illness(weighted(ICD10CM, "N18.6"), (0, 0.001, 0.004, 0.01, 0.01), visits=0.8),
    "kidney_disease_5": Illness(weighted(ICD10CM, "N18.5"), (0, 0, 0.002, 0.006, 0.008), visits=0.6),
    "kidney_transplant": Illness(weighted(ICD10CM, "Z94.0"), (0, 0.0005, 0.002, 0.002, 0), visits=0.4),
    "colorectal_cancer": Illness(weighted(ICD10CM, "C18.9:1 C20:1 Z85.038:2"), (0, 0.0005, 0.006, 0.018, 0.025)),
    "no_cervix": Illness(weighted(ICD10CM, "Z90.710"), (0, 0.004, 0.09, 0.2, 0.25), sex=FEMALE, recent=0.05),
    "no_breasts": Illness(weighted(ICD10CM, "Z90.13"), (0, 0.001, 0.012, 0.02, 0.02), sex=FEMALE),
    "palliative_care": Illness(weighted(ICD10CM, "Z51.5"), (0, 0.0005, 0.002, 0.008, 0.03), recent=1.0),
}  # fmt: skip

#: Illnesses that came to the demo after those above; their random numbers are their own, so that nothing above shifts.
LATER_ILLNESSES = {
    "coronary_disease": Illness(
        weighted(ICD10CM, "I25.10:6 I25.119:2 I25.5:1"), (0, 0.002, 0.06, 0.2, 0.28), visits=0.75
    ),
    "atrial_fibrillation": Illness(weighted(ICD10CM, "I48.91:2 I48.0 I48.20"), (0, 0.001, 0.02, 0.1, 0.18), visits=0.6),
    "stroke": Illness(weighted(ICD10CM, "I63.9:2 G45.9"), (0, 0, 0.008, 0.04, 0.07), visits=0.3),
    "kidney_disease": Illness(weighted(ICD10CM, "N18.31:2 N18.32 N18.30"), (0, 0.003, 0.04, 0.15, 0.25), visits=0.6),
    "lung_disease": Illness(weighted(ICD10CM, "J44.9:4 J44.1"), (0, 0.002, 0.04, 0.12, 0.12), visits=0.5),
    "asthma": Illness(weighted(ICD10CM, "J45.909:3 J45.40:2 J45.30:2"), (0.1, 0.08, 0.07, 0.06, 0.05), visits=0.5),
    "depression": Illness(
        weighted(ICD10CM, "F32.9:3 F33.1:3 F32.1:2 F33.0"), (0.03, 0.13, 0.13, 0.1, 0.1), recent=0.45, visits=0.5
    ),
    "bipolar": Illness(weighted(ICD10CM, "F31.9:2 F31.81"), (0, 0.012, 0.012, 0.006, 0.003), visits=0.5),
    "psychosis": Illness(weighted(ICD10CM, "F20.9:2 F25.9"), (0, 0.006, 0.008, 0.004, 0.002), visits=0.5),
    "alcohol_use": Illness(weighted(ICD10CM, "F10.20:2 F10.10"), (0.002, 0.03, 0.035, 0.015, 0.004), recent=0.4),
    "opioid_use": Illness(weighted(ICD10CM, "F11.20:3 F11.10"), (0, 0.018, 0.014, 0.004, 0), recent=0.4),
    "osteoporosis": Illness(weighted(ICD10CM, "M81.0"), (0, 0, 0.03, 0.18, 0.3), sex=FEMALE, visits=0.3),
    "muscle_pain": Illness(weighted(ICD10CM, "M79.10:2 M79.18"), (0, 0.005, 0.015, 0.02, 0.02), visits=0.5),
}

#: Groups that shape care without being one diagnosis: share by age band.
GROUPS = {
    "frailty": (0.0, 0.0, 0.004, 0.06, 0.25),
    "nursing_home": (0.0, 0.0, 0.001, 0.012, 0.06),
    "hospice": (0.0, 0.0, 0.001, 0.006, 0.03),
    "pregnancy": (0.004, 0.07, 0.006, 0.0, 0.0),
}

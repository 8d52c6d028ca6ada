"""The clinicians of the demo practice, and those elsewhere whose care shows up in claims only."""

from __future__ import annotations

import pyarrow as pa

#: The practice's own primary-care physicians come first, then specialists elsewhere.
PHYSICIANS = 24
SPECIALISTS = 16
#: How many sites the practice has; physicians are spread over them in turn.
SITES = 3
_ELSEWHERE = (
    "cardiology",
    "radiology",
    "gastroenterology",
    "gynecology",
    "nephrology",
    "oncology",
    "pathology",
    "hospital",
)


def physician_ids() -> tuple[str, ...]:
    """Ids of everybody, own physicians first."""
    return tuple(f"d{number:02d}" for number in range(1, PHYSICIANS + SPECIALISTS + 1))


def provider_table() -> pa.Table:
    """Table ``provider``: three sites of the practice, and two groups elsewhere."""
    numbers = range(PHYSICIANS + SPECIALISTS)
    return pa.table(
        {
            "provider_id": pa.array(physician_ids()),
            "npi": pa.array([f"19000000{n:02d}" for n in numbers]),
            "name": pa.array([f"Clinician {n + 1:02d}" for n in numbers]),
            "specialty": pa.array([_specialty(n) for n in numbers]),
            "group_id": pa.array(
                [f"site-{n % SITES + 1}" if n < PHYSICIANS else f"elsewhere-{n % 2 + 1}" for n in numbers]
            ),
            "primary_care": pa.array([n < PHYSICIANS for n in numbers]),
        }
    )


def _specialty(number: int) -> str:
    if number >= PHYSICIANS:
        return _ELSEWHERE[number % len(_ELSEWHERE)]
    return "family medicine" if number % 8 < 5 else "internal medicine"

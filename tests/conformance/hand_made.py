"""Decks made by hand: our own people as FHIR bundles, with what is expected of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HEADER = "patient_id,group,population,count,period_start,period_end"
#: Populations and whether a woman of 60 with a mammogram is in them.
SCREENED = {"initial-population": 1, "denominator": 1, "denominator-exclusion": 0, "numerator": 1}


def bundle(person: str, *, born: str = "1966-03-02", mammogram: str | None = "2026-02-01") -> dict[str, Any]:
    """A woman with one office visit in 2026, and a mammogram or none."""
    subject = {"reference": f"Patient/{person}"}
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": person, "gender": "female", "birthDate": born},
        {
            "resourceType": "Encounter",
            "id": "visit",
            "status": "finished",
            "class": {"code": "AMB"},
            "type": [{"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "99213"}]}],
            "subject": subject,
            "period": {"start": "2026-03-02", "end": "2026-03-02"},
        },
    ]
    if mammogram:
        resources.append(
            {
                "resourceType": "Observation",
                "id": "mammogram",
                "status": "final",
                "category": [{"coding": [{"code": "imaging"}]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": "24606-6"}]},
                "subject": subject,
                "effectiveDateTime": mammogram,
            }
        )
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def lines(person: str, *, group: str = "1", year: int = 2026, **counts: int) -> list[str]:
    """Lines of ``expected.csv``: a screened woman's, but for ``counts`` (``numerator=0``)."""
    expected = SCREENED | {name.replace("_", "-"): count for name, count in counts.items()}
    return [f"{person},{group},{name},{count},{year}-01-01,{year}-12-31" for name, count in expected.items()]


def write_measure(deck: Path, people: dict[str, dict[str, Any]], expected: list[str], name: str = "CMS125") -> Path:
    """Write one measure's folder into ``deck`` and return it."""
    folder = deck / name
    folder.mkdir(parents=True)
    for person, content in people.items():
        (folder / f"{person}.json").write_text(json.dumps(content))
    (folder / "expected.csv").write_text("\n".join([HEADER, *expected]) + "\n")
    return folder

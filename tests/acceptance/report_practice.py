"""A practice for reports: many people with one gap each, some of them with names that attack whoever shows them."""

from __future__ import annotations

from measureharmony.practice import Practice, from_tables
from tests.acceptance.small_practice import Tables, arrow

#: Person identifier and name: markup, formulas, a path.
HOSTILE = {
    "=cmd|' /C calc'!A0": "<script>document.title='run'</script>",
    "../../x": "</script><img src=x onerror=alert(1)>",
    "-2+3": "@SUM(A1)",
    "ann\u2028": '=HYPERLINK("https://example.org","x")',
}
PLAIN = 116
#: How many people the practice has, all of whom have a gap but those of every fourth.
PEOPLE = PLAIN + len(HOSTILE)
CLINICIANS = {"d1": "Dr. Grey", "d2": "=1+1"}


def report_practice() -> Practice:
    """Women of 60 who were seen; every fourth has had a mammogram; half are on the Medicare roster; six are 45."""
    people = {**HOSTILE, **{f"p{number:03}": f"Person {number:03}" for number in range(PLAIN)}}
    made: Tables = {"person": [], "coverage": [], "roster": [], "event": [], "provider": []}
    for place, (person, name) in enumerate(people.items()):
        birth = "1981-03-02" if place % 20 == 19 else "1966-03-02"
        made["person"].append({"person_id": person, "name": name, "birth": birth, "sex": "female"})
        made["coverage"].append(
            {"person_id": person, "payer": "bluestone", "product_line": "commercial", "start": "2024-01-01"}
        )
        provider = "d1" if place % 3 else "d2"
        visit = {"kind": "encounter", "code_system": "CPT", "code": "99213", "provider_id": provider}
        made["event"].append(_event(person, f"v{place}", **visit))
        if place % 2:
            listed = {"program": "mssp_app_plus", "start": "2026-01-01", "provider_id": provider}
            made["roster"].append({"person_id": person, **listed})
        if place % 4 == 3:
            made["event"].append(
                _event(
                    person, f"m{place}", kind="observation", type="clinical-result", category="imaging",
                    code_system="LOINC", code="24606-6", start="2026-09-02",
                )
            )  # fmt: skip
    made["provider"] = [
        {"provider_id": key, "name": name, "primary_care": "true", "group_id": "site-1"}
        for key, name in CLINICIANS.items()
    ]
    return from_tables({name: arrow(rows) for name, rows in made.items()}, origin="<b>demo</b>")


def _event(person: str, name: str, **cells: str) -> dict[str, str]:
    return {"event_id": name, "person_id": person, "start": "2026-03-02"} | cells

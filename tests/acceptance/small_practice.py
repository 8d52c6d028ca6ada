"""A practice of a few people, each for one reason, as rows of the dataset contract."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from measureharmony.reports.tables import ResultTable

Row = dict[str, str]
Tables = dict[str, list[Row]]

#: All are women of 60 who were seen in March 2026; what they differ in follows the name.
PEOPLE = {
    "screened": "mammogram in February 2026",
    "later": "mammogram in September 2026",
    "claimed-late": "mammogram in February 2026, whose claim was received on 1 August 2026",
    "missing": "no mammogram",
    "two-payers": "no mammogram, and covered by two payers",
    "uncovered": "no mammogram, and nobody pays",
    "listed": "no mammogram, on the Medicare roster",
    "delisted": "no mammogram, on the Medicare roster until May 2026",
}
_MAMMOGRAM = {"screened": "2026-02-01", "later": "2026-09-15", "claimed-late": "2026-02-01"}
_COVERED_BY = {
    "uncovered": (),
    "two-payers": (("bluestone", "commercial"), ("state_medicaid", "medicaid")),
    "listed": (("medicare", "medicare_ffs"),),
    "delisted": (("medicare", "medicare_ffs"),),
}


def tables() -> Tables:
    """The rows of every table that the practice has."""
    made: Tables = {"person": [], "coverage": [], "roster": [], "event": []}
    for person in PEOPLE:
        made["person"].append({"person_id": person, "birth": "1966-03-02", "sex": "female"})
        made["event"].append(
            _event(person, "visit", kind="encounter", code_system="CPT", code="99213", start="2026-03-02")
        )
        for payer, line in _COVERED_BY.get(person, (("bluestone", "commercial"),)):
            made["coverage"].append({"person_id": person, "payer": payer, "product_line": line, "start": "2024-01-01"})
        if person in _MAMMOGRAM:
            mammogram = _event(
                person,
                "mammogram",
                kind="observation",
                type="clinical-result",
                category="imaging",
                code_system="LOINC",
                code="24606-6",
                start=_MAMMOGRAM[person],
            )
            if person == "claimed-late":
                mammogram |= {"received": "2026-08-01", "source": "claim"}
            made["event"].append(mammogram)
    listed = {"program": "mssp_app_plus", "start": "2026-01-01"}
    made["roster"] = [
        {"person_id": "listed", **listed},
        {"person_id": "delisted", **listed, "end": "2026-05-31"},
    ]
    return made


def _event(person: str, name: str, **cells: str) -> Row:
    return {"event_id": f"{person}-{name}", "person_id": person, **cells}


def arrow(rows: list[Row]) -> pa.Table:
    """The rows as a table of text; what a row leaves out is null."""
    columns = dict.fromkeys(column for row in rows for column in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns})


def write_csv(folder: Path, made: Tables) -> Path:
    """One CSV file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in made.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, arrow(rows).column_names, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def write_parquet(folder: Path, made: Tables) -> Path:
    """One Parquet file per table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in made.items():
        pq.write_table(arrow(rows), folder / f"{name}.parquet")
    return folder


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file, as any program would read them."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_outcomes(folder: Path) -> list[Row]:
    """The rows of the outcomes, as CSV would have them."""
    table = ResultTable("outcomes", pq.read_table(folder / "outcomes.parquet"), {})
    return list(csv.DictReader(io.StringIO(table.to_csv(), newline="")))

"""A validation for machines: the models say what the JSON holds, and make its JSON Schema.

``python -m measureharmony.validation.report`` rewrites the committed schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any, Literal

from pydantic import Field

from measureharmony.measures.names import Model
from measureharmony.spec_files import spec_folder
from measureharmony.validation.checking import Validation
from measureharmony.validation.finding import Finding, Level, counted
from measureharmony.validation.impact import Impact

SCHEMA = "validation.schema.json"
Relation = Literal["equal", "narrower", "wider", "incomparable", "unknown"]


class PlaceShown(Model):
    """Another place that has to do with a finding."""

    file: str
    line: int = Field(description="From 1; 0: the whole file.")
    why: str


class FindingShown(Model):
    """One problem, contradiction, open decision (a warning) or hint."""

    level: Level
    code: str = Field(
        description="Stable: spec-…, program-…, overlay-…, change-…, contradiction-…, decision-…, hint-…."
    )
    file: str
    line: int = Field(description="From 1; 0: the whole file.")
    what: str
    fix: str
    measures: tuple[str, ...] = Field(description="What it is about; empty: the contract, or the file as such.")
    related: tuple[PlaceShown, ...]


class DifferenceShown(Model):
    """One difference in meaning."""

    measure: str = Field(description="Empty: the contracts differ for every measure.")
    axis: str
    sentence: str
    rates: tuple[str, ...] = Field(description="Empty: every rate.")
    populations: tuple[str, ...]
    sources: tuple[str, ...]


class RelationShown(Model):
    """How one population of the program's version stands to that of the other version, proved or shown."""

    measure: str
    rate: str
    population: str
    relation: Relation
    sentence: str
    reasons: tuple[str, ...]


class MoveShown(Model):
    """What all differences of a rate, or one of them, do to the people of the sample."""

    measure: str
    rate: str
    cause: str = Field(description="`all`, or the number of a cause.")
    sentence: str
    moved: int = Field(description="People who end up elsewhere.")
    denominator_in: int
    denominator_out: int
    numerator_in: int
    numerator_out: int
    rate_before: float | None = Field(description="As a proportion; null where nobody is counted.")
    rate_after: float | None
    points: float | None = Field(description="The difference in percentage points.")


class ImpactShown(Model):
    """The sample, and what becomes of it."""

    sample: str
    people: int
    moves: tuple[MoveShown, ...]
    notes: tuple[str, ...]


class ProgramShown(Model):
    """One program, or (``program`` null) a whole folder of specs."""

    program: str | None
    title: str
    folder: str
    against: str | None = Field(description="What it is set against; null for a folder of specs.")
    findings: tuple[FindingShown, ...]
    differences: tuple[DifferenceShown, ...] = ()
    alignment: tuple[RelationShown, ...] = ()
    impact: ImpactShown | None = None
    not_checked: tuple[str, ...] = Field((), description="What could not be checked, and why, in sentences.")

    def without_hints(self) -> ProgramShown:
        """The same with errors and warnings only."""
        return self.model_copy(update={"findings": tuple(one for one in self.findings if one.level != "hint")})


class Report(Model):
    """What ``measureharmony validate --format json`` prints."""

    measureharmony: str = Field(description="The version that made it.")
    errors: int
    warnings: int
    hints: int
    programs: tuple[ProgramShown, ...]

    def to_json(self) -> str:
        """As JSON."""
        return self.model_dump_json(indent=2)


def report(validations: Iterable[Validation]) -> Report:
    """The validations of some programs, for machines."""
    return reported([_program(one) for one in validations])


def reported(programs: Sequence[ProgramShown]) -> Report:
    """Programs that are shown already."""
    levels = [finding.level for program in programs for finding in program.findings]
    numbers = {f"{level}s": levels.count(level) for level in counted(())}
    return Report(measureharmony=version("measureharmony"), programs=tuple(programs), **numbers)


def finding_shown(finding: Finding) -> FindingShown:
    """A finding as plain data."""
    issue = finding.issue
    related = tuple(PlaceShown(file=one.file, line=one.line, why=one.why) for one in finding.related)
    return FindingShown(
        level=finding.level, code=issue.code, file=issue.file, line=issue.line, what=issue.what, fix=issue.fix,
        measures=finding.measures, related=related,
    )  # fmt: skip


def _program(one: Validation) -> ProgramShown:
    return ProgramShown(
        program=one.name,
        title=one.program.title if one.program else "",
        folder=one.folder,
        against=one.against,
        findings=tuple(map(finding_shown, one.findings)),
        differences=tuple(_differences(one)),
        alignment=tuple(_relations(one)),
        impact=_impact(one.impact) if one.impact else None,
        not_checked=one.not_checked,
    )


def _differences(one: Validation) -> Iterator[DifferenceShown]:
    for found in one.comparison.differences if one.comparison else ():
        yield DifferenceShown(
            measure=found.measure, axis=str(found.axis), sentence=found.sentence, rates=found.rates,
            populations=found.populations, sources=tuple(map(str, found.citations)),
        )  # fmt: skip


def _relations(one: Validation) -> Iterator[RelationShown]:
    for alignment in one.alignments:
        for claim in alignment.claims:
            yield RelationShown(
                measure=alignment.variant.measure.measure, rate=claim.rate, population=claim.place,
                relation=claim.relation, sentence=claim.sentence, reasons=tuple(map(str, claim.reasons)),
            )  # fmt: skip


def _impact(found: Impact) -> ImpactShown:
    names = MoveShown.model_fields.keys()
    rows = found.divergence.counts.to_dicts()
    moves = [MoveShown.model_validate({name: row[name] for name in names}) for row in rows]
    return ImpactShown(sample=found.sample, people=found.people, moves=tuple(moves), notes=found.notes)


def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", **Report.model_json_schema(mode="serialization")
    }  # fmt: skip


def schema_text() -> str:
    """The same as the committed file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (spec_folder() / "schema" / SCHEMA).write_text(schema_text(), "utf-8")


__all__ = ["SCHEMA", "ProgramShown", "Report", "finding_shown", "report", "reported", "schema", "schema_text"]

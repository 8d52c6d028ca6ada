"""The mapping profile: where in a payer's file the measures stand, and what each of its columns holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, get_args

import yaml
from pydantic import Field

from measureharmony.errors import Issue, shown
from measureharmony.intake.cells import IntakeError
from measureharmony.measures.measure import Key, PartName
from measureharmony.measures.names import Model
from measureharmony.measures.reader import read_model
from measureharmony.measures.shape import suggestion
from measureharmony.payers.program import MembershipRule, ProductLine

#: What a column can hold. ``other``: ask the headings of each measure's parameters. ``ignore``: nothing for a spec.
Holds = Literal[
    "id", "name", "rate", "age", "age_from", "age_to", "lookback", "threshold", "enrolment", "gaps", "gap_days",
    "anchor", "target", "tier", "minimum_denominator", "payment", "frequency", "cut_off", "claims_cut_off",
    "supplemental_cut_off", "period", "effective", "sources", "exclusions", "page", "document", "note", "attribute",
    "value", "parameter", "other", "ignore",
]  # fmt: skip
HOLDS: tuple[str, ...] = get_args(Holds)
#: Where the payer's measure is not one of ours.
NOT_OURS = "none"


class ColumnRule(Model):
    """What a column holds, where one word does not say it.

    ``unit``: of numbers that stand there alone. ``parameter``: the very parameter of the measures (with ``holds:
    parameter``). ``of``: words that stand for all its cells, such as ``colonoscopy`` for a column of lookbacks.
    """

    holds: Holds
    unit: str | None = None
    parameter: PartName | None = None
    of: str = ""


class Written(Model):
    """How values are written, where it cannot be seen.

    ``day_first``: 03/04/2026 is the third of April. ``lookback``: whether "27 months" include the measurement period
    (of which 15 then lie before it) or all lie before it.
    """

    day_first: bool = False
    lookback: Literal["with_period", "before_period"] = "with_period"


class ProgramHead(Model):
    """What the program's file says beside its measures; what is left out is guessed, and marked as a guess."""

    program: Key
    title: str
    payer: Annotated[str, Field(min_length=1)]
    fictional: bool = False
    product_lines: tuple[ProductLine, ...] = ()
    edition: int
    membership: MembershipRule = MembershipRule(roster=True)


class Profile(Model):
    """How to read one payer's file.

    ``sheets``: the sheets to read (none for a text file). ``header_rows``: the numbers of the rows that hold the
    headings; two rows are read as one heading, the upper first. ``columns``: by heading (or by the column's letter),
    what it holds. ``attributes``: the same for the words in the attribute column of a long sheet. ``measures``: by the
    payer's identifier or name, our measure (``none``: not one of ours).
    """

    program: ProgramHead
    sheets: tuple[str, ...] = ()
    layout: Literal["wide", "long"] = "wide"
    header_rows: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    columns: Annotated[dict[str, Holds | ColumnRule], Field(min_length=1)]
    attributes: dict[str, Holds | ColumnRule] = Field(default_factory=dict)
    measures: dict[str, str] = Field(default_factory=dict)
    written: Written = Written()

    def rule(self, heading: str) -> ColumnRule | None:
        """The rule of a column by its heading, if the profile has one."""
        return rule_of(self.columns, heading)


def rule_of(entries: Mapping[str, Holds | ColumnRule], heading: str) -> ColumnRule | None:
    """The entry of a heading, whatever its capitals and blanks."""
    wanted = plain_heading(heading)
    for name, entry in entries.items():
        if plain_heading(name) == wanted:
            return entry if isinstance(entry, ColumnRule) else ColumnRule(holds=entry)
    return None


def plain_heading(heading: str) -> str:
    """A heading without regard to capitals and blanks."""
    return " ".join(heading.casefold().split())


def read_profile(path: Path, measures: Iterable[str]) -> Profile:
    """The profile in a file; :class:`IntakeError` with every problem, its line and its fix."""
    reading = read_model(path, Profile)
    if reading.model is None:
        raise IntakeError(reading.issues)
    known = {*measures, NOT_OURS}
    unknown = [
        reading.document.issue(
            ("measures", name), "intake-unknown-measure", f"there is no measure '{key}'", suggestion(key, known)
        )
        for name, key in reading.model.measures.items()
        if key not in known
    ]
    holds = {rule.holds for rule in (reading.model.rule(heading) for heading in reading.model.columns) if rule}
    if not holds & {"id", "name"}:
        fix = "under columns, give the column with the payer's names: 'Its heading: name'"
        unknown.append(Issue(shown(path), 1, "intake-no-measure-column", "no column holds the measures' names", fix))
    if unknown:
        raise IntakeError(unknown)
    return reading.model


def profile_text(profile: Profile) -> str:
    """A profile as its file: every column on a line of its own, so that it can be corrected."""
    data = profile.model_dump(mode="json", exclude_defaults=True)
    data["program"] |= {"membership": profile.program.membership.model_dump(mode="json", exclude_none=True)}
    lines: list[str] = []
    for key in ("program", "sheets", "layout", "header_rows", "columns", "attributes", "measures", "written"):
        if isinstance(data.get(key), dict):
            lines += [f"{key}:", *(f"  {_flow(name)}: {_flow(value)}" for name, value in data[key].items())]
        elif key in data:
            lines.append(f"{key}: {_flow(data[key])}")
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    """A value in one line of YAML."""
    text: str = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return text.strip().removeprefix("[").removesuffix("]")


__all__ = [
    "HOLDS", "NOT_OURS", "ColumnRule", "Holds", "Profile", "ProgramHead", "Written", "plain_heading", "profile_text",
    "read_profile", "rule_of",
]  # fmt: skip

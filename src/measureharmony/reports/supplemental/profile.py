"""A payer profile: which evidence a payer takes as supplemental data, and what its file looks like."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from measureharmony.errors import Issue, SpecError
from measureharmony.measures.measure import Key
from measureharmony.measures.names import Model, one_of
from measureharmony.measures.reader import Reading, read_model
from measureharmony.measures.shape import suggestion
from measureharmony.payers.program import Source
from measureharmony.value_sets import shipped_systems

#: Where evidence comes from, as the dataset says it (``practice.contract.EVENT_SOURCES``; a test keeps the two equal).
EvidenceSource = Literal[
    "claim", "ehr", "supplemental_standard", "supplemental_nonstandard", "patient_reported", "payer_feed", "registry",
    "pharmacy_claim",
]  # fmt: skip
#: What a column can hold. All that is text; dates are written in the file's date format.
Content = Literal[
    "person_id", "member_id", "name", "birth", "sex", "program", "measure", "measure_id", "measure_title", "rate",
    "event_id", "service_date", "code", "code_system", "value", "unit", "values", "source", "source_flag", "npi",
    "provider_name", "group_id",
]  # fmt: skip
#: A date format: year, month and day, each once, with anything but letters and digits between them.
_DATE_FORMAT = r"^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$"


class Form(Model):
    """What the file looks like.

    ``name`` is made of words in braces (``profile``, ``program``, ``payer``, ``as_of``); letters become small, and what
    is no letter, digit, ``-`` or ``_`` becomes ``-``. ``neutralise``: text that a spreadsheet would run as a formula
    gets an apostrophe before it (in a workbook nothing is ever run).
    """

    kind: Literal["csv", "xlsx"] = "csv"
    name: Annotated[str, Field(min_length=1)] = "{profile}_{program}_{as_of}"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    header: bool = True
    date_format: Annotated[str, Field(pattern=_DATE_FORMAT, examples=["MM/DD/YYYY"])] = "YYYY-MM-DD"
    sheet: Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\']+$")] = "Data"
    neutralise: bool = True

    @field_validator("date_format")
    @classmethod
    def _whole_day(cls, form: str) -> str:
        if not all(part in form for part in ("YY", "MM", "DD")):
            raise ValueError("a date has a year, a month and a day; write YYYY (or YY), MM and DD")
        return form

    @field_validator("name")
    @classmethod
    def _known_words(cls, name: str) -> str:
        try:
            name.format(profile="", program="", payer="", as_of="")
        except (KeyError, IndexError, ValueError, AttributeError):
            raise ValueError("words in braces are profile, program, payer and as_of; write no others") from None
        return name


class Wanted(Model):
    """Which evidence goes into the file.

    ``reasons``: where there is a table of programs' gaps, the gaps whose evidence is sent. Without one, the evidence of
    those who have what the measure wants, unless it comes from one of ``not_from``, which the payer has anyway.
    ``measures``: only of these; left out, of all.
    """

    reasons: Annotated[tuple[Literal["send_evidence", "not_accepted", "in_run_out"], ...], Field(min_length=1)] = (
        "send_evidence",
    )
    not_from: tuple[EvidenceSource, ...] = ("claim", "pharmacy_claim", "payer_feed")
    measures: tuple[Key, ...] = ()


class Column(Model):
    """A column: what it holds, or a fixed ``value``.

    ``words`` says what is written in place of a value (``{female: F}``). A row whose ``required`` cell would be empty
    is left out of the file, and listed.
    """

    heading: str
    from_: Content | None = Field(default=None, alias="from")
    value: str | None = None
    required: bool = False
    words: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_source(self) -> Column:
        one_of(self, "from_", "value")
        if self.value is not None and (self.required or self.words):
            raise ValueError("a fixed value needs neither 'required' nor 'words'; remove them")
        return self


class PayerProfile(Model):
    """How one payer takes supplemental data.

    ``code_systems``: the systems whose codes the payer takes, the best first, each with the payer's name for it; left
    out, every system, by its short name. ``source_flags``: what the payer calls evidence from each source; evidence
    from another source is left out of the file, and listed.
    """

    profile: Key
    title: str
    fictional: bool = False
    file: Form = Form()
    evidence: Wanted = Wanted()
    code_systems: dict[str, str] = Field(default_factory=dict)
    source_flags: dict[EvidenceSource, str] = Field(default_factory=dict)
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> PayerProfile:
        headings = [column.heading for column in self.columns]
        twice = sorted({heading for heading in headings if headings.count(heading) > 1})
        if twice:
            raise ValueError(f"two columns have the heading {', '.join(twice)}; give each a heading of its own")
        if any(column.from_ == "source_flag" for column in self.columns) and not self.source_flags:
            raise ValueError(
                "a column holds source_flag, and there are no source_flags; say what each source is called"
            )
        return self


def read_payer_profile(path: Path, measures: Collection[str]) -> PayerProfile:
    """The profile in a YAML file; :class:`SpecError` with every problem, its line and its fix.

    ``measures`` are the keys of the measures that there are.
    """
    reading = read_model(path, PayerProfile)
    if reading.model is None:
        raise SpecError(reading.issues)
    issues = list(_meaning(reading, reading.model, measures))
    if issues:
        raise SpecError(issues)
    return reading.model


def _meaning(reading: Reading[PayerProfile], profile: PayerProfile, measures: Collection[str]) -> Iterator[Issue]:
    issue = reading.document.issue
    for place, key in enumerate(profile.evidence.measures):
        if key not in measures:
            what, fix = f"there is no measure '{key}'", suggestion(key, measures)
            yield issue(("evidence", "measures", place), "profile-unknown-measure", what, fix)
    systems = shipped_systems()
    for name in profile.code_systems:
        if systems.find(name) is None:
            what, fix = f"there is no code system '{name}'", suggestion(name, systems.names)
            yield issue(("code_systems", name), "profile-unknown-code-system", what, fix)


__all__ = ["Column", "Content", "EvidenceSource", "Form", "PayerProfile", "Wanted", "read_payer_profile"]

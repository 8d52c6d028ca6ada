"""What QRDA III calls things: templates of the HL7 implementation guide (document template V5, 2020-12-01), and codes.

A template is a root, and an extension where it has been revised. Codes belong to LOINC, SNOMED CT and HL7; they are the
few that the guide itself fixes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Template(NamedTuple):
    """A template's root and revision (empty: never revised)."""

    root: str
    extension: str = ""


REPORT = Template("2.16.840.1.113883.10.20.27.1.1", "2020-12-01")
MEASURE_SECTION = (
    Template("2.16.840.1.113883.10.20.24.2.2"),
    Template("2.16.840.1.113883.10.20.27.2.1", "2020-12-01"),
)
MEASURE_REFERENCE = (
    Template("2.16.840.1.113883.10.20.24.3.98"),
    Template("2.16.840.1.113883.10.20.27.3.1", "2020-12-01"),
)
MEASURE_DATA = Template("2.16.840.1.113883.10.20.27.3.5", "2016-09-01")
AGGREGATE_COUNT = Template("2.16.840.1.113883.10.20.27.3.3")
STRATUM = Template("2.16.840.1.113883.10.20.27.3.4")
PERFORMANCE_RATE = (
    Template("2.16.840.1.113883.10.20.27.3.30", "2016-09-01"),
    Template("2.16.840.1.113883.10.20.27.3.14", "2020-12-01"),
)
REPORTING_PARAMETERS = Template("2.16.840.1.113883.10.20.17.3.8", "2020-12-01")

LOINC, SNOMED = "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.96"
ACT_CODE, OBSERVATION_METHOD = "2.16.840.1.113883.5.4", "2.16.840.1.113883.5.84"
CONFIDENTIALITY = "2.16.840.1.113883.5.25"
NPI, TIN = "2.16.840.1.113883.4.6", "2.16.840.1.113883.4.2"
#: Root of the identifier that a steward gives to one version of an electronic measure.
VERSION_SPECIFIC = "2.16.840.1.113883.4.738"

POPULATION: Mapping[str, str] = {
    "initial_population": "IPOP",
    "denominator": "DENOM",
    "denominator_exclusion": "DENEX",
    "numerator": "NUMER",
    "numerator_exclusion": "NUMEX",
    "denominator_exception": "DENEXCEP",
}


class Element(NamedTuple):
    """A supplemental data element: its template, the code of the question, and the system of the answers."""

    template: Template
    question: str
    answers: str


#: By what people of each population are counted.
SUPPLEMENTAL: Mapping[str, Element] = {
    "sex": Element(Template("2.16.840.1.113883.10.20.27.3.6", "2016-09-01"), "76689-9", "2.16.840.1.113883.5.1"),
    "ethnicity": Element(
        Template("2.16.840.1.113883.10.20.27.3.7", "2016-09-01"), "69490-1", "2.16.840.1.113883.6.238"
    ),
    "race": Element(Template("2.16.840.1.113883.10.20.27.3.8", "2016-09-01"), "72826-1", "2.16.840.1.113883.6.238"),
    "payer": Element(Template("2.16.840.1.113883.10.20.27.3.9", "2016-02-01"), "48768-6", "2.16.840.1.113883.3.221.5"),
}
SEX: Mapping[str, str] = {"female": "F", "male": "M"}
RACES = ("1002-5", "2028-9", "2054-5", "2076-8", "2106-3", "2131-1")
#: Whoever has several races is of this one.
OTHER_RACE = "2131-1"
ETHNICITIES = ("2135-2", "2186-5")
#: The source of payment of each product line; of several, the one that comes first here.
PAYERS: Mapping[str, str] = {
    "medicare_advantage": "1",
    "medicare_ffs": "1",
    "medicaid": "2",
    "commercial": "5",
    "marketplace": "5",
    "other": "9",
}

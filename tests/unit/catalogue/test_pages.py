"""A measure's page says what its spec says, whole and in words."""

from __future__ import annotations

import pytest

from measureharmony import load_specs
from measureharmony.catalogue import Entry, entries, measure_page
from measureharmony.measures.measure import POPULATIONS

ENTRIES = entries(load_specs())


@pytest.fixture(params=ENTRIES, ids=lambda entry: entry.key)
def entry(request: pytest.FixtureRequest) -> Entry:
    found: Entry = request.param
    return found


def test_every_measure_has_a_page_with_all_its_parts(entry: Entry) -> None:
    page, measure = measure_page(entry), entry.measure
    assert page.startswith(f"# {measure.title}\n")
    for identifier in measure.identifiers:
        assert f"| {identifier.system} | {identifier.id} |" in page
    for rate in measure.rates:
        assert f"`{rate.id}`: {rate.title}" in page
    for name in measure.parameters:
        assert f"| `{name}` |" in page
    for one in entry.value_sets:
        assert f"| `{one.name}` | {one.oid} |" in page
    for name in POPULATIONS:
        if any(measure.population(rate, name) is not None for rate in measure.rates):
            assert f"**{name.replace('_', ' ').capitalize()}**" in page


def test_nothing_on_a_page_is_left_in_the_language_of_the_spec(entry: Entry) -> None:
    prose = measure_page(entry).partition("## Who counts")[2].partition("## Parameters")[0]
    for written in ("period.start", "period.end", "None", "$", "model"):
        assert written not in prose


def test_a_page_reads_like_prose() -> None:
    page = measure_page(next(entry for entry in ENTRIES if entry.key == "bcs"))
    assert "- **woman**: sex is female" in page.replace("  ", "")
    assert (
        "- *mammogram*: observation in `mammography`; type clinical-result; ending from 15 months before the first day "
        "of the period to the last day of the period; category imaging; status final, amended or corrected"
    ) in page

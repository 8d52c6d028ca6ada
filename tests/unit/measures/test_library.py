"""The shipped canonical measures are in order, and reading, linking and binding them alters nothing."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.errors import SpecError, UsageError
from measureharmony.measures.bind import bind
from measureharmony.measures.library import Library, read_canonical
from measureharmony.measures.link import link
from measureharmony.measures.measure import Measure, Parameter
from measureharmony.measures.names import ParameterName, walk
from measureharmony.spec_files import spec_folder

SPECS = spec_folder()
LIBRARY = read_canonical(
    SPECS / "canonical",
    value_sets=[path.stem for path in (SPECS / "value_sets").glob("*.yaml")],
    systems=yaml.safe_load((SPECS / "value_sets" / "systems.yaml").read_text("utf-8"))["systems"],
)


def value_within(parameter: Parameter) -> st.SearchStrategy[int]:
    low = parameter.min if parameter.min is not None else parameter.value
    high = parameter.max if parameter.max is not None else low + 10
    return st.integers(int(-(-low // 1)), int(high // 1))


@st.composite
def measures_with_values(draw: st.DrawFn) -> tuple[Measure, dict[str, int]]:
    measure = draw(st.sampled_from(sorted(LIBRARY.measures.values(), key=lambda measure: measure.measure)))
    values = {name: value_within(p) for name, p in measure.parameters.items()}
    return measure, draw(st.fixed_dictionaries({}, optional=values))


def test_the_shipped_measures_are_in_order() -> None:
    assert LIBRARY.issues == ()
    assert LIBRARY.require() is LIBRARY
    assert LIBRARY.measures
    assert LIBRARY.people.keys() == LIBRARY.measures.keys()


def test_documents_are_kept_under_their_names() -> None:
    names = {*LIBRARY.measures, *(f"{m}.people" for m in LIBRARY.people), *(f"shared/{s}" for s in LIBRARY.shared)}
    assert set(LIBRARY.documents) == names


@given(measures_with_values())
def test_binding_alters_none_of_its_inputs_and_leaves_no_parameter(drawn: tuple[Measure, dict[str, int]]) -> None:
    measure, values = drawn
    measure_before, values_before = copy.deepcopy(measure), copy.deepcopy(values)
    try:
        bound = bind(measure, values)
    except UsageError as error:  # each value is in bounds, but two of them together are not possible
        if not re.search("nothing can be|no number lies between", str(error)):
            raise
        bound = bind(measure)
    assert (measure, values) == (measure_before, values_before)
    assert not [part for _, part in walk(bound) if isinstance(part, ParameterName)]
    assert Measure.model_validate(bound.model_dump(by_alias=True, exclude_unset=True)) == bound


@given(st.sampled_from(sorted(LIBRARY.measures)), st.sets(st.sampled_from(sorted(LIBRARY.shared))))
def test_linking_alters_none_of_its_inputs(name: str, known: set[str]) -> None:
    written = Measure.model_validate(LIBRARY.documents[name].data)
    shared = {key: LIBRARY.shared[key] for key in known}
    written_before, shared_before = copy.deepcopy(written), copy.deepcopy(shared)
    linked = link(written, shared)
    assert (written, shared) == (written_before, shared_before)
    assert linked.populations == written.populations


def test_hints_do_not_fail(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text((Path(__file__).parents[2] / "bad_specs" / "hint-unused.yaml").read_text("utf-8"))
    library = read_canonical(tmp_path)
    assert {issue.code for issue in library.issues} == {"hint-unused", "hint-no-people"}
    assert library.require() is library


def test_everything_else_does(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="spec-no-measures"):
        read_canonical(tmp_path / "absent").require()
    assert Library().require().measures == {}


def test_a_file_that_cannot_be_read_does_not_spoil_what_others_say_about_it(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "hospice.yaml").write_text("shared: hospice\n", "utf-8")
    text = (
        "measure: m\ntitle: M\nedition: 2026\ndescription: D\nrates: [{id: r, title: R}]\n"
        "populations: {initial_population: {not: hospice.received}, numerator: {always: true}}\n"
    )
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    issues = [issue for issue in read_canonical(tmp_path).issues if issue.code.startswith("spec-")]
    assert {Path(issue.file).name for issue in issues} == {"hospice.yaml"}
    assert {issue.code for issue in issues} == {"spec-missing-key"}

"""The library as a notebook meets it."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import measureharmony as mh
from tests.acceptance import small_practice


@pytest.fixture(scope="module")
def results(small: mh.Practice, specs: mh.Specs) -> mh.Results:
    return mh.evaluate(small, specs, as_of=dt.date(2026, 6, 30), measures=["bcs"])


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", mh.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(mh, name))


def test_completion_shows_the_public_names_and_nothing_else() -> None:
    assert dir(mh) == sorted(mh.__all__)
    assert 10 <= len(mh.__all__) <= 20


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'evaluat'"):
        mh.evaluat  # noqa: B018


def test_importing_the_package_is_quick() -> None:
    """Nothing heavy is imported before it is needed."""
    code = "import sys, measureharmony; print(*{'pandas', 'duckdb', 'pyarrow', 'numpy', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""


# --- in -------------------------------------------------------------------------------------------------------------


def test_pandas_frames_are_read_as_tables_are(small: mh.Practice) -> None:
    frames = {name: small_practice.arrow(rows).to_pandas() for name, rows in small_practice.tables().items()}
    practice = mh.from_tables(frames)
    assert practice.fingerprint() == small.fingerprint()
    assert practice.rejects.num_rows == 0


def test_typed_frames_as_notebooks_have_them(specs: mh.Specs) -> None:
    """Real dates, integer identifiers, categories, a missing value."""
    import pandas as pd

    person = pd.DataFrame(
        {"person_id": [1, 2], "birth": pd.to_datetime(["1966-03-02", None]), "sex": ["female", "male"]}
    )
    person["sex"] = person["sex"].astype("category")
    event = pd.DataFrame(
        {
            "event_id": [1], "person_id": [1], "kind": ["encounter"], "code_system": ["CPT"], "code": ["99213"],
            "start": pd.to_datetime(["2026-03-02"]),
        }
    )  # fmt: skip
    practice = mh.from_tables({"person": person, "event": event})
    results = mh.evaluate(practice, specs, programs=["canonical"], measures=["bcs"])
    assert results.rates.to_dicts()[0]["below"] == 1
    assert "care gap" in str(results.explain("1", "bcs"))


def test_a_table_that_is_no_table_of_the_contract_is_refused() -> None:
    with pytest.raises(mh.DataError) as caught:
        mh.from_tables({"patient": pa.table({"person_id": ["p1"]})})
    assert {issue.code for issue in caught.value.issues} == {"data-unknown-table", "data-missing-table"}


# --- out ------------------------------------------------------------------------------------------------------------


def test_results_say_what_they_hold(results: mh.Results) -> None:
    shown = repr(results)
    assert shown.startswith("Results of 6 variants over 8 people")
    assert "bluestone_commercial       bcs/screened" in shown
    assert ".outcomes .rates .care_gaps .explain(person_id, measure, program) .write(folder)" in shown
    assert "<table>" in results._repr_html_()


def test_practice_and_specs_say_what_they_hold(small: mh.Practice, specs: mh.Specs) -> None:
    assert repr(small).startswith("Practice from memory: 8 people")
    assert re.search(r"measures +.*\bbcs, .*\bgsd\b", repr(specs))
    assert "<table>" in small._repr_html_()


@pytest.mark.parametrize("name", ["outcomes", "rates", "care_gaps"])
def test_tables_come_as_pandas_arrow_and_dictionaries(results: mh.Results, name: str) -> None:
    table = getattr(results, name)
    frame = table.to_pandas()
    assert list(frame.columns) == table.to_arrow().column_names == list(table.columns) == list(table.to_dicts()[0])
    assert len(frame) == len(table) == table.to_arrow().num_rows
    assert repr(table).startswith(f"{name}: {len(table)} rows\n")
    assert all(table.columns.values()), "every column says what it holds"


def test_a_table_shows_itself_safely_in_a_notebook(specs: mh.Specs) -> None:
    practice = mh.from_tables({"person": pa.table({"person_id": ["<b>p1</b>"], "sex": ["female"]})})
    shown = mh.evaluate(practice, specs, measures=["bcs"]).outcomes._repr_html_()
    assert "&lt;b&gt;p1&lt;/b&gt;" in shown
    assert "<b>p1</b>" not in shown


def test_results_for_everybody_tell_members_apart(small: mh.Practice, specs: mh.Specs) -> None:
    results = mh.evaluate(small, specs, measures=["bcs"], everybody=True)
    frame = results.outcomes.to_pandas()
    assert set(frame.groupby("program", observed=True).size()) == {8}
    own = frame[frame["member"]].groupby("program", observed=True).size()
    assert own["bluestone_commercial"] == 5
    assert own["canonical"] == 8
    only_own = mh.evaluate(small, specs, measures=["bcs"])
    assert results.rates.to_dicts() == only_own.rates.to_dicts()
    assert results.care_gaps.to_dicts() == only_own.care_gaps.to_dicts()


def test_progress_is_reported(small: mh.Practice, specs: mh.Specs) -> None:
    heard: list[tuple[int, int]] = []
    mh.evaluate(small, specs, measures=["bcs"], progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (8, 8)


def test_results_are_written_where_asked(results: mh.Results, tmp_path: Path) -> None:
    paths = results.write(tmp_path / "new" / "folder")
    assert len(paths) == 12
    assert all(path.is_file() and path.parent == tmp_path / "new" / "folder" for path in paths)
    assert {"targets.csv", "payments.csv"} <= {path.name for path in paths}


def test_further_tables_are_written_on_request(results: mh.Results, tmp_path: Path) -> None:
    names = {path.stem for path in results.write(tmp_path, also=["attribution", "statistics"])}
    assert {"attribution", "roster_disputes", "provider_rates", "rate_statistics"} <= names
    with pytest.raises(mh.UsageError, match=r"no table money to be written, too. There are: attribution, "):
        results.write(tmp_path / "none", also=["money"])
    assert not (tmp_path / "none").exists()


def test_tables_are_written_as_they_are_asked_for(results: mh.Results, tmp_path: Path) -> None:
    usual = {path.name for path in results.write(tmp_path / "usual")}
    assert usual >= {"outcomes.parquet", "rates.parquet", "rates.csv"}
    assert "outcomes.csv" not in usual
    everything = {path.suffix for path in results.write(tmp_path / "csv", formats=["csv"])}
    assert everything == {".csv", ".json"}
    with (tmp_path / "csv" / "outcomes.csv").open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == len(results.outcomes) + 1
    written = {path.name for path in results.write(tmp_path / "one", formats=["parquet"])}
    assert {name for name in written if name.endswith(".csv")} == {"rejects.csv", "accounts.csv"}


@pytest.mark.parametrize(
    ("formats", "problem"), [(["xls"], r"not written as xls\. Formats: parquet, csv"), ([], "No format is given")]
)
def test_other_formats_there_are_not(results: mh.Results, tmp_path: Path, formats: list[str], problem: str) -> None:
    with pytest.raises(mh.UsageError, match=problem):
        results.write(tmp_path / "none", formats=formats)  # type: ignore[arg-type]
    assert not (tmp_path / "none").exists()


def test_an_explanation_is_text_and_data(results: mh.Results) -> None:
    told = results.explain("missing", "bcs", "bluestone_commercial")
    (rate,) = told.rates
    assert rate.result == "care gap"
    assert rate.populations["denominator"] is True
    assert told.as_dict()["person_id"] == "missing"
    assert "result: care gap" in str(told)


# --- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"programs": ["medicare"]}, "There is no program medicare. There are: bluestone_commercial, canonical"),
        ({"measures": ["BCS"]}, "There is no measure BCS. There are: aab, aaf"),
        ({"year": 26}, "The measurement year 26 is not between 1900 and 2199."),
    ],
)
def test_an_unknown_choice_says_what_there_is(
    small: mh.Practice, specs: mh.Specs, options: dict[str, object], says: str
) -> None:
    with pytest.raises(mh.UsageError) as caught:
        mh.evaluate(small, specs, **options)  # type: ignore[arg-type]
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("nobody", "bcs"), "There is no person of that identifier"),
        (("missing", "col"), "canonical does not measure col. It measures: bcs."),
        (("missing", "bcs", "acme"), "There is no program acme in these results. There are: canonical, bluestone"),
    ],
)
def test_an_explanation_that_cannot_be_given_says_why(results: mh.Results, asked: tuple[str, ...], says: str) -> None:
    with pytest.raises(mh.UsageError) as caught:
        results.explain(*asked)
    assert says in str(caught.value)


def test_all_errors_on_purpose_have_one_base(tmp_path: Path) -> None:
    for error in (mh.DataError, mh.SpecError, mh.UsageError):
        assert issubclass(error, mh.MeasureHarmonyError)
    with pytest.raises(mh.MeasureHarmonyError):
        mh.read_practice(tmp_path / "nowhere")
    with pytest.raises(mh.MeasureHarmonyError):
        mh.load_specs(tmp_path / "nowhere")


def test_read_specs_hands_over_problems_that_load_specs_raises(tmp_path: Path) -> None:
    (tmp_path / "payers" / "acme").mkdir(parents=True)
    specs = mh.read_specs(tmp_path)
    assert [issue.code for issue in specs.issues] == ["program-file-missing"]
    with pytest.raises(mh.SpecError) as caught:
        mh.load_specs(tmp_path)
    assert caught.value.issues == specs.issues

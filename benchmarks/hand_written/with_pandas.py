"""The five measures in pandas, as an analyst writes them: one function a measure, called for each payer."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from contracts import ANY_SOURCE, Contract
from hand_written.pandas_exclusions import (
    FINAL,
    diagnosed,
    from_sources,
    hospice_or_palliative,
    old_and_frail,
    overlapping,
    performed,
    visited,
)
from hand_written.pandas_tables import Data, Period, members, period_of, read, seen

#: Denominator, exclusions in it, and numerator without them.
Counts = tuple[int, int, int]


def _counted(people: pd.DataFrame, excluded: set[int], numerator: set[int]) -> Counts:
    out = people["person_id"].isin(excluded)
    met = people["person_id"].isin(numerator) & ~out
    return len(people), int(out.sum()), int(met.sum())


def _no_breast(data: Data, contract: Contract, side: str) -> set[int]:
    end, sources = period_of(contract).end, contract.exclusions_from
    unspecified = diagnosed(data, "unilateral_mastectomy_unspecified_laterality", sources)
    found = [
        diagnosed(data, f"status_post_{side}_mastectomy", sources),
        data.with_coding(unspecified, "body_site", side),
    ]
    removed = performed(data, f"unilateral_mastectomy_{side}", sources)
    found = [events[events["start"] < end] for events in found]
    return set(pd.concat([*found, removed[removed["end"] < end]])["person_id"])


def bcs(data: Data, contract: Contract) -> dict[str, Counts]:
    """Breast cancer screening."""
    period, asked, sources = period_of(contract), contract.of("bcs"), contract.exclusions_from
    people = seen(data, contract, members(data, contract, "bcs", women=True), "visit")
    history = diagnosed(data, "history_of_bilateral_mastectomy", sources)
    both = performed(data, "bilateral_mastectomy", sources)
    excluded = hospice_or_palliative(data, contract) | old_and_frail(data, contract, people)
    excluded |= _no_breast(data, contract, "left") & _no_breast(data, contract, "right")
    excluded |= {*history.loc[history["start"] < period.end, "person_id"]}
    excluded |= {*both.loc[both["end"] < period.end, "person_id"]}
    film = from_sources(data.coded("observation", "mammography"), contract.numerator_from("bcs"))
    film = film[
        (film["type"] == "clinical-result")
        & (film["category"].isna() | (film["category"] == "imaging"))
        & film["status"].isin(FINAL)
        & film["end"].between(period.months_before(asked["mammogram_lookback"]), period.end)
    ]
    return {"screened": _counted(people, excluded, set(film["person_id"]))}


def _resulted(data: Data, name: str, contract: Contract, measure: str, years: int) -> pd.DataFrame:
    """Laboratory tests with a result, in the period and so many years before it."""
    period = period_of(contract)
    tests = from_sources(data.coded("observation", name), contract.numerator_from(measure))
    with_value = tests["value"].notna() | tests["value_type"].notna()
    since = period.months_before(12 * years)
    return tests[
        (tests["type"] == "lab") & tests["status"].isin(FINAL) & with_value & tests["end"].between(since, period.end)
    ]


def col(data: Data, contract: Contract) -> dict[str, Counts]:
    """Colorectal cancer screening."""
    period, asked, sources = period_of(contract), contract.of("col"), contract.exclusions_from
    people = seen(data, contract, members(data, contract, "col"), "visit")
    cancer = diagnosed(data, "malignant_neoplasm_of_colon", sources)
    colectomy = performed(data, "total_colectomy", sources)
    excluded = hospice_or_palliative(data, contract) | old_and_frail(data, contract, people)
    excluded |= {*cancer.loc[cancer["start"] <= period.end, "person_id"]}
    excluded |= {*colectomy.loc[colectomy["end"] <= period.end, "person_id"]}
    found = [
        _resulted(data, "fecal_occult_blood_test_fobt", contract, "col", asked["stool_blood_test_lookback"]),
        _resulted(data, "sdna_fit_test", contract, "col", asked["stool_dna_test_lookback"]),
    ]
    for name, years in (
        ("flexible_sigmoidoscopy", asked["sigmoidoscopy_lookback"]),
        ("colonoscopy", asked["colonoscopy_lookback"]),
    ):
        done = performed(data, name, contract.numerator_from("col"))
        found.append(done[done["end"].between(period.months_before(12 * years), period.end)])
    imaging = from_sources(data.coded("observation", "ct_colonography"), contract.numerator_from("col"))
    imaging = imaging[
        (imaging["type"] == "clinical-result")
        & (imaging["category"].isna() | (imaging["category"] == "imaging"))
        & imaging["status"].isin(FINAL)
        & imaging["end"].between(period.months_before(12 * asked["ct_colonography_lookback"]), period.end)
    ]
    numerator = set(pd.concat([events["person_id"] for events in (*found, imaging)]))
    return {"screened": _counted(people, excluded, numerator)}


def ccs(data: Data, contract: Contract) -> dict[str, Counts]:
    """Cervical cancer screening."""
    period, asked, sources = period_of(contract), contract.of("ccs"), contract.exclusions_from
    people = seen(data, contract, members(data, contract, "ccs", women=True), "ccs_visit")
    removed = performed(data, "hysterectomy_with_no_residual_cervix", sources)
    absent = diagnosed(data, "congenital_or_acquired_absence_of_cervix", sources)
    excluded = hospice_or_palliative(data, contract)
    excluded |= {*removed.loc[removed["end"] < period.end, "person_id"]}
    excluded |= {*absent.loc[absent["start"] < period.end, "person_id"]}
    cytology = _resulted(data, "pap_test", contract, "ccs", asked["cytology_lookback"])
    hpv = _resulted(data, "hpv_test", contract, "ccs", asked["hpv_lookback"])
    hpv = hpv.merge(people[["person_id", "birth"]], on="person_id")
    old_enough = hpv["birth"] + pd.DateOffset(years=asked["hpv_age"]) <= hpv["end"]
    numerator = {*cytology["person_id"], *hpv.loc[old_enough, "person_id"]}
    return {"screened": _counted(people, excluded, numerator)}


def cbp(data: Data, contract: Contract) -> dict[str, Counts]:
    """Controlling high blood pressure."""
    period, asked, sources = period_of(contract), contract.of("cbp"), contract.exclusions_from
    people = seen(data, contract, members(data, contract, "cbp"), "visit")
    hypertension = diagnosed(data, "essential_hypertension", ANY_SOURCE)
    first_months_end = period.start + pd.DateOffset(months=asked["diagnosis_months"]) - pd.Timedelta(days=1)
    present = (hypertension["start"] < first_months_end) & (hypertension["end"] > period.start)
    people = people[people["person_id"].isin(hypertension.loc[present, "person_id"])]
    disease = diagnosed(data, "pregnancy_or_kidney_disease", sources)
    replaced = performed(data, "kidney_replacement", sources)
    visit = visited(data, "esrd_monthly_outpatient_services", sources)
    excluded = hospice_or_palliative(data, contract) | old_and_frail(data, contract, people, alone_from=81)
    excluded |= {*disease.loc[(disease["start"] < period.end) & (disease["end"] > period.start), "person_id"]}
    excluded |= {*replaced.loc[replaced["end"] < period.end, "person_id"]}
    excluded |= {*visit.loc[visit["start"] < period.end, "person_id"]}
    return {"controlled": _counted(people, excluded, _controlled(data, contract, period, asked))}


def _controlled(data: Data, contract: Contract, period: Period, asked: dict[str, int]) -> set[int]:
    """Whose lowest pressures of the last day with readings are below the thresholds."""
    sources = contract.numerator_from("cbp")
    readings = from_sources(data.coded("observation", "blood_pressure"), sources)
    readings = readings[
        (readings["type"] == "blood-pressure")
        & readings["status"].isin(FINAL)
        & readings["end"].between(period.start, period.end)
    ]
    acute = visited(data, "acute_visit", ANY_SOURCE)[["person_id", "start", "end"]]
    at = readings[["event_id", "person_id", "end"]].merge(acute, on="person_id", suffixes=("", "_visit"))
    on_acute_day = at.loc[at["end"].between(at["start"], at["end_visit"]), "event_id"]
    classes = data.codings["class"]
    of_acute_class = classes.loc[classes["code"].isin(["EMER", "IMP", "ACUTE", "NONAC", "PRENC", "SS"]), "event_id"]
    spoilt = readings["event_id"].isin(on_acute_day) & readings["encounter_id"].isin(of_acute_class)
    readings = readings[~spoilt]
    last = readings[readings["end"] == readings.groupby("person_id")["end"].transform("max")]
    pressures = pd.DataFrame(index=last["event_id"])
    for name in ("systolic", "diastolic"):
        parts = data.coded("observation", name)
        parts = parts[parts["parent_id"].isin(last["event_id"])]
        pressures[name] = parts.groupby("parent_id")["value"].min()
    pressures["person_id"] = last["person_id"].to_numpy()
    lowest = pressures.groupby("person_id")[["systolic", "diastolic"]].agg(["min", "count", "size"])
    complete = True
    for name in ("systolic", "diastolic"):
        of = lowest[name]
        complete &= (of["count"] == of["size"]) & (of["min"] < asked[f"{name}_below"])
    return set(lowest.index[complete])


def gsd(data: Data, contract: Contract) -> dict[str, Counts]:
    """Glycemic status in diabetes: poor control (the fewer the better) and good control."""
    period, asked = period_of(contract), contract.of("gsd")
    people = seen(data, contract, members(data, contract, "gsd"), "gsd_visit")
    diabetes = diagnosed(data, "diabetes", ANY_SOURCE)
    diabetes = overlapping(diabetes[diabetes["type"] == "encounter-diagnosis"], period.start, period.end)
    people = people[people["person_id"].isin(diabetes["person_id"])]
    excluded = hospice_or_palliative(data, contract) | old_and_frail(data, contract, people)
    tests = from_sources(data.coded("observation", "assessment"), contract.numerator_from("gsd"))
    tests = tests[
        (tests["type"] == "lab") & tests["status"].isin(FINAL) & tests["end"].between(period.start, period.end)
    ]
    tests = tests[tests["end"] == tests.groupby("person_id")["end"].transform("max")]
    number = tests["value"].where(tests["unit"] == "%")
    lowest = number.groupby(tests["person_id"]).min()
    nothing = tests["value"].isna() & tests["value_type"].isna()
    unknown = set(tests.loc[nothing, "person_id"])
    known = lowest[~lowest.index.isin(unknown)]
    without = set(people["person_id"]) - set(tests["person_id"])
    poor = without | unknown | set(known.index[known > asked["poor_control_above"]])
    good = set(known.index[known < asked["good_control_below"]])
    return {"poor_control": _counted(people, excluded, poor), "good_control": _counted(people, excluded, good)}


MEASURES: dict[str, Callable[[Data, Contract], dict[str, Counts]]] = {
    "bcs": bcs, "col": col, "ccs": ccs, "cbp": cbp, "gsd": gsd,
}  # fmt: skip


def rates(data: Data, contract: Contract) -> dict[tuple[str, str], Counts]:
    """All five measures of one payer, by measure and rate."""
    return {
        (measure, rate): counts
        for measure, function in MEASURES.items()
        for rate, counts in function(data, contract).items()
    }


__all__ = ["rates", "read"]

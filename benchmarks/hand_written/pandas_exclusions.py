"""Who is left out of several measures, in pandas: hospice and palliative care, frailty, nursing homes."""

from __future__ import annotations

import pandas as pd
from contracts import ANY_SOURCE, Contract
from hand_written.pandas_tables import Data, period_of

FINAL = ["final", "amended", "corrected"]
_ORDERED = ["order", "original-order", "reflex-order", "filler-order", "instance-order"]


def overlapping(events: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Events some of whose time lies in these days."""
    return events[(events["start"] <= end) & (events["end"] >= start)]


def from_sources(events: pd.DataFrame, sources: tuple[str, ...]) -> pd.DataFrame:
    """Events whose source counts."""
    return events if sources == ANY_SOURCE else events[events["source"].isin(sources)]


def diagnosed(data: Data, name: str, sources: tuple[str, ...]) -> pd.DataFrame:
    """Diagnoses that nobody refuted."""
    found = from_sources(data.coded("condition", name), sources)
    stated = found["verification"].isna()
    return found[
        found["type"].isin(["problem", "encounter-diagnosis"])
        & (stated | found["verification"].isin(["confirmed", "unconfirmed", "provisional", "differential"]))
    ]


def performed(data: Data, name: str, sources: tuple[str, ...]) -> pd.DataFrame:
    """Procedures that were completed."""
    found = from_sources(data.coded("procedure", name), sources)
    return found[found["status"] == "completed"]


def answered(data: Data, name: str, sources: tuple[str, ...]) -> pd.DataFrame:
    """Answers to a questionnaire."""
    found = from_sources(data.coded("observation", name), sources)
    return found[(found["type"] == "screening") & found["status"].isin(FINAL)]


def visited(data: Data, name: str, sources: tuple[str, ...]) -> pd.DataFrame:
    """Visits that took place."""
    found = from_sources(data.coded("encounter", name), sources)
    return found[found["status"] == "finished"]


def ordered(data: Data, kind: str, name: str, sources: tuple[str, ...], statuses: list[str]) -> pd.DataFrame:
    """Orders of some status."""
    found = from_sources(data.coded(kind, name), sources)
    return found[found["status"].isin(statuses) & found["intent"].astype(object).fillna("order").isin(_ORDERED)]


def hospice_or_palliative(data: Data, contract: Contract) -> set[int]:
    """Who had hospice or palliative care in the period."""
    period, sources = period_of(contract), contract.exclusions_from
    discharged = data.with_coding(visited(data, "encounter_inpatient", sources), "discharge", "to_hospice")
    orders = ordered(data, "service_request", "hospice_care_ambulatory", sources, ["active", "completed"])
    during = [
        visited(data, "hospice_encounter", sources),
        data.with_coding(answered(data, "hospice_question", sources), "value", "yes"),
        performed(data, "hospice_care_ambulatory", sources),
        diagnosed(data, "hospice_diagnosis", sources),
        answered(data, "palliative_question", sources),
        diagnosed(data, "palliative_care_diagnosis", sources),
        visited(data, "palliative_care_encounter", sources),
        performed(data, "palliative_care_intervention", sources),
    ]
    found = [overlapping(events, period.start, period.end) for events in during]
    found.append(discharged[discharged["end"].between(period.start, period.end)])
    found.append(orders[orders["start"].between(period.start, period.end)])
    return set(pd.concat([events["person_id"] for events in found]))


def frail(data: Data, contract: Contract) -> set[int]:
    """Who showed a sign of frailty in the period."""
    period, sources = period_of(contract), contract.exclusions_from
    device = ordered(data, "device_request", "frailty_device", sources, ["active", "completed"])
    device = device[device["start"].between(period.start, period.end)]
    used = data.with_coding(answered(data, "device_used", sources), "value", "frailty_device")
    used = used[used["end"].between(period.start, period.end)]
    symptom = from_sources(data.coded("observation", "frailty_symptom"), sources)
    symptom = symptom[(symptom["type"] == "simple") & symptom["status"].isin([*FINAL, "preliminary"])]
    during = [diagnosed(data, "frailty_diagnosis", sources), visited(data, "frailty_encounter", sources), symptom]
    found = [device, used, *(overlapping(events, period.start, period.end) for events in during)]
    return set(pd.concat([events["person_id"] for events in found]))


def advanced_illness(data: Data, contract: Contract) -> set[int]:
    """Who has an illness that began in the period or the year before, or a medicine for dementia."""
    period, sources = period_of(contract), contract.exclusions_from
    since = period.months_before(12)
    illness = diagnosed(data, "advanced_illness", sources)
    illness = illness[illness["start"].between(since, period.end)]
    medication = ordered(data, "medication_order", "dementia_medications", sources, ["active"])
    return {*illness["person_id"], *overlapping(medication, since, period.end)["person_id"]}


def nursing_home(data: Data, contract: Contract) -> set[int]:
    """Whose last answer about housing is a nursing home."""
    housing = answered(data, "housing_status", contract.exclusions_from)
    housing = housing[housing["end"] <= period_of(contract).end]
    last = housing.sort_values(["end", "sequence", "event_id"]).drop_duplicates("person_id", keep="last")
    return set(data.with_coding(last, "value", "nursing_home")["person_id"])


def old_and_frail(data: Data, contract: Contract, people: pd.DataFrame, alone_from: int = 200) -> set[int]:
    """66 and over: frail with an advanced illness, or in a nursing home; frailty alone is enough from some age on."""
    frail_people, ill = frail(data, contract), advanced_illness(data, contract)
    older = set(people.loc[people["age"] >= 66, "person_id"])
    oldest = set(people.loc[people["age"] >= alone_from, "person_id"])
    return (older & ((frail_people & ill) | nursing_home(data, contract))) | (oldest & frail_people)

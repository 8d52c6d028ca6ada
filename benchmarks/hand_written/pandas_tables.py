"""The practice's tables in pandas, read once, and what every measure asks of them: whose people, of what age, enrolled.

Days are dates: nothing here knows of partial dates or of rows that cannot be read, which the made-up practice has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from contracts import Contract

_EVENT_COLUMNS = [
    "event_id", "person_id", "kind", "type", "category", "code_system", "code", "status", "intent", "verification",
    "clinical_status", "not_done", "start", "end", "source", "value", "unit", "value_type", "days_supply",
    "encounter_id", "parent_id", "sequence",
]  # fmt: skip
_NO_END = pd.Timestamp("2200-01-01")


@dataclass
class Data:
    """The practice's tables; events by kind, further codings of events by role, and the code lists as keys."""

    person: pd.DataFrame
    coverage: pd.DataFrame
    events: dict[str, pd.DataFrame]
    codings: dict[str, pd.DataFrame]
    codes: dict[str, set[str]]

    def coded(self, kind: str, name: str) -> pd.DataFrame:
        """Events of a kind with a code of a list, that were done."""
        events, codes = self.events[kind], self.codes.get(name, set())
        further = self.codings["code"]
        also = further.loc[further.key.isin(codes), "event_id"]
        return events[(events.key.isin(codes) | events.event_id.isin(also)) & ~events.not_done]

    def with_coding(self, events: pd.DataFrame, role: str, name: str) -> pd.DataFrame:
        """Those of the events that have a code of the list in this role."""
        further = self.codings.get(role)
        if further is None:
            return events.iloc[:0]
        return events[events.event_id.isin(further.loc[further.key.isin(self.codes.get(name, set())), "event_id"])]


def read(folder: Path, code_lists: Path) -> Data:
    """Read the tables and the code lists from Parquet."""
    event = _table(folder / "event", _EVENT_COLUMNS)
    event["key"] = _keys(event["code_system"], event["code"])
    event["not_done"] = event["not_done"].fillna(False).astype(bool)
    event["source"] = event["source"].astype(object).fillna("ehr")
    over = event["clinical_status"].isin(["inactive", "resolved", "remission"]) & event["end"].isna()
    condition = event["kind"] == "condition"
    event = event[~(condition & over)]  # nobody knows when it was
    ends = event["end"].fillna(event["start"]).where(event["kind"] != "condition", event["end"].fillna(_NO_END))
    supplied = event["kind"].isin(["medication_order"]) & event["end"].isna() & (event["days_supply"] >= 1)
    event["end"] = ends.where(~supplied, event["start"] + pd.to_timedelta(event["days_supply"].fillna(1) - 1, "D"))
    further = _table(folder / "event_code", None)
    further["key"] = _keys(further["system"], further["code"])
    lists = pd.read_parquet(code_lists)
    codes = (lists["system"] + "|" + lists["code"]).groupby(lists["list"]).agg(set).to_dict()
    return Data(
        _table(folder / "person", ["person_id", "birth", "sex"]),
        _table(folder / "coverage", ["person_id", "payer", "product_line", "start", "end"]),
        dict(iter(event.groupby("kind", observed=True))),
        dict(iter(further.groupby("role", observed=True))),
        codes,
    )


def _table(folder: Path, columns: list[str] | None) -> pd.DataFrame:
    return pq.read_table(folder, columns=columns).to_pandas(date_as_object=False)


def _keys(system: pd.Series, code: pd.Series) -> pd.Series:
    """System and code as one categorical column."""
    pairs = pd.DataFrame({"system": system.astype(object), "code": code.astype(object)})
    return (pairs["system"] + "|" + pairs["code"]).astype("category")


@dataclass
class Period:
    """The measurement year, first and last day."""

    start: pd.Timestamp
    end: pd.Timestamp

    def months_before(self, months: int) -> pd.Timestamp:
        """The first day of a lookback."""
        return self.start - pd.DateOffset(months=months)


def period_of(contract: Contract) -> Period:
    """A contract's measurement year."""
    return Period(*map(pd.Timestamp, contract.period))


def members(data: Data, contract: Contract, measure: str, *, women: bool = False) -> pd.DataFrame:
    """The payer's people of the right age, enrolled as the contract asks, with their age at the period's end."""
    period, asked = period_of(contract), contract.of(measure)
    spans = data.coverage
    spans = spans[(spans["payer"] == contract.payer) & (spans["product_line"] == contract.product_line)].copy()
    spans["end"] = spans["end"].fillna(_NO_END)
    spans = spans[(spans["start"] <= period.end) & (spans["end"] >= period.start)]
    people = data.person[data.person["person_id"].isin(spans["person_id"])].copy()
    birth, end = people["birth"], period.end
    birthday_to_come = (birth.dt.month > end.month) | ((birth.dt.month == end.month) & (birth.dt.day > end.day))
    people["age"] = end.year - birth.dt.year - birthday_to_come.astype(int)
    people = people[people["age"].between(asked["age_from"], asked["age_to"])]
    if women:
        people = people[people["sex"] == "female"]
    if contract.enrolment:
        people = people[people["person_id"].isin(enrolled(spans, period, *contract.enrolment))]
    return people


def enrolled(spans: pd.DataFrame, period: Period, gaps: int, gap_days: int) -> pd.Index:
    """Who is covered on the last day, and over the year but for so many gaps of so many days."""
    spans = spans.assign(start=spans["start"].clip(lower=period.start), end=spans["end"].clip(upper=period.end))
    spans = spans.sort_values(["person_id", "start"])
    covered_until = spans.groupby("person_id")["end"].cummax()
    before = covered_until.groupby(spans["person_id"]).shift().fillna(period.start - pd.Timedelta(days=1))
    days = (spans["start"] - before).dt.days - 1
    gap = days[days > 0].groupby(spans["person_id"]).agg(["count", "max"])
    too_many = gap[(gap["count"] > gaps) | (gap["max"] > gap_days)].index
    last = spans.groupby("person_id")["end"].max()
    return last[last == period.end].index.difference(too_many)


def seen(data: Data, contract: Contract, people: pd.DataFrame, visits: str) -> pd.DataFrame:
    """Those with a visit that lies in the period, if the contract asks for one."""
    if not contract.visit:
        return people
    period, found = period_of(contract), data.coded("encounter", visits)
    found = found[(found["status"] == "finished") & (found["start"] >= period.start) & (found["end"] <= period.end)]
    return people[people["person_id"].isin(found["person_id"])]

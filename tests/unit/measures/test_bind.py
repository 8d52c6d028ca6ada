from __future__ import annotations

import pytest

from measureharmony.errors import UsageError
from measureharmony.measures.bind import bind
from measureharmony.measures.names import ParameterName, walk
from tests.unit.measures.specs import measure

MEASURE = measure("""
parameters:
  age_from: {value: 18, unit: years, min: 12, max: 40, text: Youngest age}
  lookback: {value: 27, unit: months, min: 1, text: Lookback}
  threshold: {value: 9, unit: "%", text: Highest value}
  gaps: {value: 1.0, unit: gaps, text: Gaps}
windows:
  recently: {from: period.end - $lookback + 1 days, to: period.end}
events:
  visit: {kind: observation, when: {start: recently}, where: {value: {above: $threshold, at_most: 9.5, unit: "%"}}}
populations:
  initial_population:
    all: [{age: {at: period.end, from: $age_from, to: 75}}, {enrolled: {window: period, gaps: $gaps}}]
  numerator: {exists: visit}
""")


def test_values_stand_where_names_stood_and_no_name_is_left() -> None:
    bound = bind(MEASURE)
    assert bound.parameters == {}
    assert [part for _, part in walk(bound) if isinstance(part, ParameterName)] == []
    assert bound.populations == MEASURE.populations.model_validate(
        {
            "initial_population": {
                "all": [
                    {"age": {"at": "period.end", "from": 18, "to": 75}},
                    {"enrolled": {"window": "period", "gaps": 1}},
                ]
            },
            "numerator": {"exists": "visit"},
        }
    )


def test_a_parameter_brings_its_unit_into_a_shift() -> None:
    recently = [bind(MEASURE, values).windows["recently"].from_ or () for values in ({}, {"lookback": 12.0})]
    assert [str(point) for points in recently for point in points] == [
        "period.end - 27 months + 1 days", "period.end - 12 months + 1 days",
    ]  # fmt: skip


def test_numbers_with_a_fraction_stay() -> None:
    (bounded,) = bind(MEASURE, {"threshold": 8.5}).events["visit"].where
    assert not isinstance(bounded, str)
    assert bounded.value is not None
    assert bounded.value.above == 8.5


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"age_from": 11}, "age_from = 11 is below its minimum of 12 years"),
        ({"age_from": 41}, "age_from = 41 is above its maximum of 40 years"),
        ({"lookback": 2.5}, "lookback = 2.5 is not a whole number of months"),
        ({"threshold": 10}, "no number lies between 10 and 9.5"),
        ({"agefrom": 18}, "it has no parameter 'agefrom', did you mean 'age_from'?"),
    ],
)
def test_values_that_cannot_be_are_refused(values: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match="measure 'm' cannot be bound") as raised:
        bind(MEASURE, values)
    assert said in str(raised.value)


def test_all_refusals_come_together() -> None:
    with pytest.raises(UsageError) as raised:
        bind(MEASURE, {"age_from": 11, "lookback": 0, "x": 1})
    assert str(raised.value).count("; ") == 2


def test_an_undeclared_parameter_is_refused() -> None:
    undeclared = measure("events: {visit: {kind: encounter, when: {start: {from: period.end - $days}}}}")
    with pytest.raises(UsageError, match=r"uses \$days, which is not declared"):
        bind(undeclared)


def test_a_parameter_of_no_calendar_unit_cannot_shift_a_point() -> None:
    wrong = measure(
        "parameters: {limit: {value: 9, unit: '%', text: Limit}}\n"
        "events: {visit: {kind: encounter, when: {start: {from: period.end - $limit}}}}"
    )
    with pytest.raises(UsageError, match=r"cannot be shifted by \$limit = 9 %"):
        bind(wrong)

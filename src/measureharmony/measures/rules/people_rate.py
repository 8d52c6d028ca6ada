"""What is expected of a worked person is about rates that the measure has."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.people import PeopleFile
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion


def check(file: PeopleFile, around: Surroundings) -> Iterator[Finding]:
    """Rates that the measure does not have, and rates about which nothing is said."""
    measure = around.measures.get(file.measure)
    if measure is None:
        return
    rates = [rate.id for rate in measure.rates]
    for index, person in enumerate(file.people):
        place = ("people", index, "expect")
        for rate in person.expect:
            if rate not in rates:
                what = f"measure '{file.measure}' has no rate '{rate}'"
                yield Finding((*place, rate), "spec-unknown-rate", what, suggestion(rate, rates))
        for rate in rates:
            if rate not in person.expect:
                what = f"nothing is expected of '{person.name}' for the rate '{rate}'"
                yield Finding(
                    place, "spec-missing-rate", what, f"add '{rate}: [...]' (an empty list: in no population)"
                )


__all__ = ["check"]

"""Worked people: whether those beside a spec are where their file says, for both ways of evaluating."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

import pyarrow as pa

from measureharmony.errors import Issue, UsageError
from measureharmony.evaluation.reference import Interpreter, LoadedCodes, records_from_practice
from measureharmony.harmonize import outcomes_of
from measureharmony.measures.library import Library
from measureharmony.measures.measure import POPULATIONS
from measureharmony.measures.people import VALUE_SET_SYSTEM, PeopleFile, people_tables
from measureharmony.payers import Variant, canonical_variant
from measureharmony.practice import Practice, from_tables
from measureharmony.specs import Specs
from measureharmony.value_sets import ValueSets, shipped_systems

#: Person → rate → the populations they are in.
Members = dict[str, dict[str, tuple[str, ...]]]
Engine = Callable[[Practice, Variant, Specs], Members]


def check_worked_people(specs: Specs, measures: Collection[str] = ()) -> list[Issue]:
    """Every worked person of ``measures`` (none given: of all) that either way of evaluating puts elsewhere.

    ``specs`` must have been read with their people (:func:`~measureharmony.specs.read_specs`). Editions' own
    people are among them. :class:`UsageError` for a measure without worked people.
    """
    told = {key for library in specs.editions.libraries.values() for key in library.people}
    missing = sorted(set(measures) - told)
    if missing:
        raise UsageError(
            f"There are no worked people of {', '.join(missing)}. There are some of: {', '.join(sorted(told))}."
        )
    return [
        issue
        for _, library in sorted(specs.editions.libraries.items())
        for key in sorted(library.people)
        if not measures or key in measures
        for issue in _issues_of(library, key, specs)
    ]


def _issues_of(library: Library, key: str, specs: Specs) -> Iterator[Issue]:
    file, document = library.people[key], library.documents[f"{key}.people"]
    with practice_of(file) as practice:
        rejected = practice.rejects.to_pylist()
        for reject in rejected:
            what = f"a row of table {reject['table']} is not accepted ({reject['rule']}, column {reject['column']})"
            yield document.issue((), "people-rejected", what, "write it as the dataset contract asks")
        variant = canonical_variant(library.measures[key], file.measurement_period)
        for name, engine in ENGINES.items() if not rejected else ():
            for index, rate, what in differences(file, engine(practice, variant, specs)):
                fix = "correct the measure, or what the person shows"
                yield document.issue(("people", index, "expect", rate), "people-differ", f"{what} (by the {name})", fix)


def differences(file: PeopleFile, found: Members) -> Iterator[tuple[int, str, str]]:
    """Each person (by place in the file) and rate that came out otherwise than the file says, with a sentence."""
    for index, person in enumerate(file.people):
        for rate, expected in person.expect.items():
            ours = found.get(person.person_id, {}).get(rate, ())  # nothing of theirs is counted
            if set(ours) != set(expected):
                told = f"expected {_listed(expected)}, found {_listed(ours)}"
                yield index, rate, f"'{person.name}', rate {rate}: {told}"


def practice_of(file: PeopleFile) -> Practice:
    """The worked people as a practice, checked as any other."""
    systems = {system.name: system.uri for system in shipped_systems().systems}
    tables = {name: _table(rows) for name, rows in people_tables(file, systems).items() if rows}
    return from_tables(tables, f"{file.measure}.people.yaml")


def _table(rows: list[dict[str, str]]) -> pa.Table:
    columns = dict.fromkeys(column for row in rows for column in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns})


# --- the two ways of evaluating ---------------------------------------------------------------------------------------


def by_kernels(practice: Practice, variant: Variant, specs: Specs) -> Members:
    """As every run evaluates."""
    rows = outcomes_of(practice, [variant], specs, stand_ins=True).to_pylist()
    return _gathered((row["person_id"], row["rate"], _inside(row)) for row in rows)


def by_interpreter(practice: Practice, variant: Variant, specs: Specs) -> Members:
    """One person after the other, as explanations do."""
    interpreter = Interpreter(variant, LoadedCodes(_with_stand_ins(specs.value_sets)))
    return _gathered(
        (record.person_id, rate, _inside(members))
        for record in records_from_practice(practice)
        for index in interpreter.subjects(record)
        for rate, members in interpreter.outcome(record, index).items()
    )


ENGINES: Mapping[str, Engine] = {"kernels": by_kernels, "interpreter": by_interpreter}


def _with_stand_ins(value_sets: ValueSets) -> ValueSets:
    """Every value set with its own name among its codes, as worked people write it."""
    return ValueSets(tuple(replace(s, codes=s.codes | {(VALUE_SET_SYSTEM, s.name)}) for s in value_sets.sets))


def _gathered(subjects: Iterable[tuple[str, str, tuple[str, ...]]]) -> Members:
    """By person and rate; of a measure that counts events, the populations that any of the person's events is in."""
    found: Members = {}
    for person, rate, inside in subjects:
        rates = found.setdefault(person, {})
        rates[rate] = tuple(name for name in POPULATIONS if name in (*rates.get(rate, ()), *inside))
    return found


def _inside(members: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name in POPULATIONS if members[name])


def _listed(populations: tuple[str, ...]) -> str:
    return ", ".join(sorted(populations)) or "no population"


__all__ = ["ENGINES", "Engine", "Members", "check_worked_people", "differences", "practice_of"]

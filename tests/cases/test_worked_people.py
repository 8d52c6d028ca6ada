"""The people beside each spec are in the populations their file says, for the kernels and the interpreter alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import pyarrow as pa
import pytest

from measureharmony.evaluation.reference import Interpreter, LoadedCodes, records_from_practice
from measureharmony.harmonize import Specs, load_specs, outcomes_of
from measureharmony.measures.measure import POPULATIONS
from measureharmony.measures.people import VALUE_SET_SYSTEM, PeopleFile, people_tables
from measureharmony.payers import Variant, canonical_variant
from measureharmony.practice import Practice, from_tables
from measureharmony.value_sets import ValueSets, shipped_systems

SPECS = load_specs()

#: Person → rate → the populations they are in.
Members = dict[str, dict[str, tuple[str, ...]]]
Engine = Callable[[Practice, Variant, Specs], Members]


def practice_of(file: PeopleFile) -> Practice:
    """The worked people as a practice, checked as any other."""
    systems = {system.name: system.uri for system in shipped_systems().systems}
    tables = {name: _table(rows) for name, rows in people_tables(file, systems).items() if rows}
    practice = from_tables(tables, f"{file.measure}.people.yaml")
    rejected = practice.rejects.to_pylist()
    assert not rejected, f"rows that the dataset contract refuses: {rejected}"
    return practice


def _table(rows: list[dict[str, str]]) -> pa.Table:
    columns = dict.fromkeys(column for row in rows for column in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns})


def with_stand_ins(value_sets: ValueSets) -> ValueSets:
    """Every value set with its own name among its codes, as worked people write it."""
    return ValueSets(tuple(replace(s, codes=s.codes | {(VALUE_SET_SYSTEM, s.name)}) for s in value_sets.sets))


def by_kernels(practice: Practice, variant: Variant, specs: Specs) -> Members:
    rows = outcomes_of(practice, [variant], specs, stand_ins=True).to_pylist()
    return _gathered((row["person_id"], row["rate"], _inside(row)) for row in rows)


def by_interpreter(practice: Practice, variant: Variant, specs: Specs) -> Members:
    interpreter = Interpreter(variant, LoadedCodes(with_stand_ins(specs.value_sets)))
    return _gathered(
        (record.person_id, rate, _inside(members))
        for record in records_from_practice(practice)
        for index in interpreter.subjects(record)
        for rate, members in interpreter.outcome(record, index).items()
    )


def _gathered(subjects: Iterable[tuple[str, str, tuple[str, ...]]]) -> Members:
    """By person and rate; of a measure that counts events, the populations that any of the person's events is in."""
    found: Members = {}
    for person, rate, inside in subjects:
        rates = found.setdefault(person, {})
        rates[rate] = tuple(name for name in POPULATIONS if name in (*rates.get(rate, ()), *inside))
    return found


def _inside(members: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name in POPULATIONS if members[name])


def _differences(file: PeopleFile, found: Members) -> Iterator[str]:
    """One sentence for each person and rate that came out otherwise than the file says."""
    for person in file.people:
        for rate, expected in person.expect.items():
            ours = found.get(person.person_id, {}).get(rate, ())  # nothing of theirs is counted
            if set(ours) != set(expected):
                yield f"{person.name} [{rate}]: expected {_listed(expected)}, found {_listed(ours)}"


def _listed(populations: tuple[str, ...]) -> str:
    return ", ".join(sorted(populations)) or "no population"


#: Each edition of a measure that has people of its own.
EDITIONS = [(year, key) for year, library in SPECS.editions.libraries.items() for key in library.people]


@pytest.mark.parametrize("engine", [by_kernels, by_interpreter])
@pytest.mark.parametrize(("edition", "measure"), EDITIONS)
def test_worked_people_are_where_their_file_says(edition: int, measure: str, engine: Engine) -> None:
    library = SPECS.of_edition(edition)
    file = library.people[measure]
    variant = canonical_variant(library.measures[measure], file.measurement_period)
    with practice_of(file) as practice:
        found = engine(practice, variant, SPECS)
    assert found.keys() <= {person.person_id for person in file.people}
    wrong = list(_differences(file, found))
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_measure_has_worked_people() -> None:
    assert SPECS.canonical.people.keys() == SPECS.canonical.measures.keys()
    for library in SPECS.editions.libraries.values():
        assert library.people.keys() == library.measures.keys()


def test_each_measure_shows_everything_that_can_happen_in_it() -> None:
    """Each population of each rate that the measure has is shown by somebody in it and by somebody outside of it."""
    missing = [
        f"{key}/{rate.id}: nobody is {'in' if inside else 'outside'} the {population.replace('_', ' ')}"
        for key, measure in SPECS.canonical.measures.items()
        for rate in measure.rates
        for population in POPULATIONS
        if measure.population(rate, population) is not None
        for inside in (True, False)
        if not any((population in p.expect.get(rate.id, ())) is inside for p in SPECS.canonical.people[key].people)
    ]
    assert not missing, "\n" + "\n".join(missing)

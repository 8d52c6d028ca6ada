"""The people beside each spec are in the populations their file says, for the kernels and the interpreter alike."""

from __future__ import annotations

import pytest

from measureharmony.conformance.worked_people import ENGINES, differences, practice_of
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers import canonical_variant
from measureharmony.specs import read_specs

SPECS = read_specs().require()

#: Each edition of a measure that has people of its own.
EDITIONS = [(year, key) for year, library in SPECS.editions.libraries.items() for key in library.people]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("edition", "measure"), EDITIONS)
def test_worked_people_are_where_their_file_says(edition: int, measure: str, engine: str) -> None:
    library = SPECS.of_edition(edition)
    file = library.people[measure]
    variant = canonical_variant(library.measures[measure], file.measurement_period)
    with practice_of(file) as practice:
        assert not practice.rejects.to_pylist()
        found = ENGINES[engine](practice, variant, SPECS)
    assert found.keys() <= {person.person_id for person in file.people}
    wrong = [what for _, _, what in differences(file, found)]
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

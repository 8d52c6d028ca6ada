"""The people beside each spec are in the populations their file says, for the kernels and the interpreter alike."""

from __future__ import annotations

import pytest

from measureharmony.conformance.worked_people import ENGINES, differences, practice_of
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers import canonical_variant
from measureharmony.spec_files import spec_folder
from measureharmony.specs import Specs, read_specs

#: The people of each measure's own file (without a year) and of its other editions. Told by the files, since every
#: process that collects tests would read all specs otherwise.
FILES = [
    (int(path.parent.name) if path.parent.parent.name == "editions" else None, path.name.removesuffix(".people.yaml"))
    for path in sorted((spec_folder() / "canonical").rglob("*.people.yaml"))
]


@pytest.fixture(scope="module")
def specs() -> Specs:
    return read_specs().require()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("edition", "measure"), FILES)
def test_worked_people_are_where_their_file_says(specs: Specs, edition: int | None, measure: str, engine: str) -> None:
    library = specs.of_edition(edition)
    file = library.people[measure]
    variant = canonical_variant(library.measures[measure], file.measurement_period)
    with practice_of(file) as practice:
        assert not practice.rejects.to_pylist()
        found = ENGINES[engine](practice, variant, specs)
    assert found.keys() <= {person.person_id for person in file.people}
    wrong = [what for _, _, what in differences(file, found)]
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_measure_has_worked_people(specs: Specs) -> None:
    own = {measure for edition, measure in FILES if edition is None}
    assert own == specs.canonical.people.keys() == specs.canonical.measures.keys()
    for library in specs.editions.libraries.values():
        assert library.people.keys() == library.measures.keys()


def test_each_measure_shows_everything_that_can_happen_in_it(specs: Specs) -> None:
    """Each population of each rate that the measure has is shown by somebody in it and by somebody outside of it."""
    missing = [
        f"{key}/{rate.id}: nobody is {'in' if inside else 'outside'} the {population.replace('_', ' ')}"
        for key, measure in specs.canonical.measures.items()
        for rate in measure.rates
        for population in POPULATIONS
        if measure.population(rate, population) is not None
        for inside in (True, False)
        if not any((population in p.expect.get(rate.id, ())) is inside for p in specs.canonical.people[key].people)
    ]
    assert not missing, "\n" + "\n".join(missing)

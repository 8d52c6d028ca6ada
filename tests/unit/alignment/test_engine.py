"""The engine's word on people made up is that of outcomes; whose rows are refused is nowhere, and nobody else is."""

from __future__ import annotations

from dataclasses import replace

from measureharmony.alignment.confirming import Engine, Seat
from measureharmony.alignment.somebody import MadeEvent, Somebody, practice_of
from measureharmony.alignment.versions import PLACES, Versions
from measureharmony.harmonize import outcomes_of
from measureharmony.measures.measure import POPULATIONS
from tests.generative.seats import members, probes
from tests.unit.alignment.versions import SPECS, version

EVENTS = "events: {stays: {kind: encounter}}"
STAYS = f"{{subject: {{episodes: stays}}, {EVENTS}}}"
ALL_PLACES = ", ".join(f"{name}: {{exists: stays}}" for name in POPULATIONS if name not in ("numerator", "denominator"))


def stay(number: int, start: str = "2026-03-01") -> MadeEvent:
    return MadeEvent({"event_id": str(number), "kind": "encounter", "start": start, "source": "claim"})


MAN = Somebody({"birth": "1980-01-01", "sex": "male"})
PEOPLE = [MAN, replace(MAN, events=(stay(1),)), Somebody({"birth": "1980-01-01"}, events=(stay(1), stay(2)))]
SEATS = [Seat(0, number, "rate", place) for number in (0, 1) for place in PLACES]


def test_the_engine_seats_people_as_outcomes_do() -> None:
    two = [version("{sex: male}", sections=f"{{{EVENTS}}}"), version(populations=ALL_PLACES, sections=f"{{{EVENTS}}}")]
    seated = Engine(SPECS, [Versions(two)]).seated({0: PEOPLE}, SEATS)
    with practice_of(PEOPLE) as practice:
        asked = probes(two, SEATS)
        outcomes = outcomes_of(practice, [one.variant for one in asked], SPECS, everybody=True)
        inside = members(outcomes, asked)
    identifiers = [f"somebody{number:07}" for number in range(len(PEOPLE))]
    assert {seat: [one in inside[seat] for one in identifiers] for seat in SEATS} == {
        seat: list(who) for seat, who in seated.items()
    }


def test_of_somebody_with_several_events_the_one_that_is_counted_is_seated() -> None:
    counting = version("{exists: {from: index, where: {source: claim}}}", sections=STAYS)
    people = [replace(PEOPLE[2], counted=number) for number in ("1", "2")]
    people.append(replace(people[0], events=(MadeEvent({**stay(1).cells, "source": "ehr"}), stay(2))))
    seat = Seat(0, 0, "rate", "numerator_counted")
    seated = Engine(SPECS, [Versions([counting])]).seated({0: people}, [seat])
    assert seated[seat].tolist() == [True, True, False]


def test_whose_rows_are_refused_is_nowhere_and_nobody_else_is() -> None:
    refused = replace(MAN, events=(stay(1, start="2026-13-01"),))
    unborn = Somebody({"birth": "nobody knows", "sex": "male"})
    seats = [Seat(number, 0, "rate", "numerator") for number in (0, 1)]
    measures = [Versions([version("{sex: male}", key=key)]) for key in ("one", "two")]
    engine = Engine(SPECS, measures)
    seated = engine.seated({0: [MAN, refused, unborn, MAN], 1: [refused, MAN]}, seats)
    assert [seated[seat].tolist() for seat in seats] == [[True, False, False, True], [False, True]]
    assert engine.seated({0: [unborn]}, seats[:1])[seats[0]].tolist() == [False]


def test_nobody_is_seated_where_nobody_is_made_up() -> None:
    assert Engine(SPECS, [Versions([version()])]).seated({}, SEATS[:1])[SEATS[0]].tolist() == []

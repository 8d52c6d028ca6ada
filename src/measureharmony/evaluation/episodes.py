"""Episodes as subjects: a partition in which each counted event stands as a person of its own.

Unfolded so, with every episode owning a copy of its person's rows (numbers only; what a plan does not look at is left
behind), an episode measure needs no kernels of its own: "has such an event" then means "this episode has".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from measureharmony.evaluation.columns import Events, Ints, Links, Partition, People, Spans, Words
from measureharmony.evaluation.nodes import Match
from measureharmony.evaluation.row_kernels import in_sorted, links_of, places_in, positions_of

Column = TypeVar("Column")


class _Taken(Mapping[str, Column]):
    """The columns of some rows, each taken from those of the whole when it is first read: most plans read few."""

    def __init__(self, whole: Mapping[str, Column], take: Callable[[Column], Column]):
        self._whole, self._take = whole, take
        self._taken: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._taken:
            self._taken[name] = self._take(self._whole[name])
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


@dataclass(frozen=True)
class Unfolded:
    """A partition of episodes. ``row`` gives, for each of its event rows, the row in the partition it comes from."""

    partition: Partition
    row: Ints


def unfold(whole: Partition, episodes: Ints, matches: Iterable[Match]) -> Unfolded:
    """``whole`` with the events ``episodes`` (ascending rows) as its subjects, as a plan with ``matches`` sees it."""
    matches = tuple(matches)
    coded = {(match.role, match.codes) for match in matches if match.codes is not None}
    person = whole.events.person[episodes]
    wanted = _wanted(whole, person, [episodes, *(whole.rows_matching(match) for match in matches)])
    episode, place = positions_of(person, whole.events.person[wanted])
    row = wanted[place]
    first = np.searchsorted(episode, np.arange(len(episodes)))
    shift = first - np.searchsorted(whole.events.person[wanted], person)
    events = whole.events
    partition = Partition(
        people=_people(whole.people, person),
        events=Events(
            person=episode,
            not_done=events.not_done[row],
            words=_Taken(events.words, lambda column: _words(column, row)),
            times=_Taken(events.times, lambda times: times.take(row)),
            numbers=_Taken(events.numbers, lambda numbers: numbers[row]),
            links=_Taken(events.links, lambda links: _links(links, row, wanted, shift[episode])),
            unit=_words(events.unit, row),
            value_type=_words(events.value_type, row),
        ),
        coverage=_spans(whole.coverage, person),
        roster=_spans(whole.roster, person),
        matches={key: np.flatnonzero(in_sorted(wanted, whole.matches[key])[place]) for key in coded},
        listed=whole.listed,
        index=np.searchsorted(wanted, episodes) + shift,
    )
    return Unfolded(partition, row)


def _wanted(whole: Partition, person: Ints, looked_at: Iterable[Ints]) -> Ints:
    """The rows of people with an episode (``person``) that are looked at, ascending."""
    rows = np.zeros(whole.events.count, dtype=bool)
    for some in looked_at:
        rows[some] = True
    counted = np.zeros(whole.people.count, dtype=bool)
    counted[person] = True
    return np.flatnonzero(rows & counted[whole.events.person])


def _people(people: People, person: Ints) -> People:
    return People(
        key=people.key[person],
        birth=people.birth.take(person),
        sex=_words(people.sex, person),
        gender=_words(people.gender, person),
        death=people.death.take(person),
    )


def _words(words: Words, rows: Ints) -> Words:
    return Words(words.codes[rows], words.words)


def _links(links: Links, row: Ints, wanted: Ints, shift: Ints) -> Links:
    """The links between rows of one episode; those to rows that were left behind are gone."""
    pointing, pointed = links_of(row, links)
    target = places_in(pointed, wanted)
    there = np.flatnonzero(target >= 0)
    pointing = pointing.take(there)
    return Links(pointing, target.take(there) + shift.take(pointing))


def _spans(spans: Spans, person: Ints) -> Spans:
    episode, place = positions_of(person, spans.person)
    return replace(
        spans,
        person=episode,
        name=_words(spans.name, place),
        product_line=_words(spans.product_line, place),
        benefits=_words(spans.benefits, place),
        start=spans.start[place],
        end=spans.end[place],
    )


__all__ = ["Unfolded", "unfold"]

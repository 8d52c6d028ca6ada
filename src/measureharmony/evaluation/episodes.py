"""Episodes as subjects: a partition in which each counted event stands as a person of its own.

Unfolded so, with every episode owning a copy of its person's rows (numbers only; what a plan does not look at is left
behind), an episode measure needs no kernels of its own: "has such an event" then means "this episode has".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from measureharmony.evaluation.coded_rows import NONE_CODED
from measureharmony.evaluation.columns import Events, Ints, Links, Owners, Partition, People, Spans, Words, beginnings
from measureharmony.evaluation.nodes import Match
from measureharmony.evaluation.row_kernels import group_starts, links_of, places_in, positions_of, union

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


class _Copies:
    """The copies of rows that episodes own, one after the other: ``rows`` says of which row each is one.

    ``kept`` are the rows that are copied, ascending; ``person`` says whose each episode is.
    """

    def __init__(self, whole: Partition, kept: Ints, person: Ints):
        people = person.take(group_starts(person))
        number = np.zeros(whole.people.count, dtype=np.int32)
        number[people] = np.arange(len(people), dtype=np.int32)
        self._kept, self.whose = kept, number.take(person).astype(np.intp)
        self._owner = number.take(whole.events.person.take(kept))
        self.episode, place = positions_of(self.whose, self._owner)
        self.rows = kept.take(place)
        # How far the copies of an episode's rows are from their places among those kept.
        begin = beginnings(self._owner)
        counts = np.diff(begin).take(self.whose)
        self._shift = np.cumsum(counts) - counts - begin.take(self.whose)

    def of(self, rows: Ints) -> Ints:
        """The copies of some of the rows kept, ascending."""
        return self._of_places(places_in(rows, self._kept))[0] if len(rows) else rows

    def own(self, rows: Ints) -> Ints:
        """The copy that each episode owns of one of the rows kept."""
        return np.searchsorted(self._kept, rows) + self._shift

    def _of_places(self, places: Ints, *beside: Ints) -> tuple[Ints, ...]:
        """The copies of what is at some places among the rows kept, and of what is ``beside`` each of these."""
        episode, which = positions_of(self.whose, self._owner.take(places))
        shift = self._shift.take(episode)
        return tuple(column.take(which) + shift for column in (places, *beside))

    def of_links(self, links: Links) -> Links:
        """The links between rows of one episode; those to rows that were left behind are gone."""
        pointing, pointed = links_of(self._kept, links)
        target = places_in(pointed, self._kept)
        there = np.flatnonzero(target >= 0)
        return Links(*self._of_places(pointing.take(there), target.take(there)))


def unfold(whole: Partition, episodes: Ints, matches: Iterable[Match]) -> Unfolded:
    """``whole`` with the events ``episodes`` (ascending rows) as its subjects, as a plan with ``matches`` sees it."""
    person = whole.events.person.take(episodes)
    people = person.take(group_starts(person))
    found = {match: whole.rows_matching(match, people) for match in matches}
    copies = _Copies(whole, union([episodes, *found.values()]), person)
    owners = _owners(whole, people)
    events, row = whole.events, copies.rows
    partition = Partition(
        people=_people(owners.people, copies.whose),
        events=Events(
            person=copies.episode,
            not_done=events.not_done.take(row),
            words=_Taken(events.words, lambda column: _words(column, row)),
            times=_Taken(events.times, lambda times: times.take(row)),
            numbers=_Taken(events.numbers, lambda numbers: numbers.take(row)),
            links=_Taken(events.links, copies.of_links),
            unit=_words(events.unit, row),
            value_type=_words(events.value_type, row),
        ),
        coverage=_spans(owners.coverage, copies.whose),
        roster=_spans(owners.roster, copies.whose),
        matches=NONE_CODED,
        listed=whole.listed,
        index=copies.own(episodes),
        found={match: copies.of(rows) for match, rows in found.items()},
        owners=Owners(owners, copies.whose),
    )
    return Unfolded(partition, row)


def _owners(whole: Partition, people: Ints) -> Partition:
    """Some people of ``whole``, to be asked about what no event decides."""
    coverage, roster = _spans(whole.coverage, people), _spans(whole.roster, people)
    return replace(whole, people=_people(whole.people, people), coverage=coverage, roster=roster)


def _people(people: People, person: Ints) -> People:
    return People(
        key=people.key[person],
        birth=people.birth.take(person),
        sex=_words(people.sex, person),
        gender=_words(people.gender, person),
        death=people.death.take(person),
    )


def _words(words: Words, rows: Ints) -> Words:
    return Words(words.codes.take(rows), words.words)


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

"""Everybody, cut into stretches of people that hardly move when somebody comes or goes.

Where a stretch begins is told by the identifiers alone, one in 256 of which begins one: whoever comes or goes changes
the stretch that they are in, or cuts it in two, or joins it to the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.practice.practice import Practice

#: How many people a stretch has on average.
PEOPLE = 256
#: What the stretch is called that begins with the first person, whoever that is.
_FIRST = "first"


@dataclass(frozen=True)
class Stretches:
    """Stretches of people in the order of their ``person_key``: what each is called, and how many people it has."""

    names: tuple[str, ...]
    people: tuple[int, ...]

    def some(self, first: int, stop: int) -> Stretches:
        """Those from ``first`` on to before ``stop``."""
        return Stretches(self.names[first:stop], self.people[first:stop])


def stretches(practice: Practice) -> Stretches:
    """Everybody accepted. A stretch is called by a hash of the identifier that it begins with."""
    begins = practice.connection.cursor().execute(
        "SELECT person_key, left(md5(id), 16) FROM (SELECT person_key, CAST(person_id AS VARCHAR) AS id "
        "FROM accepted_person) WHERE md5_number_lower(id) % $people = 0 ORDER BY person_key",
        {"people": PEOPLE},
    )
    starts = dict(begins.fetchall())
    starts = starts if 0 in starts else {0: _FIRST, **starts}
    ends = [*list(starts)[1:], practice.person_count]
    return Stretches(tuple(starts.values()), tuple(end - start for start, end in zip(starts, ends, strict=True)))


__all__ = ["PEOPLE", "Stretches", "stretches"]

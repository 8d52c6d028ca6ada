"""Which rows have which codes: kept as pairs of coding and row in one sorted column, and put together when asked for.

A row is in some seven groups of codes. So the pairs are a fraction of what all groups list, and each part of the people
lists its own, as far as its plan asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.row_kernels import union
from measureharmony.evaluation.terminology import Group

#: A pair is one number: the coding in the upper bits, the row in the lower ones.
_ROW_BITS = 32
_ROW = (1 << _ROW_BITS) - 1


@dataclass(frozen=True)
class CodedRows:
    """For each group of codes, the rows from ``low`` to before ``high`` that have one of its codings, ascending.

    Rows are counted from ``low``. ``codings``: the numbers of each group's codings; ``pairs``: which coding has which
    row, each pair once, ascending.
    """

    pairs: Ints
    codings: Mapping[Group, Ints]
    low: int
    high: int
    _found: dict[Group, Ints] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, coding: Ints, row: Ints, codings: Mapping[Group, Ints], rows: int) -> CodedRows:
        """``coding[i]`` (-1: none) has ``row[i]``, in any order and more than once; there are so many ``rows``."""
        pairs = coding.astype(np.int64)
        pairs <<= _ROW_BITS
        pairs |= row
        pairs.sort()
        pairs = pairs[np.searchsorted(pairs, 0) :]
        repeated = pairs[1:] == pairs[:-1]
        return cls(pairs[np.append(True, ~repeated)] if repeated.any() else pairs, codings, 0, rows)

    def between(self, low: int, high: int) -> CodedRows:
        """The same of the rows from number ``low`` on to before ``high``."""
        return CodedRows(self.pairs, self.codings, self.low + low, self.low + high)

    def __getitem__(self, group: Group) -> Ints:
        found = self._found.get(group)
        if found is None:
            found = self._found[group] = self._rows(self.codings[group])
        return found

    def _rows(self, codings: Ints) -> Ints:
        begin, end = (np.searchsorted(self.pairs, (codings << _ROW_BITS) | row) for row in (self.low, self.high))
        some = [self.pairs[first:stop] for first, stop in zip(begin, end, strict=True) if first < stop]
        if not some:
            return np.empty(0, dtype=np.int64)
        rows: list[Ints] = [(pairs & _ROW) - self.low for pairs in some]
        return rows[0] if len(rows) == 1 else union(rows)


#: Where nobody asks for codes.
NONE_CODED = CodedRows(np.empty(0, dtype=np.int64), {}, 0, 0)


def codings_of(groups: Sequence[Group], by_coding: Sequence[Sequence[int]]) -> Mapping[Group, Ints]:
    """The numbers of the codings of each of ``groups``; ``by_coding`` has the places of the groups of each coding."""
    found: list[list[int]] = [[] for _ in groups]
    for coding, places in enumerate(by_coding):
        for place in places:
            found[place].append(coding)
    return {group: np.array(codings, dtype=np.int64) for group, codings in zip(groups, found, strict=True)}


__all__ = ["NONE_CODED", "CodedRows", "codings_of"]

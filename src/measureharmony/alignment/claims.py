"""What an alignment says: how each population of one version of a measure stands to that of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pyarrow as pa

from measureharmony.alignment.finding import Side
from measureharmony.alignment.somebody import Somebody
from measureharmony.alignment.versions import COUNTED, Place
from measureharmony.payers.variant import Variant
from measureharmony.reports.tables import ResultTable

#: ``narrower``: nobody is in this one who is not in the other one; and the other way round.
Relation: TypeAlias = Literal["equal", "narrower", "wider", "incomparable", "unknown"]
Effect: TypeAlias = Literal["fewer", "more", "others", "unclear"]

EFFECTS: Mapping[Effect, str] = {
    "fewer": "fewer people", "more": "more people", "others": "other people", "unclear": "whom it moves is not decided",
}  # fmt: skip
TITLES: Mapping[Place, str] = {
    "initial_population": "initial population",
    "denominator": "denominator",
    "denominator_exclusion": "denominator exclusion",
    "numerator": "numerator",
    "numerator_exclusion": "numerator exclusion",
    "denominator_exception": "denominator exception",
    "denominator_counted": "counted in the denominator",
    "numerator_counted": "counted in the numerator",
}


@dataclass(frozen=True)
class Reason:
    """One difference between the criteria of a population, and what it does to who meets them."""

    text: str
    effect: Effect

    def __str__(self) -> str:
        return f"{self.text}: {EFFECTS[self.effect]}"


@dataclass(frozen=True)
class Claim:
    """How one place of one rate stands to the same place of the other version.

    A population's place is its own criterion, asked of everybody; ``denominator_counted`` and ``numerator_counted``
    are who counts below and above the line of the rate, everything considered. ``here_only`` is somebody in this
    version's place and not in the other's, ``there_only`` the reverse: the engine has seen both. ``within`` and
    ``contains`` say whether this one lies within the other, and the reverse: proved (``True``), disproved by somebody
    (``False``), or not known (``None``).
    """

    rate: str
    place: Place
    within: bool | None
    contains: bool | None
    here_only: Somebody | None = None
    there_only: Somebody | None = None
    reasons: tuple[Reason, ...] = ()
    why_unknown: str = ""

    @property
    def relation(self) -> Relation:
        """What is sure. "narrower" is a proof; "wider" and "incomparable" come with somebody to look at."""
        match self.within, self.contains:
            case True, True:
                return "equal"
            case True, _:
                return "narrower"
            case False, True:
                return "wider"
            case False, False:
                return "incomparable"
        return "unknown"

    @property
    def sentence(self) -> str:
        """The relation in words, with what is known of one that is unknown."""
        match self.within, self.contains:
            case True, None:
                return "narrower or equal"
            case None, True:
                return "unknown: equal or wider"
            case False, None:
                return "unknown: wider or incomparable"
            case None, False:
                return "unknown: narrower or incomparable"
        return self.relation


def claim_of(mine: Side, theirs: Side) -> Claim:
    """The claim that two halves of a comparison make together."""
    why = "; ".join(dict.fromkeys(side.why for side in (mine, theirs) if side.answer is None and side.why))
    return Claim(
        mine.inside.rate, mine.inside.place, mine.answer, theirs.answer,
        mine.shown if mine.confirmed else None, theirs.shown if theirs.confirmed else None, (), why,
    )  # fmt: skip


@dataclass(frozen=True)
class Alignment:
    """How one version of a measure stands to another one. ``left_out`` are rates that only one of them has."""

    variant: Variant
    against: Variant
    claims: tuple[Claim, ...]
    left_out: tuple[str, ...] = ()

    def claim(self, rate: str, place: Place) -> Claim:
        """The claim about one place of one rate; ``KeyError`` where neither version says anything of it."""
        for claim in self.claims:
            if (claim.rate, claim.place) == (rate, place):
                return claim
        raise KeyError((rate, place))

    def is_aligned(self, rate: str) -> bool:
        """Proved: both versions count the same people below and above the line of the rate, whatever the data.

        Rates of versions that are aligned may be pooled or compared as one. ``False`` for a rate that only one has.
        """
        return rate not in self.left_out and all(self.claim(rate, place).relation == "equal" for place in COUNTED)


#: Columns of the alignment table, with what they hold.
COLUMNS: Mapping[str, str] = {
    "measure": "Key of the measure.",
    "program": "Whose version.",
    "edition": "Its edition.",
    "against": "Compared with whose version.",
    "against_edition": "That one's edition.",
    "rate": "Which rate of the measure.",
    "population": "A population's own criterion, or who is counted below or above the line of the rate.",
    "relation": "equal, narrower, wider, incomparable or unknown.",
    "reasons": "What makes it so, separated by semicolons.",
    "here_only": "Somebody in this version's place and not in the other's, in words.",
    "there_only": "Somebody in the other version's place and not in this one's, in words.",
}
_WHOLE = ("edition", "against_edition")


def alignment_table(rows: Iterable[Mapping[str, object]]) -> ResultTable:
    """The rows (see :data:`COLUMNS`) as a table."""
    schema = pa.schema([(name, pa.int64() if name in _WHOLE else pa.string()) for name in COLUMNS])
    return ResultTable("alignment", pa.Table.from_pylist(list(rows), schema=schema), COLUMNS)


__all__ = [
    "COLUMNS", "EFFECTS", "TITLES", "Alignment", "Claim", "Effect", "Reason", "Relation", "alignment_table", "claim_of",
]  # fmt: skip

"""How programs mean a measure differently, in words, and whom that moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from measureharmony.reports.content.also import Also, rows_of
from measureharmony.reports.divergence import ALL, MEMBERSHIP


@dataclass(frozen=True)
class Sentence:
    """One difference of a program's version from the canonical one, and where it comes from."""

    axis: str
    text: str
    sources: str
    status: str


@dataclass(frozen=True)
class Effect:
    """What the differences of a rate, or one of them, do to people (counts as in table ``divergence_counts``)."""

    text: str
    moved: int
    subjects: int
    points: float | None
    alone: int | None


@dataclass(frozen=True)
class RateEffect:
    """What all differences of one rate do together, and each by itself."""

    rate: str
    together: Effect
    causes: tuple[Effect, ...]


@dataclass(frozen=True)
class Differing:
    """A program's version of a measure against the canonical one."""

    program: str
    measure: str
    sentences: tuple[Sentence, ...] = ()
    effects: tuple[RateEffect, ...] = field(default=())


def differing(also: Also) -> Mapping[tuple[str, str], Differing]:
    """By program and measure, what differs; under the measure ``""``, what holds for all of a program's measures."""
    sentences: dict[tuple[str, str], list[Sentence]] = {}
    for row in rows_of(also.differences):
        told = Sentence(*(str(row[name] or "") for name in ("axis", "sentence", "sources", "status")))
        sentences.setdefault((str(row["after"]), str(row["measure"])), []).append(told)
    effects = _effects(also)
    return {
        key: Differing(*key, tuple(sentences.get(key, ())), tuple(effects.get(key, ())))
        for key in dict.fromkeys([*sentences, *effects])
    }


def _effects(also: Also) -> dict[tuple[str, str], list[RateEffect]]:
    rates: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    for row in rows_of(also.divergence):
        rates.setdefault((str(row["program"]), str(row["measure"]), str(row["rate"])), []).append(row)
    found: dict[tuple[str, str], list[RateEffect]] = {}
    for (program, measure, rate), rows in rates.items():
        together = next(_effect(row) for row in rows if row["cause"] == ALL)
        causes = (_effect(row) for row in rows if row["cause"] not in (ALL, MEMBERSHIP))
        moving = tuple(one for one in causes if one.moved or one.alone)
        found.setdefault((program, measure), []).append(RateEffect(rate, together, moving))
    return found


def _effect(row: Mapping[str, object]) -> Effect:
    points, alone = row["points"], row["alone"]
    return Effect(
        str(row["sentence"]),
        int(str(row["moved"])),
        int(str(row["subjects"])),
        points if isinstance(points, float) else None,
        alone if isinstance(alone, int) else None,
    )


__all__ = ["Differing", "Effect", "RateEffect", "Sentence", "differing"]

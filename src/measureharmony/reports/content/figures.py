"""The figures of a report: one for each program, measure and rate, with all that is said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.reports.content.also import Also, by_rate
from measureharmony.reports.results import Results
from measureharmony.reports.small_cells import LEAST, Counts, Hidden, hidden_rows
from measureharmony.reports.tables import shown_value


@dataclass(frozen=True)
class Target:
    """What a program wants of a rate, and what is left to do.

    ``people``: the smallest number of gaps to close; ``None`` where closing all is not enough. ``too_few``: the rate
    does not count before it has ``minimum`` people. ``tier``: the highest tier reached.
    """

    value: float
    met: bool | None
    people: int | None
    minimum: int | None = None
    too_few: bool = False
    tier: str = ""


@dataclass(frozen=True)
class Pooled:
    """The rate of several programs' people together, each once; the programs mean the same by it."""

    value: float
    above: int
    below: int
    programs: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """One rate of one program (or of everybody: ``canonical``), as a whole.

    ``counts`` are the populations. ``below`` and ``above`` are the line's numbers, ``low`` and ``high`` the bounds of
    the 95 % confidence interval, ``meets`` the probability that the true rate meets the target; ``None`` where nothing
    is known or shown. ``undecided``: a value set without any code decides the rate, which therefore says nothing.
    ``hidden``: what a shareable report does not show of it.
    """

    program: str
    measure: str
    rate: str
    title: str
    edition: int
    direction: str
    scoring: str
    period: tuple[dt.date, dt.date]
    value: float | None
    below: int | None
    above: int | None
    observation_total: float | None
    observations: int | None
    counts: Mapping[str, int]
    final: bool
    why_not_final: str
    undecided: bool = False
    low: float | None = None
    high: float | None = None
    meets: float | None = None
    pooled: Pooled | None = None
    target: Target | None = None
    hidden: Hidden = ""

    @property
    def key(self) -> str:
        """``program/measure/rate``, unique within a run."""
        return f"{self.program}/{self.measure}/{self.rate}"

    @property
    def is_share(self) -> bool:
        """Whether the value is a share of people."""
        return self.scoring == "proportion"

    @property
    def gaps(self) -> int | None:
        """How many care gaps the rate has; ``None`` where it has none to close or they are not shown."""
        if not self.is_share or self.below is None or self.above is None:
            return None
        return self.above if self.direction == "lower" else self.below - self.above

    @property
    def words(self) -> tuple[str, str]:
        """The value, and what it is made of, as people read them."""
        if self.hidden:
            return "hidden", f"of {self.below:,}" if self.below is not None else f"under {LEAST}, or kept back"
        if self.is_share:
            value = "–" if self.value is None else f"{100 * self.value:.1f} %"
            return value, f"{self.above:,} of {self.below:,}"
        row = {name: getattr(self, name) for name in ("scoring", "value", "above", "below", "observations")}
        return shown_value({**row, "observation_total": self.observation_total})

    @property
    def interval(self) -> str:
        """The confidence interval in percent: ``61–74``; empty where there is none."""
        return "" if self.low is None or self.high is None else f"{100 * self.low:.0f}–{100 * self.high:.0f}"

    @property
    def target_sign(self) -> str:
        """How the target is written: at least, or at most."""
        return "≤" if self.direction == "lower" else "≥"


def figures(results: Results, also: Also) -> tuple[Figure, ...]:
    """Every rate as a whole, in the order of the variants."""
    variants = {(v.program, v.measure.measure): v for v in results.variants}
    several = {v.measure.measure for v in results.variants if len(v.measure.rates) > 1}
    statistics, targets = by_rate(also.rate_statistics), by_rate(also.targets)
    found = []
    for row in results.rates.to_dicts():
        if row["stratum"]:
            continue
        key = (str(row["program"]), str(row["measure"]), str(row["rate"]))
        title = _title(variants[key[:2]], key[2], told=key[1] in several)
        undecided = bool(results.finality.shortfalls[*key, ""].undecided)
        figure = _figure(row, title, undecided=undecided)
        found.append(_completed(figure, statistics.get(key), targets.get(key)))
    return tuple(found)


def without_small_cells(every: Sequence[Figure], least: int = LEAST) -> tuple[Figure, ...]:
    """The figures with small counts hidden, and whatever they could be computed from (:mod:`..small_cells`)."""
    hidden: dict[tuple[str, str], Hidden] = {}
    for measure in dict.fromkeys(one.measure for one in every):
        counts = _counts_by_program([one for one in every if one.measure == measure])
        everybody = counts.pop(CANONICAL, None)
        for program, level in hidden_rows(list(counts.values()), everybody, least).items():
            hidden[program, measure] = level
    return tuple(_shareable(one, hidden[one.program, one.measure]) for one in every)


def _counts_by_program(of_measure: Sequence[Figure]) -> dict[str, Counts]:
    """Of each program, what its rates count; the same rates in the same order for all."""
    rates = list(dict.fromkeys(one.rate for one in of_measure))
    counts: dict[str, list[tuple[int, int]]] = {one.program: [(0, 0)] * len(rates) for one in of_measure}
    for one in of_measure:
        counts[one.program][rates.index(one.rate)] = _counted(one)
    return {program: Counts(program, tuple(rows)) for program, rows in counts.items()}


def _counted(figure: Figure) -> tuple[int, int]:
    """How many people a figure tells of, and how many of them are above the line."""
    if figure.scoring == "continuous":
        return figure.observations or 0, 0
    return figure.below or 0, figure.above or 0


def _shareable(figure: Figure, hidden: Hidden) -> Figure:
    """The figure without its populations, and without what is hidden of it."""
    if not hidden:
        return replace(figure, counts={}, pooled=None)
    return replace(
        figure, counts={}, hidden=hidden, value=None, above=None, observations=None, observation_total=None,
        low=None, high=None, meets=None, pooled=None, target=figure.target and Target(figure.target.value, None, None),
        below=figure.below if hidden == "split" else None,
    )  # fmt: skip


def _figure(row: Mapping[str, object], title: str, *, undecided: bool) -> Figure:
    plain: dict[str, object] = {
        name: row[name]
        for name in (
            "program", "measure", "rate", "edition", "direction", "scoring", "value", "below", "above",
            "observation_total", "observations", "final",
        )
    }  # fmt: skip
    return Figure(
        **plain,  # type: ignore[arg-type]  # a row of the rate table has these types
        title=title,
        period=(row["period_start"], row["period_end"]),  # type: ignore[arg-type]
        counts={name: int(str(row[name])) for name in POPULATIONS},
        why_not_final=str(row["not_final_because"]),
        undecided=undecided,
    )


def _completed(figure: Figure, statistics: Mapping[str, object] | None, target: Mapping[str, object] | None) -> Figure:
    """The figure with its interval and its target, where they are given."""
    if statistics is not None:
        known = {name: _number(statistics.get(column)) for name, column in _STATISTICS.items()}
        figure = replace(figure, **known, pooled=_pooled(statistics))  # type: ignore[arg-type]  # numbers all
    wanted = _number(target["target"]) if target is not None else None
    if target is None or wanted is None:
        return figure
    return replace(figure, target=_target(wanted, target))


def _target(value: float, row: Mapping[str, object]) -> Target:
    met, people, minimum = (row.get(name) for name in ("met", "people_to_target", "minimum_denominator"))
    return Target(
        value,
        met if isinstance(met, bool) else None,
        people if isinstance(people, int) else None,
        minimum if isinstance(minimum, int) else None,
        row.get("counts") is False,
        str(row.get("tier") or ""),
    )


#: What a figure calls the columns of table rate_statistics.
_STATISTICS = {"low": "low", "high": "high", "meets": "p_meets_target"}


def _pooled(row: Mapping[str, object]) -> Pooled | None:
    value, above, below = (row.get(f"pooled_{name}") for name in ("value", "above", "below"))
    if not (isinstance(value, float) and isinstance(above, int) and isinstance(below, int)):
        return None
    return Pooled(value, above, below, tuple(str(row["pooled_programs"]).split()))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) else None


def _title(variant: Variant, rate_id: str, *, told: bool) -> str:
    """The measure's title, with the rate's where the measure has several or lower is better."""
    rate = next(rate for rate in variant.measure.rates if rate.id == rate_id)
    both = told or variant.measure.direction_of(rate) == "lower"
    return f"{variant.measure.title}: {rate.title}" if both else variant.measure.title


__all__ = ["Figure", "Target", "figures", "without_small_cells"]

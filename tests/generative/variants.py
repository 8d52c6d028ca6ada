"""Generated variants: a generated measure as some program, or the canonical set, means it."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import CANONICAL, Membership, OwnCoverage, Variant
from measureharmony.periods import Period
from tests.generative import practices as pools
from tests.generative.measures import measures
from tests.generative.numbers import RISK_TABLES

PERIODS = st.sampled_from((
    *[Period.calendar_year(2026)] * 4, Period.starting(dt.date(2025, 7, 1)), Period.calendar_year(2024),
))  # fmt: skip
OWN = st.builds(OwnCoverage, st.sampled_from(pools.PAYERS), st.sampled_from(((), ("medicaid",), pools.LINES)))
MEMBERSHIPS = st.builds(
    Membership, program=st.sampled_from(pools.PROGRAMS), by_roster=st.booleans(), coverage=OWN, any_day=st.booleans()
)
SOURCES = st.dictionaries(
    st.sampled_from(POPULATIONS),
    st.lists(st.sampled_from(pools.SOURCES), min_size=1, max_size=2, unique=True).map(tuple),
    max_size=2,
)  # fmt: skip


@st.composite
def variants(draw: st.DrawFn, program: str = "north") -> Variant:
    """A measure as a program means it, or as the canonical set does."""
    measure, period = draw(measures()), draw(PERIODS)
    if draw(st.booleans()):
        return Variant(CANONICAL, measure, period, risk_tables=draw(RISK_TABLES))
    own, sources, membership = draw(st.none() | OWN), draw(SOURCES), draw(st.none() | MEMBERSHIPS)
    return Variant(program, measure, period, own, sources, membership, draw(RISK_TABLES))


def program_variants(max_size: int = 2) -> st.SearchStrategy[list[Variant]]:
    """Several variants, each of a program of its own."""
    return st.integers(1, max_size).flatmap(lambda n: st.tuples(*(variants(f"program{i}") for i in range(n))).map(list))


__all__ = ["program_variants", "variants"]

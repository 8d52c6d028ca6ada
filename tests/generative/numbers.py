"""Generated numbers of a subject."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from measureharmony.measures.criterion import CoveredDays, NumberIn
from measureharmony.measures.names import Model
from measureharmony.measures.number import AgeNumber, AmountSum, EventCount, Risk, SubjectNumber
from tests.generative.combine import Keys, Part, mapping, mostly, one_key, possible, with_required

#: The named numbers that every measure has.
NUMBERS = ("some_number", "other_number")
FEATURES = ("frail", "old")
#: The risk tables there are; one is asked for that is not among them.
RISK_TABLES = st.sampled_from(({"made": {"intercept": -0.5, "frail": 1.25, "old": 0.1}}, {"made": {
    "intercept": 0.0, "frail": -700.0, "old": 900.0}}, {}))  # fmt: skip
_BOUNDS: Keys = dict.fromkeys(
    ("above", "at_least", "below", "at_most"), st.sampled_from((0, 1, 2, 0.5, 3, 30, 49, "$few"))
)


@dataclass(frozen=True)
class NumberKeys:
    """The keys of numbers over some sets of events, windows and points."""

    sets: st.SearchStrategy[Part]
    windows: st.SearchStrategy[Part]
    points: st.SearchStrategy[Part]
    criteria: st.SearchStrategy[Part]

    def bounded(self) -> st.SearchStrategy[Part]:
        """Bounds on a number."""
        keys = self._bounded_keys()
        bounds = mapping({name: keys[name] for name in _BOUNDS}).filter(possible)
        return st.builds(lambda of, bounds: {"of": of, **bounds}, keys["of"], bounds)

    def named(self) -> st.SearchStrategy[Part]:
        """A number that names no other."""
        return mostly(self._basic(), one_key(self._keys(self._basic())))

    def by_model(self) -> dict[type[Model], Keys]:
        """For each model, the keys that are generated."""
        return {
            AgeNumber: self._age(), EventCount: self._count(), CoveredDays: self._covered(),
            NumberIn: self._bounded_keys(),
            Risk: self._risk(), SubjectNumber: self._keys(self._basic()), AmountSum: self._sum(),
        }  # fmt: skip

    def _keys(self, inner: st.SearchStrategy[Part]) -> Keys:
        return {
            "count": with_required(self._count(), "of"), "sum": self._sums(),
            "days_covered": self._covering(), "share_covered": self._covering(),
            "days_in": self.windows, "age": with_required(self._age(), "at"),
            "risk": st.fixed_dictionaries(dict(self._risk())), "plus": st.lists(inner, min_size=1, max_size=3),
            "ratio": st.tuples(inner, inner).map(list),
        }  # fmt: skip

    def _basic(self) -> st.SearchStrategy[Part]:
        return one_key({k: v for k, v in self._keys(st.nothing()).items() if k not in ("plus", "ratio")})

    def _bounded_keys(self) -> Keys:
        inner = self._basic() | st.sampled_from(NUMBERS)
        return {**_BOUNDS, "of": mostly(st.sampled_from(NUMBERS), one_key(self._keys(inner)))}

    def _risk(self) -> Keys:
        features = st.sampled_from(FEATURES)
        return {
            "table": st.sampled_from(("made", "made", "missing")), "link": st.sampled_from(("logistic", "identity")),
            "features": st.dictionaries(features, self.criteria, min_size=1, max_size=2),
        }  # fmt: skip

    def _count(self) -> Keys:
        return {"of": self.sets, "distinct": st.sampled_from(("event", "day"))}

    def _sum(self) -> Keys:
        return {
            "of": self._several(), "amount": st.sampled_from(("value", "days_supply", "quantity", "days")),
            "unit": st.sampled_from(("%", "1", "mg/dL", "Cel")), "per": st.sampled_from((30, 0.3, 7, "$lookback")),
            "round": st.sampled_from(("up", "down")),
        }  # fmt: skip

    def _sums(self) -> st.SearchStrategy[Part]:
        """Only values have a unit."""

        def joined(of: Part, amount: str, unit: str, rest: Part) -> Part:
            return {"of": of, "amount": amount, **({"unit": unit} if amount == "value" else {}), **rest}

        keys = self._sum()
        rest = mapping({name: keys[name] for name in ("per", "round")}, 0, 2)
        return st.builds(joined, keys["of"], keys["amount"], keys["unit"], rest)

    def _covered(self) -> Keys:
        return {
            "of": self._several(), "within": self.windows, "except": self._several(), "shift": st.booleans(),
        }  # fmt: skip

    def _covering(self) -> st.SearchStrategy[Part]:
        keys = self._covered()
        rest = with_required({name: keys[name] for name in ("of", "except", "shift")}, "of")
        return st.builds(lambda within, rest: {"within": within, **rest}, keys["within"], rest)

    def _age(self) -> Keys:
        return {"at": self.points, "unit": st.sampled_from(("years", "months"))}

    def _several(self) -> st.SearchStrategy[Part]:
        return self.sets | st.lists(self.sets, min_size=1, max_size=2)


__all__ = ["NUMBERS", "RISK_TABLES", "NumberKeys"]

"""How generated specs are put together: some keys of a mapping, one of them, rare parts among common ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, get_args

from hypothesis import strategies as st

#: A spec, or a part of one, as plain data.
Part: TypeAlias = Any
Keys = Mapping[str, st.SearchStrategy[Part]]


def words(*values: str) -> st.SearchStrategy[Part]:
    """One of the words, or a list of them, ``null`` among them now and then."""
    return st.sampled_from(values) | st.lists(st.sampled_from((*values, None)), min_size=1, max_size=3)


def mapping(keys: Keys, min_size: int = 1, max_size: int = 2) -> st.SearchStrategy[dict[str, Part]]:
    """Some of the keys, with a value each."""
    names = st.lists(st.sampled_from(sorted(keys)), min_size=min_size, max_size=max_size, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: keys[name] for name in chosen}))


def one_key(keys: Keys) -> st.SearchStrategy[dict[str, Part]]:
    """Exactly one of the keys, with its value."""
    return st.sampled_from(sorted(keys)).flatmap(lambda name: st.fixed_dictionaries({name: keys[name]}))


def mostly(common: st.SearchStrategy[Part], rare: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    """``rare`` in one of four examples, which keeps them small."""
    return st.integers(0, 3).flatmap(lambda n: rare if n == 3 else common)


def literal(type_: object) -> st.SearchStrategy[str]:
    """One of the words of a closed list."""
    return st.sampled_from(get_args(type_))


#: Every measure has these parameters; specs may write their names where a number stands.
PARAMETERS: dict[str, Part] = {
    "few": {"value": 2, "unit": "events", "min": 0, "max": 5, "narrows": "up", "text": "How many"},
    "young": {"value": 50, "unit": "years", "text": "Youngest age"},
    "lookback": {"value": 3, "unit": "months", "text": "How far back"},
    "limit": {"value": 9.0, "unit": "%", "text": "A threshold"},
}
WHOLE_NUMBERS = st.sampled_from((0, 1, 2, "$few"))


def possible(bounds: dict[str, Part]) -> bool:
    """Something can lie between the bounds: specs that say otherwise are refused."""
    value = {f"${name}": parameter["value"] for name, parameter in PARAMETERS.items()}
    lower, upper = ([value.get(bounds[k], bounds[k]) for k in keys if k in bounds] for keys in (_LOWER, _UPPER))
    strict = "above" in bounds or "below" in bounds
    return not lower or not upper or max(lower) < min(upper) or (max(lower) == min(upper) and not strict)


_LOWER, _UPPER = ("above", "at_least", "from"), ("below", "at_most", "to")


def with_required(keys: Keys, required: str, *one_of: str) -> st.SearchStrategy[Part]:
    """``required``, at least one of ``one_of`` (if any), and some of the rest."""
    rest = {name: value for name, value in keys.items() if name != required and name not in one_of}
    some = mapping({name: keys[name] for name in one_of}) if one_of else st.just({})
    others = mapping(rest, 0, 3) if rest else st.just({})
    return st.builds(lambda value, a, b: {required: value, **a, **b}, keys[required], some, others)


__all__ = [
    "PARAMETERS", "WHOLE_NUMBERS", "Keys", "Part", "literal", "mapping", "mostly", "one_key", "possible",
    "with_required", "words",
]  # fmt: skip

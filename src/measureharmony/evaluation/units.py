"""Converting results between UCUM units: the part of UCUM that medicine's results are written in.

A unit is read as a number times a product of base dimensions; two units convert when their dimensions are equal.
Stricter than UCUM in one way: amounts of substance, equivalents and osmoles are dimensions of their own, and moles do
not cancel (``mmol/mol`` is no percentage), because such results are different measurements, not different spellings.
Why not a library: ``docs/decisions/0006-units.md``. Source of the factors: UCUM 2.2, https://ucum.org/ucum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

#: Results are rounded to so many decimals after conversion, so that 0.09 ``1`` is exactly 9 ``%``.
DECIMALS = 9

Numbers = TypeVar("Numbers", float, NDArray[np.float64])

#: Powers of base dimensions; a dimension to the power 0 is left out.
Dimensions = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Measured:
    """A unit as ``scale`` × base units, shifted by ``zero`` (the temperature scales only)."""

    scale: Fraction
    dimensions: Dimensions = frozenset()
    zero: Fraction = Fraction(0)


@dataclass(frozen=True)
class Conversion:
    """How numbers in one unit become numbers in another: times ``factor``, plus ``offset``."""

    factor: float
    offset: float = 0.0

    def apply(self, numbers: Numbers) -> Numbers:
        """The converted number or column, rounded to nine decimals; not-a-number stays."""
        return rounded(numbers * self.factor + self.offset)


def rounded(numbers: Numbers) -> Numbers:
    """A number or column rounded to nine decimals, half to even; not-a-number stays."""
    nearest: Numbers = np.round(numbers, DECIMALS)
    return nearest


def counts_pieces(unit: str | None) -> bool:
    """Whether a quantity of this unit counts pieces: there is none, or it is ``1`` or an annotation.

    >>> [counts_pieces(unit) for unit in (None, "{tbl}", "mL", "tablet")]
    [True, True, False, False]
    """
    return re.fullmatch(r"1?|\{[^{}]*\}", unit or "") is not None


def convert(value: float, from_unit: str, to_unit: str) -> float | None:
    """``value`` in another unit, rounded to nine decimals; ``None`` when it cannot be converted.

    An empty unit is dimensionless.

    >>> convert(0.09, "", "%")
    9.0
    >>> convert(120, "mm[Hg]", "kg") is None
    True
    """
    found = conversion(from_unit, to_unit)
    return None if found is None else float(found.apply(np.float64(value)))


def factor(from_unit: str, to_unit: str) -> float | None:
    """What to multiply with to get from one unit to the other; ``None`` when a product alone does not do it.

    >>> factor("g/L", "mg/dL")
    100.0
    """
    found = conversion(from_unit, to_unit)
    return found.factor if found is not None and found.offset == 0 else None


@lru_cache(maxsize=4096)
def conversion(from_unit: str, to_unit: str) -> Conversion | None:
    """How to get from one unit to the other; ``None`` when they measure different things or are not understood.

    A unit converts to itself even when it is not understood.
    """
    if from_unit == to_unit:
        return Conversion(1.0)
    source, target = parse(from_unit), parse(to_unit)
    if source is None or target is None or source.dimensions != target.dimensions:
        return None
    return Conversion(float(source.scale / target.scale), float((source.zero - target.zero) / target.scale))


# --- reading a unit -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def parse(unit: str) -> Measured | None:
    """What a UCUM unit means; ``None`` when it is not understood."""
    text = WORDS.get(unit, unit)
    if text in TEMPERATURES:
        return TEMPERATURES[text]
    if text in ("", "1"):
        return ONE
    try:
        return _Reader(text).whole()
    except ValueError:
        return None


_TOKEN = re.compile(
    r"(?P<mark>[./()])|(?P<annotation>\{[^{}]*\})"
    r"|(?P<symbol>10[*^]|(?:\[[^\[\]\s]+\]|[A-Za-z%'\"])+)(?P<power>[+-]?\d+)?|(?P<number>\d+)"
)


class _Reader:
    """Recursive descent over ``/ component . component / (…)``, worked out from left to right."""

    def __init__(self, text: str):
        self._tokens: list[re.Match[str]] = []
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                raise ValueError(f"not a unit from character {at + 1}")
            self._tokens.append(token)
            at = token.end()

    def whole(self) -> Measured:
        unit = self._product()
        if self._tokens:
            raise ValueError("a bracket too many")
        return unit

    def _product(self) -> Measured:
        unit = ONE if self._next_is("/") else self._component()
        while self._next_is(".") or self._next_is("/"):
            operator = self._tokens.pop(0)["mark"]
            unit = _times(unit, self._component(), 1 if operator == "." else -1)
        return unit

    def _component(self) -> Measured:
        if self._next_is("("):
            self._tokens.pop(0)
            unit = self._product()
            if not self._next_is(")"):
                raise ValueError("a bracket too few")
            self._tokens.pop(0)
            return unit
        if not self._tokens or self._tokens[0]["mark"]:
            raise ValueError("a unit is missing")
        unit = _simple(self._tokens.pop(0))
        if self._tokens and self._tokens[0]["annotation"]:
            self._tokens.pop(0)  # `g{creat}`: a remark, which changes nothing
        return unit

    def _next_is(self, mark: str) -> bool:
        return bool(self._tokens) and self._tokens[0]["mark"] == mark


def _simple(token: re.Match[str]) -> Measured:
    if token["annotation"]:
        return ONE
    if token["number"]:
        if int(token["number"]) == 0:
            raise ValueError("a unit cannot be nought")
        return Measured(Fraction(int(token["number"])))
    return _times(ONE, _atom(token["symbol"]), int(token["power"] or 1))


def _atom(symbol: str) -> Measured:
    """The unit of a symbol, with or without a prefix."""
    if symbol in PLAIN_ATOMS:
        return PLAIN_ATOMS[symbol]
    if symbol in METRIC_ATOMS:
        return METRIC_ATOMS[symbol]
    for length in (1, 2):
        prefix, rest = symbol[:length], symbol[length:]
        if prefix in PREFIXES and rest in METRIC_ATOMS:
            return _times(Measured(PREFIXES[prefix]), METRIC_ATOMS[rest])
    raise ValueError("no such unit")


def _times(left: Measured, right: Measured, power: int = 1) -> Measured:
    """Multiply ``left`` with ``right`` to a power."""
    exponents = dict(left.dimensions)
    for dimension, exponent in right.dimensions:
        name, total = _signed(dimension, exponent * power)
        exponents[name] = exponents.get(name, 0) + total
    present = frozenset((name, exponent) for name, exponent in exponents.items() if exponent)
    return Measured(left.scale * right.scale**power, present)


def _signed(dimension: str, exponent: int) -> tuple[str, int]:
    """Moles above and below the line are kept apart, so that they never cancel."""
    if dimension == "amount" and exponent < 0:
        return "per amount", -exponent
    if dimension == "per amount" and exponent < 0:
        return "amount", -exponent
    return dimension, exponent


# --- the units ------------------------------------------------------------------------------------------------------

ONE = Measured(Fraction(1))

#: Words for time that FHIR allows beside the UCUM codes.
WORDS = {
    word + plural: code
    for word, code in {
        "year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s",
        "millisecond": "ms",
    }.items()
    for plural in ("", "s")
}  # fmt: skip

PREFIXES = {
    "Y": Fraction(10) ** 24, "Z": Fraction(10) ** 21, "E": Fraction(10) ** 18, "P": Fraction(10) ** 15,
    "T": Fraction(10) ** 12, "G": Fraction(10) ** 9, "M": Fraction(10) ** 6, "k": Fraction(1000), "h": Fraction(100),
    "da": Fraction(10), "d": Fraction(1, 10), "c": Fraction(1, 100), "m": Fraction(1, 1000),
    "u": Fraction(1, 10**6), "n": Fraction(1, 10**9), "p": Fraction(1, 10**12), "f": Fraction(1, 10**15),
    "a": Fraction(1, 10**18), "z": Fraction(1, 10**21), "y": Fraction(1, 10**24),
}  # fmt: skip


def _unit(scale: str | Fraction | int, **dimensions: int) -> Measured:
    return Measured(Fraction(scale), frozenset(dimensions.items()))


def _alone(symbols: Iterable[str]) -> dict[str, Measured]:
    """Arbitrary units: each converts to nothing but itself."""
    return {symbol: Measured(Fraction(1), frozenset({(symbol, 1)})) for symbol in symbols}


_LITRE = _unit("0.001", length=3)
_PASCAL = _unit(1000, mass=1, length=-1, time=-2)  # the base unit of mass is the gram
_JOULE = _unit(1000, mass=1, length=2, time=-2)
_INTERNATIONAL_UNIT = _unit(1, international_unit=1)
_POUND = Fraction(7000) * Fraction("0.06479891")
_INCH = Fraction("0.0254")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_YEAR = Fraction("365.25") * _DAY
_GALLON = 231 * _INCH**3

#: Atoms that take prefixes.
METRIC_ATOMS: dict[str, Measured] = {
    "m": _unit(1, length=1), "s": _unit(1, time=1), "g": _unit(1, mass=1), "K": _unit(1, temperature=1),
    "L": _LITRE, "l": _LITRE, "t": _unit(10**6, mass=1), "mol": _unit(1, amount=1), "eq": _unit(1, equivalent=1),
    "osm": _unit(1, osmole=1), "kat": _unit(1, amount=1, time=-1),
    "U": _unit(Fraction(1, 60 * 10**6), amount=1, time=-1),
    "[IU]": _INTERNATIONAL_UNIT, "[iU]": _INTERNATIONAL_UNIT, "Pa": _PASCAL, "bar": _times(_unit(10**5), _PASCAL),
    "m[Hg]": _times(_unit("133322"), _PASCAL), "m[H2O]": _times(_unit("9806.65"), _PASCAL),
    "N": _unit(1000, mass=1, length=1, time=-2), "J": _JOULE, "cal": _times(_unit("4.184"), _JOULE),
    "W": _times(_JOULE, _unit(1, time=-1)), "Hz": _unit(1, time=-1), "Bq": _unit(1, time=-1),
    "Ci": _unit(37 * 10**9, time=-1), "Gy": _unit(1, length=2, time=-2), "Sv": _unit(1, length=2, time=-2),
    "rad": _unit(1, angle=1), "u": _unit("1.66053906660e-24", mass=1),
}  # fmt: skip

#: Atoms that take none.
PLAIN_ATOMS: dict[str, Measured] = {
    "%": _unit("0.01"), "10*": _unit(10), "10^": _unit(10), "[ppth]": _unit("0.001"), "[ppm]": _unit("1e-6"),
    "[ppb]": _unit("1e-9"), "[pptr]": _unit("1e-12"), "min": _unit(_MINUTE, time=1), "h": _unit(_HOUR, time=1),
    "d": _unit(_DAY, time=1), "wk": _unit(7 * _DAY, time=1), "mo": _unit(_YEAR / 12, time=1), "a": _unit(_YEAR, time=1),
    "[lb_av]": _unit(_POUND, mass=1), "[oz_av]": _unit(_POUND / 16, mass=1), "[stone_av]": _unit(14 * _POUND, mass=1),
    "[gr]": _unit("0.06479891", mass=1), "[in_i]": _unit(_INCH, length=1), "[ft_i]": _unit(12 * _INCH, length=1),
    "[yd_i]": _unit(36 * _INCH, length=1), "[mi_i]": _unit(63360 * _INCH, length=1),
    "[gal_us]": _unit(_GALLON, length=3), "[qt_us]": _unit(_GALLON / 4, length=3),
    "[pt_us]": _unit(_GALLON / 8, length=3), "[cup_us]": _unit(_GALLON / 16, length=3),
    "[foz_us]": _unit(_GALLON / 128, length=3), "[tbs_us]": _unit(_GALLON / 256, length=3),
    "[tsp_us]": _unit(_GALLON / 768, length=3), "[drp]": _unit(Fraction(1, 20 * 10**6), length=3),
    "[Cal]": _times(_unit(4184), _JOULE), "[in_i'Hg]": _times(_unit(133322 * _INCH), _PASCAL),
    "[diop]": _unit(1, length=-1), "deg": _unit(Fraction("3.14159265358979323846") / 180, angle=1),
    **_alone(("[arb'U]", "[USP'U]", "[CFU]", "[PFU]", "[pH]", "[GPL'U]", "[MPL'U]", "[APL'U]", "[todd'U]", "[beth'U]")),
}  # fmt: skip

_KELVIN = frozenset({("temperature", 1)})

#: Scales with a nought of their own; they stand alone, never within a product.
TEMPERATURES = {
    "Cel": Measured(Fraction(1), _KELVIN, Fraction("273.15")),
    "[degF]": Measured(Fraction(5, 9), _KELVIN, Fraction("459.67") * Fraction(5, 9)),
}

__all__ = ["Conversion", "conversion", "convert", "counts_pieces", "factor", "parse", "rounded"]
